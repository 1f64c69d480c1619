"""Universal Dependencies files (CoNLL-U): sentences for the parser, and GUM's named mentions as spans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.enrich.training.sentence import Sentence, Span


@dataclass(frozen=True)
class Word:
    """One line of a tree; ``head`` is 1-based, 0 for the root."""

    form: str
    lemma: str
    upos: str
    xpos: str
    head: int
    relation: str
    space_after: bool
    misc: str


@dataclass(frozen=True)
class Tree:
    """One sentence of a treebank."""

    words: tuple[Word, ...]
    document: str
    paragraph: int


def read_conllu(file: Path) -> Iterator[Tree]:
    """All trees of a file; empty nodes are left out; what a multi-word token says of spaces goes to its last word."""
    document, paragraph = file.stem, 0
    words: list[Word] = []
    inside: tuple[int, bool] | None = None
    for line in [*file.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("#"):
            document = line.split("=", 1)[1].strip() if line.startswith("# newdoc id") else document
            paragraph += line.startswith("# newpar")
            continue
        if not line:
            if words:
                yield Tree(tuple(words), document, paragraph)
            words, inside = [], None
            continue
        fields = line.split("\t")
        if "-" in fields[0]:
            inside = (int(fields[0].split("-")[1]), "SpaceAfter=No" not in fields[9])
        elif "." not in fields[0]:
            number = int(fields[0])
            space = "SpaceAfter=No" not in fields[9]
            if inside and number <= inside[0]:
                space = number == inside[0] and inside[1]
            words.append(Word(fields[1], fields[2], fields[3], fields[4], int(fields[6]), fields[7], space, fields[9]))


_MENTION = re.compile(r"\((?P<open>[\w.]+)-(?P<type>[a-z]+)[^()]*|(?P<close>[\w.]+)\)")
_KINDS = {"person": "PER", "organization": "ORG", "place": "LOC"}
_JOINING = frozenset("of the and for & 's ’s de la van von der al - on".split())


def read_gum_names(file: Path) -> Iterator[Sentence]:
    """GUM's mentions of people, organisations and places whose head is a proper noun, cut down to the name."""
    for tree in read_conllu(file):
        spans: list[Span] = []
        taken: set[int] = set()
        for start, end, kind in sorted(_mentions(tree), key=lambda span: span[0] - span[1]):
            name = _name(tree, start, end)
            if name and not taken & set(range(*name)):
                spans.append((*name, _KINDS[kind]))
                taken |= set(range(*name))
        words = tree.words
        yield Sentence(
            tuple(word.form for word in words),
            tuple(word.space_after for word in words),
            tuple(sorted(spans)),
            source="gum",
            document=tree.document,
        )


def _mentions(tree: Tree) -> Iterator[Span]:
    open_at: dict[str, list[tuple[int, str]]] = {}
    for at, word in enumerate(tree.words):
        entity = next((part[7:] for part in word.misc.split("|") if part.startswith("Entity=")), "")
        for match in _MENTION.finditer(_without_titles(entity)):
            if match["open"]:
                open_at.setdefault(match["open"], []).append((at, match["type"]))
                if match.group().endswith("\x01"):
                    begin, kind = open_at[match["open"]].pop()
                    if kind in _KINDS:
                        yield begin, at + 1, kind
            elif open_at.get(match["close"]):
                begin, kind = open_at[match["close"]].pop()
                if kind in _KINDS:
                    yield begin, at + 1, kind


def _without_titles(entity: str) -> str:
    """One-word mentions ``(3-person-…)`` end in a mark of their own; brackets within titles are escaped in the source."""
    return re.sub(r"(\([\w.]+-[a-z]+[^()]*)\)", "\\1\x01", entity)


def _name(tree: Tree, start: int, end: int) -> tuple[int, int] | None:
    """The run of proper nouns that holds the mention's head, with the small words between them."""
    words = tree.words
    heads = [at for at in range(start, end) if not start < words[at].head <= end]
    head = heads[0] if heads else start
    if words[head].upos != "PROPN":
        return None
    begin, stop = head, head + 1
    while begin > start and _belongs(words[begin - 1], first=begin - 1 == start):
        begin -= 1
    while stop < end and _belongs(words[stop], first=False):
        stop += 1
    while begin < head and words[begin].upos != "PROPN" and not words[begin].form[:1].isupper():
        begin += 1
    while stop > head + 1 and words[stop - 1].upos not in {"PROPN", "NUM"}:
        stop -= 1
    if words[begin].form.lower() == "the":
        begin += 1
    return begin, stop


def _belongs(word: Word, *, first: bool) -> bool:
    if word.upos in {"PROPN", "NUM"} or word.xpos in {"NNP", "NNPS"}:
        return True
    small = word.form.lower() in _JOINING and not first
    return small or (word.upos in {"ADJ", "NOUN"} and word.form[:1].isupper())
