"""Server processes that outlive the command that started them: started, recognised again, stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class ServerProcess:
    """A process by id and start time: ids are used again, pairs are not."""

    pid: int
    started: float

    def alive(self) -> bool:
        """Whether this very process still runs (a zombie does not)."""
        try:
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.started) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it is still there."""
        if self.alive():
            os.kill(self.pid, number)

    def stop(self, grace_seconds: float = 20) -> None:
        """Ask it to end; after the grace, kill it."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        if not self.wait(grace_seconds):
            self.send(signal.SIGKILL)
            self.wait(10)

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; whether it has."""
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
            _reap(self.pid)
        return True


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def start(command: Sequence[str], log: Path, directory: Path) -> ServerProcess:
    """Start a server in its own session, its output appended to ``log``."""
    directory.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=directory,
            start_new_session=True,
        )  # fmt: skip
    # It is meant to outlive its handle, which would otherwise warn of a process left running.
    process.returncode = 0
    return ServerProcess(process.pid, psutil.Process(process.pid).create_time())


def find(argument: str) -> ServerProcess | None:
    """The process that was started with this very argument, if it runs.

    A start that is killed between starting a server and writing that down leaves one that nobody knows of.
    """
    for process in psutil.process_iter(["cmdline", "create_time", "status"]):
        if argument in (process.info["cmdline"] or ()) and process.info["status"] != psutil.STATUS_ZOMBIE:
            return ServerProcess(process.pid, process.info["create_time"])
    return None


def tail(log: Path, lines: int = 25) -> str:
    """The last lines of a log."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.splitlines()[-lines:]) or "(the log is empty)"
