"""Different texts of one event: what is grouped is right, on a labelled stream; on unless switched off."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
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
    """Pairs of different texts that are put together are mostly of one event, whatever forms and disclaimers they share.

    The stream's kills have no text here, as on the wire.
    """
    stories = Generator(sentences, seed).stream(4_000)
    clusters = Clusterer(5_000, 14, 0.5, 0.8).place_all(
        StoryText(story.id, story.text, "en", story.time) for story in stories
    )
    grouped, members = Events(), defaultdict(list)
    for story, cluster in zip(stories, clusters, strict=True):
        text = None if story.edit == "kill" else story.text
        members[grouped.place(cluster.cluster_id, text, "en", story.time)].append((story.event, cluster.cluster_id))
    pairs = [
        one == other
        for group in members.values()
        for (one, copy), (other, another) in combinations(group, 2)
        if copy != another
    ]
    assert sum(pairs) >= 500
    assert sum(pairs) / len(pairs) >= 0.85


@pytest.mark.shared
def test_events_of_labelled_news(shared_data: Path) -> None:
    """B cubed (Bagga and Baldwin 1998) over the texts of ECB+, on average over five shuffles."""
    results = [b_cubed(stream, place(stream)) for stream in (labelled(shared_data, seed) for seed in range(5))]
    precision, recall = (sum(values) / len(values) for values in zip(*results, strict=True))
    assert precision >= 0.85
    assert 2 * precision * recall / (precision + recall) >= 0.87


@pytest.mark.shared
def test_events_among_other_news_and_after_a_restart(shared_data: Path, sentences: list[str]) -> None:
    """Few other stories come into the events, and a restart in the middle changes nothing."""
    others = [" ".join(sentences[at : at + 15]) for at in range(0, 45_000, 15)]
    stream = labelled(shared_data, 0, others)
    found = place(stream)
    precision, recall = b_cubed(stream, found)
    assert 2 * precision * recall / (precision + recall) >= 0.87
    of_events = {event for (_, _, label), event in zip(stream, found, strict=True) if label}
    assert sum(event in of_events for (_, _, label), event in zip(stream, found, strict=True) if not label) <= 5
    assert place(stream, restarted=len(stream) // 2) == found


def test_forms_and_disclaimers_make_no_event() -> None:
    """Sentences that stories of different things share count for nothing once they are known."""
    disclaimer = (
        " This report of the Orbis Market Service is provided for information only; no offer to sell securities."
    )
    grouped = Events()
    for number, text in enumerate(EARLIER[:30]):
        grouped.place(f"e{number}", text + disclaimer, "en", NOON)
    assert grouped.place("one", ONE + disclaimer, "en", NOON) == "one"
    assert grouped.place("unlike", UNLIKE + disclaimer, "en", NOON) == "unlike"
    form = "Results of matches in the premier division of the league: Oslo Rovers {}, Lima Racing {}, attendance {}."
    found = [grouped.place(f"f{number}", form.format(number, 1, 7 * number), "en", NOON) for number in range(8)]
    assert len(set(found)) >= 7


def test_a_story_between_two_events_joins_one_and_merges_nothing() -> None:
    grouped = Events()
    for number, text in enumerate(EARLIER):
        grouped.place(f"e{number}", text, "en", NOON)
    assert [grouped.place("a", ONE, "en", NOON), grouped.place("b", UNLIKE, "en", NOON)] == ["a", "b"]
    assert grouped.place("both", f"{OTHER} {OTHER} {UNLIKE}", "en", NOON) in {"a", "b"}
    assert grouped.between == 1
    assert [grouped.place("a2", OTHER, "en", NOON), grouped.place("b", UNLIKE, "en", NOON)] == ["a", "b"]


@pytest.mark.parametrize("text", ["", " ", "12:30", "日本の首相は北京で会談した。", "x" * 100_000, "A. " * 5_000])
def test_any_text_has_an_event(text: str) -> None:
    assert Events().place("a", text, None, NOON) == "a"


def labelled(shared: Path, seed: int, others: Sequence[str] = ()) -> list[tuple[str, str, str | None]]:
    """Id, text and event of the labelled texts, shuffled with others that are of no event."""
    lines = (shared / "events" / "ecbplus-dev.jsonl").read_text(encoding="utf-8").splitlines()
    stream: list[tuple[str, str, str | None]] = [
        (told["id"], told["text"], told["event"]) for told in map(json.loads, lines)
    ]
    stream += [(f"other-{number}", text, None) for number, text in enumerate(others)]
    random.Random(seed).shuffle(stream)
    return stream


def place(stream: Sequence[tuple[str, str, str | None]], restarted: int | None = None) -> list[str]:
    """The event of each story of a stream of 40 hours."""
    grouped, found = Events(), []
    for number, (name, text, _) in enumerate(stream):
        if number == restarted:
            state = json.loads(json.dumps(grouped.state()))
            grouped = Events()
            grouped.restore(state)
        found.append(grouped.place(name, text, "en", NOON + timedelta(hours=40) * number / len(stream)))
    return found


def b_cubed(stream: Sequence[tuple[str, str, str | None]], found: Sequence[str]) -> tuple[float, float]:
    """Precision and recall of the labelled stories."""
    pairs = [(label, event) for (_, _, label), event in zip(stream, found, strict=True) if label]
    both, labels, events_ = Counter(pairs), Counter(one for one, _ in pairs), Counter(one for _, one in pairs)
    right = [(both[pair] / events_[pair[1]], both[pair] / labels[pair[0]]) for pair in pairs]
    return sum(one for one, _ in right) / len(pairs), sum(one for _, one in right) / len(pairs)


def test_the_command_shows_events_unless_they_are_off(tmp_path: Path) -> None:
    path, settings = tmp_path / "stories.jsonl", tmp_path / "wiredesk.yaml"
    settings.write_text("cluster: {group_events: false}\n", encoding="utf-8")
    path.write_text(
        "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate([*EARLIER, ONE, OTHER])),
        encoding="utf-8",
    )
    grouped, plain = (
        [
            json.loads(line)
            for line in CliRunner().invoke(app, ["cluster", str(path), "--json", *more]).stdout.splitlines()
        ]
        for more in ([], ["--config", str(settings)])
    )
    assert "event_id" not in plain[-1]
    assert [line["event_id"] for line in grouped[-2:]] == ["60", "60"]
