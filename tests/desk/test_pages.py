"""The desk over HTTP, on the real index: every page, every export, who may come in, and hostile text that stays text."""

from __future__ import annotations

import csv
import io
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from defusedxml import ElementTree
from lxml import html

from pipeline.desk.security import POLICY
from pipeline.desk.server import desk_in_background
from pipeline.settings import DeskSettings, ElasticsearchSettings, Secret, Settings

pytestmark = pytest.mark.stack

EVIL = "/story/" + quote("evil/1?x#y", safe="")
TOKEN = "a-token-of-some-length"


@contextmanager
def served(settings: Settings) -> Iterator[httpx.Client]:
    """A desk on its real server."""
    stop = desk_in_background(settings)
    try:
        with httpx.Client(base_url=stop.url.replace("0.0.0.0", "127.0.0.1"), timeout=120) as client:
            yield client
    finally:
        stop()


@pytest.fixture(scope="module")
def desk(desk_settings: Settings) -> Iterator[httpx.Client]:
    with served(desk_settings) as client:
        yield client


def page(desk: httpx.Client, address: str, status: int = 200) -> Any:
    answer = desk.get(address)
    assert answer.status_code == status, answer.text[:500]
    return html.fromstring(answer.content)


def css(tree: Any, selector: str) -> list[Any]:
    """Elements by a simple selector: steps of ``tag.class[attribute]``, each somewhere inside the one before."""
    path = ""
    for step in selector.split():
        tag, *parts = re.findall(r"^\w+|\.[\w-]+|\[[\w-]+\]", step if step[0].isalnum() else "all" + step)
        path += "//" + ("*" if tag == "all" else tag)
        for part in parts:
            name = part.strip(".[]")
            has_class = f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"
            path += f"[{has_class if part[0] == '.' else '@' + name}]"
    return list(tree.xpath("." + path))


def texts(tree: Any, selector: str) -> list[str]:
    return [" ".join(found.text_content().split()) for found in css(tree, selector)]


PAGES = [
    "/",
    "/?q=bridge&page=2",
    "/quotes",
    "/story/talvek-0101",
    "/story/talvek-0107",
    "/story/talvek-0101/changes",
    EVIL,
]


@pytest.mark.parametrize("address", PAGES)
def test_no_page_has_anything_inline_or_from_elsewhere(desk: httpx.Client, address: str) -> None:
    tree = page(desk, address)
    assert not tree.xpath("//style | //*[@style] | //script[not(@src)] | //iframe | //object | //embed")
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]
    loaded = tree.xpath("//script/@src | //link[not(contains(@rel, 'alternate'))]/@href | //img/@src")
    assert loaded
    assert all(source.startswith("/static/") for source in loaded)
    for link in tree.xpath("//a/@href"):
        assert re.match(r"(/|#|\?|https?://)", link), link


@pytest.mark.parametrize("address", [*PAGES, "/nothing", "/static/desk.css", "/stories.csv"])
def test_every_answer_forbids_what_pages_do_not_need(desk: httpx.Client, address: str) -> None:
    headers = desk.get(address).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in POLICY


@pytest.mark.parametrize("address", PAGES)
def test_every_page_can_be_read_by_machines_for_people(desk: httpx.Client, address: str) -> None:
    tree = page(desk, address)
    assert tree.xpath("//html/@lang") == ["en"]
    assert len(tree.xpath("//h1")) == len(tree.xpath("//main")) == 1
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    for field in tree.xpath("//input[not(@type='hidden')]"):
        name = field.get("id")
        assert field.xpath("ancestor::label") or tree.xpath(f"//label[@for='{name}']"), html.tostring(field)


def test_copies_stand_under_the_leading_story_with_its_flags(desk: httpx.Client) -> None:
    tree = page(desk, "/?q=bridge+calvessa")
    (hit,) = css(tree, ".hit")
    assert hit.get("data-story") == "talvek-0101"
    assert texts(hit, ".flag") == ["Corrected", "Update 2", "Urgent"]
    assert texts(hit, ".copies a") == ["Meridian Wire", "Dispatch"]
    assert "3 stories in 1 group of copies, most relevant first" in texts(tree, ".summary")[0]
    assert "Corrects year" in texts(hit, ".notice")[0]
    assert texts(hit, "mark")
    apart = page(desk, "/?q=bridge+calvessa&copies=1")
    assert len(css(apart, ".hit")) == 3


