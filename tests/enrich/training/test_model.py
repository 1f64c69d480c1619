"""The bundled pipeline: loads by itself, small, and as good as its card says (thresholds lie a little lower)."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from pipeline.enrich.iob import GoldSentence
from pipeline.enrich.models import model_path
from pipeline.enrich.ner_scores import score_sentences
from pipeline.enrich.training import named, syntax
from pipeline.evaluate.ner import evaluate_ner

STORY = (
    "BEIJING, April 24. /TASS/. Russian Foreign Minister Sergey Lavrov told reporters in Beijing on Tuesday that the "
    "United States was not going to leave Syria. “We expect 5 percent growth,” said Ursula von der Leyen, the head of "
    "the European Commission. The company paid $3 million."
)


@pytest.fixture(scope="module")
def nlp() -> Language:
    path = model_path("en_wire")
    assert path is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return spacy.load(path)


def _data(shared: Path) -> Path:
    return shared / "nlp"


def test_unknown_names_have_no_folder():
    assert model_path("en_core_web_sm") is None
    assert model_path("../models/en_wire") is None
    assert model_path("") is None


def test_it_is_small_and_has_a_card():
    folder = model_path("en_wire")
    assert folder is not None
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) <= 15 * 2**20
    assert "CC BY-SA 4.0" in (folder / "README.md").read_text(encoding="utf-8")


def test_it_reads_a_story(nlp):
    doc = nlp(STORY)
    found = {(ent.text, ent.label_) for ent in doc.ents}
    assert {("Sergey Lavrov", "PERSON"), ("Russian", "NORP"), ("Beijing", "GPE"), ("Tuesday", "DATE")} <= found
    assert {("United States", "GPE"), ("Syria", "GPE"), ("European Commission", "ORG")} <= found
    assert {("5 percent", "PERCENT"), ("$3 million", "MONEY")} <= found
    told = next(word for word in doc if word.text == "told")
    assert told.lemma_ == "tell"
    assert told.pos_ == "VERB"
    assert any(word.text in {"Sergey", "Lavrov", "Minister"} for word in told.lefts)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "😀😀", "\x00\x07", "«»“”\"'", "مرحبا بالعالم", "A" * 5000, "a b " * 2000]
)
def test_odd_texts_do_no_harm(nlp, text):
    assert nlp(text).text == text


@pytest.mark.shared
@pytest.mark.parametrize(("gold", "least"), [("uner_pud", 71.0), ("uner_ewt/en_ewt-ud-test.iob2", 71.0)])
def test_names_are_found_as_well_as_the_card_says(nlp, shared_data, gold, least):
    assert 100 * evaluate_ner(nlp, _data(shared_data) / gold).exact["all"].f1 >= least


@pytest.mark.shared
def test_names_in_news_are_found_as_well_as_the_card_says(nlp, shared_data):
    kept = {"PERSON", "ORG", "GPE", "LOC"}
    gold = [
        GoldSentence(one.words, one.spaces, tuple(span for span in one.spans if span[2] in kept))
        for one in named.gum_news(_data(shared_data))
    ]
    assert 100 * score_sentences(nlp, gold).exact["all"].f1 >= 75.0


@pytest.mark.shared
@pytest.mark.parametrize(("read", "least"), [(syntax.ewt_trees, 81.0), (syntax.gum_trees, 82.0)])
def test_trees_are_as_good_as_the_card_says(nlp, shared_data, read, least):
    with nlp.select_pipes(disable=["ner"]):
        assert 100 * syntax.score(nlp, read(_data(shared_data), "test"))["dep_las"] >= least


@pytest.mark.shared
def test_no_test_sentence_is_trained_on(shared_data):
    data = _data(shared_data)
    trained = {one.document for one in named.training_sentences(data) if one.source in {"ewt", "gum"}}
    held = {one.document for one in named.raw_sentences(data / "uner_ewt" / "en_ewt-ud-test.iob2")}
    held |= {one.document for one in named.raw_sentences(data / "uner_pud" / "en_pud-ud-test.iob2")}
    held |= {one.document for one in named.gum_news(data)}
    assert trained
    assert not trained & held
    trees = {tree.document for tree in syntax.read_trees(data, "train")}
    assert not trees & {tree.document for tree in syntax.read_trees(data, "test")}
