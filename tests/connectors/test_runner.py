"""One connector: each item published once, bad ones as dead letters, state kept. Delivery on the real Kafka."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from connectors.config import ConnectorConfig
from connectors.memory import stable_bytes
from connectors.parse_pool import ParseInProcess
from connectors.runner import ConnectorRun
from connectors.transports.base import Payload, Poll
from connectors.transports.folder import FolderTransport
from pipeline.broker.kafka_publisher import KafkaPublisher
from pipeline.broker.messages import OutgoingMessage
from pipeline.broker.topics import topics_of
from pipeline.events import ConnectorState, DeadLetter, RawItem
from pipeline.events.errors import FatalError


def feed(*entries: tuple[str, str], build: str = "") -> bytes:
    items = "".join(
        f'<item><guid isPermaLink="false">{guid}</guid><title>{title}</title></item>' for guid, title in entries
    )
    return f'<rss version="2.0"><channel><title>{build}</title>{items}</channel></rss>'.encode()


def connector(transport: dict[str, Any], **options: Any) -> ConnectorConfig:
    return ConnectorConfig.model_validate({"name": "x", "provider": "Example", "transport": transport, **options})


def over_http(url: str, **options: Any) -> ConnectorConfig:
    return connector({"type": "http", "url": url, "allow_private_addresses": True}, parser="rss", **options)


class Steps:
    """A connector that is polled again and again, its state restored from the broker before each poll."""

    def __init__(self, broker: Any, config: ConnectorConfig) -> None:
        self.broker, self.config = broker, config
        self.publisher = broker.publisher
        self.now = datetime(2026, 11, 24, 8, tzinfo=UTC)

    def state(self) -> ConnectorState:
        return self.broker.states().get(self.config.name, ConnectorState(connector=self.config.name))

    def poll(self) -> ConnectorState:
        run = ConnectorRun(self.config, self.state(), self.broker.settings, self.publisher)
        self.now += timedelta(hours=2)
        run.poll_once(self.now)
        return run.state

    def items(self, at_least: int = 0) -> list[tuple[str, str | None]]:
        raws = [RawItem.decode(value) for _, value in self.broker.read("raw", at_least)]
        return sorted((raw.item_id, raw.item.headline) for raw in raws)

    def dead(self, at_least: int = 0) -> list[DeadLetter]:
        return [DeadLetter.decode(value) for _, value in self.broker.read("dead", at_least)]


@pytest.mark.stack
def test_polled_five_times_each_item_comes_once(broker: Any, web: Any) -> None:
    steps = Steps(broker, over_http(f"{web.url}/feed"))
    for number in range(5):
        web.page("/feed", feed(("a", "A"), ("b", "B"), build=str(number)))
        steps.poll()
    assert steps.items(2) == [("a", "A"), ("b", "B")]
    assert steps.state().items_published == 2


def test_changes_and_changes_back_come_as_they_happen(fake_broker: Any, web: Any) -> None:
    steps = Steps(fake_broker, over_http(f"{web.url}/feed"))
    for title in ("old", "new", "old", "old"):
        web.page("/feed", feed(("a", title), ("twin", "one"), ("twin", "two"), build=title))
        steps.poll()
    assert steps.items(5) == [("a", "new"), ("a", "old"), ("a", "old"), ("twin", "one"), ("twin", "two")]


def test_items_dated_in_the_future_come_once(fake_broker: Any, web: Any) -> None:
    steps = Steps(fake_broker, over_http(f"{web.url}/feed"))
    for number in range(3):
        body = feed(("a", "A"), build=str(number)).replace(
            b"</item>", b"<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate></item>"
        )
        web.page("/feed", body)
        steps.poll()
    assert steps.items(1) == [("a", "A")]


def test_feeds_larger_than_the_memory_of_marks_come_once(fake_broker: Any, web: Any) -> None:
    steps = Steps(fake_broker, over_http(f"{web.url}/feed"))
    for number in range(2):
        web.page("/feed", feed(*((str(guid), "x") for guid in range(2300)), build=str(number)))
        steps.poll()
    assert len(steps.items(2300)) == 2300


def test_a_broken_answer_is_an_error_and_its_validators_are_forgotten(fake_broker: Any, web: Any) -> None:
    url = web.page("/feed", feed(("a", "A")), ETag='"good"')
    steps = Steps(fake_broker, over_http(url))
    steps.poll()
    web.page("/feed", b"<html>Bad gateway, but with status 200</html>", ETag='"bad"')
    failed = steps.poll()
    assert "/feed" in (failed.last_error or "")
    assert (failed.etag, failed.failures) == ('"good"', 1)
    assert steps.dead() == []  # nothing is lost: the feed is asked again
    web.page("/feed", feed(("a", "A"), ("b", "B")))
    healed = steps.poll()
    assert (healed.last_error, healed.failures) == (None, 0)
    assert steps.items(2) == [("a", "A"), ("b", "B")]


def test_unreadable_files_become_dead_letters_and_the_others_go_on(fake_broker: Any, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "bad.xml").write_bytes(b"<rss><!DOCTYPE x [<!ENTITY a 'b'>]>")
    (drop / "empty.txt").write_bytes(b"")
    (drop / "good.txt").write_text("Headline of the story\n\nVIREHOLM (X) - Text.\n")
    steps = Steps(fake_broker, connector({"type": "folder", "path": str(drop), "rest_seconds": 0}))
    steps.poll()
    assert [headline for _, headline in steps.items(1)] == ["Headline of the story"]
    dead = {letter.url: letter for letter in steps.dead(2)}
    assert dead.keys() == {"bad.xml", "empty.txt"}
    assert dead["bad.xml"].original == b"<rss><!DOCTYPE x [<!ENTITY a 'b'>]>"
    assert (dead["bad.xml"].connector, dead["bad.xml"].stage, dead["bad.xml"].error) == ("x", "connector", "ParseError")
    assert "entities" in dead["bad.xml"].reason
    assert sorted(path.name for path in (drop / "failed").iterdir()) == ["bad.xml", "empty.txt"]
    assert [path.name for path in (drop / "done").iterdir()] == ["good.txt"]


def test_one_rejected_entry_costs_only_itself_and_is_told_once(fake_broker: Any, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    steps = Steps(fake_broker, connector({"type": "folder", "path": str(drop), "rest_seconds": 0}, parser="text"))
    for name in ("one.txt", "two.txt"):
        (drop / name).write_text("ZCZC 1\nHeadline here\n\nBody of it.\nNNNN\nZCZC 2\n\nNNNN\n")
        steps.poll()
    assert [letter.position for letter in steps.dead(1)] == ["line 6"]
    assert len(steps.items(1)) == 1


@pytest.mark.parametrize("whole", [True, False])
def test_an_archive_larger_than_a_body_may_be_comes_item_by_item(fake_broker: Any, tmp_path: Path, whole: bool) -> None:
    entries = "".join(f"<item><guid>a{number}</guid><title>{'x' * 1500}</title></item>" for number in range(1000))
    broken = "" if whole else f"<item><title>{'y' * 2_000_000}</title></item>"
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "archive.xml").write_text(f"<rss version='2.0'><channel>{entries}{broken}</channel></rss>")
    steps = Steps(fake_broker, connector({"type": "folder", "path": str(drop), "rest_seconds": 0}, parser="rss"))
    state = steps.poll()
    assert len({item_id for item_id, _ in steps.items(1000)}) == 1000
    assert state.items_published == 1000
    assert [path.name for path in (drop / ("done" if whole else "failed")).iterdir()] == ["archive.xml"]
    assert ["archive.xml: it has more than" in letter.reason for letter in steps.dead(not whole)] == [True] * (
        not whole
    )


def test_what_is_too_large_for_kafka_is_put_aside_and_the_rest_goes_on(fake_broker: Any, web: Any) -> None:
    url = web.page("/feed", feed(("big", "y" * 250_000), ("small", "S")))
    steps = Steps(fake_broker, over_http(url))
    steps.poll()
    assert steps.items(1) == [("small", "S")]
    assert ["refuses an item" in letter.reason for letter in steps.dead(1)] == [True]


@pytest.mark.stack
def test_what_the_broker_refuses_costs_no_other_record(broker: Any) -> None:
    """The settings here allow more than the topic takes, as where somebody has changed the topic."""
    topics = topics_of(broker.settings)
    publisher = KafkaPublisher(broker.settings.kafka.model_copy(update={"max_message_bytes": 4_000_000}))
    dense = [random.Random(seed).randbytes(size) for seed, size in enumerate([100, 300_000, 100, 250_000, 100])]
    records = [OutgoingMessage(topics.raw.name, str(number).encode(), value) for number, value in enumerate(dense)]

    def aside(record: OutgoingMessage, _error: Exception) -> OutgoingMessage:
        return OutgoingMessage(topics.dead.name, record.key, b"aside")

    publisher.publish(records, aside)
    publisher.publish([OutgoingMessage(topics.raw.name, b"after", b"x")], aside)
    publisher.close()
    assert sorted(key for key, _ in broker.read("raw", 4)) == [b"0", b"2", b"4", b"after"]
    assert sorted(key for key, _ in broker.read("dead", 2)) == [b"1", b"3"]


@pytest.mark.stack
def test_a_topic_that_takes_nothing_is_an_error_not_an_endless_loop(broker: Any) -> None:
    publisher = KafkaPublisher(broker.settings.kafka.model_copy(update={"max_message_bytes": 4_000_000}))
    record = OutgoingMessage(topics_of(broker.settings).raw.name, b"k", random.Random(1).randbytes(300_000))
    with pytest.raises(FatalError, match=r"max\.message\.bytes"):
        publisher.publish([record], lambda record, _error: record)
    publisher.close()


def test_a_crash_between_publishing_and_moving_loses_nothing(
    fake_broker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "a.txt").write_text("Headline of the story\n\nText of the story.\n")
    steps = Steps(fake_broker, connector({"type": "folder", "path": str(drop), "rest_seconds": 0}))
    run = ConnectorRun(steps.config, steps.state(), fake_broker.settings, steps.publisher)
    monkeypatch.setattr(run, "_store_state", lambda _now: (_ for _ in ()).throw(SystemExit("killed here")))
    with pytest.raises(SystemExit):
        run.poll_once(steps.now)
    assert [path.name for path in (drop / ".work").iterdir()] == ["a.txt"]
    steps.poll()  # what was not remembered is published again: intake drops it
    assert [path.name for path in (drop / "done").iterdir()] == ["a.txt"]
    first, second = (RawItem.decode(value) for _, value in fake_broker.read("raw", 2))
    assert stable_bytes(first) == stable_bytes(second)


def test_quiet_looks_are_not_written_each_time(fake_broker: Any, web: Any) -> None:
    url = web.page("/feed", feed(("a", "A")), ETag='"1"')
    steps = Steps(fake_broker, over_http(url))
    run = ConnectorRun(steps.config, steps.state(), fake_broker.settings, steps.publisher)
    run.poll_once(steps.now)
    web.page("/feed", status=304)
    for second in range(1, 30):
        run.poll_once(steps.now + timedelta(seconds=second))
    assert len(fake_broker.read("connectors", 1)) == 1
    run.poll_once(steps.now + timedelta(seconds=61))
    assert len(fake_broker.read("connectors", 2)) == 2


def test_a_fault_of_a_transport_is_an_error_of_its_connector(
    fake_broker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(fake_broker, connector({"type": "folder", "path": str(tmp_path)}))
    kind = type(steps.config.transport)
    monkeypatch.setattr(kind, "poll", lambda *_: 1 / 0)
    state = steps.poll()
    assert "ZeroDivisionError" in (state.last_error or "")
    assert state.next_poll is not None
    assert state.next_poll > steps.now


class TestItemLimit:
    """No more items of one answer are published at once than allowed; the next polls continue, and none is lost."""

    def steps(self, fake_broker: Any, url: str, most: int) -> Steps:
        connectors = fake_broker.settings.connectors.model_copy(update={"max_items_per_poll": most})
        fake_broker.settings = fake_broker.settings.model_copy(update={"connectors": connectors})
        return Steps(fake_broker, over_http(url))

    def test_the_next_polls_continue(self, fake_broker: Any, web: Any) -> None:
        url = web.page("/feed", feed(*((str(number), "x") for number in range(25))), ETag='"1"')
        steps = self.steps(fake_broker, url, 10)
        with capture_logs() as logs:
            counts = [(steps.poll().items_published, steps.state().etag) for _ in range(3)]
        assert counts == [(10, None), (20, None), (25, '"1"')]
        assert len({item_id for item_id, _ in steps.items()}) == len(steps.items()) == 25
        told = [(log["published"], log["left"], log["limit"]) for log in logs if log["event"] == "items_postponed"]
        assert told == [(10, 15, 10), (10, 5, 10)]
        web.page("/feed", status=304)
        steps.poll()
        assert web.requests[3][1]["if-none-match"] == '"1"'

    def test_an_answer_that_changes_in_between_loses_nothing(self, fake_broker: Any, web: Any) -> None:
        steps = self.steps(fake_broker, f"{web.url}/feed", 10)
        for number in range(9):
            newest = [(f"new{count}", "x") for count in range(number, -1, -1)]
            web.page("/feed", feed(*newest, *((str(old), "x") for old in range(40))))
            steps.poll()
        assert {item_id for item_id, _ in steps.items()} == {*map(str, range(40)), *(f"new{n}" for n in range(9))}
        assert len(steps.items()) == 49

    def test_more_items_than_can_be_remembered_are_all_reached(
        self, fake_broker: Any, web: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("connectors.memory.SEEN_ITEMS", 5)
        monkeypatch.setattr("connectors.memory.MAX_LATEST_ITEMS", 20)
        web.page("/feed", feed(*((str(number), "x") for number in range(100))))
        steps = self.steps(fake_broker, f"{web.url}/feed", 10)
        for _ in range(12):
            steps.poll()
        assert {item_id for item_id, _ in steps.items()} == set(map(str, range(100)))

    def test_parts_that_are_no_items_count_too(self, fake_broker: Any, web: Any) -> None:
        web.page("/feed", b"".join(b"ZCZC %d\n\nNNNN\n" % number for number in range(30)))
        steps = self.steps(fake_broker, f"{web.url}/feed", 10)
        steps.config = steps.config.model_copy(update={"parser": "text"})
        dead = []
        for _ in range(3):
            steps.poll()
            dead.append(len(steps.dead()) + len(steps.items()))
        assert dead == [10, 20, 30]

    def in_folder(self, fake_broker: Any, drop: Path, most: int, **options: Any) -> Steps:
        drop.mkdir(exist_ok=True)
        steps = self.steps(fake_broker, "http://a.example/", most)
        steps.config = connector({"type": "folder", "path": str(drop), "rest_seconds": 0}, parser="rss", **options)
        return steps

    def test_a_file_of_many_items_is_continued_and_moved_when_all_are_published(
        self, fake_broker: Any, tmp_path: Path
    ) -> None:
        drop = tmp_path / "drop"
        steps = self.in_folder(fake_broker, drop, 10)
        for name, first, count in (("a.xml", 0, 4), ("b.xml", 100, 25), ("c.xml", 200, 3)):
            (drop / name).write_bytes(feed(*((str(first + number), "x") for number in range(count))))
            os.utime(drop / name, (first + 1, first + 1))
        counts, done = [], []
        with capture_logs() as logs:
            for _ in range(5):
                steps.poll()
                counts.append(len(steps.items()))
                done.append(sorted(path.name for path in (drop / "done").glob("*")))
        assert counts == [10, 20, 30, 32, 32]
        assert done[0] == ["a.xml"]
        assert done[3] == ["a.xml", "b.xml", "c.xml"]
        assert len(set(steps.items())) == 32
        told = [log["payload"] for log in logs if log["event"] == "items_postponed"]
        assert told == ["b.xml", "b.xml", "c.xml"]

    def test_a_large_file_is_continued_at_the_part_it_came_to(
        self, fake_broker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connectors = fake_broker.settings.connectors.model_copy(update={"max_body_bytes": 2000})
        fake_broker.settings = fake_broker.settings.model_copy(update={"connectors": connectors})
        drop = tmp_path / "drop"
        steps = self.in_folder(fake_broker, drop, 30)
        (drop / "a.xml").write_bytes(feed(*((str(number), "x" * 60) for number in range(100))))
        parsed: list[str] = []
        read = ParseInProcess.parse

        def counted(self: Any, payload: Any, *more: Any) -> Any:
            parsed.append(payload.name)
            return read(self, payload, *more)

        monkeypatch.setattr(ParseInProcess, "parse", counted)
        for _ in range(5):
            steps.poll()
        assert {item_id for item_id, _ in steps.items()} == set(map(str, range(100)))
        assert len(steps.items()) == 100
        assert len(parsed) <= len(set(parsed)) + 4  # only the part that was cut is parsed again
        assert not list((drop / ".work").iterdir())

    def test_another_file_of_the_same_name_is_read_from_its_start(self, fake_broker: Any, tmp_path: Path) -> None:
        drop = tmp_path / "drop"
        steps = self.in_folder(fake_broker, drop, 10)
        (drop / "a.xml").write_bytes(feed(*((str(number), "x") for number in range(25))))
        steps.poll()
        (drop / ".work" / "a.xml").write_bytes(feed(*((f"new{number}", "x") for number in range(12))))
        steps.poll()
        steps.poll()
        assert {f"new{number}" for number in range(12)} <= {item_id for item_id, _ in steps.items()}

    @pytest.mark.parametrize("keeps_cursors", [True, False])
    def test_messages_and_remote_files_are_continued_from_the_one_it_came_to(
        self, fake_broker: Any, monkeypatch: pytest.MonkeyPatch, keeps_cursors: bool
    ) -> None:
        files = [feed(*((f"{name}{number}", "x") for number in range(count))) for name, count in (("a", 4), ("b", 25))]

        def poll(_self: Any, state: ConnectorState, _context: Any) -> Poll:
            start = int(state.cursor or 0)
            payloads = tuple(
                Payload(data, f"file{number}", cursor_before=partial(str, number) if keeps_cursors else None)
                for number, data in enumerate(files)
                if number >= start
            )
            return Poll(state.model_copy(update={"cursor": str(len(files))}), payloads)

        monkeypatch.setattr(FolderTransport, "poll", poll)
        steps = self.steps(fake_broker, "http://a.example/", 10)
        steps.config = connector({"type": "folder", "path": "."}, parser="rss")
        states = [steps.poll() for _ in range(4)]
        assert len(steps.items()) == 29
        # A transport that does not say how to continue has its payloads published whole.
        assert [state.cursor for state in states] == (["1", "1", "2", "2"] if keeps_cursors else ["2"] * 4)