def test_facets_and_bars_lead_to_narrower_searches(desk: httpx.Client) -> None:
    tree = page(desk, "/?q=calvessa")
    (link,) = [a for a in css(tree, ".facet a") if "Meridian" in a.text_content()]
    narrowed = page(desk, link.get("href"))
    assert [hit.get("data-story") for hit in css(narrowed, ".hit")] == ["meridian-77"]
    (chosen,) = css(narrowed, ".facet a[aria-current]")
    assert len(css(page(desk, chosen.get("href")), ".hit")) == 1
    assert "Agency: Meridian Wire" in texts(narrowed, ".chosen a")[0]
    bars = page(desk, "/").xpath("//svg//a/@href")
    found = [len(css(page(desk, bar + "&copies=1"), ".hit")) for bar in (bars[0], bars[-1])]
    assert all(found)


def test_pages_go_on_and_back(desk: httpx.Client) -> None:
    first = page(desk, "/")
    (link,) = first.xpath("//a[@rel='next']/@href")
    second = page(desk, link)
    stories = [hit.get("data-story") for tree in (first, second) for hit in css(tree, ".hit")]
    assert len(stories) == len(set(stories)) == 36
    assert second.xpath("//a[@rel='prev']/@href") == ["/"]
    assert "No stories on this page" in page(desk, "/?page=99999").text_content()


def test_where_nothing_is_found_the_way_on_is_shown(desk: httpx.Client) -> None:
    tree = page(desk, "/?q=zeppelin&since=1h&provider=Talvek")
    ways = {link.text_content(): link.get("href") for link in css(tree, ".empty a")}
    assert ways == {
        "Search all dates": "/?q=zeppelin&provider=Talvek",
        "Remove the filters": "/?q=zeppelin",
        "Search quotations instead": "/quotes?q=zeppelin",
        "Include advisories and tests": "/?q=zeppelin&since=1h&provider=Talvek&notices=1",
    }
    assert not css(page(desk, "/?q=fever"), ".empty")
    said = css(page(desk, "/quotes?speaker=nobody"), ".empty a")
    assert [link.get("href") for link in said] == ["/?about=nobody"]


def test_a_row_says_how_the_story_begins(desk: httpx.Client) -> None:
    def lead(words: str) -> str:
        (hit,) = css(page(desk, f"/?q={words}"), ".hit")
        return texts(hit, ".snippet")[0]

    assert lead("fever+tarquenia").startswith("Tarquenia has recorded its first cases of marsh fever")
    (hit,) = [hit for hit in css(page(desk, "/"), ".hit") if hit.get("data-story") == "talvek-0101"]
    assert texts(hit, ".snippet")[0].startswith("CALVESSA, November 23.")
    assert texts(hit, ".snippet")[0].endswith("…")
    assert "Please do not use this story" in lead("health+secretary")


def test_a_story_with_marks_speakers_versions_and_copies(desk: httpx.Client) -> None:
    tree = page(desk, "/story/talvek-0101")
    assert texts(tree, ".text a.place") == ["River Ossel", "Calvessa"]
    assert "Odalys Penhallow" in texts(tree, ".text a.person")
    assert texts(tree, ".quote.direct") == [
        '"It went down like a folding chair,"',
        '"We will not wait for the second chair to fold,"',
    ]
    assert texts(tree, ".text .speaker") == ["Honor Tressillian", "Odalys Penhallow"]
    assert texts(tree, ".versions a") == ["correction", "update", "first version"]
    assert texts(tree, ".copy-list a") == ["Meridian Wire", "Dispatch"]
    assert tree.xpath("//a[contains(@rel, 'noopener')]/@href") == ["https://talvek.example/0101"]
    person = tree.xpath("//aside//a[@class='person']/@href")[0]
    assert "talvek-0101" in [hit.get("data-story") for hit in css(page(desk, person), ".hit")]


