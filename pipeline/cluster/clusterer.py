"""Groups copies of a story over a window of time and number: for now exact copies, whatever their headline.

A pure function of the sequence of calls: the same stories in the same order get the same clusters, in this process or
after a restart. The first story seen leads its cluster and gives it its id. Only groups, never drops.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

import xxhash

from pipeline.events import Cluster

#: A shorter text says too little to be somebody's copy: "More follows." is everybody's.
_MIN_WORDS = 8
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class _Placed:
    cluster: Cluster
    time: datetime
    text: bytes | None


class Clusterer:
    """Remembers the stories of the window.

    Args:
        window_items: how many stories back copies are looked for.
        window_days: how many days back.
        jaccard: least similarity of near copies.
        containment: least containment of near copies.
    """

    def __init__(
        self,
        window_items: int,
        window_days: float,
        jaccard: float = 0.5,  # noqa: ARG002 - for near copies
        containment: float = 0.8,  # noqa: ARG002 - for near copies
    ) -> None:
        self._window_items = window_items
        self._window = timedelta(days=window_days)
        self._placed: OrderedDict[str, _Placed] = OrderedDict()
        self._leads: dict[bytes, str] = {}

    def place(
        self, story_id: str, text: str | None, language: str | None, time: datetime, content_type: str = "text"
    ) -> Cluster:
        """The cluster of a story. One that was placed keeps its cluster, whatever its newer version says.

        Args:
            story_id: of the story.
            text: its body; ``None`` where it has none of its own (a withdrawn story).
            language: of the text; copies are of one language.
            time: when it was received.
            content_type: ``text``, ``picture`` …; only texts are compared.
        """
        self._expire(time)
        known = self._placed.get(story_id)
        if known is not None:
            return known.cluster
        key = _text_key(text, language) if text and content_type == "text" else None
        lead = self._leads.setdefault(key, story_id) if key else story_id
        cluster = Cluster(cluster_id=lead)
        if lead != story_id:
            cluster = Cluster(cluster_id=lead, duplicate_of=lead, similarity=1.0, containment=1.0, exact=True)
        self._placed[story_id] = _Placed(cluster, time, key)
        return cluster

    def _expire(self, now: datetime) -> None:
        while self._placed:
            story_id, oldest = next(iter(self._placed.items()))
            if len(self._placed) < self._window_items and now - oldest.time <= self._window:
                return
            del self._placed[story_id]
            if oldest.text is not None and self._leads.get(oldest.text) == story_id:
                del self._leads[oldest.text]


def _text_key(text: str, language: str | None) -> bytes | None:
    """A text's words, without case, marks and layout; ``None`` where there are too few."""
    words = _WORD.findall(text.casefold())
    if len(words) < _MIN_WORDS:
        return None
    return xxhash.xxh3_128_digest(f"{language}\x1f{' '.join(words)}".encode())
