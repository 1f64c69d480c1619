"""Stories by what they say, whatever their language: the field ``meaning`` and its queries. Pure but for one request.

A story that is killed or withheld has no vector. What readers must not see is left out in the nearest-neighbour search
itself, also for editors: a story under embargo is found by its words, which an editor typed, not by its likeness.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from pipeline.index.mapping import PUBLIC_FILTER
from pipeline.index.requests import run_search, search_alias
from pipeline.settings import ElasticsearchSettings

#: Neighbours of a search; those that are less alike are not shown: short texts are less alike than long ones.
_NEAREST, _CANDIDATES = 30, 120
_LEAST_OF_WORDS, _LEAST_OF_STORY = 0.2, 0.45
#: Weight of likeness beside that of words: what has all words comes first.
_BOOST = 8.0
_MOST_ALIKE = 6
_FIELDS = ["story_id", "headline", "slugline", "item_id", "provider", "language", "first_seen"]


def meaning_field(text: str | None) -> str | None:
    """A story's vector as Elasticsearch takes it: hexadecimal bytes.

    Args:
        text: in Base64, as a story carries it.
    """
    return b64decode(text).hex() if text else None


def vector_of(story: Mapping[str, Any]) -> tuple[int, ...]:
    """The vector in a story's document, as ``meaning_field`` wrote it; empty where there is none."""
    written = story.get("meaning")
    return tuple(memoryview(bytes.fromhex(written)).cast("b")) if written else ()


def nearest(vector: Sequence[int], filters: Sequence[dict[str, Any]], least: float = _LEAST_OF_WORDS) -> dict[str, Any]:
    """The query for the stories that say the most alike.

    Args:
        vector: of the words or of a story, whole numbers from -127 to 127.
        filters: of the search; they are asked in the neighbour search, so that what they leave out takes no place.
        least: cosine.
    """
    return {
        "knn": {
            "field": "meaning",
            "query_vector": list(vector),
            "k": _NEAREST,
            "num_candidates": _CANDIDATES,
            "similarity": least,
            "filter": [*filters, PUBLIC_FILTER],
            "boost": _BOOST,
        }
    }


def more_like_this(
    client: Elasticsearch, settings: ElasticsearchSettings, story: Mapping[str, Any], vector: Sequence[int]
) -> list[Mapping[str, Any]]:
    """The stories that say the most alike, in any language; without copies and other tellings of its event.

    Args:
        client: of Elasticsearch.
        settings: of the indices.
        story: its document.
        vector: of what it says.

    Raises:
        ConfigurationError: the indices do not exist.
        UnreachableError: the server does not answer or refuses.
    """
    same = [{"term": {name: story[name]}} for name in ("story_id", "cluster_id", "event_id") if story.get(name)]
    found = run_search(
        client,
        search_alias(settings, "stories", public=True),
        query=nearest(vector, [{"bool": {"must_not": same}}], _LEAST_OF_STORY),
        size=_MOST_ALIKE,
        collapse={"field": "cluster_id"},
        sort=[{"_score": "desc"}, {"first_seen": "desc"}],
        _source=_FIELDS,
    )
    return [hit["_source"] for hit in found["hits"]["hits"]]
