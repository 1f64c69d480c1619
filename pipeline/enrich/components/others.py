"""``wire_titles`` and ``wire_reported``: people with titles and quotations in French and German."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.components.extensions import by_characters
from pipeline.enrich.components.for_language import for_language
from pipeline.enrich.components.words import body_of, story_text_of
from pipeline.enrich.other_quotes import other_quotes
from pipeline.enrich.others.entities import with_titles


def add_titles(doc: Doc, language: str) -> None:
    """Add people with titles, and their titles, to ``doc._.entities``."""
    doc._.entities = with_titles(doc._.entities, story_text_of(doc), language)


def set_quotes(doc: Doc, language: str) -> None:
    """Set ``doc.spans["quotes"]`` with their sources and speakers."""
    body = body_of(doc)
    spans = []
    for quote in other_quotes(body.text, language, doc._.entities):
        span = by_characters(doc, body.start + quote.start, body.start + quote.end, quote.type)
        if span is None:
            continue
        if quote.source_start is not None and quote.source_end is not None:
            span._.source = by_characters(doc, body.start + quote.source_start, body.start + quote.source_end)
        span._.cue, span._.rule = quote.cue, quote.rule
        span._.speaker, span._.speaker_id = quote.speaker, quote.speaker_id
        span._.role, span._.confidence = quote.role, quote.confidence
        spans.append(span)
    doc.spans["quotes"] = spans


make_wire_titles = Language.factory(
    "wire_titles",
    default_config={"language": None},
    requires=["doc._.entities"],
    assigns=["doc._.entities"],
    func=for_language(add_titles),
)
make_wire_reported = Language.factory(
    "wire_reported",
    default_config={"language": None},
    requires=["doc._.entities"],
    assigns=[
        "doc.spans", "span._.source", "span._.cue", "span._.rule", "span._.speaker", "span._.speaker_id", "span._.role",
        "span._.confidence",
    ],
    func=for_language(set_quotes),
)  # fmt: skip
