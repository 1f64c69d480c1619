"""Run stories through a real installation while faults come at random, and hold the end against the inputs.

    python -m tests.faults.soak.run --stories 400 --faults 100 --seed 7

Prints a table: faults by kind, what was lost, doubled, stale, revived, wrong, the time to lag 0, memory, descriptors.
Exit code 1: something differs.
"""

from __future__ import annotations

import argparse
import random
import socket
import sys
import tempfile
import time
import uuid
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.topics import topics_of
from pipeline.events import DeadLetter
from pipeline.events.errors import UnreachableError
from pipeline.index.mapping import IndexNames
from pipeline.local.stack import LocalStack
from pipeline.runtime.startup import wait_for_servers
from pipeline.runtime.status import StatusReader
from pipeline.settings import (
    ConnectorsSettings,
    ElasticsearchSettings,
    KafkaSettings,
    MonitoringSettings,
    Settings,
    WorkerSettings,
)
from tests.faults.soak.channels import SECRET, Providers
from tests.faults.soak.kinds import FAULTS, Surface
from tests.faults.soak.processes import Supervisor
from tests.faults.soak.proxy import ElasticsearchProxy
from tests.faults.soak.stories import Differences, Plan, compare, make_plan

#: How long all may take to catch up once the last fault is over.
CATCH_UP_SECONDS = 300


@dataclass
class Outcome:
    """What a run came to."""

    faults: Counter[str] = field(default_factory=Counter)
    differences: Differences | None = None
    poisoned: int = 0
    catch_up_seconds: float = 0.0
    exits: Counter[int] = field(default_factory=Counter)
    resources: list[tuple[float, dict[str, tuple[int, int]]]] = field(default_factory=list)

    def table(self) -> str:
        """The result, for people."""
        lines = ["", "fault                                     times", "-" * 47]
        lines += [f"{kind:<41} {count:>5}" for kind, count in sorted(self.faults.items())]
        lines += ["-" * 47, f"{'all':<41} {self.faults.total():>5}", ""]
        assert self.differences is not None
        for kind, found in vars(self.differences).items():
            lines.append(f"{kind.replace('_', ' '):<41} {len(found):>5}")
            lines += [f"    {one}" for one in found[:5]]
        lines.append(f"{'poisoned messages (dead letters on purpose)':<41} {self.poisoned:>3}")
        lines.append(f"{'seconds to lag 0 after the last fault':<41} {self.catch_up_seconds:>5.0f}")
        codes = ", ".join(f"{code}: {count}" for code, count in sorted(self.exits.items())) or "none"
        lines.append(f"processes that ended, by exit code: {codes}")
        for name in sorted({name for _, sample in self.resources for name in sample}):
            lines.append(self._resource_line(name))
        return "\n".join(lines)

    def _resource_line(self, name: str) -> str:
        samples = [sample[name] for _, sample in self.resources if name in sample]
        first, last = samples[0], samples[-1]
        return (
            f"{name}: memory {first[0] / 1e6:.0f} → {last[0] / 1e6:.0f} MB (most {max(s[0] for s in samples) / 1e6:.0f}), "
            f"descriptors {first[1]} → {last[1]} (most {max(s[1] for s in samples)})"
        )


