"""What was pushed is told to the process that runs the connector, and makes its silence known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.condition import condition
from connectors.config import ConnectorConfig
from connectors.push_tally import PushTally, pushed_items
from connectors.runner import ConnectorRun
from connectors.state import partition_of, with_pushes
from pipeline.events import ConnectorState, UsualRate
from pipeline.testing.publisher import FakePublisher

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)


def tally() -> PushTally:
    return PushTally("wire.connectors", 8)


def told(publisher: FakePublisher) -> list[tuple[str, int] | None]:
    return [pushed_items(message.key, message.value) for message in publisher.messages]


def test_pushes_are_told_together_in_the_partition_of_their_connector() -> None:
    counted, publisher = tally(), FakePublisher()
    for name, items in (("one", 2), ("other", 1), ("one", 3), ("empty", 0)):
        counted.add(name, items, NOW)
    counted.publish(publisher)
    assert told(publisher) == [("one", 5), ("other", 1)]
    assert [message.partition for message in publisher.messages] == [partition_of("one", 8), partition_of("other", 8)]


def test_what_kafka_does_not_take_is_told_later(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, publisher = tally(), FakePublisher()
    monkeypatch.setattr("connectors.push_tally._EVERY_SECONDS", 0.0)

    counted.add("one", 2, NOW)
    publisher.reachable = False
    counted.publish(publisher)
    publisher.reachable = True
    counted.add("one", 1, NOW)
    counted.publish(publisher)
    assert told(publisher) == [("one", 3)]


@pytest.mark.parametrize(
    ("key", "value"), [(b"one", b"{}"), (None, b"{}"), (b"one\x1fpushed", None), (b"one\x1fpushed", b"{")]
)
def test_other_messages_tell_no_pushes(key: bytes | None, value: bytes | None) -> None:
    assert pushed_items(key, value) is None


def test_after_a_restart_the_last_push_is_known() -> None:
    state = ConnectorState(connector="one", usual_rate=UsualRate(last_item=NOW - timedelta(days=1)))
    push = ConnectorState(connector="one", items_published=2, usual_rate=UsualRate(last_item=NOW))
    found = with_pushes({"one": state, "one\x1fpushed": push, "gone\x1fpushed": push})
    assert list(found) == ["one"]
    assert found["one"].usual_rate.last_item == NOW


def test_a_pushed_feed_goes_quiet(fake_broker: Any) -> None:
    """Four weeks of six items an hour, then nothing."""
    transport = {"type": "webhook", "secret": {"env": "PUSH_SECRET"}}
    config = ConnectorConfig.model_validate({"name": "hook", "provider": "P", "parser": "text", "transport": transport})
    run = ConnectorRun(config, ConnectorState(connector="hook"), fake_broker.settings, fake_broker.publisher)
    hours = 28 * 24
    for hour in range(hours):
        run.pushed(6)
        run.poll_once(NOW + timedelta(hours=hour))
    assert condition(config, run.state).name == "ok"
    assert run.state.items_published == 6 * hours
    run.poll_once(NOW + timedelta(hours=hours + 4))
    for hour in range(5, 9):
        run.poll_once(NOW + timedelta(hours=hours + hour))
    found = condition(config, run.state)
    assert found.name == "quiet"
    assert "nothing was pushed since" in found.reason
