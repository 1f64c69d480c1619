"""``wire_titles`` and ``wire_reported``: people with titles and quotations in French and German."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.components.extensions import by_characters
from pipeline.enrich.components.words import body_of, story_text_of
from pipeline.enrich.other_quotes import other_quotes
from pipeline.enrich.others.entities import with_titles


@Language.factory(
    "wire_titles", default_config={"language": None}, requires=["doc._.entities"], assigns=["doc._.entities"]
)
def make_wire_titles(nlp: Language, name: str, *, language: str | None) -> WireTitles:  # noqa: ARG001 - spaCy's signature
    """The component.

    Args:
        nlp: the pipeline.
        name: of the component in it.
        language: ISO 639-1; that of the pipeline where it is not given.
    """
    return WireTitles(language or str(nlp.lang))


class WireTitles:
    """Adds people with titles, and their titles, to ``doc._.entities``."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, doc: Doc) -> Doc:
        doc._.entities = with_titles(doc._.entities, story_text_of(doc), self._language)
        return doc


@Language.factory(
    "wire_reported",
    default_config={"language": None},
    requires=["doc._.entities"],
    assigns=[
        "doc.spans", "span._.source", "span._.cue", "span._.rule", "span._.speaker", "span._.speaker_id", "span._.role",
        "span._.confidence",
    ],
)  # fmt: skip
def make_wire_reported(nlp: Language, name: str, *, language: str | None) -> WireReported:  # noqa: ARG001 - spaCy's signature
    """The component.

    Args:
        nlp: the pipeline.
        name: of the component in it.
        language: ISO 639-1; that of the pipeline where it is not given.
    """
    return WireReported(language or str(nlp.lang))


class WireReported:
    """Sets ``doc.spans["quotes"]`` with their sources and speakers."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, doc: Doc) -> Doc:
        body = body_of(doc)
        spans = []
        for quote in other_quotes(body.text, self._language, doc._.entities):
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
        return doc
