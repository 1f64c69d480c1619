"""The server for what is pushed to us (webhooks, WebSub): ``/push/NAME`` for connector NAME.

Every process that runs connectors can take what comes for any of them: it publishes at once and answers once that is
durable; intake drops what comes twice. Bodies, times and rates are limited. TLS is for a proxy before it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connectors.config import ConnectorConfig
from connectors.runner import ConnectorRun
from connectors.transports.push import Answer, Push, PushTransport
from pipeline.broker.publisher import Publisher
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError, ParseError, UnreachableError
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.receiver")

_KAFKA_SECONDS = 20
_REQUESTS_A_MINUTE = 600
_CLIENTS_KNOWN = 10_000
_CONNECTIONS = 64


class RateLimit:
    """So many requests a minute from each sender, with bursts up to as many; the oldest senders are forgotten."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._most, self._clock = per_minute / 60, per_minute, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, sender: str) -> bool:
        """Whether one more is allowed now; it then counts."""
        now = self._clock()
        left, since = self._left.pop(sender, (self._most, now))
        left = min(left + (now - since) * self._per_second, self._most)
        self._left[sender] = (left - 1 if left >= 1 else left, now)
        while len(self._left) > _CLIENTS_KNOWN:
            self._left.popitem(last=False)
        return left >= 1


class Receiver:
    """Takes what is pushed, in a thread of its own.

    Args:
        settings: of the installation.
        configs: the connectors in force, by name; asked at every request.
        publisher: shared with the polls.
    """

    def __init__(
        self, settings: Settings, configs: Callable[[], Mapping[str, ConnectorConfig]], publisher: Publisher
    ) -> None:
        self._settings, self._configs, self._publisher = settings, configs, publisher
        self._limit = RateLimit(_REQUESTS_A_MINUTE)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.published = 0
        self.app = Starlette(routes=[Route("/push/{name}", self._push, methods=["GET", "POST"])])

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return (
            self._server is not None and self._server.started and self._thread is not None and self._thread.is_alive()
        )

    @property
    def port(self) -> int:
        """Where it listens; the settings may say 0, for a free one."""
        assert self._server is not None
        return int(self._server.servers[0].sockets[0].getsockname()[1])

    def start(self) -> str | None:
        """Begin to listen; returns what hinders it."""
        connectors = self._settings.connectors
        config = uvicorn.Config(
            self.app, host=connectors.webhook_host, port=connectors.webhook_port, log_config=None, lifespan="off",
            access_log=False, server_header=False, limit_concurrency=_CONNECTIONS, timeout_keep_alive=5,
            h11_max_incomplete_event_size=32_768, http="h11", ws="none", timeout_graceful_shutdown=5,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, args=(self._server,), name="receiver", daemon=True)
        self._thread.start()
        while self._thread.is_alive() and not self._server.started:
            time.sleep(0.01)
        if self._server.started:
            log.info("receiver_started", host=connectors.webhook_host, port=self.port)
            return None
        return f"Nothing can be received: {connectors.webhook_host}:{connectors.webhook_port} cannot be listened to."

    def _serve(self, server: uvicorn.Server) -> None:
        try:
            server.run()
        except (OSError, SystemExit) as error:
            log.debug("receiver_ended", reason=repr(error))  # uvicorn leaves by SystemExit where the port is taken

    def stop(self) -> None:
        """Let requests that are being answered end, and stop."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)

    async def _push(self, request: Request) -> Response:
        name = request.path_params["name"]
        client = request.client.host if request.client else "?"
        if not self._limit.allows(f"{name} {client}"):
            return PlainTextResponse("Too many requests.", 429, {"Retry-After": "60"})
        config = self._configs().get(name)
        if config is None or not config.enabled or not isinstance(config.transport, PushTransport):
            return PlainTextResponse("Nobody listens here.", 404)
        try:
            async with asyncio.timeout(self._settings.connectors.timeout_seconds):
                body = await self._body(request)
        except (TimeoutError, ClientDisconnect):
            return PlainTextResponse("The body takes too long.", 408)
        if body is None:
            return PlainTextResponse("The body is too large.", 413)
        headers = {key.lower(): value for key, value in request.headers.items()}
        push = Push(request.method, headers, dict(request.query_params), body)
        status, text = await run_in_threadpool(self.publish, config, push)
        return PlainTextResponse(text, status, {"Retry-After": "30"} if status == 503 else None)

    async def _body(self, request: Request) -> bytes | None:
        """The body, or ``None`` where it is larger than allowed."""
        parts, size = [], 0
        async for part in request.stream():
            size += len(part)
            if size > self._settings.connectors.max_body_bytes:
                return None
            parts.append(part)
        return b"".join(parts)

    def publish(self, config: ConnectorConfig, push: Push) -> tuple[int, str]:
        """Status and text of the answer, after what was pushed is durable."""
        transport = config.transport
        assert isinstance(transport, PushTransport)
        try:
            answer = transport.receive(push, config.name)
        except ConfigurationError as error:
            log.error("push_refused", connector=config.name, reason=str(error))
            return 503, "This connector is not set up yet."
        if answer.note:
            log.warning("push", connector=config.name, status=answer.status, reason=answer.note)
        return self._publish_payload(config, answer) if answer.payload else (answer.status, answer.text)

    def _publish_payload(self, config: ConnectorConfig, answer: Answer) -> tuple[int, str]:
        assert answer.payload is not None
        run = ConnectorRun(config, ConnectorState(connector=config.name), self._settings, self._publisher)
        try:
            reading = run.publish_pushed(answer.payload, datetime.now(UTC), _KAFKA_SECONDS)
        except UnreachableError as error:
            log.warning("push_postponed", connector=config.name, reason=str(error))
            return 503, "Not now; please send it again."
        if isinstance(reading, ParseError):
            return (answer.status, answer.text) if answer.always else (422, f"This cannot be read: {reading}")
        self.published += len(reading.items)
        log.info("pushed", connector=config.name, items=len(reading.items), rejected=len(reading.rejected))
        return answer.status, answer.text
