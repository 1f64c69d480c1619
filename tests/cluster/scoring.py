"""Scores a grouping of a labelled stream: pairwise precision, and recall by how alike a pair truly is and by edit."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

from tests.cluster.generator import Story

Pair = tuple[str, str]
Kind = Literal["jaccard", "containment", "other"]

_WORD = re.compile(r"\w+(?:[.,]\d+)*")


def grams(text: str) -> set[tuple[str, ...]]:
    """The word 4-grams of a text, taken in the plainest way."""
    words = _WORD.findall(text.lower())
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


@dataclass(frozen=True)
class Truth:
    """The pairs that are copies by label, and of what kind each is."""

    stories: Mapping[str, Story]
    kinds: Mapping[Pair, Kind]

    @classmethod
    def of(cls, stories: Sequence[Story]) -> Truth:
        families: defaultdict[int, list[Story]] = defaultdict(list)
        for story in stories:
            for family in story.families:
                families[family].append(story)
        kinds: dict[Pair, Kind] = {}
        for members in families.values():
            sets = {story.id: grams(story.text) for story in members} if len(members) > 1 else {}
            for one, other in combinations(members, 2):
                kinds[pair(one.id, other.id)] = _kind(sets[one.id], sets[other.id])
        return cls({story.id: story for story in stories}, kinds)

    def same(self, one: str, other: str) -> bool:
        """Are two stories copies by label?"""
        return bool(self.stories[one].families & self.stories[other].families)


@dataclass
class Score:
    """Counts of one grouping."""

    true: int = 0
    claimed: int = 0
    false: Counter[tuple[str, ...]] = field(default_factory=Counter)
    found: Counter[Kind] = field(default_factory=Counter)
    wanted: Counter[Kind] = field(default_factory=Counter)
    found_by_edit: Counter[str] = field(default_factory=Counter)
    wanted_by_edit: Counter[str] = field(default_factory=Counter)
    examples: list[Pair] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.true / max(self.claimed, 1)

    def recall(self, kind: Kind) -> float:
        return self.found[kind] / max(self.wanted[kind], 1)

    def by_edit(self) -> dict[str, float]:
        """Recall of the pairs of either kind by the edit of the later story."""
        return {edit: self.found_by_edit[edit] / count for edit, count in sorted(self.wanted_by_edit.items())}


def score(truth: Truth, claimed: Iterable[Pair]) -> Score:
    """Score pairs that are said to be copies."""
    result, pairs = Score(), set(claimed)
    for one, other in pairs:
        result.claimed += 1
        if truth.same(one, other):
            result.true += 1
        else:
            edits = (truth.stories[one].edit, truth.stories[other].edit)
            result.false[tuple(sorted(edits))] += 1
            result.examples.append((one, other))
    for both, kind in truth.kinds.items():
        result.wanted[kind] += 1
        result.found[kind] += both in pairs
        if kind != "other":
            edit = truth.stories[both[1]].edit
            result.wanted_by_edit[edit] += 1
            result.found_by_edit[edit] += both in pairs
    return result


def pairs_of(clusters: Mapping[str, str]) -> Iterator[Pair]:
    """All pairs of a clustering: story id to cluster id."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for story, cluster in clusters.items():
        members[cluster].append(story)
    for group in members.values():
        yield from (pair(one, other) for one, other in combinations(group, 2))


def pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def _kind(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> Kind:
    shared = len(one & other)
    if shared and shared / len(one | other) >= 0.5:
        return "jaccard"
    return "containment" if shared >= 40 and shared / min(len(one), len(other)) >= 0.8 else "other"
