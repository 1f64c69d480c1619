"""Creates templates, indices and aliases, and compares an index with the mapping of this release."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from elasticsearch import ApiError, BadRequestError, ConnectionTimeout, Elasticsearch, TransportError

from pipeline.events.errors import ConfigurationError, UnreachableError, WiredeskError
from pipeline.index.diff import Change, compare, compare_analysis
from pipeline.index.mapping import BASES, Base, IndexNames, alias_filter, index_body, template_body
from pipeline.index.outcomes import ItemOutcome, classify
from pipeline.settings import ElasticsearchSettings


@dataclass
class Initialised:
    """What ``index init`` found and did: indices and sentences."""

    created: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def init(client: Elasticsearch, settings: ElasticsearchSettings) -> Initialised:
    """Create what is missing, with fields and alias filters of this release; run twice, it changes nothing.

    Raises:
        UnreachableError: the server does not answer, is not ready or does not accept changes now.
        ConfigurationError: the server refuses, for instance the log-in.
    """
    names = IndexNames(settings.prefix)
    result = Initialised()
    try:
        put_templates(client, settings)
        for base in BASES:
            _init_base(client, names, base, settings, result)
    except (ApiError, TransportError) as error:
        raise server_error(error, settings.url) from error
    return result


def _init_base(
    client: Elasticsearch, names: IndexNames, base: Base, settings: ElasticsearchSettings, result: Initialised
) -> None:
    current = current_index(client, names, base)
    if current is None:
        result.created.append(create_generation(client, names, base, 1, with_aliases=True))
        return
    result.present.append(current)
    added = _add_fields(client, current, base, settings)
    result.changed += [f"{current}: added {name}" for name in added]
    if update_filters(client, names, base, current):
        result.changed.append(f"{current}: changed the filters of its aliases")
    result.differences += differences(client, current, base, settings)


def _add_fields(client: Elasticsearch, index: str, base: Base, settings: ElasticsearchSettings) -> list[str]:
    """Add the fields that this release writes and the index does not have; returns them."""
    there = client.indices.get_mapping(index=index)[index]["mappings"].get("properties", {})
    new = {
        name: field for name, field in index_body(base, settings)["mappings"]["properties"].items() if name not in there
    }
    if new:
        client.indices.put_mapping(index=index, properties=new)
    return list(new)


def update_filters(client: Elasticsearch, names: IndexNames, base: Base, index: str) -> bool:
    """Give the aliases of an index in use the filters of this release; returns whether they had others."""
    if has_filters(client, names, base, index):
        return False
    client.indices.update_aliases(actions=alias_actions(names, base, index))
    return True


def has_filters(client: Elasticsearch, names: IndexNames, base: Base, index: str) -> bool:
    """Whether the aliases of an index have the filters of this release."""
    there = client.indices.get_alias(index=index)[index]["aliases"]
    wanted = {names.alias(base): alias_filter(base, public=False), names.public(base): alias_filter(base, public=True)}
    return all(name in there and _plain(there[name].get("filter")) == _plain(wanted[name]) for name in wanted)


def _plain(value: Any) -> Any:
    """A filter without the defaults that a server adds: ``{"term": {"a": {"value": 1}}}`` is ``{"term": {"a": 1}}``."""
    if isinstance(value, dict):
        if set(value) - {"boost"} == {"value"}:
            return _plain(value["value"])
        return {name: _plain(inner) for name, inner in value.items() if name not in {"boost", "adjust_pure_negative"}}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def server_error(error: ApiError | TransportError, url: str) -> WiredeskError:
    """Whether to wait or to give up after a request to change indices failed."""
    if isinstance(error, ConnectionTimeout):
        return UnreachableError(f"Elasticsearch at {url} did not answer in time: {error}.", system="elasticsearch")
    if not isinstance(error, ApiError):
        return UnreachableError(
            f"Elasticsearch does not answer at {url}: {error}.",
            hint="Start it (wiredesk stack start), or set elasticsearch.url.",
            system="elasticsearch",
        )
    outcome = classify("index", error.status_code, str(error))
    if "flood" in str(error) or "cluster_block_exception" in str(error):
        return UnreachableError(
            f"Elasticsearch at {url} accepts no changes: {str(error)[:300]}.",
            hint="Free disk space, or remove the block from the cluster's or the index's settings.",
            system="elasticsearch",
        )
    if outcome is ItemOutcome.RETRY or error.status_code < 300:
        return UnreachableError(
            f"Elasticsearch at {url} answers {error.status_code}: {str(error)[:300]}.", system="elasticsearch"
        )
    return ConfigurationError(f"Elasticsearch at {url} refuses: {error}.")


def put_templates(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    """Put the index templates of this release; indices that exist are not touched."""
    names = IndexNames(settings.prefix)
    for base in BASES:
        client.indices.put_index_template(name=names.template(base), **_as_arguments(template_body(base, settings)))


def _as_arguments(body: dict[str, Any]) -> dict[str, Any]:
    return {("meta" if key == "_meta" else key): value for key, value in body.items()}


def current_index(client: Elasticsearch, names: IndexNames, base: Base) -> str | None:
    """The index that a base's alias points to; ``None``: the alias does not exist."""
    if not client.indices.exists_alias(name=names.alias(base)):
        return None
    return str(next(iter(client.indices.get_alias(name=names.alias(base)))))


def create_generation(
    client: Elasticsearch, names: IndexNames, base: Base, generation: int, *, with_aliases: bool
) -> str:
    """Create one index, unless another process has just created it; its settings come from the template."""
    index = names.index(base, generation)
    try:
        client.indices.create(index=index)
    except BadRequestError as error:
        if "resource_already_exists_exception" not in str(error):
            raise
    if with_aliases:
        client.indices.update_aliases(actions=alias_actions(names, base, index))
    return index


def alias_actions(names: IndexNames, base: Base, index: str, instead_of: str | None = None) -> list[dict[str, Any]]:
    """The actions that add both aliases to an index and remove them from another, in one atomic step."""
    actions: list[dict[str, Any]] = [
        _adding(index, names.alias(base), alias_filter(base, public=False)),
        _adding(index, names.public(base), alias_filter(base, public=True)),
    ]
    if instead_of:
        actions += [
            {"remove": {"index": instead_of, "alias": names.alias(base)}},
            {"remove": {"index": instead_of, "alias": names.public(base)}},
        ]
    return actions


def _adding(index: str, alias: str, shown: dict[str, Any] | None) -> dict[str, Any]:
    return {"add": {"index": index, "alias": alias} | ({"filter": shown} if shown else {})}


def differences(client: Elasticsearch, index: str, base: Base, settings: ElasticsearchSettings) -> list[str]:
    """The differences between an index and the mapping of this release, in words."""
    return [f"{index}: {change.text}" for change in changes(client, index, base, settings)]


def changes(client: Elasticsearch, index: str, base: Base, settings: ElasticsearchSettings) -> list[Change]:
    """The changes that the mapping and analysis of this release need in an existing index."""
    there = client.indices.get(index=index, flat_settings=False)[index]
    body = index_body(base, settings)
    analysis = there["settings"]["index"].get("analysis", {})
    return [
        *compare_analysis(analysis, body["settings"]["analysis"]),
        *compare(there["mappings"].get("properties", {}), body["mappings"]["properties"]),
    ]
