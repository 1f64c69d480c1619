"""``wire_marks``: what is between quotation marks."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.components.extensions import by_characters
from pipeline.enrich.components.words import body_of
from pipeline.enrich.quotes.marks import marked_spans


@Language.component("wire_marks", assigns=["doc.spans", "span._.inner"])
def wire_marks(doc: Doc) -> Doc:
    """Set ``doc.spans["marks"]``: the marked words of the body with their marks."""
    body = body_of(doc)
    spans = []
    for one in marked_spans(body.text):
        span = by_characters(doc, body.start + one.open_at, body.start + one.close_at, "MARKS")
        if span is not None:
            span._.inner = (body.start + one.start, body.start + one.end)
            spans.append(span)
    doc.spans["marks"] = spans
    return doc
