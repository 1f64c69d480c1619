"""The indices: names, settings, mappings, aliases. The one place that says what type a field has; what it means is said
in ``fields.yaml``, which needs an entry for every field here.

Three bases, each with an alias of its name, and a public alias (``stories-public``) that leaves out what readers must
not see: killed, withheld, embargoed until its time, advisories, tests. Mappings are strict: the server refuses a field
that is not here and never guesses its type. The templates use nothing that a bare server lacks, so the local stack
and a full Elasticsearch 9.x get the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pipeline.index.analyzers import analyzers
from pipeline.settings import ElasticsearchSettings

Base = Literal["stories", "stories-history", "quotes"]
BASES: tuple[Base, ...] = ("stories", "stories-history", "quotes")

_KEYWORD: dict[str, Any] = {"type": "keyword", "ignore_above": 1024}
_DATE: dict[str, Any] = {"type": "date"}
_FLAG: dict[str, Any] = {"type": "boolean"}
_INTEGER: dict[str, Any] = {"type": "integer"}
_LONG: dict[str, Any] = {"type": "long"}
_FLOAT: dict[str, Any] = {"type": "float"}
#: Kept and shown, not searched.
_STORED: dict[str, Any] = {"type": "object", "enabled": False}
_STORED_TEXT: dict[str, Any] = {"type": "keyword", "index": False, "doc_values": False, "ignore_above": 8191}
#: English words with their stems, and in a sub-field the words as they are, without case and accents.
_ENGLISH: dict[str, Any] = {
    "type": "text",
    "analyzer": "english",
    "fields": {"plain": {"type": "text", "analyzer": "folded"}},
}
#: Whole numbers from -127 to 127. What the server would add by default is written out: a mapping is compared with it.
_VECTOR: dict[str, Any] = {
    "type": "dense_vector",
    "element_type": "byte",
    "dims": 512,
    "index": True,
    "similarity": "cosine",
    "index_options": {"type": "hnsw", "m": 16, "ef_construction": 100},
}
_NAMES: dict[str, Any] = {"type": "text", "analyzer": "folded"}
_HEADLINE: dict[str, Any] = {
    **_ENGLISH,
    "fields": {**_ENGLISH["fields"], "raw": {"type": "keyword", "ignore_above": 512}},
}

#: The words of a story that is not in English, under its language, so that they are found in any grammatical form.
_BY_LANGUAGE: dict[str, Any] = {
    "type": "object",
    "properties": {code: {"type": "text", "analyzer": analyzer} for code, analyzer in analyzers().items()},
}


def _named(*copy_to: str) -> dict[str, Any]:
    return {**_KEYWORD, "copy_to": list(copy_to)}


_FLAGS: dict[str, Any] = {
    "killed": _FLAG,
    "withheld": _FLAG,
    "advisory": _FLAG,
    "test": _FLAG,
    "embargoed": _DATE,
}

_STORIES: dict[str, Any] = {
    **_FLAGS,
    "story_id": _KEYWORD,
    "provider": _KEYWORD,
    "item_id": _KEYWORD,
    "connectors": _KEYWORD,
    "lane": _KEYWORD,
    "index_version": _LONG,
    "version": _KEYWORD,
    "version_rank": _LONG,
    "kind": _KEYWORD,
    "update_count": _INTEGER,
    "pubstatus": _KEYWORD,
    "correction": _FLAG,
    "correction_note": _NAMES,
    "signals": _KEYWORD,
    "versions": _STORED,
    "first_seen": _DATE,
    "first_created": _DATE,
    "version_created": _DATE,
    "received": _DATE,
    "indexed": _DATE,
    "expires": _DATE,
    "headline": _HEADLINE,
    "subheadline": _ENGLISH,
    "kicker": _NAMES,
    "slugline": {**_KEYWORD, "fields": {"words": _NAMES}},
    "byline": _NAMES,
    "authors": _named("names"),
    "dateline": _KEYWORD,
    "located": _KEYWORD,
    "language": _KEYWORD,
    "description": _ENGLISH,
    "body": _ENGLISH,
    "body_html": _STORED,
    "by_language": _BY_LANGUAGE,
    "urgency": _INTEGER,
    "priority": _INTEGER,
    "type": _KEYWORD,
    "genre": _KEYWORD,
    "subjects": _KEYWORD,
    "subject_codes": _KEYWORD,
    "keywords": _KEYWORD,
    "media": _STORED,
    "duration": _INTEGER,
    "transcripts": _KEYWORD,
    "thumbnail": _KEYWORD,
    "links": _STORED,
    "link": _KEYWORD,
    "source": _KEYWORD,
    "copyrightnotice": _STORED_TEXT,
    "usageterms": _STORED_TEXT,
    "ednote": _NAMES,
    "tags": _KEYWORD,
    "rights": _KEYWORD,
    "cluster_id": _KEYWORD,
    "duplicate_of": _KEYWORD,
    "similarity": _FLOAT,
    "containment": _FLOAT,
    "leading": _FLAG,
    "event_id": _KEYWORD,
    "people": _named("names"),
    "persons": _named("names"),
    "organisations": _named("names"),
    "places": _named("names"),
    "locations": {"type": "geo_point"},
    "nationalities": _KEYWORD,
    "events": _named("names"),
    "entity_ids": _KEYWORD,
    "names": _NAMES,
    "entities": _STORED,
    "speakers": _named("names"),
    "persons_quoted": _named("names"),
    "quotes": _STORED,
    "quote_count": _INTEGER,
    "enrichment_status": _KEYWORD,
    "enrichment_model": _KEYWORD,
    "language_confidence": _FLOAT,
    "meaning": _VECTOR,
}

_HISTORY: dict[str, Any] = {
    **_FLAGS,
    "story_id": _KEYWORD,
    "version_id": _KEYWORD,
    "version_rank": _LONG,
    "version": _KEYWORD,
    "provider": _KEYWORD,
    "kind": _KEYWORD,
    "pubstatus": _KEYWORD,
    "signals": _KEYWORD,
    "versioncreated": _DATE,
    "received": _DATE,
    "supersedes": _KEYWORD,
    "superseded_by": _KEYWORD,
    "headline": _ENGLISH,
    "body": _ENGLISH,
    "ednote": _NAMES,
    "index_version": _LONG,
}

_QUOTES: dict[str, Any] = {
    **_FLAGS,
    "hidden": _FLAG,
    "places": {**_INTEGER, "index": False},
    "story_id": _KEYWORD,
    "index_version": _LONG,
    "position": _INTEGER,
    "text": _ENGLISH,
    "words": _ENGLISH,
    "type": _KEYWORD,
    "speaker": {**_KEYWORD, "fields": {"words": _NAMES}},
    "speaker_id": _KEYWORD,
    "person": {**_KEYWORD, "fields": {"words": _NAMES}},
    "role": {**_KEYWORD, "fields": {"words": _NAMES}},
    "source": _NAMES,
    "cue": _KEYWORD,
    "rule": _KEYWORD,
    "resolved": _FLAG,
    "confidence": _FLOAT,
    "start": _INTEGER,
    "end": _INTEGER,
    "headline": _HEADLINE,
    "provider": _KEYWORD,
    "language": _KEYWORD,
    "cluster_id": _KEYWORD,
    "leading": _FLAG,
    "link": _KEYWORD,
    "lane": _KEYWORD,
    "first_seen": _DATE,
    "version_created": _DATE,
}

_PROPERTIES: dict[Base, dict[str, Any]] = {"stories": _STORIES, "stories-history": _HISTORY, "quotes": _QUOTES}

#: What readers may see; evaluated at the time of the search, so that an embargo ends without a new write.
PUBLIC_FILTER: dict[str, Any] = {
    "bool": {
        "must_not": [
            {"term": {"killed": True}},
            {"term": {"withheld": True}},
            {"term": {"advisory": True}},
            {"term": {"test": True}},
            {"range": {"embargoed": {"gt": "now"}}},
        ]
    }
}
#: What nobody sees: places of quotations that older versions had, and registers (pipeline/index/registers.py).
_HIDDEN: dict[str, Any] = {"term": {"hidden": True}}


def alias_filter(base: Base, *, public: bool) -> dict[str, Any] | None:
    """The filter of a base's alias; ``None``: it shows everything."""
    hidden = [_HIDDEN] if base == "quotes" else []
    if public:
        return {"bool": {"must_not": [*PUBLIC_FILTER["bool"]["must_not"], *hidden]}}
    return {"bool": {"must_not": hidden}} if hidden else None


