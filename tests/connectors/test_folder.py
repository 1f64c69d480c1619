"""The drop folder: files are taken whole, once, and end in done or failed, also after a crash."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.transports.base import Poll, PollContext
from connectors.transports.folder import FolderTransport
from pipeline.events import ConnectorState
from pipeline.events.errors import ParseError


def transport(path: Path, **options: Any) -> FolderTransport:
    return FolderTransport.model_validate({"type": "folder", "path": str(path), "rest_seconds": 0, **options})


def look(source: FolderTransport, *, peek: bool = False) -> Poll:
    context = PollContext(now=datetime.now(UTC), max_body_bytes=1000, timeout_seconds=5, user_agent="Test", peek=peek)
    return source.poll(ConnectorState(connector="x"), context)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_files_are_taken_oldest_first_and_moved_after_publishing(tmp_path: Path) -> None:
    for age, name in enumerate(("b.txt", "a.txt")):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (1000 + age, 1000 + age))
    poll = look(transport(tmp_path))
    assert [payload.name for payload in poll.payloads] == ["b.txt", "a.txt"]
    assert all(payload.url is None for payload in poll.payloads)
    assert names(tmp_path / ".work") == ["a.txt", "b.txt"]
    poll.payloads[0].settle(True)
    poll.payloads[1].settle(False)
    assert (names(tmp_path / "done"), names(tmp_path / "failed"), names(tmp_path / ".work")) == (
        ["b.txt"],
        ["a.txt"],
        [],
    )


def test_what_a_crash_left_is_taken_again(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A")
    look(transport(tmp_path))  # and never settled
    again = look(transport(tmp_path))
    assert [payload.data for payload in again.payloads] == [b"A"]
    again.payloads[0].settle(True)
    again.payloads[0].settle(True)  # a second time does no harm
    assert look(transport(tmp_path)).unchanged


def test_files_still_being_written_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("half")
    source = transport(tmp_path, rest_seconds=30)
    assert look(source).payloads == ()
    os.utime(tmp_path / "a.txt", (time.time() - 31,) * 2)
    assert len(look(source).payloads) == 1


def rested(path: Path) -> None:
    """Let a file look as if it had not changed for a while."""
    os.utime(path, (time.time() - 60,) * 2)


def test_a_file_that_is_open_for_writing_is_left_alone_however_long_the_writer_pauses(tmp_path: Path) -> None:
    source = transport(tmp_path, rest_seconds=1)
    state = ConnectorState(connector="x")
    with (tmp_path / "a.txt").open("w") as file:
        file.write("the first 400 bytes")
        file.flush()
        for _ in range(3):
            rested(tmp_path / "a.txt")
            poll = source.poll(state, PollContext(datetime.now(UTC), 1000, 5, "Test"))
            assert (poll.payloads, poll.error) == ((), None)
            state = poll.state
        file.write(" and the rest")
    rested(tmp_path / "a.txt")
    assert [payload.data for payload in look(source).payloads] == [b"the first 400 bytes and the rest"]


def test_where_writers_cannot_be_seen_the_size_must_rest_from_one_poll_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.transports.folder.is_being_written", lambda _path: None)
    source = transport(tmp_path, rest_seconds=1)
    state, found = ConnectorState(connector="x"), []
    for text in ("one", "one two", "one two three", None, None):
        if text:
            (tmp_path / "a.txt").write_text(text)
            rested(tmp_path / "a.txt")
        poll = source.poll(state, PollContext(datetime.now(UTC), 1000, 5, "Test"))
        found.append([payload.data for payload in poll.payloads])
        state = ConnectorState.decode(poll.state.encode())
        for payload in poll.payloads:
            payload.settle(True)
    assert found == [[], [], [], [b"one two three"], []]
    assert state.cursor is None


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", "3", "null", '{"a.txt": 3}'])
def test_a_cursor_that_cannot_be_read_counts_as_nothing(tmp_path: Path, cursor: str) -> None:
    (tmp_path / "a.txt").write_text("A")
    poll = transport(tmp_path).poll(
        ConnectorState(connector="x", cursor=cursor), PollContext(datetime.now(UTC), 1000, 5, "Test")
    )
    assert len(poll.payloads) == 1


def test_hidden_files_folders_links_and_other_patterns_are_not_taken(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("not meant for anybody")
    drop = tmp_path / "drop"
    (drop / "folder.txt").mkdir(parents=True)
    (drop / ".hidden.txt").write_text("x")
    (drop / "other.xml").write_text("x")
    (drop / "link.txt").symlink_to(outside)
    assert look(transport(drop, pattern="*.txt")).payloads == ()
    assert outside.exists()


def test_same_names_do_not_overwrite_each_other(tmp_path: Path) -> None:
    source = transport(tmp_path)
    for text in ("one", "two"):
        (tmp_path / "a.txt").write_text(text)
        look(source).payloads[0].settle(True)
    assert sorted(path.read_text() for path in (tmp_path / "done").iterdir()) == ["one", "two"]


def test_large_files_come_in_pieces_and_what_has_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 2_000_000)
    (tmp_path / "b.txt").write_bytes(b"ZCZC 1\nText.\nNNNN\n" * 100_000)
    endless, wires = look(transport(tmp_path, charset="latin-1")).payloads
    with pytest.raises(ParseError, match=r"a\.txt: it has more than 1,000 bytes"):
        list(endless.parts())
    parts = list(wires.parts())
    assert b"".join(part.data for part in parts) == (tmp_path / ".work" / "b.txt").read_bytes()
    assert {part.charset for part in parts} == {"latin-1"}
    assert len(parts) > 1


def test_a_look_holds_no_more_bytes_than_it_may(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_bytes(b"x" * 600)
    source, counts = transport(tmp_path), []
    while payloads := look(source).payloads:
        counts.append(len(payloads))
        for payload in payloads:
            payload.settle(True)
    assert counts == [2, 2, 1]


def test_a_look_takes_no_more_than_it_may_and_loses_none(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(str(number))
    source = transport(tmp_path, max_files=2)
    taken: list[bytes] = []
    while payloads := look(source).payloads:
        assert len(payloads) <= 2
        taken += [payload.data for payload in payloads]
        for payload in payloads:
            payload.settle(True)
    assert sorted(taken) == [b"0", b"1", b"2", b"3", b"4"]


def test_done_files_may_be_deleted(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A")
    look(transport(tmp_path, keep_done=False)).payloads[0].settle(True)
    assert names(tmp_path / "done") == []


def test_peeking_leaves_everything_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A")
    assert [payload.data for payload in look(transport(tmp_path), peek=True).payloads] == [b"A"]
    assert names(tmp_path) == ["a.txt"]


def test_two_processes_never_take_the_same_file(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.txt").write_text(str(number))
    one, other = transport(tmp_path), transport(tmp_path)
    waiting, _ = other._complete({})
    taken = one._claim(one._folder(".work"), one._complete({})[0])
    assert len(taken) == 20
    for path in waiting:
        assert not path.exists()
    assert other._claim(other._folder(".work"), waiting) == []


def test_a_folder_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    poll = look(transport(tmp_path / "file"))
    assert "cannot be used" in (poll.error or "")
