"""Every panel's question asked of the real Elasticsearch, and its answer compared with one counted by hand.

Kibana turns a Lens layer into an aggregation and KQL into a query; both are done here for the part of them that our
dashboards use. The documents are written by the index stage's own writer. The expected numbers are counted in Python
from the same documents.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, Entity, HistoryEntry, Quote
from pipeline.events.item import Subject
from pipeline.index.mapping import BASES, IndexNames
from tests.indices import made_indices, write_stories
from tests.kibana.kql import Json, Kql, holds

pytestmark = pytest.mark.stack

SHIPPED = Path(__file__).parents[2] / "deploy" / "kibana" / "wiredesk.ndjson"
OBJECTS: list[dict[str, Any]] = [json.loads(line) for line in SHIPPED.read_bytes().splitlines()]
VIEWS = {entry["id"]: entry["attributes"]["title"] for entry in OBJECTS if entry["type"] == "index-pattern"}
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.mark.parametrize("text", ["lane live", "a: b and", "(a: b", "a: b) or c: d", "a = b"])
def test_invalid_kql_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, IndexError, KeyError)):
        Kql(text).parse()


# Lens

_METRICS = {"unique_count": "cardinality", "sum": "sum", "average": "avg", "max": "max"}


def aggregation(layer: Json) -> Json:
    """The aggregation of a layer: its groups nested in their order, numbers in the innermost one."""
    columns = layer["columns"]
    order = layer["columnOrder"]
    numbers = {name: _number(columns[name]) for name in order if not columns[name]["isBucketed"]}
    inner = {name: body for name, body in numbers.items() if body}
    for name in reversed([name for name in order if columns[name]["isBucketed"]]):
        column = columns[name]
        if column["operationType"] == "date_histogram":
            body: Json = {"date_histogram": {"field": column["sourceField"], "fixed_interval": "1h"}}
        else:
            params = column["params"]
            by = params["orderBy"]["columnId"]
            path = "_count" if not numbers[by] else f"{by}>number.value" if "filter" in numbers[by] else by
            # A group outside of another one is ordered by its own size: its count is a number of the inner one.
            path = path if by in inner else "_count"
            body = {"terms": {"field": column["sourceField"], "size": params["size"], "order": {path: "desc"}}}
        inner = {name: {**body, "aggs": inner} if inner else body}
    return inner


def _number(column: Json) -> Json:
    operation = column["operationType"]
    body = {} if operation == "count" else {_METRICS[operation]: {"field": column["sourceField"]}}
    if "filter" not in column:
        return body
    query = Kql(column["filter"]["query"]).parse()
    return {"filter": query, "aggs": {"number": body}} if body else {"filter": query}


# documents


#: Latitude and longitude; each in another quarter of the world.
_PORTS = ((59.9, 10.7), (-33.9, 18.4), (40.7, -74.0))


def _name(label: str, number: int, size: int) -> str:
    """People have two spellings."""
    return f"{label} {'nr. ' if label == 'PERSON' and number % 2 else ''}{number % size}"


def _id(label: str, number: int) -> str | None:
    """All but one of the people have an id."""
    return f"person:person-{number % 7}" if label == "PERSON" and number % 7 else None


def _story(number: int) -> EnrichedStory:
    """Stories that differ in everything that a panel looks at, by the number's remainders."""
    killed, test = number % 20 == 19, number % 20 == 18
    kind: Any = "kill" if killed else "correction" if number % 7 == 3 else "new"
    time = NOW - timedelta(minutes=37 * (number % 30))
    id_ = f"s{number}"
    return EnrichedStory(
        story_id=id_, provider=f"Agency {number % 3}", item_id=id_, connectors=(f"feed-{number % 4}",),
        lane="backfill" if number % 5 == 4 else "live", index_version=1, version_rank=1, kind=kind,
        update_count=number % 3, killed=killed, correction=kind == "correction", test=test,
        pubstatus="canceled" if killed else "withheld" if number % 20 == 17 else "usable",
        first_seen=time, first_created=time, version_created=time, received=time,
        content=Content(
            headline=f"Story {number}", body="Calm.", urgency=1 + number % 6, language="en",
            subjects=(Subject(code="15000000", name=f"subject {number % 6}"),),
            embargoed=NOW + timedelta(days=1) if number % 20 == 16 else None,
        ),
        cluster=Cluster(cluster_id=id_, duplicate_of="s0" if number % 4 == 1 else None),
        enrichment=Enrichment(
            language="en",
            entities=tuple(
                Entity(label=label, name=_name(label, number, size), id=_id(label, number))  # type: ignore[arg-type]
                for label, size in (("PERSON", 7), ("ORG", 5), ("GPE", 4), ("NORP", 3))
            ) + ((Entity(label="GPE", name="Port", point=_PORTS[number % 3]),) if number % 6 else ()),
            quotes=tuple(
                Quote(type="direct" if n else "indirect", text="Calm", start=0, end=4, speaker=_name("PERSON", number, 7),
                      speaker_id=_id("PERSON", number), role=f"role {number % 2}", cue="said", resolved=n == 0)
                for n in range(0 if killed else number % 3)
            ),
        ),
        history=(HistoryEntry(story_id=id_, version_id="v1", version_rank=1, kind=kind, received=time),),
    )  # fmt: skip


