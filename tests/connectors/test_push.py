"""What is pushed: who may, what is answered, and that an answer means durable."""

from __future__ import annotations

import hmac
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from connectors.config import ConnectorConfig
from connectors.directory import ConnectorDirectory
from connectors.receiver import Receiver
from connectors.receiver_limits import RateLimit
from connectors.service import ConnectorService
from connectors.transports.push import Push, signature_is_valid
from pipeline.events import DeadLetter, RawItem
from pipeline.local.demo.serve import SAMPLES
from pipeline.settings import Settings
from pipeline.testing import FakePublisher

SECRET = "s3cret-of-some-length"
RSS = (SAMPLES / "rss.xml").read_bytes()


def signed(body: bytes, secret: str = SECRET, algorithm: str = "sha256") -> str:
    return f"{algorithm}={hmac.new(secret.encode(), body, algorithm).hexdigest()}"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSH_SECRET", SECRET)


def connector(name: str, transport: dict[str, Any]) -> ConnectorConfig:
    return ConnectorConfig.model_validate({"name": name, "provider": "X", "transport": transport})


@pytest.mark.parametrize(
    ("signature", "holds"),
    [(signed(b"x"), True), (signed(b"x", algorithm="sha512"), True), (signed(b"x", algorithm="sha1"), False),
     (hmac.new(SECRET.encode(), b"x", "sha256").hexdigest(), True), (signed(b"x").upper(), True), (signed(b"y"), False),
     (signed(b"x", "other"), False), ("", False), ("sha256=", False), ("md5=x", False), ("=", False), ("é=ü", False)],
)  # fmt: skip
def test_signatures(signature: str, holds: bool) -> None:
    assert signature_is_valid(b"x", signature, SECRET, frozenset({"sha256", "sha512"})) is holds


def test_a_webhook_without_authentication_is_refused() -> None:
    with pytest.raises(ValidationError, match="anybody could send"):
        connector("x", {"type": "webhook"})


def test_rates_are_limited_by_sender_and_recover() -> None:
    now = [0.0]
    limit = RateLimit(60, clock=lambda: now[0])
    assert sum(limit.allows("a") for _ in range(100)) == 60
    assert limit.allows("b")
    now[0] = 2
    assert sum(limit.allows("a") for _ in range(100)) == 2
    for number in range(10_100):
        limit.allows(str(number))
    assert len(limit._left) == 10_000


def write_webhooks(directory: Path) -> None:
    """Files of a webhook ``hook`` with a signature, one ``token``, one whose secret is not set, and a folder."""
    (directory / "hook.yaml").write_text("provider: X\ntransport: {type: webhook, secret: {env: PUSH_SECRET}}\n")
    (directory / "token.yaml").write_text(
        "provider: X\nparser: text\ntransport: {type: webhook, bearer_token: {env: PUSH_SECRET}}\n"
    )
    (directory / "unset.yaml").write_text("provider: X\ntransport: {type: webhook, secret: {env: NO_SUCH_SECRET}}\n")
    (directory / "drop.yaml").write_text(f"provider: X\ntransport: {{type: folder, path: {directory / 'drop'}}}\n")


@pytest.fixture
def service(broker: Any) -> Iterator[tuple[Any, str]]:
    """The whole service on the real Kafka; gives the broker and the address of the receiver."""
    write_webhooks(broker.settings.connectors.directory)
    service = ConnectorService(broker.settings)
    thread = threading.Thread(target=service.run)
    thread.start()
    deadline = time.monotonic() + 90
    while not service.receiver.running:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield broker, f"http://127.0.0.1:{service.receiver.port}/push"
    service.stopping.set()
    thread.join(60)


@pytest.fixture
def receiving(fake_broker: Any) -> Iterator[tuple[Any, str]]:
    """A receiver without a broker, and its address."""
    write_webhooks(fake_broker.settings.connectors.directory)
    files = ConnectorDirectory(fake_broker.settings.connectors.directory)
    files.scan()
    receiver = Receiver(fake_broker.settings, lambda: files.configs, fake_broker.publisher)
    assert receiver.start() is None
    yield fake_broker, f"http://127.0.0.1:{receiver.port}/push"
    receiver.stop()


@pytest.mark.stack
def test_an_answer_means_durable_and_only_the_provider_is_heard(service: tuple[Any, str]) -> None:
    broker, url = service
    hook = f"{url}/hook"
    good = {"X-Hub-Signature-256": signed(RSS)}
    statuses = {
        "signed": httpx.post(hook, content=RSS, headers=good).status_code,
        "unsigned": httpx.post(hook, content=RSS).status_code,
        "changed": httpx.post(hook, content=RSS + b" ", headers=good).status_code,
        "wrong token": httpx.post(f"{url}/token", content=b"x", headers={"Authorization": "Bearer x"}).status_code,
        "GET": httpx.get(hook).status_code,
        "nobody": httpx.post(f"{url}/nobody", content=RSS).status_code,
        "no webhook": httpx.post(f"{url}/drop", content=RSS).status_code,
        "no secret here": httpx.post(f"{url}/unset", content=RSS, headers=good).status_code,
        "elsewhere": httpx.get(url.replace("/push", "/")).status_code,
    }
    assert statuses == {
        "signed": 200, "unsigned": 401, "changed": 401, "wrong token": 401, "GET": 405, "nobody": 404,
        "no webhook": 404, "no secret here": 503, "elsewhere": 404,
    }  # fmt: skip
    # Read at once, not waited for: the answer came after the broker's.
    assert sorted(RawItem.decode(value).item_id for _, value in broker.read("raw")) == [
        f"quillon-{number:04}" for number in range(1, 21)
    ]
    assert broker.read("dead") == []


def test_what_cannot_be_read_is_a_dead_letter_and_the_sender_is_told(receiving: tuple[Any, str]) -> None:
    broker, url = receiving
    answer = httpx.post(f"{url}/token", content=b"\0\1", headers={"Authorization": "Bearer " + SECRET})
    assert (answer.status_code, "not a text" in answer.text) == (422, True)
    letter = DeadLetter.decode(broker.read("dead", 1)[0][1])
    assert (letter.connector, letter.original) == ("token", b"\0\1")


def test_bodies_are_limited_in_size_and_time(receiving: tuple[Any, str]) -> None:
    broker, url = receiving

    forged = {"X-Hub-Signature-256": signed(b"other")}

    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * 10_000

    assert httpx.post(f"{url}/hook", content=b"x" * 1_000_001, headers=forged).status_code == 413
    assert httpx.post(f"{url}/hook", content=endless(), headers=forged).status_code == 413
    host, port = url.split("/")[2].split(":")
    head = f"POST /push/hook HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: {forged['X-Hub-Signature-256']}\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b"Content-Length: 10\r\n\r\nhalf")
        connection.settimeout(20)
        assert b" 408 " in connection.recv(200)
    assert broker.read("raw") == []


def test_what_is_not_durable_in_time_is_asked_for_again() -> None:
    settings = Settings()
    config = connector("hook", {"type": "webhook", "secret": {"env": "PUSH_SECRET"}})
    publisher = FakePublisher()
    publisher.reachable = False
    receiver = Receiver(settings, lambda: {"hook": config}, publisher)
    push = Push("POST", {"x-hub-signature-256": signed(RSS)}, {}, RSS)
    assert receiver.publish(config, push) == (503, "Not now; please send it again.")


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings.model_validate({"connectors": {"webhook_port": taken.getsockname()[1]}})
        receiver = Receiver(settings, dict, FakePublisher())
        assert "Cannot listen on" in (receiver.start() or "")
        assert not receiver.running
        receiver.stop()
