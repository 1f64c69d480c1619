"""The source of an installation's alerts: one connection for as long as Kafka answers, a new one after it did not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.events.errors import UnreachableError
from pipeline.runtime import problem_reader
from pipeline.runtime.condition import FeedStatus, Status
from pipeline.runtime.problem_reader import ProblemReader
from pipeline.settings import AlertsSettings, ConnectorsSettings, KafkaSettings, MonitoringSettings, Settings
from tests.runtime.test_condition import STAGES
from tests.runtime.test_condition import WELL as THEN

CLIENT: Any = object()
#: Nothing is wrong, now.
WELL = replace(THEN, stages=(replace(STAGES[0], lag=0, waiting_since=None), *STAGES[1:]), feeds=(), alerts=())


class Kafka:
    """A Kafka that can be away, and what was opened to it."""

    def __init__(self) -> None:
        self.away = False
        self.status = WELL
        self.opened = self.closed = 0

    def open(self, _: Settings) -> Kafka:
        self._require()
        self.opened += 1
        return self

    def read(self, client: object) -> Status:
        assert client is CLIENT
        self._require()
        return self.status

    def close(self) -> None:
        self.closed += 1

    def _require(self) -> None:
        if self.away:
            raise UnreachableError("Kafka does not answer at 127.0.0.1:9.")


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kafka]:
    one = Kafka()
    monkeypatch.setattr(problem_reader, "StatusReader", one.open)
    monkeypatch.setattr(problem_reader, "with_feeds_and_alerts", lambda status, *_: status)
    yield one
    assert one.opened == one.closed, "every connection is closed in the end"


def found(reader: ProblemReader) -> list[str]:
    return [problem.id for problem in reader()]


def test_one_connection_serves_as_long_as_kafka_answers(kafka: Kafka) -> None:
    reader = ProblemReader(Settings(), CLIENT)
    assert found(reader) == []
    kafka.status = replace(WELL, feeds=(FeedStatus("orbis", "quiet", "Answers, but nothing new."),))
    (problem,) = reader()
    text = "The feed is quiet: Answers, but nothing new. See wiredesk connectors try orbis."
    assert (problem.kind, problem.subject, problem.message) == ("feed_quiet", "orbis", text)
    assert (kafka.opened, kafka.closed) == (1, 0)
    reader.close()
    reader.close()


def test_kafka_away_is_one_problem_and_a_new_connection_afterwards(kafka: Kafka) -> None:
    reader = ProblemReader(Settings(), CLIENT)
    reader()
    kafka.away = True
    for _ in range(3):
        (problem,) = reader()
        assert (problem.kind, problem.subject) == ("kafka_unreachable", "Kafka")
        assert problem.message == "Kafka does not answer at 127.0.0.1:9."
    kafka.away = False
    assert found(reader) == []
    assert kafka.opened == 2
    reader.close()


def test_late_is_what_the_settings_say(kafka: Kafka) -> None:
    waiting = replace(STAGES[0], lag=3, waiting_since=datetime.now(UTC) - timedelta(seconds=60))
    kafka.status = replace(WELL, stages=(waiting, *STAGES[1:]))
    for seconds, late in ((30, True), (300, False)):
        reader = ProblemReader(Settings(monitoring=MonitoringSettings(late_seconds=seconds)), CLIENT)
        assert any(problem.kind == "late" for problem in reader()) == late
        reader.close()


def test_without_any_fake_a_kafka_that_is_away_is_told(tmp_path: Path) -> None:
    settings = Settings(
        kafka=KafkaSettings(bootstrap_servers="127.0.0.1:9"),
        connectors=ConnectorsSettings(directory=tmp_path),
        alerts=AlertsSettings(directory=tmp_path),
    )
    reader = ProblemReader(settings, CLIENT)
    (problem,) = reader()
    assert problem.kind == "kafka_unreachable"
    assert "127.0.0.1:9" in problem.message
    reader.close()
