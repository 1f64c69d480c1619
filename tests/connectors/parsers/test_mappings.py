"""The presets: what agencies' conventions mean, and that ordinary headlines mean nothing of the kind."""

from __future__ import annotations

import re

import pytest

from connectors.mapping import PRESETS, apply_mapping, load_mapping, preset_names
from pipeline.events.errors import ConfigurationError
from pipeline.events.item import Item, Link, Media, Subject

AGENCIES = [
    "aap", "afp", "ana", "anp", "ansa", "ap", "apa", "belga", "dpa", "efe", "lusa", "ntb", "pa", "reuters", "ritzau", "stt", "tass", "tt",
]  # fmt: skip


def test_every_agency_has_a_preset():
    assert set(preset_names()) >= {*AGENCIES, "wire"}


@pytest.mark.parametrize(
    ("preset", "headline", "signals", "left"),
    [
        ("wire", "UPDATE 2-Oil falls", ("update",), "Oil falls"),
        ("wire", "(2nd LD) Leaders meet", ("lead", "update"), "Leaders meet"),
        ("wire", "(LEAD) Leaders meet", ("lead", "update"), "Leaders meet"),
        ("wire", "(URGENT) Quake hits coast", ("urgent",), "Quake hits coast"),
        ("wire", "CORRECTED: Oil falls", ("correction",), "Oil falls"),
        ("wire", "KILL KILL KILL Oil falls", ("kill",), "Oil falls"),
        ("wire", "HOLD HOLD HOLD - Oil falls", ("withhold",), "Oil falls"),
        ("wire", "TEST TEST TEST please ignore", ("test",), "please ignore"),
        ("reuters", "UPDATE 1-Oil falls", ("update",), "Oil falls"),
        ("reuters", "CORRECTED-UPDATE 1-Oil falls", ("correction", "update"), "Oil falls"),
        ("reuters", "UPDATE 3-CORRECTED-Oil falls", ("update", "correction"), "Oil falls"),
        ("reuters", "CORRECTED (OFFICIAL)-Oil falls", ("correction",), "Oil falls"),
        ("reuters", "REFILE-Oil falls", ("refile",), "Oil falls"),
        ("reuters", "RPT-Oil falls", ("resend",), "Oil falls"),
        ("reuters", "WRAPUP 4-Oil falls", ("update",), "Oil falls"),
        ("reuters", "STORY WITHDRAWN: Oil falls", ("kill",), "Oil falls"),
        ("reuters", "DIARY - Emerging markets", ("advisory",), "DIARY - Emerging markets"),
        ("ap", "APNewsAlert: Vote passes", ("flash",), "Vote passes"),
        ("ap", "APNewsBreak: Vote passes", ("urgent",), "Vote passes"),
        ("ap", "Correction: Obit-Smith story", ("correction",), None),
        ("afp", "URGENT - Séisme au Chili", ("urgent",), "Séisme au Chili"),
        ("afp", "RECTIFICATIF: Séisme au Chili", ("correction",), "Séisme au Chili"),
        ("afp", "(ACTUALISATION) Séisme au Chili", ("update",), "Séisme au Chili"),
        ("afp", "2e LEAD - Séisme au Chili", ("lead", "update"), "Séisme au Chili"),
        ("afp", "ANNULATION: Séisme au Chili", ("kill",), "Séisme au Chili"),
        ("dpa", "EIL: Regierung tritt zurück", ("flash",), "Regierung tritt zurück"),
        ("dpa", "KORREKTUR: Regierung tritt zurück", ("correction",), "Regierung tritt zurück"),
        ("dpa", "Regierung tritt zurück (Berichtigung: Name)", ("correction",), "Regierung tritt zurück"),
        ("dpa", "ROUNDUP 2: Regierung tritt zurück", ("update",), "Regierung tritt zurück"),
        ("dpa", "2. Zusammenfassung: Regierung tritt zurück", ("update",), "Regierung tritt zurück"),
        ("dpa", "WDH: Regierung tritt zurück", ("resend",), "Regierung tritt zurück"),
        ("tass", "URGENT: Talks begin", ("urgent",), "Talks begin"),
        ("tass", "Talks begin (adds details)", ("update",), "Talks begin"),
        ("tass", "СРОЧНО. Переговоры начались", ("urgent",), "Переговоры начались"),
        ("tass", "Переговоры начались (исправленная версия)", ("correction",), "Переговоры начались"),
        ("pa", "SNAP: PM resigns", ("flash",), "PM resigns"),
        ("ntb", "Retting: Brua er åpen", ("correction",), "Brua er åpen"),
        ("ntb", "TRUKKET: Brua er åpen", ("kill",), "Brua er åpen"),
        ("ntb", "Trukket: Ti hunder dro sleden", (), None),
        ("tt", "Rättelse: Bron är öppen", ("correction",), "Bron är öppen"),
        ("ritzau", "BREAKING: Broen er åben", ("urgent",), "Broen er åben"),
        ("stt", "Korjaus: Silta on auki", ("correction",), "Silta on auki"),
        ("ansa", "Rettifica: Il ponte è aperto", ("correction",), "Il ponte è aperto"),
        ("belga", "URGENT: Le pont est ouvert", ("urgent",), "Le pont est ouvert"),
        ("apa", "Berichtigung: Brücke offen", ("correction",), "Brücke offen"),
        ("ana", "Διόρθωση: Η γέφυρα άνοιξε", ("correction",), "Η γέφυρα άνοιξε"),
        ("lusa", "Correção: A ponte abriu", ("correction",), "A ponte abriu"),
        ("anp", "Correctie: De brug is open", ("correction",), "De brug is open"),
        ("pa", "Nightlead: PM resigns", ("lead", "update"), "PM resigns"),
        ("pa", "RE-SEND: PM resigns", ("resend",), "PM resigns"),
        ("pa", "PLEASE KILL: PM resigns", ("kill",), "PM resigns"),
        ("efe", "AMPLIACIÓN: Terremoto en Chile", ("update",), "Terremoto en Chile"),
        ("efe", "AMP.- Terremoto en Chile", ("update",), "Terremoto en Chile"),
        ("efe", "URGENTE: Terremoto en Chile", ("urgent",), "Terremoto en Chile"),
        ("efe", "CORRECCIÓN: Terremoto en Chile", ("correction",), "Terremoto en Chile"),
        ("efe", "ANULACIÓN.- Terremoto en Chile", ("kill",), "Terremoto en Chile"),
        ("aap", "UPDATE 1: PM resigns", ("update",), "PM resigns"),
        ("aap", "2nd Update: PM resigns", ("update",), "PM resigns"),
        ("aap", "TAKEDOWN: PM resigns", ("kill",), "PM resigns"),
    ],
)  # fmt: skip
def test_headline_tags(preset, headline, signals, left):
    item = apply_mapping(Item(headline=headline), load_mapping(preset))
    assert item.signals == signals
    if left is not None:
        assert item.headline == left


