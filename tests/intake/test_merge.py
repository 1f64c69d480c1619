"""Functions of intake's handler: states of one item that two workers wrote, a damaged store, parts that are not joined."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY

from pipeline.events import Content, ItemState, KnownVersion
from pipeline.events.errors import FatalError, RejectError
from pipeline.events.item import Signal
from pipeline.intake.handler import _remembered, merge_states, tell_of_parts
from pipeline.intake.story import story_of
from pipeline.intake.takes import LEFT_OUT, NOT_PLACED
from tests.intake.known import at, known, message


def state(*versions: KnownVersion, **more: Any) -> ItemState:
    return ItemState(provider="Orbis", item_id="a1", story_id="orbis-1", versions=versions, **more)


ONE, TWO = known("a", 1), known("b", 2)
SAID = known("e", 0.5, content={"embargoed": at(9)})
RELEASED = known("r", 0.7, signals=(Signal.RELEASE,))


def merged(one: ItemState, newer: ItemState) -> ItemState:
    return ItemState.decode(merge_states(one.encode(), newer.encode()))


def test_the_first_state_is_taken_as_it_is() -> None:
    newer = state(ONE, changes=1).encode()
    assert merge_states(None, newer) is newer


def test_a_state_with_all_versions_is_taken_as_it_is() -> None:
    newer = state(ONE, TWO, changes=1).encode()
    assert merge_states(state(ONE, changes=9).encode(), newer) is newer


def test_what_a_state_with_all_versions_does_not_know_of_an_embargo_is_added() -> None:
    newer = state(ONE, TWO, changes=1)
    assert merged(state(ONE, embargo_said=(SAID,)), newer).embargo_said == (SAID,)


def test_an_unreadable_state_is_rejected() -> None:
    with pytest.raises(RejectError):
        merge_states(None, b"{}")


#: What is remembered in one state, in the newer one, and of both.
BOTH: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "one change more than either": ({"changes": 9}, {"changes": 4}, {"changes": 10}),
    "one change more than the newer": ({"changes": 4}, {"changes": 9}, {"changes": 10}),
    "the higher number of dropped versions": ({"dropped": 3}, {"dropped": 2}, {"dropped": 3}),
    "the higher number of dropped versions, of the newer": ({"dropped": 2}, {"dropped": 3}, {"dropped": 3}),
    "the higher index version": ({"index_version": 8}, {"index_version": 7}, {"index_version": 8}),
    "the higher index version, of the newer": ({"index_version": 7}, {"index_version": 8}, {"index_version": 8}),
    "an embargo of one": ({"embargoed": at(1)}, {}, {"embargoed": at(1)}),
    "an embargo of the newer": ({}, {"embargoed": at(2)}, {"embargoed": at(2)}),
    "of two embargoes that of the newer": ({"embargoed": at(1)}, {"embargoed": at(2)}, {"embargoed": at(2)}),
    "a release of one": ({"released": True}, {}, {"released": True}),
    "a release of the newer": ({}, {"released": True}, {"released": True}),
    "the last word of an embargo of one": ({"embargo_said": (SAID,)}, {}, {"embargo_said": (SAID,)}),
    "that of the newer": ({}, {"embargo_said": (SAID,)}, {"embargo_said": (SAID,)}),
    "of two both": ({"embargo_said": (SAID,)}, {"embargo_said": (RELEASED,)}, {"embargo_said": (RELEASED, SAID)}),
    "parts that one dropped": ({"parts_dropped": "1-a"}, {}, {"parts_dropped": "1-a"}),
    "parts that the newer dropped": ({"parts_dropped": "1-a"}, {"parts_dropped": "2-b"}, {"parts_dropped": "2-b"}),
    "the last message of the newer": ({"last_message": message(1)}, {"last_message": message(2)}, {"last_message": message(2)}),
}  # fmt: skip


@pytest.mark.parametrize("case", BOTH)
def test_of_two_states_nothing_is_lost(case: str) -> None:
    one, newer, both = BOTH[case]
    assert merged(state(ONE, **one), state(TWO, **newer)) == state(TWO, ONE, **{"changes": 1} | both)


def test_a_local_state_that_is_damaged_stops_the_worker() -> None:
    """No item is at fault, so none is rejected."""
    assert _remembered(None) is None
    assert _remembered(state(ONE).encode()) == state(ONE)
    with pytest.raises(FatalError, match=r"^The local state of intake is damaged: .+\.$") as caught:
        _remembered(b"damaged")
    assert caught.value.hint == (
        "Delete it while no worker runs (worker.state_directory): it is restored from the topics."
    )


def counted(reason: str) -> float:
    return REGISTRY.get_sample_value("wiredesk_intake_parts_not_joined_total", {"reason": reason}) or 0.0


@pytest.mark.parametrize(
    ("kind", "reasons"),
    [("new", ["no_place", "too_long"]), ("kill", []), ("withhold", [])],
    ids=["new", "kill", "withhold"],
)
def test_parts_that_are_not_joined_are_counted_and_logged(kind: str, reasons: list[str]) -> None:
    before = {reason: counted(reason) for reason in ("no_place", "too_long")}
    content = Content(headline="Dam", body="The dam.", ednote=f"{NOT_PLACED}\n{LEFT_OUT}")
    story = story_of(state(known("a", 1, kind=kind, content=dict(content))), message(1), "auto", 8_000_000)
    with structlog.testing.capture_logs() as logged:
        tell_of_parts(story)
    assert [{**line, "log_level": "warning"} for line in logged] == logged
    assert [(one["event"], one["story_id"], one["reason"], one["headline"]) for one in logged] == [
        ("parts_not_joined", "orbis-1", reason, "Dam") for reason in reasons
    ]
    assert {reason: counted(reason) - before[reason] for reason in before} == {
        reason: float(reason in reasons) for reason in before
    }
