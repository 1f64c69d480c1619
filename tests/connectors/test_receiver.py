"""The receiver under attack: silent and slow clients, floods of bodies, and many senders behind one proxy."""

from __future__ import annotations

import hmac
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from connectors.config import ConnectorConfig
from connectors.receiver import Receiver
from connectors.receiver_limits import MAX_CONNECTIONS_PER_ADDRESS, ByteBudget, ConnectionGate, Proxies
from pipeline.settings import Settings

BODY = b"Headline of the story\n\nText of the story.\n"
SECRET = "a-secret-of-some-length"


def signed(body: bytes) -> dict[str, str]:
    return {"X-Hub-Signature-256": f"sha256={hmac.new(SECRET.encode(), body, 'sha256').hexdigest()}"}


FORGED = {"X-Hub-Signature-256": f"sha256={'0' * 64}"}


@contextmanager
def receiving(broker: Any, header_seconds: float = 10, **settings: Any) -> Iterator[Receiver]:
    changed = broker.settings.connectors.model_dump() | settings
    connectors = Settings.model_validate({"connectors": changed}).connectors
    configs = {
        name: ConnectorConfig.model_validate(
            {"name": name, "provider": name, "parser": "text", "transport": {"type": "webhook", **transport}}
        )
        for name, transport in {
            "hook": {"secret": {"env": "PUSH_SECRET"}},
            "other": {"secret": {"env": "PUSH_SECRET"}},
            "token": {"bearer_token": {"env": "PUSH_SECRET"}},
        }.items()
    }
    settings_ = broker.settings.model_copy(update={"connectors": connectors})
    receiver = Receiver(settings_, lambda: configs, broker.publisher, header_seconds)
    assert receiver.start() is None
    yield receiver
    receiver.stop()


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSH_SECRET", SECRET)


def push(receiver: Receiver, name: str = "hook", body: bytes = BODY, **headers: str) -> int:
    url = f"http://127.0.0.1:{receiver.port}/push/{name}"
    return httpx.post(url, content=body, headers=headers or signed(body)).status_code


