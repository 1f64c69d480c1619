"""Readers, and one set of labels for all corpora."""

from __future__ import annotations

import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.enrich.iob import spans_of
from pipeline.enrich.training.conllu import read_conllu, read_gum_names
from pipeline.enrich.training.corpora import read_gmb, read_iob2
from pipeline.enrich.training.projection import place_label, unified
from pipeline.enrich.training.sentence import Sentence, guessed_spaces
from pipeline.enrich.training.spelling import varied


def _sentence(marked: str, source: str) -> Sentence:
    """``[per President Bush] met`` to a sentence."""
    words, spans = [], []
    for part in marked.replace("]", " ]").split():
        if part.startswith("["):
            spans.append((len(words), 0, part[1:]))
        elif part == "]":
            spans[-1] = (spans[-1][0], len(words), spans[-1][2])
        else:
            words.append(part)
    return Sentence(tuple(words), (True,) * len(words), tuple(spans), source=source)


def _named(sentence: Sentence) -> list[tuple[str, str]]:
    return [(" ".join(sentence.words[start:end]), label) for start, end, label in sentence.spans]


@pytest.mark.parametrize(
    ("marked", "source", "expected"),
    [
        ("[per President Bush] met [gpe Iraqi] leaders in [geo Baghdad] .", "gmb",
         [("Bush", "PERSON"), ("Iraqi", "NORP"), ("Baghdad", "GPE")]),
        ("[per Prime] [per Minister Tony Blair] [tim Tuesday] .", "gmb", [("Tony Blair", "PERSON"), ("Tuesday", "DATE")]),
        ("the [org West Bank] and the [org U.S.] and [gpe Nepal]", "gmb",
         [("West Bank", "LOC"), ("U.S.", "GPE"), ("Nepal", "GPE")]),
        ("killed [tim two] people in the [geo Indian Ocean]", "gmb", [("Indian Ocean", "LOC")]),
        ("Secretary of [org State] [per Condoleezza Rice]", "gmb", [("Condoleezza Rice", "PERSON")]),
        ("[OTH American] troops left [LOC Iraq] on April 24 , 2008", "ewt",
         [("American", "NORP"), ("Iraq", "GPE"), ("April 24 , 2008", "DATE")]),
        ("[OTH Titanic] cost $ 5 million , 40 percent more", "ewt", [("$ 5 million", "MONEY"), ("40 percent", "PERCENT")]),
        ("[MISC French] fans at the [MISC World Cup]", "wikigold", [("French", "NORP"), ("World Cup", "EVENT")]),
        ("[PER US President Barack Obama] met the [PER NASA Administrator] and [PER Emeritus Professor John Burrows]", "gum",
         [("Barack Obama", "PERSON"), ("John Burrows", "PERSON")]),
        ("[PER Martin Luther King] and [PER Sheik Abdel Rahman]", "gum",
         [("Martin Luther King", "PERSON"), ("Abdel Rahman", "PERSON")]),
        ("[Organisation the Syrian Democratic Forces] and [Person he]", "re3d", [("Syrian Democratic Forces", "ORG")]),
    ],
)  # fmt: skip
def test_labels_are_the_project_s(marked, source, expected):
    assert _named(unified(_sentence(marked, source))) == expected


def test_what_a_corpus_leaves_open_is_not_taught():
    sentence = unified(_sentence("the [art Hubble] telescope", "gmb"))
    assert sentence.spans == ()
    assert sentence.missing == (1,)


@pytest.mark.parametrize(
    ("name", "label"),
    [("Russia", "GPE"), ("the Black Sea", "LOC"), ("Europe", "LOC"), ("South Africa", "GPE"), ("Mount Merapi", "GPE"),
     ("Gaza Strip", "LOC"), ("Solomon Islands", "GPE")],
)  # fmt: skip
def test_places_and_governed_places(name, label):
    assert place_label(name) == label


def test_reads_the_meaning_bank(tmp_path):
    rows = (
        'Sentence #,Word,POS,Tag\nSentence: 1,Moscow,NNP,B-geo\n,said,VBD,O\n,"""",``,O\nSentence: 2,Tehran,NNP,B-geo\n'
    )
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(rows.encode("latin-1")))
    first, second = read_gmb(tmp_path / "a.csv.gz")
    assert first.words == ("Moscow", "said", '"')
    assert first.spans == second.spans == ((0, 1, "geo"),)


def test_the_earlier_release_s_stray_tag_is_outside(tmp_path):
    (tmp_path / "a.iob2").write_text("# text = Moscow.\n1\tMoscow\tB-LOC\t-\t-\n2\t.\tB-O\t-\t-\n\n", encoding="utf-8")
    [sentence] = read_iob2(tmp_path / "a.iob2", "ewt")
    assert sentence.spans == ((0, 1, "LOC"),)
    assert sentence.spaces == (False, True)


