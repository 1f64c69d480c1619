"""How well copies are found in labelled streams, in the measures that an editor feels: wrong groups, missed copies."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.cluster.clusterer import Clusterer, StoryText
from tests.cluster.bulletins import Bulletins
from tests.cluster.generator import Generator, Story
from tests.cluster.scoring import Score, Truth, pairs_of, score


def scored(stories: Sequence[Story]) -> Score:
    clusterer = Clusterer(len(stories), 14, 0.5, 0.8)
    found = clusterer.place_all(StoryText(story.id, story.text, "en", story.time) for story in stories)
    clusters = {story.id: cluster.cluster_id for story, cluster in zip(stories, found, strict=True)}
    return score(Truth.of(stories), pairs_of(clusters))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("count", "seed"),
    [
        pytest.param(6_000, 5, id="short"),
        pytest.param(100_000, 1, id="long", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
    ],
)
def test_wire_edits_of_real_sentences(sentences: list[str], count: int, seed: int) -> None:
    result = scored(Generator(sentences, seed).stream(count))
    assert result.precision >= 0.995, result.false.most_common(5)
    assert result.recall("jaccard") >= 0.97
    assert result.recall("containment") >= 0.90
    edits = result.by_edit()
    # Two clusters never become one: of the two pairs that a merger makes, one is claimed.
    assert edits.pop("merge") == pytest.approx(0.5, abs=0.05)
    assert min(edits.values()) >= 0.97, edits


def test_short_bulletins_of_an_agency() -> None:
    """Templates in which a single name or number is another are not told from corrections; those with more are."""
    result = scored(Bulletins(3).stream(4_000))
    assert result.recall("jaccard") >= 0.97
    assert result.recall("containment") >= 0.90
    told_apart = {"results", "money", "scores", "weather", "tally", "programme", "shares", "stake", "bulletin"}
    wrong = {kinds: count for kinds, count in result.false.items() if set(kinds) & told_apart}
    assert sum(wrong.values()) <= 0.002 * result.claimed, wrong
