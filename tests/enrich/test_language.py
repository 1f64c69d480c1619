"""The language of a story: long texts in any, flashes and headlines in one of the wires' or of the installation's."""

from __future__ import annotations

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


def test_a_flash_is_in_the_language_that_the_feed_says():
    assert language_of("Oil rises 2%", "de-AT", _EXPECTED) == ("de", None)


def test_a_headline_is_no_language_that_no_wire_writes():
    assert language_of("No deal, says union", None, _EXPECTED)[0] == "en"
    long = (
        "Et dixit Deus: fiat lux. Et facta est lux. Et vidit Deus lucem quod esset bona, et divisit lucem a tenebris. "
        * 4
    )
    assert language_of(long, None, _EXPECTED)[0] == "la"
