"""``wire_gazetteer``: countries, peoples, capitals and international bodies by name."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.components.extensions import by_characters
from pipeline.enrich.entities.scan import gazetteer_matches


@Language.component("wire_gazetteer", assigns=["doc.spans"])
def wire_gazetteer(doc: Doc) -> Doc:
    """Set ``doc.spans["gazetteer"]``: names of the tables, with their label and Wikidata id."""
    spans = [
        by_characters(doc, match.start, match.end, match.known.label, match.known.id or "")
        for match in gazetteer_matches(doc.text)
    ]
    doc.spans["gazetteer"] = [span for span in spans if span is not None]
    return doc
