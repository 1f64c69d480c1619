"""A story's way through the pipeline, step by step with times, from what the topics and the index hold. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeVar, get_args

from pipeline.events import (
    Cluster,
    ClusteredStory,
    DeadLetter,
    EnrichedStory,
    Enrichment,
    ItemState,
    MessageRef,
    RawItem,
    StoryVersion,
)
from pipeline.events.errors import RejectError
from pipeline.events.item import Item, Signal
from pipeline.intake.identity import read
from pipeline.intake.lifecycle import receive
from pipeline.settings import IntakeSettings

Where = Literal["poll", "intake", "cluster", "enrich", "index", "alert", "dead letter"]

#: Intake's decision → what it means.
DECISIONS = {
    "new": "first version known of this item: a story by itself",
    "version": "above all known versions: the story shows it",
    "late": "below the current version: kept in the history",
    "again": "same message again, after a restart: passed on again",
    "unchanged": "same content as a known version: dropped",
    "resend": "sent again by the agency without a change: dropped",
}

E = TypeVar("E")


@dataclass(frozen=True)
class Message(Generic[E]):
    """A message of a topic: which, when it was written, and what it says."""

    ref: MessageRef
    time: datetime
    event: E


@dataclass(frozen=True)
class AlertSent:
    """An alert about the story: when it was sent, and when its kill was."""

    name: str
    sent: datetime | None
    killed: datetime | None = None


@dataclass(frozen=True)
class Evidence:
    """All that topics and index hold of one story.

    Attributes:
        state: what intake remembers; ``None``: nothing (it was never accepted).
        raws: the item's messages of wire.raw that are still kept, in order.
        stories, clustered, enriched: the story's messages of the topics that are still kept, in order.
        document: in the index; ``None``: none.
        alerts: that were sent.
        letters: dead letters of the item and the story.
        intake_position: offset up to which intake has acknowledged the partition of ``raws``.
    """

    provider: str
    item_id: str
    story_id: str
    state: ItemState | None = None
    raws: tuple[Message[RawItem], ...] = ()
    stories: tuple[Message[StoryVersion], ...] = ()
    clustered: tuple[Message[ClusteredStory], ...] = ()
    enriched: tuple[Message[EnrichedStory], ...] = ()
    document: Mapping[str, Any] | None = None
    alerts: tuple[AlertSent, ...] = ()
    letters: tuple[DeadLetter, ...] = ()
    intake_position: int = 0


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        time: when.
        where: the place in the pipeline.
        what: what happened there and why.
        message: the message that came of it, ``topic/partition@offset``.
    """

    time: datetime
    where: Where
    what: str
    message: str | None = None


def steps(evidence: Evidence, settings: IntakeSettings) -> list[Step]:
    """The steps in the order of their times.

    Args:
        evidence: of the story.
        settings: of intake, whose decisions are computed again from the messages.
    """
    found = [
        *_polls(evidence),
        *_decisions(evidence, settings),
        *(Step(one.time, "cluster", _cluster(one.event.cluster), _name(one.ref)) for one in evidence.clustered),
        *(Step(one.time, "enrich", _enrichment(one.event.enrichment), _name(one.ref)) for one in evidence.enriched),
        *_index(evidence),
        *_alerts(evidence),
        *(Step(one.failed_at, "dead letter", f"{one.stage}: {one.reason} ({one.id[:10]})") for one in evidence.letters),
    ]
    order = get_args(Where)
    return sorted(found, key=lambda step: (step.time, order.index(step.where)))


def standing(evidence: Evidence) -> str:
    """Where the story is now, in a sentence."""
    if evidence.state is None and not evidence.stories:
        return "It is a dead letter." if evidence.letters else "Intake has not read it yet."
    if evidence.raws and evidence.raws[-1].ref.offset >= evidence.intake_position:
        return "Its newest version waits for the stage intake."
    reached = max((one.event.index_version for one in evidence.stories), default=0)
    for name, kept in (("cluster", evidence.clustered), ("enrich", evidence.enriched)):
        if reached and max((one.event.index_version for one in kept), default=0) < reached:
            return f"Its newest version waits for the stage {name}."
    wanted = max((one.event.index_version for one in evidence.enriched), default=0)
    if evidence.document is None:
        return "It waits for the stage index." if wanted else "It is not in the index."
    if evidence.document["index_version"] < wanted:
        return "Its newest version waits for the stage index."
    return "It is in the index, killed." if evidence.document.get("killed") else "It is in the index."


