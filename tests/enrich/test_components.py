"""The spaCy components: declared in full, usable one by one, and reading as the analysis of stories does."""

from __future__ import annotations

from functools import cache

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.components import WIRE_COMPONENTS, language_pipeline, quotes_of, story_doc
from pipeline.enrich.components.words import Words, body_of, fields_of
from pipeline.enrich.entities.recogniser import BLANK
from pipeline.enrich.entities.spans import story_text
from pipeline.enrich.models import model_path
from pipeline.events import Content

STORY = """\
HARWICK (AP) — Mayor Ines Rota toured the bridge on Friday with Sir Gerald Moss of Britain.

"We will rebuild it," the mayor said. "It is a promise."

Moss corrected her: "In two years, not one." He said the money had been spent.

According to the ministry, repairs would cost $4 million.
"""


@cache
def _nlp() -> Language:
    nlp = spacy.load(model_path("en_wire"), exclude=["tagger", "morphologizer", "parser", "trainable_lemmatizer"])
    for name in WIRE_COMPONENTS:
        nlp.add_pipe(name)
    return nlp


def test_what_each_component_needs_is_assigned_by_one_before_it():
    analysis = _nlp().analyze_pipes(keys=["assigns", "requires"])
    assert {name: problems for name, problems in analysis["problems"].items() if problems} == {}
    assert "span._.speaker" in analysis["attrs"]


def test_a_component_without_what_it_needs_is_reported():
    nlp = spacy.blank("en")
    nlp.add_pipe("wire_speakers")
    assert "doc.spans" in nlp.analyze_pipes(keys=["requires"])["problems"]["wire_speakers"]


def test_quotations_carry_speaker_source_cue_and_rule():
    quotes = {quote.text: quote for quote in _nlp()(STORY).spans["quotes"]}
    direct = quotes["We will rebuild it"]
    assert (direct.label_, direct._.speaker, direct._.source.text, direct._.cue, direct._.rule) == (
        "direct", "Ines Rota", "the mayor", "said", "marks_name_verb",
    )  # fmt: skip
    assert quotes["It is a promise."]._.inherited
    assert quotes["In two years, not one."]._.speaker == "Gerald Moss"
    assert quotes["the money had been spent"]._.speaker == "Gerald Moss"
    assert quotes["repairs would cost $4 million"]._.rule == "according_to"


def test_names_marks_gazetteer_and_sentences():
    doc = _nlp()(STORY)
    assert {"Ines Rota", "Gerald Moss"} <= {ent.text for ent in doc.ents if ent.label_ == "PERSON"}
    assert [(span.text, span.label_, span.kb_id_) for span in doc.spans["gazetteer"]][-1] == ("Britain", "GPE", "Q145")
    assert doc.spans["marks"][0].text == '"We will rebuild it,"'
    assert 'Moss corrected her: "In two years, not one."' in [sentence.text.strip() for sentence in doc.sents]


def test_marks_that_are_taken_out_are_no_quotations():
    @Language.component("without_marks")
    def without_marks(doc: Doc) -> Doc:
        doc.spans["marks"] = []
        return doc

    nlp = spacy.blank("en")
    for name in ("wire_marks", "without_marks", "wire_quotes"):
        nlp.add_pipe(name)
    assert [
        quote.label_ for quote in nlp('"We will wait," Ann Moe said.').spans["quotes"] if quote.label_ == "direct"
    ] == []


@pytest.mark.parametrize(
    ("language", "model"), [("en", BLANK), ("en", None), ("fr", BLANK), ("de", None), ("ru", None)]
)
def test_the_pipeline_of_a_language_has_all_that_its_components_need(language, model):
    problems = language_pipeline(language, model).analyze_pipes(keys=["requires"])["problems"]
    # Without a recogniser nothing sets doc.ents, and names are told by their shape.
    assert {name: found for name, found in problems.items() if set(found) - {"doc.ents"}} == {}


def test_a_story_is_read_as_its_pipeline_reads_its_doc():
    content = Content(headline="Rota: we will rebuild", body=STORY, language="en", located="Vienna")
    [analysed] = Analyser({"en": BLANK}).analyse([content])
    nlp = language_pipeline("en", BLANK)
    doc = nlp(story_doc(nlp.vocab, story_text(content, 10_000), ["Vienna"]))
    assert analysed.entities == doc._.entities
    assert {"Ines Rota", "Vienna"} <= {entity.name for entity in analysed.entities}
    assert analysed.quotes == quotes_of(doc)
    assert [STORY[quote.start : quote.end] for quote in analysed.quotes] == [quote.text for quote in analysed.quotes]
    assert {field.name: doc.text[field.start :][: len(field.text)] for field in fields_of(doc)} == {
        "headline": content.headline, "body": content.body,
    }  # fmt: skip


def test_a_text_is_read_as_a_body():
    doc = language_pipeline("fr")("La chancelière Angela Merkel a déclaré que la France serait là.")
    [quote] = doc.spans["quotes"]
    assert (quote.text, quote._.speaker, quote._.source.text) == (
        "la France serait là", "Angela Merkel", "La chancelière Angela Merkel",
    )  # fmt: skip
    assert {entity.name for entity in doc._.entities} == {"Angela Merkel", "France"}


@settings(deadline=None)
@given(st.text(alphabet=" \n\t\xa0\x00aé1_'’.\"“-"))
def test_tokens_of_a_story_leave_nothing_of_its_text_out(text):
    doc = Words(_nlp().vocab)(text)
    assert doc.text == text
    assert body_of(doc).text == text


@pytest.mark.shared
def test_they_read_as_the_analysis_of_stories_does(shared_data):
    from tests.enrich.gold_stories import gold_stories

    texts = [story.text for story in gold_stories("dev", shared_data)][:60]
    analyser = Analyser({"en": "en_wire"})
    same = total = 0
    for text, result in zip(
        texts, analyser.analyse([Content(body=text, language="en") for text in texts]), strict=True
    ):
        doc = _nlp()(text)
        ours = {(quote.start_char, quote.label_, quote._.speaker) for quote in doc.spans["quotes"]}
        total += len(result.quotes)
        same += sum((quote.start, quote.type, quote.speaker) in ours for quote in result.quotes)
    assert total > 100
    assert same >= 0.93 * total  # offsets are those of whole tokens; names are read text by text, not by paragraph
