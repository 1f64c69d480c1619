"""A process of connectors that stays outside its group is restarted; one that could not join yet is not."""

from __future__ import annotations

import time

import pytest

from connectors import service as module
from connectors.service import ConnectorService
from pipeline.settings import Settings


def test_only_the_time_in_which_kafka_could_be_reached_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    reachable = True
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(module, "answers", lambda _: reachable)
    service = ConnectorService(Settings())
    assert service.obstacles() == ["connectors: not in its consumer group"]
    assert not service.problems()
    now += 200
    assert service.problems() == ["connectors: outside its consumer group for 200 s"]
    reachable = False
    assert not service.problems()
    now += 3600
    assert not service.problems()
    assert service.obstacles() == ["connectors: not in its consumer group"]
    reachable = True
    now += 170
    assert not service.problems(), "as long as a rebalance takes"
    now += 20
    assert service.problems() == ["connectors: outside its consumer group for 190 s"]
