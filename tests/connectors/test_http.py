"""Polling over HTTP against a real server: manners, limits, and what a hostile server may not do."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from connectors.safety import ForbiddenAddressError, allowed_addresses, check_url, is_public
from connectors.transports.base import Poll, PollContext
from connectors.transports.body import BodyError, inflate, read_body
from connectors.transports.http import HttpTransport
from pipeline.events import ConnectorState

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FEED = b"<rss><channel><item><title>A</title></item></channel></rss>"


def transport(url: str, **options: Any) -> HttpTransport:
    return HttpTransport.model_validate({"type": "http", "url": url, "allow_private_addresses": True, **options})


def look(
    source: HttpTransport, state: ConnectorState | None = None, max_bytes: int = 100_000, seconds: float = 5
) -> Poll:
    context = PollContext(now=NOW, max_body_bytes=max_bytes, timeout_seconds=seconds, user_agent="Test/1 (a@b.example)")
    return source.poll(state or ConnectorState(connector="x"), context)


def test_validators_go_back_unchanged_and_304_is_no_payload(web: Any) -> None:
    url = web.page("/feed", FEED, ETag='W/"odd\'tag"', Last_Modified="yesterday, as it were")
    first = look(transport(url))
    assert [payload.data for payload in first.payloads] == [FEED]
    web.page("/feed", status=304)
    again = look(transport(url), first.state)
    assert (again.payloads, again.unchanged, again.error) == ((), True, None)
    sent = web.requests[1][1]
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('W/"odd\'tag"', "yesterday, as it were")
    assert sent["user-agent"] == "Test/1 (a@b.example)"
    assert "cookie" not in sent
    assert "referer" not in sent


def test_validators_are_left_out_where_the_connector_says_so(web: Any) -> None:
    url = web.page("/feed", FEED, ETag='"1"')
    source = transport(url, ignore_http_cache=True)
    look(source, look(source).state)
    assert "if-none-match" not in web.requests[1][1]


def test_the_same_body_is_unchanged_without_validators(web: Any) -> None:
    url = web.page("/feed", FEED)
    assert look(transport(url), look(transport(url)).state).unchanged


@pytest.mark.parametrize(("status", "moves"), [(301, True), (308, True), (302, False), (307, False), (303, False)])
def test_only_permanent_redirects_move_the_address(web: Any, status: int, moves: bool) -> None:
    web.page("/new", FEED)
    poll = look(transport(web.page("/old", status=status, Location="/new")))
    assert poll.payloads[0].data == FEED
    assert poll.state.url == (f"{web.url}/new" if moves else None)


def test_a_permanent_redirect_behind_a_temporary_one_does_not_move(web: Any) -> None:
    web.page("/c", FEED)
    web.page("/b", status=301, Location="/c")
    assert look(transport(web.page("/a", status=302, Location="/b"))).state.url is None


def test_a_move_to_nothing_is_not_kept(web: Any) -> None:
    poll = look(transport(web.page("/a", status=301, Location="/nowhere")))
    assert "404" in (poll.error or "")
    assert poll.state.url is None


def test_redirects_end(web: Any) -> None:
    poll = look(transport(web.page("/a", status=302, Location="/a")))
    assert "more than 5 times" in (poll.error or "")
    assert len(web.requests) == 6


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "gopher://x/", "http://[::1", "http://a:b@c/", "//", "http://\x7f\x01"]
)
def test_redirects_to_what_is_no_web_address_are_an_error(web: Any, target: str) -> None:
    poll = look(transport(web.page("/a", status=302, Location=target)))
    assert poll.error
    assert poll.payloads == ()


def test_redirects_into_the_private_network_are_refused(web: Any) -> None:
    """The first address is allowed, the second is not: the check is made for each."""
    inside = web.page("/secret", FEED)
    source = HttpTransport.model_validate({"type": "http", "url": inside})
    poll = look(source)
    assert "is not a public address" in (poll.error or "")
    assert "allow_private_addresses" in (poll.error or "")
    assert web.requests == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0.0.0.0", "10.1.2.3", "192.168.0.1", "169.254.169.254", "[::1]", "[fe80::1]", "[fd00::1]",
     "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "100.64.0.1", "[fec0::1]", "[64:ff9b:1::7f00:1]", "[64:ff9b:1::808:808]", "[::7f00:1]", "[::808:808]",
     "[3fff::1]", "[5f00::1]", "[2001::1]", "192.88.99.1", "[2001:db8::1]"],
)  # fmt: skip
def test_every_way_to_write_a_private_address_is_refused(host: str) -> None:
    poll = look(HttpTransport.model_validate({"type": "http", "url": f"http://{host}:9/feed"}))
    assert poll.error
    assert "public address" in poll.error or "resolved" in poll.error


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_a_host_name_that_is_none_is_an_error_not_a_crash() -> None:
    with pytest.raises(OSError, match="no host name"):
        allowed_addresses("a" * 70 + ".example", 80, allow_private=False)


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "http://", "javascript:1", "http://u:p@a/", "http://a:0/", "http://a:99999/", ""]
)
def test_addresses_are_checked_when_configured(url: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        check_url(url)
    with pytest.raises(ValidationError):
        HttpTransport.model_validate({"type": "http", "url": url})


def test_passwords_in_addresses_are_not_repeated() -> None:
    with pytest.raises(ForbiddenAddressError) as caught:
        check_url("http://user:hunter2@a.example/")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [(429, "120", 120), (503, "120", 120), (503, format_datetime(NOW + timedelta(hours=1), usegmt=True), 3600),
     (429, "tomorrow", 0), (429, "-5", 0), (429, "\u00b2", 0), (503, "9" * 400, 24 * 3600),
     (503, "Wed, 21 Oct 99999999999999999999 07:28:00 GMT", 0), (503, "Wed, 21 Oct 9999 07:28:00 -9999", 0), (503, str(88 * 3600), 24 * 3600)],
)  # fmt: skip
def test_retry_after_is_honoured_and_capped(web: Any, status: int, header: str, seconds: float) -> None:
    poll = look(transport(web.page("/feed", status=status, Retry_After=header)))
    assert poll.wait_seconds == seconds
    assert str(status) in (poll.error or "")


@pytest.mark.parametrize(("control", "seconds"), [("max-age=600", 600), ("no-cache, max-age=600", 0), ("public", 0)])
def test_max_age_is_honoured(web: Any, control: str, seconds: float) -> None:
    assert look(transport(web.page("/feed", FEED, Cache_Control=control))).wait_seconds == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Expires": format_datetime(NOW + timedelta(minutes=20), usegmt=True)}, 1200), ({"Expires": "0"}, 0),
     ({"Expires": format_datetime(NOW - timedelta(minutes=20), usegmt=True)}, 0),
     ({"Expires": format_datetime(NOW + timedelta(minutes=20), usegmt=True), "Cache_Control": "max-age=60"}, 60),
     ({"Expires": format_datetime(NOW + timedelta(minutes=20), usegmt=True), "Cache_Control": "no-cache"}, 0)],
)  # fmt: skip
def test_expires_is_honoured_where_there_is_no_max_age(web: Any, headers: dict[str, str], seconds: float) -> None:
    assert look(transport(web.page("/feed", FEED, **headers))).wait_seconds == seconds


@pytest.mark.parametrize(
    "headers",
    [{"Cache_Control": "max-age=\u00b2"}, {"Cache_Control": "max-age=" + "9" * 400}, {"Content_Encoding": "\u00b2"},
     {"Expires": "Wed, 21 Oct 99999999999999999999 07:28:00 GMT"}, {"Expires": "\u00b2"}, {"ETag": "\u00b2"}, {"Link": "<" * 500}],
)  # fmt: skip
def test_odd_header_values_are_no_crash(web: Any, headers: dict[str, str]) -> None:
    poll = look(transport(web.page("/feed", FEED, **headers)))
    assert 0 <= poll.wait_seconds <= 24 * 3600
    again = look(transport(f"{web.url}/feed"), poll.state)
    assert 0 <= again.wait_seconds <= 24 * 3600


@pytest.mark.parametrize("length", ["\u00b2", "9" * 400, "-1", "1e3"])
def test_odd_lengths_are_no_crash(length: str) -> None:
    response = httpx.Response(
        200, headers=[(b"content-length", length.encode("latin-1"))], stream=httpx.ByteStream(b"x")
    )
    if length == "9" * 400:
        with pytest.raises(BodyError, match="allowed are 10"):
            read_body(response, 10)
    else:
        assert read_body(response, 10) == b"x"


def test_gone_ends_the_polling(web: Any) -> None:
    poll = look(transport(web.page("/feed", status=410)))
    assert poll.state.gone
    assert "410" in (poll.error or "")


def test_tokens_go_to_the_host_they_are_meant_for_only(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_TOKEN", "s3cret")
    other = web.url.replace("127.0.0.1", "localhost")
    web.page("/there", FEED)
    url = web.page("/here", status=301, Location=f"{other}/there")
    source = transport(url, bearer_token={"env": "FEED_TOKEN"})
    poll = look(source)
    assert web.requests[0][1]["authorization"] == "Bearer s3cret"
    assert "authorization" not in web.requests[1][1]
    look(source, poll.state)
    assert web.requests[2][0] == "/there"
    assert "authorization" not in web.requests[2][1]
    assert "s3cret" not in repr(poll)


def test_an_unset_token_is_named_and_nothing_is_sent(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEED_TOKEN", raising=False)
    poll = look(transport(web.page("/feed", FEED), bearer_token={"env": "FEED_TOKEN"}))
    assert "FEED_TOKEN" in (poll.error or "")
    assert web.requests == []


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(FEED, mtime=0)), ("deflate", zlib.compress(FEED)), ("identity", FEED),
     ("deflate", zlib.compress(FEED)[2:-4]), ("gzip", gzip.compress(FEED[:20], mtime=0) + gzip.compress(FEED[20:], mtime=0)),
     ("gzip", gzip.compress(FEED, mtime=0) + b"\0\0\0")],
)  # fmt: skip
def test_compressed_answers(web: Any, encoding: str, body: bytes) -> None:
    assert look(transport(web.page("/feed", body, Content_Encoding=encoding))).payloads[0].data == FEED


@pytest.mark.parametrize("layers", [1, 2])
def test_gzip_bombs_are_refused(web: Any, layers: int) -> None:
    body = b"\0" * 50_000_000
    for _ in range(layers):
        body = gzip.compress(body)
    poll = look(transport(web.page("/feed", body, Content_Encoding=", ".join(["gzip"] * layers))))
    assert poll.error
    assert poll.payloads == ()


def test_inflating_stops_at_the_limit_not_after_it() -> None:
    taken = []

    def parts() -> Any:
        compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
        for _ in range(10_000):
            taken.append(1)
            yield compressor.compress(b"\0" * 100_000) + compressor.flush(zlib.Z_SYNC_FLUSH)

    with pytest.raises(BodyError, match="more than 1,000,000"):
        inflate(parts(), 1_000_000)
    assert len(taken) < 20


@pytest.mark.parametrize("broken", [b"\x1f\x8b nonsense", b"not compressed"])
def test_broken_compression_is_an_error(web: Any, broken: bytes) -> None:
    assert "broken" in (look(transport(web.page("/feed", broken, Content_Encoding="gzip"))).error or "")


def test_large_answers_are_refused_by_their_length_and_while_reading(web: Any) -> None:
    poll = look(transport(web.page("/feed", b"x" * 3000)), max_bytes=2000)
    assert "3,000 bytes; allowed are 2,000" in (poll.error or "")

    def endless(request: Any) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(10_000):
            request.wfile.write(b"x" * 1000)

    web.pages["/endless"] = endless
    assert "more than 2,000 bytes" in (look(transport(f"{web.url}/endless"), max_bytes=2000).error or "")


@pytest.mark.parametrize("where", ["silent", "headers", "body"])
def test_a_server_that_dawdles_is_left_at_the_deadline(where: str) -> None:
    """One byte at a time never passes a limit for each read; the limit is for the whole answer."""
    server = socket.create_server(("127.0.0.1", 0))
    enough = threading.Event()

    def dawdle() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1000)
            if where == "body":
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            elif where == "headers":
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            try:
                for _ in range(200):
                    if where != "silent":
                        connection.sendall(b"x")
                    if enough.wait(0.05):
                        break
            except OSError:
                pass

    thread = threading.Thread(target=dawdle, daemon=True)
    thread.start()
    began = time.monotonic()
    poll = look(transport(f"http://127.0.0.1:{server.getsockname()[1]}/"), seconds=0.5)
    assert "did not answer within 0.5 s" in (poll.error or "")
    assert time.monotonic() - began < 5  # a hang, not a speed: without the deadline it is ten
    enough.set()
    thread.join()
    server.close()


def test_a_dead_server_is_an_error(web: Any) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    assert "cannot be read" in (look(transport(f"http://127.0.0.1:{port}/")).error or "")
