"""A story's way from what is left of it: decisions are computed again, gaps are said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.events import Cluster, ItemState, MessageRef, RawItem, StoryVersion
from pipeline.events.dead_letter import dead_letter
from pipeline.events.errors import RejectError
from pipeline.events.item import Item, Signal
from pipeline.intake.identity import read, story_id
from pipeline.intake.lifecycle import receive
from pipeline.runtime.trace import AlertSent, Evidence, Message, _cluster, standing, steps
from pipeline.settings import IntakeSettings

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SETTINGS = IntakeSettings()
STORY = story_id("Orbis", "a1")


def raw(offset: int, minutes: int, body: str = "One.", **fields: Any) -> Message[RawItem]:
    whole = Item(uri="a1", versioncreated=NOON + timedelta(minutes=minutes), headline="H", body_text=body, **fields)
    time = NOON + timedelta(hours=1, seconds=offset)
    item = RawItem(connector="wire", provider="Orbis", item_id="a1", received=time, parser="test", item=whole)
    return Message(MessageRef(topic="wire.raw", partition=1, offset=offset), time, item)


def taken(*raws: Message[RawItem]) -> tuple[ItemState, tuple[Message[StoryVersion], ...]]:
    """What intake remembers and has passed on after these."""
    state: ItemState | None = None
    stories = []
    for one in raws:
        content = read(one.event, SETTINGS.max_text_chars)
        transition = receive(state, one.event, content, one.ref, STORY, max_versions=SETTINGS.max_versions)
        state = transition.state
        if transition.story:
            ref = MessageRef(topic="wire.stories", partition=0, offset=one.ref.offset)
            stories.append(Message(ref, one.time + timedelta(milliseconds=5), transition.story))
    assert state
    return state, tuple(stories)


def evidence(*raws: Message[RawItem], **more: Any) -> Evidence:
    state, stories = taken(*raws)
    facts = {"state": state, "raws": raws, "stories": stories, "intake_position": 100} | more
    return Evidence("Orbis", "a1", STORY, **facts)


def decisions(found: Evidence) -> list[str]:
    return [step.what for step in steps(found, SETTINGS) if step.where == "intake"]


ALL = (raw(3, 0), raw(5, 10, "Two."), raw(6, 0), raw(8, 20, signals=(Signal.KILL,)), raw(9, 5, "Between."))


def test_intake_decided_what_its_own_function_decides() -> None:
    assert [what.partition(":")[0] for what in decisions(evidence(*ALL))] == [
        "new (new)", "version (update)", "unchanged", "version (kill)", "late (kill)",
    ]  # fmt: skip


def test_what_was_decided_before_the_oldest_message_kept_is_taken_from_what_intake_remembers() -> None:
    state, stories = taken(*ALL)
    left = Evidence("Orbis", "a1", STORY, state=state, raws=ALL[1:], stories=stories, intake_position=100)
    assert [what.partition(":")[0] for what in decisions(left)] == [
        "new", "version (update)", "unchanged", "version (kill)", "late (kill)",
    ]  # fmt: skip
    assert decisions(left)[0] == "new: its message is no longer kept"


def test_a_message_that_intake_has_not_read_has_no_decision() -> None:
    waiting = evidence(*ALL[:2], intake_position=5)
    assert len(decisions(waiting)) == 1
    assert standing(waiting) == "Its newest version waits for the stage intake."


def test_where_it_is_now() -> None:
    found = evidence(*ALL[:2])
    assert standing(found) == "Its newest version waits for the stage cluster."
    letter = dead_letter(stage="intake", error=RejectError("no text"), key=b"k", original=b"x", failed_at=NOON,
                         origin=ALL[0].ref)  # fmt: skip
    assert standing(Evidence("Orbis", "a1", STORY, letters=(letter,))) == "It is a dead letter."
    assert standing(Evidence("Orbis", "a1", STORY, raws=ALL[:1])) == "Intake has not read it yet."


def test_alerts_and_dead_letters_are_steps_in_the_order_of_their_times() -> None:
    letter = dead_letter(stage="enrich", error=RejectError("timed out"), key=b"k", original=b"x",
                         failed_at=NOON + timedelta(hours=2), origin=ALL[0].ref)  # fmt: skip
    sent, killed = NOON + timedelta(hours=3), NOON + timedelta(hours=4)
    found = evidence(ALL[0], letters=(letter,), alerts=(AlertSent("bridges", sent, killed),))
    assert [(step.where, step.what) for step in steps(found, SETTINGS)][-3:] == [
        ("dead letter", f"enrich: timed out ({letter.id[:10]})"),
        ("alert", "bridges: sent"),
        ("alert", "bridges: kill sent"),
    ]


@pytest.mark.parametrize(
    ("cluster", "text"),
    [
        (Cluster(cluster_id="a"), "no copy: leads its cluster"),
        (Cluster(cluster_id="a", duplicate_of="a", similarity=0.5, containment=0.9),
         "copy of a (similarity 0.50, containment 0.90)"),
        (Cluster(cluster_id="a", duplicate_of="a", exact=True, similarity=1), "copy of a, word for word"),
    ],
)  # fmt: skip
def test_clusters(cluster: Cluster, text: str) -> None:
    assert _cluster(cluster) == text


def test_each_part_of_a_story_is_told() -> None:
    part = {"signals": (Signal.TAKE,)}
    parts = (
        raw(1, 0, "A.\n\nB."), raw(2, 1, "C.", take=2, **part), raw(3, 2, "D.", **part),
        raw(4, 3, "E.", replaces=(2, 1), **part), raw(5, 4, "F.", replaces=(2, 0), **part),
        raw(6, 5, "G.", replaces=(0, 0), **part),
    )  # fmt: skip
    found = steps(evidence(*parts), SETTINGS)
    assert [step.what for step in found if step.where == "poll"] == [
        "wire (test)",
        "wire (test), part 2 of the story",
        "wire (test), part of the story",
        "wire (test), part of the story: replaces 1 from paragraph 2",
        "wire (test), part of the story: after paragraph 2",
        "wire (test), part of the story: place unknown",
    ]
    assert len([step for step in found if step.where == "intake"]) == 6
