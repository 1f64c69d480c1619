"""Pushed feeds have a usual rate: what any process receives reaches the one that runs the connector."""

from __future__ import annotations

import hmac
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from connectors.condition import condition
from connectors.config import ConnectorConfig
from connectors.memory import SEEN_ITEMS, seen_with_pushed
from connectors.pushes import PushReports
from connectors.runner import ConnectorRun
from connectors.service import ConnectorService
from connectors.state import ReadPushes, StoredStates, partition_of, read_pushes, read_states, read_stored
from connectors.transports.base import Payload
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.topics import topics_of
from pipeline.events import ConnectorPushes, ConnectorState, PushesRead, UsualRate
from pipeline.events.errors import UnreachableError
from pipeline.settings import Settings
from tests.connectors.running import feed, running, wait_for, write_connector

SECRET = "a-secret-of-some-length"
NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
PUSH = ConnectorPushes(connector="hook", more=1)
HOUR = timedelta(hours=1)
WEBHOOK = "provider: Wire\nparser: rss\ntransport: {type: webhook, secret: {env: PUSH_SECRET}}\n"
#: Four items an hour for weeks, and the last one six hours ago.
SILENT = UsualRate(hours=(4.0,) * 168, items=(16.0,) * 168, observed=NOW, last_item=NOW - 6 * HOUR)


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSH_SECRET", SECRET)


def webhook(name: str = "hook") -> ConnectorConfig:
    transport = {"type": "webhook", "secret": {"env": "PUSH_SECRET"}}
    return ConnectorConfig.model_validate({"name": name, "provider": "Wire", "parser": "rss", "transport": transport})


def read(pushes: ConnectorPushes, offset: int = 0) -> ReadPushes:
    return ReadPushes(pushes, partition_of("hook", 2), offset)


def received(broker: Any, *bodies: bytes) -> list[ConnectorPushes]:
    """What a process that received these bodies publishes for the one that runs the connector."""
    reports = PushReports(broker.settings, broker.publisher)
    run = ConnectorRun(webhook(), ConnectorState(connector="hook"), broker.settings, broker.publisher)
    for body in bodies:
        reading = run.publish_pushed(Payload(body, "push"), NOW, 5)
        reports.add("hook", reading.items)  # type: ignore[union-attr]
    before = len(broker.publisher.of("connectors"))
    reports.send()
    found = [read_pushes(message.key, message.value) for message in broker.publisher.of("connectors")[before:]]
    return [pushes for pushes in found if pushes]


def run_of(broker: Any, rate: UsualRate = SILENT, **fields: Any) -> ConnectorRun:
    state = ConnectorState(connector="hook", last_success=NOW, usual_rate=rate, **fields)
    return ConnectorRun(webhook(), state, broker.settings, broker.publisher)


def test_a_silent_webhook_is_quiet_until_something_is_pushed(fake_broker: Any) -> None:
    run = run_of(fake_broker)
    found = condition(run.config, run.state)
    assert (found.name, found.reason) == (
        "quiet", "Ready, but nothing new was pushed since 2026-03-16 06:00 UTC; usually 24 items would have come by now.",
    )  # fmt: skip
    for pushes in received(fake_broker, feed("1", "2")):
        run.note_pushes(read(pushes))
    now = NOW + timedelta(minutes=1)
    assert run.has_pushes(now)
    run.store_pushes(now)
    assert condition(run.config, run.state).name == "ok"
    assert (run.state.items_published, run.state.usual_rate.last_item) == (2, now)
    assert fake_broker.states()["hook"] == run.state
    assert REGISTRY.get_sample_value("wiredesk_connector_state", {"connector": "hook", "state": "quiet"}) == 0


