"""Seeded stories with everything that happens to them, and the end that follows from the inputs alone."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Channel = Literal["feed", "folder", "push"]
CHANNELS: tuple[Channel, ...] = ("feed", "folder", "push")

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
_SYLLABLES = ("bar", "tol", "mer", "sin", "vak", "dru", "ano", "ek", "ilt", "ora", "pel", "gu")
_WORDS = [first + second for first in _SYLLABLES for second in _SYLLABLES if first != second]


@dataclass(frozen=True)
class Version:
    """One version of a story as its provider sends it.

    Attributes:
        story: the provider's id.
        number: the provider's version; versions of a story are a minute apart.
        channel: how it is sent.
        body: the text; empty for a kill.
        quotations: the words of the direct quotations in the text.
        killed: whether this version takes the story back.
    """

    story: str
    number: int
    channel: Channel
    body: str
    quotations: tuple[str, ...]
    killed: bool = False

    @property
    def headline(self) -> str:
        return f"{'Killed: ' if self.killed else ''}Story {self.story} version {self.number}"

    @property
    def created(self) -> datetime:
        return NOON + timedelta(minutes=self.number)

    def ninjs(self) -> dict[str, Any]:
        """The version as ninjs 1.3."""
        return {
            "uri": f"urn:orbis:{self.story}",
            "version": str(self.number),
            "type": "text",
            "versioncreated": self.created.isoformat(),
            "pubstatus": "canceled" if self.killed else "usable",
            "language": "en",
            "headline": self.headline,
            "body_text": self.body,
        }


@dataclass(frozen=True)
class Expected:
    """The end of a story: what the index must hold.

    Attributes:
        copies: the stories of its cluster; ``None``: it depends on the order of arrival, because one of them was killed,
            lost words of its first version, or came with a later one first.
    """

    headline: str
    killed: bool
    versions: int
    quotations: tuple[str, ...]
    copies: frozenset[str] | None


@dataclass(frozen=True)
class Plan:
    """What is sent, in order; versions may be late, or sent again."""

    sent: tuple[Version, ...]

    def expected(self) -> dict[str, Expected]:
        """The end of every story, from the set of its versions: no order of arrival matters."""
        versions: dict[str, dict[int, Version]] = {}
        for version in self.sent:
            versions.setdefault(version.story, {})[version.number] = version
        newest = {story: known[max(known)] for story, known in versions.items()}
        first = {story: known[min(known)].body for story, known in versions.items()}
        groups: dict[str, set[str]] = {}
        for story, body in first.items():
            groups.setdefault(body, set()).add(story)
        came_first: dict[str, int] = {}
        for version in self.sent:
            came_first.setdefault(version.story, version.number)
        fixed = {
            story
            for story, known in versions.items()
            if came_first[story] == min(known) and all(one.body.startswith(first[story]) for one in known.values())
        }
        return {
            story: Expected(
                headline=version.headline,
                killed=version.killed,
                versions=len(versions[story]),
                quotations=tuple(sorted(version.quotations)),
                copies=frozenset(group) if (group := groups[first[story]]) <= fixed else None,
            )
            for story, version in newest.items()
        }


def make_plan(count: int, seed: int) -> Plan:
    """Stories over all channels with updates, kills, late and repeated versions, and copies of earlier texts.

    Args:
        count: number of stories.
        seed: everything follows from it.
    """
    chance = random.Random(seed)
    bodies: list[tuple[str, tuple[str, ...]]] = []
    sent: list[tuple[float, Version]] = []
    for number in range(count):
        if bodies and chance.random() < 0.15:
            body, quotations = chance.choice(bodies)
        else:
            body, quotations = _body(chance, number)
            bodies.append((body, quotations))
        channel = chance.choice(CHANNELS)
        versions = [Version(f"s{number}", 1, channel, body, quotations)]
        # An update adds to the text, so that a copy stays one.
        for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
            versions.append(_update(chance, versions[-1]))
        if chance.random() < 0.12:
            last = versions[-1]
            versions.append(Version(last.story, last.number + 1, channel, "", (), killed=True))
        at = chance.random()
        for version in versions:
            # Mostly in order, sometimes late; sometimes sent twice.
            moment = at + (0.0 if chance.random() < 0.15 else 0.02 * version.number)
            sent += [(moment, version)] * (2 if chance.random() < 0.1 else 1)
    sent.sort(key=lambda pair: (pair[0], chance.random()))
    return Plan(tuple(version for _, version in sent))


def _body(chance: random.Random, number: int) -> tuple[str, tuple[str, ...]]:
    paragraphs = [f"The council met for the {number}th time. {' '.join(chance.choices(_WORDS, k=150))}."]
    quotations = tuple(
        f"We counted {number + 10 * place} boats and then {chance.randrange(1000)} more"
        for place in range(chance.choice((0, 1, 1, 2)))
    )
    return "\n\n".join([*paragraphs, *map(_said, quotations)]), quotations


def _said(words: str) -> str:
    return f'"{words}," said Ada Nkemelu.'


def _update(chance: random.Random, before: Version) -> Version:
    """The next version: some words more, and a quotation that is added, replaced or removed."""
    words = " ".join(chance.choices(_WORDS, k=6))
    quotations, body = before.quotations, f"{before.body}\n\nLater it was {words}."
    new = f"Nobody was hurt on day {1000 * before.number + chance.randrange(1000)}"
    change = chance.choice(("none", "add", "add", "replace", "remove"))
    if quotations and change in {"replace", "remove"}:
        body = body.replace(_said(quotations[-1]), _said(new) if change == "replace" else "Nothing was said.")
        quotations = (*quotations[:-1], new) if change == "replace" else quotations[:-1]
    elif change == "add":
        body += f"\n\n{_said(new)}"
        quotations = (*quotations, new)
    return Version(before.story, before.number + 1, before.channel, body, quotations)
