"""Workers that start together, and an Elasticsearch that accepts no writes."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.index.mapping import BASES
from tests.end_to_end.test_faults import check, item

pytestmark = pytest.mark.stack


def _delete_indices(installation: Any) -> None:
    for base in BASES:
        installation.client.options(ignore_status=404).indices.delete(index=installation.names.index(base, 1))


def test_workers_that_start_together_on_an_empty_elasticsearch_all_get_ready(installation: Any) -> None:
    _delete_indices(installation)
    processes = [installation.worker("index") for _ in range(3)]
    for place in range(3):
        installation.wait(lambda place=place: "worker_ready" in installation.log(place), f"worker {place} ready", 90)
    assert [process.poll() for process in processes] == [None] * 3
    for process in processes:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(40) for process in processes] == [0] * 3


@pytest.fixture
def disk_full(installation: Any) -> Iterator[Any]:
    """Block and release writes as the flood stage of a full disk does, but for the whole cluster."""

    def block(value: bool | None) -> None:
        setting = {"cluster.blocks.read_only_allow_delete": value}
        installation.client.cluster.put_settings(persistent=setting)

    yield block
    block(None)


def test_a_full_disk_is_waited_for_and_named_at_the_start_and_later(installation: Any, disk_full: Any) -> None:
    _delete_indices(installation)
    disk_full(True)
    process = installation.worker()
    installation.wait(lambda: "read-only" in installation.log(), "the block at the start", 60)
    time.sleep(1)
    assert process.poll() is None
    disk_full(None)
    installation.wait(lambda: "worker_ready" in installation.log(), "ready", 90)
    installation.publish(*[item(number) for number in range(10)])
    installation.wait_for_documents(10)
    disk_full(True)
    installation.publish(*[item(number) for number in range(10, 20)])
    installation.wait(lambda: installation.log().count("read-only") == 2, "the block in between", 60)
    disk_full(None)
    installation.wait_for_documents(20)
    installation.wait_caught_up()
    check(installation, 20)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
