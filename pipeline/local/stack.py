"""The local stack: both servers together, with their ports, their data and what is known of them in one file.

``stack.json`` in the data directory names ports and processes. It is written before the servers are waited for, so
that a start that was killed is found again: the next start takes over what runs and starts what does not.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import platformdirs

from pipeline.events.errors import ConfigurationError, WiredeskError
from pipeline.local import elasticsearch, kafka, process
from pipeline.local.artifacts import cache_directory, fetch
from pipeline.local.java import compiled
from pipeline.local.ports import Ports, any_free, is_free, this_or_any_free
from pipeline.local.process import ServerProcess

ServerName = Literal["kafka", "elasticsearch"]
SERVERS: tuple[ServerName, ...] = ("kafka", "elasticsearch")

#: The argument by which a server of this directory is known among all processes.
_SIGN: dict[ServerName, str] = {"kafka": kafka.SIGN, "elasticsearch": elasticsearch.SIGN}

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Endpoints:
    """Where the servers answer: ``host:port`` of Kafka, URL of Elasticsearch."""

    bootstrap: str
    elasticsearch: str


class StackError(WiredeskError):
    """The local stack cannot do what was requested; the message says what to do."""


def default_data_directory() -> Path:
    """The default directory of a stack's data."""
    return Path(platformdirs.user_data_dir("wiredesk", appauthor=False)) / "stack"


def _quiet(_message: str) -> None:
    return


