"""Secrets of paid feeds: sent to their own origin only, and found in no message, log, state, dead letter or link."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from connectors.config import ConnectorConfig, load_connector
from connectors.display import connector_row
from connectors.parse_pool import ParseInProcess
from connectors.preview import preview, unset_secrets
from connectors.runner import ConnectorRun
from connectors.transports.base import Poll, PollContext
from connectors.transports.http import HttpTransport
from pipeline.events import ConnectorState, DeadLetter, RawItem
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Settings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY = "k3y-with+special/chars=&Zz9"
PASSWORD = "pässwörd-of-the-feed"
FEED = b"<rss version='2.0'><channel><item><guid>a</guid><title>A</title><link>#top</link></item></channel></rss>"
ALL = {
    "headers": {"X-Api-Key": {"env": "FEED_KEY"}, "X-Plain": "plain"},
    "query": {"apikey": {"env": "FEED_KEY"}, "format": "rss"},
    "basic_auth": {"username": "wire", "password": {"env": "FEED_PASSWORD"}},
}


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_KEY", KEY)
    monkeypatch.setenv("FEED_PASSWORD", PASSWORD)


def transport(url: str, **options: Any) -> HttpTransport:
    return HttpTransport.model_validate({"type": "http", "url": url, "allow_private_addresses": True, **options})


def poll(source: HttpTransport, state: ConnectorState | None = None) -> Poll:
    context = PollContext(now=NOW, max_body_bytes=100_000, timeout_seconds=5, user_agent="Test")
    return source.poll(state or ConnectorState(connector="x"), context)


def sent(web: Any, number: int) -> tuple[str, dict[str, list[str]], dict[str, str]]:
    path, headers = web.requests[number]
    return path.partition("?")[0], parse_qs(path.partition("?")[2]), headers


@pytest.fixture
def echo(web: Any) -> Any:
    """The test's web server, with pages whatever the query."""
    pages = web.pages

    class ByPath(dict):  # type: ignore[type-arg]
        def get(self, path: str, default: Any = None) -> Any:
            return super().get(path.partition("?")[0], default)

    web.pages = ByPath(pages)
    return web


def test_all_of_them_are_sent_to_the_address(echo: Any) -> None:
    source = transport(echo.page("/feed", FEED) + "?page=1", **ALL)
    assert poll(source).error is None
    path, query, headers = sent(echo, 0)
    assert (path, query) == ("/feed", {"page": ["1"], "apikey": [KEY], "format": ["rss"]})
    assert (headers["x-api-key"], headers["x-plain"]) == (KEY, "plain")
    assert headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nothing_is_sent_to_another_origin(echo: Any, status: int) -> None:
    other = echo.url.replace("127.0.0.1", "localhost")
    echo.page("/there", FEED)
    url = echo.page("/here", status=status, Location=f"{other}/there")
    first = poll(transport(url, **ALL))
    again = poll(transport(url, **ALL), first.state)
    elsewhere = [number for number in range(len(echo.requests)) if echo.requests[number][0].startswith("/there")]
    assert len(elsewhere) == 2
    for number in elsewhere:
        _, query, headers = sent(echo, number)
        assert query == {}
        assert not {"x-api-key", "x-plain", "authorization", "cookie"} & headers.keys()
    assert (first.error, again.error) == (None, None)


def test_a_redirect_that_repeats_the_key_leaves_none_in_the_state(echo: Any) -> None:
    echo.page("/there", FEED)
    url = echo.page("/here", status=301, Location="/there?format=rss&apikey=k3y-with%2Bspecial%2Fchars%3D%26Zz9&n=1")
    state = poll(transport(url, **ALL)).state
    assert state.url == f"{echo.url}/there?n=1"
    poll(transport(url, **ALL), state)
    assert sent(echo, 2)[1] == {"n": ["1"], "apikey": [KEY], "format": ["rss"]}


def test_pages_have_the_key_and_the_cursor_has_not(echo: Any) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        last = "p=2" in request.path
        following = None if last else f"{echo.url}/news?apikey={parse_qs(request.path)['apikey'][0] and 'leaked'}&p=2"
        body = json.dumps({"items": [], "next": following}).encode()
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    echo.pages["/news"] = answer
    source = transport(
        f"{echo.url}/news?x=1", query={"apikey": {"env": "FEED_KEY"}}, paging={"next": "next", "keep": True}
    )
    state = poll(source).state
    assert [sent(echo, number)[1]["apikey"] for number in range(2)] == [[KEY], [KEY]]
    assert state.cursor == f"{echo.url}/news?p=2"


