"""A worker that starts while its servers are away or hang: it says so, waits, and ends at once when told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def start(tmp_path: Path, log: Path) -> Iterator[Start]:
    processes: list[subprocess.Popen[bytes]] = []

    def run(servers: str) -> subprocess.Popen[bytes]:
        config = tmp_path / "wiredesk.yaml"
        settings = {"kafka": {"bootstrap_servers": servers}, "worker": {"state_directory": str(tmp_path / "state")},
                    "log": {"format": "json"}, "monitoring": {"enabled": False}}  # fmt: skip
        config.write_text(json.dumps(settings))
        command = [sys.executable, "-c", "from pipeline.cli import main; main()", "worker", "-c", str(config)]
        with log.open("wb") as out:
            processes.append(subprocess.Popen(command, stdout=out, stderr=out, env=os.environ))
        return processes[-1]

    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def events(log: Path) -> list[str]:
    return [json.loads(line)["event"] for line in log.read_text().splitlines()]


def wait_for(event: str, log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while event not in events(log):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_sigterm_ends_a_worker_that_waits_for_its_servers(start: Start, log: Path) -> None:
    process = start("127.0.0.1:9")
    wait_for("kafka_unreachable", log)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert events(log) == ["worker_starting", "kafka_unreachable", "worker_stopped"]


def test_sigterm_ends_a_worker_whose_broker_hangs(start: Start, log: Path) -> None:
    """It takes connections and never answers, as one that is suspended does."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        process = start(f"127.0.0.1:{server.getsockname()[1]}")
        wait_for("worker_starting", log)
        time.sleep(2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert events(log)[-1] == "worker_stopped"


def test_a_state_directory_that_cannot_be_used_ends_with_70_and_says_so(
    start: Start, log: Path, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file is in the way")
    process = start("127.0.0.1:9")
    assert process.wait(60) == 70
    last = json.loads(log.read_text().splitlines()[-1])
    assert last["event"] == "process_failed"
    assert str(tmp_path / "state") in last["error"]
    assert "disk space and permissions" in last["error"]