TREE = """# newdoc id = GUM_news_x
1\tThe\tthe\tDET\tDT\t_\t5\tdet\t_\tEntity=(1-person-new-x
2\tRussian\tRussian\tADJ\tJJ\t_\t5\tamod\t_\t_
3\tminister\tminister\tNOUN\tNN\t_\t0\troot\t_\t_
4\tSergey\tSergey\tPROPN\tNNP\t_\t3\tappos\t_\tEntity=(2-person-new-Sergey_Lavrov
5\tLavrov\tLavrov\tPROPN\tNNP\t_\t4\tflat\t_\tEntity=2)1)
6-7\tcan't\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
6\tca\tcan\tAUX\tMD\t_\t3\taux\t_\t_
7\tn't\tnot\tPART\tRB\t_\t3\tadvmod\t_\t_
8\tU.N.\tU.N.\tPROPN\tNNP\t_\t3\tobl\t_\tEntity=(3-organization-new-United_Nations)

"""


def test_reads_trees_and_named_mentions(tmp_path):
    (tmp_path / "GUM_news_x.conllu").write_text(TREE, encoding="utf-8")
    [tree] = read_conllu(tmp_path / "GUM_news_x.conllu")
    assert [word.space_after for word in tree.words][-3:] == [False, False, True]
    [sentence] = read_gum_names(tmp_path / "GUM_news_x.conllu")
    assert _named(sentence) == [("Sergey Lavrov", "PER"), ("U.N.", "ORG")]


PLACES = """# newdoc id = GUM_news_y
1\tDuke\tDuke\tPROPN\tNNP\t_\t2\tcompound\t_\tEntity=(1-organization-new-x
2\tUniversity\tUniversity\tPROPN\tNNP\t_\t0\troot\t_\t_
3\tin\tin\tADP\tIN\t_\t4\tcase\t_\t_
4\tDurham\tDurham\tPROPN\tNNP\t_\t2\tnmod\t_\tEntity=(2-place-new-Durham)1)
5\tUniversity\tUniversity\tPROPN\tNNP\t_\t2\tconj\t_\tEntity=(3-organization-new-x
6\tof\tof\tADP\tIN\t_\t7\tcase\t_\t_
7\tYork\tYork\tPROPN\tNNP\t_\t5\tnmod\t_\tEntity=(4-place-new-York)
8\tof\tof\tADP\tIN\t_\t10\tcase\t_\t_
9\tthe\tthe\tDET\tDT\t_\t10\tdet\t_\tEntity=(5-place-new-x
10\tUK\tUK\tPROPN\tNNP\t_\t7\tnmod\t_\tEntity=5)3)

"""


def test_a_body_s_name_does_not_hold_the_place_where_it_is(tmp_path):
    (tmp_path / "GUM_news_y.conllu").write_text(PLACES, encoding="utf-8")
    [sentence] = read_gum_names(tmp_path / "GUM_news_y.conllu")
    assert _named(sentence) == [
        ("Duke University", "ORG"),
        ("Durham", "LOC"),
        ("University of York", "ORG"),
        ("UK", "LOC"),
    ]


@pytest.mark.parametrize(
    ("tags", "spans"),
    [("B-A I-A O", [(0, 2, "A")]), ("I-A I-B", [(0, 1, "A"), (1, 2, "B")]), ("B-A B-A", [(0, 1, "A"), (1, 2, "A")])],
)
def test_tags_to_spans(tags, spans):
    assert spans_of(tags.split()) == spans


def test_spaces_as_printed():
    words = '" Stop , " he said ( again ) : $ 5 .'.split()
    text = Sentence(tuple(words), tuple(guessed_spaces(words))).text
    assert text == '"Stop," he said (again): $5. '


NAMES = st.sampled_from(
    [
        "[per Tony Blair]",
        "[geo Baghdad]",
        "[org NATO]",
        "[tim Tuesday]",
        "said",
        '"',
        "the",
        "won't",
        ".",
        ",",
        "[art X]",
    ]
)


@settings(max_examples=200)
@given(st.lists(NAMES, min_size=1, max_size=12), st.integers(0, 10_000))
def test_variation_keeps_spans_within_the_words(parts, seed):
    sentence = unified(_sentence(" ".join(parts), "gmb"))
    changed = varied(sentence, random.Random(seed), rate=0.9)
    assert len(changed.words) == len(changed.spaces)
    assert all(0 <= start < end <= len(changed.words) for start, end, _ in changed.spans)
    assert all(0 <= at < len(changed.words) for at in changed.missing)
    labels = [label for _, _, label in changed.spans]
    kept = [label for _, _, label in sentence.spans]
    assert not kept or labels[-len(kept) :] == kept or sentence.words[-1] == "."


def test_variation_is_seeded():
    sentence = unified(_sentence("[per Tony Blair] flew to [geo Baghdad] .", "gmb"))
    assert varied(sentence, random.Random(3), rate=0.8) == varied(sentence, random.Random(3), rate=0.8)