@pytest.mark.parametrize("preset", ["wire", *AGENCIES])
@pytest.mark.parametrize(
    "headline",
    [
        "Kill Bill returns to cinemas", "KILL BILL RETURNS TO CINEMAS", "Updated rules for drivers take effect",
        "Test: India beat England by 20 runs", "Test of strength for the coalition", "Corrections officer shot in Ohio",
        "Embargo on grain lifted", "Urgent care centres close", "Leading banks cut rates", "Lead poisoning found in schools",
        "Hold the front page", "Alert citizens stop robbery", "Avance de las tropas en el norte", "Flash floods kill ten",
        "Neue Regierung im Amt", "Releases of the week", "Advisory board to meet", "Repeat offender jailed",
        "Snap election called", "Rush hour chaos in London", "Storno-Gebühren steigen", "Amparo concedido en México",
    ],
)  # fmt: skip
def test_ordinary_headlines_are_left_alone(preset, headline):
    item = apply_mapping(Item(headline=headline), load_mapping(preset))
    assert (item.signals, item.headline) == ((), headline)


@pytest.mark.parametrize(
    ("preset", "text", "dateline", "located"),
    [
        ("ap", "CHATHAM, Mass. (AP) _ A lobster died.", "CHATHAM, Mass.", "Chatham"),
        ("ap", "NEW YORK (AP) — Stocks rose.", "NEW YORK", "New York"),
        ("reuters", "LONDON, March 4 (Reuters) - Oil fell.", "LONDON, March 4", "London"),
        ("reuters", "BRUSSELS/PARIS, March 4 (Reuters) - Oil fell.", "BRUSSELS/PARIS, March 4", "Brussels/Paris"),
        ("reuters", "(Adds quote)\n\nLONDON, March 4 (Reuters) - Oil fell.", "LONDON, March 4", "London"),
        ("reuters", "Jan 30 (Reuters) - Gold. Oil.", "Jan 30", None),
        ("efe", "Tegucigalpa, Jan 2 (EFE).- The text.", "Tegucigalpa, Jan 2", "Tegucigalpa"),
        ("afp", "Paris, 4 mars 2024 (AFP) - Le texte.", "Paris, 4 mars 2024", "Paris"),
        ("afp", "Paris (AFP) – The text.", "Paris", "Paris"),
        ("dpa", "Berlin (dpa) - Der Text.", "Berlin", "Berlin"),
        ("dpa", "Frankfurt/Main (dpa/lhe) - Der Text.", "Frankfurt/Main", "Frankfurt/Main"),
        ("dpa", "San Diego (tca/dpa) - The text.", "San Diego", "San Diego"),
        ("tass", "BEIJING, April 24. /TASS/. The text.", "BEIJING, April 24", "Beijing"),
        ("tass", "МОСКВА, 24 апреля. /ТАСС/. Текст.", "МОСКВА, 24 апреля", "Москва"),
        ("efe", "Madrid, 5 abr (EFE).- El texto.", "Madrid, 5 abr", "Madrid"),
        ("efe", "Madrid (EFE).- El texto.", "Madrid", "Madrid"),
        ("efe", "Bogotá, 5 abr (EFE). - El texto.", "Bogotá, 5 abr", "Bogotá"),
        ("aap", "CANBERRA, Jan 4 AAP - The text.", "CANBERRA, Jan 4", "Canberra"),
        ("pa", "LONDON (PA) - The text.", "LONDON", "London"),
    ],
)  # fmt: skip
def test_datelines(preset, text, dateline, located):
    item = apply_mapping(Item(body_text=text), load_mapping(preset))
    assert (item.dateline, item.located) == (dateline, located)
    assert re.search(r"(?:The|A|Le|El|Der|Oil|Stocks|Текст).*$", item.body_text)
    assert "(" not in item.body_text
    assert "/" not in item.body_text


