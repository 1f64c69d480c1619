"""Names against CoNLL/IOB files."""

from __future__ import annotations

import pytest
import spacy

from pipeline.enrich.iob import read_gold
from pipeline.evaluate.ner import evaluate_extraction, evaluate_ner
from pipeline.events.errors import ConfigurationError

IOB2 = (
    "# sent_id = 1\n# text = Sergey Lavrov is in Beijing.\n1\tSergey\tB-PER\t-\t-\n2\tLavrov\tI-PER\t-\t-\n3\tis\tO\t-\t-\n"
    "4\tin\tO\t-\t-\n5\tBeijing\tB-LOC\t-\t-\n6\t.\tO\t-\t-\n\n"
)
IOB1 = "-DOCSTART- O\n\nSergey I-PER\nLavrov I-PER\nis O\nin O\nBeijing I-LOC\n. O\n\nMoscow I-LOC\nTokyo B-LOC\n"


@pytest.fixture
def ruler():
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(
        [
            {"label": "PERSON", "pattern": "Sergey Lavrov"},
            {"label": "GPE", "pattern": "Beijing"},
            {"label": "DATE", "pattern": "is"},
        ]
    )
    return nlp


def test_reads_both_forms(tmp_path):
    for name, text in (("a.iob2", IOB2), ("b.txt", IOB1)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    [numbered] = read_gold(tmp_path / "a.iob2")
    plain, neighbours = read_gold(tmp_path / "b.txt")
    assert numbered.words == plain.words
    assert numbered.spans == plain.spans == ((0, 2, "PER"), (4, 5, "LOC"))
    assert numbered.spaces[-2:] == (False, True)
    assert neighbours.spans == ((0, 1, "LOC"), (1, 2, "LOC"))


def test_countries_count_as_places_and_other_labels_do_not_count(tmp_path, ruler):
    (tmp_path / "a.iob2").write_text(IOB2, encoding="utf-8")
    (tmp_path / "README.txt").write_text("not gold", encoding="utf-8")
    scores = evaluate_ner(ruler, tmp_path)
    assert scores.exact["all"].f1 == 1
    assert set(scores.exact) == {"PERSON", "LOC", "all"}


def test_what_is_missing_is_named(tmp_path, ruler):
    with pytest.raises(ConfigurationError, match="no gold sentences"):
        evaluate_ner(ruler, tmp_path)
    (tmp_path / "a.iob2").write_text(IOB2, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no_such_pipeline"):
        evaluate_ner("no_such_pipeline", tmp_path)


def test_the_whole_extraction_is_scored_in_characters_of_the_sentence(tmp_path):
    (tmp_path / "a.iob2").write_text(IOB2, encoding="utf-8")
    scores = evaluate_extraction("blank-gazetteer", tmp_path)
    assert scores.exact["LOC"].f1 == 1  # Beijing, which the gazetteer knows
    assert (scores.exact["PERSON"].gold, scores.exact["PERSON"].found_gold) == (1, 1)
