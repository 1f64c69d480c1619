"""The clients of one server do not import those of another: in a process of its own, so that nothing is imported yet."""

from __future__ import annotations

import subprocess
import sys

import pytest

PACKAGES = ("faust", "aiokafka", "kafka", "elasticsearch")


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("pipeline.broker.elasticsearch_client", {"elasticsearch"}),
        ("pipeline.broker.kafka_clients", {"kafka"}),
        ("pipeline.broker.publisher", set()),
        ("pipeline.broker.messages", set()),
    ],
)
def test_a_module_imports_only_the_client_that_it_is_about(module: str, needed: set[str]) -> None:
    code = f"import sys, {module}; print(*[name for name in {PACKAGES!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert set(done.stdout.split()) == needed
