"""A real Prometheus scrapes a running installation; what is broken fires the right rule, and resolves when repaired."""

from __future__ import annotations

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

    broken = False
    items: tuple[str, ...] = ()

    def do_GET(self) -> None:
        items = "".join(f"<item><guid>{one}</guid><title>Bridge {one} closed</title></item>" for one in self.items)
        body = f"<rss version='2.0'><channel><title>Feed</title>{items}</channel></rss>".encode()
        self.answer(503 if type(self).broken else 200, body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(500 if type(self).broken else 200, b"")

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

    def start(self, role: str, *words: str) -> subprocess.Popen[bytes]:
        """Start a process and let it be scraped."""
        process = self.installation.start(*words)
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
        """The alerts that fire, with their texts."""
        try:
            alerts = httpx.get(f"{self._url}/api/v1/alerts").json()["data"]["alerts"]
        except (httpx.HTTPError, ValueError, KeyError):
            return {}
        return {one["labels"]["alertname"]: one["annotations"]["summary"] for one in alerts if one["state"] == "firing"}

    def fires(self, alert: str, text: str) -> None:
        """Wait until an alert fires, and hold its text against what is expected."""
        self._wait(lambda: alert in self.firing(), f"{alert} fires")
        assert text in self.firing()[alert]

    def resolves(self, alert: str) -> None:
        """Wait until an alert no longer fires."""
        self._wait(lambda: alert not in self.firing(), f"{alert} resolves")

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}; firing: {self.firing()}"
            time.sleep(0.5)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@pytest.fixture
def watched(installation: Any, feed: tuple[type[Feed], str], tmp_path: Path) -> Iterator[Watched]:
    _, url = feed
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
        }
    )
    learn(installation, "quiet")
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
def test_what_is_broken_fires_and_what_is_repaired_resolves(
    watched: Watched, feed: tuple[type[Feed], str], local_stack: Any
) -> None:
    handler, _ = feed
    worker = watched.start("worker", "worker")
    watched.start("connectors", "connectors", "run")
    installation = watched.installation

    # A feed that is silent for longer than it ever was, and comes back.
    watched.fires("WiredeskConnectorQuiet", "Connector quiet has brought nothing new for much longer than usual")
    handler.items = ("one",)
    watched.resolves("WiredeskConnectorQuiet")

    # A feed that fails, and comes back.
    handler.broken = True
    watched.fires("WiredeskConnectorFailing", "fails")
    handler.broken = False
    watched.resolves("WiredeskConnectorFailing")

    # No process for the saved searches; a receiver that refuses them; one that takes them again.
    watched.fires("WiredeskAlertsMissing", "No process watches the saved searches")
    watched.start("alerts", "alerts")
    watched.resolves("WiredeskAlertsMissing")

    # A server that is away: alive, not ready, and told.
    local_stack.kill("elasticsearch")
    try:
        watched.fires("WiredeskServerUnreachable", "Elasticsearch does not answer")
        assert httpx.get(watched.url("worker") + "/livez").status_code == 200
    finally:
        local_stack.start_server("elasticsearch")
    watched.resolves("WiredeskServerUnreachable")

    # A message that nobody can read: told until somebody has decided.
    producer = KafkaProducer(bootstrap_servers=installation.settings.kafka.bootstrap_servers, acks="all")
    producer.send(topics_of(installation.settings).raw.name, b"no event at all", b"key").get(20)
    producer.close()
    watched.fires("WiredeskDeadLetters", "1 dead letters are open")
    watched.fires("WiredeskManyRejected", "of the messages of stage intake are rejected")

    # A worker that is killed: the process, and the stage that nobody runs; a new one takes over.
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    watched.fires("WiredeskProcessDown", "does not answer")
    handler.items = ("one", "two", "three")
    watched.fires("WiredeskStageStopped", "messages wait for stage intake and no worker runs it")
    watched.start("worker", "worker")
    watched.resolves("WiredeskProcessDown")
    watched.resolves("WiredeskStageStopped")
    installation.wait_for_documents(3)

    # The process of the feeds ends.
    connectors = installation.processes[1]
    connectors.send_signal(signal.SIGTERM)
    assert connectors.wait(60) == 0
    watched.forget("connectors")
    watched.fires("WiredeskConnectorsMissing", "No process polls the feeds")
    watched.start("connectors", "connectors", "run")
    watched.resolves("WiredeskConnectorsMissing")
