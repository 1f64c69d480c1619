"""Training: seeded, learns, keeps the best weights; missing words are not taught as none."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from pipeline.enrich.training import assemble, named, syntax
from pipeline.enrich.training.conllu import Tree, Word
from pipeline.enrich.training.loop import Plan, Source, train
from pipeline.enrich.training.recipe import read_config, set_vectors, with_lemmas
from pipeline.enrich.training.sentence import Sentence
from pipeline.enrich.training.teacher import cleaned
from pipeline.events.errors import ConfigurationError

WORDS = ("Anna", "Ruiz", "went", "to", "Paris", "with", "NATO", ".")
SENTENCE = Sentence(WORDS, (True,) * 6 + (False, True), ((0, 2, "PERSON"), (4, 5, "GPE"), (6, 7, "ORG")), source="gmb")
PLAN = Plan(seed=1, epochs=12, batch_words=40, dropout=0.0, rate=0.01, evaluations_per_epoch=1)


def _trained() -> tuple[float, bytes]:
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")

    def source(language, chance):
        return named.examples(language, [SENTENCE] * 20, chance, rate=0.0, together=2)

    def score(language):
        doc = language.get_pipe("ner")(language.make_doc(SENTENCE.text))
        return sum((ent.text, ent.label_) in {("Anna Ruiz", "PERSON"), ("Paris", "GPE")} for ent in doc.ents) / 2

    best = train(nlp, source, score, PLAN)
    return best, nlp.get_pipe("ner").model.to_bytes()


def test_it_learns_and_the_same_seed_gives_the_same_weights():
    first, again = _trained(), _trained()
    assert first[0] == 1
    assert first == again


def test_vectors_are_found_by_small_letters_after_loading_too(tmp_path):
    vectors = tmp_path / "vectors.npz"
    np.savez(vectors, words=np.array(["oslo"]), vectors=np.array([[3.0, 4.0]], dtype="float32"))
    nlp = spacy.blank("en")
    set_vectors(nlp, vectors)
    assemble.write(nlp, tmp_path / "written")
    held = spacy.load(tmp_path / "written").vocab.vectors
    keys = nlp("Oslo OSLO Rome").to_array(held.attr)
    assert held.find(keys=keys).tolist() == [0, 0, -1]
    assert held.data.tolist() == [[3.0, 4.0]]


def test_edit_trees_of_lemmas_are_not_doubled_by_taking_the_best_weights():
    nlp = spacy.blank("en")
    nlp.add_pipe("trainable_lemmatizer", config={"min_tree_freq": 1})
    gold = Doc(nlp.vocab, words=["Ships", "sailed", "."], lemmas=["ship", "sail", "."])

    def source(language, chance):
        return iter([Example(language.make_doc(gold.text), gold) for _ in range(20)])

    def right(language):
        return sum(word.lemma_ == own.lemma_ for word, own in zip(language(gold.text), gold, strict=True)) / 3

    train(nlp, source, right, PLAN)
    known = len(nlp.get_pipe("trainable_lemmatizer").trees)
    assert train(nlp, source, right, PLAN, begun=True) == 1
    assert len(nlp.get_pipe("trainable_lemmatizer").trees) == known


def _ships() -> Tree:
    words = (
        Word("Ships", "ship", "NOUN", "NNS", 2, "nsubj", True, "_"),
        Word("sailed", "sail", "VERB", "VBD", 0, "root", False, "_"),
        Word(".", ".", "PUNCT", ".", 2, "punct", False, "_"),
    )
    return Tree(words, "log", 0)


def _tagger(section) -> tuple[Language, Source]:
    tagged = spacy.blank("en")
    tagged.add_pipe("tok2vec", config={"model": section["tok2vec"]})
    tagged.add_pipe("tagger", config={"model": section["tags"]})

    def source(language, chance):
        return syntax.examples(language, [_ships()] * 20, chance, curly_rate=0.0)

    return tagged, source


def test_what_is_held_does_not_learn_and_the_rest_does():
    def tags(language):
        return float(syntax.score(language, [_ships()])["tag_acc"])

    tagged, source = _tagger(read_config()["syntax"])
    plan = replace(PLAN, epochs=3, rate=0.001)
    train(tagged, source, tags, plan)
    shared, own = (tagged.get_pipe(name).model.to_bytes() for name in ("tok2vec", "tagger"))
    train(tagged, source, lambda _: 1.0, plan, begun=True, held=["tok2vec"])
    assert tagged.get_pipe("tok2vec").model.to_bytes() == shared
    assert tagged.get_pipe("tagger").model.to_bytes() != own
    train(tagged, source, lambda _: 1.0, plan, begun=True)
    assert tagged.get_pipe("tok2vec").model.to_bytes() != shared


def test_lemmas_are_learnt_on_a_layer_that_is_held_fast(tmp_path):
    section = read_config()["syntax"]
    section["tok2vec"]["embed"]["include_static_vectors"] = True
    tagged, source = _tagger(section)
    np.savez(tmp_path / "v.npz", words=np.array(["ships"]), vectors=np.array([[3.0, 4.0]], dtype="float32"))
    set_vectors(tagged, tmp_path / "v.npz")
    tagged.initialize(lambda: list(source(tagged, random.Random(1))))
    before = tagged.get_pipe("tok2vec").model.to_bytes()
    section["lemmas"] |= {"epochs": 20, "batch_words": 20}
    whole = with_lemmas(tagged, [_ships()] * 40, [_ships()], section)
    assert whole.pipe_names == ["tok2vec", "tagger", "trainable_lemmatizer"]
    assert whole.get_pipe("tok2vec").model.to_bytes() == before
    assert whole.vocab.vectors.find(keys=whole.make_doc("SHIPS").to_array(whole.vocab.vectors.attr)).tolist() == [0]
    assert [word.lemma_ for word in whole("Ships sailed.")] == ["ship", "sail", "."]


def test_missing_words_are_neither_names_nor_none():
    nlp = spacy.blank("en")
    sentence = Sentence(WORDS, SENTENCE.spaces, ((0, 2, "PERSON"),), missing=(4, 6))
    tags = named.example(nlp, [sentence]).get_aligned_ner()
    assert tags == ["B-PERSON", "L-PERSON", "O", "O", None, "O", None, "O"]


def test_documents_hold_neighbours_of_one_source():
    nlp = spacy.blank("en")
    other = Sentence(("Oslo", "."), (False, True), ((0, 1, "GPE"),), source="ewt")
    made = list(named.examples(nlp, [SENTENCE, SENTENCE, other], random.Random(2), rate=0.0, together=9))
    assert [len(one.reference) for one in made][-1] == 2
    assert sum(len(one.reference) for one in made) == 18


@pytest.mark.parametrize(
    ("taught", "certain", "spans", "missing"),
    [
        (((0, 2, "PERSON"), (4, 5, "GPE"), (6, 7, "ORG")), 0.3, {(0, 2, "PERSON"), (4, 5, "GPE"), (6, 7, "ORG")}, ()),
        (((0, 2, "ORG"), (4, 5, "GPE")), 0.99, {(0, 2, "ORG"), (4, 5, "GPE")}, ()),
        (((0, 2, "ORG"), (4, 5, "GPE")), 0.5, {(4, 5, "GPE")}, (0, 1, 6)),
    ],
)
def test_the_teacher_is_believed_where_it_is_sure(taught, certain, spans, missing):
    theirs = Sentence(WORDS, SENTENCE.spaces, taught, source="gmb")
    made = cleaned(SENTENCE, theirs, [certain] * len(WORDS), sure=0.8)
    assert set(made.spans) == spans
    assert made.missing == missing


def test_the_configuration_is_read(tmp_path):
    config = read_config()
    assert config["syntax"]["parser"]["tok2vec"]["width"] == config["syntax"]["width"]
    with pytest.raises(ConfigurationError):
        read_config(tmp_path / "none.cfg")
