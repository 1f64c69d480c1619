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
from dataclasses import dataclass, field
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
    exits: Counter[int] = field(default_factory=Counter)


class Supervisor:
    """Starts processes and starts them again, a second after they have ended.

    Args:
        config: the settings file.
        directory: for their logs.
    """

    def __init__(self, config: Path, directory: Path) -> None:
        self._config = config
        self._directory = directory
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.children: dict[str, Child] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)

    def add(self, name: str, *words: str) -> None:
        """Run a command from now on."""
        with self._lock:
            self.children[name] = Child(name, [*words, "--config", str(self._config)])

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
            child.exits[code] += 1
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

    def resources(self) -> dict[str, tuple[int, int]]:
        """Resident bytes and open descriptors of each process, its own children included."""
        found = {}
        with self._lock:
            pids = {child.name: child.process.pid for child in self.children.values() if child.process}
        for name, pid in pids.items():
            try:
                parent = psutil.Process(pid)
                family = [parent, *parent.children(recursive=True)]
                found[name] = (sum(one.memory_info().rss for one in family), parent.num_fds())
            except psutil.Error:
                continue
        return found

    def stop(self) -> Counter[int]:
        """End everything; how often processes had ended, by exit code."""
        self._stopping.set()
        self._thread.join()
        exits: Counter[int] = Counter()
        for child in self.children.values():
            if child.process is not None and child.process.poll() is None:
                child.process.send_signal(signal.SIGCONT)
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self.children.values():
            if child.process is not None:
                try:
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    exits[-99] += 1
                    child.process.kill()
                    child.process.wait(10)
            exits += child.exits
        return exits

    def random_name(self, chance: random.Random, kind: str) -> str:
        """A process of a kind: worker or connectors."""
        return chance.choice(sorted(name for name in self.children if name.startswith(kind)))
