"""``wire_marks``: what is between quotation marks."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.components.extensions import by_characters
from pipeline.enrich.quotes.marks import marked_spans


@Language.component("wire_marks", assigns=["doc.spans"])
def wire_marks(doc: Doc) -> Doc:
    """Set ``doc.spans["marks"]``: the marked words with their marks."""
    spans = [by_characters(doc, span.open_at, span.close_at, "MARKS") for span in marked_spans(doc.text)]
    doc.spans["marks"] = [span for span in spans if span is not None]
    return doc
