"""Which letters are meant, and what their settlements say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.dead.replay import first_holder, refusal
from pipeline.dead.selection import Selection, ambiguous, connectors_of
from pipeline.dead.settlement import Settlement, StoredDeadLetter, decode
from pipeline.events import DeadLetter, MessageRef, RawItem
from pipeline.events.dead_letter import dead_letter
from pipeline.events.errors import DecodeError, ParseError, RejectError

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
AT = MessageRef(topic="wire.dead", partition=0, offset=3)
ORIGIN = MessageRef(topic="wire.raw", partition=1, offset=7)


def letter(**changes: Any) -> DeadLetter:
    fields: dict[str, Any] = {
        "stage": "intake", "error": RejectError("no headline at all"), "key": b"k", "original": b'{"connector": "orbis"}',
        "failed_at": NOON, "origin": ORIGIN,
    }  # fmt: skip
    return dead_letter(**(fields | changes))


def settlement(status: Any, by: str = "a", minute: int = 0, **changes: Any) -> Settlement:
    return Settlement(letter="x", status=status, by=by, at=NOON + timedelta(minutes=minute), **changes)


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (Selection(), True),
        (Selection(stage="intake"), True),
        (Selection(stage="index"), False),
        (Selection(connector="orbis"), True),
        (Selection(connector="orb"), False),
        (Selection(error="rejecterror"), True),
        (Selection(error="No Headline"), True),
        (Selection(error="timeout"), False),
        (Selection(since=NOON), True),
        (Selection(since=NOON + timedelta(seconds=1)), False),
        (Selection(ids=(letter().id[:6],)), True),
        (Selection(ids=("zz",)), False),
        (Selection(stage="intake", error="timeout"), False),
    ],
)
def test_selection(selection: Selection, taken: bool) -> None:
    assert selection.takes(letter()) is taken


@pytest.mark.parametrize(
    ("original", "connector", "names"),
    [
        (b'{"connectors": ["a", "b"]}', None, {"a", "b"}),
        (b"\xff\x00", None, set()),
        (b"[1]", None, set()),
        (b'{"connector": 3}', None, set()),
        (b"\xff", "orbis", {"orbis"}),
    ],
)
def test_connectors_of(original: bytes, connector: str | None, names: set[str]) -> None:
    assert connectors_of(letter(original=original, connector=connector)) == names


@pytest.mark.parametrize(
    ("settlements", "status"),
    [
        ([], "open"),
        ([settlement("claimed")], "claimed"),
        ([settlement("claimed"), settlement("replayed")], "replayed"),
        ([settlement("claimed"), settlement("claimed", "b"), settlement("yielded", "b")], "claimed"),
        ([settlement("claimed"), settlement("claimed", "b"), settlement("yielded", "b"), settlement("replayed")],
         "replayed"),
        ([settlement("claimed"), settlement("replayed"), settlement("claimed", "b")], "claimed"),
        ([settlement("dropped"), settlement("claimed", "b"), settlement("replayed", "b")], "replayed"),
        ([settlement("claimed"), settlement("superseded")], "superseded"),
    ],
)  # fmt: skip
def test_status(settlements: list[Settlement], status: str) -> None:
    assert StoredDeadLetter(letter(), AT, settlements=tuple(settlements)).status == status


@pytest.mark.parametrize(
    ("entries", "holder"),
    [
        ([settlement("claimed", "me")], None),
        ([settlement("claimed", "a"), settlement("claimed", "me")], "a"),
        ([settlement("claimed", "me"), settlement("claimed", "a")], None),
        ([settlement("claimed", "a"), settlement("replayed", "a"), settlement("claimed", "me")], "a"),
        ([settlement("claimed", "a"), settlement("yielded", "a"), settlement("claimed", "me")], None),
        ([settlement("dropped", "a"), settlement("claimed", "me")], "a"),
    ],
)
def test_the_first_claim_holds(entries: list[Settlement], holder: str | None) -> None:
    found = first_holder(entries, "me")
    assert (found.by if found else None) == holder


def test_what_is_refused_and_why() -> None:
    open_ = StoredDeadLetter(letter(), AT)
    assert refusal(open_, again=False) is None
    done = StoredDeadLetter(letter(), AT, settlements=(settlement("claimed"), settlement("replayed", sent=ORIGIN)))
    assert refusal(done, again=True) is None
    refused = refusal(done, again=False)
    assert refused is not None
    assert "--again" in refused.said
    assert "wire.raw/1 at 7" in refused.said


def test_a_connectors_letter_says_what_to_do() -> None:
    found = StoredDeadLetter(letter(stage="connector", origin=None, connector="orbis", error=ParseError("line 3")), AT)
    refused = refusal(found, again=True)
    assert refused is not None
    assert refused.status == "not sendable"
    for part in ("wiredesk dead show", "--original", "wiredesk backfill FILE --connector orbis"):
        assert part in refused.said


def test_beginnings_that_fit_several() -> None:
    one, other = letter(original=b"1"), letter(original=b"2")
    found = [StoredDeadLetter(one, AT), StoredDeadLetter(other, AT)]
    assert ambiguous([one.id], found) == {}
    assert set(ambiguous([""], found)[""]) == {one.id, other.id}


def test_decode_tells_letters_and_settlements_apart() -> None:
    assert decode(letter().encode()) == letter()
    entry = settlement("claimed")
    assert decode(entry.encode()) == entry
    for value in (None, b"", b"[]", b'{"letter": 1}', RawItem.__name__.encode()):
        with pytest.raises(DecodeError):
            decode(value)


def test_a_cut_dead_letter_is_not_sent() -> None:
    whole = StoredDeadLetter(letter(), AT)
    assert refusal(whole, again=True) is None
    cut = StoredDeadLetter(letter().model_copy(update={"original_size": 16_000_000}), AT)
    refused = refusal(cut, again=True)
    assert refused is not None
    assert refused.status == "not sendable"
    assert "16,000,000 bytes" in refused.said
