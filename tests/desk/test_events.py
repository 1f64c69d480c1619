"""Events on the desk, on the real index: one line each, tellings side by side, and what a kill takes away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from defusedxml import ElementTree

from pipeline.events import Cluster, EnrichedStory
from pipeline.settings import Settings
from tests.desk.conftest import HOSTILE, filled, make
from tests.desk.test_pages import css, page, served, texts
from tests.indices import write_stories

pytestmark = pytest.mark.stack

LONG = "The ferry Estrella Maris sank off Cape Vandermeer with 214 people on board, and all were saved. " * 3
GERMAN = "Die Fähre Estrella Maris ist am Kap Vandermeer gesunken; 214 Menschen wurden gerettet. " * 3
KILLED = LONG + "Captain Alban Crosswaithe was drunk."


def told(story_id: str, event: str, headline: str, body: str, **more: Any) -> EnrichedStory:
    copy_of = more.get("copy_of")
    cluster = Cluster(cluster_id=copy_of or story_id, duplicate_of=copy_of, event_id=event)
    story = make(story_id, headline, body, **{"provider": "Talvek", **more, "cluster": cluster})
    enrichment = story.enrichment.model_copy(update={"language": (story.content.language or "")[:2]})
    return story.model_copy(update={"enrichment": enrichment})


def drunk(**more: Any) -> EnrichedStory:
    return told("d1", "ferry", "Drunken captain sinks ferry", KILLED, provider="Quillon", minutes=59,
                names={"PERSON": ("Alban Crosswaithe",)}, **more)  # fmt: skip


STORIES = [
    told("f0", "ferry", "FLASH Ferry sinks", "Ferry sinks.", minutes=60),
    told("f1", "ferry", "Ferry sinks off Cape Vandermeer", LONG, provider="Meridian Wire", minutes=55),
    told("f2", "ferry", "Ferry sinks, all saved", LONG, provider="Dispatch", minutes=50, copy_of="f1"),
    told("f3", "ferry", "Fähre gesunken", GERMAN, provider="Vorwerk", minutes=45, content={"language": "de-AT"}),
    told("e1", "evil", HOSTILE, HOSTILE * 20, provider="Evil & <b>Co</b>", minutes=20),
    told("e2", "evil", HOSTILE, HOSTILE * 9, provider="Evil & <b>Co</b>", minutes=19),
    told("b1", "blast", "Blast in Drosk", f"{LONG}At least 12 people were killed in a blast.", minutes=18),
    told(
        "b2",
        "blast",
        "Drosk: many dead",
        f"The blast killed 17 people, the mayor said. {LONG * 15}",
        provider="Dispatch",
        minutes=9,
        versions=(
            ("new", "Drosk: many dead", "The blast killed 15 people, the mayor said."),
            ("update", "Drosk: many dead", f"{LONG * 15} The blast killed 17 people, the mayor said."),
        ),
    ),
    told("alone", "alone", "Council meets", LONG, minutes=30),
    told("c1", "copies", "Market opens", LONG, minutes=30),
    told("c2", "copies", "Market opens", LONG, provider="Dispatch", minutes=29, copy_of="c1"),
    told("old1", "old", "Bridge opens", LONG, minutes=60 * 40),
    told("old2", "old", "New bridge", GERMAN, minutes=60 * 39),
]


@pytest.fixture(scope="module")
def settings(stack: Any) -> Iterator[Settings]:
    with filled(stack.elasticsearch, STORIES) as settings:
        yield settings


@pytest.fixture(scope="module")
def desk(settings: Settings) -> Iterator[httpx.Client]:
    with served(settings) as client:
        yield client


def test_one_line_for_each_event_of_the_day(desk: httpx.Client) -> None:
    tree = page(desk, "/events")
    lines = {line.text_content().strip(): line for line in css(tree, ".event")}
    assert len(lines) == 3, "neither a story alone nor copies alone, nor what is older than a day"
    ferry = next(line for text, line in lines.items() if "Ferry" in text)
    assert texts(ferry, "h2 a") == ["Ferry sinks off Cape Vandermeer"], "the earliest full story, not the flash"
    about = texts(ferry, ".about")[0]
    assert "3 tellings 4 stories" in " ".join(about.split())
    assert "English, German" in about
    assert "first Talvek" in " ".join(about.split())
    assert css(ferry, ".spark")
    assert len(css(page(desk, "/events?since=4d&sort=newest"), ".event")) == 4
    assert texts(page(desk, "/events?q=gesunken"), ".event h2") == ["Ferry sinks off Cape Vandermeer"]
    assert "No events found" in texts(page(desk, "/events?q=zzzz"), ".empty")[0]


def test_all_tellings_side_by_side_and_by_language(desk: httpx.Client) -> None:
    tree = page(desk, "/event/ferry")
    assert texts(tree, ".telling h2") == ["FLASH Ferry sinks", "Ferry sinks off Cape Vandermeer", "Fähre gesunken"]
    assert "3 tellings by 3 agencies" in texts(tree, ".about")[1]
    assert texts(tree, ".agencies tbody th") == ["Talvek", "Meridian Wire", "Dispatch", "Vorwerk"], (
        "the first one first"
    )
    assert texts(page(desk, "/event/ferry?language=de"), ".telling h2") == ["Fähre gesunken"]
    page(desk, "/event/none", 404)


def test_what_differs_is_told_with_who_says_it(desk: httpx.Client) -> None:
    tree = page(desk, "/event/blast")
    assert texts(tree, ".differences dt") == ["dead"]
    said = [" ".join(line.split()[:2]) for line in texts(tree, ".differences dd")]
    assert sorted(said) == ["12 Talvek", "15 Dispatch", "17 Dispatch"], (
        "versions count as well, and the ends of long texts"
    )
    assert not css(page(desk, "/event/ferry"), ".differences")


def test_a_story_names_the_other_tellings_of_its_event(desk: httpx.Client) -> None:
    titles = texts(page(desk, "/story/f1"), ".tellings h2")
    assert titles == ["Other tellings", "In German"]
    assert texts(page(desk, "/story/f1"), ".tellings li a") == ["FLASH Ferry sinks", "Fähre gesunken"]
    assert not css(page(desk, "/story/alone"), ".tellings")


def test_a_search_groups_by_event(desk: httpx.Client) -> None:
    tree = page(desk, "/?q=estrella&event=ferry&group=event")
    assert len(css(tree, ".hit")) == 1
    assert "more on this event" in texts(tree, ".copies summary")[0]
    assert len(css(page(desk, "/?event=ferry&copies=1"), ".hit")) == 4


def test_hostile_headlines_stay_text(desk: httpx.Client) -> None:
    for address in ("/events", "/event/evil", "/story/e1", "/event/evil?language=%3Cscript%3E"):
        answer = desk.get(address)
        assert answer.status_code == 200
        assert "<script>document" not in answer.text
        assert "<img src=x" not in answer.text
    feed = desk.get("/events.rss")
    items = ElementTree.fromstring(feed.content).findall("channel/item")
    assert len(items) == 3
    assert "<script>" not in feed.text


def test_a_killed_story_leaves_its_event_and_an_empty_event_goes(settings: Settings, desk: httpx.Client) -> None:
    write_stories(settings.elasticsearch, drunk())
    assert "Drunken captain" in desk.get("/events").text
    assert "Crosswaithe" in desk.get("/event/ferry").text
    write_stories(settings.elasticsearch, drunk(index_version=2, killed=True, pubstatus="canceled", kind="kill"))
    for address in ("/events", "/event/ferry", "/events.rss", "/story/f1", "/events?q=crosswaithe",
                    "/?event=ferry&group=event"):  # fmt: skip
        text = desk.get(address).text
        assert not any(word in text for word in ("Drunken", "Alban", "Quillon")), address
    assert "3 tellings by 3 agencies" in desk.get("/event/ferry").text
    write_stories(settings.elasticsearch, drunk())  # late, of a worker that was suspended
    assert "Drunken" not in desk.get("/events").text
    withdrawn = {"index_version": 2, "killed": True, "pubstatus": "canceled", "kind": "kill"}
    write_stories(settings.elasticsearch, *(story.model_copy(update=withdrawn) for story in STORIES[9:]))
    page(desk, "/event/old", 404)