class Soak:
    """One run.

    Args:
        stack: the servers; faults stop them.
        directory: of the installation.
        plan: what is sent.
        faults: how many.
        seed: of all chance.
    """

    def __init__(self, stack: LocalStack, directory: Path, plan: Plan, faults: int, seed: int) -> None:
        self._stack = stack
        self._directory = directory
        self._plan = plan
        self._count = faults
        self._chance = random.Random(seed)
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Send everything while faults come, wait for the end, compare."""
        with ExitStack() as context:
            endpoints = self._stack.endpoints()
            assert endpoints is not None
            proxy = context.enter_context(ElasticsearchProxy(endpoints.elasticsearch))
            folder = self._directory / "drop"
            folder.mkdir()
            providers = context.enter_context(Providers(folder))
            settings, push_ports = self._settings(endpoints.bootstrap, proxy.url, providers)
            wait_for_servers(settings, seconds=60)
            supervisor = self._supervisor(settings)
            context.callback(lambda: self.outcome.exits.update(supervisor.stop()))
            surface = Surface(self._stack, proxy, supervisor, settings)
            supervisor.begin()
            self._send(providers, push_ports, surface)
            began = time.monotonic()
            self._wait_for_the_end(settings)
            self.outcome.catch_up_seconds = time.monotonic() - began
            self.outcome.poisoned = surface.poisoned
            self.outcome.differences = self._differences(settings, endpoints.elasticsearch, surface)
        return self.outcome

    def _settings(self, bootstrap: str, elasticsearch: str, providers: Providers) -> tuple[Settings, list[int]]:
        name = f"s{uuid.uuid4().hex[:8]}"
        connectors = self._directory / "connectors"
        connectors.mkdir()
        secret = self._directory / "secret"
        secret.write_text(SECRET, encoding="utf-8")
        for connector, text in providers.connector_files(secret).items():
            (connectors / f"{connector}.yaml").write_text(text, encoding="utf-8")
        port = _free_port()
        settings = Settings(
            kafka=KafkaSettings(
                bootstrap_servers=bootstrap,
                topic_prefix=name,
                group_prefix=name,
                partitions=4,
                session_timeout_seconds=6,
            ),
            elasticsearch=ElasticsearchSettings(url=elasticsearch, prefix=f"{name}-", request_timeout_seconds=5),
            connectors=ConnectorsSettings(directory=connectors, rescan_seconds=1, webhook_port=port),
            worker=WorkerSettings(
                state_directory=self._directory / "state", retry_initial_seconds=0.1, retry_max_seconds=2
            ),
            monitoring=MonitoringSettings(enabled=False),
        )
        return settings, [port]

    def _supervisor(self, settings: Settings) -> Supervisor:
        config = self._directory / "wiredesk.yaml"
        config.write_text(settings.model_dump_json(), encoding="utf-8")  # JSON is YAML
        supervisor = Supervisor(config, self._directory)
        supervisor.add("connectors-1", "connectors", "run")
        supervisor.add("connectors-2", "connectors", "run")
        supervisor.add("worker-1", "worker")
        supervisor.add("worker-2", "worker")
        return supervisor

    def _send(self, providers: Providers, push_ports: list[int], surface: Surface) -> None:
        """All versions, with the faults spread over them."""
        sent, places = self._plan.sent, set[int]()
        while len(places) < min(self._count, len(sent)):
            places.add(self._chance.randrange(len(sent)))
        kinds = sorted(FAULTS)
        self._chance.shuffle(kinds)
        for place, version in enumerate(sent):
            providers.send(version, push_ports, time.monotonic() + CATCH_UP_SECONDS)
            if place in places:
                kind = kinds[self.outcome.faults.total() % len(kinds)]
                sys.stderr.write(f"{self.outcome.faults.total() + 1:>5} of {self._count}  {kind}\n")
                FAULTS[kind](surface, self._chance)
                self.outcome.faults[kind] += 1
                self.outcome.resources.append((time.monotonic(), surface.supervisor.resources()))
            time.sleep(self._chance.uniform(0, 0.1))

    def _wait_for_the_end(self, settings: Settings) -> None:
        """Until every provider's version was published and no stage has lag, for ten seconds."""
        deadline, quiet = time.monotonic() + CATCH_UP_SECONDS, 0
        while quiet < 5 and time.monotonic() < deadline:
            time.sleep(2)
            try:
                reader = StatusReader(settings)
                try:
                    done = reader.read().caught_up and not any(self._directory.joinpath("drop").glob("*.json"))
                finally:
                    reader.close()
            except UnreachableError:
                done = False
            quiet = quiet + 1 if done else 0

    def _differences(self, settings: Settings, url: str, surface: Surface) -> Differences:
        direct = settings.elasticsearch.model_copy(update={"url": url, "request_timeout_seconds": 30})
        names = IndexNames(direct.prefix)
        with elasticsearch_client(direct) as client:
            client.indices.refresh(index=f"{direct.prefix}*")

            def all_of(alias: str) -> list[dict[str, Any]]:
                hits = client.search(index=alias, size=10_000)["hits"]["hits"]
                return [hit["_source"] for hit in hits]

            letters = dead_letters(settings)
            sound = [letter.reason for letter in letters if not letter.reason.startswith(_POISON)]
            return compare(
                self._plan.expected(),
                all_of(names.alias("stories")),
                all_of(names.alias("stories-history")),
                all_of(names.public("quotes")),
                sound
                + ["a poisoned message left no dead letter"] * max(0, surface.poisoned - (len(letters) - len(sound))),
            )


#: Poison is no JSON, or not an event of its topic.
_POISON = ("RawItem:", "StoryVersion:", "ClusteredStory:", "EnrichedStory:")


def dead_letters(settings: Settings) -> list[DeadLetter]:
    """Everything in the dead letters, each failure once."""
    topic = topics_of(settings).dead
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap_servers, group_id=None, enable_auto_commit=False,
        auto_offset_reset="earliest",
    )  # fmt: skip
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    consumer.assign(partitions)
    ends = consumer.end_offsets(partitions)
    consumer.seek_to_beginning(*partitions)
    found: dict[str, DeadLetter] = {}
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        for records in consumer.poll(timeout_ms=200).values():
            for record in records:
                letter = DeadLetter.decode(record.value)
                found[letter.id] = letter
    consumer.close()
    return list(found.values())


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=400)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--stack", type=Path, help="Data directory of a local stack to use; default: one of its own.")
    given = parser.parse_args()
    sys.stderr.write(f"seed {given.seed}\n")
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        stack = LocalStack(given.stack or directory / "stack")
        if len(stack.running()) < 2:
            stack.start()
        installation = directory / "installation"
        installation.mkdir()
        try:
            outcome = Soak(stack, installation, make_plan(given.stories, given.seed), given.faults, given.seed).run()
        finally:
            if given.stack is None:
                stack.stop()
        sys.stdout.write(outcome.table() + "\n")
    assert outcome.differences is not None
    sys.exit(1 if any(outcome.differences.counts().values()) else 0)


if __name__ == "__main__":
    main()
