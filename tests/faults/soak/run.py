"""Run stories through a real installation while faults come at random, and hold the end against the inputs.

    python -m tests.faults.soak.run --stories 400 --faults 100 --seed 7
    python -m tests.faults.soak.run --stories 9000 --faults 60 --seed 7 --minutes 25

Several faults at a time, each with its own target, while versions are sent. Prints a table: faults by kind, what was lost,
doubled, stale, revived, wrong, the time to lag 0, memory, descriptors. Exit code 1: something differs.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from pipeline.local.ports import any_free
from pipeline.local.stack import LocalStack
from pipeline.runtime.startup import wait_for_servers
from pipeline.settings import (
    ConnectorsSettings,
    ElasticsearchSettings,
    KafkaSettings,
    MonitoringSettings,
    Settings,
    WorkerSettings,
)
from tests.faults.soak.channels import SECRET, Providers
from tests.faults.soak.ending import differences, wait_for_the_end
from tests.faults.soak.kafka_proxy import KafkaProxy, advertised
from tests.faults.soak.kinds import FAULTS, LASTING, THROUGH_KAFKA_PROXY, Fault, Surface
from tests.faults.soak.outcome import Outcome
from tests.faults.soak.processes import Supervisor
from tests.faults.soak.proxy import ElasticsearchProxy
from tests.faults.soak.stories import CHANNELS, Channel, Plan, make_plan
from tests.faults.soak.watch import Watch

#: How long all may take to catch up once the last fault is over.
CATCH_UP_SECONDS = 300
_PROCESSES = 2


class Soak:
    """One run.

    Args:
        stack: the servers; faults stop them.
        directory: of the installation; empty.
        plan: what is sent.
        faults: how many.
        seed: of all chance.
        kafka_proxy: port of a proxy in front of Kafka, which the stack must advertise; ``None``: none.
        lanes: so many faults at a time.
        minutes: spread versions and faults over so long, and let no fault end a process; ``None``: as fast as it goes.
    """

    def __init__(
        self,
        stack: LocalStack,
        directory: Path,
        plan: Plan,
        faults: int,
        seed: int,
        *,
        kafka_proxy: int | None = None,
        lanes: int = 2,
        minutes: float | None = None,
    ) -> None:
        self._stack = stack
        self._directory = directory
        self._plan = plan
        self._count = faults
        self._seed = seed
        self._proxy_port = kafka_proxy
        self._lanes = lanes
        self._minutes = minutes
        self._kinds: Mapping[str, Fault] = LASTING if minutes else FAULTS
        if kafka_proxy:
            self._kinds = {**self._kinds, **THROUGH_KAFKA_PROXY}
        self._begun = 0
        self._lock = threading.Lock()
        self.outcome = Outcome(versions=len(plan.sent))

    def run(self, lie: float = 0.0) -> Outcome:
        """Send everything while faults come, wait for the end, compare.

        Args:
            lie: share of bulk requests that Elasticsearch acknowledges and does not execute. It must show.
        """
        endpoints = self._stack.endpoints()
        ports = self._stack.ports()
        assert endpoints is not None
        assert ports is not None
        with ExitStack() as context:
            kafka = None
            bootstrap = endpoints.bootstrap
            if self._proxy_port:
                kafka = context.enter_context(KafkaProxy(ports.kafka, self._proxy_port, self._seed))
                bootstrap = f"127.0.0.1:{self._proxy_port}"
            proxy = context.enter_context(ElasticsearchProxy(endpoints.elasticsearch, self._seed))
            proxy.lie = lie
            folder = self._directory / "drop"
            folder.mkdir()
            providers = context.enter_context(Providers(folder))
            taken: set[int] = set()
            push_ports = [any_free(taken) for _ in range(_PROCESSES)]
            settings = self._settings(bootstrap, proxy.url, push_ports, providers)
            wait_for_servers(settings[0], seconds=60)
            supervisor = self._supervisor(settings)
            surface = Surface(self._stack, proxy, kafka, supervisor, settings[0], endpoints.elasticsearch)
            supervisor.begin()
            context.callback(lambda: self.outcome.exits.update(supervisor.stop()))
            with Watch(settings[0], supervisor, self.outcome.samples):
                began = time.monotonic()
                self._send_and_disturb(providers, push_ports, surface)
                ended = time.monotonic()
                self.outcome.seconds = ended - began
                self.outcome.caught_up = wait_for_the_end(settings[0], self._plan, CATCH_UP_SECONDS)
                self.outcome.catch_up_seconds = time.monotonic() - ended
            self.outcome.lies = proxy.lies
            self.outcome.poisoned = len(surface.poison) + len(surface.more_poison)
            self.outcome.differences = differences(self._plan, surface)
        return self.outcome

    def _settings(
        self, bootstrap: str, elasticsearch: str, push_ports: list[int], providers: Providers
    ) -> list[Settings]:
        """Of each process that runs connectors; they differ in the port for pushes only."""
        name = f"s{uuid.uuid4().hex[:8]}"
        connectors = self._directory / "connectors"
        connectors.mkdir()
        secret = self._directory / "secret"
        secret.write_text(SECRET, encoding="utf-8")
        for connector, text in providers.connector_files(secret).items():
            (connectors / f"{connector}.yaml").write_text(text, encoding="utf-8")
        settings = Settings(
            kafka=KafkaSettings(
                bootstrap_servers=bootstrap,
                topic_prefix=name,
                group_prefix=name,
                partitions=4,
                session_timeout_seconds=6,
            ),
            elasticsearch=ElasticsearchSettings(url=elasticsearch, prefix=f"{name}-", request_timeout_seconds=5),
            connectors=ConnectorsSettings(directory=connectors, rescan_seconds=1, pushes_per_minute=6000),
            worker=WorkerSettings(
                state_directory=self._directory / "state", retry_initial_seconds=0.1, retry_max_seconds=2
            ),
            monitoring=MonitoringSettings(enabled=False),
        )
        return [
            settings.model_copy(update={"connectors": settings.connectors.model_copy(update={"webhook_port": port})})
            for port in push_ports
        ]

    def _supervisor(self, settings: list[Settings]) -> Supervisor:
        supervisor = Supervisor(self._directory)
        for number, own in enumerate(settings, 1):
            config = self._directory / f"wiredesk-{number}.yaml"
            config.write_text(own.model_dump_json(), encoding="utf-8")  # JSON is YAML
            supervisor.add(f"connectors-{number}", config, "connectors", "run")
            supervisor.add(f"worker-{number}", config, "worker")
        return supervisor

    def _send_and_disturb(self, providers: Providers, push_ports: list[int], surface: Surface) -> None:
        """Each channel and each lane of faults in a thread of its own; the first error ends the run."""
        began = time.monotonic()

        def progress() -> float:
            if self._minutes:
                return (time.monotonic() - began) / (60 * self._minutes)
            return self._begun / self._count if self._count else 1.0

        kinds = self._sequence()
        with ThreadPoolExecutor() as pool:
            running = [pool.submit(self._send, channel, providers, push_ports, progress) for channel in CHANNELS] + [
                pool.submit(self._disturb, lane, kinds, surface, progress) for lane in range(self._lanes)
            ]
            for future in running:
                future.result()

    def _send(
        self, channel: Channel, providers: Providers, push_ports: list[int], progress: Callable[[], float]
    ) -> None:
        """The versions of one channel in their order, spread over the faults."""
        chance = random.Random(f"{self._seed} {channel}")
        versions = [version for version in self._plan.sent if version.channel == channel]
        for place, version in enumerate(versions):
            while place >= progress() * len(versions):
                time.sleep(0.05)
            providers.send(version, push_ports, time.monotonic() + CATCH_UP_SECONDS)
            time.sleep(chance.uniform(0, 0.1))

    def _sequence(self) -> Iterator[str]:
        """Every kind as often as the others, in an order of chance."""
        chance = random.Random(self._seed)
        left = self._count
        while left > 0:
            kinds = sorted(self._kinds)
            chance.shuffle(kinds)
            yield from kinds[:left]
            left -= len(kinds)

    def _disturb(self, lane: int, kinds: Iterator[str], surface: Surface, progress: Callable[[], float]) -> None:
        chance = random.Random(f"{self._seed} lane {lane}")
        while True:
            with self._lock:
                kind = next(kinds, None)
                if kind is None:
                    return
                self._begun += 1
                number = self._begun
            while self._minutes and progress() < number / (self._count + 1):
                time.sleep(0.2)
            sys.stderr.write(f"{number:>5} of {self._count}  {kind}\n")
            self._kinds[kind](surface, chance)
            self.outcome.faults.append((kind, time.monotonic()))
            time.sleep(chance.uniform(0, 2))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=400)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--lanes", type=int, default=3, help="So many faults at a time.")
    parser.add_argument("--minutes", type=float, help="Spread all over so long; no fault ends a process.")
    parser.add_argument("--lie", type=float, default=0.0, help="Share of writes that are acknowledged and not done.")
    parser.add_argument("--keep", type=Path, help="A new directory for the logs, which is not deleted.")
    given = parser.parse_args()
    sys.stderr.write(f"seed {given.seed}\n")
    # Ended from outside it leaves neither servers nor workers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as context:
        directory = given.keep or Path(context.enter_context(tempfile.TemporaryDirectory()))
        installation = directory / "installation"
        installation.mkdir(parents=True)
        proxied = any_free(set())
        context.enter_context(advertised(proxied))
        stack = LocalStack(directory / "stack", kafka_port=any_free({proxied}), elasticsearch_port=any_free({proxied}))
        stack.start()
        context.callback(stack.stop)
        plan = make_plan(given.stories, given.seed)
        soak = Soak(
            stack,
            installation,
            plan,
            given.faults,
            given.seed,
            kafka_proxy=proxied,
            lanes=given.lanes,
            minutes=given.minutes,
        )
        outcome = soak.run(given.lie)
        sys.stdout.write(outcome.table() + "\n")
    sys.exit(0 if outcome.flawless else 1)


if __name__ == "__main__":
    main()
