"""``wire_recogniser``: the names of a trained pipeline, read paragraph by paragraph and remembered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch

from pipeline.enrich.components.extensions import apart, by_characters
from pipeline.enrich.components.words import text_of
from pipeline.enrich.entities.recogniser import Recogniser


@Language.factory(
    "wire_recogniser",
    default_config={"model": "en_wire", "remembered": 4096},
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
)
def make_wire_recogniser(nlp: Language, name: str, *, model: str, remembered: int) -> WireRecogniser:  # noqa: ARG001 - spaCy's signature
    """The component.

    Args:
        nlp: the pipeline.
        name: of the component in it.
        model: a pipeline with an entity recogniser: bundled, installed, or a folder.
        remembered: paragraphs that are kept for updates and copies.
    """
    return WireRecogniser(Recogniser(model, nlp.vocab, remembered=remembered))


class WireRecogniser:
    """Sets ``doc.ents``.

    Args:
        recogniser: the trained pipeline with its memory of paragraphs.
    """

    def __init__(self, recogniser: Recogniser) -> None:
        self.recogniser = recogniser

    def __call__(self, doc: Doc) -> Doc:
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Read the paragraphs of several Docs together."""
        for docs in minibatch(stream, batch_size):  # type: ignore[no-untyped-call]
            for doc, found in zip(docs, self.recogniser.read([text_of(doc) for doc in docs]), strict=True):
                doc.ents = apart(by_characters(doc, one.start, one.end, one.label) for one in found)
                yield doc
