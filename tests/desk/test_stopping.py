"""A desk that is told to stop ends in order."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.local.ports import any_free, is_free
from tests.connectors.running import wait_for


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_code_0(tmp_path: Path, number: signal.Signals) -> None:
    port = any_free(set())
    config = tmp_path / "wiredesk.yaml"
    config.write_text(f"desk: {{port: {port}}}\nmonitoring: {{port: 0}}\n")
    program = [sys.executable, "-c", "from pipeline.cli import main; main()", "desk", "--config", str(config)]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL) as desk:
        wait_for(lambda: desk.poll() is not None or not is_free(port), 60)
        assert desk.poll() is None
        desk.send_signal(number)
        assert desk.wait(30) == 0
