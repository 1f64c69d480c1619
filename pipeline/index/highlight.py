"""How the server is asked to mark what was found in its answers. Pure; found.py takes the marked texts apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.index.words import QUOTE_FIELDS, STORY_FIELDS, marking_query, read_words

#: Around what was found, in the server's answer: characters for private use, so that no feed means anything by them
#: (the server trims control characters off a snippet's ends).
MARK_BEGIN, MARK_END = "\ue002", "\ue003"

_LEAD_CHARS = 240


def story_highlight(words: str) -> dict[str, Any]:
    """How what was found is marked in stories: the whole headline, two places of the body, one of the description.

    Where nothing is to be marked in the body, its beginning comes back as it is.
    """
    marked = _highlight(words, STORY_FIELDS, {"headline": 0, "body": 2, "description": 1})
    if marked is None:
        marked = {"highlight_query": {"match_none": {}}, "fields": {"body": {"number_of_fragments": 1}}}
    marked["fields"]["body"]["no_match_size"] = _LEAD_CHARS
    return marked


def quote_highlight(words: str) -> dict[str, Any] | None:
    """How what was found is marked in quotations."""
    return _highlight(words, QUOTE_FIELDS, {"words": 0})


def _highlight(words: str, fields: Mapping[str, float], shown: Mapping[str, int]) -> dict[str, Any] | None:
    typed = read_words(words)
    if typed.empty:
        return None
    # For each story the server works out anew how each field of the query marks each field shown: none too many.
    marked = {name: weight for name, weight in fields.items() if name.removesuffix(".plain") in shown}
    return {
        "pre_tags": [MARK_BEGIN],
        "post_tags": [MARK_END],
        "order": "score",
        "highlight_query": marking_query(typed, marked),
        "fields": {
            name: {"number_of_fragments": number, "fragment_size": 180, "matched_fields": [name, f"{name}.plain"]}
            for name, number in shown.items()
        },
    }
