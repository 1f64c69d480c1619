"""State on the local disk: a directory that one process uses at a time, and a store for each partition in it.

It only saves time: the topics hold everything, so that it can be deleted at any time while no worker runs.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from rocksdict import BlockBasedOptions, Cache, Options, Rdict, WriteBatch, WriteOptions

from pipeline.events.errors import FatalError

_OFFSET_KEY = b"\x00offset"

#: Of each store, at most twice: one is filled while the other is written to disk. Small, so that a worker's memory has
#: its full size within the first hours and a leak can be told from it.
_WRITE_BUFFER_BYTES = 4 * 1024 * 1024
#: Of what was read, for all stores of the process together.
_CACHE_BYTES = 32 * 1024 * 1024


class ClaimedDirectory:
    """A directory of local state that belongs to one process at a time.

    The first one free under ``base`` is taken (``0``, ``1``, …), so that a process that is started again finds what it
    left. The claim is the kernel's lock on a file: it ends with the process, however that ends.
    """

    def __init__(self, base: Path) -> None:
        for number in range(1000):
            path = base / str(number)
            try:
                path.mkdir(parents=True, exist_ok=True)
                lock = (path / "lock").open("w")
            except OSError as error:
                raise _unusable(path, error) from error
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                continue
            self.path = path
            self._lock = lock
            return
        raise FatalError(f"All state directories under {base} are in use.", hint="Set worker.state_directory.")

    def release(self) -> None:
        """Let another process have it."""
        self._lock.close()


class PartitionStore:
    """Key/value store of one partition's state, with the offset up to which it is complete.

    Args:
        path: its own directory, opened by one process at a time (RocksDB; keys and values are bytes).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        options = Options(raw_mode=True)
        options.set_write_buffer_size(_WRITE_BUFFER_BYTES)
        options.set_block_based_table_factory(_table_options())
        # The topic is the truth: what a crash takes from the end of the store is read again.
        self._write = WriteOptions()
        with self._usable():
            path.mkdir(parents=True, exist_ok=True)
            self._db = Rdict(str(path), options)

    def get(self, key: bytes) -> bytes | None:
        with self._usable():
            value: bytes | None = self._db.get(b"k" + key)
        return value

    @property
    def offset(self) -> int:
        """The next offset to read from the topic."""
        with self._usable():
            value = self._db.get(_OFFSET_KEY)
        return int(value) if value else 0

    def put(self, entries: list[tuple[bytes, bytes | None]], offset: int) -> None:
        """Store entries (``None`` deletes) and the offset reached, all or nothing."""
        batch = WriteBatch(raw_mode=True)
        for key, value in entries:
            if value is None:
                batch.delete(b"k" + key)
            else:
                batch.put(b"k" + key, value)
        batch.put(_OFFSET_KEY, str(offset).encode())
        with self._usable():
            self._db.write(batch, self._write)

    def close(self) -> None:
        self._db.close()

    def emptied(self) -> PartitionStore:
        """Close and delete this store; returns an empty one in its place."""
        self.close()
        with self._usable():
            Rdict.destroy(str(self._path))
        return PartitionStore(self._path)

    @contextmanager
    def _usable(self) -> Iterator[None]:
        """A store that cannot be read or written ends the process: no message is at fault for it."""
        try:
            yield
        except Exception as error:
            raise _unusable(self._path, error) from error


@cache
def _block_cache() -> Cache:
    return Cache(_CACHE_BYTES)


def _table_options() -> BlockBasedOptions:
    options = BlockBasedOptions()
    options.set_block_cache(_block_cache())
    return options


def _unusable(path: Path, error: Exception) -> FatalError:
    return FatalError(
        f"The local state in {path} cannot be used: {error}.",
        hint="Check its disk space and permissions. It may be deleted while no worker runs: the topics hold it all.",
    )
