"""From an enriched story to the documents of the three indices. Pure: the same event, the same documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pipeline.events import (
    Cluster,
    Content,
    EnrichedStory,
    Enrichment,
    Entity,
    EntityLabel,
    Quote,
)
from pipeline.events.item import Media, Value
from pipeline.events.languages import primary_language
from pipeline.index.analyzers import analyzed_language
from pipeline.index.history import versions_field
from pipeline.index.links import safe_link
from pipeline.index.meaning import meaning_field
from pipeline.index.persons import person_name
from pipeline.index.subjects import codes, labels

_PERSON: frozenset[EntityLabel] = frozenset({"PERSON"})
_FACETS: dict[str, frozenset[EntityLabel]] = {
    "people": _PERSON,
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
        story: its newest version.
        indexed: since when this version is searchable: live searches and alerts ask for it, because a story may have
            been delayed.
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
        "versions": versions_field(story),
        "first_seen": story.first_seen,
        "first_created": story.first_created,
        "version_created": story.version_created,
        "received": story.received,
        "indexed": indexed,
        "tags": story.tags,
        "rights": story.rights,
        **_content(story.content),
        **_cluster_fields(story.cluster),
        **_enrichment_fields(story.enrichment),
        "language": language_of_story(story),
        "by_language": _by_language(story),
        "meaning": meaning_field(story.meaning),
    }
    return _without_empty(document)


def _by_language(story: EnrichedStory) -> dict[str, list[str]] | None:
    """The words of a story that is not in English, under its language."""
    code, content = analyzed_language(language_of_story(story)), story.content
    texts = [text for text in (content.headline, content.subheadline, content.description, content.body) if text]
    return {code: texts} if code and texts else None


def _content(content: Content) -> dict[str, Any]:
    return {
        **{name: getattr(content, name) for name in _CONTENT_FIELDS},
        "link": safe_link(content.link),
        "expires": content.expires,
        "authors": [author.name for author in content.authors],
        "body_html": {"html": content.body_html} if content.body_html else None,
        "subjects": labels(content.subjects),
        "subject_codes": codes(content.subjects),
        "media": _items([medium.model_copy(update={"href": safe_link(medium.href)}) for medium in content.media]),
        **_media_fields(content.media),
        "links": _items([link for link in content.links if safe_link(link.href)]),
    }


def _media_fields(media: Sequence[Media]) -> dict[str, Any]:
    """What can be searched of media: the longest duration, addresses of transcripts, the first small picture."""
    pictures = [one for one in media if one.rendition in {"thumbnail", "image"} or (one.type or "").startswith("image")]
    return {
        "duration": max((one.duration for one in media if one.duration), default=None),
        "transcripts": [link for one in media if one.rendition == "transcript" and (link := safe_link(one.href))],
        "thumbnail": next((link for one in pictures if (link := safe_link(one.href))), None),
    }


def _cluster_fields(cluster: Cluster) -> dict[str, Any]:
    return {
        "cluster_id": cluster.cluster_id,
        "duplicate_of": cluster.duplicate_of,
        "similarity": cluster.similarity,
        "containment": cluster.containment,
        "leading": cluster.duplicate_of is None,
        "event_id": cluster.event_id,
    }


def _enrichment_fields(enrichment: Enrichment) -> dict[str, Any]:
    return {
        **{facet: _facet(enrichment.entities, labels) for facet, labels in _FACETS.items()},
        "persons": _unique(person_name(entity.name, entity.id) for entity in _named(enrichment.entities, _PERSON)),
        "locations": [
            {"lat": entity.point[0], "lon": entity.point[1]} for entity in enrichment.entities if entity.point
        ],
        "entity_ids": [entity.id for entity in enrichment.entities if entity.id],
        "entities": _items(enrichment.entities),
        "speakers": _unique(quote.speaker for quote in enrichment.quotes),
        "persons_quoted": _unique(person_name(quote.speaker, quote.speaker_id) for quote in enrichment.quotes),
        "quotes": _items(enrichment.quotes),
        "quote_count": len(enrichment.quotes),
        "enrichment_status": enrichment.status,
        "enrichment_model": enrichment.model,
        "language_confidence": enrichment.language_confidence,
    }


def _items(values: Sequence[Value]) -> dict[str, Any] | None:
    """Values that are stored and shown but not searched, as one object that is not indexed."""
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
    return _unique(entity.name for entity in _named(entities, labels))


def _named(entities: tuple[Entity, ...], labels: frozenset[EntityLabel]) -> list[Entity]:
    return sorted((entity for entity in entities if entity.label in labels), key=lambda entity: -entity.salience)


def _unique(names: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))


def language_of_story(story: EnrichedStory) -> str | None:
    """The feed's tag, such as ``en-GB``, unless the text is in another language than the feed says."""
    said, told = story.content.language, story.enrichment.language
    if said and told and primary_language(said) != told:
        return told
    return said or told


def quote_count(story: EnrichedStory) -> int:
    """How many documents ``quote_documents`` makes."""
    return 0 if story.killed else len(story.enrichment.quotes)


def quote_documents(story: EnrichedStory) -> list[tuple[str, dict[str, Any]]]:
    """``_id`` and document of each quotation; ids are the story's with the position, so that a newer version of the
    story overwrites them one by one.
    """
    if story.killed:  # whatever its event carries
        return []
    shared = {
        **_flags(story),
        "story_id": story.story_id,
        "index_version": story.index_version,
        "headline": story.content.headline,
        "provider": story.provider,
        "language": language_of_story(story),
        "cluster_id": story.cluster.cluster_id,
        "leading": story.cluster.duplicate_of is None,
        "link": safe_link(story.content.link),
        "lane": story.lane,
        "first_seen": story.first_seen,
        "version_created": story.version_created,
    }
    return [
        (quote_id(story.story_id, position), _without_empty({**shared, "position": position, **_quote(quote)}))
        for position, quote in enumerate(story.enrichment.quotes)
    ]


def quote_id(story_id: str, position: int) -> str:
    """``_id`` of the quotation at a position of a story."""
    return f"{story_id}:{position}"


def _quote(quote: Quote) -> dict[str, Any]:
    names = (
        "text", "type", "speaker", "speaker_id", "role", "source", "cue", "rule", "resolved", "confidence",
        "start", "end",
    )  # fmt: skip
    person = person_name(quote.speaker, quote.speaker_id)
    return {name: getattr(quote, name) for name in names} | {"person": person, "words": without_brackets(quote.text)}


def without_brackets(text: str) -> str:
    """A quotation for searching: words in an editor's brackets count as said, a bracketed ellipsis is removed."""
    return _SPACES.sub(" ", _BRACKETS.sub(lambda match: match[1] if match[1].strip(". …") else "", text)).strip()


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None and value not in ((), [], "")}
