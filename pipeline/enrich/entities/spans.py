"""A stretch of one field of a story that names somebody or something, before it is joined with others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.enrich.gazetteer import Known
from pipeline.enrich.patterns import patterns
from pipeline.events import Content, EntityLabel

_PATTERNS = patterns("entities/spans")

FieldName = Literal["headline", "subheadline", "description", "body"]

#: Fields that are read, in the order in which an editor reads them.
FIELDS: tuple[FieldName, ...] = ("headline", "subheadline", "description", "body")

_ARTICLE = _PATTERNS["article"]
_POSSESSIVE = _PATTERNS["possessive"]


@dataclass(frozen=True)
class Span:
    """A named stretch ``[start, end)`` of a field.

    Attributes:
        known: what the gazetteer says it is.
        by: who found it; a gazetteer's word of several tokens outweighs a model's.
    """

    field: FieldName
    start: int
    end: int
    label: EntityLabel
    text: str
    known: Known | None = None
    by: Literal["model", "gazetteer", "shape"] = "model"

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the story, in reading order."""
        return FIELDS.index(self.field), self.start


@dataclass(frozen=True)
class StoryText:
    """The readable fields of a story, each cut to the length that is analysed."""

    parts: tuple[tuple[FieldName, str], ...]

    def of(self, field: FieldName) -> str:
        """The text of a field; empty where it is absent."""
        return next((text for name, text in self.parts if name == field), "")


def story_text(content: Content, max_chars: int) -> StoryText:
    """The fields to analyse. The description is left out where it only repeats the head of the body.

    Args:
        content: the story.
        max_chars: how many characters of each field are read, from its beginning.
    """
    parts: list[tuple[FieldName, str]] = []
    for name in FIELDS:
        text = (getattr(content, name) or "")[:max_chars]
        if text.strip() and not (name == "description" and content.body.startswith(text.strip()[:80])):
            parts.append((name, text))
    return StoryText(tuple(parts))


def bare_name(text: str) -> str:
    """A name without possessive, editorial brackets, quotation marks and leading article."""
    name = _POSSESSIVE.sub("", text.strip(' \t\n"“”„«»,;:'))
    name = " ".join(name.replace("[", "").replace("]", "").split())
    return _ARTICLE.sub("", name)
