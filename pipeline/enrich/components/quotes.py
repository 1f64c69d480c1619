"""``wire_quotes``: who said what in which words."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc, Span

from pipeline.enrich.components.extensions import by_characters
from pipeline.enrich.quotes.extract import find_quotes
from pipeline.enrich.quotes.marks import marked_spans
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.quotes.source import Source


@Language.component(
    "wire_quotes",
    requires=["doc.spans"],
    assigns=["doc.spans", "span._.source", "span._.cue", "span._.rule", "span._.inherited"],
)
def wire_quotes(doc: Doc) -> Doc:
    """Set ``doc.spans["quotes"]``: direct, indirect and mixed quotations with their sources.

    Marks that a component before it has taken out of ``doc.spans["marks"]`` are read as if they were not there.
    """
    spans = []
    kept = {at for span in doc.spans["marks"] for at in range(span.start_char, span.end_char)}
    marked = [one for one in marked_spans(doc.text) if one.open_at in kept]
    for found in find_quotes(doc.text, marked):
        span = by_characters(doc, found.start, found.end, found.type)
        if span is None:
            continue
        span._.rule, span._.inherited = found.rule, found.inherited
        if found.source is not None:
            span._.source = by_characters(doc, found.source.start, found.source.end)
            span._.cue = found.source.cue
        spans.append(span)
    doc.spans["quotes"] = spans
    return doc


def found_of(span: Span) -> Quotation:
    """A span of ``doc.spans["quotes"]`` as the rules know it."""
    source = span._.source
    named = Source(source.start_char, source.end_char, span._.cue, source.end_char, source.end_char) if source else None
    kind = span.label_ if span.label_ in {"direct", "indirect", "mixed"} else "direct"
    return Quotation(kind, span.start_char, span.end_char, named, span._.rule, span._.inherited)  # type: ignore[arg-type]
