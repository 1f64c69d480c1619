"""What a mapping change needs, and whether the real server agrees; pruning."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import ApiError, Elasticsearch
from typer.testing import CliRunner

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.cli.index import app
from pipeline.events.errors import ConfigurationError
from pipeline.index import admin
from pipeline.index.diff import applicable, compare, compare_analysis
from pipeline.index.mapping import BASES, IndexNames, fields, index_body
from pipeline.index.prune import count_older, prune
from pipeline.settings import ElasticsearchSettings
from tests.indices import own_indices

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

#: name of the case, mapping there, mapping wanted, what it needs by our account.
CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("a new field", {}, {"f": {"type": "keyword"}}, "in place"),
    ("a new object", {}, {"f": {"type": "object", "enabled": False}}, "in place"),
    ("another type", {"f": {"type": "keyword"}}, {"f": {"type": "integer"}}, "rebuild"),
    ("text to keyword", {"f": {"type": "text"}}, {"f": {"type": "keyword"}}, "rebuild"),
    ("an analyser", {"f": {"type": "text"}}, {"f": {"type": "text", "analyzer": "english"}}, "rebuild"),
    ("a sub-field", {"f": {"type": "text"}}, {"f": {"type": "text", "fields": {"g": {"type": "keyword"}}}}, "in place"),
    ("a longer limit", {"f": {"type": "keyword", "ignore_above": 10}}, {"f": {"type": "keyword", "ignore_above": 99}},
     "in place"),
    ("not indexed", {"f": {"type": "keyword"}}, {"f": {"type": "keyword", "index": False}}, "rebuild"),
    ("no doc values", {"f": {"type": "keyword"}}, {"f": {"type": "keyword", "doc_values": False}}, "rebuild"),
    ("copied", {"f": {"type": "keyword"}, "g": {"type": "text"}},
     {"f": {"type": "keyword", "copy_to": ["g"]}, "g": {"type": "text"}}, "in place"),
    ("an object switched off", {"f": {"type": "object"}}, {"f": {"type": "object", "enabled": False}}, "rebuild"),
    ("a property", {"f": {"properties": {"a": {"type": "long"}}}},
     {"f": {"properties": {"a": {"type": "long"}, "b": {"type": "long"}}}}, "in place"),
]  # fmt: skip


@pytest.fixture
def settings(stack: Any) -> Iterator[ElasticsearchSettings]:
    with own_indices(stack.elasticsearch) as settings:
        yield settings


@pytest.mark.parametrize("base", BASES)
def test_the_same_is_the_same(base: Any) -> None:
    assert compare(fields(base), fields(base)) == []


def test_a_field_that_is_gone_needs_nothing() -> None:
    (change,) = compare({"old": {"type": "keyword"}}, {})
    assert change.needs == "nothing"
    assert "no longer written" in change.text


def test_analysis() -> None:
    wanted = index_body("stories", ElasticsearchSettings())["settings"]["analysis"]
    assert compare_analysis(wanted, wanted) == []
    (change,) = compare_analysis({}, wanted)
    assert change.needs == "rebuild"


def test_only_what_can_be_applied_is_put() -> None:
    wanted = {"a": {"type": "long"}, "b": {"type": "keyword"}, "c": {"type": "text"}}
    assert set(applicable({"a": {"type": "keyword"}, "c": {"type": "text"}}, wanted)) == {"b", "c"}


@pytest.mark.stack
@pytest.mark.parametrize(("name", "there", "wanted", "needs"), CASES, ids=[case[0] for case in CASES])
def test_the_server_agrees(
    settings: ElasticsearchSettings, name: str, there: dict[str, Any], wanted: dict[str, Any], needs: str
) -> None:
    index = f"{settings.prefix}try"
    with elasticsearch_client(settings) as client:
        client.indices.create(index=index, mappings={"properties": there})
        stored = client.indices.get_mapping(index=index)[index]["mappings"].get("properties", {})
        changes = compare(stored, wanted)
        assert changes
        assert {change.needs for change in changes} == {needs}
        try:
            client.indices.put_mapping(index=index, properties=wanted)
            taken = True
        except ApiError:
            taken = False
        client.indices.delete(index=index)
    assert taken is (needs == "in place")


@pytest.mark.stack
def test_the_commands(settings: ElasticsearchSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "wiredesk.yaml"
    config.write_text(f"elasticsearch: {{url: '{settings.url}', prefix: '{settings.prefix}'}}\n")

    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, [*arguments, "--config", str(config)])
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    missing = CliRunner().invoke(app, ["diff", "--config", str(config)])
    assert isinstance(missing.exception, ConfigurationError)
    assert "wiredesk index init" in str(missing.exception)
    assert run("init").count("created") == 3
    assert run("init").count("present") == 3
    assert run("diff").count("matches this release") == 3
    older = deepcopy(fields("quotes"))
    del older["cue"]
    index = IndexNames(settings.prefix).index("quotes", 1)
    with elasticsearch_client(settings) as client:
        client.indices.delete(index=index)
        body = index_body("quotes", settings)
        client.options(ignore_status=400).indices.delete_index_template(
            name=IndexNames(settings.prefix).template("quotes")
        )
        client.indices.create(index=index, settings=body["settings"],
                              mappings={"dynamic": "strict", "properties": older})  # fmt: skip
        alias = IndexNames(settings.prefix).alias("quotes")
        client.indices.update_aliases(actions=[{"add": {"index": index, "alias": alias}}])
    told = run("diff", code=3)
    assert "cue is new (keyword)" in told
    assert "aliases do not have the filters of this release" in told
    applied = run("diff", "--apply")
    assert "changed in place: cue" in applied
    assert "changed the filters of its aliases" in applied
    assert run("diff").count("matches this release") == 3
    assert "0 stories" in run("prune", "--older-than", "30", "--dry-run")
    assert "no old generation" in run("drop-old")


def _document(client: Elasticsearch, names: IndexNames, number: int, first_seen: datetime) -> None:
    id_ = f"s{number}"
    lines: list[dict[str, Any]] = [
        {"index": {"_index": names.alias("stories"), "_id": id_}},
        {"story_id": id_, "first_seen": first_seen},
    ]
    for part in range(3):
        lines += [
            {"index": {"_index": names.alias("quotes"), "_id": f"{id_}:{part}"}},
            {"story_id": id_, "position": part, "hidden": part == 2},
            {"index": {"_index": names.alias("stories-history"), "_id": f"{id_}:v{part}"}},
            {"story_id": id_, "version_id": f"v{part}"},
        ]
    assert not client.bulk(operations=lines)["errors"]


@pytest.mark.stack
def test_prune_takes_old_stories_whole_and_no_other(settings: ElasticsearchSettings) -> None:
    names = IndexNames(settings.prefix)
    with elasticsearch_client(settings) as client:
        admin.init(client, settings)
        for number in range(6):
            _document(client, names, number, NOON - timedelta(days=number))
        cutoff = NOON - timedelta(days=2.5)
        assert count_older(client, settings, cutoff) == 3
        done = prune(client, settings, cutoff)
        assert (done.stories, done.versions, done.quotes, done.failed) == (3, 9, 9, 0)
        for base in BASES:
            client.indices.refresh(index=names.alias(base))
            hits = client.search(index=names.index(base, 1), size=100)["hits"]["hits"]
            assert {hit["_source"]["story_id"] for hit in hits} == {"s0", "s1", "s2"}
        assert prune(client, settings, cutoff).stories == 0
