"""An installation that a real Prometheus watches, and what feeds it and can be broken."""

from __future__ import annotations

import hmac
import json
import re
import socket
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
from kafka import KafkaProducer

from connectors.state import partition_of
from pipeline.broker.topics import topics_of
from pipeline.events import ConnectorState, UsualRate

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "wiredesk.rules.yaml"
CONFIG = RULES.with_name("prometheus.yaml")
#: Seconds until a rule fires or resolves, at most; a group notices a lost member after its session of six seconds.
PATIENCE = 90
SECRET = "a-secret-of-some-length"


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


def push(installation: Any, body: bytes) -> int:
    """Push to the webhook of the installation."""
    signature = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
    url = f"http://127.0.0.1:{installation.settings.connectors.webhook_port}/push/pushed"
    return httpx.post(url, content=body, headers={"X-Hub-Signature-256": f"sha256={signature}"}).status_code