@pytest.mark.parametrize("preset", ["wire", *AGENCIES])
@pytest.mark.parametrize(
    "text", ["The minister (left) - who spoke first - left.", "A text without any.", "NATO - the alliance - met."]
)
def test_no_dateline(preset, text):
    assert apply_mapping(Item(body_text=text), load_mapping(preset)).body_text == text


def test_a_line_for_editors_above_the_text_goes_to_the_note():
    item = apply_mapping(
        Item(body_text="(Adds analyst comment, paragraph 3)\n\nLONDON, March 4 (Reuters) - Oil."),
        load_mapping("reuters"),
    )
    assert (item.ednote, item.body_text, item.signals) == ("(Adds analyst comment, paragraph 3)", "Oil.", ("update",))


@pytest.mark.parametrize(
    ("code", "signals"),
    [("edStat:U", ("update",)), ("edStat:C", ("correction",)), ("edStat:D", ("kill",)), ("edStat:N", ())],
)
def test_an_agencys_own_codes(code, signals):
    assert apply_mapping(Item(originals={"signal": code}), load_mapping("reuters")).signals == signals


def test_a_byline_before_the_dateline_is_taken_out_of_the_body():
    text = "(Adds detail)\n\n* Gold may rise\n\nBy A Writer\n\nJan 30 (Reuters) - Gold rose."
    item = apply_mapping(Item(body_text=text), load_mapping("reuters"))
    assert (item.byline, item.body_text) == ("A Writer", "* Gold may rise\n\nGold rose.")


def test_the_last_word_of_a_text_and_the_version_in_an_id():
    item = Item(uri="af1f7ad5-5619-49de-84cc-2e608538c77fSSS-3-1", body_text="One.\n\nends")
    mapped = apply_mapping(item, load_mapping("pa"))
    assert (mapped.uri, mapped.body_text) == ("af1f7ad5-5619-49de-84cc-2e608538c77fSSS", "One.")


def test_categories_get_their_names():
    item = apply_mapping(Item(subjects=(Subject(code="s", scheme="category"),)), load_mapping("ap"))
    assert item.subjects[0].name == "Sports"


def test_the_id_without_what_changes_by_revision():
    item = Item(uri="http://api.x.example/media/v/content/b2b6?qt=H1K&et=0a1")
    assert apply_mapping(item, load_mapping("ap")).uri == "http://api.x.example/media/v/content/b2b6"


def test_no_agency_is_named_in_parser_code():
    """What an agency does differently stands in its mapping; a parser may be named after a format alone."""
    names = re.compile(r"\b(?:reuters|tass|efe|aap|yonhap|associated press|agence france)\b", re.IGNORECASE)
    for module in (PRESETS.parent / "parsers").glob("*.py"):
        assert not names.search(module.read_text(encoding="utf-8")), module.name


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("tags: [{match: '('}]", "regular expression"), ("datelines: ['(?P<x>a)']", "no group named head"),
        ("colour: red", "colour"), ("codes: {a: [nonsense]}", "codes"), ("- a", "mapping"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_named_with_its_file_and_key(tmp_path, text, wrong):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((ConfigurationError, TypeError), match=rf"(?s).*{wrong}"):
        load_mapping(str(path))


def test_addresses_that_a_browser_would_run_are_left_out():
    item = Item(
        link="javascript:x",
        links=(Link(rel="a", href="data:x"),),
        media=(Media(href="vbscript:x"), Media(href="cid:1")),
    )
    mapped = apply_mapping(item, load_mapping("wire"))
    assert mapped.link is None
    assert mapped.links[0].href is None
    assert [medium.href for medium in mapped.media] == [None, "cid:1"]


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?<=a)b", r"(a)\1", "(a", r"[\Wa]"])
def test_patterns_that_cannot_run_in_linear_time_are_refused(tmp_path, pattern):
    path = tmp_path / "mine.yaml"
    path.write_text(f"tags: [{{match: '{pattern}'}}]\n")
    with pytest.raises(ConfigurationError, match=r"regular expression|not supported"):
        load_mapping(str(path))
