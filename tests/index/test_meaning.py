"""Search by meaning, as queries and documents; the desk's tests ask a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from pipeline.events.errors import ConfigurationError
from pipeline.index.documents import story_document
from pipeline.index.mapping import PUBLIC_FILTER, fields
from pipeline.index.meaning import vector_of
from pipeline.index.missing_meanings import MissingMeanings
from pipeline.index.query import HEAVY, Query, counts_of, story_query
from pipeline.meaning import encoder
from pipeline.meaning.vectors import DIMENSIONS, quantised, to_text
from tests.index.site import story

VECTOR = quantised(np.arange(DIMENSIONS) - 100.0)
NUMBERS = tuple(int(number) for number in VECTOR)


def neighbours(query: Query) -> list[dict[str, Any]]:
    """Every neighbour search in a query."""
    found: list[dict[str, Any]] = []

    def look(part: Any) -> None:
        if isinstance(part, dict):
            found.extend([part["knn"]] if "knn" in part else [])
            for inner in part.values():
                look(inner)
        elif isinstance(part, list):
            for inner in part:
                look(inner)

    look(story_query(query))
    return found


def test_a_document_has_the_vector_that_its_story_carries() -> None:
    document = story_document(story(1, meaning=to_text(VECTOR)))
    assert np.array_equal(np.frombuffer(bytes.fromhex(document["meaning"]), np.int8), VECTOR)
    assert vector_of(document) == NUMBERS
    assert fields("stories")["meaning"]["dims"] == DIMENSIONS
    assert "meaning" not in story_document(story(1))
    assert vector_of(story_document(story(1))) == ()
    assert "meaning" in HEAVY


def test_a_search_without_a_vector_is_as_it_was() -> None:
    assert neighbours(Query("ferry")) == []
    assert "should" not in story_query(Query("ferry"))["bool"]["must"][0].get("bool", {})


def test_every_filter_is_asked_in_the_neighbour_search() -> None:
    query = Query("ferry harbour", provider=("Orbis",), person=("Ane Solvik",), meaning=NUMBERS)
    [knn] = neighbours(query)
    assert knn["query_vector"] == list(NUMBERS)
    assert PUBLIC_FILTER in knn["filter"]
    for one in story_query(query)["bool"]["filter"]:
        assert one in knn["filter"]


def test_words_that_must_not_occur_do_not_by_meaning_either() -> None:
    [knn] = neighbours(Query("ferry -sunk", meaning=NUMBERS))
    without = [one for one in knn["filter"] if "multi_match" in str(one)]
    assert len(without) == 1
    assert "sunk" in str(without[0]["bool"]["must_not"])


def test_words_as_they_are_written_are_no_matter_of_meaning() -> None:
    for words in ('"ferry sinks"', "ferr*", "", "-ferry", 'ferry "in the harbour"'):
        assert neighbours(Query(words, meaning=NUMBERS)) == []


def test_counts_are_of_what_is_found() -> None:
    """Facets and totals count stories by meaning too."""
    assert "knn" in str(counts_of(story_query(Query("ferry", meaning=NUMBERS)), {}))


class Encoder:
    """Stands for the model."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encoded(self, texts: Sequence[str]) -> list[str | None]:
        self.asked += texts
        return [to_text(VECTOR) for _ in texts]


def test_a_rebuild_gives_stories_of_before_their_vectors() -> None:
    model, known = Encoder(), to_text(-VECTOR)
    stories = [story(1), story(2, meaning=known), story(3, pubstatus="canceled", killed=True), story(4)]
    found = asyncio.run(MissingMeanings(enabled=True, make=lambda: model).added(stories))
    assert [one.meaning for one in found] == [to_text(VECTOR), known, None, to_text(VECTOR)]
    assert len(model.asked) == 2
    assert model.asked[0].startswith("Ferry 1, take 1\nThe harbour")


def test_a_rebuild_without_meaning_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "installed", lambda: False)
    stories = [story(1)]
    assert asyncio.run(MissingMeanings(enabled=False).added(stories)) == stories
    with pytest.raises(ConfigurationError):
        asyncio.run(MissingMeanings(enabled=True).added(stories))
