"""Restored state with a record that nobody can read: it costs that record, not its partition."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from kafka import KafkaProducer

from pipeline.broker.topics import topics_of
from pipeline.events import RawItem
from pipeline.events.item import Item

pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def item(number: int) -> RawItem:
    return RawItem(connector="test", provider="Orbis", item_id=f"item-{number}", received=NOON, parser="text",
                   item=Item(uri=f"item-{number}", headline=f"Story {number}", body_text=f"Text {number}."))  # fmt: skip


def test_an_unreadable_record_of_intakes_memory_costs_itself(installation: Any) -> None:
    topics = topics_of(installation.settings)
    producer = KafkaProducer(bootstrap_servers=installation.settings.kafka.bootstrap_servers, acks="all")
    for partition in range(installation.settings.kafka.partitions):
        producer.send(topics.items.name, b"\xff not a state", item(0).key, partition=partition).get(20)
    producer.close()
    process = installation.worker("intake")
    installation.publish(*[item(number) for number in range(40)])
    installation.wait(lambda: len(installation.messages(topics.stories.name)) == 40, "all items passed", 60)
    dead = installation.dead()
    assert {entry["origin"]["topic"] for entry in dead} == {topics.items.name}
    assert len(dead) == installation.settings.kafka.partitions
    process.terminate()
    assert process.wait(30) == 0
    # A second worker reads what the first one stored locally, and finds nothing to put aside again.
    installation.worker("intake")
    installation.publish(item(99))
    installation.wait(lambda: len(installation.messages(topics.stories.name)) == 41, "one more passed", 60)
    time.sleep(0.5)
    assert len(installation.dead()) == len(dead)
