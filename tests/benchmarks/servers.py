"""Real servers and an installation for a benchmark: a local stack, with names that nothing else uses."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipeline.local.stack import LocalStack
from pipeline.runtime.startup import wait_for_servers
from pipeline.settings import (
    ConnectorsSettings,
    ElasticsearchSettings,
    EnrichSettings,
    KafkaSettings,
    LogSettings,
    Settings,
    WorkerSettings,
    logs,
)


@dataclass(frozen=True)
class Site:
    """Where a benchmark works."""

    stack: LocalStack
    directory: Path

    def settings(self, *, partitions: int = 1, processes: int = 1) -> Settings:
        """Settings of a new installation: topics, groups, indices and directories of its own; topics are made.

        Args:
            partitions: of wire.raw and what follows it.
            processes: for language work.
        """
        endpoints = self.stack.endpoints()
        assert endpoints is not None
        name = f"b{uuid.uuid4().hex[:6]}"
        folder = self.directory / name
        (folder / "connectors").mkdir(parents=True)
        settings = Settings(
            kafka=KafkaSettings(
                bootstrap_servers=endpoints.bootstrap, topic_prefix=name, group_prefix=name, partitions=partitions
            ),
            elasticsearch=ElasticsearchSettings(url=endpoints.elasticsearch, prefix=f"{name}-"),
            connectors=ConnectorsSettings(directory=folder / "connectors"),
            worker=WorkerSettings(state_directory=folder / "state"),
            enrich=EnrichSettings(processes=processes),
        )
        wait_for_servers(settings, seconds=60)
        return settings

    def cpu_seconds(self) -> float:
        """Processor time that both servers have used so far."""
        total = 0.0
        for server in self.stack.running().values():
            times = psutil.Process(server.pid).cpu_times()
            total += times.user + times.system
        return total


@contextlib.contextmanager
def site(data_directory: Path | None = None) -> Iterator[Site]:
    """A running local stack: the one with its data in a directory, else one that ends with the benchmark."""
    logs.configure(LogSettings(), level="error")
    with tempfile.TemporaryDirectory() as directory:
        stack = LocalStack(data_directory or Path(directory) / "stack")
        if len(stack.running()) < 2:
            stack.start()
        try:
            yield Site(stack, Path(directory))
        finally:
            if data_directory is None:
                stack.stop()
