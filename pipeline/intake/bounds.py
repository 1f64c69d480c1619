"""Bounds of what is remembered of a story and of what is sent, so that a long live story can always be killed.

An old version is remembered by its facts; its text is in ``wire.versions``. A text is dropped only when it is certain
to be there: the raw message that carried it writes it again whenever it is delivered again, so a text that came with
its own message may go at once. Any other must first have been sent with a message that was acknowledged.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pipeline.events import Content, KnownVersion, MessageRef
from pipeline.events.text import beginning
from pipeline.intake.takes import current_of, parts_of

#: Parts of the largest message: the content of one version, the texts of older versions, the whole state of an item.
_CONTENT_PART = 4
_TEXTS_PART = 32
_STATE_PART = 2
#: Bytes of a version without its text, at most (see :func:`without_text`).
_FACTS_BYTES = 3_000
#: Characters of a headline or slug that are remembered.
LINE_CHARS = 300
_NOTE_CHARS = 500
_LIST_ITEMS = 200
_FEW_ITEMS = 10


def size(content: Content) -> int:
    """Roughly the bytes of a content in a message."""
    return len(content.model_dump_json(exclude_defaults=True).encode("utf-8", "surrogatepass"))


def text_bytes(max_bytes: int) -> int:
    """Bytes of a text that is joined from parts, at most."""
    return max_bytes // _CONTENT_PART


def bounded_content(content: Content, max_bytes: int) -> Content:
    """The content in a part of ``max_bytes``: without markup, with shorter lists, at last with a shorter text.

    Args:
        content: of one version.
        max_bytes: of the largest message.
    """
    limit = max_bytes // _CONTENT_PART
    if size(content) <= limit:
        return content
    content = content.model_copy(update={"body_html": None})
    if size(content) <= limit:
        return content
    lists = {
        name: getattr(content, name)[:_LIST_ITEMS]
        for name in ("authors", "genre", "subjects", "keywords", "media", "links")
    }
    content = content.model_copy(update=lists)
    if size(content) <= limit:
        return content
    # A character is at most six bytes of JSON. A body of usual length keeps its place in the limit.
    chars = max(limit // 12, LINE_CHARS)
    description = beginning(content.description or "", chars // 4) or None
    texts = {"body": beginning(content.body, chars), "description": description}
    lines = {name: beginning(value, _NOTE_CHARS) for name, value in content if isinstance(value, str)}
    content = content.model_copy(update=lines | texts)
    return content if size(content) <= limit else content.model_copy(update=dict.fromkeys(lists, ()))


def within_bytes(versions: Sequence[KnownVersion], limit: int, max_bytes: int) -> int:
    """How many versions may be remembered: at most ``limit``, and their facts within a part of ``max_bytes``."""
    return max(min(limit, max_bytes // _STATE_PART // _FACTS_BYTES), 2) if len(versions) > 2 else limit


def without_old_texts(
    versions: Sequence[KnownVersion],
    in_order: Sequence[KnownVersion],
    acknowledged: MessageRef | None,
    max_bytes: int,
) -> tuple[KnownVersion, ...]:
    """The versions without the texts that exceed the bound, the oldest first.

    Args:
        versions: the set.
        in_order: the effective ones of it, lowest first; the texts that the story is made of are kept.
        acknowledged: all earlier messages of its partition are acknowledged.
        max_bytes: of the largest message.
    """
    left = max_bytes // _TEXTS_PART
    needed = _needed(in_order, max_bytes)
    texts = {known.content_hash: size(known.content) for known in versions if not known.trimmed}
    kept: set[str] = set()
    for known in (*needed, *reversed(in_order)):
        if known.content_hash in texts and known.content_hash not in kept:
            left -= texts[known.content_hash]
            if known in needed or left >= 0:
                kept.add(known.content_hash)
    seen: set[str] = set()
    result: list[KnownVersion] = []
    for known in versions:
        keep = known.content_hash in kept and known.content_hash not in seen and not known.trimmed
        if keep:
            seen.add(known.content_hash)
        drop = not known.trimmed and not keep and _droppable(known, kept, acknowledged)
        result.append(without_text(known) if drop else known)
    return tuple(result)


def _needed(in_order: Sequence[KnownVersion], max_bytes: int) -> list[KnownVersion]:
    """The current version, and the parts that the text is made of as far as their texts fit together."""
    left = text_bytes(max_bytes)
    parts = parts_of(in_order)
    needed = [current_of(in_order), parts.base]
    for part in (*parts.places, *parts.adds):
        left -= size(part.content)
        if left >= 0:
            needed.append(part)
    return needed


def _droppable(known: KnownVersion, kept: Collection[str], acknowledged: MessageRef | None) -> bool:
    if known.content_hash in kept:
        return True  # another version with the same words keeps them
    if known.stored is None:
        return False
    return known.stored == known.first_message or _before(known.stored, acknowledged)


def _before(message: MessageRef, other: MessageRef | None) -> bool:
    place = (message.topic, message.partition)
    return other is not None and place == (other.topic, other.partition) and message.offset < other.offset


def without_text(known: KnownVersion) -> KnownVersion:
    """A version without its text: what the order of versions, a kill of it and a correction note need."""
    content = known.content
    facts = Content(
        headline=beginning(content.headline, LINE_CHARS) if content.headline else None,
        slugline=beginning(content.slugline, LINE_CHARS) if content.slugline else None,
        language=content.language,
        ednote=beginning(content.ednote, _NOTE_CHARS) if content.ednote and known.kind == "correction" else None,
        subjects=tuple(one for one in content.subjects[:_FEW_ITEMS] if size(Content(subjects=(one,))) < LINE_CHARS),
        embargoed=content.embargoed,
    )
    return known.model_copy(update={"content": facts, "trimmed": True, "refers": (), "rights": None})


def text_of(known: KnownVersion, versions: Sequence[KnownVersion]) -> Content | None:
    """The content of a version: its own, or that of another version with the same words; ``None``: it was dropped."""
    if not known.trimmed:
        return known.content
    return next((one.content for one in versions if one.content_hash == known.content_hash and not one.trimmed), None)
