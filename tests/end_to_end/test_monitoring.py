"""A real Prometheus scrapes a running installation; what is broken fires the right rule, and resolves when repaired."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaProducer
from ruamel.yaml import YAML

from pipeline.broker.topics import topics_of
from pipeline.runtime.operations_files import metrics_page
from pipeline.settings import AlertsSettings, MonitoringSettings
from tests.end_to_end.watching import CONFIG, RULES, SECRET, Feed, Watched, free_port, learn, push

needs_prometheus = pytest.mark.skipif(
    not (shutil.which("prometheus") and shutil.which("promtool")), reason="needs Debian's prometheus"
)
#: A worker whose index stage takes messages and never ends, and whose patience is short.
HUNG = """
import asyncio
from pipeline.broker.monitoring import health
from pipeline.index.handler import IndexHandler
health._LEAST_SECONDS = 20.0
async def work(self, batch):
    await asyncio.Event().wait()
IndexHandler.work = work
"""
#: A worker that leaves its group after a while, and does not know it; with a short patience.
LOST = """
import asyncio
from pipeline.broker import app
from pipeline.broker.monitoring import health
health._GROUP_SECONDS = 2.0
async def stay(app):
    while not app.consumer.assignment():
        await asyncio.sleep(0.1)
    thread = app.consumer._thread
    closing = asyncio.run_coroutine_threadsafe(thread._consumer._coordinator.close(), thread.thread_loop)
    await asyncio.wrap_future(closing)
