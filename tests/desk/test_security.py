"""The desk's guard without a server: cookies, wrong tokens, wrong forms, headers of every answer."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import structlog
from pydantic import ValidationError

from pipeline.desk.app import make_desk
from pipeline.desk.security import SECURITY_HEADERS, WrongTokens
from pipeline.desk.server import desk_in_background
from pipeline.events.errors import ConfigurationError
from pipeline.settings import DeskSettings, ElasticsearchSettings, Secret, Settings

TOKEN = "a-token-of-some-length"
NOWHERE = ElasticsearchSettings(url="http://127.0.0.1:9")


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> Secret:
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    monkeypatch.setattr(WrongTokens, "failed", lambda *_: (1, 0.0))
    return Secret(env="DESK_TOKEN")


def ask(settings: Settings, method: str, address: str, **options: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(make_desk(settings), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, address, **options)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("url", "secure"), [("https://desk.example/", True), ("http://desk.example/", False), (None, False)]
)
def test_the_cookie_is_secure_where_people_reach_the_desk_by_https(
    token: Secret, url: str | None, secure: bool
) -> None:
    settings = Settings(elasticsearch=NOWHERE, desk=DeskSettings(token=token, url=url))
    answer = ask(settings, "POST", "/enter", data={"token": TOKEN})
    assert answer.status_code == 303
    assert ("secure" in answer.headers["set-cookie"].casefold()) == secure


FORMS = [
    ({"content": b"token=x" * 2000, "headers": {"content-type": "application/x-www-form-urlencoded"}}, 413),
    ({"content": b"token=x", "headers": {"content-type": "multipart/form-data; boundary"}}, 400),
    ({"content": b"--x", "headers": {"content-type": "multipart/form-data; boundary=x"}}, 400),
    ({"content": b"&".join([b"a=1"] * 50), "headers": {"content-type": "application/x-www-form-urlencoded"}}, 400),
    ({"content": b"token=\xff\xfe", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 400),
    ({"content": b"token=%FF", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 401),
    ({"content": b"{}", "headers": {"content-type": "application/json"}}, 400),
    ({}, 400),
]


@pytest.mark.parametrize(("request_", "status"), FORMS)
def test_a_wrong_form_is_refused_with_the_usual_headers(token: Secret, request_: dict[str, Any], status: int) -> None:
    answer = ask(Settings(elasticsearch=NOWHERE, desk=DeskSettings(token=token)), "POST", "/enter", **request_)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


@pytest.mark.parametrize("after", ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x", ""])
def test_a_time_out_of_range_is_refused(after: str) -> None:
    answer = ask(Settings(elasticsearch=NOWHERE), "GET", "/arrivals", params={"after": after})
    assert answer.status_code == 400
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_a_fault_of_the_desk_has_the_usual_headers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.desk.app.search", lambda *_: 1 / 0)
    with structlog.testing.capture_logs() as logs:
        answer = ask(Settings(elasticsearch=NOWHERE), "GET", "/")
    assert answer.status_code == 500
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "ZeroDivision" not in answer.text
    assert logs[0]["event"] == "page_failed"


@pytest.mark.parametrize(
    ("method", "address", "options"),
    [
        ("GET", "/?token=wrong", {}),
        ("GET", "/", {"headers": {"authorization": "Bearer wrong"}}),
        ("POST", "/enter", {"data": {"token": "wrong"}}),
    ],
)
def test_a_wrong_token_is_logged(token: Secret, method: str, address: str, options: dict[str, Any]) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = ask(Settings(elasticsearch=NOWHERE, desk=DeskSettings(token=token)), method, address, **options)
    assert answer.status_code == 401
    assert [(line["event"], line["address"]) for line in logs] == [("token_refused", "127.0.0.1")]
    assert "wrong" not in str(logs).replace("wrong_token", "")


def test_wrong_tokens_are_slowed_down_more_and_more() -> None:
    attempts = WrongTokens(most_addresses=2)
    assert [attempts.failed("a", 0.0)[1] for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert attempts.failed("b", 1.0) == (1, 0.5), "by address"
    assert attempts.failed("a", 700.0) == (1, 0.5), "forgotten after a while"
    attempts.failed("c", 700.0)
    assert attempts.failed("b", 701.0) == (1, 0.5), "no more addresses than that are kept"


def test_the_log_in_of_elasticsearch_is_not_sent_in_the_clear(token: Secret) -> None:
    for log_in in ({"api_key": token}, {"username": "x", "password": token}):
        with pytest.raises(ValidationError, match="allow_plaintext"):
            ElasticsearchSettings(url="http://search.example:9200", **log_in)
        ElasticsearchSettings(url="https://search.example:9200", **log_in)
        ElasticsearchSettings(url="http://search.example:9200", allow_plaintext=True, **log_in)


def test_idle_connections_leave_room_for_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.desk.server._MOST_CONNECTIONS", 10)
    stop = desk_in_background(Settings(elasticsearch=NOWHERE, desk=DeskSettings(port=0)))
    parts = urlsplit(stop.url)
    idle = [socket.create_connection((parts.hostname, parts.port)) for _ in range(30)]
    try:
        time.sleep(0.3)
        assert httpx.get(stop.url, timeout=30).status_code == 503, "the page that says that the index does not answer"
        closed = 0
        for connection in idle:
            connection.settimeout(0.2)
            try:
                closed += connection.recv(1) == b""
            except ConnectionResetError:
                closed += 1
            except TimeoutError:
                pass
        assert closed >= 20
    finally:
        for connection in idle:
            connection.close()
        stop()


@pytest.mark.parametrize("host", ["0.0.0.0", "desk.example", "192.0.2.1", "::"])
def test_open_to_the_network_without_a_token_it_does_not_start(host: str) -> None:
    with pytest.raises(ConfigurationError, match="without a token"):
        make_desk(Settings(desk=DeskSettings(host=host)))


def test_a_token_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_TOKEN", "short")
    with pytest.raises(ConfigurationError, match="16 characters"):
        make_desk(Settings(desk=DeskSettings(token=Secret(env="DESK_TOKEN"))))
