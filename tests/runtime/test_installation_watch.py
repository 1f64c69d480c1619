"""The thread that reads the installation's condition for the metrics never keeps its process from ending."""

from __future__ import annotations

import threading
import time

import pytest

from pipeline.runtime.monitoring import InstallationWatch
from pipeline.settings import Settings


def test_a_server_that_hangs_delays_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, answer = threading.Event(), threading.Event()

    def hang(_watch: InstallationWatch, _client: object) -> None:
        reading.set()
        answer.wait(60)

    monkeypatch.setattr(InstallationWatch, "_read", hang)
    watch = InstallationWatch(Settings())
    watch.start()
    assert reading.wait(20)
    began = time.monotonic()
    watch.stop()
    taken = time.monotonic() - began
    answer.set()
    assert taken < 8, "of the ten seconds in which a process ends"
