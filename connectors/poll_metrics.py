"""What the metrics say of a connector after each poll."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from connectors.condition import CONDITIONS, condition
from connectors.config import ConnectorConfig
from connectors.outcome import PollOutcome
from connectors.usual_rate import items_of_day, missed_items
from pipeline.broker.monitoring import metrics
from pipeline.events import ConnectorState

log = structlog.get_logger("wiredesk.connectors")

_BY_CONNECTOR = (
    metrics.LAST_SUCCESS, metrics.LAST_NEW_ITEM, metrics.EXPECTED_ITEMS, metrics.DAY_ITEMS, metrics.USUAL_DAY_ITEMS,
    metrics.FAILURES,
)  # fmt: skip


def count_poll(name: str, outcome: PollOutcome, rejected: int) -> None:
    """Count a poll and its items: all that it brought are published, seen before, or rejected."""
    result = "failed" if outcome.error else "unchanged" if outcome.poll.unchanged else "ok"
    metrics.POLLS.labels(name, result).inc()
    metrics.ITEMS.labels(name, "published").inc(outcome.new)
    metrics.ITEMS.labels(name, "seen").inc(max(0, outcome.items - outcome.new))
    metrics.ITEMS.labels(name, "rejected").inc(rejected)
    count_rules(name, outcome.rules)


def count_push(name: str, items: int, rejected: int) -> None:
    """Count what was pushed, in the process that received it; whether it is new is decided elsewhere."""
    metrics.ITEMS.labels(name, "published").inc(items)
    metrics.ITEMS.labels(name, "rejected").inc(rejected)


def count_rules(name: str, rules: Mapping[str, int]) -> None:
    """Count and log the new items that each rule of a connector dropped or changed."""
    for rule, items in rules.items():
        metrics.RULE_ITEMS.labels(name, rule).inc(items)
    if rules:
        log.info("rules_applied", connector=name, items=dict(rules))


def report_state(config: ConnectorConfig, state: ConnectorState) -> None:
    """Set what is known of a connector: times, failures, condition."""
    name, rate = config.name, state.usual_rate
    if state.last_success:
        metrics.LAST_SUCCESS.labels(name).set(state.last_success.timestamp())
    if rate.last_item:
        metrics.LAST_NEW_ITEM.labels(name).set(rate.last_item.timestamp())
    metrics.EXPECTED_ITEMS.labels(name).set(missed_items(rate) or 0.0)
    if rate.observed:
        items, usual = items_of_day(rate, rate.observed)
        metrics.DAY_ITEMS.labels(name).set(items)
        if usual is not None:
            metrics.USUAL_DAY_ITEMS.labels(name).set(usual)
    metrics.FAILURES.labels(name).set(state.failures)
    current = condition(config, state).name
    for other in CONDITIONS:
        metrics.CONNECTOR_STATE.labels(name, other).set(other == current)


def forget(name: str) -> None:
    """Say no more of a connector that another process runs now, or nobody."""
    for metric in _BY_CONNECTOR:
        metric.remove_by_labels({"connector": name})
    metrics.CONNECTOR_STATE.remove_by_labels({"connector": name})
