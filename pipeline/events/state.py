"""wire.items and wire.connectors: what intake remembers of an item, and the state of each connector."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from pipeline.events.base import Event, Id, Lane, MessageRef
from pipeline.events.item import PubStatus, Reference, Signal, Value
from pipeline.events.story import Content, VersionKind


class KnownVersion(Value):
    """One version of an item as intake remembers it. Texts of old versions are dropped: they are in wire.versions."""

    rank: int = Field(description="Place in the order of versions.")
    version: str | None = Field(None, description="The provider's version, as written.")
    kind: VersionKind = Field(description="Its kind by itself, when it was received.")
    pubstatus: PubStatus = Field("usable", description="Status that it carried.")
    signals: tuple[Signal, ...] = Field((), description="Change signals that it carried.")
    versioncreated: AwareDatetime | None = Field(None, description="When it was made.")
    firstcreated: AwareDatetime | None = Field(
        None, description="When the first version was made, according to this one."
    )
    received: AwareDatetime = Field(description="When it was first received.")
    content_hash: str = Field(description="Hash of the content; equal hashes mean equal content.")
    content: Content = Field(description="The content of the version.")
    connectors: tuple[str, ...] = Field(description="Connectors that brought it.")
    tags: tuple[str, ...] = Field((), description="The connectors' tags.")
    rights: str | None = Field(None, description="The connector's rights statement.")
    refers: tuple[Reference, ...] = Field((), description="Other items that it refers to.")
    lane: Lane = Field("live", description="The lane it came by.")
    first_message: MessageRef = Field(description="The first wire.raw message with this version.")
    body_hash: str | None = Field(None, description="Hash of the body; absent in states of release 0.1.")
    stored: MessageRef | None = Field(
        None, description="The wire.raw message with which its text went to wire.versions."
    )
    take: int | None = Field(None, description="Number of the part, where it is a part of the story.")
    keeps_parts: bool = Field(False, description="It replaces the lead alone: the further parts stay.")
    replaces: tuple[int, int] | None = Field(
        None,
        description="Of a part: the paragraph where it belongs, and how many it replaces (0: it is put after; "
        "0 and 0: it does not say).",
    )
    trimmed: bool = Field(False, description="Whether its content lacks the text and all but a few fields.")


class ItemState(Event):
    """wire.items: the set of versions known of an item. Key: ``item_key(provider, item_id)``."""

    provider: Id = Field(description="Whose item it is.")
    item_id: Id = Field(description="The provider's id.")
    story_id: Id = Field(description="The story made of it.")
    versions: tuple[KnownVersion, ...] = Field((), description="Every version known, lowest first.")
    changes: int = Field(0, description="How often the set of versions has changed.")
    dropped: int = Field(0, description="Effective versions no longer remembered, after the first one.")
    embargoed: AwareDatetime | None = Field(
        None, description="The embargo that versions no longer remembered set and did not release."
    )
    released: bool = Field(False, description="Whether versions no longer remembered released an embargo.")
    embargo_said: tuple[KnownVersion, ...] = Field(
        (),
        description="Of the versions no longer remembered the last that set or released an embargo, without its text; "
        "more than one after two states were joined. Absent in states of release 0.1.",
    )
    index_version: int = Field(0, description="Index version of the last change; 0 in states of release 0.1.")
    parts_dropped: str | None = Field(
        None, description="version_id of the version whose parts are not all remembered, because there are too many."
    )
    last_message: MessageRef | None = Field(
        None, description="What changed it last; redelivered, it is passed on again."
    )


class UsualRate(Value):
    """How often a connector usually brings new items, by hour of the week (UTC, Monday 0:00 first)."""

    hours: tuple[float, ...] = Field((), description="Hours of observation, by hour of the week, decayed.")
    items: tuple[float, ...] = Field((), description="New items, by hour of the week, decayed alike.")
    observed: AwareDatetime | None = Field(None, description="When the feed was last polled well.")
    last_item: AwareDatetime | None = Field(None, description="When it last brought something new.")
    silence: float = Field(0.0, description="The longest usual silence, in items that were to be expected during it.")
    day: tuple[int, ...] = Field((), description="New items by hour of the day (UTC), in the 24 hours up to observed.")


class ResumePoint(Value):
    """Where the next poll continues a file or message that has more items than a poll may publish."""

    payload: str = Field(description="Its name, and what distinguishes it from another one of that name.")
    part: int = Field(description="Number of the part, from 0; files that are not split have one.")
    item: int = Field(description="Number of the item in the part, from 0.")


class PushesRead(Value):
    """Up to where the reports of what was pushed to a connector are in its state."""

    partition: int = Field(description="Of wire.connectors.")
    end: int = Field(description="The offset behind the last report that was taken in.")


class ConnectorState(Event):
    """wire.connectors: position and validators of a connector. Key: the connector's name."""

    connector: Id = Field(description="The connector's name.")
    etag: str | None = Field(None, description="Validator, as the server gave it.")
    last_modified: str | None = Field(None, description="Validator, as the server gave it.")
    url: str | None = Field(None, description="The current address, after permanent redirects.")
    body_hash: str | None = Field(None, description="Hash of the last body: the same means unchanged.")
    cursor: str | None = Field(
        None, description="Position of a transport with pages, messages or files, in the form that it defines."
    )
    next_poll: AwareDatetime | None = Field(None, description="Not before.")
    last_success: AwareDatetime | None = Field(None, description="When a poll last went well.")
    last_error: str | None = Field(None, description="Why the last poll failed.")
    failures: float = Field(0.0, description="Failures in a row, weighted by kind.")
    interval_seconds: float | None = Field(None, description="Current polling interval, adapted to the feed.")
    gone: bool = Field(False, description="The server said that the feed is gone (410).")
    seen: tuple[str, ...] = Field((), description="Hashes of the items of the last polls.")
    resume_at: int = Field(0, description="Position in the last answer at which the next poll continues.")
    resume: ResumePoint | None = Field(None, description="Where the next poll continues a file or message.")
    items_published: int = Field(0, description="Items published so far.")
    failing_since: AwareDatetime | None = Field(None, description="The first of the failures in a row.")
    usual_rate: UsualRate = Field(UsualRate(), description="What was learnt of how often it brings something new.")
    pushes_read: PushesRead | None = Field(None, description="Of what was pushed to it, what the figures above count.")


class ConnectorPushes(Event):
    """wire.connectors: what a process received for a connector that another one runs. Key: ``NAME/pushes``."""

    connector: Id = Field(description="The connector's name.")
    marks: tuple[str, ...] = Field((), description="Hashes of the items, as in the connector's state.")
    more: int = Field(0, description="Items besides those.")
