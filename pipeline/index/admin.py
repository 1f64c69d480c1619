"""Creates templates, indices and aliases, and compares an index with the mapping of this release."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from pipeline.events.errors import ConfigurationError
from pipeline.index.diff import Change, compare, compare_analysis
from pipeline.index.mapping import BASES, PUBLIC_FILTER, Base, IndexNames, index_body, template_body
from pipeline.settings import ElasticsearchSettings


@dataclass
class Initialised:
    """What ``index init`` found and did."""

    created: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def init(client: Elasticsearch, settings: ElasticsearchSettings) -> Initialised:
    """Create what is missing; run twice, it changes nothing.

    Raises:
        ConfigurationError: no server answers, or it refuses.
    """
    names = IndexNames(settings.prefix)
    result = Initialised()
    try:
        put_templates(client, settings)
        for base in BASES:
            current = current_index(client, names, base)
            if current is None:
                create_generation(client, names, base, 1, with_aliases=True)
                result.created.append(names.index(base, 1))
            else:
                result.present.append(current)
                result.differences += differences(client, current, base, settings)
    except TransportError as error:
        raise ConfigurationError(
            f"Elasticsearch does not answer at {settings.url}: {error}.",
            hint="Start it (wiredesk stack start), or set elasticsearch.url.",
        ) from error
    except ApiError as error:
        raise ConfigurationError(f"Elasticsearch at {settings.url} refuses: {error}.") from error
    return result


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
    """Create one index; its settings and mapping come from the template."""
    index = names.index(base, generation)
    client.indices.create(index=index)
    if with_aliases:
        client.indices.update_aliases(actions=alias_actions(names, base, index))
    return index


def alias_actions(names: IndexNames, base: Base, index: str, instead_of: str | None = None) -> list[dict[str, Any]]:
    """The actions that add both aliases to an index and remove them from another, in one atomic step."""
    actions: list[dict[str, Any]] = [
        {"add": {"index": index, "alias": names.alias(base)}},
        {"add": {"index": index, "alias": names.public(base), "filter": PUBLIC_FILTER}},
    ]
    if instead_of:
        actions += [
            {"remove": {"index": instead_of, "alias": names.alias(base)}},
            {"remove": {"index": instead_of, "alias": names.public(base)}},
        ]
    return actions


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
