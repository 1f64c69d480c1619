"""Interfaces that hand out their items in pages: all of them come, once, and the token goes nowhere else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.transports.base import Poll, PollContext
from connectors.transports.http import HttpTransport
from connectors.transports.paging import Paging
from pipeline.events import ConnectorState


def look(web: Any, paging: dict[str, Any], state: ConnectorState | None = None, **more: Any) -> Poll:
    options = {"type": "http", "url": f"{web.url}/news", "allow_private_addresses": True, "paging": paging}
    source = HttpTransport.model_validate({**options, "bearer_token": {"env": "FEED_TOKEN"}})
    context = PollContext(
        now=datetime(2026, 11, 24, tzinfo=UTC), max_body_bytes=more.get("max_bytes", 100_000), timeout_seconds=5,
        user_agent="Test",
    )  # fmt: skip
    return source.poll(state or ConnectorState(connector="x"), context)


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_TOKEN", "s3cret")


def page(web: Any, path: str, number: int, following: Any, **headers: str) -> bytes:
    body = json.dumps({"data": {"items": [{"uri": str(number)}], "next": following}}).encode()
    web.page(path, body, **headers)
    return body


ADDRESS, CURSOR = {"next": "data.next"}, {"next": "data.next", "parameter": "cursor"}


def test_every_page_comes_once_with_the_token(web: Any) -> None:
    bodies = [
        page(web, "/news", 1, "/news?page=2"),
        page(web, "/news?page=2", 2, f"{web.url}/news?page=3"),
        page(web, "/news?page=3", 3, None),
    ]
    poll = look(web, ADDRESS)
    assert ([payload.data for payload in poll.payloads], poll.error) == (bodies, None)
    assert [headers["authorization"] for _, headers in web.requests] == ["Bearer s3cret"] * 3


def test_validators_are_the_first_pages(web: Any) -> None:
    page(web, "/news", 1, "/news?page=2", ETag='"first"')
    page(web, "/news?page=2", 2, None, ETag='"second"')
    state = look(web, ADDRESS).state
    assert state.etag == '"first"'
    web.page("/news", status=304)
    poll = look(web, ADDRESS, state)
    assert (poll.unchanged, poll.payloads, poll.error) == (True, (), None)
    assert [headers.get("if-none-match") for _, headers in web.requests] == [None, None, '"first"']


def test_a_kept_cursor_is_where_the_next_look_begins(web: Any) -> None:
    page(web, "/news", 1, 17)
    page(web, "/news?cursor=17", 2, 18)
    page(web, "/news?cursor=18", 3, 18)  # nothing newer: the cursor stays
    poll = look(web, {**CURSOR, "keep": True})
    assert (len(poll.payloads), poll.state.cursor) == (3, "18")
    page(web, "/news?cursor=18", 4, 19)
    page(web, "/news?cursor=19", 5, None)
    poll = look(web, {**CURSOR, "keep": True}, poll.state)
    assert [json.loads(payload.data)["data"]["items"][0]["uri"] for payload in poll.payloads] == ["4", "5"]
    assert poll.state.cursor == "19"


def test_a_page_that_cannot_be_had_is_asked_for_again(web: Any) -> None:
    page(web, "/news", 1, "a")
    web.page("/news?cursor=a", status=503, Retry_After="7")
    poll = look(web, {**CURSOR, "keep": True})
    assert (len(poll.payloads), poll.state.cursor, poll.wait_seconds) == (1, "a", 7)
    assert "503" in (poll.error or "")
    page(web, "/news?cursor=a", 2, None)
    assert len(look(web, {**CURSOR, "keep": True}, poll.state).payloads) == 1


@pytest.mark.parametrize(("paging", "max_bytes", "pages"), [({"max_pages": 4}, 100_000, 4), ({}, 150, 4)])
def test_pages_without_end_are_left(web: Any, paging: dict[str, int], max_bytes: int, pages: int) -> None:
    page(web, "/news", 0, "0")
    for number in range(50):
        page(web, f"/news?cursor={number}", number, str(number + 1))
    assert len(look(web, {**CURSOR, **paging}, max_bytes=max_bytes).payloads) == pages


def test_pages_that_name_each_other_are_left(web: Any) -> None:
    page(web, "/news", 1, "/news?b")
    page(web, "/news?b", 2, "/news")
    assert len(look(web, ADDRESS).payloads) == 2


def test_a_next_page_elsewhere_is_an_error_and_is_not_asked_for(web: Any) -> None:
    page(web, "/news", 1, "https://elsewhere.example/steal")
    poll = look(web, ADDRESS)
    assert "another server" in (poll.error or "")
    assert (len(poll.payloads), len(web.requests)) == (1, 1)


@pytest.mark.parametrize(
    ("url", "cursor", "address"),
    [("https://a.example/x?n=5&c=old", "n w", "https://a.example/x?n=5&c=n+w"), ("https://a.example/x", "1", "https://a.example/x?c=1")],
)  # fmt: skip
def test_cursors_go_into_the_query(url: str, cursor: str, address: str) -> None:
    assert Paging(next="n", parameter="c").address(url, cursor) == address


@pytest.mark.parametrize("data", [b"", b"[]", b"no json", b'{"a": 1}', b'{"n": true}', b'{"n": {}}', b'{"n": " "}'])
def test_answers_that_name_no_next_page(data: bytes) -> None:
    assert Paging(next="n").following("https://a.example/", data) is None
