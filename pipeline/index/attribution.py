"""Who said something, for readers: the name or the words of the text, and the role where it adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ARTICLES = ("the ", "a ", "an ")


@dataclass(frozen=True)
class Attribution:
    """Who said something.

    Attributes:
        name: of the speaker, where the speaker is known by name.
        words: the name, else the words of the text that name the speaker; ``None`` where there are none.
        role: what else is known of the speaker; ``None`` where the words say it already.
    """

    name: str | None
    words: str | None
    role: str | None

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.words or "speaker not found", self.role)))


def attribution(quote: Mapping[str, Any]) -> Attribution:
    """Who said a quotation, from its document."""
    name = quote.get("speaker") or None
    words = name or quote.get("source") or None
    role = (quote.get("role") or "").strip(" ,;:") or None
    if role and words and _plain(role) in _plain(words):
        role = None
    return Attribution(name, words, role)


def _plain(text: str) -> str:
    plain = text.casefold().strip(" .,;:")
    for article in _ARTICLES:
        plain = plain.removeprefix(article)
    return plain
