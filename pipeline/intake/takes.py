"""Stories that come in parts: which versions make the text that is shown, and how they are joined. Pure.

A text wire sends a long story as a lead and numbered adds; it replaces the lead, or the whole ("writethru"), and mends
single paragraphs ("sub", "insert"). Rules (docs/decisions/0019-takes-are-joined.md):

- A whole version replaces everything before it; a lead that is no writethru replaces the lead and keeps the adds.
- Adds follow in the order of their numbers, those without a number after them; the later one of a number counts.
- A sub replaces the paragraphs that it names; one that names none is not joined.
- Nothing is added to a story that was killed or withheld.

Like everything in this package, the result depends on the set of versions and not on their order of arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

from pipeline.events import Content, KnownVersion
from pipeline.events.item import Signal

#: Parts that are joined to one story.
MOST_PARTS = 40
#: Characters of a line that says which words an add follows.
_CATCH_LINE = 80
_WITHDRAWN = frozenset({"kill", "withhold"})
#: What is withdrawn or not for publication concerns the whole story, also where it comes as a part.
_NEVER_PARTS = _WITHDRAWN | {"advisory", "test"}
NOT_PLACED = "A part of this story does not say which paragraphs it replaces; it is among the versions."
LEFT_OUT = "The last parts of this story are not in the text, which would be too long; they are among the versions."


@dataclass(frozen=True)
class Parts:
    """The versions that make the text of a story.

    Attributes:
        base: the newest whole version, or without one the first part.
        adds: what follows it, in the order of the text.
        places: what replaces or is put between its paragraphs, in the order of the wire.
        more: further parts, over the number that is joined.
    """

    base: KnownVersion
    adds: tuple[KnownVersion, ...] = ()
    places: tuple[KnownVersion, ...] = ()
    more: int = 0

    @property
    def all(self) -> tuple[KnownVersion, ...]:
        return (self.base, *self.adds, *self.places)


def is_part(known: KnownVersion) -> bool:
    """Whether a version is a part of a story, not all of it."""
    return Signal.TAKE in known.signals and known.kind not in _NEVER_PARTS


def current_of(in_order: Sequence[KnownVersion]) -> KnownVersion:
    """The version that says how the story is: the last one, but no part of a story that was withdrawn before.

    Args:
        in_order: effective versions, lowest first.
    """
    whole = next((known for known in reversed(in_order) if not is_part(known)), None)
    return whole if whole is not None and whole.kind in _WITHDRAWN else in_order[-1]


def parts_of(in_order: Sequence[KnownVersion]) -> Parts:
    """Which versions make the text.

    Args:
        in_order: effective versions, lowest first.
    """
    base: KnownVersion | None = None
    parts: list[KnownVersion] = []
    for known in in_order:
        if is_part(known):
            if base is None or base.kind not in _WITHDRAWN:
                parts.append(known)
        elif base is None or base.content_hash != known.content_hash:  # else the same words again
            parts = _kept(parts, base, known)
            base = known
    if base is None:
        base, parts = parts[0], parts[1:]
    if base.kind in _WITHDRAWN:
        return Parts(base)
    numbered = {part.take if part.take is not None else part.content_hash: part for part in parts if not part.replaces}
    adds = sorted(numbered.values(), key=lambda part: part.take or float("inf"))
    places = [part for part in parts if part.replaces]
    more = max(len(adds) - MOST_PARTS, 0) + max(len(places) - MOST_PARTS, 0)
    return Parts(base, tuple(adds[:MOST_PARTS]), tuple(places[-MOST_PARTS:]), more)


def _kept(parts: list[KnownVersion], base: KnownVersion | None, whole: KnownVersion) -> list[KnownVersion]:
    """The parts that stay when a whole version comes."""
    if whole.keeps_parts:
        return [part for part in parts if not part.replaces]  # they named paragraphs of the former lead
    arrived_before_its_lead = base is None and Signal.LEAD not in whole.signals and whole.kind == "new"
    return parts if arrived_before_its_lead else []


def joined(parts: Parts, text_of: Callable[[KnownVersion], Content | None], most_bytes: int) -> Content | None:
    """The content with all parts in it; ``None``: the text of the whole version is not remembered.

    Args:
        parts: from :func:`parts_of`.
        text_of: the content of a version, ``None`` where it was dropped.
        most_bytes: of the joined text, in UTF-8.
    """
    content = text_of(parts.base)
    if content is None or not (parts.adds or parts.places or parts.more):
        return content
    paragraphs: list[list[str]] = [[paragraph] for paragraph in content.body.split("\n\n")]
    placed = [_put(paragraphs, part, text_of(part)) for part in parts.places]
    notes = [] if all(placed) else [NOT_PLACED]
    body = "\n\n".join(text for place in paragraphs for text in place if text)
    adds: list[Content] = []
    left = most_bytes - len(body.encode())
    for part in parts.adds:
        add = text_of(part)
        if add is None or (left := left - len(add.body.encode())) < 0:
            break
        adds.append(add)
    if parts.more or len(adds) < len(parts.adds):
        notes.append(LEFT_OUT)
    markup = [one.body_html for one in (content, *adds)]
    return content.model_copy(
        update={
            "body": reduce(_continued, (add.body for add in adds), body),
            "body_html": "\n".join(filter(None, markup)) if all(markup) and not parts.places else None,
            "ednote": "\n".join(filter(None, (content.ednote, *notes))) or None,
            "media": tuple(dict.fromkeys(medium for one in (content, *adds) for medium in one.media)),
            "authors": tuple(dict.fromkeys(author for one in (content, *adds) for author in one.authors)),
        }
    )


def _continued(before: str, add: str) -> str:
    """A text and what follows it, without the line above an add that repeats the last words: ``NORVAINE: at dawn.``"""
    opening, _, rest = add.partition("\n\n")
    _, colon, words = opening.partition(": ")
    if rest and colon and len(opening) <= _CATCH_LINE and words and before.rstrip(". ").endswith(words.rstrip(". ")):
        add = rest
    return "\n\n".join(filter(None, (before, add)))


def not_joined(content: Content) -> tuple[str, ...]:
    """Why parts of a story are not in its text: ``no_place``, ``too_long``.

    Args:
        content: from :func:`joined`.
    """
    notes = (content.ednote or "").split("\n")
    return tuple(reason for reason, note in (("no_place", NOT_PLACED), ("too_long", LEFT_OUT)) if note in notes)


def _put(paragraphs: list[list[str]], part: KnownVersion, content: Content | None) -> bool:
    """Put a part in the place that it names, by the numbers of the lead's own paragraphs; whether there is one."""
    first, count = part.replaces or (0, 0)
    if content is None or first < 1 or first + max(count, 1) - 1 > len(paragraphs):
        return False
    if count == 0:
        paragraphs[first - 1].append(content.body)
        return True
    paragraphs[first - 1][:1] = [content.body]
    for place in range(first, first - 1 + count):
        paragraphs[place][:1] = [""]
    return True
