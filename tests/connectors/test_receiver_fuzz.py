"""Any bytes at all sent to the receiver: no crash, no item without a signature, no memory kept.

2,000 inputs by default; all 100,000 with ``WIREDESK_LONG=1``.
"""

from __future__ import annotations

import asyncio
import hmac
import random
import time
from typing import Any

import psutil
import pytest
import uvicorn
from structlog.testing import capture_logs
from uvicorn.server import ServerState

from connectors.config import ConnectorConfig
from connectors.receiver import Receiver
from connectors.receiver_limits import ConnectionGate, LimitedProtocol, Proxies

SECRET = "a-secret-of-some-length"
BODY = b"Headline of the story\n\nText of the story.\n"
SIGNATURE = hmac.new(SECRET.encode(), BODY, "sha256").hexdigest()
SIGNED = (
    f"POST /push/hook HTTP/1.1\r\nHost: a.example\r\nContent-Type: text/plain\r\nX-Hub-Signature-256: sha256={SIGNATURE}\r\n"
    f"X-Forwarded-For: 203.0.113.5\r\nContent-Length: {len(BODY)}\r\n\r\n"
).encode() + BODY
SEEDS = [
    SIGNED,
    SIGNED.replace(SIGNATURE.encode(), b"0" * 64),
    SIGNED.replace(b"Content-Length: %d" % len(BODY), b"Transfer-Encoding: chunked").replace(BODY, b"5\r\nhello\r\n0\r\n\r\n"),
    b"GET /push/sub?hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example%2F&hub.challenge=c HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /push/token HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
    b"POST /push/sub?hub=x HTTP/1.1\r\nHost: x\r\nX-Hub-Signature: sha1=" + b"0" * 40 + b"\r\nContent-Length: 1\r\n\r\nx",
    SIGNED * 2,
]  # fmt: skip
PIECES = [b"\r\n", b"\0", b"\xff\xfe", "²".encode(), b"Content-Length: 99999999999\r\n", b"Transfer-Encoding: chunked\r\n",
          b"%00%ff", b"../", b"\x1b[2J", b":" * 50, b"x" * 5000, b"Content-Length: \xb2\r\n", b"HTTP/9.9", b"-1"]  # fmt: skip


def mutated(chance: random.Random) -> bytes:
    data = bytearray(chance.choice(SEEDS))
    for _ in range(chance.choice([0, 1, 1, 2, 3, 8])):
        place = chance.randrange(len(data) + 1)
        what = chance.randrange(4)
        if what == 0:
            data[place:place] = chance.choice(PIECES)
        elif what == 1:
            del data[place : place + chance.randrange(1, 30)]
        elif what == 2 and place < len(data):
            data[place] = chance.randrange(256)
        else:
            data[place:] = chance.randbytes(chance.randrange(20)) + bytes(data[place:])
    return bytes(data)


class Wire(asyncio.Transport):
    """The other end of a connection that only counts."""

    def __init__(self) -> None:
        super().__init__({"peername": ("203.0.113.7", 1), "sockname": ("127.0.0.1", 2)})
        self.sent, self.closed = b"", False
        self.protocol: Any = None

    def write(self, data: Any) -> None:
        self.sent += bytes(data)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        return

    resume_reading = pause_reading


async def attack(receiver: Receiver, seed: int, count: int) -> int:
    """The number of accepted pushes; raises what the event loop was told of."""
    chance, loop = random.Random(seed), asyncio.get_running_loop()
    broken: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: broken.append(context))
    config = uvicorn.Config(
        receiver.app, lifespan="off", log_config=None, log_level="critical", ws="none", proxy_headers=False
    )
    config.load()
    gate = ConnectionGate(Proxies([]))
    accepted = 0
    for _ in range(count):
        state = ServerState()
        protocol = LimitedProtocol(gate, 10, 10, config=config, server_state=state, app_state={}, _loop=loop)
        wire, data = Wire(), mutated(chance)
        wire.protocol = protocol
        protocol.connection_made(wire)
        middle = chance.randrange(len(data) + 1)
        for part in (data[:middle], data[middle:]):
            if part and not wire.closed:
                protocol.data_received(part)
        while state.tasks and not wire.closed and not protocol.cycle.more_body:
            await asyncio.wait(state.tasks, timeout=0.05)
        wire.close()  # also in the middle of a body
        if state.tasks:
            _, stuck = await asyncio.wait(state.tasks, timeout=5)
            assert not stuck, data
        await asyncio.sleep(0)
        accepted += wire.sent.count(b"HTTP/1.1 200 ")
        assert b"HTTP/1.1 500" not in wire.sent, data
        assert protocol not in gate._open
    assert broken == []
    return accepted


@pytest.mark.parametrize(
    "count", [2000, pytest.param(100_000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
)  # fmt: skip
def test_nothing_breaks_it(fake_broker: Any, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setenv("PUSH_SECRET", SECRET)
    secret = {"env": "PUSH_SECRET"}
    configs = {
        name: ConnectorConfig.model_validate({"name": name, "provider": "X", "parser": "text", "transport": transport})
        for name, transport in {
            "hook": {"type": "webhook", "secret": secret},
            "token": {"type": "webhook", "bearer_token": secret},
            "sub": {"type": "websub", "url": "https://a.example/", "callback": "https://b.example", "secret": secret},
        }.items()
    }
    connectors = fake_broker.settings.connectors.model_copy(update={"pushes_per_minute": 10**9, "timeout_seconds": 1})
    settings = fake_broker.settings.model_copy(update={"connectors": connectors})
    receiver = Receiver(settings, lambda: configs, fake_broker.publisher)
    began, before = time.process_time(), psutil.Process().memory_info().rss
    with capture_logs():
        accepted = asyncio.run(attack(receiver, seed=15, count=count))
    seconds, kept = time.process_time() - began, psutil.Process().memory_info().rss - before
    published = fake_broker.read("raw")
    # Only bodies that are as they were signed got through.
    assert 0 < len(published) <= accepted
    assert all(b"Headline of the story" in (value or b"") for _, value in published)
    assert receiver.budget.used == 0
    assert kept < 200_000_000
    print(f"{count} inputs, {accepted} accepted, {seconds:.0f} s of processor time, {kept:,} bytes more than before")
