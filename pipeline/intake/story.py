"""The document of a story, computed from the set of its versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from pipeline.events import (
    Content,
    ItemState,
    KnownVersion,
    Lane,
    MessageRef,
    StoryVersion,
    VersionEntry,
    VersionKind,
)
from pipeline.events.item import Signal
from pipeline.intake.bounds import text_bytes, text_of
from pipeline.intake.identity import body_hash, version_id
from pipeline.intake.takes import current_of, joined, parts_of
from pipeline.intake.versions import effective, ordered


def version_entries(in_order: Sequence[KnownVersion], *, dropped: int = 0) -> list[VersionEntry]:
    """The versions of a story by reference.

    Args:
        in_order: effective versions, lowest first.
        dropped: versions that are no longer remembered, after the first one.
    """
    entries = []
    for place, known in enumerate(in_order):
        before = in_order[place - 1] if place else None
        after_gap = bool(dropped) and place == 1
        entries.append(VersionEntry(id=version_id(known), kind=_kind_in_place(known, before, after_gap=after_gap)))
    return entries


def _kind_in_place(known: KnownVersion, before: KnownVersion | None, *, after_gap: bool) -> VersionKind:
    if after_gap:
        return "update" if known.kind == "new" else known.kind
    if known.kind == "kill" and before is None:
        return "tombstone"
    if known.kind != "new" or before is None:
        return known.kind
    return "release" if before.kind == "withhold" else "update"


def story_of(state: ItemState, message: MessageRef, version_order: str, max_bytes: int) -> StoryVersion:
    """The document of a story, with its versions by reference.

    Args:
        state: with the versions.
        message: that caused it.
        version_order: of the connector.
        max_bytes: of the largest message.
    """
    in_order = effective(state.versions, version_order)
    current = current_of(in_order)
    entries = version_entries(in_order, dropped=state.dropped)
    corrections = [known for known in in_order if known.kind == "correction"]
    connectors, tags, lane, first_seen = shared(state.versions)
    return StoryVersion(
        story_id=state.story_id,
        provider=state.provider,
        item_id=state.item_id,
        connectors=connectors,
        lane=lane,
        index_version=state.index_version or index_version_of(state, None),
        version=current.version,
        version_rank=current.rank,
        kind=entries[in_order.index(current)].kind,
        update_count=state.dropped + len(in_order) - 1,
        pubstatus="canceled" if current.kind == "kill" else "withheld" if current.kind == "withhold" else "usable",
        killed=current.kind == "kill",
        correction=bool(corrections),
        correction_note=corrections[-1].content.ednote if corrections else None,
        advisory=current.kind == "advisory",
        test=current.kind == "test",
        signals=current.signals,
        first_seen=first_seen or current.received,
        first_created=min(_created(known) for known in in_order),
        version_created=current.versioncreated or current.received,
        received=current.received,
        content=_content_shown(state, current, in_order, version_order, max_bytes),
        tags=tags,
        rights=current.rights,
        refers=current.refers,
        versions=tuple(entries),
        versions_dropped=state.dropped,
        raw=message,
    )


def index_version_of(state: ItemState, before: ItemState | None) -> int:
    """Elasticsearch's external version of a document: it grows with each change of the set of versions.

    Args:
        state: after the change.
        before: before it; ``None``: it is not known.
    """
    computed = max(_milliseconds(known) for known in state.versions) * 1000 + state.changes
    if before is None or not before.versions:
        return computed
    # Release 0.1 did not remember it, and counted no more than 999 changes.
    former = max(_milliseconds(known) for known in before.versions) * 1000 + min(before.changes, 999)
    return max(computed, (before.index_version or former) + 1)


def shared(versions: Sequence[KnownVersion]) -> tuple[tuple[str, ...], tuple[str, ...], Lane, datetime | None]:
    """What a story takes from all its versions, also from resends: feeds, tags, lane, when it was first received."""
    connectors = tuple(sorted({name for known in versions for name in known.connectors}))
    tags = tuple(sorted({tag for known in versions for tag in known.tags}))
    lane: Lane = "live" if any(known.lane == "live" for known in versions) else "backfill"
    return connectors, tags, lane, min((known.received for known in versions), default=None)


def _milliseconds(known: KnownVersion) -> int:
    return int((known.versioncreated or known.received).timestamp() * 1000)


def _created(known: KnownVersion) -> datetime:
    """When it was made according to its provider. Some rewrite ``firstcreated`` later, so the earliest time counts."""
    times = [time for time in (known.firstcreated, known.versioncreated) if time]
    return min(times, default=known.received)


def embargo_after(versions: Sequence[KnownVersion], held: datetime | None) -> datetime | None:
    """The embargo after these versions: the last one that was set and not released since.

    Args:
        versions: lowest first.
        held: the embargo before them.
    """
    for known in versions:
        if Signal.RELEASE in known.signals:
            held = None
        held = known.content.embargoed or held
    return held


def says_of_embargo(known: KnownVersion) -> bool:
    """Whether a version sets or releases an embargo."""
    return Signal.RELEASE in known.signals or known.content.embargoed is not None


def _embargo(state: ItemState, in_order: Sequence[KnownVersion], version_order: str) -> datetime | None:
    """The embargo of a story.

    What else a state says of versions that are no longer remembered counts as right after the first one: in states of
    release 0.1 there is nothing more.

    Args:
        state: with what those versions said.
        in_order: effective versions up to the current one, lowest first.
        version_order: of the connector.
    """
    held = embargo_after(in_order[:1], None)
    held = state.embargoed or (None if state.released else held)
    if state.embargo_said:
        together = ordered([*in_order, *state.embargo_said], version_order)
        in_order = together[: together.index(in_order[-1]) + 1]
    return embargo_after(in_order[1:], held)


def _content_shown(
    state: ItemState, current: KnownVersion, in_order: Sequence[KnownVersion], version_order: str, max_bytes: int
) -> Content:
    """The current content. A kill shows its notice instead of a body and keeps the headline that it withdraws."""
    withdrawn_now = current.kind in {"kill", "withhold"}
    parts = parts_of(in_order)
    if state.parts_dropped == version_id(parts.base):
        parts = replace(parts, more=parts.more + 1)
    whole = None if withdrawn_now else joined(parts, partial(text_of, versions=state.versions), text_bytes(max_bytes))
    content = whole or text_of(current, state.versions) or current.content
    embargoed = _embargo(state, in_order[: in_order.index(current) + 1], version_order)
    if content.embargoed != embargoed:
        content = content.model_copy(update={"embargoed": embargoed})
    if not withdrawn_now:
        return content
    earlier = in_order[: in_order.index(current)]
    withdrawn = next((known for known in reversed(earlier) if known.kind not in {"kill", "withhold"}), None)
    shown = withdrawn.content if withdrawn else Content()
    notice = content.ednote or (content.body if withdrawn and body_hash(content) != _body_hash(withdrawn) else None)
    return Content(
        headline=content.headline or shown.headline,
        slugline=content.slugline or shown.slugline,
        language=content.language or shown.language,
        body=notice or "",
        ednote=content.ednote,
        type=content.type,
        urgency=content.urgency,
        subjects=content.subjects or shown.subjects,
        embargoed=content.embargoed,
    )


def _body_hash(known: KnownVersion) -> str:
    return known.body_hash or body_hash(known.content)
