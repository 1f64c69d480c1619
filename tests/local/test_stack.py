"""The local stack as an operator meets it: started, found again, refused, recovered, stopped. With the real servers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from pathlib import Path

import httpx
import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from pipeline.local.ports import Ports, any_free
from pipeline.local.stack import SERVERS, LocalStack, StackError

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A second stack beside the session's: on ports of its own, which it keeps."""
    taken: set[int] = set()
    kafka_port, elasticsearch_port = any_free(taken), any_free(taken)
    stack = LocalStack(tmp_path_factory.mktemp("own"), kafka_port=kafka_port, elasticsearch_port=elasticsearch_port)
    yield stack
    stack.stop()


def line(own: LocalStack, *words: str) -> list[str]:
    return [sys.executable, "-m", "pipeline.cli", "stack", *words, "--data-dir", str(own.directory)]


def command(own: LocalStack, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line(own, *words), capture_output=True, text=True, check=False, timeout=200)


def send(bootstrap: str, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    producer.send("kept", value).get(30)
    producer.close()


def test_a_start_killed_half_way_is_taken_over_by_the_next(own: LocalStack) -> None:
    ports = ["--kafka-port", str(own._asked[0]), "--elasticsearch-port", str(own._asked[1])]
    starting = subprocess.Popen(line(own, "start", *ports), stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not own.running():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    starting.send_signal(signal.SIGKILL)
    starting.wait()
    found = own.running()
    endpoints = own.start()
    assert {name: own.running()[name] for name in found} == found, "what ran was taken over, not started twice"
    assert set(own.running()) == set(SERVERS)
    assert httpx.get(endpoints.elasticsearch).json()["version"]["number"].startswith("9.")


def test_two_stacks_that_start_at_the_same_moment_take_different_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening: list[socket.socket] = []

    def launch(_stack: LocalStack, name: str, ports: Ports) -> None:
        time.sleep(0.2)  # a server takes its port long after the port was found free
        numbers = (ports.kafka, ports.kafka_controller)
        if name == "elasticsearch":
            numbers = (ports.elasticsearch, ports.elasticsearch_transport)
        listening.extend(socket.create_server(("127.0.0.1", number)) for number in numbers)

    monkeypatch.setattr(LocalStack, "_launch", launch)
    monkeypatch.setattr(LocalStack, "_await", lambda *_: None)
    stacks = [LocalStack(tmp_path / name) for name in ("one", "two")]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(LocalStack.start, stacks))
    for one in listening:
        one.close()
    assert len({port for one in stacks for port in astuple(one.ports())}) == 8


def test_a_second_start_is_refused_and_says_where_it_runs(own: LocalStack) -> None:
    before = own.running()
    again = command(own, "start")
    assert again.returncode != 0, (again.stdout, before, own.running())
    endpoints = own.endpoints()
    assert endpoints
    assert f"Kafka at {endpoints.bootstrap}" in again.stdout + again.stderr
    assert "wiredesk stack stop" in again.stdout + again.stderr
    assert own.running() == before


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=rf"Port {port} for kafka is in use"):
            LocalStack(tmp_path, kafka_port=port).start()


def test_a_server_that_does_not_come_up_shows_the_end_of_its_log(own: LocalStack) -> None:
    """Its data directory is in use by the first: Kafka says so, and so does the error."""
    own.kill("kafka")
    meta = next((own.directory / "kafka").rglob("meta.properties"))
    good = meta.read_text()
    meta.write_text("version=1\ncluster.id=another\nnode.id=77\n")
    try:
        with pytest.raises(StackError, match=r"kafka ended while starting\. The end of .*kafka\.log:\n(.|\n)*77"):
            own.start_server("kafka")
    finally:
        meta.write_text(good)
    own.start_server("kafka")


def test_a_start_that_fails_leaves_nothing_running(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path)
    (tmp_path / "elasticsearch" / "data").mkdir(parents=True)
    (tmp_path / "elasticsearch" / "data" / "node.lock").mkdir()
    with pytest.raises(StackError, match=r"elasticsearch ended while starting"):
        stack.start()
    assert stack.running() == {}


def test_data_and_ports_outlast_a_crash_of_a_server(own: LocalStack) -> None:
    endpoints = own.endpoints()
    assert endpoints
    httpx.put(f"{endpoints.elasticsearch}/kept/_doc/1?refresh=true", json={"kept": True}).raise_for_status()
    admin = KafkaAdminClient(bootstrap_servers=endpoints.bootstrap)
    admin.create_topics([NewTopic("kept", 1, 1)])
    admin.close()
    send(endpoints.bootstrap, b"before")
    for name in SERVERS:
        own.kill(name)
    assert own.running() == {}
    assert command(own, "status").returncode == 3
    assert own.start() == endpoints
    deadline = time.monotonic() + 60
    while httpx.get(f"{endpoints.elasticsearch}/kept/_doc/1").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    send(endpoints.bootstrap, b"after")
    consumer = KafkaConsumer("kept", bootstrap_servers=endpoints.bootstrap, auto_offset_reset="earliest")
    assert [next(consumer).value for _ in range(2)] == [b"before", b"after"]
    consumer.close()


def test_nothing_is_left_running_after_a_stop_and_nothing_kept_after_a_reset(own: LocalStack) -> None:
    pids = [server.pid for server in own.running().values()]
    assert len(pids) == 2
    assert "Stopped" in command(own, "stop").stdout
    assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids)
    ours = [
        one for one in psutil.process_iter(["cmdline"]) if str(own.directory) in " ".join(one.info["cmdline"] or ())
    ]
    assert [one.pid for one in ours if one.pid != os.getpid()] == []
    assert "Nothing was running." in command(own, "stop").stdout
    assert "Data deleted." in command(own, "reset", "--yes").stdout
    assert not (own.directory / "kafka").exists()
    assert not (own.directory / "elasticsearch").exists()
