"""Asks Elasticsearch, one search or several at once, and says what went wrong in our own errors. Blocking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from pipeline.events.errors import ConfigurationError, UnreachableError, WiredeskError
from pipeline.index.mapping import Base, IndexNames
from pipeline.settings import ElasticsearchSettings

Answer = Mapping[str, Any]

#: A search that takes longer is given up.
_SECONDS = 20


def searched(settings: ElasticsearchSettings, base: Base, *, public: bool) -> str:
    """The alias that is searched: all, or what readers may see."""
    names = IndexNames(settings.prefix)
    return names.public(base) if public else names.alias(base)


def ask(client: Elasticsearch, index: str, **request: Any) -> Answer:
    """One search.

    Args:
        client: without retries of its own.
        index: an alias.
        request: parts of the search, as in its JSON; those that are ``None`` are left out.

    Raises:
        ConfigurationError: the index is not there.
        UnreachableError: the server does not answer or refuses.
    """
    return ask_all(client, index, [request])[0]


def ask_all(client: Elasticsearch, index: str, requests: Sequence[Mapping[str, Any]]) -> list[Answer]:
    """Searches of one index in one request, side by side; raises as :func:`ask`."""
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
        answers = client.msearch(searches=lines).body["responses"]
    except ApiError as error:
        raise UnreachableError(f"Elasticsearch answers {error.status_code}: {str(error)[:300]}.") from error
    except TransportError as error:
        raise UnreachableError(f"Elasticsearch does not answer: {str(error)[:200]}.") from error
    for answer in answers:
        wrong = trouble(index, answer)
        if wrong:
            raise wrong
    return list(answers)


def trouble(index: str, answer: Answer) -> WiredeskError | None:
    """What is wrong with an answer; ``None``: it is whole. An answer with less than all is worse than none: an alert
    would never come back to what it missed.
    """
    if "error" not in answer:
        if answer.get("timed_out"):
            return UnreachableError(f"Elasticsearch did not come to an end within {_SECONDS} s.")
        failed = answer.get("_shards", {}).get("failed")
        return UnreachableError(f"Elasticsearch left out {failed} shards of {index}.") if failed else None
    if answer["error"]["type"] == "index_not_found_exception":
        return ConfigurationError(f"The index {index} is not there.", hint="Create it: wiredesk index init.")
    reason = str(answer["error"].get("reason", answer["error"]))[:300]
    return UnreachableError(f"Elasticsearch answers {answer.get('status')}: {reason}.")
