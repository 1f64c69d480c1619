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


def person_name(written: str | None, person_id: str | None) -> str | None:
    """The one name of whoever a story names: that of the id, else as written."""
    return shown_name(person_id) if person_id and person_id.startswith(PERSON_PREFIX) else written


def person_filter(names: Sequence[str], *, one: str, written: str, ids: str) -> dict[str, Any]:
    """Match any of the people.

    Args:
        names: each a name, or an id.
        one: field with one name for each person.
        written: field of names as written.
        ids: field of ids.
    """
    wanted = [name for name in names if not name.startswith(PERSON_PREFIX)]
    either: list[dict[str, Any]] = [{"terms": {field: wanted}} for field in (one, written) if wanted]
    if known := [id_ for name in names if (id_ := id_of_name(name))]:
        either.append({"terms": {ids: known}})
    return {"bool": {"should": either}}


def counted_people(one: str, written: str, size: int) -> dict[str, Any]:
    """The aggregation of so many people, the most frequent ones, each with the spellings in its documents."""
    spellings = {"terms": {"field": written, "size": _SPELLINGS[written]}}
    return {"terms": {"field": one, "size": size}, "aggs": {"spellings": spellings}}


def spelling(bucket: Mapping[str, Any]) -> str:
    """The most frequent spelling of a person; the name itself where none is like it, and of namesakes.

    Args:
        bucket: of :func:`counted_people`. Names of others in the same stories are among the spellings.
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
