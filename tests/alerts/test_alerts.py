"""Each saved alert tells once a story, on the real index with real receivers."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socketserver
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from pipeline.alerts.config import Alert
from pipeline.alerts.service import AlertService, alerts_in_background
from pipeline.alerts.state import Memory
from pipeline.broker.elasticsearch_client import async_elasticsearch_client, elasticsearch_client
from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, Entity
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.index import admin
from pipeline.index.mapping import BASES, IndexNames
from pipeline.index.writer import Writer
from pipeline.settings import AlertsSettings, DeskSettings, ElasticsearchSettings, IndexSettings, Secret, Settings

START = datetime(2026, 5, 4, 12, tzinfo=UTC)


@dataclass
class Receiver:
    """A webhook's other end: keeps what it is sent, answers what it is told to."""

    url: str = ""
    status: int = 200
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def notices(self) -> list[tuple[str, str]]:
        bodies = [json.loads(body) for _, body in self.taken]
        return [(body["event"], body["story"]["story_id"].rpartition("-")[2]) for body in bodies]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if receiver.status < 300:
                receiver.taken.append(({name.casefold(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.status)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield receiver
    server.shutdown()
    server.server_close()


@pytest.fixture
def mailbox() -> Iterator[tuple[int, list[EmailMessage]]]:
    """A mail server that takes everything."""
    messages: list[EmailMessage] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            while line := self.rfile.readline():
                if line.upper().startswith(b"DATA"):
                    self.wfile.write(b"354 go on\r\n")
                    text = b"".join(iter(self.rfile.readline, b".\r\n"))
                    messages.append(message_from_bytes(text, policy=policy.default))  # type: ignore[arg-type]
                self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")
                if line.upper().startswith(b"QUIT"):
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], messages
        server.shutdown()


@pytest.fixture(scope="module")
def settings(stack: Any) -> Iterator[Settings]:
    elasticsearch = ElasticsearchSettings(url=stack.elasticsearch, prefix=f"a{uuid.uuid4().hex[:8]}-")
    names = IndexNames(elasticsearch.prefix)
    with elasticsearch_client(elasticsearch) as client:
        admin.init(client, elasticsearch)
        yield Settings(elasticsearch=elasticsearch, desk=DeskSettings(url="https://desk.example"))
        indices = [names.index(base, 1) for base in BASES] + [Memory(client, elasticsearch).index]
        client.indices.delete(index=indices, ignore_unavailable=True)
        for base in BASES:
            client.indices.delete_index_template(name=names.template(base))


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[Elasticsearch]:
    with elasticsearch_client(settings.elasticsearch) as client:
        yield client


@pytest.fixture
def bridge() -> str:
    """A word that stands in no story of another test."""
    return "bridge" + uuid.uuid4().hex[:10]


@pytest.fixture
def add(settings: Settings, bridge: str) -> Callable[..., None]:
    """Writes a story; its id is of this test only, and where its headline says bridge, it is this test's bridge."""

    def run(story_id: str, headline: str, body: str = "", *, minutes: float = 1, version: int = 1, **more: Any) -> None:
        time = START + timedelta(minutes=minutes)
        indexed = time + timedelta(minutes=more.pop("minutes_on_its_way", 0))
        group = f"{bridge}-{more.pop('group', story_id)}"
        story_id, headline = f"{bridge}-{story_id}", headline.replace("bridge", bridge)
        content = Content(headline=headline, body=body, language="en", embargoed=more.pop("embargoed", None))
        story = EnrichedStory(
            story_id=story_id, provider="Talvek", item_id=story_id, index_version=version, version_rank=version,
            first_seen=time, first_created=time, version_created=time, received=time, content=content,
            cluster=Cluster(cluster_id=group, duplicate_of=group if group != story_id else None),
            enrichment=Enrichment(entities=tuple(Entity(label="GPE", name=name) for name in more.pop("places", ()))), **more,
        )  # fmt: skip

        async def write() -> None:
            client = async_elasticsearch_client(settings.elasticsearch)
            await Writer(client, settings.elasticsearch, IndexSettings()).write([story], [indexed])
            await client.indices.refresh(index=IndexNames(settings.elasticsearch.prefix).alias("stories"))
            await client.close()

        asyncio.run(write())

    return run


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.fixture
def bridges(receiver: Receiver, bridge: str) -> Callable[..., Alert]:
    def make(**more: Any) -> Alert:
        return Alert.model_validate({"name": bridge, "words": bridge, "webhook": {"url": receiver.url}} | more)

    return make


@pytest.mark.stack
def test_once_a_story_over_versions_copies_and_restarts(
    settings: Settings,
    client: Elasticsearch,
    add: Callable[..., None],
    receiver: Receiver,
    bridges: Callable[..., Alert],
) -> None:
    alert = bridges()

    def check(minutes: float) -> int:
        return AlertService(settings, client, [alert]).check(alert, at(minutes))  # as new each time: nothing in memory

    add("old", "An old bridge", minutes=-30)
    assert check(0) == 0, "the first look only says from when on"
    add("one", "A bridge falls", minutes=1)
    add("ferry", "A ferry sinks", minutes=1)
    add("fill", "A bridge of long ago", minutes=1, lane="backfill")
    assert check(2) == 2
    assert sorted(receiver.notices) == [("match", "old"), ("match", "one")], "what came while nobody looked is told too"
    receiver.taken.clear()
    add("one", "A bridge falls, five hurt", minutes=3, version=2)
    add("copy", "The bridge fell", minutes=3, group="one")
    add("one", "A bridge falls, six hurt", minutes=3.5, version=3, group="two")
    assert check(4) == 0
    add("ferry", "A ferry sinks under a bridge", minutes=5, version=2)
    assert check(6) == 1
    assert receiver.notices == [("match", "ferry")]


@pytest.mark.stack
def test_what_was_on_its_way_for_long_is_told_when_it_can_be_found(
    settings: Settings,
    client: Elasticsearch,
    add: Callable[..., None],
    receiver: Receiver,
    bridges: Callable[..., Alert],
) -> None:
    alert = bridges()
    service = AlertService(settings, client, [alert])
    service.check(alert, at(0))
    service.check(alert, at(600))
    add("late", "A bridge falls while a server is away", minutes=1, minutes_on_its_way=600)
    add("again", "A bridge of last month, worked through once more", minutes=-50_000, minutes_on_its_way=50_600)
    assert service.check(alert, at(601)) == 1
    assert receiver.notices == [("match", "late")]


@pytest.mark.stack
def test_two_copies_at_once_are_one(
    settings: Settings,
    client: Elasticsearch,
    add: Callable[..., None],
    receiver: Receiver,
    bridges: Callable[..., Alert],
) -> None:
    alert = bridges()
    service = AlertService(settings, client, [alert])
    service.check(alert, at(0))
    add("one", "A bridge falls", minutes=1)
    add("copy", "The bridge fell", minutes=1.5, group="one")
    assert service.check(alert, at(2)) == 1
    assert receiver.notices == [("match", "one")]


@pytest.mark.stack
def test_a_kill_is_told_to_whom_the_story_was_told(
    settings: Settings,
    client: Elasticsearch,
    add: Callable[..., None],
    receiver: Receiver,
    bridges: Callable[..., Alert],
    bridge: str,
) -> None:
    alert = bridges(words="", place=[bridge])
    service = AlertService(settings, client, [alert])
    service.check(alert, at(0))
    add("one", "A bridge falls", minutes=1, places=(bridge,))
    add("else", "Minister resigns", minutes=1)
    service.check(alert, at(2))
    add("one", "A bridge falls", "Do not use.", minutes=3, version=2, killed=True)
    add("else", "Minister resigns", "Do not use.", minutes=3, version=2, killed=True)
    assert service.check(alert, at(4)) == 1
    assert service.check(alert, at(5)) == 0
    assert receiver.notices == [("match", "one"), ("kill", "one")]


@pytest.mark.stack
def test_killed_before_it_was_told_it_is_not_told(
    settings: Settings,
    client: Elasticsearch,
    add: Callable[..., None],
    receiver: Receiver,
    bridges: Callable[..., Alert],
) -> None:
    alert = bridges()
    service = AlertService(settings, client, [alert])
    service.check(alert, at(0))
    add("one", "A bridge falls", minutes=1, killed=True)
    add("two", "A bridge sways", minutes=1, pubstatus="withheld")
    assert service.check(alert, at(2)) == 0


@pytest.mark.stack
def test_for_readers_an_embargoed_story_is_told_when_its_embargo_ends(
    settings: Settings,
    client: Elasticsearch,
    add: Callable[..., None],
    receiver: Receiver,
    bridges: Callable[..., Alert],
) -> None:
    now = datetime.now(UTC)
    early, public = bridges(), bridges(name=f"public-{uuid.uuid4().hex[:8]}", public=True)
    service = AlertService(settings, client, [early, public])
    for alert in (early, public):
        service.check(alert, now - timedelta(hours=9))
    minutes = (now - START) / timedelta(minutes=1)
    add("one", "A bridge for all", minutes=minutes - 500, embargoed=now + timedelta(seconds=3))
    assert service.check(early, now) == 1
    assert service.check(public, now) == 0
    threading.Event().wait(3.5)
    assert service.check(public, datetime.now(UTC)) == 1


@pytest.mark.stack
def test_a_receiver_that_fails_is_told_again(
    settings: Settings,
    client: Elasticsearch,
    add: Callable[..., None],
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    bridges: Callable[..., Alert],
) -> None:
    monkeypatch.setenv("HOOK", "hush")
    alert = bridges(webhook={"url": receiver.url, "secret": Secret(env="HOOK"), "bearer_token": Secret(env="HOOK")})
    service = AlertService(settings, client, [alert])
    service.check(alert, at(0))
    add("one", "A bridge falls", minutes=1)
    for status in (500, 302, 404):
        receiver.status = status
        with pytest.raises(UnreachableError, match=str(status)):
            service.check(alert, at(2))
    receiver.status = 204
    assert service.check(alert, at(300)) == 1, "however long it took"
    ((headers, body),) = receiver.taken
    assert headers["x-wiredesk-signature"] == "sha256=" + hmac.new(b"hush", body, hashlib.sha256).hexdigest()
    assert headers["authorization"] == "Bearer hush"
    assert len(headers["idempotency-key"]) == 64


@pytest.mark.stack
def test_by_mail(
    settings: Settings,
    client: Elasticsearch,
    add: Callable[..., None],
    mailbox: tuple[int, list[EmailMessage]],
    bridge: str,
) -> None:
    port, messages = mailbox
    email = {"to": ["a@example.org", "b@example.org"]}
    alert = Alert.model_validate({"name": bridge, "words": bridge, "email": email})
    unset = AlertService(settings, client, [alert])
    unset.check(alert, at(0))
    add("one", "A bridge falls", minutes=1)
    with pytest.raises(ConfigurationError, match="smtp_host"):
        unset.check(alert, at(1))
    server = AlertsSettings(smtp_host="127.0.0.1", smtp_port=port, mail_from="desk@example.org")
    service = AlertService(settings.model_copy(update={"alerts": server}), client, [alert])
    add("two", "Anóther bridge falls", minutes=2)
    assert service.check(alert, at(3)) == 2
    (message,) = messages
    assert message["To"] == "a@example.org, b@example.org"
    assert message["Subject"] == f"A {bridge} falls (and 1 more)"
    assert "Anóther" in message.get_content()


@pytest.mark.stack
def test_in_the_background_from_files(
    settings: Settings,
    add: Callable[..., None],
    receiver: Receiver,
    tmp_path: Path,
    bridge: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pipeline.alerts.service._SECONDS", 0.1)
    text = f"words: {bridge}\nwebhook: {{url: '{receiver.url}'}}\n"
    (tmp_path / f"{bridge}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "off.yaml").write_text(f"enabled: false\n{text}", encoding="utf-8")
    settings = settings.model_copy(update={"alerts": AlertsSettings(directory=tmp_path)})
    stop = alerts_in_background(settings)
    try:
        with elasticsearch_client(settings.elasticsearch) as client:
            memory = Memory(client, settings.elasticsearch)
            assert until(lambda: client.indices.exists(index=memory.index) and memory.cursor(bridge))
        minutes = (datetime.now(UTC) - START) / timedelta(minutes=1)
        add("one", "A bridge falls", minutes=minutes)
        assert until(lambda: receiver.taken)
    finally:
        stop()
    assert receiver.notices == [("match", "one")]


def until(condition: Callable[[], Any], seconds: float = 20) -> bool:
    waiting = threading.Event()
    for _ in range(int(seconds * 10)):
        if condition():
            return True
        waiting.wait(0.1)
    return False