def test_what_changed_between_versions(desk: httpx.Client) -> None:
    newest = page(desk, "/story/talvek-0101/changes")
    assert (texts(newest, "del"), texts(newest, "ins")) == (["1911"], ["1931"])
    update = page(desk, "/story/talvek-0101/changes?version=v2")
    assert (texts(update, "h1 del"), texts(update, "h1 ins")) == (["three"], ["five"])
    first = page(desk, "/story/talvek-0101/changes?version=v1")
    assert not css(first, "del")
    page(desk, "/story/talvek-0101/changes?version=none", 404)


def test_a_killed_story_says_so_everywhere(desk: httpx.Client) -> None:
    tree = page(desk, "/story/talvek-0107")
    assert "withdrew this story" in texts(tree, ".banner")[0]
    assert "Crosswaithe" not in tree.text_content()
    assert "withdrew this story" in texts(page(desk, "/story/talvek-0107/changes"), ".banner")[0]
    (hit,) = css(page(desk, "/?q=health+secretary"), ".hit")
    assert texts(hit, ".flag") == ["Killed"]
    assert not css(page(desk, "/?q=crosswaithe"), ".hit")
    feed = ElementTree.fromstring(desk.get("/stories.rss?q=secretary").content)
    assert feed.findtext("channel/item/title") == "KILLED: Norvaine's health secretary resigns"
    assert not feed.findtext("channel/item/description")


def test_who_said_what(desk: httpx.Client) -> None:
    tree = page(desk, "/quotes?speaker=penhallow")
    assert texts(tree, "blockquote") == ["“We will not wait for the second chair to fold”"]
    assert css(tree, ".hit a[data-open]")[0].get("href") == "/story/talvek-0101#quote-1"
    assert len(css(page(desk, "/quotes?speaker=penhallow&copies=1"), ".hit")) == 2
    assert texts(page(desk, "/quotes?q=folding"), "mark") == ["folding", "fold"]
    assert "No quotations found" in page(desk, "/quotes?speaker=nobody").text_content()


def test_a_person_is_one_entry_and_one_link_in_every_spelling(desk: httpx.Client) -> None:
    def links(tree: Any, selector: str) -> dict[str, str]:
        return {link.text_content().strip(): link.get("href") for link in css(tree, selector)}

    one = "person=Odalys+Penhallow"
    people = links(page(desk, "/?copies=1"), ".facet a")
    assert people["Odalys Penhallow 3"] == f"/?copies=1&{one}"
    assert not any(entry.startswith("Odalys J.") for entry in people)
    story = page(desk, "/story/meridian-77")
    for place in (".text a.person", "aside .names a.person"):
        assert links(story, place)["Odalys J. Penhallow"].replace("%20", "+") == f"/?{one}"
    said = links(story, ".speakers .about a")["Odalys J. Penhallow"]
    tree = page(desk, f"{said}&copies=1")
    assert sorted(texts(tree, ".hit .about b")) == ["Odalys J. Penhallow", "Odalys Penhallow"]
    assert texts(tree, "h1") == ["Quotations by Odalys J. Penhallow"], "of two spellings as frequent the first"
    for address in ("/?person=person:odalys-penhallow&copies=1", f"/?{one}&copies=1"):
        tree = page(desk, address)
        assert len(css(tree, ".hit")) == 3
        assert "Odalys Penhallow" in texts(tree, ".chosen")[0]
        assert texts(tree, ".facet a[aria-current]") == ["✓ Odalys Penhallow 3"]
    assert len(css(page(desk, "/?person=Odalys+J.+Penhallow&copies=1"), ".hit")) == 1, "addresses from before ids"