def test_a_pushed_feed_is_learnt_and_goes_quiet(fake_broker: Any) -> None:
    """Four weeks of six items an hour, then nothing."""
    run = ConnectorRun(webhook(), ConnectorState(connector="hook"), fake_broker.settings, fake_broker.publisher)
    hours = 28 * 24
    run.poll_once(NOW - HOUR)
    for hour in range(hours):
        run.note_pushes(read(ConnectorPushes(connector="hook", more=6), hour))
        run.store_pushes(NOW + timedelta(hours=hour))
    assert condition(run.config, run.state).name == "ok"
    assert run.state.items_published == 6 * hours
    for hour in range(4, 8):  # nobody pushes; the connector's own polls look at the clock
        run.poll_once(NOW + timedelta(hours=hours) + timedelta(minutes=30 * hour))
    assert condition(run.config, run.state).name == "quiet"


def test_a_push_that_brings_nothing_new_does_not_break_the_silence(fake_broker: Any) -> None:
    run = run_of(fake_broker)
    again = received(fake_broker, feed("1", "2"))
    for minutes in (1, 600):
        for pushes in again:
            run.note_pushes(read(pushes, minutes))
        run.store_pushes(NOW + timedelta(minutes=minutes))
    assert run.state.items_published == 2
    assert run.state.usual_rate.last_item == NOW + timedelta(minutes=1)


def test_a_poll_does_not_publish_again_what_was_pushed(fake_broker: Any, web: Any) -> None:
    (pushes,) = received(fake_broker, feed("1", "2"))
    url = web.page("/feed", feed("1", "2", "3"))
    transport = {"type": "http", "url": url, "allow_private_addresses": True}
    config = ConnectorConfig.model_validate(
        {"name": "hook", "provider": "Wire", "parser": "rss", "transport": transport}
    )
    run = ConnectorRun(config, ConnectorState(connector="hook"), fake_broker.settings, fake_broker.publisher)
    run.note_pushes(read(pushes))
    run.poll_once(NOW)
    assert len(fake_broker.publisher.of("raw")) == 3
    assert run.state.items_published == 3


def test_what_one_process_receives_is_published_together(fake_broker: Any) -> None:
    (pushes,) = received(fake_broker, feed("1"), feed("2"), feed("1"))
    assert (len(pushes.marks), pushes.more) == (2, 0)
    (message,) = [one for one in fake_broker.publisher.of("connectors") if one.key == b"hook/pushes"]
    assert message.partition == partition_of("hook", 2)


def test_a_push_of_very_many_items_is_counted_and_its_report_stays_small(fake_broker: Any) -> None:
    (pushes,) = received(fake_broker, feed(*map(str, range(3000))))
    assert len(pushes.marks) + pushes.more == 3000
    assert len(pushes.encode()) < 50_000
    run = run_of(fake_broker)
    run.note_pushes(read(pushes))
    run.store_pushes(NOW + HOUR)
    assert run.state.items_published == 3000


