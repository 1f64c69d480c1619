"""Kafka clients that cannot be opened leave nothing behind: in a process of its own, so that all of it can be counted."""

from __future__ import annotations

import subprocess
import sys

import pytest

TRY = """
import gc, logging, os, sys, threading
from pipeline.broker import kafka_clients
from kafka.errors import KafkaError
logging.disable(logging.CRITICAL)
held = []
for _ in range(4):
    try:
        getattr(kafka_clients, sys.argv[1])(bootstrap_servers=["127.0.0.1:1"], bootstrap_timeout_ms=300)
    except KafkaError:
        pass
    gc.collect()
    held.append((len(os.listdir("/proc/self/fd")), threading.active_count()))
print(len(set(held[1:])), held[-1][1])
"""


@pytest.mark.parametrize("opener", ["open_admin", "open_consumer", "open_producer"])
def test_neither_threads_nor_descriptors_are_left(opener: str) -> None:
    done = subprocess.run([sys.executable, "-c", TRY, opener], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["1", "1"]
