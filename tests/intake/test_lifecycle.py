"""The life of a story: whatever the order of arrival, the same end."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.events import ItemState, MessageRef, RawItem, StoryVersion, VersionText
from pipeline.events.item import Item, Signal
from pipeline.intake.handler import merge_states
from pipeline.intake.identity import read, story_id
from pipeline.intake.lifecycle import Transition, kind_of, receive

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ARRIVAL = {"received", "first_seen", "raw", "index_version", "lane"}


def raw(item: Item, *, connector: str = "feed", received: datetime = T0, order: str = "auto") -> RawItem:
    return RawItem.model_validate(
        {"connector": connector, "provider": "Example", "item_id": item.uri or "x", "received": received, "item": item,
         "parser": "test", "version_order": order}
    )  # fmt: skip


class Desk:
    """Intake without Kafka: one item's state, fed one message after the other."""

    def __init__(self) -> None:
        self.state: ItemState | None = None
        self.story: StoryVersion | None = None
        self.places: dict[str, dict] = {}
        self.texts: dict[str, VersionText] = {}
        self.reasons: list[str] = []
        self.offset = 0

    def offer(self, message: RawItem, offset: int | None = None) -> Transition:
        self.offset += 1
        at = MessageRef(topic="wire.raw", partition=0, offset=self.offset if offset is None else offset)
        verdict = receive(
            self.state,
            message,
            read(message, 100_000),
            at,
            story_id(message.provider, message.item_id),
            max_versions=50,
        )
        assert verdict.changed is (verdict.state != self.state), "what changed is made durable, and nothing else"
        self.state = ItemState.decode(verdict.state.encode())
        self.reasons.append(verdict.reason)
        for text in verdict.texts:
            self.texts[text.version_id] = VersionText.decode(text.encode())
        if verdict.story is not None:
            self.story = StoryVersion.decode(verdict.story.encode())
            entries = self.story.versions
            for place, entry in enumerate(entries):
                self.places[entry.id] = {
                    "kind": entry.kind,
                    "supersedes": entries[place - 1].id if place else None,
                    "superseded_by": entries[place + 1].id if place + 1 < len(entries) else None,
                }
        return verdict

    def end(self) -> tuple[dict, dict]:
        assert self.story is not None
        assert self.places.keys() == self.texts.keys(), "every version has its text"
        history = {id_: {**self.texts[id_].model_dump(exclude={"received"}), **at} for id_, at in self.places.items()}
        return self.story.model_dump(exclude=ARRIVAL), history


def version(n: int, headline: str, body: str = "", **more: object) -> Item:
    return Item.model_validate(
        {"uri": "tag:1", "version": str(n), "versioncreated": T0 + timedelta(minutes=n), "firstcreated": T0,
         "headline": headline, "body_text": body, **more}
    )  # fmt: skip


NEW = version(1, "Bridge closes", "The bridge is closed.")
UPDATE = version(2, "Bridge closes for a week", "The bridge is closed.\n\nIt opens on Monday.")
CORRECTION = version(
    3, "Bridge closes for a week", "The bridge is closed.\n\nIt opens on Tuesday.",
    signals=(Signal.CORRECTION,), ednote="Corrects day of opening",
)  # fmt: skip
KILL = version(4, "", "", pubstatus="canceled", firstcreated=T0 + timedelta(hours=1))
LIFE = [NEW, UPDATE, CORRECTION, KILL]


def run(items: list[Item], seed: int = 0) -> Desk:
    desk = Desk()
    clock = random.Random(seed)
    for item in items:
        desk.offer(raw(item, received=T0 + timedelta(seconds=clock.randrange(10_000))))
    return desk


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({}, "new"),
        ({"signals": (Signal.REFILE,)}, "refile"),
        ({"signals": (Signal.REFILE, Signal.CORRECTION)}, "correction"),
        ({"signals": (Signal.CORRECTION, Signal.ADVISORY)}, "advisory"),
        ({"signals": (Signal.ADVISORY, Signal.TEST)}, "test"),
        ({"signals": (Signal.TEST, Signal.WITHHOLD)}, "withhold"),
        ({"pubstatus": "withheld"}, "withhold"),
        ({"pubstatus": "withheld", "signals": (Signal.KILL,)}, "kill"),
        ({"pubstatus": "canceled", "signals": (Signal.WITHHOLD,)}, "kill"),
    ],
)
def test_of_several_signals_the_gravest_says_what_a_version_is(item: dict[str, object], kind: str) -> None:
    assert kind_of(Item.model_validate({"uri": "tag:1", **item})) == kind