def test_what_kafka_does_not_take_is_told_the_next_time(fake_broker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reports = PushReports(fake_broker.settings, fake_broker.publisher)
    run = run_of(fake_broker)
    reading = run.publish_pushed(Payload(feed("1"), "push"), NOW, 5)
    reports.add("hook", reading.items)  # type: ignore[union-attr]

    def away(*_: Any) -> None:
        raise UnreachableError("Kafka does not answer.")

    with monkeypatch.context() as outage:
        outage.setattr(fake_broker.publisher, "publish", away)
        reports.send()
    assert not fake_broker.publisher.of("connectors")
    reports.send()
    assert len(fake_broker.publisher.of("connectors")) == 1


def test_marks_of_a_large_feed_are_not_forgotten_for_a_push() -> None:
    seen = tuple(f"{number:016}{'a' * 16}" for number in range(5000))
    pushed = (f"{0:016}{'b' * 16}", f"{9999:016}{'b' * 16}")
    kept = seen_with_pushed(seen, pushed)
    assert len(kept) == 5000
    assert kept[-2:] == pushed
    assert seen[0] not in kept
    assert len(seen_with_pushed(("x" * 32,), pushed)) == 3
    assert SEEN_ITEMS < 5000


def push(one: ConnectorService, body: bytes) -> int:
    signature = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
    url = f"http://127.0.0.1:{one.receiver.port}/push/hook"
    return httpx.post(url, content=body, headers={"X-Hub-Signature-256": f"sha256={signature}"}).status_code


@pytest.mark.stack
def test_whichever_process_receives_the_one_that_runs_it_counts(broker: Any) -> None:
    write_connector(broker, "hook", WEBHOOK)
    with ExitStack() as processes:
        both = [processes.enter_context(running(broker)) for _ in range(2)]
        wait_for(lambda: all(one.receiver.running for one in both))
        wait_for(lambda: "hook" in broker.states())
        assert [push(one, feed(str(number))) for number, one in enumerate(both)] == [200, 200]
        wait_for(lambda: broker.states()["hook"].items_published >= 1)
    # What was not counted when the processes ended is counted by the next one, and nothing twice.
    with running(broker):
        wait_for(lambda: broker.states()["hook"].items_published == 2)
    assert broker.states()["hook"].usual_rate.last_item is not None


def stored(*values: ConnectorState | ConnectorPushes | None) -> StoredStates:
    """What is read of a partition with these records."""
    found = StoredStates()
    for offset, value in enumerate(values):
        key = b"hook/pushes" if isinstance(value, ConnectorPushes) else b"hook"
        found.add(SimpleNamespace(key=key, value=value and value.encode(), partition=1, offset=offset))
    return found


def state(end: int | None = None, partition: int = 1) -> ConnectorState:
    return ConnectorState(connector="hook", pushes_read=end and PushesRead(partition=partition, end=end))


@pytest.mark.parametrize(
    ("values", "offsets"),
    [
        ((PUSH, state(1), PUSH, PUSH), [2, 3]),
        # The process that stored the state had read neither, or only the first.
        ((PUSH, PUSH, state()), [0, 1]),
        ((PUSH, PUSH, state(1)), [1]),
        ((PUSH, PUSH, state(1), PUSH, state(2)), [3]),
        # Partitions were added and the state was copied here.
        ((PUSH, state(700, partition=0), PUSH), [2]),
        ((PUSH, None, PUSH), [2]),
        ((PUSH, state(1), None), []),
    ],
)  # fmt: skip
def test_what_was_pushed_and_is_not_in_the_state_is_found(values: Any, offsets: list[int]) -> None:
    assert [read.offset for read in stored(*values).pushes.get("hook", [])] == offsets


def test_a_state_says_what_it_has_counted(fake_broker: Any) -> None:
    run = run_of(fake_broker)
    run.note_pushes(read(PUSH, 41))
    run.store_pushes(NOW)
    assert run.state.pushes_read == PushesRead(partition=partition_of("hook", 2), end=42)
    run.poll_once(NOW + HOUR)
    assert fake_broker.states()["hook"].pushes_read == run.state.pushes_read


@pytest.mark.stack
def test_a_reader_finds_what_was_pushed(broker: Any) -> None:
    settings: Settings = broker.settings
    topic = topics_of(settings).connectors.name
    reports = PushReports(settings, broker.publisher)
    run = run_of(broker)
    for number in range(2):
        reports.add("hook", run.publish_pushed(Payload(feed(str(number)), "push"), NOW, 20).items)  # type: ignore[union-attr]
        reports.send()
    (first, _) = read_stored(settings.kafka, topic, None).pushes["hook"]
    run.note_pushes(first)
    run.store_pushes(NOW)
    strays = partition_of("hook", 2) == 0  # as after partitions were added: not those of the connector
    stray = ConnectorPushes(connector="hook", more=9).encode()
    broker.publisher.publish([OutgoingMessage(topic, b"hook/pushes", stray, int(strays))], lambda one, _: one)
    found = read_stored(settings.kafka, topic, None)
    assert found.states["hook"].items_published == 1
    assert [len(one.pushes.marks) for one in found.pushes["hook"]] == [1]
    assert set(read_states(settings.kafka, topic, None)) == {"hook"}
