"""Runs the desk: alone until interrupted, or in a thread of another process."""

from __future__ import annotations

import signal
import socket
import threading
import time
from functools import partial

import structlog
import uvicorn

from connectors.receiver_limits import ConnectionGate, LimitedProtocol, Proxies
from pipeline.desk.app import make_desk
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.desk")

_START_SECONDS = 20.0
_STOP_SECONDS = 10.0
#: Connections at one time; a new one takes the place of one that is idle.
_MOST_CONNECTIONS = 200
_HEADER_SECONDS = 20.0
_REQUEST_SECONDS = 300.0


class BackgroundDesk:
    """A desk in a thread; calling it stops it.

    Attributes:
        url: where it answers.
    """

    def __init__(self, server: uvicorn.Server, listening: socket.socket) -> None:
        host, port = listening.getsockname()[:2]
        self.url = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
        self._server = server
        self._thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="desk", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not server.started and self._thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)

    def __call__(self) -> None:
        """Stop; requests that are under way are answered first."""
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests that are under way are answered first.

    Raises:
        ConfigurationError: the address is taken, or the desk would be open without a token.
    """
    server = _server(settings)

    def stop(*_: object) -> None:
        server.should_exit = True

    # While it serves uvicorn handles signals, and then raises them again, which would end the process with -15.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run(sockets=[_listen(settings)])


def desk_in_background(settings: Settings) -> BackgroundDesk:
    """Serve in a thread; raises as :func:`serve`. Call the result to stop it."""
    server = _server(settings)
    desk = BackgroundDesk(server, _listen(settings))
    log.info("desk_started", url=desk.url)
    return desk


def _server(settings: Settings) -> uvicorn.Server:
    gate = ConnectionGate(Proxies(()), _MOST_CONNECTIONS, _MOST_CONNECTIONS)
    return uvicorn.Server(
        uvicorn.Config(
            make_desk(settings),
            http=partial(LimitedProtocol, gate, _HEADER_SECONDS, _REQUEST_SECONDS),  # type: ignore[arg-type]
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
            ws="none",
        )
    )


def _listen(settings: Settings) -> socket.socket:
    """Bind the socket here, so that a used port raises ConfigurationError instead of ending the process."""
    host, port = settings.desk.host, settings.desk.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError as error:
        raise ConfigurationError(
            f"The desk cannot listen on {host}:{port}: {error.strerror}.", hint="Set desk.host and desk.port."
        ) from error
    return listening