class TestOneLife:
    def test_in_order(self) -> None:
        desk = run([NEW, UPDATE, CORRECTION])
        assert desk.reasons == ["new", "version", "version"]
        assert desk.state is not None
        assert desk.state.changes == 3, "index versions grow with it"
        story, history = desk.end()
        assert story["content"]["body"].endswith("Tuesday.")
        assert story["correction"] is True
        assert story["correction_note"] == "Corrects day of opening"
        assert story["update_count"] == 2
        assert [entry["kind"] for entry in sorted(history.values(), key=lambda e: e["version_rank"])] == [
            "new", "update", "correction",
        ]  # fmt: skip
        assert next(e for e in history.values() if e["kind"] == "update")["body"].endswith("Monday.")
        assert next(e for e in history.values() if e["kind"] == "correction")["body"].endswith("Tuesday.")

    def test_killed_story_keeps_its_headline_and_loses_its_body(self) -> None:
        story, _ = run(LIFE).end()
        assert story["killed"] is True
        assert story["pubstatus"] == "canceled"
        assert story["content"]["headline"] == "Bridge closes for a week"
        assert story["content"]["body"] == ""

    def test_kill_first_is_a_tombstone_and_stays(self) -> None:
        desk = run([KILL])
        assert desk.story is not None
        assert desk.story.kind == "tombstone"
        desk.offer(raw(NEW))
        assert desk.reasons[-1] == "late"
        assert desk.story.killed

    def test_kill_without_version_or_time_is_above_all(self) -> None:
        kill = Item(uri="tag:1", pubstatus="canceled", ednote="Mandatory kill")
        desk = run([kill, *LIFE[:3]])
        assert desk.story is not None
        assert desk.story.killed
        assert desk.story.content.body == "Mandatory kill"

    def test_withheld_then_usable_is_a_release(self) -> None:
        desk = run([NEW, version(2, "Bridge closes", "", pubstatus="withheld"), version(3, "Bridge closes", "Open.")])
        assert desk.story is not None
        assert (desk.story.kind, desk.story.pubstatus) == ("release", "usable")

    def test_embargo_holds_for_later_versions_until_released(self) -> None:
        until = T0 + timedelta(days=1)
        held = run([version(1, "Secret", "Text", embargoed=until), version(2, "Secret", "Text, more")])
        assert held.story is not None
        assert held.story.content.embargoed == until
        held.offer(raw(version(3, "Secret", "Text, more, now", signals=(Signal.RELEASE,))))
        assert held.story.content.embargoed is None
        held.offer(raw(version(4, "Secret", "Text, more, now, and after")))
        assert held.story.content.embargoed is None, "what was released stays so"
        held.offer(raw(version(5, "Secret", "Text, and numbers", embargoed=until)))
        assert held.story.content.embargoed == until

    def test_unchanged_is_dropped(self) -> None:
        desk = run([NEW])
        assert desk.offer(raw(NEW, received=T0 + timedelta(hours=3))).story is None
        assert desk.reasons[-1] == "unchanged"
        later = desk.offer(raw(NEW, received=T0 + timedelta(hours=4)))
        assert not later.changed, "there is nothing to store"

    def test_new_time_alone_is_no_version(self) -> None:
        desk = Desk()
        desk.offer(raw(Item(uri="a", headline="Same", versioncreated=T0)))
        assert (
            desk.offer(raw(Item(uri="a", headline="Same", versioncreated=T0 + timedelta(hours=1)))).reason
            == "unchanged"
        )

    def test_resend_of_the_same_words(self) -> None:
        desk = run([NEW])
        resend = version(2, NEW.headline or "", NEW.body_text or "", signals=(Signal.RESEND,))
        verdict = desk.offer(raw(resend, received=T0 + timedelta(days=1)))
        assert verdict.reason == "resend"

    def test_same_id_in_two_feeds_is_one_story(self) -> None:
        desk = Desk()
        desk.offer(raw(NEW, connector="feed-a"))
        desk.offer(raw(UPDATE, connector="feed-b"))
        assert desk.story is not None
        assert desk.story.connectors == ("feed-a", "feed-b")

    def test_feed_without_dates_and_versions_goes_by_arrival(self) -> None:
        desk = Desk()
        for seconds, headline in enumerate(["A", "B", "B", "A"]):
            desk.offer(raw(Item(uri="a", headline=headline), received=T0 + timedelta(seconds=seconds)))
        assert desk.reasons == ["new", "version", "unchanged", "version"]
        assert desk.story is not None
        assert desk.story.content.headline == "A"

    @pytest.mark.parametrize("arrivals", list(itertools.permutations(range(4))))
    def test_an_edit_that_keeps_its_time_shows_the_newest_text(self, arrivals: tuple[int, ...]) -> None:
        """Most sites keep pubDate when they edit; the newest text is the one that was first received last."""
        texts = ["The dam is closed.", "The dam is shut.", "The dam is closed for a week.", "The dam is open."]
        desk = Desk()
        for at in arrivals:
            item = Item(uri="a", versioncreated=T0, headline="Dam", body_text=texts[at])
            desk.offer(raw(item, received=T0 + timedelta(minutes=at)))
        assert desk.story is not None
        assert desk.story.content.body == "The dam is open."
        assert desk.story.update_count == 3

    @pytest.mark.parametrize("arrivals", list(itertools.permutations(range(3))))
    def test_first_received_counts_whatever_arrives_again(self, arrivals: tuple[int, ...]) -> None:
        """A second feed that brings an old text later does not make it the newest."""
        sent = [
            ("feed-a", "The dam is closed.", 0),
            ("feed-a", "The dam is open.", 5),
            ("feed-b", "The dam is closed.", 9),
        ]
        desk = Desk()
        for at in arrivals:
            feed, text, minutes = sent[at]
            item = Item(uri="a", versioncreated=T0, headline="Dam", body_text=text)
            desk.offer(raw(item, connector=feed, received=T0 + timedelta(minutes=minutes)))
        assert desk.story is not None
        assert desk.story.content.body == "The dam is open."
        assert desk.story.connectors == ("feed-a", "feed-b")
        assert desk.story.first_seen == T0

    def test_an_edit_of_a_correction_that_keeps_its_time_is_shown(self) -> None:
        desk = Desk()
        correction = Item(uri="a", versioncreated=T0, headline="Dam", body_text="Old", signals=(Signal.CORRECTION,))
        desk.offer(raw(correction))
        desk.offer(
            raw(Item(uri="a", versioncreated=T0, headline="Dam", body_text="New"), received=T0 + timedelta(minutes=1))
        )
        assert desk.story is not None
        assert (desk.story.content.body, desk.story.correction) == ("New", True)

    @pytest.mark.parametrize("status", ["canceled", "withheld"])
    def test_of_versions_of_one_time_the_withdrawn_one_counts(self, status: str) -> None:
        desk = Desk()
        desk.offer(raw(Item(uri="a", versioncreated=T0, headline="Dam", pubstatus=status)))
        desk.offer(
            raw(Item(uri="a", versioncreated=T0, headline="Dam", body_text="New"), received=T0 + timedelta(minutes=1))
        )
        assert desk.story is not None
        assert desk.story.pubstatus == status

    def test_the_text_of_a_version_says_what_the_version_said(self) -> None:
        desk = run([NEW, CORRECTION])
        (text,) = [text for text in desk.texts.values() if text.version == "3"]
        said = text.model_dump(include={"pubstatus", "signals", "versioncreated", "headline", "body", "ednote"})
        assert said == {
            "pubstatus": "usable",
            "signals": (Signal.CORRECTION,),
            "versioncreated": T0 + timedelta(minutes=3),
            "headline": "Bridge closes for a week",
            "body": "The bridge is closed.\n\nIt opens on Tuesday.",
            "ednote": "Corrects day of opening",
        }
        (killed,) = run([KILL]).texts.values()
        assert (killed.version, killed.pubstatus) == ("4", "canceled")

    def test_a_second_feed_adds_its_name_its_tags_and_its_time(self) -> None:
        desk = Desk()
        desk.offer(raw(NEW, connector="feed-b", received=T0 + timedelta(hours=1)))
        desk.offer(raw(NEW, connector="feed-a").model_copy(update={"tags": ("sport",)}))
        assert desk.story is not None
        assert (desk.story.connectors, desk.story.tags) == (("feed-a", "feed-b"), ("sport",))
        assert desk.story.first_seen == T0

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_a_resend_that_came_before_the_original_says_when_the_story_was_first_seen(
        self, order: tuple[int, int]
    ) -> None:
        resend = version(2, NEW.headline or "", NEW.body_text or "", signals=(Signal.RESEND,))
        sent = [raw(resend), raw(NEW, received=T0 + timedelta(hours=1))]
        desk = Desk()
        for at in order:
            desk.offer(sent[at])
        assert desk.story is not None
        assert (desk.story.first_seen, desk.story.version) == (T0, NEW.version)

    def test_texts_that_an_older_release_kept_go_out_with_the_next_message(self) -> None:
        desk = run([NEW, UPDATE])
        assert desk.state is not None
        old = [known.model_copy(update={"stored": None}) for known in desk.state.versions]
        desk.state = desk.state.model_copy(update={"versions": tuple(old)})
        resend = version(3, UPDATE.headline or "", UPDATE.body_text or "", signals=(Signal.RESEND,))
        verdict = desk.offer(raw(resend, received=T0 + timedelta(days=1)))
        assert (verdict.reason, verdict.story) == ("resend", None)
        assert [text.body for text in verdict.texts] == [NEW.body_text, UPDATE.body_text]

    def test_redelivery_in_the_order_that_the_feed_has(self) -> None:
        desk = Desk()
        desk.offer(raw(NEW, order="version"))
        earlier = raw(version(2, "Bridge open", "It is open.", versioncreated=T0 - timedelta(hours=1)), order="version")
        first = desk.offer(earlier)
        assert desk.offer(earlier, offset=2).story == first.story

    def test_a_resend_is_dropped_in_the_order_that_the_feed_has(self) -> None:
        """Numbers are this feed's order, and its times contradict them."""
        earlier = {"versioncreated": T0 - timedelta(hours=1)}
        desk = Desk()
        desk.offer(raw(NEW, order="version"))
        desk.offer(raw(version(2, "Bridge open", "It is open.", **earlier), order="version"))
        again = version(3, "Bridge open", "It is open.", signals=(Signal.RESEND,))
        verdict = desk.offer(raw(again, order="version"))
        assert (verdict.reason, verdict.story) == ("resend", None)
        assert desk.story is not None
        assert desk.story.content.headline == "Bridge open"

    def test_redelivery_gets_the_same_verdict_and_is_passed_on_again(self) -> None:
        desk = run([NEW])
        first = desk.offer(raw(UPDATE))
        before = desk.end()
        again = desk.offer(raw(UPDATE), offset=2)
        assert again.reason == "again"
        assert not again.changed
        assert again.story == first.story, "the stages after it may not have it"
        assert again.texts == first.texts != ()
        assert desk.end() == before


