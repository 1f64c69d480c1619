"""What the index holds at the end of a run, against what follows from the inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.faults.soak.stories import Expected

Document = dict[str, Any]
#: What is counted for documents whose story the index does not have.
_NO_STORY = "no story"


@dataclass
class Differences:
    """What is wrong at the end, by kind; empty lists where nothing is."""

    lost: list[str]
    doubled: list[str]
    stale: list[str]
    revived: list[str]
    wrong_quotations: list[str]
    wrong_copies: list[str]
    sound_dead_letters: list[str]

    def counts(self) -> dict[str, int]:
        """Number of differences by kind."""
        return {kind: len(found) for kind, found in vars(self).items()}


class Indexed:
    """Documents of the indices, by the provider's id of their story.

    Args:
        stories: all documents of ``stories``.
        history: all documents of ``stories-history``.
        public_quotations: what readers may see of ``quotes``.
    """

    def __init__(
        self, stories: Iterable[Document], history: Iterable[Document], public_quotations: Iterable[Document]
    ) -> None:
        self.stories: dict[str, list[Document]] = {}
        names: dict[str, str] = {}
        for story in stories:
            name = names[story["story_id"]] = str(story["item_id"]).rpartition(":")[2]
            self.stories.setdefault(name, []).append(story)
        self.versions = Counter(names.get(version["story_id"], _NO_STORY) for version in history)
        self.quotations: dict[str, list[Document]] = {}
        for quotation in public_quotations:
            self.quotations.setdefault(names.get(quotation["story_id"], _NO_STORY), []).append(quotation)

    def said(self, name: str) -> list[str]:
        """The words of a story's quotations, sorted."""
        return sorted(quotation["text"].strip(' ,."“”') for quotation in self.quotations.get(name, ()))

    def copies(self) -> dict[str, frozenset[str]]:
        """For each story, all stories of its cluster."""
        clusters: dict[str, set[str]] = {}
        for name, documents in self.stories.items():
            clusters.setdefault(documents[0]["cluster_id"], set()).add(name)
        return {name: frozenset(cluster) for cluster in clusters.values() for name in cluster}


def compare(expected: dict[str, Expected], indexed: Indexed, dead_letters: Iterable[str]) -> Differences:
    """Hold what the index has against what it must have.

    Args:
        expected: by the provider's id.
        indexed: what the index has.
        dead_letters: reasons of the dead letters that were not made on purpose.
    """
    return Differences(
        lost=_lost(expected, indexed),
        doubled=_doubled(expected, indexed),
        stale=_stale(expected, indexed),
        revived=_revived(expected, indexed),
        wrong_quotations=_wrong_quotations(expected, indexed),
        wrong_copies=_wrong_copies(expected, indexed),
        sound_dead_letters=list(dead_letters),
    )


def _lost(expected: dict[str, Expected], indexed: Indexed) -> list[str]:
    return [
        f"{name}: {indexed.versions[name]} of {end.versions} versions" if name in indexed.stories else name
        for name, end in expected.items()
        if name not in indexed.stories or indexed.versions[name] < end.versions
    ]


def _doubled(expected: dict[str, Expected], indexed: Indexed) -> list[str]:
    stories = [name for name, found in indexed.stories.items() if len(found) > 1 or name not in expected]
    versions = [
        f"{name}: {indexed.versions[name]} of {end.versions} versions"
        for name, end in expected.items()
        if indexed.versions[name] > end.versions
    ]
    strays = indexed.versions[_NO_STORY]
    return [*stories, *versions, *([f"{strays} versions of no story"] if strays else [])]


def _stale(expected: dict[str, Expected], indexed: Indexed) -> list[str]:
    return [
        f"{name}: {story.get('headline')!r} for {end.headline!r}"
        for name, end, story in _both(expected, indexed)
        if not end.killed and story.get("headline") != end.headline
    ]


def _revived(expected: dict[str, Expected], indexed: Indexed) -> list[str]:
    return [name for name, end, story in _both(expected, indexed) if end.killed and not story.get("killed")]


def _wrong_quotations(expected: dict[str, Expected], indexed: Indexed) -> list[str]:
    versions = {name: documents[0]["index_version"] for name, documents in indexed.stories.items()}
    of_another_version = [
        f"{name}: of version {quotation['index_version']}, not {versions.get(name)}"
        for name, quotations in indexed.quotations.items()
        for quotation in quotations
        if quotation["index_version"] != versions.get(name)
    ]
    return of_another_version + [
        f"{name}: {said} for {list(end.quotations)}"
        for name, end in expected.items()
        if (said := indexed.said(name)) != list(end.quotations)
    ]


def _wrong_copies(expected: dict[str, Expected], indexed: Indexed) -> list[str]:
    copies = indexed.copies()
    return [
        f"{name}: {sorted(copies[name])} for {sorted(end.copies)}"
        for name, end, _ in _both(expected, indexed)
        if end.copies is not None and copies[name] != end.copies
    ]


def _both(expected: dict[str, Expected], indexed: Indexed) -> Iterable[tuple[str, Expected, Document]]:
    return ((name, expected[name], found[0]) for name, found in indexed.stories.items() if name in expected)
