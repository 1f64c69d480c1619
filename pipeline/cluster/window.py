"""What the cluster stage remembers: the stories of the topic's window, up to an offset; and its snapshot on disk.

The window is a function of the topic alone. A snapshot only makes a restart quick: it can be deleted at any time. It
names the settings that it was made with and the last message that it contains, so that one of another installation,
of other settings or of a topic that was created again is ignored.
"""

from __future__ import annotations

import io
import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import structlog
import xxhash

from pipeline.cluster.clusterer import Clusterer, StoryText
from pipeline.cluster.references import NamedStories, NamedStory, is_notice
from pipeline.cluster.same_event import Events, with_event
from pipeline.events import Cluster, StoryVersion
from pipeline.settings import ClusterSettings

log = structlog.get_logger("wiredesk.cluster")

#: Clusters kept for messages that are delivered again; many times the longest batch.
_KEPT_CLUSTERS = 4096
#: Stories that a notice can refer to: some days of a busy desk.
_NAMED_STORIES = 50_000
_FORMAT = 2


class Window:
    """The stories placed so far, and the clusters of the last messages.

    Args:
        settings: sizes and thresholds.

    Attributes:
        next: offset after the last message placed.
    """

    def __init__(self, settings: ClusterSettings) -> None:
        self._settings = settings
        self._clusterer = Clusterer(
            settings.window_items, settings.window_days, settings.jaccard_threshold, settings.containment_threshold
        )
        self._events = Events() if settings.group_events else None
        self._placed: OrderedDict[int, tuple[Cluster, NamedStory | None]] = OrderedDict()
        self._last = 0
        self._named = NamedStories(_NAMED_STORIES)
        self.next = 0

    def knows(self, offset: int) -> bool:
        """Whether the message at an offset was placed, and its cluster is still known."""
        return offset in self._placed

    @property
    def between_events(self) -> int:
        """Stories so far that were like two events."""
        return self._events.between if self._events else 0

    def skip(self, offset: int, value: bytes) -> None:
        """Pass over a message that is not a story."""
        if offset >= self.next:
            self.next, self._last = offset + 1, _fingerprint(value)

    def place(self, stories: Sequence[tuple[int, StoryVersion, bytes]]) -> list[Cluster]:
        """Place stories in order; one that was placed already gets the same cluster again.

        Args:
            stories: offset, story and the message's bytes.
        """
        new = [entry for entry in stories if entry[0] not in self._placed]
        texts = [story_text(story) for _, story, _ in new]
        for (offset, story, value), text, cluster in zip(new, texts, self._clusterer.place_all(texts), strict=True):
            grouped = with_event(self._events, cluster, text.text, text.language, text.time, story.meaning)
            self._named.note(story)
            self._placed[offset] = grouped, self._named.find(story) if is_notice(story) else None
            self.next, self._last = offset + 1, _fingerprint(value)
        found = [self._placed[offset][0] for offset, _, _ in stories]
        while len(self._placed) > _KEPT_CLUSTERS:
            self._placed.popitem(last=False)
        return found

    def target(self, offset: int) -> NamedStory | None:
        """The story that a notice refers to, as it was found when the notice was placed."""
        return self._placed[offset][1]

    def continues(self, offset: int, value: bytes | None) -> bool:
        """Whether a message of the topic is the last one in this window."""
        return offset == self.next - 1 and (not self._last or self._last == _fingerprint(value or b""))

    def save(self, path: Path) -> None:
        """Write a snapshot, whole or not at all."""
        arrays, clusterer = self._clusterer.state()
        facts = {
            "made_with": self._made_with(),
            "next": self.next,
            "last": self._last,
            "placed": [
                [offset, cluster.model_dump(exclude_defaults=True), target.state() if target else None]
                for offset, (cluster, target) in self._placed.items()
            ],
            "clusterer": clusterer,
            "named": self._named.state(),
            "events": self._events.state() if self._events else None,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            text = np.frombuffer(orjson.dumps(facts), np.uint8)
            np.savez(file, facts=text, next=np.int64(self.next), **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    def load(self, path: Path) -> bool:
        """Take over a snapshot; ``False``: there is none that can be used, and this window must be thrown away."""
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
                facts: dict[str, Any] = orjson.loads(stored["facts"].tobytes())
                if facts["made_with"] != self._made_with():
                    log.info("snapshot_ignored", path=str(path), reason="it was made with other settings")
                    return False
                self._clusterer.restore(dict(stored.items()), facts["clusterer"])
            self._named.restore(facts["named"])
            if self._events:
                self._events.restore(facts["events"])
            for offset, cluster, target in facts["placed"]:
                self._placed[offset] = (
                    Cluster.model_validate(cluster),
                    NamedStory.from_state(target) if target else None,
                )
            self.next, self._last = facts["next"], facts["last"]
        except FileNotFoundError:
            return False
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the file: the topic has everything
            log.warning("snapshot_ignored", path=str(path), reason=f"{type(error).__name__}: {error}")
            return False
        return True

    def _made_with(self) -> dict[str, Any]:
        return {"format": _FORMAT, **self._settings.model_dump(mode="json")}


def snapshot_offset(path: Path) -> int:
    """The offset up to which a snapshot has read, without reading it; -1: it does not say so, or cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return int(stored["next"])
    except Exception:  # noqa: BLE001 - whatever is wrong with the file: loading it says so
        return -1


def story_text(story: StoryVersion) -> StoryText:
    """What of a story version is compared.

    A withdrawn story keeps its cluster and its old text: late copies of it are copies of a killed story, and its
    notice is a copy of nothing.
    """
    withdrawn = story.killed or story.pubstatus == "withheld"
    text = None if withdrawn else story.content.body
    return StoryText(story.story_id, text, story.content.language, story.received, story.content.type)


def _fingerprint(value: bytes) -> int:
    return xxhash.xxh3_64_intdigest(value)
