"""The server that receives pushes (webhooks, WebSub): ``/push/NAME`` for connector NAME.

Every process that runs connectors can receive for all of them: it publishes at once and answers once everything is
durable; intake drops what comes twice. Who sends is checked before the body is read as far as the headers allow, and
rates are limited only after that, so that nobody else can use up a sender's share. TLS is for a proxy in front of it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connectors.config import ConnectorConfig
from connectors.parse_pool import PayloadParser
from connectors.pushes import PushReports
from connectors.receiver_limits import HEADER_SECONDS, ByteBudget, ConnectionGate, LimitedProtocol, Proxies, RateLimit
from connectors.runner import ConnectorRun
from connectors.transports.push import Answer, Push, PushTransport
from pipeline.broker.publisher import Publisher
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError, ParseError, UnreachableError
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.receiver")

_KAFKA_SECONDS = 20
#: Refused requests are logged so often per minute and connector.
_LOGGED_REFUSALS = 6
_RETRY = {"Retry-After": "30"}


class _RefusedError(Exception):
    """A request is answered without being published."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Receiver:
    """Receives pushes, in its own thread.

    Args:
        settings: of the installation.
        configs: returns the connectors in force, by name; called for every request.
        publisher: shared with the polls.
        header_seconds: from connecting to the end of a request's headers.
        parser: shared with the polls; ``None``: each push is parsed in its thread.

    Attributes:
        app: the ASGI application.
        budget: the bytes of bodies in memory.
        published: how many items were published.
        reports: tells the processes that run the connectors.
    """

    def __init__(
        self,
        settings: Settings,
        configs: Callable[[], Mapping[str, ConnectorConfig]],
        publisher: Publisher,
        header_seconds: float = HEADER_SECONDS,
        parser: PayloadParser | None = None,
    ) -> None:
        self._settings, self._configs, self._publisher, self._parser = settings, configs, publisher, parser
        connectors = settings.connectors
        self._proxies = Proxies(connectors.trusted_proxies)
        self._gate = ConnectionGate(self._proxies)
        self._header_seconds = header_seconds
        self._rate = RateLimit(connectors.pushes_per_minute)
        self._log_rate = RateLimit(_LOGGED_REFUSALS)
        self.budget = ByteBudget(max(connectors.max_push_bytes, 4 * connectors.max_body_bytes))
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.published = 0
        self.reports = PushReports(settings, publisher)
        self.app = Starlette(routes=[Route("/push/{name}", self._push, methods=["GET", "POST"])])

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return (
            self._server is not None and self._server.started and self._thread is not None and self._thread.is_alive()
        )

    @property
    def port(self) -> int:
        """The port that it listens on; the settings may say 0, for a free one."""
        assert self._server is not None
        return int(self._server.servers[0].sockets[0].getsockname()[1])

    def start(self) -> str | None:
        """Begin to listen; returns why it cannot."""
        connectors = self._settings.connectors
        request_seconds = connectors.timeout_seconds + 2 * _KAFKA_SECONDS
        protocol = partial(LimitedProtocol, self._gate, self._header_seconds, request_seconds)
        config = uvicorn.Config(
            self.app, host=connectors.webhook_host, port=connectors.webhook_port, log_config=None, log_level="error",
            lifespan="off", access_log=False, server_header=False, proxy_headers=False, timeout_keep_alive=5, ws="none",
            h11_max_incomplete_event_size=32_768, http=protocol, timeout_graceful_shutdown=5,  # type: ignore[arg-type]
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, args=(self._server,), name="receiver", daemon=True)
        self._thread.start()
        while self._thread.is_alive() and not self._server.started:
            time.sleep(0.01)
        if self._server.started:
            log.info("receiver_started", host=connectors.webhook_host, port=self.port)
            return None
        return f"Cannot listen on {connectors.webhook_host}:{connectors.webhook_port}; pushes are not received."

    def _serve(self, server: uvicorn.Server) -> None:
        try:
            server.run()
        except (OSError, SystemExit) as error:
            log.debug("receiver_ended", reason=repr(error))  # uvicorn raises SystemExit where the port is taken

    def begin_to_stop(self) -> None:
        """Take no more requests; those being answered are finished."""
        if self._server is not None:
            self._server.should_exit = True

    def stop(self) -> None:
        """Finish the requests being answered, and stop."""
        self.begin_to_stop()
        if self._thread is not None:
            self._thread.join(10)

    async def _push(self, request: Request) -> Response:
        name = request.path_params["name"]
        config = self._configs().get(name)
        if config is None or not config.enabled or not isinstance(config.transport, PushTransport):
            return PlainTextResponse("No connector of this name receives pushes.", 404)
        headers = {key.lower(): value for key, value in request.headers.items()}
        push = Push(request.method, headers, dict(request.query_params))
        refusal = self._check_headers(config, push)
        if refusal is not None:
            return PlainTextResponse(refusal.text, refusal.status)
        sender = self._proxies.sender(request.client.host if request.client else "", headers.get("x-forwarded-for", ""))
        held = 0

        def hold(size: int) -> bool:
            nonlocal held
            if not self.budget.reserve(sender, size):
                return False
            held += size
            return True

        try:
            async with asyncio.timeout(self._settings.connectors.timeout_seconds):
                body = await self._body(request, hold)
            status, text = await run_in_threadpool(
                self.publish, config, Push(push.method, push.headers, push.query, body)
            )
        except _RefusedError as error:
            status, text = error.status, error.text
        except (TimeoutError, ClientDisconnect):
            status, text = 408, "The body was not received in time."
        finally:
            self.budget.release(sender, held)
        return PlainTextResponse(text, status, _RETRY if status in {429, 503} else None)

    async def _body(self, request: Request, hold: Callable[[int], bool]) -> bytes:
        """Read the body within the limits; ``hold`` says whether so many more bytes may be in memory."""
        if request.method == "GET":
            return b""
        limit = self._settings.connectors.max_body_bytes
        declared = request.headers.get("content-length", "0")
        if not declared.isascii() or not declared.isdigit() or len(declared) > 12 or int(declared) > limit:
            raise _RefusedError(413, f"The body is larger than {limit:,} bytes.")
        parts, size = [], 0
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise _RefusedError(413, f"The body is larger than {limit:,} bytes.")
            if not hold(len(part)):
                raise _RefusedError(503, "Too many bodies are being received; please send it again.")
            parts.append(part)
        return b"".join(parts)

    def _check_headers(self, config: ConnectorConfig, push: Push) -> Answer | None:
        """The answer to a request that is refused by its headers alone."""
        assert isinstance(config.transport, PushTransport)
        try:
            refusal = config.transport.check_headers(push, config.name)
        except ConfigurationError as error:
            self._log_refusal(config.name, 503, str(error))
            return Answer(503, "This connector is not set up yet.")
        if refusal is not None:
            self._log_refusal(config.name, refusal.status, refusal.note or refusal.text)
        return refusal

    def _log_refusal(self, name: str, status: int, reason: str) -> None:
        if self._log_rate.allows(f"{name} {status}"):
            log.warning("push_refused", connector=name, status=status, reason=reason)

    def publish(self, config: ConnectorConfig, push: Push) -> tuple[int, str]:
        """Check a whole request and publish it.

        Returns:
            Status and text of the answer; everything is durable by then.
        """
        transport = config.transport
        assert isinstance(transport, PushTransport)
        try:
            answer = transport.receive(push, config.name)
        except ConfigurationError as error:
            self._log_refusal(config.name, 503, str(error))
            return 503, "This connector is not set up yet."
        if answer.note:
            self._log_refusal(config.name, answer.status, answer.note)
        if answer.payload is None:
            return answer.status, answer.text
        if not self._rate.allows(config.name):
            self._log_refusal(config.name, 429, "more than connectors.pushes_per_minute")
            return 429, "Too many requests; please send it again later."
        return self._publish_payload(config, answer)

    def _publish_payload(self, config: ConnectorConfig, answer: Answer) -> tuple[int, str]:
        assert answer.payload is not None
        state = ConnectorState(connector=config.name)
        run = ConnectorRun(config, state, self._settings, self._publisher, self._parser)
        try:
            reading = run.publish_pushed(answer.payload, datetime.now(UTC), _KAFKA_SECONDS)
        except UnreachableError as error:
            log.warning("push_postponed", connector=config.name, reason=str(error))
            return 503, "Not now; please send it again."
        if isinstance(reading, ParseError):
            return (answer.status, answer.text) if answer.always else (422, f"This cannot be parsed: {reading}")
        self.published += len(reading.items)
        self.reports.add(config.name, reading.items)
        log.info("push_published", connector=config.name, items=len(reading.items), rejected=len(reading.rejected))
        return answer.status, answer.text
