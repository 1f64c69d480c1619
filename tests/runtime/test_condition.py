"""What of an installation needs a person: each broken state as text, at 80 columns, and as JSON."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from rich.console import Console

from pipeline.runtime.condition import (
    AlertStatus,
    FeedStatus,
    StageStatus,
    Status,
    Worker,
    ago,
    problems,
    status_object,
)
from pipeline.runtime.status_view import spans, status_view

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LATE_SECONDS = 300
WORKERS = (Worker("wiredesk", "10.0.0.5", (0, 1, 2, 3)), Worker("wiredesk", "10.0.0.6", (4, 5, 6, 7)))
CLUSTER = (Worker("wiredesk", "10.0.0.5", (0,)),)
STAGES = (
    StageStatus("intake", "wire.raw", 100, 3, 8, WORKERS, NOW - timedelta(seconds=4)),
    StageStatus("cluster", "wire.stories", 100, 0, 1, CLUSTER),
    StageStatus("enrich", "wire.clustered", 100, 0, 8, WORKERS),
    StageStatus("index", "wire.enriched", 100, 0, 8, WORKERS),
)
WELL = Status(
    stages=STAGES,
    dead_letters=0,
    documents={"stories": 90, "stories-history": 120, "quotes": 40},
    expected_partitions=8,
    connectors=(Worker("wiredesk", "10.0.0.5", tuple(range(8))),),
    feeds=(FeedStatus("orbis", "ok", "", 100, NOW - timedelta(seconds=30)), FeedStatus("old", "disabled")),
    alerts=(AlertStatus("bridges", NOW - timedelta(seconds=5)),),
)


def with_stage(number: int, **changes: Any) -> Status:
    stages = list(STAGES)
    stages[number] = replace(stages[number], **changes)
    return replace(WELL, stages=tuple(stages))


BROKEN: dict[str, tuple[Status, str, str, str]] = {
    "messages wait and no worker runs the stage": (
        with_stage(2, lag=3000, workers=(), waiting_since=NOW - timedelta(seconds=9)),
        "no_worker", "enrich", "No worker runs this stage; 3,000 messages waiting. Start one: wiredesk worker --stage enrich",
    ),
    "a worker that hangs": (
        with_stage(0, lag=3000, waiting_since=NOW - timedelta(minutes=20)),
        "late", "intake", "3,000 messages waiting, the oldest for 20 min.",
    ),
    "partitions that nobody holds": (
        with_stage(3, workers=WORKERS[:1]), "unassigned", "index", "No worker holds partition 4, 5, 6, 7.",
    ),
    "topics with other partitions than the settings": (
        with_stage(0, partitions=2, workers=(Worker("w", "10.0.0.5", (0, 1)),)),
        "partitions_differ", "intake", "wire.raw has 2 partitions, but kafka.partitions is 8.",
    ),
    "Elasticsearch does not answer": (
        replace(WELL, documents=None), "elasticsearch_unreachable", "Elasticsearch", "does not answer",
    ),
    "no connectors process": (
        replace(WELL, connectors=()), "no_connectors", "connectors", "No process runs the 1 enabled connector.",
    ),
    "the only feed fails": (
        replace(WELL, feeds=(FeedStatus("orbis", "failing", "The server answered 503."),)),
        "feed_failing", "orbis", "The feed fails: The server answered 503. See wiredesk connectors try orbis.",
    ),
    "a feed has gone quiet": (
        replace(WELL, feeds=(FeedStatus("orbis", "quiet", "Answers, but nothing new since 08:00."),)),
        "feed_quiet", "orbis", "nothing new since 08:00",
    ),
    "a connector's file has an error": (
        replace(WELL, feeds=(FeedStatus("orbis", "broken", "orbis.yaml:3: transport.url: required."), *WELL.feeds)),
        "feed_broken", "orbis", "Its file has an error: orbis.yaml:3: transport.url: required. See wiredesk connectors check orbis.",
    ),
    "open dead letters": (
        replace(WELL, dead_letters=2, dead_letters_since=NOW - timedelta(hours=5)),
        "dead_letters", "dead letters", "2 dead letters open. See them: wiredesk dead list",
    ),
    "nobody runs the alerts": (
        replace(WELL, alerts=(AlertStatus("bridges", NOW - timedelta(hours=3)),)),
        "alerts_late", "bridges", "Not searched for 3 h.",
    ),
    "an alert's file has an error": (
        replace(WELL, alerts=(AlertStatus("config/alerts", error="bridges.yaml:2: wrods: unknown key."),)),
        "alert_broken", "config/alerts", "bridges.yaml:2",
    ),
}  # fmt: skip


def shown(status: Status) -> str:
    out = io.StringIO()
    Console(file=out, width=80, color_system=None).print(status_view(status, problems(status, NOW, LATE_SECONDS), NOW))
    return out.getvalue()


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_state_is_said_as_text_and_as_json(name: str) -> None:
    status, kind, subject, message = BROKEN[name]
    (problem,) = problems(status, NOW, LATE_SECONDS)
    assert (problem.kind, problem.subject) == (kind, subject)
    assert message in problem.message
    text = shown(status)
    assert all(len(line) <= 80 for line in text.splitlines()), text
    assert f"{subject}: {problem.message}" in " ".join(text.replace("! ", " ").split()), text
    document = orjson.loads(orjson.dumps(status_object(status, (problem,))))
    assert document["ok"] is False
    assert document["problems"] == [{"kind": kind, "subject": subject, "message": problem.message}]


def test_several_at_once_are_all_said() -> None:
    everything = Status(
        tuple(replace(stage, workers=(), lag=5) for stage in STAGES), 1, None, expected_partitions=8, connectors=(),
        feeds=(FeedStatus("a", "failing", "x"), FeedStatus("b", "quiet", "y")),
    )  # fmt: skip
    kinds = [problem.kind for problem in problems(everything, NOW, LATE_SECONDS)]
    assert kinds == [
        *["no_worker"] * 4, "elasticsearch_unreachable", "no_connectors", "feed_failing", "feed_quiet", "dead_letters",
    ]  # fmt: skip


def test_what_is_well_needs_nobody() -> None:
    assert problems(WELL, NOW, LATE_SECONDS) == ()
    text = shown(WELL)
    assert all(len(line) <= 80 for line in text.splitlines()), text
    for part in (
        "Nothing needs a person.", "intake            3     4 s  2: 0-3 (10.0.0.5), 4-7 (10.0.0.6)",
        "connectors: 1 ok, 1 disabled", "dead letters: 0 open", "documents: 90 stories", "alerts: 1 enabled",
    ):  # fmt: skip
        assert part in text
    document = status_object(WELL, ())
    assert document["ok"] is True
    assert document["stages"]["intake"] == {
        "lag": 3, "waiting_since": "2026-05-04T11:59:56+00:00", "workers": 2, "partitions": 8, "unassigned": [],
        "assigned": [
            {"client": "wiredesk", "host": "10.0.0.5", "partitions": [0, 1, 2, 3]},
            {"client": "wiredesk", "host": "10.0.0.6", "partitions": [4, 5, 6, 7]},
        ],
    }  # fmt: skip


def test_feeds_that_need_a_person_come_first_and_long_reasons_keep_to_their_line() -> None:
    feeds = (FeedStatus("a-very-long-name-of-a-connector-of-somebody", "failing", "a reason " * 40), *WELL.feeds)
    text = shown(replace(WELL, feeds=feeds))
    table = [line for line in text.splitlines() if line.startswith("a-very-long-name-of-a-c…")]
    assert len(table) == 1
    assert len(table[0]) <= 80


def test_many_problems_are_counted_not_listed() -> None:
    feeds = tuple(FeedStatus(f"feed-{number:03}", "failing", "HTTP 503") for number in range(200))
    text = shown(replace(WELL, feeds=feeds))
    assert len(text.splitlines()) < 50
    assert "… and 188 more: wiredesk status --json" in text
    assert "… and 188 more: wiredesk connectors list" in text


def test_an_idle_alert_is_no_problem_while_elasticsearch_is_away() -> None:
    away = replace(WELL, documents=None, alerts=(AlertStatus("bridges"),))
    assert [problem.kind for problem in problems(away, NOW, LATE_SECONDS)] == ["elasticsearch_unreachable"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (119, "119 s"), (180, "3 min"), (7300, "2 h"), (200_000, "2 days"), (-5, "0 s")]
)
def test_ago(seconds: float, text: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == text


def test_spans() -> None:
    assert [spans(numbers) for numbers in ((), (3,), (0, 1, 2, 5, 7, 8))] == ["", "3", "0-2,5,7-8"]
