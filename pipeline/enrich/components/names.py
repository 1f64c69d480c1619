"""``wire_names``: the recogniser's names, repaired by titles, by their shape and by the gazetteer, and joined."""

from __future__ import annotations

from collections.abc import Sequence

from spacy.language import Language
from spacy.tokens import Doc, Span

from pipeline.enrich.components.extensions import apart, by_characters
from pipeline.enrich.components.words import Field, fields_of, story_text_of
from pipeline.enrich.entities.recogniser import Labelled, label_of
from pipeline.enrich.entities.scan import Match
from pipeline.enrich.entities.spans import FieldName
from pipeline.enrich.entities.story import StoryEntities, read_entities
from pipeline.enrich.gazetteer import Known


@Language.factory(
    "wire_names",
    default_config={"learned": True},
    requires=["doc.ents", "doc.spans"],
    assigns=["doc.ents", "token.ent_iob", "token.ent_type", "doc._.story"],
)
def make_wire_names(nlp: Language, name: str, *, learned: bool) -> WireNames:  # noqa: ARG001 - spaCy's signature
    """The component.

    Args:
        nlp: the pipeline.
        name: of the component in it.
        learned: whether a trained model precedes it; without one more is told by shape.
    """
    return WireNames(learned=learned)


class WireNames:
    """Sets ``doc._.story`` and replaces ``doc.ents`` by the repaired names."""

    def __init__(self, *, learned: bool) -> None:
        self._learned = learned

    def __call__(self, doc: Doc) -> Doc:
        doc._.story = read_story(doc, learned=self._learned)
        starts = {field.name: field.start for field in fields_of(doc)}
        spans: list[Span | None] = []
        for thing in doc._.story.things:
            kb_id = (thing.known.id or "") if thing.known else ""
            spans += [_span(doc, starts[one.field] + one.start, one.text, thing.label, kb_id) for one in thing.mentions]
        for person in doc._.story.people:
            spans += [_span(doc, starts[one.field] + one.start, one.text, "PERSON") for one in person.mentions]
        doc.ents = apart(spans)
        return doc


def _span(doc: Doc, start: int, text: str, label: str, kb_id: str = "") -> Span | None:
    return by_characters(doc, start, start + len(text), label, kb_id)


def read_story(doc: Doc, *, learned: bool) -> StoryEntities:
    """The people and things of a Doc, from ``doc.ents`` and ``doc.spans["gazetteer"]``."""
    fields = list(fields_of(doc))
    labelled: dict[FieldName, list[Labelled]] = {field.name: [] for field in fields}
    names: dict[FieldName, list[Match]] = {field.name: [] for field in fields}
    for ent in doc.ents:
        name, start, end = _placed(ent, fields)
        labelled[name].append(Labelled(start, end, label_of(ent.label_)))
    for span in doc.spans.get("gazetteer", ()):
        name, start, end = _placed(span, fields)
        names[name].append(Match(start, end, _known(span)))
    return read_entities(story_text_of(doc), labelled, names, learned=learned)


def _placed(span: Span, fields: Sequence[Field]) -> tuple[FieldName, int, int]:
    """The field in which a span is, with its characters there."""
    at = span.start_char
    field = next(one for one in reversed(fields) if one.start <= at)
    return field.name, at - field.start, span.end_char - field.start


def _known(span: Span) -> Known:
    return span._.known or Known(label_of(span.label_), span.text, span.kb_id_ or None)
