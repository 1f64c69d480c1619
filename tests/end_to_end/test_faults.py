"""Servers that go away: nothing lost, nothing doubled, one clear line about what is waited for."""

from __future__ import annotations

import json
import random
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.events import RawItem
from pipeline.events.item import Item

pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PLACES = ("Paris", "Berlin", "Nairobi", "Lima", "Oslo", "Hanoi", "Quito", "Accra")


def item(number: int, version: int = 1) -> RawItem:
    """An invented story; every third is quoted, and a second version says something else."""
    words = random.Random(number).sample([f"word{n}" for n in range(500)], 60)
    place = PLACES[number % len(PLACES)]
    body = f"The council of {place} met on Monday. {' '.join(words)}.\n\n"
    if number % 3 == 0:
        body += f'"We counted {number} boats and then {version} more," said Ada Nkemelu.'
    return RawItem(
        connector="test",
        provider="Orbis",
        item_id=f"item-{number}",
        received=NOON,
        parser="text",
        language="en",
        item=Item(
            uri=f"item-{number}",
            version=str(version),
            versioncreated=NOON + timedelta(minutes=version),
            headline=f"Council of {place} meets, {number}, version {version}",
            body_text=body,
            language="en",
        ),
    )


def check(installation: Any, count: int, version: int = 1) -> None:
    """Every story is there once, in its newest version, with its quotations and its history."""
    documents = installation.documents()
    assert sorted(one["item_id"] for one in documents.values()) == sorted(f"item-{n}" for n in range(count))
    assert {one["headline"].rpartition(" ")[2] for one in documents.values()} == {str(version)}
    said = installation.documents("quotes")
    assert len(said) == len(range(0, count, 3))
    assert all(f"then {version} more" in one["text"] for one in said.values())
    assert len(installation.documents("stories-history")) == count * version
    assert installation.dead() == []


def outage(installation: Any, system: str) -> list[dict[str, Any]]:
    """The lines that told of an outage. Every line of the log is JSON, and there is at most one a minute."""
    lines = [json.loads(line) for line in installation.log().splitlines()]
    away = [line for line in lines if line["event"] == f"{system}_unreachable"]
    back = [line for line in lines if line["event"] == f"{system}_reachable"]
    assert back, installation.log()
    assert 1 <= len(away) <= len(back) + sum(line["after_seconds"] // 60 for line in back), installation.log()
    return away


def test_elasticsearch_goes_away_and_comes_back(installation: Any, local_stack: Any) -> None:
    process = installation.worker()
    installation.publish(*[item(number) for number in range(10)])
    installation.wait_for_documents(10)
    local_stack.kill("elasticsearch")
    try:
        installation.publish(*[item(number) for number in range(10, 30)])
        time.sleep(4)
    finally:
        local_stack.start_server("elasticsearch")
    installation.wait_for_documents(30)
    installation.wait_caught_up()
    check(installation, 30)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert "Elasticsearch does not answer" in outage(installation, "elasticsearch")[0]["reason"]


def test_kafka_goes_away_and_comes_back(installation: Any, local_stack: Any) -> None:
    process = installation.worker()
    installation.publish(*[item(number) for number in range(10)])
    installation.wait_for_documents(10)
    local_stack.kill("kafka")
    time.sleep(4)
    local_stack.start_server("kafka")
    installation.publish(*[item(number) for number in range(10, 30)])
    installation.wait_for_documents(30, 90)
    installation.wait_caught_up(90)
    check(installation, 30)
    assert process.poll() is None, installation.log()
    outage(installation, "kafka")
    assert len(installation.log().splitlines()) < 25, installation.log()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def test_both_servers_are_waited_for_at_the_start(installation: Any, local_stack: Any) -> None:
    installation.publish(*[item(number) for number in range(10)])
    local_stack.kill("kafka")
    local_stack.kill("elasticsearch")
    try:
        installation.worker()
        installation.wait(lambda: "kafka_unreachable" in installation.log(), "the first wait", 30)
        time.sleep(3)
        assert installation.log().count('"kafka_unreachable"') == 1
    finally:
        local_stack.start_server("kafka")
        installation.wait(lambda: "elasticsearch_unreachable" in installation.log(), "the second wait", 30)
        local_stack.start_server("elasticsearch")
    installation.wait_for_documents(10, 90)
    installation.wait_caught_up()
    check(installation, 10)
