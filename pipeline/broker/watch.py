"""One clear line when Kafka goes away, and one when it is back.

The clients reconnect by themselves for as long as it takes, and log every attempt (measured: 7,000 lines in four
seconds). Those lines are kept out of the log (pipeline/settings/logs.py); this says the same once.
"""

from __future__ import annotations

import asyncio
import socket
import time

import structlog

from pipeline.settings import KafkaSettings

log = structlog.get_logger("wiredesk.kafka")

_LOOK_SECONDS = 1.0
_CONNECT_SECONDS = 2.0


def answers(kafka: KafkaSettings) -> bool:
    """Whether any of the brokers takes a connection."""
    for server in kafka.bootstrap_servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
        except (OSError, ValueError):
            continue
        return True
    return False


async def watch(kafka: KafkaSettings) -> None:
    """Watch the brokers until cancelled."""
    away_since: float | None = None
    while True:
        there = await asyncio.to_thread(answers, kafka)
        if not there and away_since is None:
            away_since = time.monotonic()
            log.warning("waiting", reason=f"Kafka does not answer at {kafka.bootstrap_servers}.")
        elif there and away_since is not None:
            log.info("reached_again", what="Kafka", after_seconds=round(time.monotonic() - away_since, 1))
            away_since = None
        await asyncio.sleep(_LOOK_SECONDS)
