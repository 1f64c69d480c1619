"""A process's endpoint answers whatever the process does; a probe says exactly what is wrong."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families

from pipeline.broker.messages import Delivery
from pipeline.broker.monitoring.endpoint import Endpoint
from pipeline.broker.monitoring.health import Health, Heartbeat, StageStatus, stage_obstacles, stage_problems
from pipeline.broker.monitoring.stage import StageMonitor
from pipeline.events import MessageRef
from pipeline.events.errors import ConfigurationError
from pipeline.settings import MonitoringSettings

ANY_PORT = MonitoringSettings(port=0)


@pytest.mark.parametrize(
    ("state", "status", "alive"),
    [
        ("idle", StageStatus("index", assigned=4, lag=0, idle_seconds=90_000), True),
        ("busy", StageStatus("index", assigned=4, lag=9_000, idle_seconds=20, usual_seconds=2), True),
        ("slow, as usual", StageStatus("enrich", assigned=4, lag=9_000, idle_seconds=900, usual_seconds=30), True),
        ("waiting", StageStatus("index", assigned=4, lag=9, idle_seconds=9_000, waiting_for="Elasticsearch"), True),
        ("hung", StageStatus("index", assigned=4, lag=1, idle_seconds=121), False),
        ("no partitions", StageStatus("index", assigned=0, lag=0, idle_seconds=9_000), True),
        ("rebalancing", StageStatus("index", outside_group_seconds=100), True),
        ("group lost", StageStatus("index", assigned=4, outside_group_seconds=181), False),
    ],
)  # fmt: skip
def test_only_a_restart_that_helps_is_asked_for(state: str, status: StageStatus, alive: bool) -> None:
    assert (not stage_problems(status)) is alive, state


@pytest.mark.parametrize(
    "status",
    [
        StageStatus("index", assigned=4, lag=1, idle_seconds=9_000),
        StageStatus("index", assigned=4, outside_group_seconds=9_000),
    ],
)
def test_while_kafka_is_away_nobody_is_restarted(status: StageStatus) -> None:
    assert stage_problems(status)
    assert not stage_problems(status, servers_reachable=False)


def test_ready_is_who_consumes_with_its_state_and_its_servers() -> None:
    assert not stage_obstacles(StageStatus("intake", assigned=0))
    assert stage_obstacles(StageStatus("intake", restored=False)) == ["intake: restoring its state"]
    assert stage_obstacles(StageStatus("index", waiting_for="Elasticsearch")) == ["index: waiting for Elasticsearch"]
    for seconds in (0, 1):
        outside = StageStatus("index", outside_group_seconds=seconds)
        assert stage_obstacles(outside) == ["index: not in its consumer group"]


def test_a_loop_that_stands_still_is_noticed() -> None:
    now = [0.0]
    heart = Heartbeat("the event loop", limit_seconds=60, clock=lambda: now[0])
    now[0] = 60.0
    assert heart.problems() == []
    now[0] = 61.0
    assert heart.problems() == ["the event loop has not run for 61 s"]
    heart.beat()
    assert heart.problems() == []


@pytest.mark.parametrize(
    ("state", "member_after", "backlog", "later", "problem"),
    [
        ("Kafka is just back", 9_999, 5, 1, None),
        ("it joins as slowly as a rebalance takes", 9_999, 0, 170, None),
        ("it has joined and takes its time", 60, 5, 100, None),
        ("it never joins", 9_999, 0, 190, "index: outside its consumer group for 190 s"),
        ("it has joined and does nothing", 60, 5, 190, "index: 5 messages wait and none was acknowledged for 190 s"),
    ],
)
def test_the_time_in_which_kafka_was_away_does_not_count(
    state: str, member_after: int, backlog: int, later: int, problem: str | None
) -> None:
    now = [0.0]
    monitor = StageMonitor("index", clock=lambda: now[0])
    consumer = TwoTopics({("stories", 0): backlog})
    monitor.consumer = consumer
    monitor.observe(kafka_away=False)
    for second in range(1, 3601):
        now[0] = float(second)
        consumer.member = False
        monitor.observe(kafka_away=True)
        assert stage_obstacles(monitor.status()) == ["index: not in its consumer group"]
    for second in range(1, later + 1):
        now[0] = 3600.0 + second
        consumer.member = second >= member_after
        monitor.observe(kafka_away=False)
    assert stage_problems(monitor.status()) == ([problem] if problem else []), state


def test_the_time_in_which_elasticsearch_was_away_does_not_count() -> None:
    now = [0.0]
    monitor = StageMonitor("index", clock=lambda: now[0])
    monitor.consumer = TwoTopics({("stories", 0): 5})
    monitor.waits("Elasticsearch")
    now[0] = 3600.0
    monitor.waits(None)
    assert not stage_problems(monitor.status())
    now[0] = 3721.0
    assert stage_problems(monitor.status()) == ["index: 5 messages wait and none was acknowledged for 121 s"]


def test_a_batch_that_waited_for_an_hour_says_nothing_of_what_is_usual() -> None:
    now = [0.0]
    monitor = StageMonitor("index", clock=lambda: now[0])
    monitor.taken([Delivery(MessageRef(topic="stories", partition=0, offset=0), b"k", b"v", 0.0)])
    monitor.waits("Elasticsearch")
    now[0] = 3600.0
    monitor.waits(None)
    now[0] = 3602.0
    monitor.batch_done()
    assert monitor.status().usual_seconds == 1.0, "half of two seconds, after none"


class TwoTopics:
    """The consumer of a stage that reads stories and their texts."""

    def __init__(self, ends: dict[tuple[str, int], int]) -> None:
        self.ends = ends
        self.member = True

    def assigned(self) -> set[tuple[str, int]]:
        return set(self.ends)

    def end(self, topic: str, partition: int) -> int | None:
        return self.ends[topic, partition]

    def committed(self, topic: str, partition: int) -> int | None:
        return 0

    def is_member(self) -> bool:
        return self.member


def test_the_lag_of_a_stage_is_that_of_all_its_topics() -> None:
    monitor = StageMonitor("index")
    monitor.consumer = TwoTopics({("stories", 0): 5, ("stories", 1): 2, ("texts", 0): 7})
    assert monitor.lags() == {0: 12, 1: 2}
    batch = [Delivery(MessageRef(topic=topic, partition=0, offset=4), b"k", b"v", 100.0 + at)
             for at, topic in enumerate(("stories", "texts"))]  # fmt: skip
    monitor.taken(batch)
    assert monitor.oldest_waiting(now=110.0) == {0: 10.0}
    monitor.acknowledged(batch[0])
    assert monitor.lags() == {0: 7, 1: 2}, "offsets of one topic say nothing about the other"
    assert monitor.oldest_waiting(now=110.0) == {0: 9.0}
    assert (monitor.status().assigned, monitor.status().lag) == (2, 9)
    monitor.revoked({0})
    assert monitor.in_progress() == 0


@pytest.fixture
def problems() -> list[str]:
    return []


@pytest.fixture
def endpoint(problems: list[str]) -> Iterator[Endpoint]:
    registry = CollectorRegistry()
    Counter("wiredesk_things", "Things.", ["kind"], registry=registry).labels("odd").inc(3)
    health = Health()
    health.add(live=lambda: problems, ready=lambda: ["not yet"] if problems else [])
    serving = Endpoint(ANY_PORT, health, registry)
    yield serving
    serving.stop()


def test_probes_and_metrics(endpoint: Endpoint, problems: list[str]) -> None:
    for path in ("/livez", "/readyz"):
        answer = httpx.get(endpoint.url + path)
        assert (answer.status_code, answer.text) == (200, "ok\n")
    problems.append("index: hung")
    assert httpx.get(endpoint.url + "/livez").status_code == 503
    assert httpx.get(endpoint.url + "/readyz").text == "index: hung\nnot yet\n"
    families = {
        family.name: family for family in text_string_to_metric_families(httpx.get(endpoint.url + "/metrics").text)
    }
    assert families["wiredesk_things"].samples[0].value == 3
    assert httpx.get(endpoint.url + "/").status_code == 404
    assert httpx.post(endpoint.url + "/livez").status_code == 405


def test_a_check_that_fails_is_a_problem(endpoint: Endpoint) -> None:
    health = Health()

    def broken() -> list[str]:
        raise KeyError("lost")

    health.add(live=broken)
    assert health.live().problems == ("a check failed: KeyError: 'lost'",)
    assert not health.ready().well


def test_silent_clients_do_not_keep_the_probe_out(endpoint: Endpoint) -> None:
    silent = [socket.create_connection(("127.0.0.1", endpoint.port)) for _ in range(10)]
    try:
        assert httpx.get(endpoint.url + "/livez", timeout=5).status_code == 200
    finally:
        for connection in silent:
            connection.close()


def test_each_process_of_a_machine_takes_the_next_port() -> None:
    first = Endpoint(ANY_PORT, Health(), CollectorRegistry())
    try:
        taken = MonitoringSettings(port=first.port, ports=1)
        with pytest.raises(ConfigurationError, match="all in use"):
            Endpoint(taken, Health(), CollectorRegistry())
        second = Endpoint(taken.model_copy(update={"ports": 20}), Health(), CollectorRegistry())
        assert first.port < second.port < first.port + 20
        second.stop()
    finally:
        first.stop()


def test_an_address_of_another_machine_is_a_settings_error() -> None:
    with pytest.raises(ConfigurationError, match=r"monitoring\.host"):
        Endpoint(MonitoringSettings(host="192.0.2.1", port=0), Health(), CollectorRegistry())