def _polls(evidence: Evidence) -> Iterator[Step]:
    for one in evidence.raws:
        raw = one.event
        lane = ", backfill" if raw.lane == "backfill" else ""
        version = f", version {raw.item.version}" if raw.item.version else ""
        what = f"{raw.connector} ({raw.parser}{lane}){version}{_part(raw.item)}"
        yield Step(raw.received, "poll", what, _name(one.ref))


def _part(item: Item) -> str:
    if Signal.TAKE not in item.signals:
        return ""
    if item.replaces:
        first, count = item.replaces
        where = f"replaces {count} from" if count else "after"
        return f", part of the story: {where} paragraph {first}" if first else ", part of the story: place unknown"
    return f", part {item.take} of the story" if item.take else ", part of the story"


def _decisions(evidence: Evidence, settings: IntakeSettings) -> Iterator[Step]:
    """Intake's decision on each message, by the function that took it, from what was remembered before."""
    caused = {one.event.raw: one for one in evidence.stories if one.event.raw}
    state = _before(evidence)
    for one in evidence.raws:
        if one.ref.offset >= evidence.intake_position:
            break
        made = caused.get(one.ref)
        time, ref = (made.time, _name(made.ref)) if made else (one.time, None)
        try:
            content = read(one.event, settings.max_text_chars)
            transition = receive(
                state, one.event, content, one.ref, evidence.story_id, max_versions=settings.max_versions
            )
        except RejectError as error:
            yield Step(time, "intake", f"rejected: {error}")
            continue
        state = transition.state
        kind = f" ({made.event.kind})" if made else ""
        yield Step(time, "intake", f"{transition.reason}{kind}: {DECISIONS[transition.reason]}", ref)
    known = {one.ref for one in evidence.raws}
    for story in evidence.stories:
        if story.event.raw not in known:
            yield Step(story.time, "intake", f"{story.event.kind}: its message is no longer kept", _name(story.ref))


def _before(evidence: Evidence) -> ItemState | None:
    """What intake remembered before the first message that is still kept."""
    if evidence.state is None or not evidence.raws:
        return None
    first = evidence.raws[0].ref
    older = tuple(
        known
        for known in evidence.state.versions
        if known.first_message.partition == first.partition and known.first_message.offset < first.offset
    )
    return evidence.state.model_copy(update={"versions": older, "last_message": None}) if older else None


def _cluster(cluster: Cluster) -> str:
    if cluster.duplicate_of is None:
        return "no copy: leads its cluster"
    if cluster.exact:
        return f"copy of {cluster.duplicate_of}, word for word"
    alike = [
        f"{name} {value:.2f}"
        for name, value in (("similarity", cluster.similarity), ("containment", cluster.containment))
        if value is not None
    ]
    return f"copy of {cluster.duplicate_of}" + (f" ({', '.join(alike)})" if alike else "")


def _enrichment(enrichment: Enrichment) -> str:
    names, quotes = len(enrichment.entities), len(enrichment.quotes)
    if enrichment.status != "done":
        return enrichment.status.replace("_", " ")
    return f"{enrichment.language}: {_count(names, 'name')}, {_count(quotes, 'quotation')} ({enrichment.model})"


def _index(evidence: Evidence) -> Iterator[Step]:
    document = evidence.document
    if document is None or not document.get("indexed"):
        return
    flags = [name for name in ("killed", "withheld", "embargoed", "advisory", "test") if document.get(name)]
    what = ", ".join([f"searchable: {document['kind']}, {_count(document.get('update_count', 0), 'update')}", *flags])
    yield Step(_time(document["indexed"]), "index", what)


def _alerts(evidence: Evidence) -> Iterator[Step]:
    for one in evidence.alerts:
        if one.sent:
            yield Step(one.sent, "alert", f"{one.name}: sent")
        if one.killed:
            yield Step(one.killed, "alert", f"{one.name}: kill sent")


def _time(value: str | datetime) -> datetime:
    time = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _name(ref: MessageRef) -> str:
    return f"{ref.topic}/{ref.partition}@{ref.offset}"
