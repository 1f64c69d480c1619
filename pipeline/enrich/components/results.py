"""What the Docs of a story's pipeline say, as it is indexed."""

from __future__ import annotations

from spacy.tokens import Doc, Span

from pipeline.enrich.components.words import Field, body_of
from pipeline.events import Quote


def quotes_of(doc: Doc) -> tuple[Quote, ...]:
    """The quotations of ``doc.spans["quotes"]``, offsets in characters of the body."""
    body = body_of(doc)
    return tuple(_quote(span, body) for span in doc.spans.get("quotes", ()))


def _quote(span: Span, body: Field) -> Quote:
    start, end, about = span.start_char - body.start, span.end_char - body.start, span._
    source, at = about.source, None
    if source is not None:
        at = (source.start_char - body.start, source.end_char - body.start)
    return Quote(
        type=span.label_,
        text=body.text[start:end],
        start=start,
        end=end,
        cue=about.cue,
        source=body.text[slice(*at)] if at else None,
        source_start=at[0] if at else None,
        source_end=at[1] if at else None,
        speaker=about.speaker,
        speaker_id=about.speaker_id,
        role=about.role,
        resolved=about.speaker is not None,
        rule=about.rule,
        confidence=about.confidence,
    )
