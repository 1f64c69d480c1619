"""Dead letters on the real broker: listed, sent back byte for byte, once, and never over something newer."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner

from pipeline.broker.restore import read_partition
from pipeline.broker.topics import topics_of
from pipeline.broker.topics_admin import ensure_topics
from pipeline.cli.dead import app
from pipeline.dead.replay import drop, replay
from pipeline.dead.selection import Selection
from pipeline.dead.settlement import Settlement
from pipeline.dead.topic import read_dead_letters
from pipeline.events import DeadLetter, MessageRef
from pipeline.events.dead_letter import dead_letter
from pipeline.events.errors import ConfigurationError, FatalError, ParseError, RejectError
from pipeline.settings import KafkaSettings, Settings

pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
BAD = b"\xff\xfe not JSON \x00"


@pytest.fixture
def settings(stack: Any) -> Settings:
    name = uuid.uuid4().hex[:8]
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap, topic_prefix=f"t{name}", partitions=2,
                          max_message_bytes=1_000_000)  # fmt: skip
    settings = Settings(kafka=kafka)
    ensure_topics(settings)
    return settings


def test_without_the_topic_it_is_said_how_to_make_it(stack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.broker.restore._TOPIC_ATTEMPTS", 2)
    nowhere = Settings(kafka=KafkaSettings(bootstrap_servers=stack.bootstrap, topic_prefix=f"t{uuid.uuid4().hex}"))
    with pytest.raises(FatalError, match=r"is not there\. Create it: wiredesk topics"):
        asyncio.run(read_dead_letters(nowhere, Selection()))


def send(settings: Settings, *messages: tuple[str, int, bytes | None, bytes]) -> list[int]:
    async def run() -> list[int]:
        producer = AIOKafkaProducer(bootstrap_servers=settings.kafka.bootstrap_servers, acks="all")
        await producer.start()
        try:
            return [
                (await producer.send_and_wait(topic, value, key=key, partition=partition)).offset
                for topic, partition, key, value in messages
            ]
        finally:
            await producer.stop()

    return asyncio.run(run())


def messages(settings: Settings, topic: str, partition: int) -> list[tuple[bytes | None, bytes | None]]:
    async def run() -> list[tuple[bytes | None, bytes | None]]:
        return [(key, value) async for _, key, value in read_partition(settings.kafka, topic, partition, 0)]

    return asyncio.run(run())


def fail(settings: Settings, topic: str, key: bytes | None = b"k", original: bytes = BAD, partition: int = 1,
         **changes: Any) -> DeadLetter:  # fmt: skip
    """Put a message in a topic and the letter of its failure in wire.dead, as the guard does."""
    (offset,) = send(settings, (topic, partition, key, original))
    fields: dict[str, Any] = {
        "stage": "intake", "error": RejectError("not JSON"), "key": key, "original": original, "failed_at": NOON,
        "origin": MessageRef(topic=topic, partition=partition, offset=offset),
    }  # fmt: skip
    letter = dead_letter(**(fields | changes))
    send(settings, (topics_of(settings).dead.name, 0, key, letter.encode()))
    return letter


def found(settings: Settings, **selection: Any) -> Any:
    return asyncio.run(read_dead_letters(settings, Selection(**selection), originals=True)).found


def test_original_bytes_go_back_to_their_partition_once(settings: Settings) -> None:
    raw = topics_of(settings).raw.name
    letter = fail(settings, raw)
    (result,) = asyncio.run(replay(settings, found(settings), NOON))
    assert result.status == "sent"
    assert messages(settings, raw, 1) == [(b"k", BAD), (b"k", BAD)]
    assert [entry.status for entry in found(settings)] == ["replayed"]
    (again,) = asyncio.run(replay(settings, found(settings), NOON))
    assert again.status == "refused"
    assert len(messages(settings, raw, 1)) == 2
    (asked,) = asyncio.run(replay(settings, found(settings), NOON, again=True))
    assert asked.status == "sent"
    assert len(messages(settings, raw, 1)) == 3
    assert found(settings)[0].letter == letter


def test_two_at_once_send_once(settings: Settings) -> None:
    raw = topics_of(settings).raw.name
    for number in range(4):
        fail(settings, raw, b"k%d" % number)
    read_by_both = found(settings)

    async def both() -> list[list[Any]]:
        return await asyncio.gather(
            replay(settings, read_by_both, NOON), replay(settings, list(reversed(read_by_both)), NOON)
        )

    one, other = asyncio.run(both())
    assert sorted(result.status for result in (*one, *other)) == ["refused"] * 4 + ["sent"] * 4
    assert len(messages(settings, raw, 1)) == 8
    assert {entry.status for entry in found(settings)} == {"replayed"}


def test_a_replay_that_died_after_its_claim_is_not_repeated_unasked(settings: Settings) -> None:
    raw = topics_of(settings).raw.name
    letter = fail(settings, raw)
    claim = Settlement(letter=letter.id, status="claimed", by="dead", at=NOON)
    send(settings, (topics_of(settings).dead.name, 0, b"k", claim.encode()))
    (refused,) = asyncio.run(replay(settings, found(settings), NOON))
    assert refused.status == "refused"
    assert "not known" in refused.said
    (sent,) = asyncio.run(replay(settings, found(settings), NOON, again=True))
    assert sent.status == "sent"


def test_nothing_is_sent_over_a_newer_message_of_a_compacted_topic(settings: Settings) -> None:
    enriched = topics_of(settings).enriched.name
    fail(settings, enriched, b"story-1", stage="index")
    send(settings, (enriched, 1, b"story-2", b"{}"))
    (alone,) = asyncio.run(replay(settings, found(settings), NOON))
    assert alone.status == "sent"
    fail(settings, enriched, b"story-3", b"old", stage="index")
    send(settings, (enriched, 1, b"story-3", b"new"))
    (older,) = asyncio.run(replay(settings, [e for e in found(settings) if e.status == "open"], NOON))
    assert older.status == "superseded"
    assert messages(settings, enriched, 1)[-1] == (b"story-3", b"new")


def test_a_letter_written_twice_is_one(settings: Settings) -> None:
    letter = fail(settings, topics_of(settings).raw.name)
    later = letter.model_copy(update={"failed_at": NOON + timedelta(minutes=1)})
    send(settings, (topics_of(settings).dead.name, 0, b"k", later.encode()))
    (entry,) = found(settings)
    assert entry.written == 2
    asyncio.run(drop(settings, [entry], NOON))
    send(settings, (topics_of(settings).dead.name, 0, b"k", later.encode()))
    assert [entry.status for entry in found(settings)] == ["dropped"]


def test_what_failed_again_is_linked(settings: Settings) -> None:
    raw = topics_of(settings).raw.name
    first = fail(settings, raw)
    (result,) = asyncio.run(replay(settings, found(settings), NOON))
    second = dead_letter(stage="intake", error=RejectError("not JSON"), key=b"k", original=BAD, failed_at=NOON,
                         origin=result.sent)  # fmt: skip
    send(settings, (topics_of(settings).dead.name, 1, b"k", second.encode()))
    letters = {entry.letter.id: entry for entry in found(settings)}
    assert letters[first.id].failed_again_as == (second.id,)
    assert letters[second.id].status == "open"


def test_the_commands(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "wiredesk.yaml"
    config.write_text(json.dumps({"kafka": settings.kafka.model_dump(mode="json")}))
    monkeypatch.setenv("WIREDESK_CONFIG", str(config))
    monkeypatch.setenv("COLUMNS", "200")
    first = fail(settings, topics_of(settings).raw.name, b"a", b'{"connector": "orbis"}')
    fail(settings, topics_of(settings).clustered.name, b"b", stage="enrich", error=RejectError("timed out [red]"))
    part = dead_letter(stage="connector", error=ParseError("entry 3"), key=None, original=b"<x>", failed_at=NOON,
                       connector="orbis", url="feed.xml", position="entry 3")  # fmt: skip
    send(settings, (topics_of(settings).dead.name, 1, b"orbis", part.encode()),
         (topics_of(settings).dead.name, 1, None, b"rubbish"))  # fmt: skip

    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    listing = run("list")
    assert "3 dead letters" in listing
    assert "[red]" in listing
    assert "not a dead letter" in listing
    assert "1 dead letter:" in run("list", "--stage", "enrich")
    assert "2 dead letters" in run("list", "--connector", "orbis")
    assert len(run("list", "--json").splitlines()) == 3
    monkeypatch.setenv("COLUMNS", "80")
    narrow = [line for line in run("list").splitlines() if line.startswith((first.id[:10], part.id[:10]))]
    assert len(narrow) == 2
    assert all(len(line) <= 80 for line in narrow), "one line for each, at the width of a terminal"
    assert "<x>" in run("show", part.id)
    assert run("show", part.id, "--original") == "<x>"
    assert "wiredesk backfill FILE --connector orbis" in run("replay", part.id, code=1)
    assert "1 would be sent" in run("replay", first.id[:8], "--dry-run")
    assert "1 sent" in run("replay", first.id[:8])
    assert "1 refused" in run("replay", first.id, code=1)
    assert "1 sent" in run("replay", "--error", "timed out")
    assert "1 dropped" in run("drop", "--all")
    assert "No open dead letters" in run("list")
    assert "3 dead letters" in run("list", "--all")
    for wrong in (["replay"], ["replay", "zz"], ["list", "--stage", "x"], ["list", "--since", "x"]):
        assert isinstance(CliRunner().invoke(app, wrong).exception, ConfigurationError)
