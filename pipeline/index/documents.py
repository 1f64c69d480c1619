"""From an enriched story to the documents of the three indices. Pure: the same event, the same documents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline.events import (
    Cluster,
    Content,
    EnrichedStory,
    Enrichment,
    Entity,
    EntityLabel,
    HistoryEntry,
    Quote,
)
from pipeline.events.item import Value
from pipeline.index.subjects import codes, labels

_FACETS: dict[str, frozenset[EntityLabel]] = {
    "people": frozenset({"PERSON"}),
    "organisations": frozenset({"ORG"}),
    "places": frozenset({"GPE", "LOC", "FAC"}),
    "nationalities": frozenset({"NORP"}),
    "events": frozenset({"EVENT"}),
}
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_SPACES = re.compile(r"\s{2,}")


def story_document(story: EnrichedStory, indexed: datetime | None = None) -> dict[str, Any]:
    """The document in ``stories``; ``_id`` is the story's id. Empty fields are left out.

    Args:
        story: as it is now.
        indexed: since when it can be found so; what is new to a search is told by this, because a story may have been
            on its way for long.
    """
    document: dict[str, Any] = {
        **_flags(story),
        "story_id": story.story_id,
        "provider": story.provider,
        "item_id": story.item_id,
        "connectors": story.connectors,
        "lane": story.lane,
        "index_version": story.index_version,
        "version": story.version,
        "version_rank": story.version_rank,
        "kind": story.kind,
        "update_count": story.update_count,
        "pubstatus": story.pubstatus,
        "correction": story.correction,
        "correction_note": story.correction_note,
        "signals": [signal.value for signal in story.signals],
        "first_seen": story.first_seen,
        "first_created": story.first_created,
        "version_created": story.version_created,
        "received": story.received,
        "indexed": indexed,
        "tags": story.tags,
        "rights": story.rights,
        **_said(story.content),
        **_among_copies(story.cluster),
        **_found_in_it(story.enrichment),
        "language": story.content.language or story.enrichment.language,
    }
    return _without_empty(document)


def _said(content: Content) -> dict[str, Any]:
    return {
        **{name: getattr(content, name) for name in _CONTENT_FIELDS},
        "expires": content.expires,
        "authors": [author.name for author in content.authors],
        "body_html": {"html": content.body_html} if content.body_html else None,
        "subjects": labels(content.subjects),
        "subject_codes": codes(content.subjects),
        "media": _items(content.media),
        "links": _items(content.links),
    }


def _among_copies(cluster: Cluster) -> dict[str, Any]:
    return {
        "cluster_id": cluster.cluster_id,
        "duplicate_of": cluster.duplicate_of,
        "similarity": cluster.similarity,
        "containment": cluster.containment,
        "leading": cluster.duplicate_of is None,
        "event_id": cluster.event_id,
    }


def _found_in_it(found: Enrichment) -> dict[str, Any]:
    return {
        **{facet: _facet(found.entities, labels) for facet, labels in _FACETS.items()},
        "entity_ids": [entity.id for entity in found.entities if entity.id],
        "entities": _items(found.entities),
        "speakers": list(dict.fromkeys(quote.speaker for quote in found.quotes if quote.speaker)),
        "quotes": _items(found.quotes),
        "quote_count": len(found.quotes),
        "enrichment_status": found.status,
        "enrichment_model": found.model,
        "language_confidence": found.language_confidence,
    }


def _items(values: Sequence[Value]) -> dict[str, Any] | None:
    """Values that are kept and shown, but not searched: under one name, as an object that is not indexed."""
    return {"items": [value.model_dump(exclude_defaults=True) for value in values]} if values else None


_CONTENT_FIELDS = (
    "headline",
    "subheadline",
    "kicker",
    "slugline",
    "byline",
    "dateline",
    "located",
    "description",
    "body",
    "urgency",
    "priority",
    "type",
    "genre",
    "keywords",
    "link",
    "source",
    "copyrightnotice",
    "usageterms",
    "ednote",
)


def _flags(story: EnrichedStory) -> dict[str, Any]:
    return {
        "killed": story.killed,
        "withheld": story.pubstatus == "withheld",
        "advisory": story.advisory,
        "test": story.test,
        "embargoed": story.content.embargoed,
    }


def _facet(entities: tuple[Entity, ...], labels: frozenset[EntityLabel]) -> list[str]:
    found = sorted((entity for entity in entities if entity.label in labels), key=lambda entity: -entity.salience)
    return list(dict.fromkeys(entity.name for entity in found))


def quote_documents(story: EnrichedStory) -> list[tuple[str, dict[str, Any]]]:
    """``_id`` and document of each quotation; ids are the story's with the place in it, so that a newer version of the
    story overwrites them one by one.
    """
    shared = {
        **_flags(story),
        "story_id": story.story_id,
        "headline": story.content.headline,
        "provider": story.provider,
        "language": story.content.language or story.enrichment.language,
        "cluster_id": story.cluster.cluster_id,
        "leading": story.cluster.duplicate_of is None,
        "link": story.content.link,
        "lane": story.lane,
        "first_seen": story.first_seen,
        "version_created": story.version_created,
    }
    return [
        (quote_id(story.story_id, position), _without_empty({**shared, "position": position, **_quote(quote)}))
        for position, quote in enumerate(story.enrichment.quotes)
    ]


def quote_id(story_id: str, position: int) -> str:
    """``_id`` of the quotation at a place of a story."""
    return f"{story_id}:{position}"


def _quote(quote: Quote) -> dict[str, Any]:
    names = ("text", "type", "speaker", "speaker_id", "role", "source", "cue", "resolved", "confidence", "start", "end")
    return {name: getattr(quote, name) for name in names} | {"words": without_brackets(quote.text)}


def without_brackets(text: str) -> str:
    """A quotation for searching: words that an editor put in brackets are taken as said, an ellipsis as nothing."""
    return _SPACES.sub(" ", _BRACKETS.sub(lambda match: match[1] if match[1].strip(". …") else "", text)).strip()


def history_documents(story: EnrichedStory) -> list[tuple[str, dict[str, Any]]]:
    """``_id`` and document of every version known."""
    return [(f"{entry.story_id}:{entry.version_id}", _history(story, entry)) for entry in story.history]


def _history(story: EnrichedStory, entry: HistoryEntry) -> dict[str, Any]:
    document = entry.model_dump(
        include={
            "story_id",
            "version_id",
            "version_rank",
            "version",
            "kind",
            "pubstatus",
            "versioncreated",
            "received",
            "supersedes",
            "superseded_by",
            "headline",
            "body",
            "ednote",
            "diff",
            "embargoed",
        }
    )
    document |= {
        "provider": story.provider,
        "signals": [signal.value for signal in entry.signals],
        "killed": story.killed,
        "withheld": entry.withdrawn and not story.killed,
        "advisory": entry.kind == "advisory",
        "test": entry.kind == "test",
    }
    return _without_empty(document)


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None and value not in ((), [], "")}
