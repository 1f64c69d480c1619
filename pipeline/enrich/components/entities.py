"""``wire_entities`` and ``wire_places``: the entities of a story as they are indexed."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.components.words import story_text_of
from pipeline.enrich.entities.foreign import located, places_of
from pipeline.enrich.entities.story import entities_of


@Language.component("wire_entities", requires=["doc._.story"], assigns=["doc._.entities"])
def wire_entities(doc: Doc) -> Doc:
    """Set ``doc._.entities`` from ``doc._.story``: people with their roles, bodies, places with their points."""
    if doc._.story is not None:
        doc._.entities = located(entities_of(doc._.story, doc._.called, doc._.nearby))
    return doc


@Language.factory("wire_places", default_config={"language": None}, assigns=["doc._.entities"])
def make_wire_places(nlp: Language, name: str, *, language: str | None) -> WirePlaces:  # noqa: ARG001 - spaCy's signature
    """The component.

    Args:
        nlp: the pipeline.
        name: of the component in it.
        language: ISO 639-1; that of the pipeline where it is not given.
    """
    return WirePlaces(language or str(nlp.lang))


class WirePlaces:
    """Sets ``doc._.entities`` where no recogniser is: countries and large cities under their English names."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, doc: Doc) -> Doc:
        doc._.entities = places_of(story_text_of(doc), self._language)
        return doc
