"""The name under which a person is shown: made from the id, and the id from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.events.persons import id_of_name, name_particles, plain_letters, shown_name

SHOWN = [
    ("person:sergei-lavrov", "Sergei Lavrov"),
    ("person:ursula-von-der-leyen", "Ursula von der Leyen"),
    ("person:bashar-al-assad", "Bashar al-Assad"),
    ("person:al-gore", "Al Gore"),
    ("person:van-jones", "Van Jones"),
    ("person:marine-le-pen", "Marine Le Pen"),
    ("person:conan-o'brien", "Conan O'Brien"),
    ("person:mitch-mcconnell", "Mitch McConnell"),
    ("person:donald-trump-jr", "Donald Trump Jr"),
    ("person:henry-moe-iii", "Henry Moe III"),
    ("person:george-bush:h-w", "George Bush (H W)"),
    ("person:john-smith:au", "John Smith (AU)"),
    ("person:сергей-лавров", "Сергей Лавров"),
]


@pytest.mark.parametrize(("person", "name"), SHOWN)
def test_an_id_is_shown_as_a_name_that_leads_back_to_it(person: str, name: str) -> None:
    assert shown_name(person) == name
    assert id_of_name(name) == person
    assert id_of_name(person) == person


words = st.one_of(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.sampled_from(sorted(name_particles())))


@given(st.lists(words, min_size=2, max_size=5), st.sampled_from(["", ":w", ":h-w", ":au"]))
def test_no_two_ids_are_shown_alike(parts: list[str], apart: str) -> None:
    person = f"person:{'-'.join(parts)}{apart}"
    assert id_of_name(shown_name(person)) == person


def test_a_name_as_written_stands_for_an_id_where_it_is_full() -> None:
    assert id_of_name("François Hollande") == "person:francois-hollande"
    assert [id_of_name(name) for name in ("Lavrov", "", " ", "(", "NATO (")] == [None] * 5


@given(st.text(max_size=40))
def test_any_text_from_an_address_is_taken(text: str) -> None:
    id_of_name(text)
    shown_name(text)
    shown_name(f"person:{text}")


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Jarosław", "Jaroslaw"), ("Søren", "Soren"), ("Đinđić", "Dindic"), ("O’Brien", "O'Brien"), ("李强", "李强")],
)
def test_letters_without_accents(text: str, plain: str) -> None:
    assert plain_letters(text) == plain