@dataclass(frozen=True)
class IndexNames:
    """Names of one installation's indices and aliases, under its prefix."""

    prefix: str

    def alias(self, base: Base) -> str:
        """What is written to and searched by editors: everything."""
        return f"{self.prefix}{base}"

    def public(self, base: Base) -> str:
        """What is searched by readers."""
        return f"{self.prefix}{base}-public"

    def index(self, base: Base, generation: int) -> str:
        """The index itself; a rebuild makes the next generation."""
        return f"{self.prefix}{base}-{generation:06d}"

    def pattern(self, base: Base) -> str:
        """Matches all generations of this base and of no other."""
        return f"{self.prefix}{base}-0*"

    def template(self, base: Base) -> str:
        return f"{self.prefix}wiredesk-{base}"


def index_body(base: Base, settings: ElasticsearchSettings) -> dict[str, Any]:
    """Settings and mappings of one index, as ``PUT /index`` and a template's ``template`` take them."""
    return {
        "settings": {
            "number_of_shards": settings.shards,
            "number_of_replicas": settings.replicas,
            "refresh_interval": "1s",
            "mapping": {"ignore_malformed": False},
            "analysis": {
                "analyzer": {
                    "folded": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "asciifolding"]}
                }
            },
        },
        "mappings": {"dynamic": "strict", "properties": _PROPERTIES[base]},
    }


def template_body(base: Base, settings: ElasticsearchSettings) -> dict[str, Any]:
    """The composable index template of one base."""
    return {
        "index_patterns": [IndexNames(settings.prefix).pattern(base)],
        "priority": 200,
        "template": index_body(base, settings),
        "_meta": {"made_by": "wiredesk index init"},
    }


def fields(base: Base) -> dict[str, Any]:
    """The mapping's properties, for checks against it."""
    return _PROPERTIES[base]
