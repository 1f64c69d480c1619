"""The ports of the local stack: which are free, and which a new stack takes."""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass

#: Below the ports that operating systems give to clients (from 32768 on Linux, from 49152 elsewhere): one of those
#: could be taken while its server is down for a moment.
_RANGE = range(20_000, 32_000)


@dataclass(frozen=True)
class Ports:
    """The TCP ports of both servers on 127.0.0.1."""

    kafka: int
    kafka_controller: int
    elasticsearch: int
    elasticsearch_transport: int


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def any_free(taken: set[int]) -> int:
    """A free port that is not in ``taken``, to which it is added.

    Chosen at random, so that two programs that look at the same moment hardly ever choose the same one.
    """
    while (port := random.choice(_RANGE)) in taken or not is_free(port):  # noqa: S311 - not a secret
        pass
    taken.add(port)
    return port


def this_or_any_free(port: int, taken: set[int]) -> int:
    """Take this port if it is free and not in ``taken``, else another; it is added to ``taken``."""
    if port in taken or not is_free(port):
        return any_free(taken)
    taken.add(port)
    return port
