"""Which stories are copies of which: a deterministic function of the stories placed so far.

A story is looked up by the fingerprints of its text (signature.py, ring.py); every candidate is verified by Jaccard
and containment and must pass the guards (comparison.py). The first story of a cluster leads it and gives it its id;
copies join the cluster of the most similar story, and are marked as copies of its lead if they are similar to it too.
A cluster's id never changes, and two clusters never become one: a story that joins two others belongs to one.

A story placed again (an update, a correction) keeps its cluster; its new text replaces the old one. Stories may be
placed one by one or many at once with the same result; many at once is several times as fast.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from pipeline.cluster.candidates import GONE, Candidates
from pipeline.cluster.comparison import Comparer, Match, Thresholds
from pipeline.cluster.ring import MAX_BATCH, Ring
from pipeline.cluster.shingles import Indices, plain, shingle
from pipeline.cluster.signature import sign
from pipeline.events import Cluster
from pipeline.events.languages import primary_language

#: Content types that are texts; the caption of a picture is not the picture.
TEXT_TYPES = frozenset({"text", "composite"})
#: Openings at least this similar count as the same.
_SAME_OPENING = 0.45
#: A copy shares at least this part of the fingerprints that are not boilerplate, if there are enough of them.
_RARE_PART = 0.25
_LEAST_RARE = 4
#: Bytes of a batch: its arrays must stay in the processor's cache. One text has half as many at most.
_BATCH_BYTES = 128 * 1024

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class StoryText:
    """A story to place; see ``Clusterer.place``."""

    story_id: str
    text: str | None
    language: str | None
    time: datetime
    content_type: str = "text"


@dataclass(slots=True)
class Counts:
    """Counters for the status page and the log."""

    stories: int = 0
    updates: int = 0
    copies: int = 0
    exact: int = 0
    headlines: int = 0
    compared: int = 0
    boilerplate: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class Clusterer:
    """Groups copies over a window of the last stories.

    Args:
        window_items: number of stories that stay comparable, at least 1; fixes the memory (about 0.7 KB each).
        window_days: how far apart in time copies may be.
        jaccard: least Jaccard similarity of the word 4-grams of two copies.
        containment: least part of the shorter one's word 4-grams that are in the longer, where Jaccard is lower.
    """

    def __init__(self, window_items: int, window_days: float, jaccard: float, containment: float) -> None:
        self.counts = Counts()
        self._ring = Ring(window_items)
        thresholds = Thresholds(jaccard, containment, window_days * _DAY)
        self._comparer = Comparer(self._ring, thresholds, self.counts.refused)
        capacity = self._ring.capacity
        self._slots: dict[str, int] = {}
        self._stories: list[str | None] = [None] * capacity
        self._clusters: list[str] = [""] * capacity
        self._parents: list[str | None] = [None] * capacity
        # A story that has had no text yet has no cluster to keep; one whose text is withdrawn later has.
        self._settled = bytearray(capacity)
        # Stories with similar openings share a number. Below zero: the slot is empty.
        self._openings = np.full(capacity, GONE, np.int64)
        # Hashes of what was placed, to recognise a message that is delivered twice.
        self._contents = array("q", bytes(8 * capacity))
        self._settlements = 0

    def place(
        self, story_id: str, text: str | None, language: str | None, time: datetime, content_type: str = "text"
    ) -> Cluster:
        """Find the cluster of a story and remember the story.

        Args:
            story_id: id of the story; one placed before keeps its cluster.
            text: the body; ``None``: the story was withdrawn, and copies are still compared with its old text.
            language: BCP 47; texts of two languages are never copies. ``None``: unknown, comparable with any.
            time: when the story was received, with a time zone.
            content_type: ninjs type; only texts are grouped.
        """
        return self.place_all([StoryText(story_id, text, language, time, content_type)])[0]

    def place_all(self, stories: Iterable[StoryText]) -> list[Cluster]:
        """Place stories in order; the result is the same as calling ``place`` for each."""
        clusters: list[Cluster] = []
        batch: dict[str, tuple[StoryText, bytes]] = {}
        size = 0

        def flush() -> None:
            nonlocal size
            clusters.extend(self._place_batch(list(batch.values())))
            batch.clear()
            size = 0

        for story in stories:
            text = plain(story.text) if story.text and story.content_type in TEXT_TYPES else b""
            full = len(batch) == MAX_BATCH or size + len(text) > _BATCH_BYTES
            if full or story.story_id in batch:
                flush()
            if story.text is None or self._repeated(story, text):
                flush()
                clusters.append(self._unchanged(story, text))
                continue
            batch[story.story_id] = story, text
            size += len(text)
        flush()
        return clusters

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """All that is remembered, as arrays and as JSON; not to be changed."""
        arrays = {
            **self._ring.arrays(),
            "openings": self._openings,
            "contents": np.frombuffer(self._contents, np.int64),
            "settled": np.frombuffer(self._settled, np.uint8),
        }
        return arrays, {
            "ring": self._ring.counters(),
            "stories": self._stories,
            "clusters": self._clusters,
            "parents": self._parents,
            "settlements": self._settlements,
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> None:
        """Take over what ``state`` gave.

        Raises:
            ValueError: it is of a clusterer of another size.
        """
        self._ring.restore(arrays, facts["ring"])
        self._openings[:] = arrays["openings"]
        self._contents = array("q", arrays["contents"].tobytes())
        self._settled = bytearray(arrays["settled"].tobytes())
        self._stories, self._clusters, self._parents = facts["stories"], facts["clusters"], facts["parents"]
        self._settlements = facts["settlements"]
        self._slots = {story: slot for slot, story in enumerate(self._stories) if story is not None}

    def _repeated(self, story: StoryText, text: bytes) -> bool:
        """Is it the same as what was placed last for this story? Then it takes no new slot and changes nothing."""
        known = self._slots.get(story.story_id)
        return known is not None and self._contents[known] == _content(story, text)

    def _unchanged(self, story: StoryText, text: bytes) -> Cluster:
        """The cluster of a story whose remembered text does not change."""
        known = self._known(story.story_id, self._ring.next)
        return self._place_batch([(story, text)])[0] if known is None else self._again(known, self._ring.next)

    def _place_batch(self, batch: Sequence[tuple[StoryText, bytes]]) -> list[Cluster]:
        if not batch:
            return []
        signatures = sign(shingle([text for _, text in batch]))
        times = np.array([story.time.timestamp() for story, _ in batch])
        languages = np.array([language_code(story.language) for story, _ in batch], np.uint16)
        slots, hits = self._ring.add(signatures, times, languages)
        candidates = Candidates(hits, np.bincount(signatures.owners, minlength=len(batch)), self._ring.capacity)
        self.counts.stories += len(batch)
        self.counts.headlines += int(np.count_nonzero(signatures.counts == 0))
        matches = self._matches(slots, candidates)
        return [
            self._settle(story, text, slot, matches[at], candidates, at)
            for at, ((story, text), slot) in enumerate(zip(batch, slots.tolist(), strict=True))
        ]

    def _matches(self, slots: Indices, candidates: Candidates) -> defaultdict[int, list[Match]]:
        """The copies among the candidates of each story of a batch, by its place in the batch."""
        matches: defaultdict[int, list[Match]] = defaultdict(list)
        self.counts.compared += len(candidates.old)
        at, copies = self._comparer.copies(slots[candidates.owners], candidates.old)
        for owner, match in zip(candidates.owners[at].tolist(), copies, strict=True):
            matches[owner].append(match)
        return matches

    def _still(self, slot: int, matches: list[Match]) -> list[Match]:
        """The matches that still hold after the earlier stories of the batch were placed."""
        return [
            match
            for match in matches
            if self._stories[match.slot] is not None and self._comparer.one_language(slot, match.slot)
        ]

    def _settle(
        self, story: StoryText, text: bytes, slot: int, matches: list[Match], candidates: Candidates, at: int
    ) -> Cluster:
        """Decide the cluster of the next story of a batch."""
        story_id, has_text = story.story_id, self._comparer.has_text(slot)
        self._contents[slot] = _content(story, text)
        self._forget(slot)
        self._settlements += 1
        known = self._known(story_id, slot)
        if known is not None and self._settled[known]:
            self.counts.updates += 1
            opening = self._openings[known]
            self._remember(story_id, slot, self._clusters[known], self._parents[known], settled=True)
            self._openings[slot] = opening
            return self._again(slot, slot)
        match = self._choose(slot, self._still(slot, matches), candidates, at) if matches else None
        if match is None:
            self._remember(story_id, slot, story_id, None, settled=has_text)
            self._openings[slot] = self._settlements
            return Cluster(cluster_id=story_id)
        # A copy in an unknown language takes the language of its match; otherwise it could join texts of two languages.
        self._comparer.share_language(slot, match.slot)
        self.counts.copies += 1
        self.counts.exact += match.exact
        parent, cluster = self._stories[match.slot], self._clusters[match.slot]
        assert parent is not None
        self._remember(story_id, slot, cluster, parent, settled=True)
        same = match.opening >= _SAME_OPENING
        self._openings[slot] = self._openings[match.slot] if same else self._settlements
        return _cluster(cluster, parent, (match.jaccard, match.containment, match.exact))

    def _known(self, story_id: str, slot: int) -> int | None:
        """The slot of a story, if it is in the window before ``slot``."""
        known = self._slots.get(story_id)
        return known if known is not None and self._ring.before(slot, known) else None

    def _again(self, slot: int, now: int) -> Cluster:
        """The cluster of a known story, from its remembered text; ``now``: the current slot."""
        cluster, parent = self._clusters[slot], self._parents[slot]
        if parent is None:
            return Cluster(cluster_id=cluster)
        at = self._known(parent, now)
        return _cluster(cluster, parent, None if at is None else self._comparer.pair(slot, at))

    def _choose(self, slot: int, matches: list[Match], candidates: Candidates, at: int) -> Match | None:
        """The best match, or the lead of its cluster if that matches too."""
        matches = self._beyond_boilerplate(slot, matches, candidates, at)
        allowed = [match for match in matches if not match.fragment or self._leads(match.slot)]
        if not allowed:
            return None
        best = max(allowed, key=lambda match: self._rank(slot, match))
        if self._leads(best.slot):
            return best
        lead = self._known(self._clusters[best.slot], slot)
        if lead is None or lead in candidates.compared(at):
            return next((match for match in allowed if match.slot == lead), best)
        _, copies = self._comparer.copies(np.array([slot]), np.array([lead]))
        return copies[0] if copies else best

    def _rank(self, slot: int, match: Match) -> tuple[float, float, bool, int]:
        """Sort key: the most similar; then leads; then the oldest."""
        age = (slot - match.slot) % self._ring.capacity
        return match.jaccard, match.containment, self._leads(match.slot), age

    def _leads(self, slot: int) -> bool:
        return self._stories[slot] == self._clusters[slot]

    def _beyond_boilerplate(self, slot: int, matches: list[Match], candidates: Candidates, at: int) -> list[Match]:
        """The matches that share more with the story than boilerplate."""
        rare = candidates.rare(at, self._openings)
        if rare is None:
            return matches
        self.counts.boilerplate += 1
        count, slots = rare
        kept = [match for match in matches if self._shares_more(slot, match, slots.count(match.slot), count)]
        self.counts.refused["boilerplate"] += len(matches) - len(kept)
        return kept

    def _shares_more(self, slot: int, match: Match, votes: int, rare: int) -> bool:
        if match.exact:
            return True
        if rare < _LEAST_RARE:
            return match.opening >= _SAME_OPENING
        return votes >= _RARE_PART * rare / self._comparer.larger(slot, match.slot)

    def _remember(self, story_id: str, slot: int, cluster: str, parent: str | None, *, settled: bool) -> None:
        before = self._slots.get(story_id)
        if before is not None:
            self._stories[before], self._openings[before] = None, GONE
        self._stories[slot], self._clusters[slot], self._parents[slot] = story_id, cluster, parent
        self._slots[story_id], self._settled[slot] = slot, settled

    def _forget(self, slot: int) -> None:
        """Clear a slot before it is used again."""
        oldest = self._stories[slot]
        if oldest is not None:
            del self._slots[oldest]
            self._stories[slot], self._openings[slot] = None, GONE


def _content(story: StoryText, text: bytes) -> int:
    """A hash of all that is remembered of a story."""
    facts = f"{story.language}\x1f{story.time.timestamp()}\x1f".encode()
    return xxhash.xxh3_64_intdigest(facts + text) - 2**63


def language_code(language: str | None) -> int:
    """A language's primary subtag as a number; 0: unknown. ``en``, ``en-GB`` and ``EN_us`` are one language."""
    primary = primary_language(language)
    if primary in {"und", "mul", "zxx"} or not primary.isascii() or not primary.isalpha():
        return 0
    code = 0
    for character in primary[:3]:
        code = code * 27 + ord(character) - 96
    return code


def _cluster(cluster: str, parent: str, similarity: tuple[float, float, bool] | None) -> Cluster:
    if similarity is None:
        return Cluster(cluster_id=cluster, duplicate_of=parent)
    jaccard, containment, exact = similarity
    return Cluster(
        cluster_id=cluster,
        duplicate_of=parent,
        similarity=round(jaccard, 4),
        containment=round(containment, 4),
        exact=exact,
    )
