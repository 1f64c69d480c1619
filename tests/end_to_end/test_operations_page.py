"""docs/operations.md followed from the first start to a restore: every command that it names is run, as it is written."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from pipeline.broker.topics import topics_of
from pipeline.settings import AlertsSettings, DeskSettings, MonitoringSettings
from tests.end_to_end.watching import Feed, free_port, learn

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
COMMANDS = set(re.findall(r"`(wiredesk [^`]+)`", PAGE.read_text(encoding="utf-8")))
#: Needs a Kibana; tests/kibana runs it against a fake of one.
ELSEWHERE = {command for command in COMMANDS if " kibana " in command}


class Reader:
    """Somebody who follows the page."""

    def __init__(self, installation: Any) -> None:
        self.installation = installation
        self.done: set[str] = set()

    def _words(self, command: str, put: dict[str, str]) -> list[str]:
        assert command in COMMANDS, f"{PAGE.name} does not say: {command}"
        self.done.add(command)
        return [put.get(word, word) for word in shlex.split(command)[1:]]

    def run(self, command: str, code: int = 0, **put: str) -> str:
        """Run a command that ends, and hold its exit code; ``put`` replaces words of the page."""
        run = self._ended(command, put)
        assert run.returncode == code, f"{command}: {run.stdout[-2000:]} {run.stderr[-2000:]}"
        return run.stdout

    def repeat(self, command: str) -> None:
        """Run a command until it says that all is well, as the page tells."""
        self.installation.wait(lambda: self._ended(command, {}).returncode == 0, command)

    def _ended(self, command: str, put: dict[str, str]) -> subprocess.CompletedProcess[str]:
        ended: subprocess.CompletedProcess[str] = self.installation.ended(*self._words(command, put), seconds=240)
        return ended

    def start(self, command: str) -> Any:
        """Start a command that goes on."""
        return self.installation.start(*self._words(command, {}))


@pytest.fixture
def reader(installation: Any, feed: tuple[type[Feed], str], tmp_path: Path) -> Iterator[Reader]:
    handler, url = feed
    handler.items = ("one", "two")
    for name in ("news", "silent"):
        installation.connector(
            name,
            f"transport: {{type: http, url: '{url}{name}', allow_private_addresses: true}}\nparser: rss\n"
            f"provider: {name}\nschedule: {{interval_seconds: 1, adaptive: false}}\n",
        )
    (tmp_path / "alerts").mkdir()
    (tmp_path / "alerts" / "bridges.yaml").write_text(f"words: bridge\nwebhook: {{url: '{url}hook'}}\n")
    installation.settings = installation.settings.model_copy(
        update={
            "monitoring": MonitoringSettings(port=free_port(), ports=20, refresh_seconds=1),
            "alerts": AlertsSettings(directory=tmp_path / "alerts"),
            "desk": DeskSettings(port=free_port()),
        }
    )
    yield Reader(installation)
    client = installation.client
    client.indices.delete(index=list(client.indices.get(index=f"{installation.settings.elasticsearch.prefix}*")))


@pytest.mark.stack
@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_new_operator_gets_by_with_the_page(reader: Reader, feed: tuple[type[Feed], str]) -> None:
    installation, (handler, _) = reader.installation, feed

    # First start
    reader.run("wiredesk topics")
    reader.run("wiredesk index init")
    reader.run("wiredesk index diff")
    connectors = reader.start("wiredesk connectors run")
    workers = [reader.start("wiredesk worker"), reader.start("wiredesk worker")]
    others = [
        reader.start("wiredesk worker --stage enrich"),
        reader.start("wiredesk desk"),
        reader.start("wiredesk alerts"),
    ]
    before = installation.wait_for_documents(4)

    # Watching it
    story = next(iter(before.values()))
    assert story["story_id"] in reader.run("wiredesk trace ID", ID=story["story_id"])
    assert re.search(r"news +ok", reader.run("wiredesk connectors list"))
    assert "No open dead letters" in reader.run("wiredesk dead list")
    reader.run("wiredesk connectors check --online")

    # A worker is killed: the other goes on.
    workers[0].send_signal(signal.SIGKILL)
    workers[0].wait(10)
    handler.items = ("one", "two", "three")
    installation.wait_for_documents(6)

    # A feed is silent.
    stop(connectors)
    learn(installation, "silent")
    handler.items = ()
    connectors = reader.start("wiredesk connectors run")
    installation.wait(lambda: "quiet" in reader.run("wiredesk status", 3), "the silent feed is told")
    assert re.search(r"silent +quiet", reader.run("wiredesk connectors list"))

    settle_a_dead_letter(reader)
    lose_and_restore_documents(reader)

    # More partitions
    stop(connectors)
    installation.wait_caught_up()
    for process in (workers[1], *others):
        stop(process)
    reader.run("wiredesk topics --grow 16")
    assert "--add" in reader.run("wiredesk acls")
    shutil.rmtree(installation.settings.worker.state_directory)
    kafka = installation.settings.kafka.model_copy(update={"partitions": 16})
    installation.settings = installation.settings.model_copy(update={"kafka": kafka})
    handler.items = ("one", "two", "three", "four")
    everything = reader.start("wiredesk up")
    installation.wait_for_documents(8)
    assert len(installation.documents()) == 8
    stop(everything)
    assert reader.done | ELSEWHERE == COMMANDS


def stop(process: Any) -> None:
    """End a process as a supervisor does."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def settle_a_dead_letter(reader: Reader) -> None:
    installation = reader.installation
    producer = KafkaProducer(bootstrap_servers=installation.settings.kafka.bootstrap_servers, acks="all")
    producer.send(topics_of(installation.settings).raw.name, b"no event at all", b"key").get(20)
    producer.close()

    def letters() -> list[dict[str, Any]]:
        return [one for one in installation.dead() if "failed_at" in one]  # the others say what became of one

    installation.wait(lambda: len(letters()) == 1, "a dead letter", 60)
    (letter,) = letters()
    assert "intake" in reader.run("wiredesk dead show ID", ID=letter["id"])
    reader.run("wiredesk dead replay ID", ID=letter["id"])
    installation.wait(lambda: len(letters()) == 2, "it fails again", 60)
    (again,) = {one["id"] for one in letters()} - {letter["id"]}
    reader.run("wiredesk dead drop ID", ID=again)
    assert "No open dead letters" in reader.run("wiredesk dead list")


def lose_and_restore_documents(reader: Reader) -> None:
    """Single documents, then a whole index, while everything runs."""
    installation = reader.installation
    client, names = installation.client, installation.names
    known = installation.documents()
    client.delete(index=names.index("stories", 1), id=next(iter(known)), refresh=True)
    reader.run("wiredesk index check", 3)
    reader.repeat("wiredesk index check --repair")
    reader.run("wiredesk index check")
    assert installation.documents().keys() == known.keys()
    client.indices.delete(index=names.index("stories", 1))
    reader.run("wiredesk index init")
    reader.run("wiredesk index rebuild")
    assert installation.documents().keys() == known.keys()
    reader.run("wiredesk index check")
