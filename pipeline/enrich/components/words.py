"""Docs of stories: their fields in one text, and tokens in which every boundary that a rule can find is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from spacy.tokens import Doc
from spacy.vocab import Vocab

from pipeline.enrich.entities.spans import FieldName, StoryText

#: Letters, digits, or any other single character; and the space after it.
_WORD = re.compile(r"([^\W\d_]+|\d+|.)( ?)", re.DOTALL)
#: Between the fields of a story in its Doc.
_BETWEEN = "\n\n"


class Words:
    """A tokenizer in linear time that splits at every change of letters, digits and marks: ``don't`` is three tokens.

    The recogniser has a tokenizer of its own; what is found here only has to begin and end somewhere.
    """

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab

    def __call__(self, text: str) -> Doc:
        found = _WORD.findall(text)
        return Doc(self._vocab, words=[word for word, _ in found], spaces=[bool(space) for _, space in found])


class Field(NamedTuple):
    """A field of a story: ``start`` is its first character in the Doc."""

    name: FieldName
    start: int
    text: str


def story_doc(vocab: Vocab, text: StoryText, nearby: Sequence[str] = ()) -> Doc:
    """A Doc of all fields of a story.

    Args:
        vocab: of the pipeline that will read it.
        text: the story.
        nearby: names next to the text: place of the dateline, agency.
    """
    doc = Words(vocab)(_joined(text))
    doc._.fields, doc._.nearby = text, tuple(nearby)
    return doc


def _joined(text: StoryText) -> str:
    return _BETWEEN.join(part for _, part in text.parts)


def story_text_of(doc: Doc) -> StoryText:
    """The fields of a Doc; one that was not made of a story is a body."""
    return doc._.fields or StoryText((("body", doc.text),))


def text_of(doc: Doc) -> str:
    """The whole text of a Doc. That of a story is not put together from its tokens once more."""
    return _joined(story_text_of(doc))


def fields_of(doc: Doc) -> Iterator[Field]:
    """The fields of a Doc with their places in it."""
    start = 0
    for name, text in story_text_of(doc).parts:
        yield Field(name, start, text)
        start += len(text) + len(_BETWEEN)


def body_of(doc: Doc) -> Field:
    """The body of a Doc; empty where it has none."""
    return next((field for field in fields_of(doc) if field.name == "body"), Field("body", 0, ""))
