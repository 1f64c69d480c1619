"""A proxy in front of Kafka that drops, delays, cuts and holds what passes, as networks do."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Self

from pipeline.local import kafka

Mode = Literal["pass", "drop", "delay", "cut", "hang", "unanswered"]
MODES: tuple[Mode, ...] = ("drop", "delay", "cut", "hang", "unanswered")

_CHUNK = 65536


class KafkaProxy:
    """Passes connections on; as a context it listens.

    Args:
        target: port of the server.
        port: on which it listens.
        seed: of the choice what is spoilt.

    Attributes:
        mode: what happens now: ``drop`` closes every connection, ``delay`` holds each chunk for a while, ``cut`` closes
            some connections in the middle of a chunk, ``hang`` lets nothing pass, ``unanswered`` lets requests pass and
            no answers, and closes the connections at the end.
    """

    def __init__(self, target: int, port: int, seed: int = 0) -> None:
        self.mode: Mode = "pass"
        self._target = target
        self._chance = random.Random(seed)
        self._listening = socket.create_server(("127.0.0.1", port), backlog=128)
        self._closing = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._listening.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                with contextlib.suppress(UnboundLocalError, OSError):
                    client.close()
                continue
            for one in (client, server):
                one.settimeout(0.2)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        """Pass bytes of one direction on until an end closes, or a fault closes both."""
        swallowed = False
        with contextlib.suppress(OSError):
            while not self._closing.is_set() and self.mode != "drop":
                try:
                    chunk = source.recv(_CHUNK)
                except TimeoutError:
                    if swallowed and self.mode != "unanswered":
                        break
                    continue
                if not chunk:
                    break
                mode = self.mode
                if swallowed and mode != "unanswered":
                    break
                if mode == "delay":
                    time.sleep(self._chance.uniform(0.1, 1.0))
                elif mode == "cut" and self._chance.random() < 0.2:
                    self._send(sink, chunk[: len(chunk) // 2])
                    break
                elif mode == "unanswered" and answers:
                    swallowed = True
                    continue
                while self.mode == "hang":
                    time.sleep(0.1)
                self._send(sink, chunk)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    @staticmethod
    def _send(sink: socket.socket, chunk: bytes) -> None:
        """Send all of it, however slowly it is taken; the time-out of the socket is for reading."""
        rest = memoryview(chunk)
        while rest:
            with contextlib.suppress(TimeoutError):
                rest = rest[sink.send(rest) :]


@contextmanager
def advertised(port: int) -> Iterator[None]:
    """Local Kafkas that start meanwhile send their clients to this port of 127.0.0.1."""
    before = kafka._PROPERTIES
    line = "advertised.listeners=PLAINTEXT://127.0.0.1:"
    assert f"{line}{{port}}" in before
    kafka._PROPERTIES = before.replace(f"{line}{{port}}", f"{line}{port}")
    try:
        yield
    finally:
        kafka._PROPERTIES = before
