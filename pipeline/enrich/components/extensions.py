"""The extension attributes of quotations, and spans by characters."""

from __future__ import annotations

from spacy.tokens import Doc, Span

#: Attributes of each span in ``doc.spans["quotes"]``.
#:
#: source: Span | None      the words that name who speaks
#: cue: str                 the reporting words; empty where there are none
#: rule: str                name of the rule that found it, as in ``rules.yaml``
#: inherited: bool          whether the source is that of a quotation next to it
#: speaker: str | None      who speaks, by canonical name; None where that is not clear
#: speaker_id: str | None   stable id of the speaker
#: role: str | None         the speaker's office in the text
#: confidence: float        0 to 1, of the speaker
DEFAULTS: dict[str, object] = {
    "source": None,
    "cue": "",
    "rule": "",
    "inherited": False,
    "speaker": None,
    "speaker_id": None,
    "role": None,
    "confidence": 0.0,
}


def register() -> None:
    """Make the attributes known to spaCy; again is allowed."""
    for name, default in DEFAULTS.items():
        if not Span.has_extension(name):
            Span.set_extension(name, default=default)


def by_characters(doc: Doc, start: int, end: int, label: str = "", kb_id: str = "") -> Span | None:
    """The span of whole tokens that holds ``[start, end)``; ``None`` where no token does."""
    return doc.char_span(start, end, label=label, kb_id=kb_id, alignment_mode="expand") if start < end else None


register()
