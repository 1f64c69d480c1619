"""Which versions make the text of a story that comes in parts, and how they are joined, without the rest of intake."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.events import Content, KnownVersion
from pipeline.events.item import Author, Media, Signal
from pipeline.intake.takes import (
    LEFT_OUT,
    MOST_PARTS,
    NOT_PLACED,
    Parts,
    current_of,
    is_part,
    joined,
    not_joined,
    parts_of,
)
from tests.intake.known import known

TAKE = (Signal.TAKE,)


def part(words: str, minute: int = 1, **more: Any) -> KnownVersion:
    return known(words, minute, **{"signals": TAKE} | more)


@pytest.mark.parametrize(
    ("signals", "kind", "whether"),
    [
        (TAKE, "new", True),
        ((Signal.URGENT, Signal.TAKE), "correction", True),
        ((), "new", False),
        (TAKE, "kill", False),
        (TAKE, "withhold", False),
        (TAKE, "advisory", False),
        (TAKE, "test", False),
    ],
)
def test_what_is_withdrawn_or_not_for_publication_is_never_a_part(signals: Any, kind: str, whether: bool) -> None:
    assert is_part(known("a", 1, signals=signals, kind=kind)) is whether


LEAD = known("lead", 0)
KILL, HOLD = known("kill", 5, kind="kill"), known("hold", 5, kind="withhold")

#: Versions, lowest first, and the one that says how the story is.
CURRENT: dict[str, tuple[list[KnownVersion], str]] = {
    "the last one": ([LEAD, known("b", 1)], "b"),
    "the last one, a part": ([LEAD, part("one")], "one"),
    "of parts alone the last": ([part("one"), part("two")], "two"),
    "a kill also after a part": ([LEAD, KILL, part("one", 6), part("two", 7)], "kill"),
    "what is withheld also after a part": ([LEAD, HOLD, part("one", 6)], "hold"),
    "a whole version after a kill": ([LEAD, KILL, known("b", 6), part("one", 7)], "one"),
}


@pytest.mark.parametrize("case", CURRENT)
def test_which_version_says_how_the_story_is(case: str) -> None:
    versions, current = CURRENT[case]
    assert current_of(versions).content_hash == current


TOP = {"signals": (Signal.LEAD,), "keeps_parts": True}

#: Versions, lowest first; what the text is made of: base, adds, places.
MADE_OF: dict[str, tuple[list[KnownVersion], str, list[str], list[str]]] = {
    "one version": ([LEAD], "lead", [], []),
    "the last whole version": ([LEAD, part("one"), known("b", 2)], "b", [], []),
    "the adds by their numbers": ([LEAD, part("two", take=2), part("one", take=1)], "lead", ["one", "two"], []),
    "those without a number last": ([LEAD, part("none"), part("nine", take=9)], "lead", ["nine", "none"], []),
    "two without a number": ([LEAD, part("b"), part("a")], "lead", ["b", "a"], []),
    "of one number the later": ([LEAD, part("old", take=2), part("new", take=2)], "lead", ["new"], []),
    "part 0 has a number": ([LEAD, part("old", take=0), part("new", take=0)], "lead", ["new"], []),
    "the places in the order of the wire": (
        [LEAD, part("b", replaces=(9, 1), take=2), part("a", replaces=(1, 1), take=1), part("one", take=2)],
        "lead", ["one"], ["b", "a"],
    ),
    "without a lead the first part": ([part("two", take=2), part("one", take=1)], "two", ["one"], []),
    "after a kill nothing": ([LEAD, part("one"), KILL, part("two", 6)], "kill", [], []),
    "while withheld nothing": ([LEAD, part("one"), HOLD, part("two", 6, replaces=(1, 1))], "hold", [], []),
    "after a kill a new whole": ([LEAD, KILL, part("one", 6), known("b", 7), part("two", 8)], "b", ["two"], []),
    "a new top keeps the adds, not the places": (
        [LEAD, part("one"), part("sub", replaces=(1, 1)), known("top", 2, **TOP)], "top", ["one"], [],
    ),
    "a part that comes before its lead": ([part("one"), part("sub", replaces=(1, 1)), LEAD], "lead", ["one"], ["sub"]),
    "not before a writethru": ([part("one"), known("top", 2, signals=(Signal.LEAD,))], "top", [], []),
    "not before a correction": ([part("one"), known("b", 2, kind="correction")], "b", [], []),
    "only before the first whole": ([LEAD, part("one"), known("b", 2)], "b", [], []),
    "the same words again keep the parts": ([LEAD, part("one"), known("lead", 3)], "lead", ["one"], []),
}  # fmt: skip


@pytest.mark.parametrize("case", MADE_OF)
def test_which_versions_make_the_text(case: str) -> None:
    versions, base, adds, places = MADE_OF[case]
    parts = parts_of(versions)
    assert parts.base.content_hash == base
    assert [one.content_hash for one in parts.adds] == adds
    assert [one.content_hash for one in parts.places] == places
    assert parts.more == 0
    assert parts.all == (parts.base, *parts.adds, *parts.places)


def test_a_repeated_lead_is_the_first_one() -> None:
    """Its parts follow the first time that it came; the words are the same."""
    assert parts_of([LEAD, part("one"), known("lead", 3)]).base is LEAD


def test_of_too_many_parts_the_first_adds_and_the_last_places_are_joined() -> None:
    adds = [part(f"add{number}", take=number) for number in range(1, MOST_PARTS + 3)]
    places = [part(f"sub{number}", replaces=(number, 1)) for number in range(1, MOST_PARTS + 2)]
    parts = parts_of([LEAD, *adds, *places])
    assert parts == Parts(LEAD, tuple(adds[:-2]), tuple(places[1:]), 3)
    assert parts_of([LEAD, *adds[:-2], *places[1:]]).more == 0


PARAGRAPHS = "A.\n\nB.\n\nC."


def text(base: KnownVersion | None = None, *, most: int = 10_000, more: int = 0, **parts: Any) -> Content:
    """The joined content; a version with the hash ``gone`` has no text."""
    lead = base or known("lead", 0, content={"body": PARAGRAPHS})
    found = joined(
        Parts(lead, tuple(parts.get("adds", ())), tuple(parts.get("places", ())), more),
        lambda one: None if one.content_hash == "gone" else one.content,
        most,
    )
    assert found is not None
    return found


def test_without_parts_the_content_is_that_of_the_version() -> None:
    assert text() is not None
    assert text(known("lead", 0, content={"body": "A.", "body_html": "<p>A.", "ednote": "N."})) == Content(
        headline="lead", body="A.", body_html="<p>A.", ednote="N."
    )


def test_without_the_text_of_the_lead_there_is_none() -> None:
    assert joined(Parts(LEAD, (part("one"),)), lambda _: None, 10_000) is None


#: Places of parts, from 1, and how many paragraphs each replaces, with their texts; the text.
PLACES: dict[str, tuple[list[tuple[tuple[int, int], str]], str]] = {
    "the first paragraph": ([((1, 1), "x")], "x\n\nB.\n\nC."),
    "the last paragraph": ([((3, 1), "x")], "A.\n\nB.\n\nx"),
    "all of them": ([((1, 3), "x")], "x"),
    "some of them": ([((2, 2), "x")], "A.\n\nx"),
    "after the first": ([((1, 0), "x")], "A.\n\nx\n\nB.\n\nC."),
    "after the last": ([((3, 0), "x")], "A.\n\nB.\n\nC.\n\nx"),
    "twice after one": ([((1, 0), "x"), ((1, 0), "y")], "A.\n\nx\n\ny\n\nB.\n\nC."),
    "a paragraph after which something was put": ([((1, 0), "x"), ((1, 1), "y")], "y\n\nx\n\nB.\n\nC."),
    "paragraphs after which something was put": ([((2, 0), "x"), ((1, 2), "y")], "y\n\nx\n\nC."),
    "a paragraph that was replaced with others": ([((1, 2), "x"), ((2, 1), "y")], "x\n\ny\n\nC."),
    "with nothing": ([((2, 1), "")], "A.\n\nC."),
}


@pytest.mark.parametrize("case", PLACES)
def test_a_part_is_put_where_it_says(case: str) -> None:
    parts, body = PLACES[case]
    shown = text(places=[part(words, replaces=place) for place, words in parts])
    assert (shown.body, shown.ednote) == (body, None)


@pytest.mark.parametrize("place", [(0, 0), (0, 1), (-1, 1), (4, 0), (4, 1), (3, 2), (1, 4), None])
def test_a_part_without_its_place_changes_nothing_and_is_told(place: tuple[int, int] | None) -> None:
    shown = text(places=[part("x", replaces=place), part("y", replaces=(1, 1))])
    assert (shown.body, shown.ednote) == ("y\n\nB.\n\nC.", NOT_PLACED)


def test_a_part_whose_text_is_gone_is_told() -> None:
    assert text(places=[part("gone", replaces=(1, 1))]) == Content(headline="lead", body=PARAGRAPHS, ednote=NOT_PLACED)


def test_every_part_is_placed_after_one_that_is_not() -> None:
    shown = text(places=[part("x", replaces=(9, 1)), part("y", replaces=(9, 1)), part("z", replaces=(1, 1))])
    assert (shown.body, shown.ednote) == ("z\n\nB.\n\nC.", NOT_PLACED)


def adds(*bodies: str) -> list[KnownVersion]:
    return [part(f"add{place}", content={"body": body}) for place, body in enumerate(bodies)]


class TestLength:
    """Adds are joined while the text, in UTF-8, is as long as it may be."""

    def test_all_that_fit(self) -> None:
        most = len(PARAGRAPHS) + len("ü.".encode()) + 2
        assert text(most=most, adds=adds("ü.", "2.")) == Content(headline="lead", body=f"{PARAGRAPHS}\n\nü.\n\n2.")
        shown = text(most=most - 1, adds=adds("ü.", "2."))
        assert (shown.body, shown.ednote) == (f"{PARAGRAPHS}\n\nü.", LEFT_OUT)

    def test_the_lead_counts_in_utf_8(self) -> None:
        lead = known("lead", 0, content={"body": "ü"})
        assert text(lead, most=3, adds=adds("2")).ednote is None
        assert text(lead, most=2, adds=adds("2")).ednote == LEFT_OUT

    def test_what_was_put_into_the_lead_counts(self) -> None:
        sub = part("a longer one", replaces=(1, 1))
        assert text(most=len("a longer one\n\nB.\n\nC.") + 2, places=[sub], adds=adds("2.")).ednote is None
        assert text(most=len("a longer one\n\nB.\n\nC.") + 1, places=[sub], adds=adds("2.")).ednote == LEFT_OUT

    def test_no_add_after_one_that_does_not_fit(self) -> None:
        shown = text(most=len(PARAGRAPHS) + 2, adds=adds("long one", "2."))
        assert (shown.body, shown.ednote) == (PARAGRAPHS, LEFT_OUT)

    def test_no_add_after_one_whose_text_is_gone(self) -> None:
        shown = text(adds=[*adds("1."), part("gone"), *adds("2.")])
        assert (shown.body, shown.ednote) == (f"{PARAGRAPHS}\n\n1.", LEFT_OUT)

    def test_parts_over_the_number_are_told(self) -> None:
        assert text(more=1) == Content(headline="lead", body=PARAGRAPHS, ednote=LEFT_OUT)

    def test_all_notes_after_that_of_the_lead(self) -> None:
        lead = known("lead", 0, content={"body": "A.", "ednote": "With photos."})
        shown = text(lead, more=1, places=[part("x", replaces=(9, 1))])
        assert shown.ednote == f"With photos.\n{NOT_PLACED}\n{LEFT_OUT}"


def test_markup_pictures_and_authors_are_those_of_the_joined_parts() -> None:
    def media(*titles: str) -> tuple[Media, ...]:
        return tuple(Media(title=title) for title in titles)

    def authors(*names: str) -> tuple[Author, ...]:
        return tuple(Author(name=name) for name in names)

    lead = known("lead", 0, content={"body_html": "<p>A", "media": media("1", "2"), "authors": authors("Moe")})
    more = {"body_html": "<p>B", "media": media("2", "3"), "authors": authors("Lind", "Moe")}
    add = part("b", content=more)
    shown = text(lead, adds=[add])
    assert shown == Content(
        headline="lead",
        body="lead\n\nb",
        body_html="<p>A\n<p>B",
        media=media("1", "2", "3"),
        authors=authors("Moe", "Lind"),
    )
    assert text(lead, adds=[part("b", content=more | {"body_html": None})]).body_html is None
    assert text(known("lead", 0), adds=[add]).body_html is None
    assert text(lead, adds=[add], places=[part("x", replaces=(1, 1))]).body_html is None
    assert text(lead, adds=[add, part("gone")]).media == media("1", "2", "3")


#: A lead, an add, and what stays of the add.
CATCH_LINES: dict[str, tuple[str, str, str]] = {
    "the last words of the lead": ("It is low.", "NORVAINE: is low.\n\nMore.", "More."),
    "with or without a full stop": ("It is low", "NORVAINE: is low.\n\nMore.", "More."),
    "without and with a full stop": ("It is low. ", "NORVAINE: is low\n\nMore.", "More."),
    "several paragraphs": ("It is low.", "NORVAINE: is low.\n\nMore.\n\nEnd.", "More.\n\nEnd."),
    "a colon among the words": ("It said: low.", "NORVAINE: said: low.\n\nMore.", "More."),
    "only what follows the first colon": (
        "It is low.",
        "NORVAINE: said: low.\n\nMore.",
        "NORVAINE: said: low.\n\nMore.",
    ),
    "one word less": ("It is chapter X", "N: chapter\n\nMore.", "N: chapter\n\nMore."),
    "one word more": ("It is chapter", "N: chapter X\n\nMore.", "N: chapter X\n\nMore."),
    "as long as a line": (f"{'w' * 79}.", f"N: {'w' * 77}\n\nMore.", "More."),
    "longer than a line": (f"{'w' * 79}.", f"N: {'w' * 78}\n\nMore.", f"N: {'w' * 78}\n\nMore."),
    "other words": ("It is low.", "NORVAINE: is high.\n\nMore.", "NORVAINE: is high.\n\nMore."),
    "no words": ("It is low.", "NORVAINE: \n\nMore.", "NORVAINE: \n\nMore."),
    "no colon": ("It is low.", "is low.\n\nMore.", "is low.\n\nMore."),
    "a colon without a space": ("It is low.", "N:low.\n\nMore.", "N:low.\n\nMore."),
    "nothing after it": ("It is low.", "NORVAINE: is low.", "NORVAINE: is low."),
    "one line end after it": ("It is low.", "NORVAINE: is low.\nMore.", "NORVAINE: is low.\nMore."),
}


@pytest.mark.parametrize("case", CATCH_LINES)
def test_the_line_that_says_which_words_an_add_follows_is_left_out(case: str) -> None:
    before, add, kept = CATCH_LINES[case]
    assert text(known("lead", 0, content={"body": before}), adds=adds(add)).body == f"{before}\n\n{kept}"


def test_an_add_may_follow_the_words_of_another() -> None:
    assert text(adds=adds("X one.", "N: one.\n\nTwo.")).body == f"{PARAGRAPHS}\n\nX one.\n\nTwo."


def test_empty_parts_leave_no_blank_lines() -> None:
    assert text(known("lead", 0, content={"body": ""}), adds=adds("1.", "", "2.")).body == "1.\n\n2."


@pytest.mark.parametrize(
    ("note", "reasons"),
    [
        (None, ()),
        ("With photos.", ()),
        (NOT_PLACED, ("no_place",)),
        (f"With photos.\n{LEFT_OUT}", ("too_long",)),
        (f"{NOT_PLACED}\n{LEFT_OUT}", ("no_place", "too_long")),
        (f"See: {LEFT_OUT}", ()),
    ],
)
def test_why_parts_are_not_joined(note: str | None, reasons: tuple[str, ...]) -> None:
    assert not_joined(Content(ednote=note)) == reasons