@pytest.fixture(scope="module")
def wire(stack: Any) -> Iterator[tuple[Elasticsearch, str, dict[str, list[Json]]]]:
    with made_indices(stack.elasticsearch) as (settings, client):
        names = IndexNames(settings.prefix)
        write_stories(settings, *map(_story, range(240)))
        documents: dict[str, list[Json]] = {}
        for base in BASES:
            hits = client.search(index=names.alias(base), size=1000)["hits"]["hits"]
            everything = [_with_times(hit["_source"]) for hit in hits]
            documents[base] = everything
            documents[f"{base}-public"] = [entry for entry in everything if _public(entry)]
        yield client, settings.prefix, documents


def _with_times(document: Json) -> Json:
    times = {"received", "version_created", "embargoed", "first_seen"}
    given = {name: value for name, value in document.items() if value is not None}  # null is not indexed
    return {name: datetime.fromisoformat(value) if name in times else value for name, value in given.items()}


def _public(document: Json) -> bool:
    flags = any(document.get(name) for name in ("killed", "withheld", "advisory", "test"))
    return not flags and not ("embargoed" in document and document["embargoed"] > NOW)


# the panels


def _layers() -> list[Any]:
    found = []
    for entry in OBJECTS:
        if entry["type"] != "dashboard":
            continue
        for panel in json.loads(entry["attributes"]["panelsJSON"]):
            if panel["type"] == "lens":
                attributes = panel["embeddableConfig"]["attributes"]
                (layer,) = attributes["state"]["datasourceStates"]["formBased"]["layers"].values()
                query = attributes["state"]["query"]["query"]
                view = VIEWS[attributes["references"][0]["id"]]
                found.append(pytest.param(view, query, layer, id=f"{entry['id']}-{panel['title']}"))
    return found


_COUNT: dict[str, Callable[[str, list[Json]], Any]] = {
    "count": lambda _, documents: len(documents),
    "unique_count": lambda field, documents: len({value for entry in documents for value in _values(entry, field)}),
    "sum": lambda field, documents: sum(entry.get(field, 0) for entry in documents),
    "average": lambda field, documents: _mean([entry[field] for entry in documents if field in entry]),
    "max": lambda field, documents: max((entry[field].timestamp() * 1000 for entry in documents), default=None),
}


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _values(document: Json, field: str) -> list[Any]:
    value = document.get(field, [])
    return list(value) if isinstance(value, list) else [value]


def _expected(column: Json, documents: list[Json]) -> Any:
    if "filter" in column:
        query = Kql(column["filter"]["query"]).parse()
        documents = [entry for entry in documents if holds(query, entry, NOW)]
    return _COUNT[column["operationType"]](column["sourceField"], documents)


def _found(column: Json, name: str, bucket: Json, count: int) -> Any:
    body = bucket.get(name)
    if body is None:
        return count
    if "filter" in column:
        return body["number"]["value"] if "number" in body else body["doc_count"]
    return body["value"]


@pytest.mark.parametrize(("view", "query", "layer"), _layers())
def test_panel(wire: tuple[Elasticsearch, str, dict[str, list[Json]]], view: str, query: str, layer: Json) -> None:
    client, prefix, documents = wire
    tree = Kql(query).parse()
    chosen = [entry for entry in documents[view] if holds(tree, entry, NOW)]
    assert chosen, "the sample holds nothing for this panel"
    answer = client.search(index=f"{prefix}{view}", size=0, query=tree, aggs=aggregation(layer), track_total_hits=True)
    total = answer["hits"]["total"]["value"]
    assert total == len(chosen)
    columns = layer["columns"]
    groups = [name for name in layer["columnOrder"] if columns[name]["isBucketed"]]
    numbers = [name for name in layer["columnOrder"] if not columns[name]["isBucketed"]]
    if not groups:
        for name in numbers:
            value = _found(columns[name], name, answer.get("aggregations", {}), total)
            assert value == pytest.approx(_expected(columns[name], chosen))
            assert value, "non-empty"
        return
    first = columns[groups[0]]
    buckets = answer["aggregations"][groups[0]]["buckets"]
    if first["operationType"] == "date_histogram":
        assert sum(bucket["doc_count"] for bucket in buckets) == len(chosen)
        return
    by_value = Counter(value for entry in chosen for value in _values(entry, first["sourceField"]))
    assert {bucket["key"]: bucket["doc_count"] for bucket in buckets} == by_value
    sizes = [bucket["doc_count"] for bucket in buckets]
    assert sizes == sorted(sizes, reverse=True)
    for bucket in buckets:
        inside = [entry for entry in chosen if bucket["key"] in _values(entry, first["sourceField"])]
        if len(groups) == 2:
            times = bucket[groups[1]]["buckets"]
            assert sum(part["doc_count"] for part in times) == len(inside)
            continue
        for name in numbers:
            value = _found(columns[name], name, bucket, bucket["doc_count"])
            assert value == pytest.approx(_expected(columns[name], inside))


