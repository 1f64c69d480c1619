"""Which stories are copies of which: a deterministic function of the stories placed so far.

A story is looked up by the fingerprints of its text (signature.py, ring.py); every candidate is verified by Jaccard
and containment and must pass the guards (verdict.py). The first story of a cluster leads it and gives it its id;
copies take the cluster of the story that they are most like and point to its lead where they are like the lead too.
A cluster's id never changes, and two clusters never become one: a story that joins two others belongs to one.

A story placed again (an update, a correction) keeps its cluster; its new text takes the place of the old. Stories
may be placed one by one or many at once, with the same outcome; many at once is several times as fast.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from pipeline.cluster.found import GONE, Found
from pipeline.cluster.ring import MAX_BATCH, Ring
from pipeline.cluster.shingles import MAX_BYTES, Indices, plain, shingle
from pipeline.cluster.signature import sign
from pipeline.cluster.verdict import Comparer, Match, Thresholds
from pipeline.events import Cluster

#: Kinds of content whose text is what they are; a caption is not the picture.
TEXT_TYPES = frozenset({"text", "composite"})
#: From here on two openings are one.
_SAME_OPENING = 0.45
#: A copy has at least this part of the fingerprints that are not boilerplate; fewer of these say nothing.
_RARE_PART = 0.25
_LEAST_RARE = 4
#: Bytes of a batch: so much that its arrays stay in the processor's cache.
_BATCH_BYTES = 128 * 1024


_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Placing:
    """A story to be placed; see ``Clusterer.place``."""

    story_id: str
    text: str | None
    language: str | None
    time: datetime
    content_type: str = "text"


@dataclass(slots=True)
class Counts:
    """What has been done, for the status page and for the log."""

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
        window_items: stories that stay comparable, at least 1; fixes the memory (about 0.7 KB each).
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
        # A story without a text yet has no cluster to keep; one whose text is taken away later has.
        self._settled = bytearray(capacity)
        # A number for those whose openings are alike; in a cluster that boilerplate holds together all differ. Below
        # zero: nothing is there any more.
        self._openings = np.full(capacity, GONE, np.int64)
        # What was placed, to know a message that is delivered twice.
        self._contents = array("q", bytes(8 * capacity))
        self._settlements = 0

    def place(
        self, story_id: str, text: str | None, language: str | None, time: datetime, content_type: str = "text"
    ) -> Cluster:
        """Find the cluster of a story and remember the story.

        Args:
            story_id: of the story; one placed before keeps its cluster.
            text: the body; ``None``: the story was withdrawn, its old text stays what copies are measured by.
            language: BCP 47; texts of two languages are never copies. ``None``: unknown, comparable with any.
            time: when the story came, with a time zone.
            content_type: ninjs type; only texts are grouped.
        """
        return self.place_all([Placing(story_id, text, language, time, content_type)])[0]

    def place_all(self, stories: Iterable[Placing]) -> list[Cluster]:
        """Place stories in their order; what comes out is what ``place`` gives for one after the other."""
        clusters: list[Cluster] = []
        batch: dict[str, tuple[Placing, bytes]] = {}
        size = 0

        def flush() -> None:
            nonlocal size
            clusters.extend(self._place_batch(list(batch.values())))
            batch.clear()
            size = 0

        for story in stories:
            text = plain(story.text) if story.text and story.content_type in TEXT_TYPES else b""
            full = len(batch) == MAX_BATCH or size + len(text) > (_BATCH_BYTES if batch else MAX_BYTES)
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

    def _repeated(self, story: Placing, text: bytes) -> bool:
        """Is it what was placed of the story last? It takes no new slot then, so that it changes nothing."""
        known = self._slots.get(story.story_id)
        return known is not None and self._contents[known] == _content(story, text)

    def _unchanged(self, story: Placing, text: bytes) -> Cluster:
        """The cluster of a story whose text stays what it is here."""
        known = self._known(story.story_id, self._ring.next)
        return self._place_batch([(story, text)])[0] if known is None else self._again(known, self._ring.next)

    def _place_batch(self, batch: Sequence[tuple[Placing, bytes]]) -> list[Cluster]:
        if not batch:
            return []
        signatures = sign(shingle([text for _, text in batch]))
        times = np.array([story.time.timestamp() for story, _ in batch])
        languages = np.array([language_code(story.language) for story, _ in batch], np.uint16)
        slots, hits = self._ring.add(signatures, times, languages)
        found = Found(hits, np.bincount(signatures.owners, minlength=len(batch)), self._ring.capacity)
        self.counts.stories += len(batch)
        self.counts.headlines += int(np.count_nonzero(signatures.counts == 0))
        matches = self._matches(slots, found)
        return [
            self._settle(story, text, slot, matches[at], found, at)
            for at, ((story, text), slot) in enumerate(zip(batch, slots.tolist(), strict=True))
        ]

    def _matches(self, slots: Indices, found: Found) -> defaultdict[int, list[Match]]:
        """The copies among the candidates of each story of a batch, by its place in the batch."""
        matches: defaultdict[int, list[Match]] = defaultdict(list)
        self.counts.compared += len(found.old)
        at, copies = self._comparer.copies(slots[found.owners], found.old)
        for owner, match in zip(found.owners[at].tolist(), copies, strict=True):
            matches[owner].append(match)
        return matches

    def _still(self, slot: int, matches: list[Match]) -> list[Match]:
        """Those that are copies after what the stories of the batch before this one have changed."""
        return [
            match
            for match in matches
            if self._stories[match.slot] is not None and self._comparer.one_language(slot, match.slot)
        ]

    def _settle(self, story: Placing, text: bytes, slot: int, matches: list[Match], found: Found, at: int) -> Cluster:
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
        match = self._choose(slot, self._still(slot, matches), found, at) if matches else None
        if match is None:
            self._remember(story_id, slot, story_id, None, settled=has_text)
            self._openings[slot] = self._settlements
            return Cluster(cluster_id=story_id)
        # A copy in an unknown language is in that of its like: or it would join texts of two languages.
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
        """Where a story is known, seen from a slot: only what is in the window is."""
        known = self._slots.get(story_id)
        return known if known is not None and self._ring.before(slot, known) else None

    def _again(self, slot: int, now: int) -> Cluster:
        """The cluster of a known story, by the text that is remembered of it; ``now``: the slot in turn."""
        cluster, parent = self._clusters[slot], self._parents[slot]
        if parent is None:
            return Cluster(cluster_id=cluster)
        at = self._known(parent, now)
        return _cluster(cluster, parent, None if at is None else self._comparer.pair(slot, at))

    def _choose(self, slot: int, matches: list[Match], found: Found, at: int) -> Match | None:
        """The best match, or the lead of its cluster where that matches too."""
        matches = self._beyond_boilerplate(slot, matches, found, at)
        allowed = [match for match in matches if not match.fragment or self._leads(match.slot)]
        if not allowed:
            return None
        best = max(allowed, key=lambda match: self._rank(slot, match))
        if self._leads(best.slot):
            return best
        lead = self._known(self._clusters[best.slot], slot)
        if lead is None or lead in found.compared(at):
            return next((match for match in allowed if match.slot == lead), best)
        _, copies = self._comparer.copies(np.array([slot]), np.array([lead]))
        return copies[0] if copies else best

    def _rank(self, slot: int, match: Match) -> tuple[float, float, bool, int]:
        """The most alike, of these a lead, of these the oldest."""
        age = (slot - match.slot) % self._ring.capacity
        return match.jaccard, match.containment, self._leads(match.slot), age

    def _leads(self, slot: int) -> bool:
        return self._stories[slot] == self._clusters[slot]

    def _beyond_boilerplate(self, slot: int, matches: list[Match], found: Found, at: int) -> list[Match]:
        """Those that share more with the story than what many different texts share."""
        rare = found.rare(at, self._openings)
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
        """Clear a slot that is used again."""
        oldest = self._stories[slot]
        if oldest is not None:
            del self._slots[oldest]
            self._stories[slot], self._openings[slot] = None, GONE


def _content(story: Placing, text: bytes) -> int:
    """A hash of all that is remembered of a story; of this process."""
    return hash((text, story.language, story.time))


def language_code(language: str | None) -> int:
    """A language's primary subtag as a number; 0: unknown. ``en``, ``en-GB`` and ``EN_us`` are one language."""
    primary = (language or "").replace("_", "-").split("-", 1)[0].lower()
    if primary in {"", "und", "mul", "zxx"} or not primary.isascii() or not primary.isalpha():
        return 0
    code = 0
    for letter in primary[:3]:
        code = code * 27 + ord(letter) - 96
    return code


def _cluster(cluster: str, parent: str, alike: tuple[float, float, bool] | None) -> Cluster:
    if alike is None:
        return Cluster(cluster_id=cluster, duplicate_of=parent)
    jaccard, containment, exact = alike
    return Cluster(
        cluster_id=cluster,
        duplicate_of=parent,
        similarity=round(jaccard, 4),
        containment=round(containment, 4),
        exact=exact,
    )
