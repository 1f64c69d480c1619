"""A wider parser answers as the one it grew from, until it learns more."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import spacy
from spacy.language import Language

from pipeline.enrich.training import growth, syntax
from pipeline.enrich.training.conllu import Tree, Word
from pipeline.enrich.training.loop import Plan, train
from pipeline.enrich.training.recipe import read_config, set_vectors

TREES = [
    Tree(
        (
            Word("Two", "two", "NUM", "CD", 2, "nummod", True, "_"),
            Word(ships, "ship", "NOUN", "NNS", 3, "nsubj", True, "_"),
            Word("sailed", "sail", "VERB", "VBD", 0, "root", True, "_"),
            Word("to", "to", "ADP", "IN", 5, "case", True, "_"),
            Word(port, port, "PROPN", "NNP", 3, "obl", False, "_"),
            Word(".", ".", "PUNCT", ".", 3, "punct", False, "_"),
        ),
        f"log {port}",
        0,
    )
    for ships in ("ships", "boats", "tugs")
    for port in ("Oslo", "Riga", "Suva", "Lagos")
]
PLAN = Plan(seed=1, epochs=16, batch_words=60, dropout=0.1, rate=0.02, evaluations_per_epoch=1)


def _source(language, chance):
    return syntax.examples(language, TREES * 5, chance, curly_rate=0.0)


def _las(language: Language) -> float:
    return syntax.score(language, TREES)["dep_las"]


@pytest.fixture(scope="module")
def section():
    section = read_config()["syntax"]
    return section | {"min_action_freq": 1}


@pytest.fixture(scope="module")
def learnt(section) -> bytes:
    nlp = spacy.blank("en")
    _narrow(nlp, section)
    assert train(nlp, _source, _las, PLAN) > 0.9
    return nlp.to_bytes()


def _narrow(nlp: Language, section) -> Language:
    nlp.add_pipe("tok2vec", config={"model": section["tok2vec"]})
    for name in ("tagger", "morphologizer"):
        nlp.add_pipe(name, config={"model": section["tags"]})
    nlp.add_pipe("parser", config={"model": section["parser"], "min_action_freq": section["min_action_freq"]})
    return nlp


def _answers(nlp: Language) -> list[tuple[str, str, int, str]]:
    texts = [" ".join(word.form for word in tree.words) for tree in TREES] + ["Ships in Oslo sailed , two to Riga ."]
    return [(word.tag_, word.pos_, word.head.i, word.dep_) for doc in nlp.pipe(texts) for word in doc]


@pytest.mark.parametrize("with_vectors", [True, False])
def test_it_answers_as_before_and_learns_on(learnt, section, tmp_path, with_vectors):
    before = _narrow(spacy.blank("en"), section).from_bytes(learnt)
    expected = _answers(before)
    wide = spacy.blank("en")
    if with_vectors:
        file = tmp_path / "vectors.npz"
        np.savez(file, words=np.array(["oslo", "ships"]), vectors=np.array([[3.0, 4.0], [1.0, -2.0]], dtype="float32"))
        set_vectors(wide, file)
    embed = section["tok2vec"]["embed"] | {"include_static_vectors": with_vectors}
    wider = section | {
        "tok2vec": section["tok2vec"] | {"embed": embed},
        "parser": section["parser"] | {"extra_state_tokens": True},
    }
    growth.grow(before, wide, wider, list(_source(wide, random.Random(1))))
    assert wide.pipe_names == ["tok2vec", "tagger", "morphologizer", "parser"]
    assert _answers(wide) == expected
    lower = wide.get_pipe("parser").model.get_ref("lower")
    assert lower.get_param("W").shape[0] == 13
    assert not lower.get_param("W")[8:].any()
    assert train(wide, _source, _las, replace(PLAN, epochs=4), begun=True) > 0.9
    assert lower.get_param("W")[8:].any()