class LocalStack:
    """One Kafka and one Elasticsearch with their data in one directory.

    Args:
        data_directory: kept over restarts; ``None``: under the user's data directory.
        kafka_port: ``None``: the one used before, else 9092 if it is free, else any free one.
        elasticsearch_port: likewise, 9200.
        tell: gets a short line for each step.
    """

    def __init__(
        self,
        data_directory: Path | None = None,
        *,
        kafka_port: int | None = None,
        elasticsearch_port: int | None = None,
        tell: Tell = _quiet,
    ) -> None:
        self.directory = (data_directory or default_data_directory()).absolute()
        self._asked = (kafka_port, elasticsearch_port)
        self._tell = tell

    # what there is

    @property
    def _state_file(self) -> Path:
        return self.directory / "stack.json"

    def ports(self) -> Ports | None:
        """The ports in use or last used."""
        state = self._state()
        return Ports(**state["ports"]) if "ports" in state else None

    def server(self, name: ServerName) -> ServerProcess | None:
        """The server's process, if it runs."""
        entry = self._state().get("processes", {}).get(name)
        found = ServerProcess(**entry) if entry else None
        if found and found.alive():
            return found
        return process.find(_SIGN[name].format(home=self.directory / name))

    def endpoints(self) -> Endpoints | None:
        """Where the servers answer, if the stack has ever been started."""
        ports = self.ports()
        if ports is None:
            return None
        return Endpoints(f"127.0.0.1:{ports.kafka}", f"http://127.0.0.1:{ports.elasticsearch}")

    def log(self, name: ServerName) -> Path:
        """The server's log file."""
        return self.directory / f"{name}.log"

    def running(self) -> dict[ServerName, ServerProcess]:
        """The servers that run."""
        return {name: found for name in SERVERS if (found := self.server(name))}

    # what to do

    def start(self, *, timeout_seconds: float = 90) -> Endpoints:
        """Start what does not run and wait until both answer.

        Raises:
            StackError: both already run, or a server does not start (with the end of its log).
            ConfigurationError: the jars cannot be downloaded.
        """
        with self._locked():
            running = self.running()
            if len(running) == len(SERVERS) and self._state().get("ready"):
                raise StackError(
                    f"The local stack already runs with its data in {self.directory}: {self._where()}.",
                    hint="Use it as it is, or stop it first: wiredesk stack stop.",
                )
            if running:
                self._tell(f"found {' and '.join(running)} of an earlier start that did not end; going on from there")
            try:
                with _alone_on_this_machine():
                    ports = self.ports() if running else self._choose_ports()
                    assert ports is not None
                    self._save(ports, running)
                    for name in SERVERS:
                        if name not in running:
                            self._launch(name, ports)
                    for name in SERVERS:
                        self._await(name, timeout_seconds)
            except WiredeskError:
                # What did come up is of no use without the other, and nobody would think of stopping it.
                for name, found in self.running().items():
                    if name not in running:
                        found.stop()
                raise
            self._save(ports, self.running(), ready=True)
        endpoints = self.endpoints()
        assert endpoints is not None
        return endpoints

    def stop(self) -> list[ServerName]:
        """Stop both servers; returns those that ran."""
        with self._locked():
            running = self.running()
            for name in ("elasticsearch", "kafka"):
                if name in running:
                    self._tell(f"stopping {name}")
                    running[name].stop()
            ports = self.ports()
            if ports:
                self._save(ports, {})
        return list(running)

    def reset(self) -> None:
        """Stop both and delete their data; downloads are kept."""
        self.stop()
        for name in (*SERVERS, "stack.json"):
            path = self.directory / name
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        for name in SERVERS:
            self.log(name).unlink(missing_ok=True)

    # faults on purpose

    def kill(self, name: ServerName) -> None:
        """Kill one server as a crash would."""
        if found := self.server(name):
            found.send(signal.SIGKILL)
            found.wait(10)

    def pause(self, name: ServerName) -> None:
        """Stop one server in its tracks (SIGSTOP): its port stays open, nothing answers."""
        if found := self.server(name):
            found.send(signal.SIGSTOP)

    def resume(self, name: ServerName) -> None:
        """Let a paused server go on."""
        if found := self.server(name):
            found.send(signal.SIGCONT)

    def start_server(self, name: ServerName, *, timeout_seconds: float = 90) -> None:
        """Start one server again on its port and its data."""
        with self._locked():
            ports = self.ports()
            if ports is None:
                raise StackError("This stack was never started.", hint="Start it: wiredesk stack start.")
            if self.server(name) is None:
                self._launch(name, ports)
            self._await(name, timeout_seconds)
            running = self.running()
            self._save(ports, running, ready=len(running) == len(SERVERS))

    # how it is done

    def _launch(self, name: ServerName, ports: Ports) -> None:
        cache = cache_directory()
        artifacts = fetch(cache)
        home = self.directory / name
        home.mkdir(parents=True, exist_ok=True)
        if name == "kafka":
            command = kafka.prepare(home, artifacts, ports.kafka, ports.kafka_controller)
        else:
            classes = compiled(artifacts, cache)
            command = elasticsearch.prepare(
                home, artifacts, classes, ports.elasticsearch, ports.elasticsearch_transport
            )
        self._tell(f"starting {name}")
        started = process.start(command, self.log(name), home)
        self._save(ports, {**self.running(), name: started})

    def _await(self, name: ServerName, timeout_seconds: float) -> None:
        deadline = time.monotonic() + timeout_seconds
        endpoints = self.endpoints()
        assert endpoints is not None
        answers = _kafka_answers if name == "kafka" else _elasticsearch_answers
        where = endpoints.bootstrap if name == "kafka" else endpoints.elasticsearch
        while not answers(where):
            if self.server(name) is None:
                raise StackError(
                    f"{name} ended while starting. The end of {self.log(name)}:\n{process.tail(self.log(name))}"
                )
            if time.monotonic() > deadline:
                raise StackError(
                    f"{name} does not answer at {where} after {timeout_seconds:.0f} s. The end of "
                    f"{self.log(name)}:\n{process.tail(self.log(name))}"
                )
            time.sleep(0.2)
        self._tell(f"{name} answers at {where}")

    def _choose_ports(self) -> Ports:
        before = self.ports()
        wanted = (
            self._asked[0] or (before.kafka if before else 9092),
            self._asked[1] or (before.elasticsearch if before else 9200),
        )
        for asked, name in zip(self._asked, SERVERS, strict=True):
            if asked is not None and not is_free(asked):
                raise StackError(
                    f"Port {asked} for {name} is in use by another program.", hint=f"Choose another: --{name}-port."
                )
        taken: set[int] = set()
        chosen = [this_or_any_free(port, taken) for port in wanted]
        # Nobody types these two: any will do.
        others = (before.kafka_controller, before.elasticsearch_transport) if before else ()
        inner = [this_or_any_free(port, taken) for port in others] or [any_free(taken), any_free(taken)]
        return Ports(chosen[0], inner[0], chosen[1], inner[1])

    def _state(self) -> dict[str, Any]:
        try:
            loaded: dict[str, Any] = json.loads(self._state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return loaded

    def _save(self, ports: Ports, processes: dict[ServerName, ServerProcess], *, ready: bool = False) -> None:
        state = {
            "ports": asdict(ports),
            "processes": {name: asdict(found) for name, found in processes.items()},
            # Whether a start has seen both answer; one that was cut off has not.
            "ready": ready,
        }
        temporary = self._state_file.with_suffix(".tmp")
        temporary.write_text(json.dumps(state, indent=1), encoding="utf-8")
        temporary.replace(self._state_file)

    def _where(self) -> str:
        endpoints = self.endpoints()
        return f"Kafka at {endpoints.bootstrap}, Elasticsearch at {endpoints.elasticsearch}" if endpoints else "nowhere"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One command at a time on a data directory; the lock ends with the process, however it ends."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            file = (self.directory / "lock").open("w")
        except OSError as error:
            raise ConfigurationError(
                f"The data directory {self.directory} cannot be used: {error.strerror}.",
                hint="Choose another: --data-dir.",
            ) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StackError(
                    f"Another command works on the stack in {self.directory} right now.", hint="Wait for it to end."
                ) from error
            yield


@contextmanager
def _alone_on_this_machine() -> Iterator[None]:
    """One start at a time: of two that choose free ports at the same moment, both could choose the same."""
    with (Path(tempfile.gettempdir()) / f"wiredesk-start-{os.getuid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _kafka_answers(bootstrap: str) -> bool:
    host, _, port = bootstrap.partition(":")
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((host, int(port))) != 0:
            return False
    return asyncio.run(_kafka_knows_itself(bootstrap))


async def _kafka_knows_itself(bootstrap: str) -> bool:
    # Not by kafka-python: its clients leave sockets open where their making fails.
    from aiokafka.client import AIOKafkaClient  # noqa: PLC0415 - only here, and slow to import
    from aiokafka.errors import KafkaError  # noqa: PLC0415

    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=5000)
    try:
        await client.bootstrap()
    except (KafkaError, OSError):
        return False
    finally:
        await client.close()
    return True


def _elasticsearch_answers(url: str) -> bool:
    try:
        answer = httpx.get(f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=3)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200
