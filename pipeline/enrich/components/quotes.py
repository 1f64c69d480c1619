"""``wire_quotes``: who said what in which words."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc, Span

from pipeline.enrich.components.extensions import by_characters, with_words
from pipeline.enrich.components.words import body_of
from pipeline.enrich.quotes.extract import find_quotes
from pipeline.enrich.quotes.marks import MarkedSpan
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.quotes.source import Source


@Language.component(
    "wire_quotes",
    requires=["doc.spans", "span._.inner"],
    assigns=["doc.spans", "span._.source", "span._.cue", "span._.rule", "span._.inherited"],
)
def wire_quotes(doc: Doc) -> Doc:
    """Set ``doc.spans["quotes"]``: direct, indirect and mixed quotations of the body with their sources.

    Marks that a component before it has taken out of ``doc.spans["marks"]`` are read as if they were not there.
    """
    body = body_of(doc)
    spans = []
    for found in find_quotes(body.text, [_marked(span, body.start) for span in doc.spans["marks"]]):
        span = with_words(doc, body.start + found.start, body.start + found.end, found.type)
        span._.rule, span._.inherited = found.rule, found.inherited
        if found.source is not None:
            span._.source = by_characters(doc, body.start + found.source.start, body.start + found.source.end)
            span._.cue = found.source.cue or None
        spans.append(span)
    doc.spans["quotes"] = spans
    return doc


def _marked(span: Span, body: int) -> MarkedSpan:
    start, end = span._.inner or (span.start_char + 1, span.end_char - 1)
    return MarkedSpan(start - body, end - body, span.start_char - body, span.end_char - body)


def quotation_of(span: Span, body: int) -> Quotation:
    """A span of ``doc.spans["quotes"]`` as the rules know it.

    Args:
        span: the quotation.
        body: the first character of the body in the Doc.
    """
    start, end, source = span.start_char - body, span.end_char - body, span._.source
    kind = span.label_ if span.label_ in {"direct", "indirect", "mixed"} else "direct"
    named = None
    if source is not None:
        behind = source.end_char - body
        named = Source(source.start_char - body, behind, span._.cue or "", behind, behind)
    return Quotation(kind, start, end, named, span._.rule, span._.inherited)  # type: ignore[arg-type]
