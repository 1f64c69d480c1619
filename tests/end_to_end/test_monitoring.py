"""A real Prometheus scrapes a running installation; what is broken fires the right rule, and resolves when repaired."""

from __future__ import annotations

import hmac
import json
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaProducer
from ruamel.yaml import YAML

from connectors.state import partition_of
from pipeline.broker.topics import topics_of
from pipeline.events import ConnectorState, UsualRate
from pipeline.runtime.operations_files import metrics_page
from pipeline.settings import AlertsSettings, MonitoringSettings

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "wiredesk.rules.yaml"
CONFIG = RULES.with_name("prometheus.yaml")
needs_prometheus = pytest.mark.skipif(
    not (shutil.which("prometheus") and shutil.which("promtool")), reason="needs Debian's prometheus"
)
#: Seconds until a rule fires or resolves, at most; a group notices a lost member after its session of six seconds.
PATIENCE = 90
SECRET = "a-secret-of-some-length"
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


class Feed(BaseHTTPRequestHandler):
    """A feed that can be broken, and a receiver of alerts that can refuse."""

    broken = refuses = taken = False
    items: tuple[str, ...] = ()

    def do_GET(self) -> None:
        items = "".join(f"<item><guid>{one}</guid><title>Bridge {one} closed</title></item>" for one in self.items)
        body = f"<rss version='2.0'><channel><title>Feed</title>{items}</channel></rss>".encode()
        self.answer(503 if type(self).broken else 200, body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        type(self).taken = not type(self).refuses
        self.answer(500 if type(self).refuses else 200, b"")

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def feed() -> Iterator[tuple[type[Feed], str]]:
    handler = type("OneFeed", (Feed,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield handler, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Watched:
    """An installation and the Prometheus that watches it."""

    def __init__(self, installation: Any, directory: Path) -> None:
        self.installation = installation
        self._directory = directory
        self._targets = directory / "targets.json"
        self._roles: dict[str, int] = {}
        rules = re.sub(r"for: \d+m", "for: 0s", RULES.read_text(encoding="utf-8"))
        (directory / "rules.yaml").write_text(re.sub(r"\[1\dm\]", "[15s]", rules), encoding="utf-8")
        (directory / "prometheus.yaml").write_text(
            json.dumps(
                {
                    "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
                    "rule_files": ["rules.yaml"],
                    "scrape_configs": [
                        {
                            "job_name": "wiredesk",
                            "file_sd_configs": [{"files": ["targets.json"], "refresh_interval": "1s"}],
                        }
                    ],
                }
            ),
            encoding="utf-8",
        )
        self._url = f"http://127.0.0.1:{free_port()}"
        with (directory / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(
                ["prometheus", f"--config.file={directory / 'prometheus.yaml'}", f"--storage.tsdb.path={directory / 'tsdb'}",
                 f"--web.listen-address={self._url.removeprefix('http://')}"],
                stdout=log, stderr=log,
            )  # fmt: skip

    def start(self, role: str, *words: str, before: str = "") -> subprocess.Popen[bytes]:
        """Start a process and let it be scraped."""
        process = self.installation.start(*words, before=before)
        self._roles[role] = len(self.installation.processes) - 1
        self.installation.wait(lambda: self._endpoint(role) is not None, f"{role} answers probes", 60)
        self._write_targets()
        return process

    def forget(self, role: str) -> None:
        """Scrape it no more, as an operator who takes a process away."""
        self._roles.pop(role)
        self._write_targets()

    def _endpoint(self, role: str) -> str | None:
        found = re.search(r"http://127\.0\.0\.1:\d+(?=[^\n]*monitoring_started)|monitoring_started[^\n]*?(http://127\.0\.0\.1:\d+)",
                          self.installation.log(self._roles[role]))  # fmt: skip
        return (found[1] or found[0]).removeprefix("http://") if found else None

    def url(self, role: str) -> str:
        return f"http://{self._endpoint(role)}"

    def _write_targets(self) -> None:
        targets = [{"targets": [self._endpoint(role)]} for role in self._roles]
        temporary = self._targets.with_suffix(".new")
        temporary.write_text(json.dumps(targets), encoding="utf-8")
        temporary.replace(self._targets)

    def firing(self) -> dict[str, str]:
        """The alerts that fire, with their texts, one a line."""
        try:
            alerts = httpx.get(f"{self._url}/api/v1/alerts").json()["data"]["alerts"]
        except (httpx.HTTPError, ValueError, KeyError):
            return {}
        texts: dict[str, str] = {}
        for one in alerts:
            if one["state"] == "firing":
                name, text = one["labels"]["alertname"], one["annotations"]["summary"]
                texts[name] = f"{texts[name]}\n{text}" if name in texts else text
        return texts

    def fires(self, alert: str, text: str) -> None:
        """Wait until an alert fires, and hold its text against what is expected."""
        self._wait(lambda: alert in self.firing(), f"{alert} fires")
        self._wait(lambda: text in self.firing().get(alert, ""), f"{alert} says: {text}")

    def resolves(self, alert: str, of: str = "") -> None:
        """Wait until an alert no longer fires; ``of``: not of this connector."""
        told = f"Connector {of} " if of else ""
        self._wait(
            lambda: alert not in (now := self.firing()) or bool(told and told not in now[alert]), f"{alert} resolves"
        )

    def waits_for(self, server: str, role: str) -> None:
        """Wait until a stage of a process says that it waits for a server."""
        self._wait(
            lambda: f"waiting for {server}".lower() in self.probe(role, "/readyz")[1].lower(), f"waits for {server}"
        )

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}; firing: {self.firing()}"
            time.sleep(0.5)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def is_busy(self, role: str, stage: str) -> None:
        """Wait until a stage of a process has messages in its hands."""
        busy = re.compile(rf'^wiredesk_messages_waiting{{stage="{stage}"}} [1-9]', re.MULTILINE)
        self._wait(lambda: busy.search(self.probe(role, "/metrics")[1]) is not None, f"{stage} of {role} is busy")

    def says(self, role: str, status: int, text: str) -> None:
        """Wait until a process answers a probe like this."""

        def answers() -> bool:
            answer = self.probe(role)
            return answer[0] == status and re.search(text, answer[1], re.MULTILINE) is not None

        self._wait(answers, f"/livez of {role} says {text}")

    def probe(self, role: str, path: str = "/livez") -> tuple[int, str]:
        """What a process answers to a probe."""
        answer = httpx.get(self.url(role) + path)
        return answer.status_code, answer.text.strip()


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


def learn(installation: Any, name: str) -> None:
    """A connector that has brought four items an hour for weeks, and the last one six hours ago."""
    now = datetime.now(UTC)
    state = ConnectorState(
        connector=name,
        last_success=now,
        usual_rate=UsualRate(hours=(4.0,) * 168, items=(16.0,) * 168, observed=now, last_item=now - timedelta(hours=6)),
    )
    topic = topics_of(installation.settings).connectors
    producer = KafkaProducer(bootstrap_servers=installation.settings.kafka.bootstrap_servers, acks="all")
    producer.send(topic.name, state.encode(), name.encode(), partition=partition_of(name, topic.partitions)).get(20)
    producer.close()


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


def push(installation: Any, body: bytes) -> int:
    """Push to the webhook of the installation."""
    signature = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
    url = f"http://127.0.0.1:{installation.settings.connectors.webhook_port}/push/pushed"
    return httpx.post(url, content=body, headers={"X-Hub-Signature-256": f"sha256={signature}"}).status_code
