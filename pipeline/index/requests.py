"""Sends searches to Elasticsearch, one or several at once, and turns failures into this package's errors. Blocking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from pipeline.events.errors import ConfigurationError, RejectError, UnreachableError, WiredeskError
from pipeline.index.mapping import Base, IndexNames
from pipeline.settings import ElasticsearchSettings

Answer = Mapping[str, Any]

#: A search that takes longer is abandoned.
_SECONDS = 20
#: The search itself is at fault, as one with too many clauses.
_BAD_REQUEST = 400


def search_alias(settings: ElasticsearchSettings, base: Base, *, public: bool) -> str:
    """The alias to search: everything, or what readers may see."""
    names = IndexNames(settings.prefix)
    return names.public(base) if public else names.alias(base)


def run_search(client: Elasticsearch, index: str, **request: Any) -> Answer:
    """Run one search.

    Args:
        client: one that does not retry.
        index: an alias.
        request: parts of the search, as in its JSON; ``None`` leaves a part out.

    Raises:
        ConfigurationError: the index does not exist.
        RejectError: the server refuses this search, now and later.
        UnreachableError: the server does not answer or refuses.
    """
    return run_searches(client, index, [request])[0]


def run_searches(client: Elasticsearch, index: str, requests: Sequence[Mapping[str, Any]]) -> list[Answer]:
    """Run searches of one index in one request; raises as :func:`run_search`."""
    lines: list[Mapping[str, Any]] = []
    for request in requests:
        body = {"track_total_hits": True, "timeout": f"{_SECONDS}s", **request}
        lines += [
            {"index": index, "allow_partial_search_results": False},
            {name: value for name, value in body.items() if value is not None},
        ]
    if not lines:
        return []
    try:
        answers = list(client.msearch(searches=lines).body["responses"])
    except ApiError as error:
        raise UnreachableError(f"Elasticsearch answers {error.status_code}: {str(error)[:300]}.") from error
    except TransportError as error:
        raise UnreachableError(f"Elasticsearch does not answer: {str(error)[:200]}.") from error
    except (KeyError, TypeError) as error:
        raise UnreachableError("Not an answer of Elasticsearch: is there a proxy in its place?") from error
    for answer in answers:
        problem = answer_error(index, answer)
        if problem:
            raise problem
    return answers


def answer_error(index: str, answer: Answer) -> WiredeskError | None:
    """The error in an answer; ``None``: it is complete. An incomplete answer is an error: an alert would never come
    back to what it missed.
    """
    if "error" not in answer:
        if answer.get("timed_out"):
            return UnreachableError(f"Elasticsearch did not finish the search within {_SECONDS} s.")
        failed = answer.get("_shards", {}).get("failed")
        return UnreachableError(f"Elasticsearch left out {failed} shards of {index}.") if failed else None
    if answer["error"]["type"] == "index_not_found_exception":
        return ConfigurationError(f"The index {index} does not exist.", hint="Create it: wiredesk index init.")
    reason = str(answer["error"].get("reason", answer["error"]))[:300]
    if answer.get("status") == _BAD_REQUEST:
        return RejectError(f"Elasticsearch refuses this search: {reason}.", hint="Use fewer words or filters.")
    return UnreachableError(f"Elasticsearch answers {answer.get('status')}: {reason}.")
