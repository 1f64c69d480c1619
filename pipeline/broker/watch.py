"""Watches whether the brokers take connections, so that an outage is logged once.

The clients reconnect by themselves for as long as it takes, and log every attempt (measured: 7,000 lines in four
seconds). Those lines are kept out of the log (pipeline/settings/logs.py); this reports the outage itself.
"""

from __future__ import annotations

import asyncio
import socket

from pipeline.broker.outages import OUTAGES
from pipeline.settings import KafkaSettings

_WATCH_SECONDS = 1.0
_CONNECT_SECONDS = 2.0
_REPORTER = "watch"


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
    try:
        while True:
            if await asyncio.to_thread(answers, kafka):
                OUTAGES.reached("kafka", _REPORTER)
            else:
                OUTAGES.failed("kafka", _REPORTER, f"Kafka does not answer at {kafka.bootstrap_servers}.")
            await asyncio.sleep(_WATCH_SECONDS)
    finally:
        OUTAGES.forget(_REPORTER)


def kafka_away() -> bool:
    """Whether :func:`watch` found last that no broker takes a connection; one stage that waits for Kafka is no sign."""
    return OUTAGES.waits_for("kafka", _REPORTER)
