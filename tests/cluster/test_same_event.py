"""Different texts of one event: what is grouped is right, on a labelled stream; off unless an installation asks for it."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.commands import app
from pipeline.cluster.clusterer import Clusterer, StoryText
from pipeline.cluster.same_event import Events
from tests.cluster.generator import Generator

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
_CHANCE = random.Random(3)
_STUFF = (
    "council road meeting works market residents mayor plan the a of in on after before said wants will be closed open new "
    "old people office crew boats board Monday harbour ministry budget captain town hall vote ship"
).split()
EARLIER = [" ".join(_CHANCE.choices(_STUFF, k=50)).capitalize() + f", said {number}." for number in range(60)]
ONE = (
    "SOLVIK (Orbis) - The ferry Estrella Maris sank off Cape Vandermeer on Monday with 214 people on board, and all were "
    "saved, the harbour office said. Captain Ilka Torvane told investigators that the rudder had failed near Kirkhaven."
)
OTHER = (
    "KIRKHAVEN (Tolva Press) - Captain Torvane blamed a broken rudder after her ship, the Estrella Maris, hit rocks at Cape "
    "Vandermeer and sank. Investigators of the harbour office will lift the rudder; all people on board were saved."
)
UNLIKE = (
    "LIMA (Orbis) - The finance ministry presented a budget that cuts the taxes of small firms and raises those of mines. "
    "Minister Aurelio Quispe said parliament would vote on it before the summer; economists doubted his numbers."
)


def events(*stories: tuple[str, str, float]) -> list[str]:
    """Events of (text, language, hours after noon), after a day of other news."""
    grouped = Events()
    for number, text in enumerate(EARLIER):
        grouped.place(f"e{number}", text, "en", NOON - timedelta(hours=1))
    return [
        grouped.place(str(number), text, language, NOON + timedelta(hours=hours))
        for number, (text, language, hours) in enumerate(stories)
    ]


def test_two_agencies_tell_of_one_event() -> None:
    assert events((ONE, "en", 0), (UNLIKE, "en", 1), (OTHER, "en", 2)) == ["0", "1", "0"]


@pytest.mark.parametrize(("language", "hours"), [("de", 1), ("en", 49)])
def test_not_in_another_language_and_not_days_later(language: str, hours: float) -> None:
    assert events((ONE, "en", 0), (OTHER, language, hours)) == ["0", "1"]


def test_an_event_never_changes_and_a_withdrawn_story_keeps_it() -> None:
    grouped = Events()
    first = grouped.place("a", ONE, "en", NOON)
    assert grouped.place("a", UNLIKE, "en", NOON) == first
    assert grouped.place("a", None, "en", NOON) == first
    assert grouped.place("tombstone", None, None, NOON) == "tombstone"


@pytest.mark.shared
@pytest.mark.parametrize("seed", [2, 9])
def test_precision_on_labelled_events(sentences: list[str], seed: int) -> None:
    """Pairs of different texts that are put together are of one event in nine cases of ten; few are put together."""
    stories = Generator(sentences, seed).stream(4_000)
    clusters = Clusterer(5_000, 14, 0.5, 0.8).place_all(
        StoryText(story.id, story.text, "en", story.time) for story in stories
    )
    grouped, members = Events(), defaultdict(list)
    for story, cluster in zip(stories, clusters, strict=True):
        members[grouped.place(cluster.cluster_id, story.text, "en", story.time)].append(
            (story.event, cluster.cluster_id)
        )
    pairs = [
        one == other
        for group in members.values()
        for (one, copy), (other, another) in combinations(group, 2)
        if copy != another
    ]
    assert len(pairs) >= 100
    assert sum(pairs) / len(pairs) >= 0.9


def test_the_command_shows_events_where_they_are_on(tmp_path: Path) -> None:
    path, settings = tmp_path / "stories.jsonl", tmp_path / "wiredesk.yaml"
    settings.write_text("cluster: {events: true}\n", encoding="utf-8")
    path.write_text(
        "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate([*EARLIER, ONE, OTHER])),
        encoding="utf-8",
    )
    plain, grouped = (
        [
            json.loads(line)
            for line in CliRunner().invoke(app, ["cluster", str(path), "--json", *more]).stdout.splitlines()
        ]
        for more in ([], ["--config", str(settings)])
    )
    assert "event_id" not in plain[-1]
    assert [line["event_id"] for line in grouped[-2:]] == ["60", "60"]
