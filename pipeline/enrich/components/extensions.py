"""The extension attributes of stories and quotations, and spans by characters."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from spacy.tokens import Doc, Span

#: Attributes of a Doc.
#:
#: fields: StoryText | None       given: the fields of a story, of which the Doc's text is made; None: all of it is body
#: nearby: tuple[str, ...]        given: names next to the text (place of the dateline, agency)
#: story: StoryEntities | None    people and things, their mentions joined
#: called: dict[str, list[str]]   by a person's name, the descriptors that mean that person ("the top diplomat")
#: entities: tuple[Entity, ...]   the entities as they are indexed, most salient first
DOC: dict[str, object] = {"fields": None, "nearby": (), "story": None, "called": {}, "entities": ()}

#: Attributes of a Span.
#:
#: known: Known | None            what the tables say of a name in ``doc.spans["gazetteer"]``
#: inner: tuple[int, int] | None  characters of the Doc that are between the marks of a span in ``doc.spans["marks"]``
#:
#: and of each span in ``doc.spans["quotes"]``:
#:
#: source: Span | None      the words that name who speaks
#: cue: str | None          the reporting words
#: rule: str                name of the rule that found it, as in ``rules.yaml``
#: inherited: bool          whether the source is that of a quotation next to it
#: speaker: str | None      who speaks, by canonical name; None where that is not clear
#: speaker_id: str | None   stable id of the speaker
#: role: str | None         the speaker's office in the text
#: confidence: float        0 to 1, of the speaker
SPAN: dict[str, object] = {
    "known": None,
    "inner": None,
    "source": None,
    "cue": None,
    "rule": "",
    "inherited": False,
    "speaker": None,
    "speaker_id": None,
    "role": None,
    "confidence": 0.0,
}


def register() -> None:
    """Make the attributes known to spaCy; again is allowed."""
    for of, defaults in ((Doc, DOC), (Span, SPAN)):
        for name, default in defaults.items():
            if not of.has_extension(name):
                of.set_extension(name, default=default)


def by_characters(doc: Doc, start: int, end: int, label: str = "", kb_id: str = "") -> Span | None:
    """The span of whole tokens that holds ``[start, end)``; ``None`` where no token does."""
    return doc.char_span(start, end, label=label, kb_id=kb_id, alignment_mode="expand") if start < end else None


def with_words(doc: Doc, start: int, end: int, label: str) -> Span:
    """The span of whole tokens that holds ``[start, end)``.

    Raises:
        ValueError: there are none.
    """
    span = by_characters(doc, start, end, label)
    if span is None:
        raise ValueError(f"No token between the characters {start} and {end}.")
    return span


def apart(spans: Iterable[Span | None]) -> list[Span]:
    """Spans in order, without any that shares a token with one before it."""
    kept: list[Span] = []
    for span in sorted(filter(None, spans), key=attrgetter("start")):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


register()
