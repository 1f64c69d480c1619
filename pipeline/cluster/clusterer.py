"""Which stories are copies of which: a deterministic function of the stories placed so far.

A story is looked up by the fingerprints of its text (signature.py, ring.py); every candidate is verified by Jaccard
and containment and must pass the guards (verdict.py). The first story of a cluster leads it and gives it its id;
copies take the cluster of the story that they are most like and point to its lead where they are like the lead too.
A cluster's id never changes, and two clusters never become one: a story that joins two others belongs to one.

A story placed again (an update, a correction) keeps its cluster; its new text takes the place of the old.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from pipeline.cluster.ring import MAX_CANDIDATES, Found, Ring
from pipeline.cluster.shingles import EMPTY, shingle
from pipeline.cluster.signature import Signature, sign
from pipeline.cluster.verdict import Comparer, Match, Thresholds
from pipeline.events import Cluster

#: Kinds of content whose text is what they are; a caption is not the picture.
TEXT_TYPES = frozenset({"text", "composite"})
#: Texts of fewer words are headlines: two of the same words need not be one story.
MIN_WORDS = 8
#: A fingerprint that texts of so many different openings share is boilerplate.
_COMMON = 4
#: From here on two openings are one.
_SAME_OPENING = 0.45

_DAY = 86_400.0


@dataclass(slots=True)
class Counts:
    """What has been done, for the status page and for the log."""

    stories: int = 0
    updates: int = 0
    copies: int = 0
    exact: int = 0
    too_short: int = 0
    compared: int = 0
    candidates_left_out: int = 0
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
        self._comparer = Comparer(self._ring, Thresholds(jaccard, containment), self.counts.refused)
        self._window = window_days * _DAY
        capacity = self._ring.capacity
        self._slots: dict[str, int] = {}
        self._stories: list[str | None] = [None] * capacity
        self._clusters: list[str | None] = [None] * capacity
        self._parents: list[str | None] = [None] * capacity
        # The first slot of those whose openings are alike; in a cluster that boilerplate holds together all differ.
        self._openings = np.zeros(capacity, np.int32)
        # A story without a text yet has no cluster to keep; one whose text is taken away later has.
        self._settled = bytearray(capacity)

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
        known = self._slots.get(story_id)
        if known is not None and text is None:
            return self._again(known)
        signature = self._sign(text or "" if content_type in TEXT_TYPES else "")
        tongue, moment = language_code(language), time.timestamp()
        found = self._ring.find(signature.fingerprints) if signature.shingles else None
        self.counts.stories += 1
        if known is not None and self._settled[known]:
            return self._update(story_id, known, signature, tongue, moment, found)
        match = self._match(signature, tongue, moment, found)
        if match is None:
            slot = self._remember(story_id, story_id, None, signature, tongue, moment, found)
            self._openings[slot] = slot
            return Cluster(cluster_id=story_id)
        self.counts.copies += 1
        self.counts.exact += match.exact
        parent, cluster = self._stories[match.slot], self._clusters[match.slot]
        assert parent is not None
        assert cluster is not None
        slot = self._remember(story_id, cluster, parent, signature, tongue, moment, found)
        self._openings[slot] = self._openings[match.slot] if match.opening >= _SAME_OPENING else slot
        return _cluster(cluster, parent, match)

    def _sign(self, text: str) -> Signature:
        """The text's signature; that of an empty text for a headline, which is a copy of nothing."""
        shingles = shingle(text)
        if shingles.words < MIN_WORDS:
            self.counts.too_short += 1
            shingles = EMPTY
        return sign(shingles)

    def _again(self, slot: int) -> Cluster:
        """The cluster of a known story, by the text that is remembered of it."""
        cluster, parent = self._clusters[slot], self._parents[slot]
        assert cluster is not None
        if parent is None:
            return Cluster(cluster_id=cluster)
        at = self._slots.get(parent)
        return _cluster(cluster, parent, None if at is None else self._comparer.pair(slot, at))

    def _update(
        self, story_id: str, known: int, signature: Signature, language: int, time: float, found: Found | None
    ) -> Cluster:
        self.counts.updates += 1
        cluster, parent = self._clusters[known], self._parents[known]
        assert cluster is not None
        slot = self._remember(story_id, cluster, parent, signature, language, time, found)
        self._openings[slot] = self._openings[known]
        return self._again(slot)

    def _match(self, signature: Signature, language: int, time: float, found: Found | None) -> Match | None:
        if found is None or not found.slots:
            return None
        common = self._common(found)
        votes = Counter(slot for at, slot in zip(found.at, found.slots, strict=True) if at not in common)
        every = votes or Counter(found.slots)
        names = ((slot, self._stories[slot]) for slot in every)
        ranked = [slot for _, _, slot in sorted((-every[slot], name, slot) for slot, name in names if name is not None)]
        if not ranked:
            return None
        self.counts.candidates_left_out += max(0, len(ranked) - MAX_CANDIDATES)
        slots = self._with_leads(ranked[:MAX_CANDIDATES])
        self.counts.compared += len(slots)
        matches = self._comparer.compare(signature, slots, language, time, self._window)
        if common:
            rare = len(signature.fingerprints) - len(common)
            matches = [match for match in matches if self._comparer.beyond_boilerplate(match, votes, rare, signature)]
        return self._best(matches)

    def _common(self, found: Found) -> set[int]:
        """The fingerprints that so many different texts share that they say nothing."""
        crowded = [at for at, count in Counter(found.at).items() if count >= _COMMON]
        if not crowded:
            return set()
        openings: dict[int, set[int]] = {at: set() for at in crowded}
        for at, slot, opening in zip(found.at, found.slots, self._openings[found.slots].tolist(), strict=True):
            if at in openings and self._stories[slot] is not None:
                openings[at].add(opening)
        common = {at for at, different in openings.items() if len(different) >= _COMMON}
        self.counts.boilerplate += bool(common)
        return common

    def _with_leads(self, slots: list[int]) -> list[int]:
        """The candidates and the leads of their clusters, each once."""
        leads = (self._slots.get(self._clusters[slot] or "") for slot in slots)
        return list(dict.fromkeys([*slots, *(lead for lead in leads if lead is not None and self._ring.live(lead))]))

    def _best(self, matches: list[Match]) -> Match | None:
        """The lead of the cluster of the best match where it matches too; else the best match."""
        allowed = [match for match in matches if not match.fragment or self._leads(match.slot)]
        if not allowed:
            return None
        best = max(allowed, key=lambda match: (match.jaccard, match.containment, self._leads(match.slot)))
        cluster = self._clusters[best.slot]
        return next((match for match in allowed if self._stories[match.slot] == cluster), best)

    def _leads(self, slot: int) -> bool:
        return self._stories[slot] == self._clusters[slot]

    def _remember(
        self,
        story_id: str,
        cluster: str,
        parent: str | None,
        signature: Signature,
        language: int,
        time: float,
        found: Found | None,
    ) -> int:
        before = self._slots.get(story_id)
        settled = signature.shingles > 0 or (before is not None and self._settled[before])
        if before is not None:
            self._ring.clear(before)
            self._stories[before] = None
        slot = self._ring.add(signature, time, language, found)
        oldest = self._stories[slot]
        if oldest is not None:
            del self._slots[oldest]
        self._stories[slot], self._clusters[slot], self._parents[slot] = story_id, cluster, parent
        self._slots[story_id], self._settled[slot] = slot, settled
        return slot


def language_code(language: str | None) -> int:
    """A language's primary subtag as a number; 0: unknown. ``en``, ``en-GB`` and ``EN_us`` are one language."""
    primary = (language or "").replace("_", "-").split("-", 1)[0].lower()
    if primary in {"", "und", "mul", "zxx"} or not primary.isascii() or not primary.isalpha():
        return 0
    code = 0
    for letter in primary[:3]:
        code = code * 27 + ord(letter) - 96
    return code


def _cluster(cluster: str, parent: str, match: Match | None) -> Cluster:
    if match is None:
        return Cluster(cluster_id=cluster, duplicate_of=parent)
    return Cluster(
        cluster_id=cluster,
        duplicate_of=parent,
        similarity=round(match.jaccard, 4),
        containment=round(match.containment, 4),
        exact=match.exact,
    )
