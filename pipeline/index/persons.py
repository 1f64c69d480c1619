"""People in searches: filters that find a person in any spelling, and the spelling under which a count is shown.

A person with an id is in ``persons``, ``persons_quoted`` and ``person`` under the one name of the id, anybody else
under the name as written (``pipeline/index/documents.py``). A filter takes that name, an id, or any name as written,
which is what addresses from before ids have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.events.persons import PERSON_PREFIX, id_of_name, plain_letters, shown_name

#: Spellings among which that of a person is looked for. A story names several people, a quotation has one speaker.
_SPELLINGS = {"people": 12, "speaker": 1}
#: Documents that are enough to know how a name is spelt.
_ENOUGH = 2000
#: The field of names as written, by that with one name for each person.
WRITTEN = {"persons": "people", "person": "speaker"}
#: The field of ids, by the same.
_IDS = {"persons": "entity_ids", "person": "speaker_id"}


def person_name(written: str | None, person_id: str | None) -> str | None:
    """The one name of whoever a story names: that of the id, else as written."""
    return shown_name(person_id) if person_id and person_id.startswith(PERSON_PREFIX) else written


def person_filter(names: Sequence[str], one: str) -> dict[str, Any]:
    """Match any of the people.

    Args:
        names: each a name, or an id.
        one: field with one name for each person.
    """
    wanted = [name for name in names if not name.startswith(PERSON_PREFIX)]
    either: list[dict[str, Any]] = [{"terms": {field: wanted}} for field in (one, WRITTEN[one]) if wanted]
    if known := [id_ for name in names if (id_ := id_of_name(name))]:
        either.append({"terms": {_IDS[one]: known}})
    return {"bool": {"should": either}}


def spellings_of(query: dict[str, Any], one: str, buckets: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The request for the spellings of people in some of their documents, which is enough; ``None``: there is nobody.

    Args:
        query: the search, as a filter.
        one: field with one name for each person.
        buckets: the people, from the answer to the counts.
    """
    if not buckets:
        return None
    names, written = [str(bucket["key"]) for bucket in buckets], WRITTEN[one]
    found = {"spellings": {"terms": {"field": written, "size": _SPELLINGS[written]}}}
    return {
        "query": {"bool": {"filter": [query, {"terms": {one: names}}]}},
        "size": 0,
        "track_total_hits": False,
        "terminate_after": _ENOUGH,
        "aggs": {str(place): {"filter": {"term": {one: name}}, "aggs": found} for place, name in enumerate(names)},
    }


def with_spellings(buckets: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """People with their spellings, from the answer to :func:`spellings_of`."""
    return [{**bucket, **answer["aggregations"][str(place)]} for place, bucket in enumerate(buckets)]


def counted_people(one: str, size: int) -> dict[str, Any]:
    """The aggregation of so many people, the most frequent ones, each with the spellings in its documents.

    Of many documents :func:`spellings_of` costs less.
    """
    spellings = {"terms": {"field": WRITTEN[one], "size": _SPELLINGS[WRITTEN[one]]}}
    return {"terms": {"field": one, "size": size}, "aggs": {"spellings": spellings}}


def spelling(bucket: Mapping[str, Any]) -> str:
    """The most frequent spelling of a person; the name itself where none is like it, and of namesakes.

    Args:
        bucket: of a person, with spellings. Names of others in the same stories are among the spellings.
    """
    name = str(bucket["key"])
    if name.endswith(")"):
        return name
    found = bucket["spellings"]["buckets"]
    if len(found) == 1:
        return str(found[0]["key"])
    wanted = _words(name)
    for other in found:
        words = _words(other["key"])
        if words[:1] == wanted[:1] and words[-1:] == wanted[-1:] and set(wanted) <= set(words):
            return str(other["key"])
    return name


def _words(name: str) -> list[str]:
    return plain_letters(name).lower().replace("-", " ").replace(".", "").split()
