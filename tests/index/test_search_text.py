"""What is typed, what is asked and what comes back, taken apart without a server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.events.errors import UnreachableError
from pipeline.index.highlight import MARK_BEGIN, MARK_END
from pipeline.index.query import MOST_BY_PAGE, Query, first_hit, histogram_width
from pipeline.index.requests import answer_error
from pipeline.index.results import pieces
from pipeline.index.search_text import parse_search_text

WHOLE: dict[str, Any] = {"timed_out": False, "_shards": {"failed": 0}, "status": 200}
ANSWERS = [
    (WHOLE, None),
    (WHOLE | {"timed_out": True}, "did not finish the search within 20 s"),
    (WHOLE | {"_shards": {"failed": 2}}, "left out 2 shards of stories"),
    ({"error": {"type": "search_phase_execution_exception", "reason": "Time exceeded"}, "status": 504}, "504"),
]


@pytest.mark.parametrize(("answer", "said"), ANSWERS)
def test_an_answer_with_less_than_all_is_none(answer: dict[str, Any], said: str | None) -> None:
    error = answer_error("stories", answer)
    assert (error is None) == (said is None)
    if error is not None:
        assert isinstance(error, UnreachableError)
        assert str(said) in str(error)


def test_words_are_taken_apart() -> None:
    words = parse_search_text('fires "in the  harbour" -arson -"by hand" mar* the')
    assert words.terms == ("fires",)
    assert words.phrases == ("in the  harbour",)
    assert words.excluded == ("arson", "by hand")
    assert words.prefixes == ("mar",)
    assert parse_search_text("the who").terms == ("the", "who")
    assert parse_search_text("ex-minister").terms == ("ex-minister",)
    assert parse_search_text(' "unclosed phrase').phrases == ("unclosed phrase",)


@given(st.text())
def test_words_never_fail(text: str) -> None:
    words = parse_search_text(text)
    assert words.empty or any(character.isalnum() for character in text)


@given(st.lists(st.tuples(st.text(st.characters(exclude_characters=MARK_BEGIN + MARK_END), min_size=1), st.booleans())))
def test_marked_text_is_taken_apart_without_loss(parts: list[tuple[str, bool]]) -> None:
    marked = "".join(f"{MARK_BEGIN}{text}{MARK_END}" if found else text for text, found in parts)
    assert "".join(piece.text for piece in pieces(marked)) == "".join(text for text, _ in parts)
    assert "".join(piece.text for piece in pieces(marked) if piece.matched) == "".join(text for text, f in parts if f)


@given(st.text(st.sampled_from("a" + MARK_BEGIN + MARK_END)))
def test_stray_marks_lose_no_text(marked: str) -> None:
    assert "".join(piece.text for piece in pieces(marked)).count("a") == marked.count("a")


def test_histogram_bars_are_few() -> None:
    for hours in (0, 1, 5, 50, 500, 5000, 50_000, 400_000):
        _, width = histogram_width(0, hours * 3_600_000)
        assert hours * 3_600_000 / width < 60
    assert histogram_width(0, 0)[0] == "5m"


def test_a_page_stays_within_what_the_server_gives() -> None:
    assert first_hit(1, 20) == 0
    assert first_hit(-3, 20) == 0
    assert first_hit(10**9, 20) == MOST_BY_PAGE - 20
    assert replace(Query(), page=2).page == 2
