"""Training examples and scores for tags, trees, lemmas and sentence boundaries, from Universal Dependencies."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from pipeline.enrich.training.conllu import Tree, Word, read_conllu
from pipeline.enrich.training.splits import gum_files

_CURLY = {"'": "’", "``": "“", "''": "”"}


def ewt_trees(data: Path, part: str) -> list[Tree]:
    """The trees of EWT of one part: ``train``, ``dev`` or ``test``."""
    return list(read_conllu(data / "ud_ewt" / f"en_ewt-ud-{part}.conllu"))


def gum_trees(data: Path, part: str) -> list[Tree]:
    """The trees of GUM of one part."""
    return [tree for file in gum_files(data / "ud_gum", part) for tree in read_conllu(file)]


def read_trees(data: Path, part: str) -> list[Tree]:
    """The trees of both."""
    return ewt_trees(data, part) + gum_trees(data, part)


def groups(trees: Iterable[Tree], chance: random.Random | None = None, *, together: int = 10) -> Iterator[list[Tree]]:
    """Neighbouring trees of one document, up to ``together`` of them; fewer by chance, if there is one."""
    group: list[Tree] = []
    size = together
    for tree in trees:
        if group and (group[0].document != tree.document or len(group) >= size):
            yield group
            group = []
        if not group:
            size = chance.randint(1, together) if chance else together
        group.append(tree)
    if group:
        yield group


def gold_doc(nlp: Language, group: list[Tree], *, curly: bool = False) -> Doc:
    """The gold document; a paragraph's end is a plain space, as the parser sees no line breaks in these corpora."""
    words: list[Word] = []
    heads: list[int] = []
    starts: list[bool | int | None] = []
    spaces: list[bool] = []
    for tree in group:
        by = len(words)
        for at, word in enumerate(tree.words):
            words.append(word)
            heads.append(by + (word.head - 1 if word.head else at))
            starts.append(at == 0)
            spaces.append(word.space_after or at + 1 == len(tree.words))
    return Doc(
        nlp.vocab,
        words=[_curled(word) if curly else word.form for word in words],
        spaces=spaces,
        tags=[word.xpos for word in words],
        pos=[word.upos for word in words],
        lemmas=[word.lemma for word in words],
        heads=heads,
        deps=["ROOT" if word.relation == "root" else word.relation for word in words],
        sent_starts=starts,
    )


def _curled(word: Word) -> str:
    if word.form in {'"', "'"} and word.xpos in _CURLY:
        return _CURLY[word.xpos] if word.form == '"' else {"``": "‘"}.get(word.xpos, "’")
    return word.form.replace("'", "’")


def examples(nlp: Language, trees: list[Tree], chance: random.Random, *, curly_rate: float) -> Iterator[Example]:
    """Documents of 1 to 10 sentences in spaCy's own tokens; some with curly marks."""
    for group in groups(trees, chance):
        gold = gold_doc(nlp, group, curly=chance.random() < curly_rate)
        yield Example(nlp.make_doc(gold.text), gold)


def score(nlp: Language, trees: list[Tree]) -> dict[str, float]:
    """Tag, part of speech, lemma and attachment scores (0 to 1, punctuation left out of the trees), own tokenizer."""
    made = [Example(nlp.make_doc(gold.text), gold) for gold in (gold_doc(nlp, group) for group in groups(trees))]
    scores = nlp.evaluate(made)
    wanted = ("tag_acc", "pos_acc", "lemma_acc", "dep_uas", "dep_las", "sents_f", "token_acc")
    return {name: float(scores[name]) for name in wanted if scores.get(name) is not None}
