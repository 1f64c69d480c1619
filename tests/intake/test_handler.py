"""Intake's work through the guard: one bad item never makes intake forget what came with it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.broker.delivery import Guard
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.topics import topics_of
from pipeline.events import Content, ItemState, MessageRef, RawItem, StoryVersion
from pipeline.events.errors import RejectError
from pipeline.events.item import Item
from pipeline.intake.content_pool import ContentInProcess
from pipeline.intake.handler import IntakeHandler
from pipeline.settings import Settings
from tests.intake.states import States

T0 = datetime(2026, 5, 4, 12, tzinfo=UTC)
SETTINGS = Settings()
TOPICS = topics_of(SETTINGS)


class Reader(ContentInProcess):
    """Fails in an unforeseen way where one of the items is the bad one."""

    async def read(self, values: Sequence[bytes | None], max_chars: int) -> list[Content | RejectError]:
        if any(b"poison" in (value or b"") for value in values):
            raise TypeError("unforeseen")
        return await super().read(values, max_chars)


class Desk:
    def __init__(self) -> None:
        self.states, self.sent = States(), list[OutgoingMessage]()
        self.handler = IntakeHandler(self.states, TOPICS, SETTINGS.intake, Reader())  # type: ignore[arg-type]
        self.guard = Guard("intake", self.handler, self._publish, TOPICS.dead.name, SETTINGS.worker)

    async def _publish(self, message: OutgoingMessage) -> Awaitable[int]:
        async def answer() -> int:
            self.sent.append(message)
            return len(self.sent) - 1

        return answer()

    def deliver(self, *items: Item, first: int = 0) -> None:
        batch = []
        for offset, item in enumerate(items, first):
            raw = RawItem(
                connector="feed", provider="Orbis", item_id=item.uri or "", item=item, parser="test",
                received=T0 + timedelta(seconds=offset),
            )  # fmt: skip
            at = MessageRef(topic=TOPICS.raw.name, partition=0, offset=offset)
            batch.append(Delivery(at, raw.key, raw.encode()))
        asyncio.run(self.guard.deliver(batch))

    def stories(self) -> list[StoryVersion]:
        return [StoryVersion.decode(one.value) for one in self.sent if one.topic == TOPICS.stories.name]


NEW = Item(uri="bridge", version="1", versioncreated=T0, headline="Bridge", body_text="It is open.")
KILL = Item(uri="bridge", version="2", versioncreated=T0 + timedelta(minutes=1), pubstatus="canceled")
LATER = Item(uri="bridge", version="3", versioncreated=T0 + timedelta(minutes=2), headline="Bridge", ednote="x")
POISON = Item(uri="poison", headline="Poison")
OTHER = Item(uri="other", headline="Other", body_text="Something else.")


def end(desk: Desk) -> dict[str, Any]:
    (state,) = [ItemState.decode(value) for value in desk.states.known.values() if b'"bridge"' in value]
    story = max((one for one in desk.stories() if one.item_id == "bridge"), key=lambda one: one.index_version)
    return {"versions": {known.version for known in state.versions}, "killed": story.killed, "entries": story.versions}


@pytest.mark.parametrize("items", list(itertools.permutations([NEW, KILL, OTHER, POISON])))
def test_an_item_that_breaks_a_batch_takes_no_version_along(items: tuple[Item, ...]) -> None:
    desk, sound = Desk(), Desk()
    desk.deliver(*items)
    sound.deliver(*[item for item in items if item is not POISON])
    assert end(desk) == end(sound)
    assert end(desk)["versions"] == {"1", "2"}
    assert end(desk)["killed"]
    assert [one.topic for one in desk.sent].count(TOPICS.dead.name) == 1
