"""A kill that names its story by slug or headline finds it, or says that a person must."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.cluster.references import NamedStories, is_notice, kill_of
from pipeline.events import Content, StoryVersion
from pipeline.events.item import Item, Reference, Signal

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def story(name: str, *, provider: str = "Orbis", minutes: float = 0, **changes: Any) -> StoryVersion:
    content = changes.pop("content", {})
    fields: dict[str, Any] = {
        "story_id": f"orbis-{name}",
        "provider": provider,
        "item_id": name,
        "index_version": 1,
        "version_rank": 1,
        "first_seen": NOON,
        "first_created": NOON,
        "version_created": NOON + timedelta(minutes=minutes),
        "received": NOON + timedelta(minutes=minutes),
        "content": Content(**{"headline": f"Headline {name}", "slugline": f"SLUG-{name}/1", **content}),
    }
    return StoryVersion(**(fields | changes))


def notice(**reference: str) -> StoryVersion:
    return story("n1", minutes=30, killed=True, kind="tombstone", refers=(Reference(**reference),),
                 content={"headline": "KILL", "slugline": None, "ednote": "Kill it. It is wrong."})  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ({"slugline": "slug-a/1"}, "a"),
        ({"slugline": "SLUG A 1"}, "a"),
        ({"slugline": "SLUG-A/1, 1st Ld"}, "a"),
        ({"slugline": "SLUG-A/1 (UPDATE 1, PIX)"}, "a"),
        ({"slugline": "SLUGA1"}, None),
        ({"headline": "headline B"}, "b"),
        ({"headline": "Headline Z"}, None),
        ({"slugline": "TWICE"}, None),
        ({"number": "0123"}, None),
    ],
)
def test_what_a_notice_names(reference: dict[str, str], found: str | None) -> None:
    known = NamedStories(100)
    for name in ("a", "b"):
        known.note(story(name))
    for name in ("c", "d"):
        known.note(story(name, content={"slugline": "TWICE"}))
    known.note(story("a2", provider="Other", content={"slugline": "SLUG-a/1"}))
    target = known.find(notice(**reference))
    assert (target.item_id if target else None) == found


def test_an_earlier_headline_still_names_the_story() -> None:
    known = NamedStories(100)
    known.note(story("a"))
    known.note(story("a", minutes=5, content={"headline": "Quite another"}))
    target = known.find(notice(headline="Headline a"))
    assert target is not None
    kill = kill_of(target, notice(headline="Headline a"))
    assert (kill.provider, kill.item_id, kill.item.pubstatus) == ("Orbis", "a", "canceled")
    assert kill.item.versioncreated == NOON + timedelta(minutes=30)
    assert "It is wrong" in (kill.item.ednote or "")


def test_a_live_story_keeps_the_newest_of_its_thousand_headlines() -> None:
    known = NamedStories(100)
    for minute in range(1000):
        known.note(story("a", minutes=minute, content={"headline": f"Headline {minute}", "slugline": "LIVE"}))
    ((_, _, _, keys),) = known.state()
    assert len(keys) < 50
    assert known.find(notice(headline="Headline 998")) is not None
    assert known.find(notice(slugline="LIVE")) is not None
    assert known.find(notice(headline="Headline 0")) is None
    assert len(known._by_key) == len(keys)


def test_memory_is_bounded_by_number_and_days() -> None:
    known = NamedStories(3)
    for name in "abcd":
        known.note(story(name))
    assert known.find(notice(slugline="SLUG-a/1")) is None
    assert known.find(notice(slugline="SLUG-d/1")) is not None
    known.note(story("late", minutes=4 * 24 * 60))
    assert known.find(notice(slugline="SLUG-d/1")) is None


def test_the_limits_are_what_is_still_remembered() -> None:
    known = NamedStories(3)
    for name in "abc":
        known.note(story(name))
    assert known.find(notice(slugline="SLUG-a/1")) is not None, "three of three"
    known.note(story("late", minutes=3 * 24 * 60))
    assert known.find(notice(slugline="SLUG-c/1")) is not None, "three days to the second"
    known.note(story("later", minutes=3 * 24 * 60 + 1))
    assert known.find(notice(slugline="SLUG-c/1")) is None


def test_of_two_stories_of_one_name_the_one_that_is_still_remembered_is_found() -> None:
    known = NamedStories(2)
    for name in "abc":
        known.note(story(name, content={"slugline": "SAME"}))
        known.note(story(name, minutes=1, content={"slugline": "SAME"}))
    assert known.find(notice(slugline="SAME")) is None
    known.note(story("d"))
    target = known.find(notice(slugline="SAME"))
    assert target is not None
    assert (target.story_id, target.item_id) == ("orbis-c", "c")


def test_a_version_keeps_its_story_from_being_forgotten() -> None:
    known = NamedStories(2)
    known.note(story("a"))
    known.note(story("b"))
    known.note(story("a", minutes=1))
    known.note(story("c"))
    assert known.find(notice(slugline="SLUG-b/1")) is None
    assert known.find(notice(slugline="SLUG-a/1")) is not None


def test_what_is_read_back_from_a_snapshot_finds_the_same() -> None:
    known, again = NamedStories(100), NamedStories(100)
    for name in ("a", "b"):
        known.note(story(name))
    again.restore(json.loads(json.dumps(known.state())))
    for reference in ({"slugline": "SLUG-a/1"}, {"headline": "Headline b"}, {"headline": "Headline z"}):
        assert again.find(notice(**reference)) == known.find(notice(**reference))
    again.note(story("a", minutes=5, content={"headline": "Quite another"}))
    assert again.find(notice(headline="Headline a")) is not None, "its earlier names"
    assert again.state()[-1][0] == "orbis-a"


@pytest.mark.parametrize(
    ("changes", "status", "signal"),
    [
        ({}, "canceled", Signal.KILL),
        ({"killed": False, "pubstatus": "withheld", "kind": "withhold"}, "withheld", Signal.WITHHOLD),
    ],
)
def test_a_notice_becomes_the_kill_or_the_hold_of_the_story(
    changes: dict[str, Any], status: str, signal: Signal
) -> None:
    known = NamedStories(100)
    known.note(story("a"))
    said = notice(slugline="SLUG-a/1").model_copy(
        update={"connectors": ("wire", "other"), "lane": "backfill", "pubstatus": "canceled", **changes}
    )
    assert is_notice(said)
    target = known.find(said)
    assert target is not None
    kill = kill_of(target, said)
    assert kill.item == Item(
        uri="a", pubstatus=status, signals=(signal,), versioncreated=said.version_created,
        ednote="KILL\nKill it. It is wrong.",
    )  # fmt: skip
    assert (kill.connector, kill.provider, kill.item_id) == ("wire", "Orbis", "a")
    assert (kill.received, kill.lane, kill.parser) == (said.received, "backfill", "notice")
    assert kill_of(target, said.model_copy(update={"connectors": ()})).connector == "notice"


def test_a_kill_of_a_story_itself_is_no_notice() -> None:
    assert not is_notice(story("a", killed=True))
    assert not is_notice(story("a", killed=True, update_count=1, refers=(Reference(slugline="x"),)))
    assert is_notice(notice(slugline="x"))


def test_a_kill_of_an_item_without_an_id_finds_the_story_by_its_headline() -> None:
    """The id of an undated text without id is a hash of the text, so its kill never has the same one."""
    known = NamedStories(100)
    known.note(story("a", item_id="hash:1"))
    kill = story("k", item_id="hash:2", killed=True, kind="tombstone", minutes=5, content={"headline": "Headline a"})
    assert is_notice(kill)
    target = known.find(kill)
    assert target is not None
    assert target.item_id == "hash:1"
    assert not is_notice(story("k", item_id="hash:2", killed=True, update_count=1)), "the kill of its own item"