def test_hostile_text_stays_text(desk: httpx.Client) -> None:
    for address in (
        EVIL,
        "/",
        "/quotes",
        "/?q=script+onerror",
        EVIL + "/changes",
        "/?q=%3Cscript%3Ealert(1)%3C/script%3E",
    ):
        tree = page(desk, address)
        assert not tree.xpath("//main//script | //main//img"), address
        assert not tree.xpath("//a[starts-with(@href, 'javascript')]")
    assert "<script>" in page(desk, EVIL).text_content()
    rows = desk.get("/arrivals?after=2020-01-01T00:00:00Z").json()["rows"]
    assert not [row for row in rows if "<script" in row["html"] or "<img" in row["html"]]


def test_a_search_as_csv(desk: httpx.Client) -> None:
    answer = desk.get("/stories.csv?copies=1")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 38
    (bridge,) = [row for row in rows if row["story_id"] == "talvek-0101"]
    assert (bridge["correction"], bridge["places"]) == ("true", "Calvessa; River Ossel")
    said = list(csv.DictReader(io.StringIO(desk.get("/quotes.csv?speaker=marrowen").text.removeprefix("\ufeff"))))
    assert [(row["speaker"], row["role"]) for row in said] == [("Ilsa Marrowen", "prime minister")]
    said = list(csv.DictReader(io.StringIO(desk.get("/quotes.csv?speakers=Odalys+Penhallow&copies=1").text)))
    assert {(row["speaker"], row["speaker_as_written"]) for row in said} == {
        ("Odalys Penhallow", "Odalys Penhallow"),
        ("Odalys Penhallow", "Odalys J. Penhallow"),
    }


def test_a_search_as_json_and_rss(desk: httpx.Client) -> None:
    found = desk.get("/stories.json?q=bridge").json()
    assert {story["story_id"] for story in found} == {"talvek-0101", "meridian-77", "dispatch-9"}
    assert desk.get("/stories.json?q=nothingatall").json() == []
    feed = ElementTree.fromstring(desk.get("/stories.rss").content)
    titles = [item.findtext("title") for item in feed.iter("item")]
    assert len(titles) == 38
    assert any(title.startswith("CORRECTED: ") for title in titles)
    assert len({item.findtext("guid") for item in feed.iter("item")}) == 38
    link = next(item.findtext("link") for item in feed.iter("item") if "fever" in item.findtext("title"))
    assert link == str(desk.base_url.join("/story/quillon-7"))
    assert len(list(ElementTree.fromstring(desk.get("/quotes.rss").content).iter("item"))) == 4
    page(desk, "/stories.xls", 404)


def test_links_of_a_feed_lead_to_where_people_reach_the_desk(desk_settings: Settings) -> None:
    proxied = desk_settings.model_copy(update={"desk": DeskSettings(port=0, url="https://desk.example/wire/")})
    with served(proxied) as desk:
        feed = ElementTree.fromstring(desk.get("/stories.rss?q=fever").content)
    assert feed.findtext("channel/item/link") == "https://desk.example/wire/story/quillon-7"


def test_what_arrives_is_told_once_with_its_group(desk: httpx.Client, add_story: Callable[..., None]) -> None:
    before = page(desk, "/?q=regatta")
    after = css(before, "[data-live]")[0].get("data-after")
    assert desk.get("/arrivals", params={"q": "regatta", "after": after}).json()["rows"] == []
    add_story("regatta-1", "Regatta on the Ossel", "Boats.", minutes=0)
    add_story("regatta-2", "Regatta of long ago", "Boats.", minutes=0, lane="backfill")
    (row,) = desk.get("/arrivals", params={"q": "regatta", "after": after}).json()["rows"]
    assert (row["key"], row["cluster"]) == ("regatta-1@1+0", "regatta-1")
    assert "Regatta on the Ossel" in html.fromstring(row["html"]).text_content()
    assert row["key"] in css(page(desk, "/?q=regatta"), "[data-live]")[0].get("data-known").split()
    assert desk.get("/arrivals", params={"q": "sledge", "after": after}).json()["rows"] == []
    old = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert desk.get("/arrivals", params={"q": "regatta", "after": old}).json()["rows"] == []
    assert desk.get("/arrivals?after=yesterday").status_code == 400


