"""Which dead letters are open, while the topic is read on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.dead.ledger import Ledger
from pipeline.dead.settlement import Settlement, SettlementStatus
from pipeline.events import DeadLetter
from pipeline.events.dead_letter import dead_letter
from pipeline.events.errors import RejectError

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def letter(name: str, hours: int = 0) -> DeadLetter:
    return dead_letter(
        stage="connector", error=RejectError(name), key=None, original=name.encode(),
        failed_at=NOON + timedelta(hours=hours), connector="orbis", url="feed.xml", position=name,
    )  # fmt: skip


def settled(one: DeadLetter, status: SettlementStatus) -> bytes:
    return Settlement(letter=one.id, status=status, by="x", at=NOON).encode()


def test_open_until_replayed_or_dropped() -> None:
    ledger, one, two = Ledger(), letter("one"), letter("two", hours=1)
    ledger.read(0, one.encode())
    ledger.read(1, two.encode())
    assert ledger.open() == [NOON, NOON + timedelta(hours=1)]
    ledger.read(2, settled(one, "claimed"))
    assert len(ledger.open()) == 2, "a replay that has not ended has replayed nothing"
    ledger.read(3, settled(one, "replayed"))
    assert ledger.open() == [NOON + timedelta(hours=1)]
    ledger.read(4, one.encode())
    assert len(ledger.open()) == 1, "the same failure written again, as after a crash"
    ledger.read(5, settled(two, "dropped"))
    assert ledger.open() == []
    assert ledger.position == 6


def test_what_is_neither_is_passed_over_and_what_the_topic_lost_is_forgotten() -> None:
    ledger = Ledger()
    ledger.read(0, b"rubbish")
    ledger.read(1, None)
    ledger.read(2, letter("one").encode())
    ledger.read(3, letter("two").encode())
    assert len(ledger.open()) == 2
    ledger.forget(3)
    assert len(ledger.open()) == 1
    ledger.forget(9)
    assert (ledger.open(), ledger.position) == ([], 9)
