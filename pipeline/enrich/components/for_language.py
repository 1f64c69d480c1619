"""Components that do their work in one language: that of their configuration, else that of the pipeline."""

from __future__ import annotations

from collections.abc import Callable

from spacy.language import Language
from spacy.tokens import Doc

Component = Callable[[Doc], Doc]


def for_language(work: Callable[[Doc, str], None]) -> Callable[[Language, str, str | None], Component]:
    """A factory, as spaCy takes it, of the component that does this work.

    Args:
        work: takes a Doc and the language (ISO 639-1), and sets attributes of the Doc.
    """

    def make(nlp: Language, name: str, language: str | None) -> Component:  # noqa: ARG001 - spaCy's signature
        read = language or str(nlp.lang)

        def component(doc: Doc) -> Doc:
            work(doc, read)
            return doc

        return component

    return make
