"""Log lines: one renderer for everything, and no floods from libraries."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest
import structlog

from pipeline.settings import LogSettings, logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    kept = (sys.excepthook, threading.excepthook, logging.getLogger().handlers[:], logging.getLogger().level)
    yield (out := io.StringIO())
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook, handlers, level = kept
    logging.basicConfig(level=level, handlers=handlers, force=True)
    structlog.reset_defaults()
    logs._State.json_only = False
    assert out.closed is False


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.filterwarnings("default")
def test_every_line_is_json_whoever_writes_it(stream: io.StringIO) -> None:
    logs.configure(LogSettings(format="json"), stream=stream)
    structlog.get_logger("wiredesk.x").info("story_indexed", story="a", path=logging)
    for name in (
        "kafka.coordinator",
        "aiokafka.consumer",
        "faust.transport",
        "mode.services",
        "uvicorn.error",
        "other",
    ):
        logging.getLogger(name).error("it went wrong:\n%s", name)
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        logging.getLogger("faust").exception("crashed")
    warnings.warn("old", UserWarning, stacklevel=1)
    thread = threading.Thread(target=lambda: 1 / 0, name="receiver")
    thread.start()
    thread.join()
    sys.excepthook(ValueError, ValueError("last"), None)
    found = lines(stream)
    assert len(found) == 11
    assert all({"event", "level", "timestamp"} <= set(line) for line in found)
    assert {line.get("logger") for line in found} >= {"kafka.coordinator", "uvicorn.error", "py.warnings"}
    assert "ZeroDivisionError" in str(next(line for line in found if line["event"] == "crashed")["exception"])
    assert next(line for line in found if line["event"] == "thread_failed")["thread"] == "receiver"
    assert logs.json_only()


class Writes(io.StringIO):
    """A stream that several threads write to: what is not written at once may be torn."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        self.pieces.append(text)
        return super().write(text)


def test_a_line_is_one_write_whoever_writes_it() -> None:
    stream = Writes()
    logs.configure(LogSettings(format="json"), stream=stream)
    structlog.get_logger("wiredesk.x").info("story_indexed")
    logging.getLogger("faust").error("it went wrong")
    assert len(stream.pieces) == 2
    assert all(piece.endswith("}\n") for piece in stream.pieces)


class Doomed:
    """It fails while it is collected."""

    def __del__(self) -> None:
        raise ValueError("not closed in time")


def test_what_fails_while_it_is_collected_is_a_line_as_well(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    logs.configure(LogSettings(format="json"), stream=stream)
    Doomed()
    (line,) = lines(stream)
    assert (line["event"], line["level"]) == ("exception_ignored", "warning")
    assert "not closed in time" in str(line["exception"])


def test_a_library_says_the_same_once_a_minute_and_nothing_of_its_attempts(stream: io.StringIO) -> None:
    logs.configure(LogSettings(format="json"), stream=stream)
    for attempt in range(500):
        logging.getLogger("aiokafka").error("Unable connect to node with id %s", attempt)
        logging.getLogger("faust").error(
            "Stream stopped processing, or is slow for %r (last inbound %s).", attempt, "x"
        )
        logging.getLogger("faust").error("Rebalance %s failed", attempt)
        structlog.get_logger("wiredesk").info("story_indexed", story=attempt)
    found = lines(stream)
    assert [line["event"] for line in found if line.get("logger")] == ["Rebalance 0 failed"]
    assert len(found) == 501, "what Wiredesk says itself is never left out"


def test_people_on_a_terminal_get_text(stream: io.StringIO) -> None:
    logs.configure(LogSettings(format="console"), stream=stream)
    logging.getLogger("kafka").error("it went wrong")
    assert "it went wrong" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
    assert not logs.json_only()


def test_an_error_of_a_long_lived_command_is_a_json_line_as_well(tmp_path: object) -> None:
    config = f"{tmp_path}/wiredesk.yaml"
    with open(config, "w") as file:  # noqa: PTH123 - a string path
        file.write("log: {format: json}\nkafka: {sasl: {username: desk, password: {env: NO_SUCH_SECRET}, "
                   "allow_plaintext: true}}\nmonitoring: {enabled: false}\n")  # fmt: skip
    code = "from pipeline.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "worker", "-c", config],
                          capture_output=True, text=True, timeout=90, check=False)  # fmt: skip
    assert done.returncode == 2, done.stderr
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert found[0]["event"] == "worker_starting"
    assert found[-1]["event"] == "process_failed"
    assert "NO_SUCH_SECRET" in found[-1]["error"]
