"""``wire_names``: the recogniser's names, repaired by titles, by their shape and by the gazetteer."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from pipeline.enrich.components.extensions import by_characters
from pipeline.enrich.entities.recogniser import Labelled, label_of
from pipeline.enrich.entities.spans import StoryText
from pipeline.enrich.entities.story import StoryEntities, read_entities


def story_of(doc: Doc, *, learned: bool) -> StoryEntities:
    """The people and things of a Doc, read as the body of a story.

    Args:
        doc: with ``doc.ents`` from a recogniser.
        learned: whether a trained model made them; without one more is told by shape.
    """
    labelled = [Labelled(ent.start_char, ent.end_char, label_of(ent.label_)) for ent in doc.ents]
    return read_entities(StoryText((("body", doc.text),)), {"body": labelled}, learned=learned)


@Language.factory(
    "wire_names",
    default_config={"learned": True},
    requires=["doc.ents", "doc.spans"],
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
)
def make_wire_names(nlp: Language, name: str, *, learned: bool) -> WireNames:  # noqa: ARG001 - spaCy's signature
    """The component.

    Args:
        nlp: the pipeline.
        name: of the component in it.
        learned: whether a trained model precedes it.
    """
    return WireNames(learned=learned)


class WireNames:
    """Replaces ``doc.ents`` by the repaired names."""

    def __init__(self, *, learned: bool) -> None:
        self._learned = learned

    def __call__(self, doc: Doc) -> Doc:
        story = story_of(doc, learned=self._learned)
        spans: list[Span | None] = [
            by_characters(doc, mention.start, mention.end, one.label, (one.known.id or "") if one.known else "")
            for one in story.things
            for mention in one.mentions
        ]
        spans += [by_characters(doc, span.start, span.end, "PERSON") for one in story.people for span in one.mentions]
        doc.ents = filter_spans([span for span in spans if span is not None])
        return doc
