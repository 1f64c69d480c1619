"""The life of a story as a pure function of the set of its versions.

Intake keeps of each item the set of versions seen; every document that leaves is computed from that set. A set has
no order of arrival, so late, repeated and shuffled items end in the same story: late lower versions never revive or
overwrite, a kill that comes first is a tombstone until the story arrives below it.

Order of versions (formats.md, lifecycle.md): version time first, then the provider's version number, because some
agencies' numbers are not counters; where not every version has a time but all have numbers, the numbers alone;
transmission time never. A kill that says neither is above all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.item import Item, Signal
from pipeline.events import (
    Content,
    HistoryEntry,
    ItemState,
    KnownVersion,
    MessageRef,
    RawItem,
    StoryVersion,
    VersionKind,
)
from pipeline.intake.diff import unified
from pipeline.intake.identity import known_version, version_number

_SEVERITY = {"test": 0, "advisory": 1, "new": 2, "update": 2, "refile": 3, "correction": 4, "withhold": 5, "kill": 6}
_UNORDERED_KILL = float("inf")


@dataclass(frozen=True)
class Verdict:
    """What one item changes.

    Attributes:
        state: what intake remembers from now on.
        story: the document to pass on; ``None`` where nothing is passed on.
        reason: ``new``, ``version``, ``late`` (below the current one), ``again`` (this very message, redelivered),
            ``unchanged`` or ``resend``; the last two are dropped and counted.
    """

    state: ItemState
    story: StoryVersion | None
    reason: str

    @property
    def changed(self) -> bool:
        """Whether ``state`` must be made durable."""
        return self.reason in {"new", "version", "late"}


def kind_of(item: Item) -> VersionKind:
    """What the version is by itself, apart from its place among others (``new`` for a plain one)."""
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
) -> Verdict:
    """Take one item into the story it belongs to.

    Args:
        state: what is remembered of the item; ``None`` for one never seen.
        raw: the item.
        content: its cleaned content.
        message: the delivery; the same delivery again gets the same verdict and is passed on again.
        story_id: of the item.
        max_versions: contents beyond so many versions are forgotten, oldest first but for the first.
    """
    before = state or ItemState(provider=raw.provider, item_id=raw.item_id, story_id=story_id)
    version = known_version(raw, content, kind_of(raw.item), message)
    if any(known.first_message == message for known in before.versions):
        return Verdict(before, story_of(before, message, raw.version_order), "again")
    reason = _drop_reason(before, version, raw)
    if reason:
        return Verdict(before, None, reason)
    after = before.model_copy(update={"versions": _bounded((*before.versions, version), max_versions)})
    current = ordered(after.versions, raw.version_order)[-1]
    reason = "new" if not before.versions else ("version" if current is version else "late")
    return Verdict(after, story_of(after, message, raw.version_order), reason)


def _drop_reason(state: ItemState, version: KnownVersion, raw: RawItem) -> str | None:
    undated = version.versioncreated is None and version_number(version.version) is None
    for known in state.versions:
        if known.content_hash != version.content_hash:
            continue
        if known.versioncreated == version.versioncreated and not undated:
            return "unchanged"
    if not state.versions:
        return None
    in_order = ordered((*state.versions, version), raw.version_order)
    place = next(index for index, known in enumerate(in_order) if known is version)
    neighbours = in_order[max(place - 1, 0) : place] + in_order[place + 1 : place + 2]
    if any(known.content_hash == version.content_hash for known in neighbours):
        return "unchanged"
    if Signal.RESEND in version.signals and any(_same_words(known, version) for known in state.versions):
        return "resend"
    return None


def _same_words(one: KnownVersion, other: KnownVersion) -> bool:
    return (one.content.headline, one.content.body) == (other.content.headline, other.content.body)


def _bounded(versions: tuple[KnownVersion, ...], limit: int) -> tuple[KnownVersion, ...]:
    if len(versions) <= limit:
        return versions
    in_order = ordered(versions, "auto")
    return (in_order[0], *in_order[len(in_order) - limit + 1 :])


def ordered(versions: Sequence[KnownVersion], version_order: str) -> list[KnownVersion]:
    """The versions in the wire's order, lowest first; the same for every order of arrival."""
    numbers = [version_number(known.version) for known in versions]
    by_number = version_order == "version" or (
        version_order == "auto" and None not in numbers and any(known.versioncreated is None for known in versions)
    )

    def key(known: KnownVersion) -> tuple[float, float, int, float, str]:
        number = version_number(known.version)
        timed = known.versioncreated.timestamp() if known.versioncreated else None
        if known.kind == "kill" and timed is None and number is None:
            first, second = _UNORDERED_KILL, 0.0
        elif by_number:
            first, second = float(number if number is not None else -1), timed or 0.0
        else:
            first = timed if timed is not None else known.received.timestamp()
            second = float(number or 0)
        return first, second, _SEVERITY.get(known.kind, 2), known.received.timestamp(), known.content_hash

    return sorted(versions, key=key)


def version_id(known: KnownVersion) -> str:
    """Name of a version within its story: it does not change when others arrive."""
    return f"{known.rank}-{known.content_hash[:8]}"


def history_of(state: ItemState, version_order: str) -> list[HistoryEntry]:
    """The whole history of a story, lowest version first."""
    in_order = ordered(state.versions, version_order)
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
    in_order = ordered(state.versions, version_order)
    current, earlier = in_order[-1], in_order[:-1]
    history = history_of(state, version_order)
    corrections = [known for known in in_order if known.kind == "correction"]
    return StoryVersion(
        story_id=state.story_id,
        provider=state.provider,
        item_id=state.item_id,
        connectors=tuple(sorted({known.connector for known in state.versions})),
        lane="live" if any(known.lane == "live" for known in state.versions) else "backfill",
        index_version=max(_milliseconds(known) for known in state.versions) * 1000 + min(len(state.versions), 999),
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
        first_seen=min(known.received for known in state.versions),
        first_created=min(_created(known) for known in state.versions),
        version_created=current.versioncreated or current.received,
        received=current.received,
        content=_content_shown(current, earlier),
        tags=tuple(sorted({tag for known in state.versions for tag in known.tags})),
        rights=current.rights,
        refers=current.refers,
        history=tuple(history),
        raw=message,
    )


def _milliseconds(known: KnownVersion) -> int:
    return int((known.versioncreated or known.received).timestamp() * 1000)


def _created(known: KnownVersion) -> datetime:
    return min(known.firstcreated or known.received, known.versioncreated or known.received)


def _content_shown(current: KnownVersion, earlier: Sequence[KnownVersion]) -> Content:
    """The current content; a kill shows its notice instead of a body and keeps the headline it withdraws."""
    content = current.content
    if content.embargoed is None and Signal.RELEASE not in current.signals:
        held = [known.content.embargoed for known in earlier if known.content.embargoed]
        content = content.model_copy(update={"embargoed": held[-1] if held else None})
    if current.kind not in {"kill", "withhold"}:
        return content
    told = next((known.content for known in reversed(earlier) if known.kind not in {"kill", "withhold"}), None)
    notice = content.ednote or (content.body if told and content.body != told.body else None)
    return Content(
        headline=content.headline or (told.headline if told else None),
        slugline=content.slugline or (told.slugline if told else None),
        language=content.language or (told.language if told else None),
        body=notice or "",
        ednote=content.ednote,
        type=content.type,
        urgency=content.urgency,
        subjects=content.subjects or (told.subjects if told else ()),
        embargoed=content.embargoed,
    )
