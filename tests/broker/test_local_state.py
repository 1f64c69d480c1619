"""State on a disk that is full: a process of its own, whose files may not grow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.broker.local_state import ClaimedDirectory, PartitionStore
from pipeline.events.errors import FatalError

FILL = """
import os, resource, sys
from pathlib import Path
from pipeline.broker.local_state import PartitionStore
from pipeline.events.errors import FatalError
store = PartitionStore(Path(sys.argv[1]))
store.put([(b"first", b"1")], 1)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    for number in range(200):
        store.put([(b"%d" % number, os.urandom(50_000))], number + 2)
except FatalError as error:
    print(error)
"""


def test_a_full_disk_is_fatal_and_says_where(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FILL, str(tmp_path / "s")], capture_output=True, text=True,
                          check=False, timeout=60)  # fmt: skip
    assert f"The local state in {tmp_path / 's'} cannot be used" in done.stdout, done
    assert "disk space" in done.stdout
    store = PartitionStore(tmp_path / "s")
    assert store.get(b"first") == b"1"
    store.close()


def test_a_place_that_cannot_be_written_is_fatal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FatalError, match="cannot be used"):
        ClaimedDirectory(tmp_path / "file")
    with pytest.raises(FatalError, match="cannot be used"):
        PartitionStore(tmp_path / "file" / "s")


def test_two_stores_never_share_a_directory(tmp_path: Path) -> None:
    first, second = ClaimedDirectory(tmp_path), ClaimedDirectory(tmp_path)
    assert first.path != second.path
    first.release()
    third = ClaimedDirectory(tmp_path)
    assert third.path == first.path
    second.release()
    third.release()