def _maps() -> list[Any]:
    found = []
    for entry in OBJECTS:
        views = {reference["name"]: reference["id"] for reference in entry["references"]}
        for panel in json.loads(entry["attributes"].get("panelsJSON", "[]")):
            if panel["type"] == "map":
                _, layer = json.loads(panel["embeddableConfig"]["attributes"]["layerListJSON"])
                reference = f"{panel['panelIndex']}:{layer['sourceDescriptor']['indexPatternRefName']}"
                found.append(pytest.param(VIEWS[views[reference]], layer, id=panel["title"]))
    return found


@pytest.mark.parametrize(("view", "layer"), _maps())
def test_a_map_counts_the_stories_of_each_place(
    wire: tuple[Elasticsearch, str, dict[str, list[Json]]], view: str, layer: Json
) -> None:
    """Kibana asks for the cells of a grid of tiles, the middle of their points, and the layer's numbers."""
    client, prefix, documents = wire
    source = layer["sourceDescriptor"]
    tree = Kql(layer["query"]["query"]).parse()
    placed = [entry for entry in documents[view] if entry.get(source["geoField"]) and holds(tree, entry, NOW)]
    numbers = {one["label"]: one for one in source["metrics"] if one["type"] != "count"}
    aggs: Json = {label: {one["type"]: {"field": one["field"]}} for label, one in numbers.items()}
    aggs["middle"] = {"geo_centroid": {"field": source["geoField"]}}
    grid = {"gridSplit": {"geotile_grid": {"field": source["geoField"], "precision": 1}, "aggs": aggs}}
    answer = client.search(index=f"{prefix}{view}", size=0, query=tree, aggs=grid)
    cells = answer["aggregations"]["gridSplit"]["buckets"]
    by_place: dict[tuple[float, float], list[Json]] = {port: [] for port in _PORTS}
    for entry in placed:
        (point,) = entry[source["geoField"]]
        by_place[point["lat"], point["lon"]].append(entry)
    assert len(cells) == len(_PORTS)
    for cell in cells:
        middle = cell["middle"]["location"]
        (inside,) = [
            entries for (lat, lon), entries in by_place.items()
            if abs(lat - middle["lat"]) < 0.01 and abs(lon - middle["lon"]) < 0.01
        ]  # fmt: skip
        assert cell["doc_count"] == len(inside) > 0
        for label, one in numbers.items():
            assert cell[label]["value"] == len({value for entry in inside for value in _values(entry, one["field"])})


@pytest.mark.parametrize("entry", [entry for entry in OBJECTS if entry["type"] == "search"], ids=lambda e: e["id"])
def test_saved_search(wire: tuple[Elasticsearch, str, dict[str, list[Json]]], entry: Json) -> None:
    client, prefix, documents = wire
    attributes = entry["attributes"]
    view = VIEWS[entry["references"][0]["id"]]
    text = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])["query"]["query"]
    tree = Kql(text).parse()
    chosen = [found for found in documents[view] if holds(tree, found, NOW)]
    sort = [{field: direction} for field, direction in attributes["sort"]]
    answer = client.search(index=f"{prefix}{view}", size=1000, query=tree, sort=sort)
    hits = [hit["_source"] for hit in answer["hits"]["hits"]]
    assert len(hits) == len(chosen) > 0
    # The same condition in Lucene's syntax, which the server itself parses.
    lucene = re.sub(r"\b(and|or|not)\b", lambda match: match[0].upper(), text)
    same = client.count(index=f"{prefix}{view}", query={"query_string": {"query": lucene}})["count"]
    assert same == len(chosen)
    field = attributes["sort"][0][0]
    times = [hit[field] for hit in hits]
    assert times == sorted(times, reverse=True)


def test_every_alias_answers(wire: tuple[Elasticsearch, str, dict[str, list[Json]]]) -> None:
    client, prefix, documents = wire
    for title in VIEWS.values():
        assert client.count(index=f"{prefix}{title}")["count"] == len(documents[title]) > 0
