"""The language of a story: long texts in any, flashes and headlines in one of the wires' or of the installation's."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.enrich.language import language_of

_EXPECTED = frozenset(("en",))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Oil rises 2%", "en"),
        ("FED RAISES RATES BY QUARTER POINT", "en"),
        ("Los precios suben 2%", "es"),
        ("Le président démissionne", "fr"),
        ("Regierung tritt zurück", "de"),
        ("Paus bezoekt Irak in maart", "nl"),
        ("Presidente renuncia tras voto", None),
        ("12:30", None),
    ],
)
def test_a_flash_has_a_language_where_it_is_likely_or_expected(text, language):
    assert language_of(text, None, _EXPECTED)[0] == language


@pytest.mark.parametrize(
    ("installation", "language"), [(("es",), "es"), (("en", "pt"), "pt"), (("de", "it"), "it"), ((), None)]
)
def test_a_flash_is_in_a_language_of_the_installation(installation, language):
    assert (
        language_of("Presidente renuncia tras voto", None, frozenset(installation), frozenset(installation))[0]
        == language
    )


def test_a_long_text_may_be_in_any_language():
    text = "Der Minister sagte, die Gespräche würden am Dienstag fortgesetzt, und die Lage sei ernst. " * 5
    assert language_of(text, None, _EXPECTED, frozenset(("en", "fr")))[0] == "de"


def test_a_flash_is_in_the_language_that_the_feed_says():
    assert language_of("Oil rises 2%", "de-AT", _EXPECTED) == ("de", None)


@pytest.mark.parametrize(
    ("text", "said", "language"),
    [
        ("央行上调利率", "en-us", "zh"),
        ("首相が辞任を表明", "en", "ja"),
        ("日本経済", "ja", "ja"),
        ("Цены на нефть выросли", "en-US", "ru"),
        ("أسعار النفط ترتفع", "en", "ar"),
        ("대통령 사임", "en", "ko"),
        ("Премијер поднео оставку", "sr", "sr"),
        ("Predsednik vlade podneo ostavku", "sr-Latn", "sr"),
        ("Die Regierung in Wien ist am Montag zurückgetreten, sagte ein Sprecher.", "en-us", "de"),
        ("Vláda podala demisiu, oznámil hovorca", "sk", "sk"),
        ("Apple, Google 与 Microsoft 发布财报，股价上涨", "en", "zh"),
        ("12:30", "ar", "ar"),
        ("Regjeringen sier at den nye loven skal gjelde fra neste år.", "nb-NO", "nb"),
        ("Pemerintah mengatakan bahwa harga minyak akan naik bulan depan.", "id", "id"),
    ],
)
def test_a_script_and_a_clear_text_outweigh_the_feed(text, said, language):
    assert language_of(text, said, _EXPECTED)[0] == language


@pytest.mark.parametrize(("said", "language"), [("wuu", "zh"), ("yue-HK", "zh"), ("pcm", "en"), ("arz", "ar")])
def test_a_variant_is_its_language(said, language):
    assert language_of("央行" if language == "zh" else "نفط" if language == "ar" else "Oil", said)[0] == language


@pytest.mark.shared
@pytest.mark.parametrize("said", [None, "en-us"])
def test_whole_sentences_are_told(shared_data, said):
    """In nine of ten languages, also where the feed says that all is English."""
    lines = (shared_data / "parallel" / "pud-news.tsv").read_text(encoding="utf-8").splitlines()
    names, *rows = (line.split("\t")[1:] for line in lines)
    right = Counter(
        name
        for row in rows
        for name, text in zip(names, row, strict=True)
        if language_of(text, said, _EXPECTED)[0] == name
    )
    assert sum(right[name] >= 0.98 * len(rows) for name in names) >= 9


def test_a_headline_is_no_language_that_no_wire_writes():
    assert language_of("No deal, says union", None, _EXPECTED)[0] == "en"
    long = (
        "Et dixit Deus: fiat lux. Et facta est lux. Et vidit Deus lucem quod esset bona, et divisit lucem a tenebris. "
        * 4
    )
    assert language_of(long, None, _EXPECTED)[0] == "la"
