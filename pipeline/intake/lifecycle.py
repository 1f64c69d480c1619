"""The life of a story as a pure function of the set of its versions.

Intake keeps the set of versions seen of each item; every document it sends is computed from that set. A set has no
order of arrival, so late, repeated and shuffled items end in the same story: late lower versions never revive or
overwrite a story, and a kill that arrives first is a tombstone until the story arrives below it.

Versions are ordered as NewsML-G2 and ninjs define them: by version time, then by the provider's version number,
because some agencies' numbers are not counters. Where some versions have no time but all have numbers, the numbers
alone decide. Transmission time never counts. A kill with neither time nor number is above all other versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.events import (
    Content,
    HistoryEntry,
    ItemState,
    KnownVersion,
    Lane,
    MessageRef,
    RawItem,
    StoryVersion,
    VersionKind,
)
from pipeline.events.item import Item, Signal
from pipeline.intake.diff import unified
from pipeline.intake.identity import known_version
from pipeline.intake.versions import bounded, effective, union


@dataclass(frozen=True)
class Transition:
    """The result of taking in one item.

    Attributes:
        state: what intake remembers from now on.
        story: the document to pass on; ``None``: nothing is passed on.
        reason: ``new``, ``version``, ``late`` (below the current version), ``again`` (the same message, delivered
            again), ``unchanged`` or ``resend``; the last two are dropped and counted.
        changed: whether ``state`` must be made durable.
    """

    state: ItemState
    story: StoryVersion | None
    reason: str
    changed: bool


def kind_of(item: Item) -> VersionKind:
    """The kind of a version by itself, without regard to the other versions (``new``: none of the special kinds)."""
    signals = set(item.signals)
    if item.pubstatus == "canceled" or Signal.KILL in signals:
        return "kill"
    if item.pubstatus == "withheld" or Signal.WITHHOLD in signals:
        return "withhold"
    if Signal.TEST in signals:
        return "test"
    if Signal.ADVISORY in signals:
        return "advisory"
    if Signal.CORRECTION in signals:
        return "correction"
    if Signal.REFILE in signals:
        return "refile"
    return "new"


def receive(
    state: ItemState | None, raw: RawItem, content: Content, message: MessageRef, story_id: str, *, max_versions: int
) -> Transition:
    """Take one item into the story it belongs to.

    Args:
        state: what is remembered of the item; ``None``: it was never seen.
        raw: the item.
        content: its cleaned content.
        message: the delivery; the same delivery again has the same result and is passed on again.
        story_id: id of the item's story.
        max_versions: how many versions are kept: the first and the newest ones.

    Returns:
        The new state, and the document to pass on.
    """
    before = state or ItemState(provider=raw.provider, item_id=raw.item_id, story_id=story_id)
    order = raw.version_order
    if message == before.last_message:
        return Transition(before, story_of(before, message, order), "again", changed=False)
    version = known_version(raw, content, kind_of(raw.item), message)
    versions = bounded(union(before.versions, (version,)), max_versions)
    if versions == before.versions:
        return Transition(before, None, "unchanged", changed=False)
    after = before.model_copy(update={"versions": versions, "changes": before.changes + 1, "last_message": message})
    was, is_now = effective(before.versions, order), effective(versions, order)
    if was == is_now and _shared(before.versions) == _shared(versions):
        return Transition(after, None, "resend" if Signal.RESEND in version.signals else "unchanged", changed=True)
    reason = "new" if not was else "version" if is_now[-1] is version else "late"
    return Transition(after, story_of(after, message, order), reason, changed=True)


def _shared(versions: Sequence[KnownVersion]) -> tuple[tuple[str, ...], tuple[str, ...], Lane]:
    """What a story takes from all its versions, also from those that are not effective: feeds, tags, lane."""
    connectors = tuple(sorted({name for known in versions for name in known.connectors}))
    tags = tuple(sorted({tag for known in versions for tag in known.tags}))
    return connectors, tags, "live" if any(known.lane == "live" for known in versions) else "backfill"


def version_id(known: KnownVersion) -> str:
    """The id of a version within its story; it does not change when other versions arrive."""
    return f"{known.rank}-{known.content_hash[:8]}"


def history_of(state: ItemState, version_order: str) -> list[HistoryEntry]:
    """The whole history of a story, lowest version first."""
    in_order = effective(state.versions, version_order)
    withdrawn = in_order[-1].kind in {"kill", "withhold"}
    embargoed = _content_shown(in_order[-1], in_order[:-1]).embargoed
    entries = []
    for index, known in enumerate(in_order):
        before = in_order[index - 1] if index else None
        after = in_order[index + 1] if index + 1 < len(in_order) else None
        entries.append(
            HistoryEntry(
                story_id=state.story_id,
                version_id=version_id(known),
                version_rank=known.rank,
                version=known.version,
                kind=_kind_in_place(known, before),
                pubstatus=known.pubstatus,
                signals=known.signals,
                versioncreated=known.versioncreated,
                received=known.received,
                supersedes=version_id(before) if before else None,
                superseded_by=version_id(after) if after else None,
                headline=known.content.headline,
                body=known.content.body,
                ednote=known.content.ednote,
                diff=unified(before.content, known.content) if before else None,
                withdrawn=withdrawn,
                embargoed=embargoed,
            )
        )
    return entries


def _kind_in_place(known: KnownVersion, before: KnownVersion | None) -> VersionKind:
    if known.kind == "kill" and before is None:
        return "tombstone"
    if known.kind != "new" or before is None:
        return known.kind
    return "release" if before.kind == "withhold" else "update"


def story_of(state: ItemState, message: MessageRef, version_order: str) -> StoryVersion:
    """The document of a story, with its whole history: wire.enriched alone must be enough to rebuild the index."""
    in_order = effective(state.versions, version_order)
    current, earlier = in_order[-1], in_order[:-1]
    history = history_of(state, version_order)
    corrections = [known for known in in_order if known.kind == "correction"]
    connectors, tags, lane = _shared(state.versions)
    return StoryVersion(
        story_id=state.story_id,
        provider=state.provider,
        item_id=state.item_id,
        connectors=connectors,
        lane=lane,
        index_version=max(_milliseconds(known) for known in state.versions) * 1000 + state.changes,
        version=current.version,
        version_rank=current.rank,
        kind=history[-1].kind,
        update_count=len(earlier),
        pubstatus="canceled" if current.kind == "kill" else "withheld" if current.kind == "withhold" else "usable",
        killed=current.kind == "kill",
        correction=bool(corrections),
        correction_note=corrections[-1].content.ednote if corrections else None,
        advisory=current.kind == "advisory",
        test=current.kind == "test",
        signals=current.signals,
        first_seen=min(known.received for known in in_order),
        first_created=min(_created(known) for known in in_order),
        version_created=current.versioncreated or current.received,
        received=current.received,
        content=_content_shown(current, earlier),
        tags=tags,
        rights=current.rights,
        refers=current.refers,
        history=tuple(history),
        raw=message,
    )


def _milliseconds(known: KnownVersion) -> int:
    return int((known.versioncreated or known.received).timestamp() * 1000)


def _created(known: KnownVersion) -> datetime:
    """When it was made according to its provider. Some rewrite ``firstcreated`` later, so the earliest time counts."""
    times = [time for time in (known.firstcreated, known.versioncreated) if time]
    return min(times, default=known.received)


def _content_shown(current: KnownVersion, earlier: Sequence[KnownVersion]) -> Content:
    """The current content. A kill shows its notice instead of a body and keeps the headline that it withdraws."""
    content = current.content
    if content.embargoed is None and Signal.RELEASE not in current.signals:
        held = [known.content.embargoed for known in earlier if known.content.embargoed]
        content = content.model_copy(update={"embargoed": held[-1] if held else None})
    if current.kind not in {"kill", "withhold"}:
        return content
    withdrawn_content = next(
        (known.content for known in reversed(earlier) if known.kind not in {"kill", "withhold"}), None
    )
    notice = content.ednote or (content.body if withdrawn_content and content.body != withdrawn_content.body else None)
    return Content(
        headline=content.headline or (withdrawn_content.headline if withdrawn_content else None),
        slugline=content.slugline or (withdrawn_content.slugline if withdrawn_content else None),
        language=content.language or (withdrawn_content.language if withdrawn_content else None),
        body=notice or "",
        ednote=content.ednote,
        type=content.type,
        urgency=content.urgency,
        subjects=content.subjects or (withdrawn_content.subjects if withdrawn_content else ()),
        embargoed=content.embargoed,
    )
