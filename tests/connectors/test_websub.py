"""WebSub against a hub that behaves as the standard says, and against ones that do not."""

from __future__ import annotations

import gzip
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.transports.base import Poll, PollContext
from connectors.transports.hub import hub_id, hub_of_head, hub_secret
from connectors.transports.push import Push
from connectors.transports.websub import WebSubTransport
from pipeline.events import ConnectorState
from pipeline.local.demo.serve import SAMPLES

RSS = (SAMPLES / "rss.xml").read_bytes()
SECRET = "a-secret-of-some-length"
LINK = b'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" href="/hub?a=1&amp;b=2" rel="hub self"/>'


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSH_SECRET", SECRET)


def transport(web: Any, **options: Any) -> WebSubTransport:
    return WebSubTransport.model_validate(
        {"type": "websub", "url": f"{web.url}/feed", "callback": "https://us.example/", "allow_private_addresses": True,
         "secret": {"env": "PUSH_SECRET"}, **options}
    )  # fmt: skip


def poll(source: WebSubTransport, state: ConnectorState | None = None, hours: float = 0) -> Poll:
    now = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(hours=hours)
    context = PollContext(now=now, max_body_bytes=1_000_000, timeout_seconds=5, user_agent="Test")
    return source.poll(state or ConnectorState(connector="news"), context)


def forms(web: Any) -> list[dict[str, str]]:
    return [{key: value[0] for key, value in parse_qs(body.decode()).items()} for body in web.bodies]


def test_the_hub_named_by_the_feed_is_asked_and_renewed_in_time(web: Any) -> None:
    web.page("/feed", RSS.replace(b"<channel>", b"<channel>" + LINK))
    web.page("/hub?a=1&b=2", status=202)
    source = transport(web)
    first = poll(source)
    assert first.error is None
    assert len(first.payloads) == 1
    hub = f"{web.url}/hub?a=1&b=2"
    secret = hub_secret(SECRET, "news", hub_id(hub))
    assert forms(web)[0] == {
        "hub.mode": "subscribe", "hub.topic": f"{web.url}/feed",
        "hub.callback": f"https://us.example/push/news?hub={hub_id(hub)}", "hub.secret": secret,
        "hub.lease_seconds": "432000",
    }  # fmt: skip
    assert SECRET not in first.state.model_dump_json()
    assert secret not in first.state.model_dump_json()
    state = poll(source, first.state, hours=59).state
    assert len(web.bodies) == 1
    poll(source, state, hours=61)
    assert len(web.bodies) == 2


def test_another_hub_is_subscribed_to_at_once_with_another_secret(web: Any) -> None:
    for number in (1, 2):
        web.page(f"/hub{number}", status=202)
    web.page("/feed", RSS, Link='</hub1>; rel="hub", </feed>; rel="self"')
    source = transport(web)
    state = poll(source).state
    web.page("/feed", RSS + b"\n", Link="</hub2>; rel=hub")
    poll(source, state, hours=1)
    first, second = forms(web)
    assert first["hub.secret"] != second["hub.secret"]
    assert first["hub.callback"] != second["hub.callback"]
    other = transport(web, secret={"env": "PUSH_SECRET"})
    other.poll(ConnectorState(connector="other"), PollContext(datetime(2026, 11, 24, tzinfo=UTC), 10**6, 5, "Test"))
    assert forms(web)[2]["hub.secret"] != second["hub.secret"]


def test_troubles_with_hubs_are_errors_and_the_feed_is_read_all_the_same(web: Any) -> None:
    web.page("/feed", RSS)
    unnamed = poll(transport(web))
    assert "names no hub" in (unnamed.error or "")
    assert len(unnamed.payloads) == 1
    web.page("/hub", b"not you", status=403)
    refused = poll(transport(web, hub=f"{web.url}/hub"))
    assert "refuses the subscription: 403 not you" in (refused.error or "")
    assert "subscribed" not in (refused.state.cursor or "")


@pytest.mark.parametrize(
    ("hub", "reason"), [("https://10.1.2.3/", "not a public address"), ("http://hub.example/", "is not https")]
)
def test_the_secret_goes_to_public_addresses_over_tls_only(web: Any, hub: str, reason: str) -> None:
    source = transport(web, hub=hub, allow_private_addresses=False)
    context = PollContext(datetime(2026, 11, 24, tzinfo=UTC), 10**6, 5, "Test")
    assert reason in (source._subscribe(hub, "news", context) or "")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_hubs_answer_is_bounded(web: Any, encoding: str) -> None:
    body = b"\x1b[31m" + b"x" * 50_000_000
    web.page("/feed", RSS)
    web.page("/hub", gzip.compress(body) if encoding == "gzip" else body, status=500, Content_Encoding=encoding)
    error = poll(transport(web, hub=f"{web.url}/hub")).error or ""
    assert "500 (a long answer)" in error
    assert len(error) < 300


