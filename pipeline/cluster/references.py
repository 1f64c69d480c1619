"""Finds the story that a notice in an old text format refers to: "KILL the story slugged ARDELLE-BRIDGE".

Machine formats name an item by its id, and numbers are read by the parsers. Slugs and headlines are known only here,
where all stories of the window pass. A name that fits two stories, or none, finds nothing: a person decides.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.events import HASHED_ID, RawItem, StoryVersion
from pipeline.events.item import Item, Reference, Signal

#: A notice refers to stories of the last days; slugs are used again after that.
_REACH = timedelta(days=3)
#: Names kept of a story: a live one has another headline in each of a thousand versions.
_MOST_NAMES = 20
_LETTERS = re.compile(r"\w+")


@dataclass(frozen=True)
class NamedStory:
    """A story and the names it can be referred to by, the newest first."""

    story_id: str
    item_id: str
    time: datetime
    keys: tuple[tuple[str, str, str], ...]

    def state(self) -> list[Any]:
        """All of it as JSON."""
        return [self.story_id, self.item_id, self.time.isoformat(), self.keys]

    @classmethod
    def from_state(cls, state: Sequence[Any]) -> NamedStory:
        """What ``state`` gave."""
        story_id, item_id, time, keys = state
        return cls(story_id, item_id, datetime.fromisoformat(time), tuple((*key,) for key in keys))


class NamedStories:
    """The stories of the last days by slug and by headline.

    Args:
        limit: number of stories to remember.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._stories: OrderedDict[str, NamedStory] = OrderedDict()
        self._by_key: dict[tuple[str, str, str], set[str]] = {}

    def note(self, story: StoryVersion) -> None:
        """Remember a story under the names of this version and of some before it."""
        if is_notice(story):
            return
        known = self._stories.pop(story.story_id, None)
        before = known.keys if known else ()
        keys = tuple(dict.fromkeys((*_keys_of(story), *before)))[:_MOST_NAMES]
        self._forget(story.story_id, set(before).difference(keys))
        self._stories[story.story_id] = NamedStory(story.story_id, story.item_id, story.received, keys)
        for key in keys:
            self._by_key.setdefault(key, set()).add(story.story_id)
        self._expire(story.received)

    def state(self) -> list[list[Any]]:
        """All stories, oldest first, as JSON."""
        return [story.state() for story in self._stories.values()]

    def restore(self, stories: Iterable[Sequence[Any]]) -> None:
        """Take over what ``state`` gave."""
        for state in stories:
            story = NamedStory.from_state(state)
            self._stories[story.story_id] = story
            for key in story.keys:
                self._by_key.setdefault(key, set()).add(story.story_id)

    def find(self, notice: StoryVersion) -> NamedStory | None:
        """The one story that a notice names; ``None``: none, or more than one."""
        for reference in references_of(notice):
            for key in _keys_named(notice.provider, reference):
                found = self._by_key.get(key, set()) - {notice.story_id}
                if len(found) == 1:
                    return self._stories[next(iter(found))]
        return None

    def _expire(self, now: datetime) -> None:
        while self._stories:
            story_id, oldest = next(iter(self._stories.items()))
            if len(self._stories) <= self._limit and now - oldest.time <= _REACH:
                return
            del self._stories[story_id]
            self._forget(story_id, oldest.keys)

    def _forget(self, story_id: str, keys: Iterable[tuple[str, str, str]]) -> None:
        for key in keys:
            self._by_key[key].discard(story_id)
            if not self._by_key[key]:
                del self._by_key[key]


def is_notice(story: StoryVersion) -> bool:
    """Whether a message kills or holds another story: it refers to another item and was never a story itself."""
    withdraws = story.killed or story.pubstatus == "withheld"
    return withdraws and story.update_count == 0 and bool(references_of(story))


def references_of(notice: StoryVersion) -> tuple[Reference, ...]:
    """The items that a notice refers to.

    The id of an item without id and link is a hash of its text, and that of its kill is another one. Such a kill
    refers to the story that has its headline.
    """
    if notice.refers or not notice.item_id.startswith(HASHED_ID):
        return notice.refers
    return (Reference(headline=notice.content.headline),) if notice.content.headline else ()


def kill_of(target: NamedStory, notice: StoryVersion) -> RawItem:
    """The kill or hold as if the agency had sent it under the id of the target."""
    said = [notice.content.headline, notice.content.ednote, notice.content.body]
    return RawItem(
        connector=notice.connectors[0] if notice.connectors else "notice",
        provider=notice.provider,
        item_id=target.item_id,
        received=notice.received,
        parser="notice",
        lane=notice.lane,
        item=Item(
            uri=target.item_id,
            pubstatus="canceled" if notice.killed else "withheld",
            signals=(Signal.KILL if notice.killed else Signal.WITHHOLD,),
            versioncreated=notice.version_created,
            ednote="\n".join(dict.fromkeys(part for part in said if part)) or None,
        ),
    )


def _keys_of(story: StoryVersion) -> Iterator[tuple[str, str, str]]:
    content = story.content
    if content.slugline:
        yield story.provider, "slug", _slug(content.slugline)
    if content.headline:
        yield story.provider, "headline", _plain(content.headline)


def _keys_named(provider: str, reference: Reference) -> Iterator[tuple[str, str, str]]:
    if reference.headline:
        yield provider, "headline", _plain(reference.headline)
    if reference.slugline:
        yield provider, "slug", _slug(reference.slugline)


def _slug(text: str) -> str:
    """A slug without the additions of keyword lines: ``BC-Bridge, 1st Ld``, ``BRIDGE/CLOSED (UPDATE 1)``."""
    return _plain(re.split(r",|\(", text, maxsplit=1)[0])


def _plain(text: str) -> str:
    return " ".join(_LETTERS.findall(text.casefold()))
