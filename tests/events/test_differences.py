"""Differences between tellings: what changed is told with who says it, and what did not change is not."""

from __future__ import annotations

import pytest

from pipeline.events.differences import Text, differences

FIRST = """Fire kills three in Marrowby hostel

MARROWBY (Orbis) - A fire in a hostel in the centre of Marrowby killed three people on Monday night, the fire brigade said.
Another 14 people were taken to the city hospital with burns.
The building in Tanner Street was put up in 1911 and has four floors, according to city engineer Lorcan Vantreight.
Mayor Odalys Penhallow promised a new inspection of all hostels before the winter."""


def text(source: str, body: str, minute: int = 0) -> Text:
    headline, _, rest = body.partition("\n\n")
    return Text(f"{source}-{minute}", source, f"2026-03-02T06:{minute:02d}:00Z", headline, rest)


def told(*bodies: str) -> list[tuple[str, list[str]]]:
    texts = [text(f"A{number}", body, number) for number, body in enumerate(bodies)]
    return [(one.kind, [said.value for said in one.said]) for one in differences(texts)]


@pytest.mark.parametrize(
    ("one", "other", "about"),
    [
        ("At least 12 people were killed in the blast.", "The blast killed 17 people.", "dead"),
        ("Three people died.", "Five people have died in the flood.", "dead"),
        ("The quake left 40 injured.", "Some were trapped; 45 people were injured.", "injured"),
        ("The death toll rose to 31, officials said.", "Officials put the number of dead at 30; 29 people were killed.", "dead"),
        ("Police arrested six men.", "Seven men were arrested by police.", "arrested men"),
        ("Twenty-one passengers are missing.", "Divers search for 19 missing.", "missing"),
    ],
)  # fmt: skip
def test_counts_are_compared_however_they_are_put(one: str, other: str, about: str) -> None:
    (found,) = differences([text("A", one), text("B", other, 5)])
    assert found.about == about
    assert [said.source for said in found.said] == ["A", "B"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("At least 12 people were killed.", "12 people died in the blast."),
        ("Twelve people were killed.", "The blast killed 12."),
        ("More than 10 people were killed.", "12 people were killed."),
        ("12 people were killed.", "Three children were killed."),
        ("12 people were killed.", "The 2004 quake killed 3,000 people."),
        ("12 people were killed.", "Another five people were killed in Drosk."),
        ("12 people were killed.", "A bomb killed five people last month."),
        ("12 people were killed, including two women.", "Two of the 12 people killed were women."),
        ("The 12-year-old was killed.", "13 people were killed."),
        ("Prime Minister Ilsa Marrowen said the rail line would be built.", "Marrowen said the rail line would be built."),
        ("The U.S. said it would send two ships to the strait.", "The United States said it would send two ships to the strait."),
        ("The council meets on Monday to vote on the tax plan again.", "The council meets on Tuesday to vote on the tax plan again."),
        ("Rovers beat City 3-1 at home.", "United beat Athletic 2-0 at home."),
    ],
)  # fmt: skip
def test_what_agrees_or_tells_of_something_else_is_no_difference(one: str, other: str) -> None:
    assert told(one, other) == []


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("three people", "five people", "number"),
        ("1911", "1931", "number"),
        ("Lorcan Vantreight", "Loren Vantreight", "name"),
        ("Odalys Penhallow", "Odalys Penhalow", "name"),
        ("four floors", "six floors", "number"),
    ],
)
def test_a_new_version_differs_by_one_number_or_name(old: str, new: str, kind: str) -> None:
    second = FIRST.replace(old, new)
    if old == "three people":
        second = second.replace("kills three", "kills five")
    ((found, values),) = told(FIRST, second)
    assert found == kind
    assert [value.removeprefix("Mayor ") for value in values] == [
        words.removesuffix(" people").removesuffix(" floors") for words in (old, new)
    ]


def test_what_a_count_says_is_told_once() -> None:
    first, second = "The blast killed 15 people, the mayor said.", "The blast killed 17 people, the mayor said."
    assert told("12 people were killed.", first, second) == [("number", ["12", "15", "17"])]


def test_each_source_is_named_with_the_earliest_time_it_said_so() -> None:
    texts = [
        text("Orbis", "12 people were killed.", 1),
        text("Tolva", "12 people were killed.", 2),
        text("Orbis", "17 people were killed.", 9),
        text("Orbis", "17 people were killed.", 11),
    ]
    (found,) = differences(texts)
    assert [(said.source, said.value, said.time[14:16]) for said in found.said] == [
        ("Orbis", "12", "01"), ("Tolva", "12", "02"), ("Orbis", "17", "09")]  # fmt: skip


@pytest.mark.parametrize(
    "hostile", ["12 " * 6000, "A" * 20_000, "Mr. " * 5000, ". " * 10_000, "one two " * 2500, "-1-" * 6000]
)
def test_hostile_texts_end(hostile: str) -> None:
    assert differences([text(f"S{number}", f"x\n\n{hostile} {number}") for number in range(8)]) is not None
