"""Who said something, for readers: the name or the words of the text, and the role where it adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.events.enrichment import SPEAKER_SURE_FROM

_ARTICLES = ("the ", "a ", "an ")


@dataclass(frozen=True)
class Attribution:
    """Who said something.

    Attributes:
        name: of the speaker, where the speaker is known by name.
        words: the name, else the words of the text that name the speaker; ``None`` where there are none.
        likely: whether the name is only likely.
        role: what else is known of the speaker; ``None`` where the words say it already.
    """

    name: str | None
    words: str | None
    likely: bool
    role: str | None

    def __str__(self) -> str:
        words = self.words or "speaker not found"
        return ", ".join(filter(None, (f"likely {words}" if self.likely else words, self.role)))


def attribution(quote: Mapping[str, Any]) -> Attribution:
    """Who said a quotation, from its document."""
    name = quote.get("speaker") or None
    words = name or quote.get("source") or None
    role = (quote.get("role") or "").strip(" ,;:") or None
    if role and words and _plain(role) in _plain(words):
        role = None
    likely = name is not None and (quote.get("confidence") or 1.0) < SPEAKER_SURE_FROM
    return Attribution(name, words, likely, role)


def _plain(text: str) -> str:
    plain = text.casefold().strip(" .,;:")
    for article in _ARTICLES:
        plain = plain.removeprefix(article)
    return plain
