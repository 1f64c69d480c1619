"""What intake sends for each item of a batch, where it looks for what it remembers, and when a text is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import structlog

from pipeline.broker.delivery import Done, Outcome
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.topics import topics_of
from pipeline.events import ItemState, KnownVersion, RawItem, StoryVersion, VersionText
from pipeline.events.errors import RejectError
from pipeline.events.item import Item, Signal
from pipeline.intake.content_pool import Cleaned, ContentInProcess
from pipeline.intake.handler import IntakeHandler
from pipeline.intake.identity import story_id, version_id
from pipeline.settings import Settings
from tests.intake.known import T0, at, known, message
from tests.intake.states import States

SETTINGS = Settings()
TOPICS = topics_of(SETTINGS)
STORY = story_id("Orbis", "a1")


class Stores:
    """The local stores of intake, one for each partition."""

    def __init__(self) -> None:
        self.of: dict[int, States] = {}

    async def store(self, partition: int) -> States:
        return self.of.setdefault(partition, States())

    def written(self, partition: int, entries: list[tuple[bytes, bytes]], offsets: list[int]) -> None:
        self.of.setdefault(partition, States()).written(partition, entries, offsets)


class Intake:
    """Intake's handler and what it remembers."""

    def __init__(self, **given: Any) -> None:
        self.stores = Stores()
        self.handler = IntakeHandler(self.stores, TOPICS, SETTINGS.intake, **given)  # type: ignore[arg-type]

    def work(self, *batch: Delivery) -> Sequence[Outcome]:
        return asyncio.run(self.handler.work(batch))

    def remember(self, partition: int, *versions: KnownVersion) -> None:
        state = ItemState(provider="Orbis", item_id="a1", story_id=STORY, versions=versions)
        self.stores.of[partition] = States()
        self.stores.of[partition].known[item("a1").key] = state.encode()


def item(name: str, minute: int = 1, body: str = "It is open.", **more: Any) -> RawItem:
    made = Item(uri=name, versioncreated=at(minute), headline="Bridge", body_text=body, **more)
    return RawItem(connector="feed", provider="Orbis", item_id=name, item=made, parser="test", received=T0)


def delivery(raw: RawItem, offset: int = 1, partition: int = 0) -> Delivery:
    return Delivery(message(offset, partition), raw.key, raw.encode())


def done(outcome: Outcome) -> Done:
    assert isinstance(outcome, Done)
    return outcome


def sent(outcome: Outcome, topic: str) -> list[OutgoingMessage]:
    return [one for one in done(outcome).sends if one.topic == topic]


def story_sent(outcome: Outcome) -> StoryVersion:
    (one,) = sent(outcome, TOPICS.stories.name)
    assert one.value is not None
    return StoryVersion.decode(one.value)


def state_sent(outcome: Outcome) -> ItemState:
    (one,) = sent(outcome, TOPICS.items.name)
    assert one.value is not None
    return ItemState.decode(one.value)


def test_the_text_then_the_story_then_what_is_remembered() -> None:
    """Only the last says that the item is known; whoever dies before it does all of it again."""
    raw = item("a1")
    (outcome,) = Intake().work(delivery(raw, 7, 3))
    text, story, state = done(outcome).sends
    assert done(outcome).reason == "new"
    assert text.value is not None
    assert VersionText.decode(text.value).body == "It is open."
    assert story_sent(outcome).story_id == STORY
    (known_now,) = state_sent(outcome).versions
    assert (text.topic, text.key, text.partition) == (
        TOPICS.versions.name, f"{STORY}:{version_id(known_now)}".encode(), None,
    )  # fmt: skip
    assert (story.topic, story.key, story.partition) == (TOPICS.stories.name, b"stories", 0)
    assert (state.topic, state.key, state.partition) == (TOPICS.items.name, raw.key, 3)


def test_what_is_remembered_is_in_the_store_of_the_items_partition() -> None:
    intake = Intake()
    intake.remember(3, known("first", 0))
    intake.remember(0, known("wrong", 0), known("wrong too", 0.5))
    (outcome,) = intake.work(delivery(item("a1"), 7, 3))
    assert done(outcome).reason == "version"
    assert [one.content.body for one in state_sent(outcome).versions] == ["first", "It is open."]


def test_a_later_item_of_a_batch_sees_an_earlier_one() -> None:
    _, outcome = Intake().work(delivery(item("a1"), 1), delivery(item("a1", 2, "It is shut."), 2))
    assert len(state_sent(outcome).versions) == 2


def test_an_item_that_is_rejected_is_the_outcome_in_its_place() -> None:
    one, bad, two = Intake().work(delivery(item("a1")), Delivery(message(2), b"x", b"{}"), delivery(item("a2"), 3))
    assert isinstance(bad, RejectError)
    assert [story_sent(outcome).item_id for outcome in (one, two)] == ["a1", "a2"]


