"""Highlighting options of a search. Pure; results.py splits the highlighted texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.index.search_text import BY_LANGUAGE, QUOTE_FIELDS, STORY_FIELDS, marking_query, parse_search_text

#: Around a match in the server's answer: characters for private use, to which no feed gives a meaning (the server trims
#: control characters off a snippet's ends).
MARK_BEGIN, MARK_END = "\ue002", "\ue003"

_LEAD_CHARS = 240


def story_highlight(words: str) -> dict[str, Any]:
    """Highlighting of stories: the whole headline, two passages of the body, one of the description.

    Where the body has no match, its beginning is returned.
    """
    marked = _highlight(words, STORY_FIELDS, {"headline": 0, "body": 2, "description": 1, BY_LANGUAGE: 2})
    if marked is None:
        marked = {"highlight_query": {"match_none": {}}, "fields": {"body": {"number_of_fragments": 1}}}
    marked["fields"]["body"]["no_match_size"] = _LEAD_CHARS
    return marked


def quote_highlight(words: str) -> dict[str, Any] | None:
    """Highlighting of quotations."""
    return _highlight(words, QUOTE_FIELDS, {"words": 0})


def _highlight(words: str, fields: Mapping[str, float], shown: Mapping[str, int]) -> dict[str, Any] | None:
    typed = parse_search_text(words)
    if typed.empty:
        return None
    # The server highlights each shown field for each field of the query and each story: few fields keep it quick.
    marked = {name: weight for name, weight in fields.items() if name.removesuffix(".plain") in shown}
    return {
        "pre_tags": [MARK_BEGIN],
        "post_tags": [MARK_END],
        "order": "score",
        "highlight_query": marking_query(typed, marked),
        "fields": {
            name: {"number_of_fragments": number, "fragment_size": 180, **_also_matched(name)}
            for name, number in shown.items()
        },
    }


def _also_matched(name: str) -> dict[str, Any]:
    return {} if name == BY_LANGUAGE else {"matched_fields": [name, f"{name}.plain"]}
