"""One word says how a connector is, and a sentence why; the metrics say the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from connectors import poll_metrics
from connectors.condition import Condition, condition
from connectors.config import ConnectorConfig
from pipeline.events import ConnectorState, UsualRate

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
BUSY = {"hours": (4.0,) * 168, "items": (16.0,) * 168}


def config(**options: Any) -> ConnectorConfig:
    fields = {"transport": {"type": "http", "url": "https://feed.example/rss"}, "parser": "rss", "provider": "Wire"}
    return ConnectorConfig.model_validate({"name": "wire", **fields, **options})


def state(**fields: Any) -> ConnectorState:
    return ConnectorState(connector="wire", **{"last_success": NOW, **fields})


QUIET = UsualRate(**BUSY, observed=NOW, last_item=NOW - timedelta(hours=6))


@pytest.mark.parametrize(
    ("name", "known", "options"),
    [
        ("new", None, {}),
        ("ok", state(), {}),
        ("ok", state(usual_rate=UsualRate(**BUSY, observed=NOW, last_item=NOW - timedelta(hours=1))), {}),
        ("quiet", state(usual_rate=QUIET), {}),
        ("failing", state(last_error="HTTP 503", failures=2, failing_since=NOW, usual_rate=QUIET), {}),
        ("gone", state(gone=True), {}),
        ("disabled", state(last_error="HTTP 503"), {"enabled": False}),
    ],
)
def test_conditions(name: str, known: ConnectorState | None, options: dict[str, Any]) -> None:
    assert condition(config(**options), known).name == name
    assert condition(config(**options), known).needs_person == (name in {"failing", "quiet", "gone"})


def test_the_reason_says_since_when_and_what_was_to_be_expected() -> None:
    assert condition(config(), state(usual_rate=QUIET)) == Condition(
        "quiet",
        NOW - timedelta(hours=6),
        "Answers, but nothing new since 2026-03-16 06:00 UTC; usually 24 items would have come by now.",
    )


def test_a_feed_that_is_pushed_is_not_said_to_answer() -> None:
    pushed = config(transport={"type": "webhook", "secret": {"env": "PUSH_SECRET"}})
    assert condition(pushed, state(usual_rate=QUIET)).reason.startswith(
        "Ready, but nothing new was pushed since 2026-03-16"
    )


def sample(metric: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(metric, {"connector": "wire", **labels})


def test_metrics_follow_and_end_with_the_connector() -> None:
    poll_metrics.report_state(config(), state(usual_rate=QUIET, failures=1.5))
    assert sample("wiredesk_connector_state", state="quiet") == 1
    assert sample("wiredesk_connector_state", state="ok") == 0
    assert sample("wiredesk_connector_failures") == 1.5
    assert sample("wiredesk_connector_expected_items") == 24
    assert sample("wiredesk_connector_last_success_timestamp_seconds") == NOW.timestamp()
    poll_metrics.forget("wire")
    assert sample("wiredesk_connector_state", state="quiet") is None
    assert sample("wiredesk_connector_last_success_timestamp_seconds") is None
