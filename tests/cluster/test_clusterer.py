"""Clusters over a stream: ids that never change, the first story leading, the same whatever the batches are."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cluster.clusterer import Clusterer, StoryText
from pipeline.cluster.ring import MAX_BATCH
from pipeline.events import Cluster

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WINDOW = 300


def clusterer(window: int = WINDOW) -> Clusterer:
    return Clusterer(window, 14, 0.5, 0.8)


def sentence(chance: random.Random) -> str:
    return " ".join(f"w{chance.randrange(5000)}" for _ in range(chance.randint(6, 22))).capitalize() + "."


KINDS = ("new", "new", "copy", "copy", "cut", "more", "again", "again", "kill", "headline", "photo", "twice", "old")


def stream(count: int, seed: int) -> list[StoryText]:
    """Stories, copies, cuts, updates under the same id, kills, captions, headlines, in three languages."""
    chance = random.Random(seed)
    texts: list[list[str]] = []
    ids: list[str] = []
    stories: list[StoryText] = []
    for number in range(count):
        kind = chance.choice(KINDS)
        body = [sentence(chance) for _ in range(chance.randint(1, 9))]
        story_id = f"s{number}"
        if texts and kind in {"copy", "cut", "more"}:
            body = list(chance.choice(texts[-60:]))
            body = (
                body[: len(body) // 2 + 1] if kind == "cut" else [*body, sentence(chance)] if kind == "more" else body
            )
        if ids and kind in {"again", "kill"}:
            story_id = chance.choice(ids[-60:])
        if stories and kind in {"twice", "old"}:
            # The last message once more; one of the last messages, whatever came of the story since.
            stories.append(stories[-1] if kind == "twice" else chance.choice(stories[-40:]))
            continue
        text: str | None = "\n\n".join(body)
        if kind == "kill":
            text = None
        elif kind == "headline":
            text = "Ferry sinks off coast"
        texts.append(body)
        ids.append(story_id)
        stories.append(
            StoryText(story_id, text, chance.choice(("en", "en", "en", "de", None)), NOON + timedelta(minutes=number),
                    "picture" if kind == "photo" else "text")
        )  # fmt: skip
    return stories


def in_batches(one: Clusterer, stories: Sequence[StoryText], sizes: Sequence[int]) -> list[Cluster]:
    found: list[Cluster] = []
    at = turn = 0
    while at < len(stories):
        size = sizes[turn % len(sizes)]
        found += one.place_all(stories[at : at + size])
        at, turn = at + size, turn + 1
    return found


@given(st.lists(st.integers(1, 2 * MAX_BATCH), min_size=1, max_size=4), st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_batches_of_any_size_give_the_same(sizes: list[int], seed: int) -> None:
    stories = stream(400, seed)
    one_by_one = clusterer()
    expected = [
        one_by_one.place(story.story_id, story.text, story.language, story.time, story.content_type)
        for story in stories
    ]
    assert in_batches(clusterer(), stories, sizes) == expected


@given(st.integers(0, 10_000), st.integers(0, 399))
@settings(max_examples=10, deadline=None)
def test_read_back_the_window_goes_on_as_if_it_had_never_stopped(seed: int, stopped: int) -> None:
    stories = stream(400, seed)
    whole = clusterer().place_all(stories)
    restored = clusterer()
    assert restored.place_all(stories[:stopped]) == whole[:stopped]
    assert in_batches(restored, stories[stopped:], [17]) == whole[stopped:]


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_ids_are_stable_and_the_first_leads(seed: int) -> None:
    stories = stream(250, seed)
    found = clusterer().place_all(stories)
    first: dict[str, str] = {}
    seen: set[str] = set()
    with_text: set[str] = set()
    for story, cluster in zip(stories, found, strict=True):
        if story.story_id in with_text:
            assert cluster.cluster_id == first[story.story_id], "a cluster's id never changes"
        first[story.story_id] = cluster.cluster_id
        if cluster.duplicate_of is None:
            assert cluster.cluster_id == story.story_id
        else:
            assert cluster.duplicate_of in seen
            assert first[cluster.duplicate_of] == cluster.cluster_id
            assert cluster.cluster_id in seen, "the first seen leads"
        seen.add(story.story_id)
        if story.text and story.content_type == "text" and len(story.text.split()) >= 8:
            with_text.add(story.story_id)


@given(st.integers(0, 10_000), st.lists(st.integers(0, 199), max_size=40))
@settings(max_examples=10, deadline=None)
def test_a_message_that_comes_twice_changes_nothing(seed: int, twice: list[int]) -> None:
    """Delivered again at once, as after a crash: the same verdict, and the same for all that follow."""
    stories = stream(200, seed)
    once = clusterer().place_all(stories)
    repeated = clusterer()
    for number, story in enumerate(stories):
        for _ in range(1 + twice.count(number)):
            assert repeated.place_all([story]) == [once[number]]


TEXT = "The ferry sank off the western coast on Monday after it hit a rock in thick fog, the harbour office said."
LONGER = f"{TEXT} All on board were taken to land by fishing boats within an hour of the first call for help."
UNLIKE = (
    "The ministry of finance presented a budget on Monday that cuts the taxes of small firms and raises all others."
)


def test_an_update_keeps_its_cluster_and_its_new_text_finds_copies() -> None:
    one = clusterer()
    one.place("a", TEXT, "en", NOON)
    assert one.place("b", TEXT, "en", NOON).cluster_id == "a"
    assert one.place("b", UNLIKE, "en", NOON) == Cluster(
        cluster_id="a", duplicate_of="a", similarity=0.0, containment=0.0
    )
    assert one.place("c", UNLIKE, "en", NOON).duplicate_of == "b"
    assert one.place("d", TEXT, "en", NOON).duplicate_of == "a"
    assert one.counts.updates == 1


def test_a_headline_that_gets_a_text_is_grouped_then() -> None:
    one = clusterer()
    one.place("a", TEXT, "en", NOON)
    assert one.place("b", "Ferry sinks", "en", NOON).cluster_id == "b"
    assert one.place("b", f"TOLVA (Orbis) - {TEXT}", "en", NOON).cluster_id == "a"
    assert one.counts.headlines == 1


def test_a_withdrawn_story_keeps_its_place() -> None:
    one = clusterer()
    one.place("a", TEXT, "en", NOON)
    one.place("b", TEXT, "en", NOON)
    assert one.place("b", None, "en", NOON).duplicate_of == "a"
    assert one.place("a", None, "en", NOON) == Cluster(cluster_id="a")
    assert one.place("c", TEXT, "en", NOON).cluster_id == "a", "a copy of a killed story still shows whose copy it is"
    assert one.place("z", None, "en", NOON) == Cluster(cluster_id="z"), "a tombstone"


def test_two_clusters_never_become_one() -> None:
    one = clusterer()
    chance = random.Random(2)
    first, second = (" ".join(sentence(chance) for _ in range(6)) for _ in range(2))
    one.place("a", first, "en", NOON)
    one.place("b", second, "en", NOON)
    assert one.place("c", f"{first} {second}", "en", NOON).cluster_id in {"a", "b"}
    assert one.place("a", f"{first} {second}", "en", NOON).cluster_id == "a"
    assert one.place("b", f"{first} {second} {LONGER}", "en", NOON).cluster_id == "b"


@pytest.mark.parametrize(
    "order", [("en", None, "de"), (None, "en", "de"), ("en", "de", None), (None, "de", None, "en")]
)
@pytest.mark.parametrize("batch", [1, 10])
def test_a_text_of_unknown_language_joins_no_two_languages(order: tuple[str | None, ...], batch: int) -> None:
    one = clusterer()
    stories = [StoryText(str(number), LONGER, language, NOON) for number, language in enumerate(order)]
    found = in_batches(one, stories, [batch])
    spoken: dict[str, set[str]] = {}
    for language, cluster in zip(order, found, strict=True):
        spoken.setdefault(cluster.cluster_id, set()).update({language} - {None})
    assert all(len(languages) == 1 for languages in spoken.values())
    assert len(spoken) == 2


@pytest.mark.parametrize("kind", ["picture", "video", "graphic"])
def test_captions_are_no_copies(kind: str) -> None:
    one = clusterer()
    one.place("a", LONGER, "en", NOON)
    assert one.place("b", LONGER, "en", NOON, content_type=kind).cluster_id == "b"


def test_the_lead_may_leave_the_window_before_its_copies() -> None:
    one = clusterer(window=10)
    one.place("lead", TEXT, "en", NOON)
    chance = random.Random(3)
    for number in range(30):
        if number % 6 == 5:
            assert one.place(f"copy{number}", TEXT, "en", NOON).cluster_id == "lead"
        else:
            one.place(f"x{number}", sentence(chance) * 3, "en", NOON)


def test_a_flood_over_one_boilerplate_is_bounded_counted_and_no_cluster() -> None:
    chance = random.Random(8)
    footer = " ".join(f"disclaimer{number}" for number in range(120))
    one = clusterer(window=3000)
    own = [" ".join(f"w{chance.randrange(10**6)}" for _ in range(40)) for _ in range(1500)]
    found = one.place_all(
        StoryText(str(number), f"{text}.\n\n{footer}.", "en", NOON + timedelta(seconds=number))
        for number, text in enumerate(own)
    )
    assert sum(cluster.duplicate_of is not None for cluster in found) <= 3
    assert one.counts.refused["opening"] + one.counts.refused["boilerplate"] >= 1400
    assert one.counts.compared <= 1500 * 8 * 20
    copy = one.place("copy", f"TOLVA (Orbis) - {own[1200]}.\n\n{footer}.", "en", NOON + timedelta(hours=1))
    assert copy.cluster_id == "1200", "and a copy among them is found"
