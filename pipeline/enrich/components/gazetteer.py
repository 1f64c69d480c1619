"""``wire_gazetteer``: countries, peoples, capitals and international bodies by name."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.components.extensions import by_characters
from pipeline.enrich.components.words import fields_of
from pipeline.enrich.entities.scan import gazetteer_matches


@Language.component("wire_gazetteer", assigns=["doc.spans", "span._.known"])
def wire_gazetteer(doc: Doc) -> Doc:
    """Set ``doc.spans["gazetteer"]``: names of the tables, with their label and Wikidata id."""
    spans = []
    for field in fields_of(doc):
        for start, end, known in gazetteer_matches(field.text):
            span = by_characters(doc, field.start + start, field.start + end, known.label, known.id or "")
            if span is not None:
                span._.known = known
                spans.append(span)
    doc.spans["gazetteer"] = spans
    return doc
