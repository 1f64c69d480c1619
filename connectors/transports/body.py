"""Bodies of HTTP answers, decompressed within limits.

A few kilobytes of gzip can expand to gigabytes: the output is limited while it is produced, and only one layer of
compression is accepted.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

import httpx

_AUTO_HEADER = zlib.MAX_WBITS | 32  # gzip or zlib, distinguished by their headers
_RAW_DEFLATE = -zlib.MAX_WBITS
_CHUNK_BYTES = 64 * 1024


class BodyError(ValueError):
    """A body that is refused; the message says why."""


def read_body(response: httpx.Response, max_bytes: int, grown: Callable[[int], None] = lambda _: None) -> bytes:
    """The decompressed body.

    Args:
        response: of which the headers were read.
        max_bytes: allowed.
        grown: told how many bytes there are, again and again; what it raises ends the reading.

    Raises:
        BodyError: it is larger than ``max_bytes``, or not compressed as its header says.
    """
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and float(declared) > max_bytes:
        raise BodyError(
            f"the answer has {float(declared):,.0f} bytes; allowed are {max_bytes:,} (connectors.max_body_bytes)."
        )
    encodings = [name.strip().lower() for name in response.headers.get("content-encoding", "").split(",")]
    encodings = [name for name in encodings if name not in {"", "identity"}]
    if not encodings:
        return _collect(response.iter_raw(), max_bytes, grown)
    if len(encodings) > 1 or encodings[0] not in {"gzip", "x-gzip", "deflate"}:
        raise BodyError(f"the answer is compressed as {', '.join(encodings)}; allowed are gzip and deflate.")
    try:
        return inflate(response.iter_raw(), max_bytes, grown)
    except zlib.error as error:
        raise BodyError(f"the compression of the answer is broken: {error}.") from error


def inflate(parts: Iterable[bytes], max_bytes: int, grown: Callable[[int], None] = lambda _: None) -> bytes:
    """Decompress gzip (also several members) or deflate.

    Raises:
        BodyError: more than ``max_bytes`` come out.
        zlib.error: it is neither.
    """
    out: list[bytes] = []
    size = 0

    def append(piece: bytes) -> None:
        nonlocal size
        size += len(piece)
        if size > max_bytes:
            raise BodyError(f"the answer has more than {max_bytes:,} bytes (connectors.max_body_bytes).")
        grown(size)
        out.append(piece)

    inflater = zlib.decompressobj(_AUTO_HEADER)
    begun = False
    for part in parts:
        if not begun and part:
            # "deflate" should have a zlib header, but many servers send none.
            if part[:2] != b"\x1f\x8b" and part[0] & 0x0F != 8:
                inflater = zlib.decompressobj(_RAW_DEFLATE)
            begun = True
        inflater = _feed(inflater, part, append)
    append(inflater.flush())
    return b"".join(out)


def _feed(inflater: zlib._Decompress, data: bytes, append: Callable[[bytes], None]) -> zlib._Decompress:
    while data:
        if inflater.eof:
            if not data.startswith(b"\x1f\x8b"):
                return inflater  # padding after the last member
            inflater = zlib.decompressobj(_AUTO_HEADER)
        append(inflater.decompress(data, _CHUNK_BYTES))
        data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    return inflater


def _collect(parts: Iterable[bytes], max_bytes: int, grown: Callable[[int], None]) -> bytes:
    out, size = [], 0
    for part in parts:
        size += len(part)
        if size > max_bytes:
            raise BodyError(f"the answer has more than {max_bytes:,} bytes (connectors.max_body_bytes).")
        grown(size)
        out.append(part)
    return b"".join(out)
