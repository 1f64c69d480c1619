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


_MENTION = re.compile(r"\((?P<open>[\w.]+)-(?P<type>[a-z]+)[^()\x01]*\x01?|(?P<close>[\w.]+)\)")
_KINDS = {"person": "PER", "organization": "ORG", "place": "LOC"}
_JOINING = {
    "PER": frozenset("de la le van von der den bin al el da dos del ibn - ’ '".split()),
    "ORG": frozenset("of the and for & de la von - / on in".split()),
    "LOC": frozenset("of the and & de la - on".split()),
}
_POSSESSIVE_NAMES = frozenset("people women men children workers king queen lord veteran mcdonald levi lloyd".split())


def read_gum_names(file: Path) -> Iterator[Sentence]:
    """GUM's mentions of people, organisations and places that hold a proper name, cut down to that name."""
    for tree in read_conllu(file):
        spans: list[Span] = []
        taken: set[int] = set()
        mentions = sorted(_mentions(tree), key=lambda span: span[0] - span[1])
        for start, end, kind in mentions:
            inner = {
                at
                for a, b, other in mentions
                if other != kind and b - a < end - start and start <= a and b <= end
                for at in range(a, b)
            }
            name = _name(tree, start, end, _KINDS[kind], inner)
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


def _proper(word: Word) -> bool:
    return word.xpos in {"NNP", "NNPS"}


def _name_head(tree: Tree, start: int, end: int) -> int | None:
    """The mention's head if it is a proper noun, else one set next to it: "the agency Yonhap", "defender Kyle Walker"."""
    words = tree.words
    heads = [at for at in range(start, end) if not start < words[at].head <= end]
    if not heads:
        return None
    if _proper(words[heads[0]]):
        return heads[0]
    beside = [
        at
        for at in range(heads[0] + 1, end)
        if words[at].head == heads[0] + 1
        and words[at].relation.split(":")[0] in {"flat", "appos"}
        and _proper(words[at])
    ]
    return beside[0] if beside else None


def _name(tree: Tree, start: int, end: int, kind: str, inner: set[int]) -> tuple[int, int] | None:
    """The run of proper nouns around the name's head, with small words between them; a person's without the places and
    bodies named within the mention.
    """
    words = tree.words
    head = _name_head(tree, start, end)
    if head is None:
        return None
    closed = inner if kind == "PER" else set()
    begin, stop = head, head + 1
    at = head - 1
    while at >= start and at not in closed and _inside(words, at, kind):
        begin = at if _proper(words[at]) or words[at].xpos in {"CD", "JJ", "NN", "NNS"} else begin
        at -= 1
    at = head + 1
    while at < end and at not in closed and _inside(words, at, kind) and not _parts(words, at, kind):
        if _says_where(words[begin : at + 2], inner, begin):
            break
        stop = at + 1 if _proper(words[at]) or words[at].xpos == "CD" else stop
        at += 1
    return begin, stop


def _says_where(words: tuple[Word, ...], inner: set[int], begin: int) -> bool:
    """Whether words end in a preposition and the place where the body is, no part of its name: "Northwestern University
    in Evanston", "University of Sheffield of the UK", but "University of North Carolina".
    """
    *name, preposition, place = [word.form.lower() for word in words] if len(words) > 2 else ["", "", ""]
    another = preposition == "in" or (preposition == "of" and "of" in name)
    return another and (place == "the" or begin + len(words) - 1 in inner)


def _inside(words: tuple[Word, ...], at: int, kind: str) -> bool:
    word = words[at]
    if word.form in {"'s", "’s", "'", "’"} and word.xpos == "POS":
        return at > 0 and words[at - 1].form.lower() in _POSSESSIVE_NAMES
    capital = word.form[:1].isupper()
    return (
        _proper(word)
        or word.form.lower() in _JOINING[kind]
        or (kind != "PER" and word.xpos in {"JJ", "NN", "NNS", "CD"} and (capital or word.xpos == "CD"))
    )


def _parts(words: tuple[Word, ...], at: int, kind: str) -> bool:
    """Whether another name begins here: joined by "and", or with an article of its own."""
    word = words[at]
    another = word.relation.split(":")[0] in {"conj", "appos", "list"} and _proper(word)
    return another or word.form.lower() == "and" or (word.form.lower() == "the" and kind != "ORG")
