"""An archive on the real broker: everything in it arrives, in its own lane, and never more at a time than allowed."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata
from typer import Typer
from typer.testing import CliRunner

from connectors.config import ConnectorConfig
from connectors.transports.files import file_payload, files
from pipeline.backfill.archive import next_page, numbered
from pipeline.backfill.load import LagPace
from pipeline.broker.restore import read_partition
from pipeline.broker.topics import topics_of
from pipeline.broker.topics_admin import ensure_topics
from pipeline.cli.backfill import backfill
from pipeline.events import DeadLetter, RawItem
from pipeline.events.errors import ConfigurationError, ParseError, UnreachableError
from pipeline.settings import KafkaSettings, Settings
from pipeline.testing import FakePublisher

APP = Typer()
APP.command()(backfill)


def rss(*numbers: int, following: str | None = None) -> bytes:
    link = f'<atom:link rel="next" href="{following}"/>' if following else ""
    items = "".join(
        f"<item><guid isPermaLink='false'>n{number}</guid><title>Ferry {number}</title><description>Calm.</description></item>"
        for number in numbers
    )
    return (
        f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>x</title>{link}{items}'
        "</channel></rss>"
    ).encode()


def http_config(url: str) -> ConnectorConfig:
    transport = {"type": "http", "url": url, "allow_private_addresses": True}
    return ConnectorConfig.model_validate({"name": "orbis", "transport": transport, "provider": "Orbis"})


# what needs no broker


def test_files_of_folders_without_hidden_ones_and_links(tmp_path: Path) -> None:
    for name in ("b.xml", "a.xml", ".hidden", "deep/c.xml", ".git/d.xml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "link.xml").symlink_to("/etc/hostname")
    assert [path.name for path in files([tmp_path, tmp_path / "a.xml"])] == ["a.xml", "b.xml", "c.xml", "a.xml"]
    with pytest.raises(ConfigurationError, match="does not exist"):
        files([tmp_path / "nowhere"])


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xml.gz"
    bomb.write_bytes(gzip.compress(b"0" * 50_000_000))
    with pytest.raises(ParseError, match="more than 1,000 bytes"):
        list(file_payload(bomb, 1000).parts())
    bomb.write_bytes(gzip.compress(b"0" * 5000)[:-20])
    with pytest.raises(ParseError, match="cannot be read"):
        list(file_payload(bomb, 10_000).parts())


@pytest.mark.parametrize(
    ("link", "target"),
    [
        (None, None),
        ("?page=2", "https://a.example/feed?page=2"),
        ("https://a.example/2", "https://a.example/2"),
        ("https://b.example/2", None),
        ("http://a.example/2", None),
        ("file:///etc/passwd", None),
        ("https://a.example/feed", None),
    ],
)
def test_only_pages_of_the_feeds_own_host_are_followed(link: str | None, target: str | None) -> None:
    url = "https://a.example/feed"
    assert next_page(http_config(url), url, link, {url}) == target


def test_numbered_pages() -> None:
    addresses = numbered("https://a.example/?paged={page}")
    assert [next(addresses), next(addresses)] == ["https://a.example/?paged=1", "https://a.example/?paged=2"]
    with pytest.raises(ConfigurationError, match=r"does not contain \{page\}"):
        numbered("https://a.example/")


def test_the_pace_waits_until_there_is_room() -> None:
    lags = iter([120, 110, 100, 99, 5])
    slept: list[float] = []
    pace = LagPace(lambda: next(lags), 100, lambda _: None, slept.append)
    pace.wait()
    assert len(slept) == 3
    pace.wait()
    assert len(slept) == 3


def test_a_broker_that_cannot_say_how_much_waits_is_waited_for() -> None:
    answers: list[int | Exception] = [UnreachableError("the coordinator is loading"), UnreachableError("still"), 120, 5]
    slept: list[float] = []

    def lag() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    LagPace(lag, 100, lambda _: None, slept.append).wait()
    assert (answers, len(slept)) == ([], 3)


# on a fake broker


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePublisher:
    """What the command publishes, with no broker; its settings name the connectors of ``tmp_path / "connectors"``."""
    publisher = FakePublisher()
    monkeypatch.setattr("pipeline.broker.kafka_publisher.KafkaPublisher", lambda _kafka: publisher)
    monkeypatch.setattr("pipeline.runtime.status.StatusReader", lambda _settings: BytesIO())
    (tmp_path / "connectors").mkdir()
    config = {"connectors": {"directory": str(tmp_path / "connectors")}}
    (tmp_path / "wiredesk.yaml").write_text(json.dumps(config))
    monkeypatch.setenv("WIREDESK_CONFIG", str(tmp_path / "wiredesk.yaml"))
    return publisher


def published_items(publisher: FakePublisher) -> list[RawItem]:
    return [RawItem.decode(message.value) for message in publisher.of("raw")]


# on the broker


@pytest.fixture
def settings(stack: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    name = uuid.uuid4().hex[:8]
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap, topic_prefix=f"t{name}", group_prefix=f"g{name}",
                          partitions=2, max_message_bytes=1_000_000)  # fmt: skip
    settings = Settings(kafka=kafka)
    ensure_topics(settings)
    (tmp_path / "connectors").mkdir()
    config = {"kafka": kafka.model_dump(mode="json"), "connectors": {"directory": str(tmp_path / "connectors")}}
    (tmp_path / "wiredesk.yaml").write_text(json.dumps(config))
    monkeypatch.setenv("WIREDESK_CONFIG", str(tmp_path / "wiredesk.yaml"))
    return settings


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(APP, [str(argument) for argument in arguments])
    assert result.exit_code == code, (result.output, result.exception)
    return result.output


def values(settings: Settings, topic: str) -> list[bytes]:
    async def read() -> list[bytes]:
        found = []
        for partition in range(settings.kafka.partitions):
            async for _, _, value in read_partition(settings.kafka, topic, partition, 0):
                found.append(value or b"")
        return found

    return asyncio.run(read())


def raw_items(settings: Settings) -> list[RawItem]:
    return [RawItem.decode(value) for value in values(settings, topics_of(settings).raw.name)]


@pytest.mark.stack
def test_files_go_to_their_lane_and_what_is_no_feed_to_the_dead_letters(settings: Settings, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "1.xml").write_bytes(rss(1, 2))
    (archive / "2.xml.gz").write_bytes(gzip.compress(rss(3)))
    (archive / "3.xml").write_bytes(b"\x00\x01 no feed")
    assert "3 items of 3 files" in run(archive, "--provider", "Orbis", "--no-wait", code=1)
    items = raw_items(settings)
    assert {(item.item_id, item.lane, item.provider) for item in items} == {
        (f"n{number}", "backfill", "Orbis") for number in (1, 2, 3)
    }
    (letter,) = [DeadLetter.decode(value) for value in values(settings, topics_of(settings).dead.name)]
    assert letter.original == b"\x00\x01 no feed"
    assert str(letter.url).endswith("3.xml")


def test_a_file_of_a_feed_has_the_ids_and_links_of_the_feed(
    published: FakePublisher, tmp_path: Path, feed: str
) -> None:
    (tmp_path / "connectors" / "orbis.yaml").write_text(f"transport: {{type: http, url: '{feed}'}}\nprovider: Orbis\n")
    (tmp_path / "one.xml").write_bytes(rss(1).replace(b" isPermaLink='false'", b""))
    run(tmp_path / "one.xml", "--connector", "orbis", "--no-wait")
    (item,) = published_items(published)
    assert (item.item_id, item.item.link) == ("n1", feed.replace("/feed", "/n1"))


def test_as_a_connector_reads_them(published: FakePublisher, tmp_path: Path) -> None:
    (tmp_path / "connectors" / "orbis.yaml").write_text(
        "transport: {type: folder, path: drop}\nprovider: Orbis\nparser: rss\ntags: [old]\n"
    )
    (tmp_path / "one.xml").write_bytes(rss(1))
    run(tmp_path / "one.xml", "--connector", "orbis", "--no-wait")
    (item,) = published_items(published)
    assert (item.connector, item.tags, item.lane) == ("orbis", ("old",), "backfill")
    for wrong in (
        ["x", "--connector", "nobody"], [tmp_path / "one.xml"], ["--connector", "orbis"],
        ["--connector", "orbis", "--pages", "3"], [tmp_path / "connectors" / "none", "--provider", "x"],
        [tmp_path / "one.xml", "--provider", "x", "--parser", "nonsense"],
    ):  # fmt: skip
        result = CliRunner().invoke(APP, [str(part) for part in wrong])
        assert isinstance(result.exception, ConfigurationError), wrong


@pytest.mark.stack
def test_without_topics_it_is_said_how_to_make_them(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.runtime.status._TOPIC_LOOKS", 1)
    nowhere = {"kafka": settings.kafka.model_dump(mode="json") | {"topic_prefix": "none"}}
    (tmp_path / "wiredesk.yaml").write_text(json.dumps(nowhere))
    (tmp_path / "one.xml").write_bytes(rss(1))
    result = CliRunner().invoke(APP, [str(tmp_path / "one.xml"), "--provider", "Orbis"])
    assert isinstance(result.exception, UnreachableError)
    assert "none.raw" in str(result.exception)
    assert "wiredesk topics" in str(result.exception)


class Stages(threading.Thread):
    """Works through wire.raw as a stage does, and stands still after a third of the archive until it is let go on.

    Attributes:
        waiting: how much was waiting, each time that it looked.
        order: the items in the order in which they were taken.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.standing, self.go_on, self.stopping = threading.Event(), threading.Event(), threading.Event()
        self.waiting: list[int] = []
        self.order: list[str] = []

    def run(self) -> None:
        topic = topics_of(self.settings).raw.name
        consumer = KafkaConsumer(bootstrap_servers=self.settings.kafka.bootstrap_servers, enable_auto_commit=False,
                                 group_id=f"{self.settings.kafka.group_prefix}-intake", max_poll_records=10)  # fmt: skip
        partitions = [TopicPartition(topic, number) for number in range(2)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        while not self.stopping.is_set():
            for records in consumer.poll(timeout_ms=50).values():
                self.order += [RawItem.decode(record.value).item_id for record in records]
            positions = {partition: consumer.position(partition) for partition in partitions}
            ends = consumer.end_offsets(partitions)
            self.waiting.append(sum(ends[partition] - positions[partition] for partition in partitions))
            consumer.commit({pair: OffsetAndMetadata(place, "", -1) for pair, place in positions.items()})
            if len(self.order) >= 100:
                self.standing.set()
                self.go_on.wait()
        consumer.close()


@pytest.mark.stack
def test_a_live_story_waits_for_few(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_bytes(rss(*range(300)))
    stages = Stages(settings)
    stages.start()
    said: list[str] = []
    command = (tmp_path / "one.xml", "--provider", "Orbis", "--max-lag", 40)
    archive = threading.Thread(target=lambda: said.append(run(*command)), daemon=True)
    archive.start()
    stages.standing.wait()
    taken = len(stages.order)
    while len(raw_items(settings)) - taken < 40:  # the archive fills what room it has
        stages.stopping.wait(0.05)
    with closing(KafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers)) as producer:
        item = raw_items(settings)[0].model_copy(update={"item_id": "live", "lane": "live"})
        producer.send(topics_of(settings).raw.name, key=item.key, value=item.encode()).get(60)
    stages.go_on.set()
    archive.join()
    while len(stages.order) < 301:
        stages.stopping.wait(0.05)
    stages.stopping.set()
    stages.join()
    assert "300 items" in said[0]
    assert max(stages.waiting) <= 40 + 25 + 1
    assert stages.order.index("live") - taken <= 40 + 25
    assert sorted(stages.order) == sorted(["live", *(f"n{number}" for number in range(300))])


class Pages(BaseHTTPRequestHandler):
    """A feed of three pages, the last of which names a next one on another host."""

    def do_GET(self) -> None:
        number = int(self.path.rsplit("=", 1)[1]) if "=" in self.path else 1
        following = f"/feed?page={number + 1}" if number < 3 else "http://192.0.2.1/feed"
        body = rss(number * 10, number * 10 + 1, following=following) if number <= 3 else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def feed() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/feed"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("by_number", [False, True])
def test_the_past_of_a_feed(published: FakePublisher, tmp_path: Path, feed: str, by_number: bool) -> None:
    (tmp_path / "connectors" / "orbis.yaml").write_text(
        f"transport: {{type: http, url: '{feed}', allow_private_addresses: true}}\nprovider: Orbis\n"
    )
    template = ["--page-url", f"{feed}?page={{page}}"] if by_number else []
    assert "6 items of 3 pages" in run("--connector", "orbis", "--pages", 10, "--no-wait", *template)
    assert {item.item_id for item in published_items(published)} == {"n10", "n11", "n20", "n21", "n30", "n31"}
