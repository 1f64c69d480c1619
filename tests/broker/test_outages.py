"""An outage is one line, one a minute and one at its end, whoever notices it."""

from __future__ import annotations

from structlog.testing import capture_logs

from pipeline.broker.outages import OutageLog


def _events(lines: list[dict[str, object]]) -> list[object]:
    return [line["event"] for line in lines]


def test_many_attempts_are_one_line_a_minute() -> None:
    now = [0.0]
    outages = OutageLog(lambda: now[0])
    with capture_logs() as lines:
        for second in range(150):
            now[0] = float(second)
            for stage in ("intake", "index"):
                outages.failed("elasticsearch", stage, "no answer")
        now[0] = 150.0
        outages.reached("elasticsearch", "intake")
        outages.reached("elasticsearch", "index")
    assert _events(lines) == ["elasticsearch_unreachable"] * 3 + ["elasticsearch_reachable"]
    assert lines[0]["reason"] == "no answer"
    assert lines[1]["waiting"] == ["index", "intake"]
    assert [line["seconds"] for line in lines[:3]] == [0, 60, 120]
    assert lines[3]["after_seconds"] == 150


def test_systems_are_apart_and_a_reporter_that_stops_is_no_recovery() -> None:
    outages = OutageLog()
    with capture_logs() as lines:
        outages.failed("kafka", "watch", "x")
        assert outages.waits_for("kafka", "watch")
        outages.failed("elasticsearch", "index", "y")
        assert not outages.waits_for("elasticsearch", "watch"), "another one does"
        outages.reached("kafka", "index")
        outages.forget("index")
        outages.reached("kafka", "watch")
        assert not outages.waits_for("kafka", "watch")
        outages.reached("elasticsearch", "index")
    assert _events(lines) == ["kafka_unreachable", "elasticsearch_unreachable", "kafka_reachable"]