@given(st.permutations(LIFE * 2), st.integers(0, 1_000))
@settings(max_examples=400, deadline=None)
def test_every_order_ends_the_same(items: list[Item], seed: int) -> None:
    assert run(items, seed).end() == run(LIFE).end()


@given(st.permutations(LIFE), st.integers(0, 4))
@settings(max_examples=100, deadline=None)
def test_index_version_only_grows(items: list[Item], repeat: int) -> None:
    desk, seen = Desk(), 0
    for item in [*items, *items[:repeat]]:
        verdict = desk.offer(raw(item))
        if verdict.story is not None:
            assert verdict.story.index_version > seen
            seen = verdict.story.index_version


def test_index_version_grows_where_the_version_of_the_latest_time_is_forgotten() -> None:
    """Numbers are the order where a version has no time; only the first and the two newest are remembered."""
    state, found = None, []
    for number, created in ((1, None), (2, T0 + timedelta(hours=9)), (3, None), (4, None), (5, None), (6, None)):
        item = version(number, f"Bridge, {number}", f"It is day {number}.", versioncreated=created)
        message = raw(item, received=T0 + timedelta(hours=number))
        at = MessageRef(topic="wire.raw", partition=0, offset=number)
        verdict = receive(state, message, read(message, 1000), at, "example-1", max_versions=3)
        assert verdict.story is not None
        state = verdict.state
        found.append(verdict.story.index_version)
    assert found == sorted(set(found))


def test_index_version_grows_with_a_thousand_changes_of_one_time() -> None:
    desk, seen = Desk(), 0
    for number in range(1_050):
        item = Item(uri="a", versioncreated=T0, headline="Dam", body_text=f"The level is {number}.")
        desk.offer(raw(item, received=T0 + timedelta(seconds=number)))
        assert desk.story is not None
        assert desk.story.index_version > seen
        assert desk.story.content.body == f"The level is {number}."
        seen = desk.story.index_version


@pytest.mark.parametrize("split", range(5))
def test_two_memories_of_one_item_merge(split: int) -> None:
    one, other, whole = run(LIFE[:split]).state, run(LIFE[split:]).state, run(LIFE).state
    assert whole is not None
    if one is None or other is None:
        return
    merged = ItemState.decode(merge_states(one.encode(), other.encode()))
    assert {known.content_hash for known in merged.versions} == {known.content_hash for known in whole.versions}