def test_a_hub_that_redirects_is_not_followed_with_the_secret(web: Any) -> None:
    web.page("/feed", RSS)
    web.page("/elsewhere", status=202)
    web.page("/hub", status=307, Location="/elsewhere")
    assert "307" in (poll(transport(web, hub=f"{web.url}/hub")).error or "")
    assert [path for path, _ in web.requests] == ["/feed", "/hub"]


ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom">%s<entry>%s</entry></feed>'
HUB = b'<link rel="hub" href="https://evil.example/"/>'


@pytest.mark.parametrize(
    ("data", "hub"),
    [
        (ATOM % (HUB, b""), "https://evil.example/"),
        (ATOM % (b'<link rel="self hub" href="h"/>', b""), "https://a.example/h"),
        (b"<rss><channel>" + LINK + b"<item/></channel></rss>", "https://a.example/hub?a=1&b=2"),
        (ATOM % (b"", HUB), None),
        (ATOM % (b"<!-- " + HUB + b" -->", b""), None),
        (ATOM % (b"<title><![CDATA[" + HUB + b"]]></title>", b""), None),
        (ATOM % (b'<title type="xhtml">' + HUB + b"</title>", b""), None),
        (ATOM % (b"<author>" + HUB + b"</author>", b""), None),
        (b"<rss><channel>" + HUB + b"</channel></rss>", None),  # not Atom's link
        (b"<rss><channel><item/>" + LINK + b"</channel></rss>", None),
        (b"<rss><channel><image>" + LINK + b"</image></channel></rss>", None),
        (b"<html><body>" + LINK + b"</body></html>", None),
        (b'<!DOCTYPE feed [<!ENTITY h "https://evil.example/">]>' + ATOM % (b'<link rel="hub" href="&h;"/>', b""), None),
        (b"no markup " + HUB, None),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>" + b" " * 300_000 + HUB, None),
        (b"", None),
    ],
)  # fmt: skip
def test_only_the_head_of_the_feed_names_the_hub(data: bytes, hub: str | None) -> None:
    assert hub_of_head(data, "https://a.example/feed") == hub


@pytest.mark.parametrize(
    ("query", "status"),
    [({"hub.mode": "subscribe", "hub.topic": "http://a.example/feed", "hub.challenge": "c"}, 200),
     ({"hub.mode": "subscribe", "hub.topic": "http://other.example/", "hub.challenge": "c"}, 404),
     ({"hub.mode": "unsubscribe", "hub.topic": "http://a.example/feed", "hub.challenge": "c"}, 404),
     ({"hub.mode": "subscribe", "hub.topic": "http://a.example/feed"}, 404), ({}, 404),
     ({"hub.mode": "denied", "hub.topic": "http://a.example/feed", "hub.reason": "no"}, 200)],
)  # fmt: skip
def test_only_what_we_asked_for_is_confirmed(web: Any, query: dict[str, str], status: int) -> None:
    answer = transport(web, url="http://a.example/feed").receive(Push("GET", {}, query), "news")
    assert answer.status == status
    assert answer.text == ("c" if status == 200 and "hub.challenge" in query else answer.text)


def receive(source: WebSubTransport, key: str, hub: str, algorithm: str = "sha256", name: str = "news") -> bool:
    """Whether content that is signed with this key is accepted at the callback of a hub."""
    signature = f"{algorithm}={hmac.new(key.encode(), RSS, algorithm).hexdigest()}"
    push = Push("POST", {"x-hub-signature": signature}, {"hub": hub_id(hub)}, RSS)
    answer = source.receive(push, name)
    assert answer.status == 202
    return answer.payload is not None


def test_unsigned_content_is_answered_with_success_and_discarded(web: Any) -> None:
    source = transport(web)
    answer = source.receive(Push("POST", {"x-hub-signature": "sha256=00"}, {}, RSS), "news")
    assert (answer.status, answer.payload) == (202, None)
    for headers in ({}, {"x-hub-signature": "sha256=00"}, {"x-hub-signature": "md5=" + "0" * 32}):
        refusal = source.check_headers(Push("POST", headers), "news")
        assert refusal is not None
        assert (refusal.status, refusal.payload) == (202, None)
    assert source.check_headers(Push("POST", {"x-hub-signature": "sha1=" + "0" * 40}), "news") is None


def test_a_hub_signs_for_itself_and_its_connector_only(web: Any) -> None:
    mine, other = "https://hub.example/", "https://other.example/"
    source = transport(web)
    secret = hub_secret(SECRET, "news", hub_id(mine))
    assert receive(source, secret, mine)
    assert receive(source, secret, mine, "sha1")
    assert not receive(source, secret, other)
    assert not receive(source, secret, mine, name="sports")
    assert not receive(source, SECRET, mine)
    named = transport(web, hub=mine)
    assert receive(named, secret, mine)
    assert not receive(named, hub_secret(SECRET, "news", hub_id(other)), other)  # only the hub of the file


def test_the_callback_keeps_the_name_in_its_path(web: Any) -> None:
    parts = urlsplit(transport(web).callback_of("news", "https://hub.example/"))
    assert (parts.path, parse_qs(parts.query)) == ("/push/news", {"hub": [hub_id("https://hub.example/")]})
