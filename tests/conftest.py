"""What all tests share: the sample data beside the checkout, and one real local stack for the session."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from pipeline.local.ports import any_free
from pipeline.local.stack import SERVERS, Endpoints, LocalStack
from tests.certificates import issued

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


#: A test that uses one of these needs real servers: those of the session, or some that it starts itself.
SERVER_FIXTURES = {"local_stack", "stack", "secured"}

#: Tests that break servers and processes on purpose: the fault suite, ``make faults``.
FAULTS = (
    "faults/",
    "end_to_end/test_faults",
    "end_to_end/test_killed_often",
    "end_to_end/test_monitoring",
    "end_to_end/test_start",
    "end_to_end/test_state",
)


def needs_servers(item: pytest.Item) -> bool:
    """Whether a test uses a real Kafka or Elasticsearch, the session's or one that it starts itself."""
    return item.get_closest_marker("stack") is not None or bool(
        SERVER_FIXTURES & set(getattr(item, "fixturenames", ()))
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs servers, and let it come first; skip what cannot run here."""
    for item in items:
        if needs_servers(item):
            item.add_marker(pytest.mark.stack)
        if item.path.relative_to(ROOT / "tests").as_posix().startswith(FAULTS) and needs_servers(item):
            item.add_marker(pytest.mark.faults)
    items.sort(key=lambda item: item.get_closest_marker("stack") is None)
    for item in items:
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason="needs the sample data in ../shared, which is not there"))
        if item.get_closest_marker("long") and not os.environ.get("WIREDESK_LONG"):
            item.add_marker(pytest.mark.skip(reason="long suite: make test-long"))


@pytest.fixture(autouse=True)
def _own_logs() -> None:
    """A command or server that a former test ran in this process has set its own level of logs."""
    structlog.reset_defaults()
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The sample data beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("needs the sample data in ../shared, which is not there")
    return SHARED / "data"


@pytest.fixture(scope="session")
def local_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """One real Kafka and one real Elasticsearch for the whole session; each process of pytest-xdist has its own."""
    given = os.environ.get("WIREDESK_TEST_STACK_DATA_DIR")
    if given:
        stack = LocalStack(Path(given))
    else:
        # Not the usual ports: a test of "wiredesk stack start" could take them while a test of faults has a server down.
        taken: set[int] = set()
        stack = LocalStack(
            tmp_path_factory.mktemp("stack"), kafka_port=any_free(taken), elasticsearch_port=any_free(taken)
        )
    if len(stack.running()) < 2:
        stack.start()
    yield stack
    if not given:
        stack.stop()


@pytest.fixture(autouse=True)
def _servers_run(request: pytest.FixtureRequest) -> None:
    """A test of faults that fails half-way takes no other along: what it left down is started again."""
    if "local_stack" in request.fixturenames:
        local_stack = request.getfixturevalue("local_stack")
        for name in SERVERS:
            if local_stack.server(name) is None:
                local_stack.start_server(name)


@pytest.fixture(scope="session")
def stack(local_stack: LocalStack) -> Endpoints:
    """Where the session's Kafka and Elasticsearch answer."""
    endpoints = local_stack.endpoints()
    assert endpoints is not None
    return endpoints


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PEM file with key and certificate of ``localhost``, which is trusted while the test runs."""
    issued(tmp_path, "localhost", host="localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.pem"))
    return tmp_path / "localhost.pem"