def test_a_reader_that_loses_an_item_stops_the_batch() -> None:
    class Forgetful(ContentInProcess):
        async def read(self, values: Sequence[bytes | None], max_text_chars: int) -> list[Cleaned]:
            return (await super().read(values, max_text_chars))[:-1]

    with pytest.raises(ValueError, match="shorter"):
        Intake(reader=Forgetful()).work(delivery(item("a1"), 1), delivery(item("a2"), 2))


def test_offsets_that_are_missing_stop_the_batch() -> None:
    intake = Intake()
    sends = done(intake.work(delivery(item("a1")))[0]).sends
    with pytest.raises(ValueError, match="shorter"):
        asyncio.run(intake.handler.published(sends, [1, 2]))
    assert not intake.stores.of[0].known


def test_each_story_has_its_own_vector() -> None:
    class Bodies:
        async def read(self, texts: Sequence[str]) -> list[str | None]:
            return [text.split("\n")[-1] for text in texts]

    bad = Delivery(message(2), b"x", b"{}")
    one, _, two = Intake(meanings=Bodies()).work(
        delivery(item("a1", body="One.")), bad, delivery(item("a2", body="Two."), 3)
    )
    assert [story_sent(outcome).meaning for outcome in (one, two)] == ["One.", "Two."]


class TestTextsThatAreDropped:
    """A text leaves the state when the message that brought it to ``wire.versions`` is acknowledged."""

    #: Bytes of the largest message: two texts of this length are too much.
    SMALL, BODY = 60_000, "w" * 1_500

    def dropped(self, *before: Delivery, offset: int = 9, max_bytes: int = SMALL) -> bool:
        """Whether the text of an old version is dropped, which went to ``wire.versions`` with message 5 of partition 3."""
        intake = Intake(max_bytes=max_bytes)
        intake.remember(
            3, known("old", 0, content={"body": self.BODY}, stored=message(5, 3), first_message=message(1, 3))
        )
        *_, outcome = intake.work(*before, delivery(item("a1", body=self.BODY), offset, 3))
        return state_sent(outcome).versions[0].trimmed

    def test_the_batch_begins_after_its_message(self) -> None:
        assert self.dropped()
        assert self.dropped(delivery(item("a2"), 6, 3))

    def test_its_message_is_in_the_same_batch(self) -> None:
        assert not self.dropped(delivery(item("a2"), 5, 3), delivery(item("a3"), 6, 3))
        assert not self.dropped(offset=5)

    def test_each_partition_has_its_own_beginning(self) -> None:
        assert self.dropped(delivery(item("a2"), 1, 0), delivery(item("a3"), 6, 3))
        assert not self.dropped(delivery(item("a2"), 99, 0), delivery(item("a3"), 5, 3))

    def test_a_large_message_has_place_for_it(self) -> None:
        assert not self.dropped(max_bytes=8_000_000)


def test_parts_that_are_not_joined_are_told_once() -> None:
    """Not again when the message is delivered again, and not where nothing changed."""
    intake, part = Intake(), {"signals": (Signal.TAKE,), "replaces": (9, 1)}
    batch = [delivery(item("a1", 0), 1), delivery(item("a1", 1, "Nine.", **part), 2)]
    again = [batch[1], delivery(item("a1", 1, "Nine.", **part), 3)]
    with structlog.testing.capture_logs() as logged:
        outcomes = intake.work(*batch, *again)
    assert [done(outcome).reason for outcome in outcomes] == ["new", "version", "again", "unchanged"]
    assert [(line["event"], line["story_id"]) for line in logged] == [("parts_not_joined", STORY)]


def test_what_is_durable_is_copied_to_the_store_of_its_partition() -> None:
    """With the offset of each record, from which the store goes on after a restart."""
    calls: list[tuple[int, list[bytes], list[int]]] = []

    class Recording(Stores):
        def written(self, partition: int, entries: list[tuple[bytes, bytes]], offsets: list[int]) -> None:
            calls.append((partition, [key for key, _ in entries], offsets))

    intake = Intake()
    outcomes = intake.work(*(delivery(item(f"a{n}"), n, partition) for n, partition in ((1, 3), (2, 0), (3, 3))))
    intake.handler._states = Recording()  # type: ignore[assignment]
    sends = [send for outcome in outcomes for send in done(outcome).sends]
    asyncio.run(intake.handler.published(sends, range(len(sends))))
    assert calls == [(3, [item("a1").key, item("a3").key], [2, 8]), (0, [item("a2").key], [5])]
