"""The endpoint of a long-lived process: ``/livez``, ``/readyz``, ``/metrics``.

It runs in its own threads, so that it answers while the rest of the process hangs and can say so. It holds nothing
secret, changes nothing, and listens on the loopback address unless the settings say otherwise.
"""

from __future__ import annotations

import errno
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, make_wsgi_app

from pipeline.broker.monitoring.health import Health, Report
from pipeline.events.errors import ConfigurationError
from pipeline.settings import MonitoringSettings

log = structlog.get_logger("wiredesk.monitoring")

#: A client that sends or takes nothing is let go after so long.
_CLIENT_SECONDS = 10.0
#: Requests under way at once; a scraper needs one.
_MOST_REQUESTS = 16


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], family: socket.AddressFamily) -> None:
        self.address_family = family
        self._free = threading.BoundedSemaphore(_MOST_REQUESTS)
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # WSGIServer would look up the host's name, which may take long where there is no name server.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "wiredesk", self.server_address[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that went away is not worth a line."""


class _Handler(WSGIRequestHandler):
    timeout = _CLIENT_SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Nothing: probes come every few seconds."""


class Endpoint:
    """Serves one process's health and metrics until stopped.

    Args:
        settings: address and ports.
        health: the process's checks.
        registry: the process's metrics.

    Raises:
        ConfigurationError: the address cannot be used, or none of the ports is free.
    """

    def __init__(self, settings: MonitoringSettings, health: Health, registry: CollectorRegistry = REGISTRY) -> None:
        self._server = _bound(settings)
        self._server.set_app(_application(health, registry))
        host, self.port = str(self._server.server_address[0]), self._server.server_address[1]
        self.url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="monitoring", daemon=True)
        self._thread.start()
        log.info("monitoring_started", url=self.url)

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _bound(settings: MonitoringSettings) -> _Server:
    """The server on the first free port: several processes of one machine take one after the other."""
    try:
        family = socket.getaddrinfo(settings.host, None, type=socket.SOCK_STREAM)[0][0]
        for port in range(settings.port, settings.port + (settings.ports if settings.port else 1)):
            try:
                return _Server((settings.host, port), family)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {settings.host} for monitoring: {error.strerror}.", hint="Set monitoring.host."
        ) from error
    raise ConfigurationError(
        f"Ports {settings.port} to {settings.port + settings.ports - 1} of {settings.host} are all in use.",
        hint="Set monitoring.port and monitoring.ports.",
    )


def _application(health: Health, registry: CollectorRegistry) -> Callable[..., Iterable[bytes]]:
    metrics = make_wsgi_app(registry)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD")
        if method not in {"GET", "HEAD"}:
            return _answer(start_response, "405 Method Not Allowed", "Only GET and HEAD are answered here.\n")
        if path == "/metrics":
            answer: Iterable[bytes] = metrics(environ, start_response)
            return answer
        probes: dict[str, Callable[[], Report]] = {"/livez": health.live, "/readyz": health.ready}
        if path in probes:
            report = probes[path]()
            return _answer(start_response, "200 OK" if report.well else "503 Service Unavailable", report.text())
        return _answer(start_response, "404 Not Found", "Here are /livez, /readyz and /metrics.\n")

    return application


def _answer(start_response: Callable[..., Any], status: str, text: str) -> list[bytes]:
    body = text.encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, [*headers, ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")])
    return [body]