app.stay_in_group = stay
"""


@needs_prometheus
def test_prometheus_accepts_rules_and_configuration() -> None:
    subprocess.run(["promtool", "check", "config", str(CONFIG)], check=True, cwd=CONFIG.parent)
    subprocess.run(["promtool", "check", "rules", str(RULES)], check=True)


def test_every_metric_of_the_rules_and_the_dashboard_exists() -> None:
    expressions = [rule["expr"] for group in YAML(typ="safe").load(RULES)["groups"] for rule in group["rules"]]
    dashboard = json.loads(RULES.with_name("wiredesk-grafana.json").read_text(encoding="utf-8"))
    expressions += [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    asked = set(re.findall(r"\bwiredesk_\w+", " ".join(expressions)))
    names = set(re.findall(r"^\| `(\w+)`", metrics_page(), re.MULTILINE))
    assert len(asked) > 20
    assert {re.sub(r"_bucket$", "", name) for name in asked} <= names


@pytest.fixture
def watched(
    installation: Any, feed: tuple[type[Feed], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watched]:
    _, url = feed
    monkeypatch.setenv("PUSH_SECRET", SECRET)
    installation.connector(
        "pushed", "transport: {type: webhook, secret: {env: PUSH_SECRET}}\nparser: rss\nprovider: Sender\n"
    )
    for name in ("feed", "quiet"):
        installation.connector(
            name,
            f"transport: {{type: http, url: '{url}{name}', allow_private_addresses: true}}\nparser: rss\nprovider: Feed\n"
            "schedule: {interval_seconds: 1, adaptive: false}\n",
        )
    (tmp_path / "alerts").mkdir()
    (tmp_path / "alerts" / "bridges.yaml").write_text(
        f"words: bridge\nwebhook: {{url: '{url}hook'}}\n", encoding="utf-8"
    )
    installation.settings = installation.settings.model_copy(
        update={
            "monitoring": MonitoringSettings(port=free_port(), ports=20, refresh_seconds=1),
            "alerts": AlertsSettings(directory=tmp_path / "alerts"),
            "connectors": installation.settings.connectors.model_copy(update={"webhook_port": free_port()}),
        }
    )
    learn(installation, "quiet")
    learn(installation, "pushed")
    watching = Watched(installation, tmp_path)
    yield watching
    watching.stop()


@needs_prometheus
@pytest.mark.stack
@pytest.mark.timeout(600)
def test_feeds_receivers_and_servers_that_fail_fire_and_resolve(
    watched: Watched, feed: tuple[type[Feed], str], local_stack: Any
) -> None:
    handler, _ = feed
    watched.start("worker", "worker")
    watched.start("connectors", "connectors", "run")
    installation = watched.installation

    # 1. A feed that is silent for longer than it ever was, and comes back.
    watched.fires("WiredeskConnectorQuiet", "Connector quiet has brought nothing new for much longer than usual")
    handler.items = ("one",)
    watched.resolves("WiredeskConnectorQuiet", of="quiet")

    # 2. A sender that sends nothing more, and sends again.
    watched.fires("WiredeskConnectorQuiet", "Connector pushed has brought nothing new for much longer than usual")
    assert push(installation, b"<rss version='2.0'><channel><item><guid>p</guid></item></channel></rss>") == 200
    watched.resolves("WiredeskConnectorQuiet")

    # 3. A feed that fails, and comes back.
    handler.broken = True
    watched.fires("WiredeskConnectorFailing", "fails")
    handler.broken = False
    watched.resolves("WiredeskConnectorFailing")

    # 4. No process for the saved searches.
    watched.fires("WiredeskAlertsMissing", "No process watches the saved searches")
    watched.start("alerts", "alerts")
    watched.resolves("WiredeskAlertsMissing")

    # 5. A receiver that refuses what a saved search finds, and takes it again.
    installation.wait_for_documents(2)
    handler.refuses, handler.items = True, ("one", "two")
    watched.fires("WiredeskAlertNotDelivered", "The saved search bridges cannot reach its receiver")
    handler.refuses = False
    watched.resolves("WiredeskAlertNotDelivered")
    assert handler.taken

    # 6. A server that is away: alive, not ready, and told.
    local_stack.kill("elasticsearch")
    try:
        watched.fires("WiredeskServerUnreachable", "Elasticsearch does not answer")
        handler.items = ("one", "two", "three")
        watched.waits_for("Elasticsearch", "worker")
        assert watched.probe("worker") == (200, "ok")
    finally:
        local_stack.start_server("elasticsearch")
    watched.resolves("WiredeskServerUnreachable")
    installation.wait_for_documents(4)


@needs_prometheus
@pytest.mark.stack
@pytest.mark.long
@pytest.mark.timeout(600)
def test_messages_and_processes_that_fail_fire_and_resolve(watched: Watched, feed: tuple[type[Feed], str]) -> None:
    handler, _ = feed
    installation = watched.installation
    worker = watched.start("worker", "worker")
    connectors = watched.start("connectors", "connectors", "run")

    # 7. A message that nobody can read: told until somebody has decided.
    producer = KafkaProducer(bootstrap_servers=installation.settings.kafka.bootstrap_servers, acks="all")
    producer.send(topics_of(installation.settings).raw.name, b"no event at all", b"key").get(20)
    producer.close()
    watched.fires("WiredeskDeadLetters", "1 dead letters are open")
    watched.fires("WiredeskManyRejected", "of the messages of stage intake are rejected")
    installation.run("dead", "drop", "--all")
    watched.resolves("WiredeskDeadLetters")
    watched.resolves("WiredeskManyRejected")

    # 8. A process that is suspended, and goes on.
    worker.send_signal(signal.SIGSTOP)
    watched.fires("WiredeskProcessDown", "does not answer")
    worker.send_signal(signal.SIGCONT)
    watched.resolves("WiredeskProcessDown")

    # 9. A worker that is killed: the process, and the stage that nobody runs; a new one takes over.
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    watched.fires("WiredeskProcessDown", "does not answer")
    handler.items = ("one",)
    watched.fires("WiredeskStageStopped", "messages wait for stage intake and no worker runs it")
    worker = watched.start("worker", "worker")
    watched.resolves("WiredeskProcessDown")
    watched.resolves("WiredeskStageStopped")
    installation.wait_for_documents(1)

    # 10. The process of the feeds ends.
    connectors.send_signal(signal.SIGTERM)
    assert connectors.wait(60) == 0
    watched.forget("connectors")
    watched.fires("WiredeskConnectorsMissing", "No process polls the feeds")
    watched.start("connectors", "connectors", "run")
    watched.resolves("WiredeskConnectorsMissing")

    # 11. A stage that hangs: a restart loses nothing.
    assert watched.probe("worker") == (200, "ok")
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    hung = watched.start("worker", "worker", before=HUNG)
    handler.items = ("one", "two")
    watched.is_busy("worker", "index")
    assert watched.probe("worker") == (200, "ok")  # it has taken a message, and not long ago
    watched.fires("WiredeskProcessHung", "has work and makes no progress")
    watched.says("worker", 503, r"^index: \d+ messages wait and none was acknowledged for \d+ s$")
    hung.send_signal(signal.SIGKILL)
    hung.wait(10)
    watched.start("worker", "worker")
    watched.resolves("WiredeskProcessHung")
    installation.wait_for_documents(2)


@pytest.mark.stack
@pytest.mark.timeout(300)
def test_a_worker_outside_its_group_is_not_alive(installation: Any) -> None:
    monitoring = MonitoringSettings(port=free_port(), ports=1, refresh_seconds=1)
    installation.settings = installation.settings.model_copy(update={"monitoring": monitoring})
    installation.start("worker", "--stage", "index", before=LOST)
    url = f"http://127.0.0.1:{monitoring.port}/livez"

    def answer() -> httpx.Response | None:
        try:
            return httpx.get(url)
        except httpx.TransportError:
            return None

    installation.wait(
        lambda: (found := answer()) is not None and found.status_code == 200, "alive while it is a member"
    )
    installation.wait(lambda: (found := answer()) is not None and found.status_code == 503, "dead outside its group")
    found = answer()
    assert found is not None
    assert re.fullmatch(r"index: outside its consumer group for \d+ s\n", found.text)
