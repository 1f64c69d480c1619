"""A desk that is told to stop ends in order."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_code_0(tmp_path: Path, number: signal.Signals) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    config = tmp_path / "wiredesk.yaml"
    config.write_text(f"desk: {{port: {port}}}\nmonitoring: {{port: 0}}\n")
    program = [sys.executable, "-c", "from pipeline.cli import main; main()", "desk", "--config", str(config)]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL) as desk:
        deadline = time.monotonic() + 60
        while not _answers(port):
            assert desk.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        desk.send_signal(number)
        assert desk.wait(30) == 0


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
