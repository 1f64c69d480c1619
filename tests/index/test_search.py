"""Searches on the real Elasticsearch: words, facets, copies, killed stories, quotations, odd input."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rich.console import Console

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, Entity, HistoryEntry, Quote
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.events.item import Subject
from pipeline.index.highlight import quote_highlight, story_highlight
from pipeline.index.mapping import IndexNames
from pipeline.index.people import people_of_stories
from pipeline.index.query import quote_query, story_query
from pipeline.index.requests import run_searches, search_alias
from pipeline.index.results import Piece
from pipeline.index.search import Query, QuoteQuery, each_quote, each_story, quotes, search
from pipeline.index.story import story
from pipeline.settings import ElasticsearchSettings
from tests.indices import made_indices, write_stories

#: Ids of those whose name is not spelt alike everywhere.
IDS = {"Honor Tressillian": "person:honor-tressillian", "Honour V. Tressillian": "person:honor-tressillian",
       "Zoë Märker": "person:zoe-marker"}  # fmt: skip
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def make(story_id: str, headline: str, body: str = "", **changes: Any) -> EnrichedStory:
    """A story; ``minutes`` after noon, ``people``, ``said`` ({speaker: words}) and ``copy_of`` are short forms."""
    time = NOON + timedelta(minutes=changes.pop("minutes", 0))
    people = changes.pop("people", ())
    said = changes.pop("said", {})
    copy_of = changes.pop("copy_of", None)
    content = {"headline": headline, "body": body, "language": "en"} | changes.pop("content", {})
    fields: dict[str, Any] = {
        "story_id": story_id,
        "provider": "Orbis",
        "item_id": f"n-{story_id}",
        "index_version": 1,
        "version_rank": 1,
        "first_seen": time,
        "first_created": time,
        "version_created": time,
        "received": time,
        "content": Content(**content),
        "history": (
            HistoryEntry(
                story_id=story_id, version_id="v1", version_rank=1, kind="new", received=time, headline=headline
            ),
        ),
        "cluster": Cluster(cluster_id=copy_of or story_id, duplicate_of=copy_of),
        "enrichment": Enrichment(
            language="en",
            entities=tuple(Entity(label="PERSON", name=name, id=IDS.get(name)) for name in people),
            quotes=tuple(
                Quote(
                    type="direct", text=words, start=0, end=5, speaker=speaker, resolved=True, speaker_id=IDS[speaker]
                )
                for speaker, words in said.items()
            ),
        ),
    }
    return EnrichedStory(**(fields | changes))


STORIES = [
    make(
        "bridge",
        "Footbridge collapses in Calvessa",
        "Five people were injured. “It went down like a folding chair,” baker Honor Tressillian said.",
        people=("Honor Tressillian",),
        said={"Honor Tressillian": "It went down like a folding chair"},
        content={
            "urgency": 2,
            "slugline": "ARDELLE-BRIDGE/COLLAPSE",
            "subjects": (Subject(code="d", name="disaster"),),
        },
    ),
    make(
        "bridge-copy",
        "Bridge collapses in Calvessa, five hurt",
        "Five people were injured, as Orbis reported.",
        provider="Meridian",
        copy_of="bridge",
        minutes=5,
        people=("Honour V. Tressillian",),
        said={"Honour V. Tressillian": "It went down like a folding chair"},
    ),
    make(
        "cafe",
        "Café Zürich réopens after fires",
        "The harbour café belongs to Zoë Märker.",
        minutes=60,
        people=("Zoë Märker", "Honor Tressillian"),
        said={"Zoë Märker": "We bake [wholly] new bread"},
    ),
    make(
        "wine",
        "Vintners expect a small harvest",
        "Footbridge is mentioned only in the text. A fire was lit.",
        minutes=90,
    ),
    make(
        "resigns",
        "Health secretary Crosswaithe resigns",
        "Use no more. The palimpsest notice.",
        minutes=100,
        killed=True,
        pubstatus="canceled",
        content={"slugline": "NORVAINE-MINISTER/RESIGNATION"},
    ),
    make("advice", "ADVISORY Ossel summit coverage", "Ossel summit pictures at noon.", minutes=110, advisory=True),
    make(
        "audit",
        "Audit office finds hole in rail budget",
        "Tunnels are missing.",
        minutes=120,
        content={"embargoed": datetime(2199, 1, 1, tzinfo=UTC)},
    ),
]


@pytest.fixture(scope="module")
def settings(stack: Any) -> Iterator[ElasticsearchSettings]:
    with made_indices(stack.elasticsearch) as (settings, _):
        write_stories(settings, *STORIES)
        yield settings


@pytest.fixture(scope="module")
def client(settings: ElasticsearchSettings) -> Iterator[Elasticsearch]:
    with elasticsearch_client(settings) as client:
        yield client


@pytest.fixture
def ids(client: Elasticsearch, settings: ElasticsearchSettings) -> Any:
    def run(query: Query | str) -> list[str]:
        query = Query(words=query) if isinstance(query, str) else query
        return [hit.story_id for hit in search(client, settings, query).hits]

    return run


WORDS = [
    ("footbridge", ["bridge", "wine"], "the headline weighs more than the text"),
    ("collapsing bridges", ["bridge-copy"], "other forms of the words"),
    ("cafe", ["cafe"], "without accents"),
    ("REOPENS zurich", ["cafe"], "without case"),
    ("marker", ["cafe"], "names without accents"),
    ('"folding chair"', ["bridge"], "a phrase"),
    ('"chair folding"', [], "a phrase in the wrong order"),
    ("fire", ["cafe", "wine"], "stems"),
    ("fire -cafe", ["wine"], "without a word"),
    ('fire -"was lit"', ["cafe"], "without a phrase"),
    ("harv*", ["wine"], "the beginning of a word"),
    ("ossel", [], "advisories are not shown"),
    ("crosswaithe", ["resigns"], "a killed story by its headline"),
    ("norvaine minister", ["resigns"], "a killed story by words of its slug"),
    ("NORVAINE-MINISTER/RESIGNATION", ["resigns"], "a killed story by its slug"),
    ("resigns", ["resigns"], "a killed story by its id"),
    ("n-resigns", ["resigns"], "a killed story by its number with the provider"),
    ("palimpsest", [], "not a killed story by its text"),
    ("what did Honor Tressillian say", ["bridge"], "a question"),
]


@pytest.mark.stack
@pytest.mark.parametrize(("words", "expected", "why"), WORDS, ids=[why for *_, why in WORDS])
def test_words_find(ids: Any, words: str, expected: list[str], why: str) -> None:
    found = ids(words)
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


FILTERS = [
    (Query(provider=("Meridian",)), {"bridge-copy"}),
    (Query(urgency=("2",)), {"bridge"}),
    (Query(urgency=("two",)), set()),
    (Query(subject=("disaster",)), {"bridge"}),
    (Query(person=("Honor Tressillian",), collapse=False), {"bridge", "bridge-copy", "cafe"}),
    (Query(person=("person:honor-tressillian",), collapse=False), {"bridge", "bridge-copy", "cafe"}),
    (Query(person=("Honour V. Tressillian",), collapse=False), {"bridge-copy"}),
    (Query(person=("Honor Tressillian", "Zoë Märker")), {"cafe"}),
    (Query(person=("Zoe Marker",)), {"cafe"}),
    (Query(entity="tressillian", provider=("Orbis",)), {"bridge", "cafe"}),
    (Query(entity="zoe marker"), {"cafe"}),
    (Query(entity="honor tressillian", provider=("Meridian",)), {"bridge-copy"}),
    (Query(speaker="marker"), {"cafe"}),
    (Query(speaker="honor tressillian", collapse=False), {"bridge", "bridge-copy"}),
    (Query(speaker="person:honor-tressillian", collapse=False), {"bridge", "bridge-copy"}),
    (Query(speaker="Zoë Märker"), {"cafe"}),
    (Query(speaker="nobody"), set()),
    (Query(since=NOON + timedelta(minutes=100)), {"resigns", "audit"}),
    (Query(until=NOON + timedelta(minutes=1)), {"bridge"}),
    (Query(words="ossel", notices=True), {"advice"}),
    (Query(public=True, collapse=False), {"bridge", "bridge-copy", "cafe", "wine"}),
]


@pytest.mark.stack
@pytest.mark.parametrize(("query", "expected"), FILTERS, ids=[str(number) for number in range(len(FILTERS))])
def test_filters(ids: Any, query: Query, expected: set[str]) -> None:
    assert set(ids(query)) == expected


@pytest.mark.stack
def test_copies_are_one_result_that_names_its_sources(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    found = search(client, settings, Query(words="Calvessa injured"))
    assert (found.total, found.groups) == (2, 1)
    (hit,) = found.hits
    assert [copy.provider for copy in hit.copies] == ["Meridian" if hit.story_id == "bridge" else "Orbis"]
    assert search(client, settings, Query(words="Calvessa injured", collapse=False)).groups == 2


@pytest.mark.stack
def test_results_are_marked_counted_and_without_heavy_fields(
    client: Elasticsearch, settings: ElasticsearchSettings
) -> None:
    found = search(client, settings, Query(words="footbridge"))
    assert found.hits[0].headline[0] == Piece("Footbridge", matched=True)
    assert any(piece.matched for piece in found.hits[1].snippets[0])
    assert "body" not in found.hits[0].story
    everything = search(client, settings, Query(collapse=False, sort="newest"))
    assert [(count.value, count.count) for count in everything.facets["provider"]] == [("Orbis", 5), ("Meridian", 1)]
    assert sum(bar.count for bar in everything.histogram.bars) == everything.total == 6
    assert [hit.story_id for hit in everything.hits][:2] == ["audit", "resigns"]


@pytest.mark.stack
def test_pages_do_not_overlap_and_cover_everything(ids: Any) -> None:
    pages = [ids(Query(sort="newest", size=2, page=page)) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert len({id_ for page in pages for id_ in page}) == 5
    assert ids(Query(page=10**9)) == []


@pytest.mark.stack
def test_quotations_by_speaker(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    def said(**query: Any) -> list[tuple[str, str]]:
        hits = quotes(client, settings, QuoteQuery(**query)).hits
        return [(hit.quote["speaker"], hit.quote["story_id"]) for hit in hits]

    assert said(speaker="tressillian") == [("Honor Tressillian", "bridge")]
    assert len(said(speaker="tressillian", copies=True)) == 2
    assert said(words="wholly new") == [("Zoë Märker", "cafe")]
    assert said(words='"wholly new"', speaker="zoe") == [("Zoë Märker", "cafe")]
    assert said(speaker="zoe", since=NOON + timedelta(days=1)) == []
    found = quotes(client, settings, QuoteQuery())
    assert {(count.value, count.shown) for count in found.facets["speaker"]} == {
        ("Honor Tressillian", "Honor Tressillian"), ("Zoe Marker", "Zoë Märker")}  # fmt: skip


@pytest.mark.stack
def test_a_person_in_two_spellings_is_one_entry(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    people = search(client, settings, Query(collapse=False)).facets["person"]
    assert [(one.value, one.count, one.shown) for one in people] == [
        ("Honor Tressillian", 3, "Honor Tressillian"), ("Zoe Marker", 1, "Zoë Märker")]  # fmt: skip
    for name in ("Honor Tressillian", "person:honor-tressillian"):
        said = quotes(client, settings, QuoteQuery(speakers=(name,), copies=True))
        assert sorted(hit.quote["speaker"] for hit in said.hits) == ["Honor Tressillian", "Honour V. Tressillian"]
        assert [(one.value, one.count) for one in said.facets["speaker"]] == [("Honor Tressillian", 2)]
    assert quotes(client, settings, QuoteQuery(speakers=("Honour V. Tressillian",), copies=True)).total == 1
    named = sorted(people_of_stories(client, IndexNames(settings.prefix)))
    assert [name for name, _ in named] == ["Honor Tressillian"] * 2 + ["Honour V. Tressillian", "Zoë Märker"]


@pytest.mark.stack
def test_a_story_with_all_that_belongs_to_it(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    page = story(client, settings, "bridge")
    assert page is not None
    assert page.story["body"].startswith("Five people")
    assert [copy.story_id for copy in page.copies] == ["bridge-copy"]
    assert [quote["speaker"] for quote in page.quotes] == ["Honor Tressillian"]
    assert [version["version_id"] for version in page.history] == ["v1"]
    assert story(client, settings, "there-is-none") is None
    assert story(client, settings, "resigns") is not None
    assert story(client, settings, "resigns", public=True) is None


@pytest.mark.stack
def test_exports_give_every_story_and_quotation_once(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    stories = [found["story_id"] for found in each_story(client, settings, Query(notices=True))]
    assert stories == ["audit", "advice", "resigns", "wine", "cafe", "bridge-copy", "bridge"]
    assert len(list(each_quote(client, settings, QuoteQuery(copies=True)))) == 3
    assert len(list(each_story(client, settings, Query(), limit=2))) == 2


@pytest.mark.stack
def test_what_the_command_line_prints(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    search(client, settings, Query(words="crosswaithe")).show(console)
    quotes(client, settings, QuoteQuery(speaker="zoe")).show(console)
    text = console.export_text()
    assert "KILLED Health secretary Crosswaithe resigns" in text
    assert "Zoë Märker: “We bake [wholly] new bread”" in text
    assert "1 quotation, " in text
    assert "more of them" not in text
    search(client, settings, Query(size=1)).show(console)
    assert "6 stories in 5 groups of copies, " in (text := console.export_text())
    assert "show more with --size" in text
    found = json.loads(search(client, settings, Query(words="crosswaithe")).to_json())
    assert (found["total"], found["hits"][0]["story_id"]) == (1, "resigns")


ODD = [
    '"',
    "-",
    "*",
    "((",
    "a AND",
    "/re/",
    "-*",
    '-"',
    "~1",
    "\\",
    "^",
    "x" * 3000,
    "[1 TO",
    "\x00\x02",
    "🙂",
    '"" ""',
    "- -a",
]


@pytest.mark.stack
@pytest.mark.parametrize("words", ODD)
def test_odd_input_is_an_ordinary_search(client: Elasticsearch, settings: ElasticsearchSettings, words: str) -> None:
    assert search(client, settings, Query(words=words)).total >= 0
    assert quotes(client, settings, QuoteQuery(words=words, speaker=words)).total >= 0


@pytest.mark.stack
@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=20)), min_size=1, max_size=20))
def test_any_input_is_an_ordinary_search(
    client: Elasticsearch, settings: ElasticsearchSettings, typed: list[tuple[str, str]]
) -> None:
    stories = [
        {"query": story_query(Query(words=words, entity=name, speaker=name)), "highlight": story_highlight(words)}
        for words, name in typed
    ]
    said = [{"query": quote_query(QuoteQuery(words=words, speaker=name)), "highlight": quote_highlight(words)}
            for words, name in typed]  # fmt: skip
    assert len(run_searches(client, search_alias(settings, "stories", public=False), stories)) == len(typed)
    assert len(run_searches(client, search_alias(settings, "quotes", public=False), said)) == len(typed)


@pytest.mark.stack
def test_missing_indices_and_a_server_away_are_told_apart(
    client: Elasticsearch, settings: ElasticsearchSettings
) -> None:
    with pytest.raises(ConfigurationError, match="wiredesk index init"):
        search(client, settings.model_copy(update={"prefix": "none-"}), Query())
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        away = settings.model_copy(update={"url": f"http://127.0.0.1:{nobody_listens.getsockname()[1]}"})
        with elasticsearch_client(away) as nobody, pytest.raises(UnreachableError):
            search(nobody, away, Query())
