"""The differences between two versions of a story, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
#: Longer texts are compared by paragraphs only: the time for words grows with the square.
_MOST_TOKENS = 2500
_MOST_PARAGRAPHS = 4000
_OF_PARTS = frozenset({"new", "update", "correction", "refile", "release"})

Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True)
class Change:
    """A piece of text that is in both versions, only in the old one or only in the new one."""

    kind: Kind
    text: str


def paragraph_changes(old: str, new: str) -> list[tuple[Change, ...]]:
    """The differences of two texts, by paragraph."""
    before, after = _paragraphs(old), _paragraphs(new)
    result: list[tuple[Change, ...]] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            result += [(Change("same", text),) for text in after[k:m]]
        else:
            result += _replaced(before[i:j], after[k:m])
    return result


def is_part(version: Mapping[str, Any]) -> bool:
    """Whether a version is one part of a story that came in parts, such as an add."""
    return "take" in (version.get("signals") or ()) and version.get("kind") in _OF_PARTS


def compared(versions: Sequence[Mapping[str, Any]], place: int) -> int | None:
    """Which version another one is compared with: the last whole one before it; ``None``: a part is shown as it is.

    Args:
        versions: of a story, newest first.
        place: of the one that is shown.
    """
    if is_part(versions[place]):
        return None
    return next((older for older in range(place + 1, len(versions)) if not is_part(versions[older])), None)


def word_changes(old: str, new: str) -> tuple[Change, ...]:
    """The differences of two short texts, word by word."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(before) > _MOST_TOKENS or len(after) > _MOST_TOKENS:
        return tuple(Change(kind, text) for kind, text in (("removed", old), ("added", new)) if text)  # type: ignore[arg-type]
    result: list[Change] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            result.append(Change("same", "".join(after[k:m])))
            continue
        if j > i:
            result.append(Change("removed", "".join(before[i:j])))
        if m > k:
            result.append(Change("added", "".join(after[k:m])))
    return tuple(result)


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()][:_MOST_PARAGRAPHS]


def _replaced(old: Sequence[str], new: Sequence[str]) -> list[tuple[Change, ...]]:
    """Replaced paragraphs: word by word if there are as many, otherwise all removed and all added."""
    if len(old) == len(new):
        return [word_changes(before, after) for before, after in zip(old, new, strict=True)]
    gone: list[tuple[Change, ...]] = [(Change("removed", text),) for text in old]
    return gone + [(Change("added", text),) for text in new]