def test_what_was_on_its_way_for_long_is_news_when_it_can_be_found(
    desk: httpx.Client, add_story: Callable[..., None]
) -> None:
    after = css(page(desk, "/?q=sculls"), "[data-live]")[0].get("data-after")
    add_story("sculls-1", "Sculls on the Ossel", "Boats.", minutes=3 * 60)
    add_story("sculls-2", "Sculls of last month", "Boats.", minutes=30 * 24 * 60)
    (row,) = desk.get("/arrivals", params={"q": "sculls", "after": after}).json()["rows"]
    assert row["cluster"] == "sculls-1"


ODD = ["/?page=abc", "/?since=x&until=y", "/?q=%00%ff", "/?urgency=high", "/?q=" + "a" * 5000, "/?person=&person=x", "/?since=9999d",
       "/?until=9999-12-31", "/?q=%22", "/quotes?page=-1", "/?sort=oddest", "/story/%2F", "/story/../x"]  # fmt: skip


@pytest.mark.parametrize("address", ODD)
def test_odd_addresses_are_answered(desk: httpx.Client, address: str) -> None:
    assert desk.get(address).status_code in {200, 404}


def test_what_cannot_be_read_is_said(desk: httpx.Client) -> None:
    assert "cannot parse “soon” as a time" in page(desk, "/?since=soon").text_content()


def test_pages_do_not_take_writes(desk: httpx.Client) -> None:
    assert desk.post("/").status_code == 405
    assert desk.delete("/story/talvek-0101").status_code == 405


def test_an_index_that_does_not_answer_is_said(desk_settings: Settings) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody_listens.getsockname()[1]}"
        away = desk_settings.model_copy(update={"elasticsearch": ElasticsearchSettings(url=url)})
        with served(away) as desk:
            assert "does not answer" in page(desk, "/", 503).text_content()
    nothing = desk_settings.elasticsearch.model_copy(update={"prefix": "none-"})
    with served(desk_settings.model_copy(update={"elasticsearch": nothing})) as desk:
        assert "wiredesk index init" in page(desk, "/", 503).text_content()


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:8420", 200), ("localhost", 200), ("[::1]:8420", 200),
                                              ("evil.example", 421), ("127.0.0.1.evil.example:8420", 421)])  # fmt: skip
def test_the_loopback_answers_to_its_own_names_only(desk: httpx.Client, host: str, status: int) -> None:
    assert desk.get("/", headers={"host": host}).status_code == status


@pytest.fixture
def guarded(desk_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    desk = DeskSettings(host="0.0.0.0", port=0, token=Secret(env="DESK_TOKEN"))
    settings = desk_settings.model_copy(update={"desk": desk})
    with served(settings) as client:
        yield client


def test_open_to_the_network_it_asks_for_its_token(guarded: httpx.Client) -> None:
    private = ("/", "/stories.json", "/arrivals?after=2020-01-01", "/nothing", "/?token=wrong", "/story/talvek-0101")
    for address in private:
        answer = guarded.get(address)
        assert answer.status_code == 401
        assert "Calvessa" not in answer.text
    assert guarded.get("/static/desk.css").status_code == 200
    assert guarded.get("/", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert guarded.get("/", cookies={"wiredesk": "wrong"}).status_code == 401


def test_the_token_opens_it_by_header_address_form_and_cookie(guarded: httpx.Client) -> None:
    assert guarded.get("/", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert guarded.get(f"/stories.rss?q=bridge&token={TOKEN}").status_code == 200
    answer = guarded.get(f"/?q=bridge&token={TOKEN}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=bridge")
    cookie = answer.headers["set-cookie"].casefold()
    assert TOKEN not in cookie
    assert all(word in cookie for word in ("httponly", "samesite=lax"))
    assert guarded.get("/?q=bridge").status_code == 200
    guarded.cookies.clear()
    assert guarded.get("/").status_code == 401
    assert guarded.post("/enter", data={"token": "wrong"}).status_code == 401
    assert guarded.post("/enter", data={"token": TOKEN}).headers["location"] == "/"
    assert guarded.get("/").status_code == 200
    guarded.cookies.clear()
    assert guarded.get("/%2Fevil.example/?token=" + TOKEN).headers["location"] == "/evil.example/"