def connect(receiver: Receiver, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", receiver.port), timeout=20))


def ended(connection: socket.socket) -> bool:
    """Whether the other side closes the connection; waits as long as the socket's time-out."""
    try:
        return connection.recv(1000) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("sent", [b"", b"POST /push/hook HTTP/1.1\r\nHost: x\r\nX: "])
def test_silent_connections_refuse_no_signed_push(fake_broker: Any, sent: bytes) -> None:
    with receiving(fake_broker) as receiver, ExitStack() as stack:
        connections = [connect(receiver, stack) for _ in range(70)]
        for connection in connections:
            connection.sendall(sent)
        assert [push(receiver) for _ in range(5)] == [200] * 5
        # The oldest had to go: no more than allowed stay open.
        assert all(ended(connection) for connection in connections[: 70 - MAX_CONNECTIONS_PER_ADDRESS])


@pytest.mark.parametrize("drips", [False, True])
def test_headers_have_a_deadline(fake_broker: Any, drips: bool) -> None:
    with receiving(fake_broker, header_seconds=0.5) as receiver, ExitStack() as stack:
        connection = connect(receiver, stack)
        connection.sendall(b"POST /push/hook HTTP/1.1\r\nX-Slow: ")
        stop = threading.Event()

        def drip() -> None:
            try:
                while drips and not stop.wait(0.05):
                    connection.sendall(b"x")
            except OSError:
                return

        thread = threading.Thread(target=drip)
        thread.start()
        assert ended(connection)
        stop.set()
        thread.join()
        assert push(receiver) == 200


def test_a_refused_body_that_never_ends_is_cut_off(fake_broker: Any) -> None:
    with receiving(fake_broker, header_seconds=0.5) as receiver, ExitStack() as stack:
        connection = connect(receiver, stack)
        connection.sendall(b"POST /push/hook HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n")
        assert b" 401 " in connection.recv(1000)

        def drip() -> None:
            for _ in range(200):
                connection.sendall(b"x")
                time.sleep(0.02)

        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            drip()


@pytest.mark.parametrize(
    ("name", "headers"),
    [("hook", {}), ("hook", {"X-Hub-Signature-256": "sha256=00"}), ("hook", {"X-Hub-Signature-256": "md5=" + "0" * 32}),
     ("token", {}), ("token", {"Authorization": "Bearer wrong"}), ("nobody", {})],
)  # fmt: skip
def test_without_signature_or_token_no_body_is_read(fake_broker: Any, name: str, headers: dict[str, str]) -> None:
    """The body is announced and never sent: an answer means that it was not waited for."""
    lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    with receiving(fake_broker) as receiver, ExitStack() as stack:
        connection = connect(receiver, stack)
        connection.sendall(
            f"POST /push/{name} HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: 900000\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        answer = connection.recv(1000)
        assert answer.startswith(b"HTTP/1.1 404" if name == "nobody" else b"HTTP/1.1 401")
        assert receiver.budget.peak == 0


def test_a_body_that_is_announced_too_large_is_not_read(fake_broker: Any) -> None:
    with receiving(fake_broker) as receiver, ExitStack() as stack:
        for length in ("1000001", "9" * 30, "²"):
            connection = connect(receiver, stack)
            head = f"POST /push/hook HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: {FORGED['X-Hub-Signature-256']}\r\n"
            connection.sendall(head.encode() + f"Content-Length: {length}\r\n\r\n".encode())
            assert connection.recv(1000).split()[1] in {b"413", b"400"}
        assert receiver.budget.peak == 0


def test_bodies_in_memory_are_limited_in_all(fake_broker: Any) -> None:
    """Sixty clients send forged megabytes and keep the last byte: a budget holds, and a signed push comes through."""
    with receiving(fake_broker, max_push_bytes=4_000_000) as receiver, ExitStack() as stack:
        head = f"POST /push/hook HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: {FORGED['X-Hub-Signature-256']}\r\n"
        connections = [connect(receiver, stack) for _ in range(MAX_CONNECTIONS_PER_ADDRESS - 2)]
        for connection in connections:
            connection.settimeout(0.2)
            try:
                connection.sendall(head.encode() + b"Content-Length: 900000\r\n\r\n" + b"x" * 899_999)
            except OSError:
                continue
        assert receiver.budget.peak <= 1_000_000  # the share of one sender
        receiver.budget.release("127.0.0.1", 0)
        for connection in connections:
            connection.close()
        deadline = time.monotonic() + 20
        while receiver.budget.used and time.monotonic() < deadline:
            time.sleep(0.02)
        assert receiver.budget.used == 0
        assert push(receiver) == 200


def test_a_sender_that_uses_up_its_share_leaves_the_others_theirs() -> None:
    budget = ByteBudget(100)
    assert budget.reserve("a", 25)
    assert not budget.reserve("a", 1)
    assert [budget.reserve(name, 25) for name in "bcde"] == [True, True, True, False]
    budget.release("b", 25)
    assert (budget.used, budget.reserve("e", 25), budget.peak) == (75, True, 100)


def test_forged_requests_do_not_use_up_the_rate_of_the_connector(fake_broker: Any) -> None:
    with receiving(fake_broker, pushes_per_minute=3) as receiver:
        assert [push(receiver, **FORGED) for _ in range(10)] == [401] * 10
        assert [push(receiver) for _ in range(4)] == [200, 200, 200, 429]
        assert push(receiver, "other") == 200  # each connector has its own


class TestProxies:
    @pytest.mark.parametrize(
        ("peer", "header", "sender"),
        [("10.0.0.1", "203.0.113.5", "203.0.113.5"), ("10.0.0.1", "6.6.6.6, 203.0.113.5", "203.0.113.5"),
         ("10.0.0.1", "203.0.113.5, 10.9.9.9", "203.0.113.5"), ("198.51.100.7", "203.0.113.5", "198.51.100.7"),
         ("10.0.0.1", "", "10.0.0.1"), ("10.0.0.1", "nonsense" * 100, ("nonsense" * 100)[:64]), ("fd00::5", "[2001:db8::1]", "2001:db8::1")],
    )  # fmt: skip
    def test_only_trusted_ones_name_the_sender(self, peer: str, header: str, sender: str) -> None:
        assert Proxies(["10.0.0.0/8", "fd00::/8"]).sender(peer, header) == sender

    @pytest.mark.parametrize(
        ("address", "waiting", "admitted", "left"),
        [("203.0.113.5", True, 20, 3), ("203.0.113.5", False, 3, 3), ("10.0.0.1", True, 20, 10), ("10.0.0.1", False, 10, 10)],
    )  # fmt: skip
    def test_they_are_not_limited_by_address(self, address: str, waiting: bool, admitted: int, left: int) -> None:
        """Connections that wait make room for new ones; those whose request is being answered do not."""
        gate = ConnectionGate(Proxies(["10.0.0.0/8"]), max_total=10, max_per_address=3)

        class Connection:
            def __init__(self) -> None:
                self.waiting, self.closed = waiting, False

            def abort(self) -> None:
                self.closed = True
                gate.remove(self)  # type: ignore[arg-type]

        connections = [Connection() for _ in range(20)]
        allowed = [one for one in connections if gate.admit(one, address)]  # type: ignore[arg-type]
        assert len(allowed) == admitted
        assert [one for one in allowed if not one.closed] == allowed[-left:]

    def test_the_budget_counts_by_the_sender_that_they_name(self, fake_broker: Any) -> None:
        proxied = {"trusted_proxies": ["127.0.0.0/8"], "max_push_bytes": 4_000_000}
        with receiving(fake_broker, **proxied) as receiver, ExitStack() as stack:
            for number in range(6):
                connection = connect(receiver, stack)
                head = (
                    f"POST /push/hook HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.{number % 2}\r\n"
                    f"X-Hub-Signature-256: {FORGED['X-Hub-Signature-256']}\r\nContent-Length: 900000\r\n\r\n"
                )
                connection.settimeout(0.2)
                try:
                    connection.sendall(head.encode() + b"x" * 800_000)
                except OSError:
                    continue
            time.sleep(0.2)
            assert 800_000 < receiver.budget.used <= 2_000_000
            assert push(receiver, **signed(BODY), **{"X-Forwarded-For": "203.0.113.9"}) == 200

    @pytest.mark.parametrize("wrong", ["everybody", "10.0.0.0/99", "*"])
    def test_what_is_no_network_is_refused(self, wrong: str) -> None:
        with pytest.raises(ValidationError):
            Settings.model_validate({"connectors": {"trusted_proxies": [wrong]}})


def test_a_closing_process_asks_for_the_push_again(fake_broker: Any) -> None:
    with receiving(fake_broker) as receiver:
        fake_broker.publisher.close()
        answer = httpx.post(f"http://127.0.0.1:{receiver.port}/push/hook", content=BODY, headers=signed(BODY))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
