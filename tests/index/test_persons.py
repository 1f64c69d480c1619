"""A person with an id is found, counted and shown as one, whatever the spelling."""

from __future__ import annotations

import pytest

from pipeline.index.persons import person_filter, person_name, spelling


@pytest.mark.parametrize(
    ("written", "person", "name"),
    [
        ("Sergey V. Lavrov", "person:sergei-lavrov", "Sergei Lavrov"),
        ("Lavrov", None, "Lavrov"),
        ("Harbour Authority", "Q9", "Harbour Authority"),
        (None, None, None),
    ],
)
def test_a_person_has_the_name_of_the_id_anybody_else_the_written_one(written, person, name):
    assert person_name(written, person) == name


@pytest.mark.parametrize(
    ("names", "wanted", "ids"),
    [
        (["person:sergei-lavrov"], None, ["person:sergei-lavrov"]),
        (["Sergei Lavrov"], ["Sergei Lavrov"], ["person:sergei-lavrov"]),
        (["John Smith (AU)"], ["John Smith (AU)"], ["person:john-smith:au"]),
        (["NATO"], ["NATO"], None),
        (["NATO", "Zoë Märker"], ["NATO", "Zoë Märker"], ["person:zoe-marker"]),
    ],
)
def test_a_filter_takes_names_and_ids(names, wanted, ids):
    asked = {}
    for term in person_filter(names, "person")["bool"]["should"]:
        asked |= term["terms"]
    names_asked = {"person": wanted, "speaker": wanted} if wanted else {}
    assert asked == names_asked | ({"speaker_id": ids} if ids else {})


@pytest.mark.parametrize(
    ("name", "spellings", "shown"),
    [
        ("Zoe Marker", ["Ann Moe", "Zoë Märker", "Zoe Marker"], "Zoë Märker"),
        ("Recep Erdogan", ["Joe Biden", "Recep Tayyip Erdoğan", "Recep Erdogan"], "Recep Tayyip Erdoğan"),
        ("Ron Desantis", ["Ron DeSantis", "Ron Desantis"], "Ron DeSantis"),
        ("Sergei Lavrov", ["Ann Moe", "Sergey Lavrov"], "Sergei Lavrov"),
        ("Sergei Lavrov", ["Sergey Lavrov"], "Sergey Lavrov"),
        ("Donald Trump", ["Donald Trump Jr", "Ann Moe"], "Donald Trump"),
        ("George Bush (W)", ["George H. W. Bush", "George W. Bush"], "George Bush (W)"),
        ("Lavrov", ["Ann Lavrova", "Lavrov"], "Lavrov"),
        ("Lavrov", [], "Lavrov"),
    ],
)
def test_a_count_is_shown_as_most_stories_spell_the_name(name, spellings, shown):
    buckets = [{"key": spelling_, "doc_count": 9 - place} for place, spelling_ in enumerate(spellings)]
    assert spelling({"key": name, "spellings": {"buckets": buckets}}) == shown
