"""Stories in parts: the text that is shown, from the set of versions."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from pipeline.events import ItemState, MessageRef, RawItem, StoryVersion
from pipeline.events.item import Item, Signal
from pipeline.intake.identity import read
from pipeline.intake.lifecycle import Transition, receive

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ADD = (Signal.TAKE,)
WRITETHRU = (Signal.LEAD, Signal.UPDATE)
LEAD_BODY = "The dam is closed.\n\nNobody is hurt.\n\nThe lake is low."


def item(minute: int, body: str, **more: Any) -> Item:
    fields = {"uri": "W:2026-03-01:BC-Dam", "versioncreated": T0 + timedelta(minutes=minute), "headline": "Dam closes"}
    return Item.model_validate({**fields, "body_text": body, **more})


def lead(minute: int = 0, body: str = LEAD_BODY, **more: Any) -> Item:
    return item(minute, body, **more)


def add(minute: int, number: int | None, body: str, **more: Any) -> Item:
    return item(minute, body, signals=ADD, take=None if number is None else number + 1, **more)


def kill(minute: int) -> Item:
    return item(minute, "", signals=(Signal.KILL,), pubstatus="canceled", ednote="Kill.")


def transitions(items: list[Item], *, max_versions: int = 50, max_bytes: int = 8_000_000) -> list[Transition]:
    state: ItemState | None = None
    found = []
    for offset, one in enumerate(items):
        raw = RawItem(connector="wire", provider="Example", item_id="1", received=T0, item=one, parser="test")
        message = MessageRef(topic="wire.raw", partition=0, offset=offset)
        result = receive(
            state, raw, read(raw, 500_000), message, "example-1", max_versions=max_versions, max_bytes=max_bytes,
            acknowledged=message,
        )  # fmt: skip
        state = ItemState.decode(result.state.encode())
        found.append(result)
    return found


def shown(items: list[Item], **limits: int) -> StoryVersion:
    return next(one.story for one in reversed(transitions(items, **limits)) if one.story is not None)


def body(items: list[Item]) -> list[str]:
    return shown(items).content.body.split("\n\n")


LEAD = ["The dam is closed.", "Nobody is hurt.", "The lake is low."]

CASES: dict[str, tuple[list[Item], list[str]]] = {
    "an add extends the lead": ([lead(), add(1, 1, "More.")], [*LEAD, "More."]),
    "adds stand in the order of their numbers": (
        [lead(), add(5, 2, "Two."), add(9, 1, "One."), add(7, 3, "Three.")],
        [*LEAD, "One.", "Two.", "Three."],
    ),
    "adds without a number follow in the order of the wire": (
        [lead(), add(3, None, "Then."), add(2, None, "First."), add(4, 1, "One.")],
        [*LEAD, "One.", "First.", "Then."],
    ),
    "the words that an add follows are not repeated": (
        [lead(), add(1, 1, "CALVESSA: lake is low.\n\nMore."), add(2, 2, "CALVESSA: it is not.\n\nEnd.")],
        [*LEAD, "More.", "CALVESSA: it is not.", "End."],
    ),
    "the later one of a number counts": ([lead(), add(1, 1, "Old."), add(2, 1, "New.")], [*LEAD, "New."]),
    "a writethru replaces everything": (
        [lead(), add(1, 1, "More."), lead(2, "All of it.", signals=WRITETHRU)],
        ["All of it."],
    ),
    "an add after a writethru extends it": (
        [lead(), add(1, 1, "More."), lead(2, "All of it.", signals=WRITETHRU), add(3, 1, "Still more.")],
        ["All of it.", "Still more."],
    ),
    "a corrected story replaces everything": (
        [lead(), add(1, 1, "More."), lead(2, "All of it.", signals=(Signal.CORRECTION,))],
        ["All of it."],
    ),
    "a lead that is no writethru keeps the adds": (
        [lead(), add(1, 1, "More."), lead(2, "A new top.", signals=WRITETHRU, keeps_parts=True)],
        ["A new top.", "More."],
    ),
    "the lead sent once more keeps the adds": ([lead(), add(1, 1, "More."), lead(2)], [*LEAD, "More."]),
    "an add of the same minute as its lead follows it": ([add(0, 1, "More."), lead(0)], [*LEAD, "More."]),
    "adds without their lead are shown": ([add(2, 2, "Two."), add(1, 1, "One.")], ["One.", "Two."]),
    "a sub replaces the paragraph that it names": (
        [lead(), add(1, 1, "More."), item(2, "One is hurt.", signals=ADD, replaces=(2, 1))],
        ["The dam is closed.", "One is hurt.", "The lake is low.", "More."],
    ),
    "a sub replaces several paragraphs": (
        [lead(), item(2, "One is hurt.\n\nIt rains.", signals=ADD, replaces=(2, 2))],
        ["The dam is closed.", "One is hurt.", "It rains."],
    ),
    "the later sub of a paragraph counts": (
        [lead(), item(2, "Two are hurt.", signals=ADD, replaces=(2, 1)), item(1, "One is.", signals=ADD, replaces=(2, 1))],
        ["The dam is closed.", "Two are hurt.", "The lake is low."],
    ),
    "an insert follows the paragraph that it names": (
        [lead(), item(2, "It rains.", signals=ADD, replaces=(1, 0)), item(3, "Few.", signals=ADD, replaces=(2, 1))],
        ["The dam is closed.", "It rains.", "Few.", "The lake is low."],
    ),
    "a new top makes subs of the old one void": (
        [lead(), item(1, "One.", signals=ADD, replaces=(2, 1)), lead(2, "A.\n\nB.", signals=WRITETHRU, keeps_parts=True)],
        ["A.", "B."],
    ),
    "a sub is placed after one that has no place": (
        [lead(), item(1, "Seven.", signals=ADD, replaces=(7, 1)), item(2, "One is hurt.", signals=ADD, replaces=(2, 1))],
        ["The dam is closed.", "One is hurt.", "The lake is low."],
    ),
    "a sub of a paragraph that there is not is left out": (
        [lead(), item(2, "Seven.", signals=ADD, replaces=(7, 1))],
        LEAD,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_text_of_the_parts(case: str) -> None:
    items, paragraphs = CASES[case]
    assert body(items) == paragraphs


@pytest.mark.parametrize("case", [case for case in CASES if len(CASES[case][0]) > 2])
def test_in_every_order_of_arrival(case: str) -> None:
    items, paragraphs = CASES[case]
    for order in permutations(items):
        assert body([*order, *order[:2]]) == paragraphs


def test_a_part_that_is_not_placed_is_told() -> None:
    story = shown([lead(ednote="With photos."), item(2, "Seven.", signals=ADD, replaces=(7, 1))])
    assert (story.content.ednote or "").split("\n") == [
        "With photos.",
        "A part of this story does not say which paragraphs it replaces; it is among the versions.",
    ]


@pytest.mark.parametrize("minute", [1, 5, 9])
def test_no_part_revives_a_killed_story(minute: int) -> None:
    items = [lead(), add(2, 1, "More."), add(8, 2, "And more."), kill(minute)]
    for order in permutations(items):
        story = shown(list(order))
        assert story.killed
        assert story.content.body == "Kill."


def test_a_writethru_after_the_kill_is_the_story_again_without_the_old_parts() -> None:
    items = [lead(), add(1, 1, "More."), kill(2), add(3, 2, "Late."), lead(4, "All new.", signals=WRITETHRU)]
    assert body(items) == ["All new."]
    assert not shown(items).killed


def test_each_part_is_a_version_with_its_own_text() -> None:
    found = transitions([lead(), add(1, 1, "More."), add(2, 2, "And more.")])
    texts = {text.version_id: text.body for one in found for text in one.texts}
    assert sorted(texts.values()) == ["And more.", "More.", LEAD_BODY]
    assert found[-1].story is not None
    assert [texts[entry.id] for entry in found[-1].story.versions] == [LEAD_BODY, "More.", "And more."]


def test_the_headline_pictures_and_authors_of_all_parts() -> None:
    story = shown([
        lead(authors=[{"name": "Ann Moe"}], media=[{"title": "XX Photo 1"}]),
        add(1, 1, "More.", headline="Dam closes, 1st add", authors=[{"name": "Bo Lind"}], media=[{"title": "XX Photo 2"}]),
    ])  # fmt: skip
    assert story.content.headline == "Dam closes"
    assert [author.name for author in story.content.authors] == ["Ann Moe", "Bo Lind"]
    assert [medium.title for medium in story.content.media] == ["XX Photo 1", "XX Photo 2"]


def test_markup_is_shown_only_where_all_parts_have_it() -> None:
    html = {"body_html": "<p>The dam is closed.</p>"}
    assert shown([lead(**html), add(1, 1, "More.")]).content.body_html is None
    both = shown([lead(**html), add(1, 1, "More.", body_html="<p>More.</p>")])
    assert both.content.body_html == "<p>The dam is closed.</p>\n<p>More.</p>"


def test_the_lead_and_its_parts_are_remembered_however_many_versions_come() -> None:
    items = [lead(), add(1, 1, "More."), *(add(10 + n, 2, f"Take {n}.") for n in range(60))]
    found = shown(items, max_versions=10)
    assert found.content.body.split("\n\n") == [*LEAD, "More.", "Take 59."]


def test_parts_that_do_not_fit_are_told() -> None:
    items = [lead(), *(add(n, n, f"{n} " + "word " * 4_000) for n in range(1, 20))]
    limit = 200_000
    results = transitions(items, max_bytes=limit)
    story = results[-1].story
    assert story is not None
    assert max(len(one.state.encode()) for one in results) < limit
    assert len(story.encode()) < limit
    assert "The last parts of this story are not in the text" in (story.content.ednote or "")


def test_a_long_story_delivered_again_is_as_long_as_before() -> None:
    items = [lead(), *(add(n, n, f"{n} " + "word " * 4_000) for n in range(1, 20))]
    last = transitions(items, max_bytes=200_000)[-1]
    raw = RawItem(connector="wire", provider="Example", item_id="1", received=T0, item=items[-1], parser="test")
    message = MessageRef(topic="wire.raw", partition=0, offset=len(items) - 1)
    again = receive(
        last.state, raw, read(raw, 500_000), message, "example-1", max_versions=50, max_bytes=200_000,
        acknowledged=message,
    )  # fmt: skip
    assert again.reason == "again"
    assert again.story == last.story


#: One story with everything; what it ends in follows from the times alone.
LIFE = [
    lead(), add(1, 1, "Old one."), add(2, 2, "Two."), add(3, 1, "One."),
    lead(4, "A new top.\n\nIts end.", signals=WRITETHRU, keeps_parts=True),
    item(5, "Its true end.", signals=ADD, replaces=(2, 1)), add(6, 3, "Three."),
]  # fmt: skip
THROUGH = [lead(7, "All of it.", signals=WRITETHRU), add(8, 1, "More."), add(9, None, "And this.")]
ENDS = [
    (LIFE, ["A new top.", "Its true end.", "One.", "Two.", "Three."]),
    ([*LIFE, *THROUGH], ["All of it.", "More.", "And this."]),
    ([*LIFE, kill(10)], ["Kill."]),
    ([*LIFE, *THROUGH, kill(6)], ["All of it.", "More.", "And this."]),
]  # fmt: skip


def shuffled_ends_the_same(number: int) -> None:
    """So many interleavings, with repeats and with the state written and read between any two items."""
    chance = random.Random(7)
    for _ in range(number):
        items, paragraphs = chance.choice(ENDS)
        arriving = [*items, *chance.choices(items, k=chance.randrange(4))]
        chance.shuffle(arriving)
        assert body(arriving) == paragraphs, [LIFE.index(one) if one in LIFE else "-" for one in arriving]


def test_interleavings_end_the_same() -> None:
    shuffled_ends_the_same(500)


@pytest.mark.long
def test_ten_thousand_interleavings_end_the_same() -> None:
    shuffled_ends_the_same(10_000)
