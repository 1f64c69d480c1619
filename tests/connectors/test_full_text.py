"""Full text of the page behind a link: when it is taken, what is kept, and what is never asked for."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors import full_text
from connectors.config import ConnectorConfig
from connectors.full_text import Hosts, with_page
from connectors.parse_pool import ParseInProcess
from connectors.parsers import get_parser
from connectors.reading import Reading
from connectors.robots import NOTHING_ALLOWED, Robots, read_robots
from connectors.runner import ConnectorRun, poll_context
from connectors.transports.base import Payload
from pipeline.broker.killable import OverrunError
from pipeline.cli.connectors import app
from pipeline.events import ConnectorState, RawItem
from pipeline.events.errors import ParseError
from pipeline.events.item import Item, ParseContext

PARAGRAPHS = [
    f"The harbour office of Merrowby said in its report number {n} that the new pier is to be closed for repairs, "
    f"because storms had damaged the posts on which it stands, and that ferries use the old one until spring."
    for n in range(1, 8)
]
PAGE = (
    "<html><head><title>Pier closed</title></head><body><nav><a href='/'>Home</a><a href='/x'>Sport</a></nav><article>"
    "<h1>Pier closed</h1>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS) + "</article>"
    "<footer>Subscribe to our newsletter</footer></body></html>"
).encode()


def feed(*links: str) -> bytes:
    items = "".join(
        f"<item><guid>{n}</guid><title>Pier closed {n}</title><link>{link}</link>"
        "<description>The new pier is closed.</description></item>"
        for n, link in enumerate(links)
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


@pytest.fixture(autouse=True)
def hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full_text, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(full_text.FullText.__init__, "__defaults__", (Hosts(),))


def polled(broker: Any, web: Any, *links: str, **options: Any) -> tuple[ConnectorRun, list[Item]]:
    web.page("/feed.xml", feed(*links), Content_Type="text/xml")
    document = {
        "name": "pier", "provider": "Merrowby",
        "transport": {"type": "http", "url": f"{web.url}/feed.xml", "allow_private_addresses": True},
        "full_text": options,
    }  # fmt: skip
    run = ConnectorRun(
        ConnectorConfig.model_validate(document), ConnectorState(connector="pier"), broker.settings, broker.publisher
    )
    run.poll_once(datetime.now(UTC))
    return run, [RawItem.decode(value).item for _, value in broker.read("raw") if value]


def asked(web: Any) -> list[str]:
    return [path for path, _ in web.requests if path != "/feed.xml"]


def test_the_article_is_the_body_and_the_feeds_text_is_kept(fake_broker: Any, web: Any) -> None:
    web.page("/pier", PAGE, Content_Type="text/html; charset=utf-8")
    run, (item,) = polled(fake_broker, web, f"{web.url}/pier")
    assert all(text in (item.body_text or "") for text in PARAGRAPHS)
    assert "newsletter" not in (item.body_text or "") + (item.body_html or "")
    assert item.description == "The new pier is closed."
    assert [(link.rel, link.href) for link in item.links] == [("full-text", f"{web.url}/pier")]
    assert asked(web) == ["/robots.txt", "/pier"]
    run.poll_once(datetime.now(UTC))
    assert asked(web) == ["/robots.txt", "/pier"]
    assert len(fake_broker.read("raw")) == 1


@pytest.mark.parametrize(
    ("robots", "status"),
    [(b"User-agent: *\nDisallow: /p*r\n", 200), (b"", 503), (b"User-agent: Wiredesk\nDisallow: /", 200)],
)
def test_robots_txt_is_respected_and_a_failing_one_forbids(
    fake_broker: Any, web: Any, robots: bytes, status: int
) -> None:
    web.page("/robots.txt", robots, status=status)
    web.page("/pier", PAGE, Content_Type="text/html")
    _, (item,) = polled(fake_broker, web, f"{web.url}/pier")
    assert item.body_text == "The new pier is closed."
    assert asked(web) == ["/robots.txt"]


def test_a_link_never_leads_to_a_private_address_of_another_origin(fake_broker: Any, web: Any) -> None:
    other = web.url.replace("127.0.0.1", "localhost")
    _, items = polled(fake_broker, web, f"{other}/admin", "http://10.0.0.1/", "http://[", "mailto:a@b.example")
    assert {item.body_text for item in items} == {"The new pier is closed."}
    assert asked(web) == []


def test_no_more_pages_than_allowed_and_no_item_is_lost(fake_broker: Any, web: Any) -> None:
    for n in range(3):
        web.page(f"/{n}", PAGE, Content_Type="text/html")
    _, items = polled(fake_broker, web, *(f"{web.url}/{n}" for n in range(3)), pages_per_poll=2)
    assert [len(item.links) for item in items] == [1, 1, 0]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"%PDF-1.7", "application/pdf", 200), (b"<html>", "text/html", 200), (b"\x00\xff" * 999, "text/html", 200),
     (PAGE, "text/html", 500), (PAGE, "text/html", 429)],
)  # fmt: skip
def test_what_is_no_article_leaves_the_feeds_text(
    fake_broker: Any, web: Any, body: bytes, kind: str, status: int
) -> None:
    web.page("/pier", body, status=status, Content_Type=kind)
    _, (item,) = polled(fake_broker, web, f"{web.url}/pier")
    assert (item.body_text, item.links) == ("The new pier is closed.", ())


def test_a_page_that_says_no_more_is_not_taken() -> None:
    item = Item(body_text="word " * 100, description="word word", link="https://a.example/")
    assert with_page(item, Item(body_text="word " * 101)) is item
    taken = with_page(item.model_copy(update={"description": "Another"}), Item(body_text="word " * 200))
    assert taken.description == "Another\n\n" + "word " * 100


def test_a_host_is_asked_with_pauses_and_left_alone_when_it_says_so() -> None:
    now = [0.0]
    hosts = Hosts(lambda: now[0])
    assert [hosts.reserve("a", 1, 10), hosts.reserve("a", 1, 10), hosts.reserve("b", 1, 10)] == [0, 1, 0]
    hosts.leave_alone("a", 300)
    assert hosts.reserve("a", 1, 60) is None
    now[0] = 301
    assert hosts.reserve("a", 1, 60) == 0
    for n in range(2000):
        hosts.reserve(str(n), 1, 10)
        hosts.keep_robots(str(n), Robots())
        hosts.keep_text(str(n), Item(body_text="x"))
    assert (len(hosts._next), len(hosts._robots), len(hosts._texts)) == (1000, 1000, 200)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/c", False),
        ("User-agent: *\nDisallow: /*.php$", "/x/y.php", False),
        ("User-agent: *\nDisallow: /*.php$", "/x/y.php?a=1", True),
        ("User-agent: *\nDisallow: /*?print=*&b", "/x?print=1&b", False),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: other\nDisallow: /", "/x", True),
        ("User-agent: other\nUser-agent: WireDesk/2\nDisallow: /\n\nUser-agent: *\nAllow: /", "/x", False),
        ("# nothing\nDisallow: /", "/x", True),
        ("User-agent: *\nDisallow: /aa*aa$", "/aaa", True),
        ("User-agent: *\nAllow: /p\nDisallow: /p", "/p", True),
        ("", "/", True),
    ],
)
def test_rules_of_robots_txt(rules: str, path: str, allowed: bool) -> None:
    assert read_robots(rules.encode(), "wiredesk").allows(path) is allowed


def test_robots_txt_from_an_enemy_takes_no_time_and_delays_are_read() -> None:
    rules = read_robots(b"User-agent: *\nDisallow: /" + b"*a" * 200_000 + b"b$\n" * 3, "wiredesk")
    assert rules.allows("/" + "a" * 100_000)
    assert read_robots(b"User-agent: *\nCrawl-delay: 5\nCrawl-delay: x", "wiredesk").delay_seconds == 5
    assert not NOTHING_ALLOWED.allows("/")


@pytest.mark.parametrize("data", [b"", b"\x00", b"<", b"<html><body>" + b"<div>" * 5000, b"<p>" + b"\xff" * 5000])
def test_the_parser_of_pages_refuses_what_is_no_article(data: bytes) -> None:
    with pytest.raises(ParseError):
        get_parser("page").parse(data, ParseContext(now=datetime.now(UTC)))


def test_a_page_of_too_many_tags_is_refused() -> None:
    with pytest.raises(ParseError, match="more than 40,000 tags"):
        get_parser("page").parse(b"<p>a" * 40_001, ParseContext(now=datetime.now(UTC)))


def test_a_host_whose_page_is_too_much_for_the_parser_is_left_alone(
    fake_broker: Any, web: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = ParseInProcess.parse

    def overrun(self: ParseInProcess, payload: Payload, config: ConnectorConfig, now: datetime) -> Reading:
        if config.parser == "page":
            raise ParseError("too much") from OverrunError("too much")
        return parse(self, payload, config, now)

    for n in range(3):
        web.page(f"/{n}", PAGE, Content_Type="text/html")
    monkeypatch.setattr(ParseInProcess, "parse", overrun)
    _, items = polled(fake_broker, web, *(f"{web.url}/{n}" for n in range(3)))
    assert [item.body_text for item in items] == ["The new pier is closed."] * 3
    assert asked(web) == ["/robots.txt", "/0"]


def test_pushes_have_no_full_text() -> None:
    document = {
        "name": "a", "provider": "X", "full_text": {},
        "transport": {"type": "webhook", "bearer_token": {"env": "A"}},
    }  # fmt: skip
    with pytest.raises(ValueError, match="not for pushes"):
        ConnectorConfig.model_validate(document)


def test_a_kill_is_published_without_asking_for_its_page(fake_broker: Any, web: Any) -> None:
    config = ConnectorConfig.model_validate(
        {"name": "a", "provider": "X", "transport": {"type": "folder", "path": "."}, "full_text": {}}
    )
    context = poll_context(fake_broker.settings, datetime.now(UTC))
    pages = full_text.FullText(config, context, ParseInProcess(fake_broker.settings.connectors), threading.Event())
    kill = RawItem(
        connector="a", provider="X", item_id="1", id_kind="uri", received=datetime.now(UTC), parser="rss", mapping="wire",
        item=Item(uri="1", link=f"{web.url}/pier", pubstatus="canceled"),
    )  # fmt: skip
    assert pages.complete(kill) is kill
    assert web.requests == []


def test_try_shows_the_text_of_the_page(web: Any, tmp_path: Path) -> None:
    web.page("/pier", PAGE, Content_Type="text/html")
    web.page("/feed.xml", feed(f"{web.url}/pier"), Content_Type="text/xml")
    (tmp_path / "a.yaml").write_text(
        f"transport: {{type: http, url: '{web.url}/feed.xml', allow_private_addresses: true}}\nprovider: X\nfull_text: {{}}\n"
    )
    result = CliRunner().invoke(app, ["try", "a", "--json", "-d", str(tmp_path)])
    item = RawItem.model_validate_json(result.stdout).item
    assert PARAGRAPHS[0] in (item.body_text or "")
    assert item.links[0].rel == "full-text"
