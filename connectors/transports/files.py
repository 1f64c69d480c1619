"""Files as payloads: plain, ``.gz``, archives (``.zip``) file by file, and large files in pieces."""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from connectors.splitting import pieces
from connectors.transports.base import Payload, Piece
from pipeline.events.errors import ConfigurationError, ParseError

#: Limit of the items in one piece of a file that is read in pieces.
PIECE_BYTES = 1024 * 1024
#: An archive with more files is a mistake or an attack.
_MAX_MEMBERS = 100_000
#: Methods whose output is bounded by what is read of it; bz2 and LZMA unpack gigabytes at once.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
#: Deflate packs at most 1,032 to one; texts some ten to one.
_MAX_RATIO = 200
#: From here on the ratio counts, in bytes: short files of blanks are no attack.
_RATIO_BYTES = 10 * 1024 * 1024
#: Of all files of an archive together, unpacked.
_MAX_UNPACKED_BYTES = 64 * 1024**3


def files(paths: Sequence[Path]) -> list[Path]:
    """Files, and the files in folders, by path. Hidden files and symbolic links in folders are left out.

    Raises:
        ConfigurationError: a path does not exist.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (entry for entry in path.rglob("*") if entry.is_file() and not entry.is_symlink())
            found += sorted(entry for entry in inside if not _hidden(entry.relative_to(path)))
        elif path.exists():
            found.append(path)
        else:
            raise ConfigurationError(f"{path} does not exist.")
    return found


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def file_payload(
    path: Path,
    max_bytes: int,
    content_type: str | None = None,
    charset: str | None = None,
    url: str | None = None,
    name: str | None = None,
) -> Payload:
    """A file as a payload: its bytes, or, where it is packed or larger than ``max_bytes``, a way to read it in pieces.

    Args:
        path: of the file; a symbolic link is not followed.
        max_bytes: of what is read at once.
        content_type: of the file or of those in it.
        charset: of the file or of those in it.
        url: the base of relative links.
        name: for messages. Default: the path.

    Raises:
        OSError: it cannot be read.
    """
    name = name or os.fspath(path)
    status = path.stat()
    if path.suffix in {".zip", ".gz"} or status.st_size > max_bytes:
        with _open(path):  # a file that cannot be opened is an error of the poll, not of parsing
            pass
        pieces_of_file = partial(_pieces, path, name, max_bytes)
        version = f"{status.st_size}/{status.st_mtime_ns}"
        return Payload(b"", name, url, content_type, charset, pieces=pieces_of_file, version=version)
    with _open(path) as file:
        return Payload(file.read(max_bytes + 1), name, url, content_type, charset)


def _open(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def _pieces(path: Path, name: str, max_bytes: int) -> Iterator[Piece]:
    try:
        with _open(path) as file:
            if path.suffix == ".zip":
                yield from _members(file, name, max_bytes)
            elif path.suffix == ".gz":
                with gzip.GzipFile(fileobj=file) as unpacked:
                    budget = _Budget(path.stat().st_size, name)
                    yield from _one(budget.counted(unpacked), name, max_bytes)  # type: ignore[arg-type]
            else:
                yield from _one(file, name, max_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ParseError(f"{name}: the archive cannot be read: {error}.") from error
    except gzip.BadGzipFile as error:
        raise ParseError(f"{name}: not a gzip file: {error}.") from error


def _members(file: BinaryIO, name: str, max_bytes: int) -> Iterator[Piece]:
    with zipfile.ZipFile(file) as archive:
        members = sorted((info for info in archive.infolist() if not info.is_dir()), key=lambda info: info.filename)
        if len(members) > _MAX_MEMBERS:
            raise ParseError(f"{name}: the archive has {len(members):,} files; at most {_MAX_MEMBERS:,} are read.")
        packed = sum(info.compress_size for info in members)
        budget = _Budget(min(packed, file.seek(0, os.SEEK_END)), name)
        for info in members:
            if _hidden(Path(info.filename)) or info.filename.startswith("__MACOSX/"):
                continue
            if info.compress_type not in _METHODS:
                raise ParseError(
                    f"{name}/{info.filename}: packed by method {info.compress_type}; only stored and deflated are read."
                )
            with archive.open(info) as member:
                yield from _one(budget.counted(member), f"{name}/{info.filename}", max_bytes)  # type: ignore[arg-type]


class _Budget:
    """How many bytes an archive may unpack to.

    Args:
        packed: bytes of the archive itself.
        name: for messages.
    """

    def __init__(self, packed: int, name: str) -> None:
        self._left = min(max(packed * _MAX_RATIO, _RATIO_BYTES), _MAX_UNPACKED_BYTES)
        self._name = name

    def counted(self, file: Any) -> _Counted:
        """The file; what is read of it is taken off the budget."""
        return _Counted(file, self)

    def take(self, count: int) -> None:
        """Count unpacked bytes.

        Raises:
            ParseError: there are more than the archive may have.
        """
        self._left -= count
        if self._left < 0:
            raise ParseError(f"{self._name}: the archive unpacks to too many bytes; the rest of it is not read.")


class _Counted:
    """A file in an archive, read in blocks under the archive's budget."""

    def __init__(self, file: Any, budget: _Budget) -> None:
        self._file, self._budget = file, budget

    def read(self, size: int) -> bytes:
        data: bytes = self._file.read(size)
        self._budget.take(len(data))
        return data


def _one(file: BinaryIO, name: str, max_bytes: int) -> Iterator[Piece]:
    """The whole file where it is small enough, else its pieces; sizes stated in archives are not trusted."""
    start = file.read(max_bytes + 1)
    if len(start) <= max_bytes:
        yield Piece(name, start)
        return
    try:
        size = min(PIECE_BYTES, max_bytes // 2)  # with what encloses the items it is still below max_bytes
        for number, data in enumerate(pieces(_Rejoined(start, file), size, max_bytes), start=1):  # type: ignore[arg-type]
            yield Piece(f"{name}#{number}", data)
    except ParseError as error:
        raise ParseError(f"{name}: it has more than {max_bytes:,} bytes, and {error}") from error


class _Rejoined:
    """A file whose beginning was read already."""

    def __init__(self, start: bytes, file: BinaryIO) -> None:
        self._start: bytes | memoryview = memoryview(start)
        self._file = file

    def read(self, size: int) -> bytes:
        if self._start:
            data, self._start = bytes(self._start[:size]), self._start[size:]
            return data
        self._start = b""
        return self._file.read(size)
