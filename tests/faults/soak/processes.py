"""The processes of an installation under faults, each started again when it ends, as a supervisor would."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil

_PROGRAM = [sys.executable, "-c", "from pipeline.cli import main; main()"]
_STOP_SECONDS = 60


@dataclass
class Child:
    """One process and how it is started."""

    name: str
    words: list[str]
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = True


@dataclass(frozen=True)
class Resources:
    """Of a process: its id, resident bytes with those of its own children, and its open descriptors."""

    pid: int
    resident: int
    descriptors: int


class Supervisor:
    """Starts processes, and starts them again right after they have ended.

    Args:
        directory: for their logs.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._exits: Counter[tuple[str, int]] = Counter()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.children: dict[str, Child] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)

    def add(self, name: str, config: Path, *words: str) -> None:
        """Run a command with a settings file from now on."""
        with self._lock:
            self.children[name] = Child(name, [*words, "--config", str(config)])

    def begin(self) -> None:
        """Start what was added."""
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.wait(0.5):
            with self._lock:
                for child in self.children.values():
                    self._look_after(child)

    def _look_after(self, child: Child) -> None:
        if child.process is not None and (code := child.process.poll()) is not None:
            self._ended(child, code)
            child.process = None
        if child.process is None and child.wanted:
            with (self._directory / f"{child.name}.log").open("ab") as log:
                child.process = subprocess.Popen([*_PROGRAM, *child.words], stdout=log, stderr=log, env=os.environ)

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a process, if it runs."""
        with self._lock:
            process = self.children[name].process
            if process is not None and process.poll() is None:
                process.send_signal(number)

    def want(self, name: str, *, wanted: bool) -> None:
        """Let a process leave, or come again."""
        with self._lock:
            child = self.children[name]
            child.wanted = wanted
            if not wanted and child.process is not None and child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)

    def _ended(self, child: Child, code: int) -> None:
        self._exits[child.name.rpartition("-")[0], code] += 1

    def resources(self) -> dict[str, Resources]:
        """Of each process that runs."""
        found = {}
        with self._lock:
            pids = {child.name: child.process.pid for child in self.children.values() if child.process}
        for name, pid in pids.items():
            try:
                parent = psutil.Process(pid)
                family = [parent, *parent.children(recursive=True)]
                resident = sum(one.memory_info().rss for one in family)
                found[name] = Resources(pid, resident, parent.num_fds())
            except psutil.Error:
                continue
        return found

    def stop(self) -> Counter[tuple[str, int]]:
        """End everything; how often processes ended, by kind and exit code. -99: one did not end by itself."""
        self._stopping.set()
        self._thread.join()
        running = [child for child in self.children.values() if child.process is not None]
        for child in running:
            assert child.process is not None
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGCONT)
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for child in running:
            assert child.process is not None
            try:
                self._ended(child, child.process.wait(max(0.1, deadline - time.monotonic())))
            except subprocess.TimeoutExpired:
                self._ended(child, -99)
                child.process.kill()
                child.process.wait(10)
        return self._exits

    def random_name(self, chance: random.Random, kind: str) -> str:
        """A process of a kind: worker or connectors."""
        return chance.choice(sorted(name for name in self.children if name.startswith(kind)))
