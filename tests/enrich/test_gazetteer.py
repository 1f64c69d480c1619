"""What is known of names: one name for one thing, and nothing for a name that means two."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest

from pipeline.enrich.entities.scan import gazetteer_matches
from pipeline.enrich.gazetteer import ambiguous_names, known_names, lookup


@pytest.mark.parametrize(
    ("alias", "label", "name", "iso"),
    [
        ("Russia", "GPE", "Russia", "RU"),
        ("Russian Federation", "GPE", "Russia", "RU"),
        ("Russian", "NORP", "Russian", "RU"),
        ("U.S.", "GPE", "United States", "US"),
        ("the United States", "GPE", "United States", "US"),
        ("Germans", "NORP", "German", "DE"),
        ("Tbilisi", "GPE", "Tbilisi", None),
        ("SCO", "ORG", "Shanghai Cooperation Organization", None),
        ("NATO", "ORG", "NATO", None),
    ],
)
def test_an_alias_stands_for_its_thing(alias, label, name, iso):
    known = lookup(alias)
    assert known is not None
    assert (known.label, known.name, known.iso) == (label, name, iso)


@pytest.mark.parametrize("name", ["Georgia", "Lavrov", "us", "who", "Springfield", ""])
def test_what_is_ambiguous_or_unknown_links_to_nothing(name):
    assert lookup(name) is None


def test_no_name_is_both_certain_and_ambiguous():
    assert known_names().keys().isdisjoint(ambiguous_names())
    assert all(known.id is None and known.iso is None for known in ambiguous_names().values())


def test_ids_are_wikidata_s_and_each_belongs_to_one_thing():
    names = defaultdict(set)
    for known in known_names().values():
        if known.id:
            assert re.fullmatch(r"Q[1-9]\d*", known.id), known
            if known.label != "NORP":  # a people has the id of its country
                names[known.id].add(known.name)
    assert {wikidata: found for wikidata, found in names.items() if len(found) > 1} == {}


def test_every_country_has_a_code_of_its_own():
    countries = {(known.name, known.iso) for known in known_names().values() if known.label == "GPE" and known.iso}
    assert all(re.fullmatch(r"[A-Z]{2}", iso) for _, iso in countries)
    assert [iso for iso, count in Counter(iso for _, iso in countries).items() if count > 1] == []


def test_names_are_told_by_words_and_by_case():
    text = "The US told us that Germany's Nigerian envoy left Niger for Guinea-Bissau, not Guinea; who asked the WHO?"
    assert [(match.known.name, text[match.start : match.end]) for match in gazetteer_matches(text)] == [
        ("United States", "US"),
        ("Germany", "Germany"),
        ("Nigerian", "Nigerian"),
        ("Niger", "Niger"),
        ("Guinea-Bissau", "Guinea-Bissau"),
        ("Guinea", "Guinea"),
        ("World Health Organization", "WHO"),
    ]
