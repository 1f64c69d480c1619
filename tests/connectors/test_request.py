"""What can be asked of a server: POST bodies, cookies, proxies, own authorities, sitemap indexes."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.transports.base import Poll, PollContext
from connectors.transports.http import HttpTransport
from connectors.transports.sitemaps import sitemaps_of
from pipeline.events import ConnectorState

SITEMAP = '<urlset xmlns:n="g"><url><loc>{}</loc><n:news><n:title>{}</n:title></n:news></url></urlset>'


def poll(url: str, **options: Any) -> Poll:
    transport = HttpTransport.model_validate({"type": "http", "url": url, "allow_private_addresses": True, **options})
    context = PollContext(
        now=datetime(2026, 11, 24, tzinfo=UTC), max_body_bytes=100_000, timeout_seconds=5, user_agent="W"
    )
    return transport.poll(ConnectorState(connector="c"), context)


def test_a_graphql_query_is_posted(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESSION", "s3cret")
    url = web.page("/graphql", b"{}")
    assert (
        poll(
            url,
            post={"graphql": "{ posts }", "variables": {"n": 5}},
            cookies={"sid": {"env": "SESSION"}},
            user_agent="Mozilla/5.0",
        ).error
        is None
    )
    assert json.loads(web.bodies[0]) == {"query": "{ posts }", "variables": {"n": 5}}
    sent = web.requests[0][1]
    assert (sent["content-type"], sent["cookie"], sent["user-agent"]) == (
        "application/json",
        "sid=s3cret",
        "Mozilla/5.0",
    )


@pytest.mark.parametrize(
    ("post", "body", "kind"),
    [
        ({"data": {"a": [1]}}, b'{"a":[1]}', "application/json"), ({"form": {"a": "b c"}}, b"a=b+c", "application/x-www-form-urlencoded"),
        ({"text": "<q/>", "content_type": "application/xml"}, b"<q/>", "application/xml"),
    ],
)  # fmt: skip
def test_other_bodies(web: Any, post: dict[str, Any], body: bytes, kind: str) -> None:
    poll(web.page("/x", b"{}"), post=post)
    assert (web.bodies, web.requests[0][1]["content-type"]) == ([body], kind)


def test_a_body_goes_to_its_own_server_only(web: Any) -> None:
    url = web.page("/x", status=307, Location=web.url.replace("127.0.0.1", "localhost") + "/y")
    assert "redirects a POST to another server" in (poll(url, post={"text": "secret"}).error or "")
    assert len(web.requests) == 1


def test_one_body_only() -> None:
    with pytest.raises(ValidationError, match="name one of graphql, data, form and text"):
        poll("https://a.example/", post={"text": "a", "graphql": "b"})


def test_a_proxy_is_asked_for_the_feed(web: Any) -> None:
    asked = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append((request.path, request.headers["Proxy-Authorization"]))
        request.send_response(200)
        request.end_headers()
        request.wfile.write(b"<rss/>")

    web.pages["http://feed.invalid/rss"] = answer
    proxy = {"url": web.url}
    assert poll("http://feed.invalid/rss", proxy=proxy, allow_private_addresses=False).payloads[0].data == b"<rss/>"
    assert asked == [("http://feed.invalid/rss", None)]
    refused = poll("http://127.0.0.1:1/", proxy=proxy, allow_private_addresses=False)
    assert "not a public address" in (refused.error or "")


def test_an_authority_that_cannot_be_read_is_named(web: Any, tmp_path: Path) -> None:
    url = web.page("/x").replace("http:", "https:")
    assert "ca_file" in (poll(url, ca_file=str(tmp_path / "none.pem")).error or "")
    (tmp_path / "bad.pem").write_text("no certificate")
    assert "ca_file" in (poll(url, ca_file=str(tmp_path / "bad.pem")).error or "")


def test_the_newest_sitemaps_of_an_index_are_fetched(web: Any) -> None:
    for name in ("old", "new", "news"):
        web.page(f"/{name}.xml", SITEMAP.format(f"https://s.example/{name}", name).encode())
    web.page("/packed.xml.gz", gzip.compress(SITEMAP.format("https://s.example/packed", "packed").encode()))
    index = "".join(
        f"<sitemap><loc>{place}</loc><lastmod>{day}</lastmod></sitemap>"
        for place, day in [
            ("/old.xml", "2020-01-01"),
            ("/new.xml", "2026-11-20"),
            ("/news.xml", ""),
            ("/packed.xml.gz", "2026-11-22"),
            ("https://other.example/x", "2026-11-23"),
        ]
    )
    url = web.page("/sitemap.xml", f"<sitemapindex>{index}</sitemapindex>".encode(), ETag='"1"')
    found = poll(url)
    assert [payload.name.rpartition("/")[2] for payload in found.payloads] == ["news.xml", "packed.xml.gz", "new.xml"]
    assert b"https://s.example/packed" in found.payloads[1].data
    assert (found.error, found.state.etag) == (None, None)
    assert [path for path, _ in web.requests] == ["/sitemap.xml", "/news.xml", "/packed.xml.gz", "/new.xml"]


def test_a_sitemap_that_fails_is_said_and_the_others_are_read(web: Any) -> None:
    web.page("/a.xml", SITEMAP.format("https://s.example/a", "a").encode())
    url = web.page(
        "/s.xml",
        b"<sitemapindex><sitemap><loc>/none.xml</loc></sitemap><sitemap><loc>/a.xml</loc></sitemap></sitemapindex>",
    )
    found = poll(url)
    assert len(found.payloads) == 1
    assert "none.xml answers 404" in (found.error or "")


def test_each_sitemap_once() -> None:
    data = b"<sitemapindex><sitemap><loc>/a</loc></sitemap><sitemap><loc>/a</loc></sitemap></sitemapindex>"
    assert sitemaps_of(data, "https://s.example/") == ["https://s.example/a"]
