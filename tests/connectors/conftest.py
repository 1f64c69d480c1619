"""A web server that answers as a test says; a fake broker; and topics of one test on the real Kafka."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition

from connectors.state import read_pushes, read_states
from pipeline.broker.kafka_publisher import KafkaPublisher
from pipeline.broker.topics import topics_of
from pipeline.broker.topics_admin import ensure_topics
from pipeline.events import ConnectorState
from pipeline.settings import Settings
from pipeline.testing import FakePublisher


@dataclass
class Web:
    """``pages`` maps a path to what it answers: a function of the request."""

    url: str
    pages: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def page(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        """Let a path answer this; underscores in header names are hyphens."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            if status != 304:
                request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        self.pages[path] = answer
        return self.url + path


@pytest.fixture
def web() -> Iterator[Web]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            page = served.pages.get(self.path)
            if page is None:
                self.send_error(404)
                return
            try:
                page(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def do_POST(self) -> None:
            self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            served.bodies.append(self.body)
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Web(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def _settings(folder: Path, **kafka: object) -> Settings:
    """Settings with small limits and short times; makes the connectors' directory."""
    (folder / "connectors").mkdir()
    return Settings.model_validate(
        {
            "kafka": {"partitions": 2, "session_timeout_seconds": 6, "max_message_bytes": 200_000, **kafka},
            "connectors": {
                "directory": str(folder / "connectors"),
                "rescan_seconds": 0.2,
                "timeout_seconds": 5,
                "webhook_port": 0,
                "max_body_bytes": 1_000_000,
            },
        }
    )


@dataclass
class FakeBroker:
    """No broker: what was published is kept in memory."""

    settings: Settings
    publisher: FakePublisher

    def read(self, name: str, at_least: int = 0, seconds: float = 30) -> list[tuple[bytes | None, bytes | None]]:
        """All messages of a topic (``raw``, ``dead``, ``connectors``), once there are so many, or the time is up."""
        deadline = time.monotonic() + seconds
        while len(self.publisher.of(name)) < at_least and time.monotonic() < deadline:
            time.sleep(0.01)
        return [(message.key, message.value) for message in self.publisher.of(name)]

    def states(self) -> dict[str, ConnectorState]:
        """The newest state of each connector."""
        states = [
            ConnectorState.decode(value or b"") for key, value in self.read("connectors") if not read_pushes(key, value)
        ]
        return {state.connector: state for state in states}


@pytest.fixture
def fake_broker(tmp_path: Path) -> FakeBroker:
    settings = _settings(tmp_path)
    return FakeBroker(settings, FakePublisher(settings.kafka.max_message_bytes))


@dataclass
class Broker:
    """The session's Kafka with topics of one test."""

    settings: Settings
    publisher: KafkaPublisher

    def read(self, name: str, at_least: int = 0, seconds: float = 90) -> list[tuple[bytes | None, bytes | None]]:
        """All records of a topic (``raw``, ``dead``, ``connectors``), once there are so many, or the time is up."""
        topic = getattr(topics_of(self.settings), name)
        consumer = KafkaConsumer(
            bootstrap_servers=self.settings.kafka.bootstrap_servers, auto_offset_reset="earliest", group_id=None
        )
        try:
            targets = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
            consumer.assign(targets)
            deadline = time.monotonic() + seconds
            found: list[tuple[bytes | None, bytes | None]] = []
            while time.monotonic() < deadline:
                for records in consumer.poll(timeout_ms=100).values():
                    found += [(record.key, record.value) for record in records]
                ends = consumer.end_offsets(targets)
                if len(found) >= at_least and all(consumer.position(target) >= ends[target] for target in targets):
                    break
            return found
        finally:
            consumer.close()

    def states(self) -> dict[str, ConnectorState]:
        """The newest state of each connector."""
        topic = topics_of(self.settings).connectors
        return read_states(self.settings.kafka, topic.name, range(topic.partitions))


@pytest.fixture
def broker(stack: object, tmp_path: Path) -> Iterator[Broker]:
    unique = uuid.uuid4().hex[:8]
    settings = _settings(
        tmp_path,
        bootstrap_servers=stack.bootstrap,  # type: ignore[attr-defined]
        topic_prefix=f"c{unique}",
        group_prefix=f"c{unique}",
    )
    ensure_topics(settings)
    publisher = KafkaPublisher(settings.kafka)
    yield Broker(settings, publisher)
    publisher.close()