class TestOAuth2:
    OPTIONS: ClassVar = {"client_id": "wire", "client_secret": {"env": "FEED_PASSWORD"}, "scope": "news read"}

    def options(self, web: Any) -> dict[str, Any]:
        return {"oauth2": {"token_url": f"{web.url}/token", **self.OPTIONS}}

    def test_a_token_is_asked_for_kept_and_renewed_when_refused(self, web: Any) -> None:
        tokens = iter(range(1, 9))

        def give(request: BaseHTTPRequestHandler) -> None:
            body = json.dumps({"access_token": f"access-token-{next(tokens)}", "expires_in": 3600}).encode()
            request.send_response(200)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        web.pages["/token"] = give
        url = web.page("/feed", FEED)
        source = transport(url, **self.options(web))
        assert poll(source).error is None
        assert poll(source).error is None
        assert [path for path, _ in web.requests] == ["/token", "/feed", "/feed"]
        assert {key: value[0] for key, value in parse_qs(web.bodies[0].decode()).items()} == {
            "grant_type": "client_credentials", "scope": "news read",
        }  # fmt: skip
        assert web.requests[2][1]["authorization"] == "Bearer access-token-1"
        web.page("/feed", status=401)
        assert "401" in (poll(source).error or "")
        assert [path for path, _ in web.requests[3:]] == ["/feed", "/token", "/feed"]
        assert web.requests[5][1]["authorization"] == "Bearer access-token-2"

    @pytest.mark.parametrize(
        ("answer", "status"),
        [(b"no json", 200), (b"{}", 200), (b'{"access_token": 3}', 200), (b'{"access_token": "a\\nb"}', 200), (b"[]", 200),
         (b'{"access_token": "x", "expires_in": "soon"}', 200), (b"x" * 100_000, 200), (b"denied", 400), (b"", 302)],
    )  # fmt: skip
    def test_an_answer_without_a_token_is_an_error(self, web: Any, answer: bytes, status: int) -> None:
        web.page("/token", answer, status=status, Location="/elsewhere")
        error = poll(transport(web.page("/feed", FEED), **self.options(web))).error or ""
        assert f"{web.url}/token gives" in error
        assert [path for path, _ in web.requests] == ["/token"]

    def test_the_secret_goes_over_tls_only(self) -> None:
        options = {"token_url": "http://tokens.example/", **self.OPTIONS}
        source = HttpTransport.model_validate({"type": "http", "url": "https://a.example/", "oauth2": options})
        assert "is not https" in (poll(source).error or "")


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[tuple[str, Path, list[Any]]]:
    """An https server that asks for a client certificate; its address, a PEM file of a client, and what it was shown."""
    pem = certificate
    shown: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.append(self.connection.getpeercert())  # type: ignore[attr-defined]
            self.send_response(302 if self.path == "/moved" else 200)
            self.send_header("Location", f"https://localhost.:{server.server_port}/feed")
            self.send_header("Content-Length", str(len(FEED)))
            self.end_headers()
            self.wfile.write(FEED)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(pem))
    context.load_cert_chain(pem)
    context.verify_mode = ssl.CERT_OPTIONAL
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_port}", pem, shown
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("place", ["file", "env"])
def test_a_client_certificate_is_shown_to_the_server(
    tls_server: tuple[str, Path, list[Any]], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    url, pem, shown = tls_server
    monkeypatch.setenv("FEED_CERTIFICATE", pem.read_text())
    secret = {"file": str(pem)} if place == "file" else {"env": "FEED_CERTIFICATE"}
    assert poll(transport(f"{url}/feed", client_certificate={"certificate": secret})).error is None
    assert shown[0]["subject"] == ((("commonName", "localhost"),),)


@pytest.mark.parametrize("content", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_certificate_that_cannot_be_used_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "pem").write_text(content)
    source = transport("https://localhost:1/", client_certificate={"certificate": {"file": str(tmp_path / "pem")}})
    assert "client certificate cannot be used" in (poll(source).error or "")


def everything(broker: Any, config: ConnectorConfig, polls: int = 1) -> str:
    """All that a connector writes: logs, states, items, dead letters, health, the list of connectors."""
    run = ConnectorRun(config, ConnectorState(connector="x"), broker.settings, broker.publisher)
    with capture_logs() as logs:
        for number in range(polls):
            run.poll_once(NOW + timedelta(hours=2 * number))
    written = [str(logs), str(run.health), run.state.model_dump_json()]
    for topic, event in (("raw", RawItem), ("dead", DeadLetter), ("connectors", ConnectorState)):
        written += [event.decode(value).model_dump_json() for _, value in broker.read(topic)]
    file = type("File", (), {"config": config, "path": Path("x.yaml"), "error": None})()
    written.append(json.dumps(connector_row(file, broker.states())))
    seen = preview(config, broker.settings, ParseInProcess(broker.settings.connectors))
    return "\n".join([*written, *seen.errors, *(raw.model_dump_json() for raw in seen.items)])


@pytest.mark.parametrize("body", [FEED, b"not a feed"])
@pytest.mark.parametrize("status", [200, 404, 410, 500])
def test_secrets_are_written_nowhere(fake_broker: Any, echo: Any, body: bytes, status: int) -> None:
    url = echo.page("/feed", body, status=status)
    config = ConnectorConfig(name="x", provider="X", transport=transport(url, **ALL))
    written = everything(fake_broker, config)
    assert echo.requests
    assert not [secret for secret in (KEY, PASSWORD, "k3y-with%2B") if secret in written]


@pytest.mark.parametrize("status", [200, 404, 410])
@pytest.mark.parametrize("literal", ["apikey=abcdef123", "t=A1b2C3d4E5f6G7h8I9j0K1"])
def test_a_key_that_is_written_in_the_address_is_hidden_and_in_no_link(
    fake_broker: Any, echo: Any, status: int, literal: str
) -> None:
    url = echo.page("/feed", FEED if status == 200 else b"", status=status) + "?page=3&" + literal
    config = ConnectorConfig(name="x", provider="X", transport=transport(url))
    written = everything(fake_broker, config)
    assert literal in echo.requests[0][0]
    assert literal.partition("=")[2] not in written
    if status == 200:
        links = [RawItem.decode(value).item.link for _, value in fake_broker.read("raw")]
        assert links == [f"{echo.url}/feed#top"]


def test_a_dead_server_is_named_without_the_key(fake_broker: Any) -> None:
    config = ConnectorConfig(
        name="x", provider="X", transport=transport("http://127.0.0.1:1/feed?key=abcdef123", **ALL)
    )
    written = everything(fake_broker, config)
    assert "http://127.0.0.1:1/feed?key=***" in written
    assert "abcdef123" not in written


class TestConfiguration:
    @pytest.mark.parametrize(
        "text",
        ["  bearer_token: hunter2-secret\n", "  basic_auth: {username: u, password: hunter2-secret}\n",
         "  tokn: hunter2-secret\n", "  headers: {X-Key: {env: A, file: hunter2-secret}}\n", "  query: hunter2-secret\n"],
    )  # fmt: skip
    def test_a_secret_in_the_file_is_an_error_that_does_not_repeat_it(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "a.yaml"
        path.write_text(f"provider: X\ntransport:\n  type: http\n  url: https://a.example/\n{text}")
        with pytest.raises(ConfigurationError) as caught:
            load_connector(path)
        assert "a.yaml:5: " in str(caught.value)
        assert "hunter2" not in str(caught.value)

    def test_one_authorization_only(self) -> None:
        with pytest.raises(ValidationError, match="each sends its own Authorization"):
            transport("https://a.example/", **ALL, bearer_token={"env": "FEED_KEY"})

    def test_every_unset_secret_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("FEED_KEY")
        monkeypatch.delenv("FEED_PASSWORD")
        config = ConnectorConfig(name="x", provider="X", transport=transport("https://a.example/", **ALL))
        assert [problem.partition(":")[0] for problem in unset_secrets(config)] == [
            "transport.headers.X-Api-Key", "transport.query.apikey", "transport.basic_auth.password",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("kind", "options", "secret", "reason"),
        [("webhook", {"secret": {"env": "S"}}, "short", "at least 16"), ("webhook", {"bearer_token": {"env": "S"}}, "x" * 15, "at least 16"),
         ("websub", {"url": "https://a.example/", "callback": "https://b.example", "secret": {"env": "S"}}, "short", "at least 16"),
         ("webhook", {"secret": {"env": "S"}}, "  ", "is not set"), ("webhook", {"secret": {"env": "S"}}, "long-enough-but\nbroken", "line break"),
         ("webhook", {"secret": {"file": "EMPTY"}}, "", "is empty"), ("webhook", {"secret": {"file": "MISSING"}}, "", "cannot be read")],
    )  # fmt: skip
    def test_empty_and_short_secrets_are_errors(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, options: Any, secret: str, reason: str
    ) -> None:
        monkeypatch.setenv("S", secret)
        monkeypatch.chdir(tmp_path)
        Path("EMPTY").write_text("\n")
        config = ConnectorConfig.model_validate({"name": "x", "provider": "X", "transport": {"type": kind, **options}})
        (problem,) = unset_secrets(config)
        assert reason in problem
        assert "enough" not in problem
        assert Settings()  # nothing else is needed
