"""Parts that are withdrawn, that share a minute, that are read twice differently; any set of messages in any order."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
import structlog

from pipeline.events import ItemState, MessageRef, RawItem, StoryVersion
from pipeline.events.item import Item, Signal
from pipeline.intake.handler import tell_of_parts
from pipeline.intake.identity import read
from pipeline.intake.lifecycle import receive
from tests.intake.test_takes import ADD, LEAD, T0, WRITETHRU, add, body, item, kill, lead, shown


def killed_add(minute: int) -> Item:
    return item(minute, "", signals=(Signal.TAKE, Signal.KILL), pubstatus="canceled", take=2, ednote="Kill.")


@pytest.mark.parametrize("minute", [1, 5, 9])
def test_the_kill_of_a_part_withdraws_the_story(minute: int) -> None:
    for order in permutations([lead(), add(2, 1, "More."), add(8, 2, "And more."), killed_add(minute)]):
        story = shown(list(order))
        assert story.killed
        assert story.content.body == "Kill."


def test_the_withholding_of_a_part_withholds_the_story() -> None:
    held = item(1, "", signals=(Signal.TAKE, Signal.WITHHOLD), pubstatus="withheld", ednote="Hold.")
    for order in permutations([lead(), add(2, 1, "More."), held]):
        assert shown(list(order)).pubstatus == "withheld"


def test_an_add_in_the_minute_of_a_numbered_writethru_follows_it() -> None:
    items = [lead(), lead(1, "All of it.", signals=WRITETHRU, version="2"), add(1, 1, "More.")]
    for order in permutations(items):
        assert body(list(order)) == ["All of it.", "More."]


def test_a_kill_in_the_minute_of_a_numbered_lead_is_above_it() -> None:
    for order in permutations([lead(), lead(1, "All of it.", signals=WRITETHRU, version="2"), kill(1)]):
        assert shown(list(order)).killed


def test_one_text_with_two_numbers_in_one_minute_ends_the_same() -> None:
    ends = {
        tuple(body(list(order))) for order in permutations([lead(), add(1, 1, "M."), add(1, 3, "M."), add(1, 2, "N.")])
    }
    assert len(ends) == 1


def test_a_top_and_a_writethru_of_the_same_words_and_minute_end_the_same() -> None:
    tops = [lead(2, "All.", signals=WRITETHRU, keeps_parts=keeps) for keeps in (True, False)]
    ends = {tuple(body(list(order))) for order in permutations([lead(), add(1, 1, "M."), *tops])}
    assert len(ends) == 1


def test_a_sub_that_names_no_place_is_not_added() -> None:
    story = shown([lead(), item(1, "One is hurt.", signals=ADD, replaces=(0, 0))])
    assert story.content.body.split("\n\n") == LEAD
    assert story.content.ednote


def test_the_embargo_of_an_add_holds_the_whole_story() -> None:
    early, late = T0 + timedelta(hours=1), T0 + timedelta(hours=5)
    for order in permutations([lead(embargoed=early), add(1, 1, "More.", embargoed=late)]):
        assert shown(list(order)).content.embargoed == late


def test_more_parts_than_are_joined_are_told() -> None:
    story = shown([lead(), *(add(n, n, f"P{n}.") for n in range(1, 60))], max_versions=100)
    assert len(story.content.body.split("\n\n")) == 3 + 59 or "parts of this story" in (story.content.ednote or "")


#: What a message may be, for a story of anything in any order.
SORTS: dict[str, dict[str, Any]] = {
    "lead": {},
    "new top": {"signals": WRITETHRU, "keeps_parts": True},
    "writethru": {"signals": WRITETHRU},
    "numbered writethru": {"signals": WRITETHRU, "version": "2"},
    "add 1": {"signals": ADD, "take": 2},
    "add 2": {"signals": ADD, "take": 3},
    "add": {"signals": ADD},
    "sub": {"signals": (Signal.TAKE, Signal.CORRECTION), "replaces": (2, 1)},
    "insert": {"signals": ADD, "replaces": (1, 0)},
    "sub of nothing": {"signals": ADD, "replaces": (0, 0)},
    "kill": {"pubstatus": "canceled", "ednote": "Kill."},
    "kill of a part": {"signals": (Signal.TAKE, Signal.KILL), "pubstatus": "canceled", "take": 2, "ednote": "Kill."},
    "hold": {"pubstatus": "withheld", "ednote": "Hold."},
    "advisory": {"signals": (Signal.ADVISORY,)},
}
BODIES = ["One.\n\nTwo.\n\nThree.", "One.", "Two.", "Three.", ""]
Received = tuple[Item, str, int]


def messages(chance: random.Random) -> list[Received]:
    """Some messages of one story, few minutes apart, some of them twice or from another feed."""
    found: list[Received] = []
    for place in range(chance.randrange(2, 8)):
        sort = SORTS[chance.choice(list(SORTS))]
        embargoed = T0 + timedelta(hours=chance.randrange(1, 5)) if chance.random() < 0.15 else None
        text = "" if sort.get("ednote") else chance.choice(BODIES)
        minute = chance.randrange(chance.choice([3, 12]))
        found.append((item(minute, text, embargoed=embargoed, **sort), "feed-a", place))
    again = [(one, chance.choice(["feed-a", "feed-b"]), place) for one, _, place in chance.choices(found, k=2)]
    return [*found, *again[: chance.randrange(3)]]


def end(arriving: list[Received]) -> dict[str, Any] | None:
    """The story after these arrived, the state written and read between any two, with the text of each version."""
    state: ItemState | None = None
    story: StoryVersion | None = None
    texts: dict[str, Any] = {}
    for offset, (one, connector, minute) in enumerate(arriving):
        raw = RawItem(
            connector=connector, provider="Example", item_id="1", received=T0 + timedelta(minutes=minute), item=one,
            parser="test",
        )  # fmt: skip
        message = MessageRef(topic="wire.raw", partition=0, offset=offset)
        result = receive(state, raw, read(raw, 500_000), message, "example-1", max_versions=50)
        state = ItemState.decode(result.state.encode())
        texts |= {text.version_id: text.model_dump(exclude={"received"}) for text in result.texts}
        if result.story is not None:
            assert story is None or result.story.index_version > story.index_version
            story = result.story
    if story is None:
        return None
    arrival = {"received", "first_seen", "raw", "lane", "index_version"}
    return story.model_dump(exclude=arrival) | {"texts": [texts[entry.id] for entry in story.versions]}


def withdrawn_last(arriving: list[Received]) -> bool:
    """Whether a kill has no whole story after it."""
    kills = [one.versioncreated for one, _, _ in arriving if one.pubstatus == "canceled" and one.versioncreated]
    wholes = [
        one.versioncreated
        for one, _, _ in arriving
        if one.versioncreated and one.pubstatus != "canceled" and Signal.TAKE not in one.signals
    ]
    return bool(kills) and max(kills) >= max(wholes, default=T0)


def any_set_ends_the_same(number: int) -> None:
    for seed in range(number):
        chance = random.Random(seed)
        arriving = messages(chance)
        shuffled = chance.sample(arriving, k=len(arriving))
        story = end(arriving)
        assert story == end(shuffled), seed
        assert story is not None
        if withdrawn_last(arriving):
            assert story["killed"], seed


def test_any_set_of_messages_ends_the_same() -> None:
    any_set_ends_the_same(300)


@pytest.mark.long
def test_any_of_ten_thousand_sets_of_messages_ends_the_same() -> None:
    any_set_ends_the_same(10_000)


def test_with_few_remembered_versions_the_lead_is_shown_and_lost_parts_are_told() -> None:
    items = [lead(), *(add(n, n, f"P{n}.") for n in range(1, 30))]
    for order in (items, items[::-1]):
        story = shown(order, max_versions=6)
        assert story.content.body.split("\n\n") == [*LEAD, "P1.", "P2.", "P3.", "P4.", "P29."]
        assert "they are among the versions" in (story.content.ednote or "")
        assert shown([*order, kill(60)], max_versions=6).killed
        through = shown([*order, lead(60, "All of it.", signals=WRITETHRU)], max_versions=6)
        assert (through.content.body, through.content.ednote) == ("All of it.", None)


def test_a_story_without_some_of_its_parts_is_logged_with_its_id() -> None:
    with structlog.testing.capture_logs() as logged:
        tell_of_parts(shown([lead(), item(1, "One is hurt.", signals=ADD, replaces=(0, 0))]))
        tell_of_parts(shown([lead(), item(1, "One is hurt.", signals=ADD, replaces=(1, 1))]))
    (line,) = logged
    assert (line["event"], line["story_id"], line["reason"]) == ("parts_not_joined", "example-1", "no_place")
