"""Lives of stories in every order of arrival, repeated, from two feeds: the same end, times of arrival apart."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.events import ItemState, MessageRef, RawItem, StoryVersion, VersionText
from pipeline.events.item import Item, Signal
from pipeline.intake.identity import read, story_id
from pipeline.intake.lifecycle import receive

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
#: What says when something arrived, and what follows from that alone.
ARRIVAL = {"received", "first_seen", "raw", "lane", "index_version"}


def version(n: int, headline: str, body: str = "", **more: Any) -> Item:
    fields = {"uri": "tag:1", "version": str(n), "versioncreated": T0 + timedelta(minutes=n), "headline": headline}
    return Item.model_validate({**fields, "body_text": body, **more})


FIRST = version(1, "Dam closes", "The dam is closed.")
SECOND = version(2, "Dam closes for a week", "The dam is closed.\n\nIt opens on Monday.")
LIVES: dict[str, list[Item]] = {
    "new, update, correction, kill": [
        FIRST,
        SECOND,
        version(3, "Dam closes for a week", "It opens on Tuesday.", signals=(Signal.CORRECTION,), ednote="Corrects day"),
        version(4, "", "", pubstatus="canceled"),
    ],
    "kill without time or body": [FIRST, SECOND, Item(uri="tag:1", pubstatus="canceled", ednote="Kill.")],
    "withheld, then usable": [FIRST, version(2, "Dam closes", "", pubstatus="withheld"), version(3, "Dam", "Open.")],
    "embargo and release": [
        version(1, "Budget", "Numbers.", embargoed=T0 + timedelta(days=2)),
        version(2, "Budget", "Numbers, more."),
        version(3, "Budget", "Numbers, all.", signals=(Signal.RELEASE,)),
    ],
    "advisory and test": [FIRST, version(2, "Note", "", signals=(Signal.ADVISORY,)), version(3, "Test", "", signals=(Signal.TEST,))],
    "resent and refiled": [
        FIRST,
        version(2, "Dam closes", "The dam is closed.", signals=(Signal.RESEND,)),
        version(3, "Dam shuts", "The dam is shut.", signals=(Signal.REFILE,)),
    ],
    "same time, other words": [FIRST, version(1, "Dam closes", "The dam is closed, really."), SECOND],
    "edits that keep their time": [FIRST, version(1, "Dam", "Closed."), version(1, "Dam", "Shut."), version(1, "Dam", "Open.")],
    "the old words again": [FIRST, SECOND, version(3, "Dam closes", "The dam is closed.")],
    "the same words with a later time": [
        Item(uri="tag:1", versioncreated=T0, headline="Same"),
        Item(uri="tag:1", versioncreated=T0 + timedelta(hours=1), headline="Same"),
        Item(uri="tag:1", versioncreated=T0 + timedelta(hours=2), headline="Other"),
    ],
}  # fmt: skip


def received(life: list[Item], item: Item, connector: str) -> datetime:
    """When a feed brought an item first; the second feed is slower. It is part of the message, whenever it arrives."""
    minutes = life.index(item) + (100 if connector == "feed-b" else 0)
    return T0 + timedelta(minutes=minutes if item.versioncreated else 0)


def end(life: list[Item], items: list[tuple[Item, str]], seed: int) -> dict[str, Any]:
    """The story after all these arrived, each (item, connector) as one message; repeated ones were read later."""
    state: ItemState | None = None
    story: StoryVersion | None = None
    clock = random.Random(seed)
    seen: list[tuple[Item, str]] = []
    texts: dict[str, VersionText] = {}
    for offset, (item, connector) in enumerate(items):
        delay = timedelta(seconds=clock.randrange(10_000) if (item, connector) in seen and item.versioncreated else 0)
        seen.append((item, connector))
        raw = RawItem(
            connector=connector, provider="Example", item_id="tag:1", parser="test", item=item,
            received=received(life, item, connector) + delay,
        )  # fmt: skip
        verdict = receive(
            state, raw, read(raw, 100_000), MessageRef(topic="t", partition=0, offset=offset),
            story_id("Example", "tag:1"), max_versions=50,
        )  # fmt: skip
        state = ItemState.decode(verdict.state.encode())
        texts |= {text.version_id: text for text in verdict.texts}
        if verdict.story is not None:
            assert story is None or verdict.story.index_version > story.index_version
            story = verdict.story
    assert story is not None
    shown = story.model_dump(exclude=ARRIVAL)
    shown["history"] = [texts[entry.id].model_dump(exclude={"received"}) for entry in story.versions]
    return shown


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[str, list[tuple[Item, str]], int]:
    """A life, its messages in some order, some of them more than once, from one of two feeds."""
    name = draw(st.sampled_from(sorted(LIVES)))
    life = [(item, "feed-a") for item in LIVES[name]]
    feeds = st.sampled_from(["feed-a", "feed-b"])
    again = draw(st.lists(st.tuples(st.sampled_from(LIVES[name]), feeds), max_size=len(life)))
    return name, draw(st.permutations([*life, *again])), draw(st.integers(0, 1_000))


def check(given_: tuple[str, list[tuple[Item, str]], int]) -> None:
    name, items, seed = given_
    second_feed = [(item, feed) for item, feed in items if feed == "feed-b"]
    in_order = [*((item, "feed-a") for item in LIVES[name]), *second_feed]
    life = LIVES[name]
    assert end(life, items, seed) == end(life, in_order, 0)


@given(arrivals())
@settings(max_examples=500, deadline=None)
def test_every_order_ends_the_same(given_: tuple[str, list[tuple[Item, str]], int]) -> None:
    check(given_)


@pytest.mark.long
@given(arrivals())
@settings(max_examples=10_000, deadline=None)
def test_ten_thousand_orders_end_the_same(given_: tuple[str, list[tuple[Item, str]], int]) -> None:
    check(given_)
