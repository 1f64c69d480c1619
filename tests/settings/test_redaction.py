"""Nothing that is written for people holds a secret or a control character."""

from __future__ import annotations

import io
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import LogSettings, Secret, logs
from pipeline.settings.redaction import redact, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:hunter2@a.example/feed", "https://***@a.example/feed"),
        ("GET https://a.example/f?page=3&api_key=abc fails", "GET https://a.example/f?page=3&api_key=*** fails"),
        ("https://a.example/f?access-token=abc#top", "https://a.example/f?access-token=***#top"),
        ("/f?sig=abc;sid=def&n=1", "/f?sig=***;sid=***&n=1"),
        ("/f?x=A1b2C3d4E5f6G7h8I9j0K1", "/f?x=***"),
        ("/f?page=20261124&lang=de", "/f?page=20261124&lang=de"),
        ("a = b, c=d and mail@a.example", "a = b, c=d and mail@a.example"),
        ("https://a.example/@user/feed", "https://a.example/@user/feed"),
        ("", ""),
    ],
)
def test_addresses(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_what_was_read_is_hidden_in_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "very/secret value=é")
    value = Secret(env="A_SECRET").read()
    for form in (value, "very%2Fsecret%20value%3D%C3%A9", "very%2Fsecret+value%3D%C3%A9", "very/secret value=\\xe9"):
        assert redact(f"before {form} after") == "before *** after"


@given(st.text())
def test_text_without_addresses_is_unchanged(text: str) -> None:
    if not {"=", "@", "*"} & set(text) and "very" not in text:
        assert redact(text) == text


@pytest.mark.parametrize("unit", ["https://", "?a=", "&key=x", "a://b@", "?", "x" * 50 + "="])
def test_the_work_grows_with_the_length(unit: str) -> None:
    """Every repeat in the patterns is bounded, so that doubling the text doubles the matches, not the time squared."""
    assert len(redact(unit * 20_000)) <= len(unit) * 20_000 + 60_000


def test_control_characters_become_escapes() -> None:
    assert visible("a\x1b[31m\x9b31m\x07\x85b\tc\nd") == "a\\x1b[31m\\x9b31m\\x07\\x85b\tc\nd"


@pytest.mark.parametrize("form", ["console", "json"])
def test_logs_hold_neither(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_SECRET", "secret-of-the-log")
    Secret(env="LOG_SECRET").read()
    out = io.StringIO()
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        logs.configure(LogSettings(level="info", format=form), stream=out)  # type: ignore[arg-type]
        log = structlog.get_logger("x")
        log.info("polled", url="https://a.example/?key=hunter2", name="\x9b31mred", reason="uses secret-of-the-log")
        try:
            raise ValueError("with secret-of-the-log inside")
        except ValueError:
            log.exception("failed")
        logging.getLogger("library").warning("https://a:hunter2@b.example/ \x1b[2J")
    finally:
        structlog.configure(**before)
        root.handlers, root.level = handlers, level
    text = out.getvalue()
    assert "hunter2" not in text
    assert "secret-of-the-log" not in text
    assert "\x9b" not in text
    assert "\x1b[2J" not in text
    assert text.count("\n") >= 3
