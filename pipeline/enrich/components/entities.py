"""``wire_entities`` and ``wire_places``: the entities of a story as they are indexed."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.components.for_language import for_language
from pipeline.enrich.components.words import story_text_of
from pipeline.enrich.entities.foreign import located, places_of
from pipeline.enrich.entities.story import entities_of


@Language.component("wire_entities", requires=["doc._.story"], assigns=["doc._.entities"])
def wire_entities(doc: Doc) -> Doc:
    """Set ``doc._.entities`` from ``doc._.story``: people with their roles, bodies, places with their points."""
    if doc._.story is not None:
        doc._.entities = located(entities_of(doc._.story, doc._.called, doc._.nearby))
    return doc


def set_places(doc: Doc, language: str) -> None:
    """Set ``doc._.entities`` where no recogniser is: countries and large cities under their English names."""
    doc._.entities = places_of(story_text_of(doc), language)


make_wire_places = Language.factory(
    "wire_places", default_config={"language": None}, assigns=["doc._.entities"], func=for_language(set_places)
)
