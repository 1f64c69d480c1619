"""The typed events of every topic: what stands on the wire between two stages.

JSON, UTF-8, one object a message. Each event has ``schema_version``; a reader keeps fields it does not know, so
that a newer writer can be rolled out first. ``wiredesk schema`` exports the JSON Schemas.

    RawItem          wire.raw        one item as a connector read it
    StoryVersion     wire.stories    the current state of a story after an item, cleaned, with what changed
    ClusteredStory   wire.clustered  the same, with the cluster it belongs to
    EnrichedStory    wire.enriched   the same, with language, entities and quotations: the document as indexed
    ItemState        wire.items      what intake remembers of an item
    ConnectorState   wire.connectors where a connector stands
    DeadLetter       wire.dead       what could not be processed, with the original whole
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, ValidationError

from connectors.item import Author, Item, Link, Media, PubStatus, Reference, Signal, Subject, Value
from pipeline.errors import DecodeError

Lane = Literal["live", "backfill"]
VersionOrder = Literal["auto", "version", "time"]

#: An id that is there: an empty one would join what does not belong together.
Id = Annotated[str, Field(min_length=1)]


class Event(Value):
    """Base of all events; ``encode`` and ``decode`` are the only way on and off the wire."""

    schema_version: int = Field(
        1, description="Version of the event's type; grows only where old readers could misread."
    )

    def encode(self) -> bytes:
        """The message's bytes: JSON without the fields that have their default value."""
        return self.model_dump_json(exclude_defaults=True, by_alias=True).encode()

    @classmethod
    def decode(cls, value: bytes | None) -> Self:
        """Read a message.

        Raises:
            DecodeError: the bytes are not JSON or do not fit this type; the message says which field.
        """
        if value is None:
            raise DecodeError(f"{cls.__name__}: the message has no value.")
        try:
            return cls.model_validate_json(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the message"
            raise DecodeError(f"{cls.__name__}: {where}: {first['msg']}") from error


class MessageRef(Value):
    """Where a message stands: the identity of a delivery."""

    topic: str = Field(description="Name of the topic.")
    partition: int = Field(description="Partition, from 0.")
    offset: int = Field(description="Offset in the partition.")


class RawItem(Event):
    """wire.raw: one item as the connector read it. Key: ``provider`` + ``item_id`` (see ``item_key``)."""

    connector: Id = Field(description="Name of the connector that read it.")
    provider: Id = Field(description="Whose feed it is: the connector's, else what the item says.")
    item_id: Id = Field(description="Stable id within the provider: uri, else link, else a hash.")
    id_kind: Literal["uri", "link", "hash"] = Field("uri", description="What the id was made of.")
    lane: Lane = Field("live", description="backfill: from an archive; never shown as new.")
    received: AwareDatetime = Field(description="When the connector read it.")
    item: Item = Field(description="The normalised fields.")
    parser: str = Field(description="Name of the parser that read it.")
    mapping: str | None = Field(None, description="Name of the mapping that was applied.")
    version_order: VersionOrder = Field(
        "auto", description="What orders versions: their number, their time, or whichever the feed has."
    )
    language: str | None = Field(None, description="The connector's default where the item has none.")
    rights: str | None = Field(None, description="The connector's default where the item has none.")
    priority: int | None = Field(None, description="The connector's default where the item has none, 1 to 9.")
    tags: tuple[str, ...] = Field((), description="The connector's tags.")
    original: bytes | None = Field(None, description="The item's own bytes, base64; absent over the limit.")
    original_type: str | None = Field(None, description="Media type of the original bytes.")
    original_ref: str | None = Field(None, description="Where the bytes are when they are over the limit.")

    @property
    def key(self) -> bytes:
        return item_key(self.provider, self.item_id)


def item_key(provider: str, item_id: str) -> bytes:
    """Kafka key of an item: provider, a unit separator, the item's id."""
    return f"{provider}\x1f{item_id}".encode()


class Content(Value):
    """What one version of a story says, cleaned. The part that editors read."""

    headline: str | None = Field(None, description="Headline, without the tags that say what kind of version it is.")
    subheadline: str | None = Field(None, description="Second headline.")
    kicker: str | None = Field(None, description="Short line above the headline.")
    slugline: str | None = Field(None, description="Slug: the words by which a desk names the story.")
    byline: str | None = Field(None, description="Who wrote it, as printed.")
    authors: tuple[Author, ...] = Field((), description="The authors one by one.")
    dateline: str | None = Field(None, description='As printed, without the agency: "BEIJING, April 24".')
    located: str | None = Field(None, description='Place of the dateline: "Beijing".')
    language: str | None = Field(None, description="BCP 47 tag.")
    description: str | None = Field(None, description="Summary or abstract, plain text.")
    body: str = Field("", description="Plain text, paragraphs separated by a blank line.")
    body_html: str | None = Field(None, description="Body as sanitised HTML, where the feed has markup.")
    urgency: int | None = Field(None, description="1 most urgent to 9 least (IPTC).")
    priority: int | None = Field(None, description="Handling priority of the envelope, 1 to 9.")
    type: str = Field("text", description="text, picture, video, audio, graphic, composite, event, other.")
    genre: tuple[str, ...] = Field((), description="Genres, as the feed names them.")
    subjects: tuple[Subject, ...] = Field((), description="Subjects with their codes.")
    keywords: tuple[str, ...] = Field((), description="Keywords, as the feed gives them.")
    media: tuple[Media, ...] = Field((), description="Pictures, videos and files that belong to it.")
    links: tuple[Link, ...] = Field((), description="Relations to other items and pages.")
    link: str | None = Field(None, description="Page of the story on the web.")
    source: str | None = Field(None, description="Who made it, where that is not the provider.")
    copyrightnotice: str | None = Field(None, description="Copyright line.")
    usageterms: str | None = Field(None, description="What may be done with it.")
    ednote: str | None = Field(None, description="Note to editors; never shown as body.")
    embargoed: AwareDatetime | None = Field(None, description="Not for publication before.")
    expires: AwareDatetime | None = Field(None, description="Not for publication after.")


VersionKind = Literal[
    "new", "update", "correction", "refile", "kill", "withhold", "release", "advisory", "test", "tombstone"
]


class HistoryEntry(Value):
    """One version of a story in ``stories-history``; ``_id`` is ``story_id:version_id``."""

    story_id: Id = Field(description="The story.")
    version_id: Id = Field(description="Rank and hash of the version: unlike its place, it never changes.")
    version_rank: int = Field(description="Place in the order of versions: time, then number, as one growing integer.")
    version: str | None = Field(None, description="The provider's version, as written.")
    kind: VersionKind = Field(description="What this version was to the one before.")
    pubstatus: PubStatus = Field("usable", description="Status that the version carried.")
    signals: tuple[Signal, ...] = Field((), description="Change signals that the version carried.")
    versioncreated: AwareDatetime | None = Field(None, description="When the version was made.")
    received: AwareDatetime = Field(description="When it reached us.")
    supersedes: str | None = Field(None, description="version_id of the version before.")
    superseded_by: str | None = Field(None, description="version_id of the version after.")
    headline: str | None = Field(None, description="Headline of the version.")
    body: str = Field("", description="Body of the version, plain text.")
    ednote: str | None = Field(None, description="Its note to editors.")
    diff: str | None = Field(None, description="Unified diff of headline and body against the version before.")
    withdrawn: bool = Field(False, description="The story is killed or withheld now, whatever this version was.")
    embargoed: AwareDatetime | None = Field(None, description="Embargo in force on the story.")


class StoryVersion(Event):
    """wire.stories: the current state of a story after one more item of it arrived.

    The message is a function of the *set* of versions known, not of their order of arrival. ``index_version``
    grows with it and is Elasticsearch's external version.
    """

    story_id: Id = Field(description="The story: a hash of provider and item id.")
    provider: Id = Field(description="Whose story it is.")
    item_id: Id = Field(description="The provider's id of the item.")
    connectors: tuple[str, ...] = Field((), description="Connectors that brought it.")
    lane: Lane = Field("live", description="backfill where every version came from an archive.")
    index_version: int = Field(
        description="Elasticsearch's external version: grows with each change of the set of versions."
    )
    version: str | None = Field(None, description="The provider's version that is current, as written.")
    version_rank: int = Field(description="Its place in the order of versions.")
    kind: VersionKind = Field("new", description="What the current version is to the one before.")
    update_count: int = Field(0, description="Versions that count, less one.")
    pubstatus: PubStatus = Field("usable", description="Status in force.")
    killed: bool = Field(False, description="Whether the story is withdrawn for good.")
    correction: bool = Field(False, description="Whether the current text corrects an earlier one.")
    correction_note: str | None = Field(
        None, description="What was corrected, in the agency's words; never shown as body."
    )
    advisory: bool = Field(False, description="A note to editors, not for publication.")
    test: bool = Field(False, description="A test transmission.")
    signals: tuple[Signal, ...] = Field((), description="Change signals of the current version.")
    first_seen: AwareDatetime = Field(description="When the first version reached us; fixes the month of the index.")
    first_created: AwareDatetime = Field(description="firstcreated of the version seen first, else first_seen.")
    version_created: AwareDatetime = Field(description="When the current version was made.")
    received: AwareDatetime = Field(description="When the current version reached us.")
    content: Content = Field(Content(), description="What the current version says.")
    tags: tuple[str, ...] = Field((), description="The connectors' tags.")
    rights: str | None = Field(None, description="The connector's rights statement.")
    refers: tuple[Reference, ...] = Field((), description="Other items that the current version names.")
    history: tuple[HistoryEntry, ...] = Field((), description="Every version known, lowest first.")
    raw: MessageRef | None = Field(None, description="The wire.raw message that caused this one.")

    @property
    def key(self) -> bytes:
        return self.story_id.encode()


class Cluster(Value):
    """Which stories this one is a copy of. The first story seen leads its cluster and has its own id as id."""

    cluster_id: Id = Field(description="Story id of the cluster's lead.")
    duplicate_of: str | None = Field(None, description="Story id of what this one is a copy of.")
    similarity: float | None = Field(None, ge=0, le=1, description="Word-4-gram Jaccard with duplicate_of.")
    containment: float | None = Field(
        None, ge=0, le=1, description="Share of the smaller text's word 4-grams found in the other."
    )
    exact: bool = Field(False, description="The same text, word for word.")
    event_id: str | None = Field(
        None, description="Group of different texts about one event, where such grouping is on."
    )


class ClusteredStory(StoryVersion):
    """wire.clustered: a story version with its cluster."""

    cluster: Cluster = Field(description="Where the story stands among its copies.")


EntityLabel = Literal[
    "PERSON",
    "ORG",
    "GPE",
    "LOC",
    "NORP",
    "FAC",
    "EVENT",
    "DATE",
    "MONEY",
    "PERCENT",
    "TIME",
    "CARDINAL",
    "ORDINAL",
    "QUANTITY",
    "PRODUCT",
    "WORK_OF_ART",
    "LAW",
    "LANGUAGE",
    "MISC",
]


class Mention(Value):
    """A span of text, ``[start, end)`` in characters of the field ``field`` of the content."""

    start: int = Field(description="First character.")
    end: int = Field(description="Character after the last.")
    text: str = Field(description="The characters, as printed.")
    field: Literal["headline", "subheadline", "description", "body"] = Field(
        "body", description="Field of the content that the offsets count in."
    )


class Entity(Value):
    """Who or what a story speaks of: all mentions joined under one canonical name."""

    label: EntityLabel = Field(description="Kind, in spaCy's words.")
    name: str = Field(description="Canonical name.")
    id: str | None = Field(None, description='Stable id where it is certain: "Q159", "iso:RU".')
    iso: str | None = Field(None, description="ISO 3166-1 alpha-2 code of a country.")
    roles: tuple[str, ...] = Field(
        (), description='Offices and functions given in the story: "Russian Foreign Minister".'
    )
    mentions: tuple[Mention, ...] = Field((), description="Where it is named.")
    salience: float = Field(0.0, ge=0, le=1, description="0 to 1, from headline, lead and count.")
    count: int = Field(1, description="Number of mentions.")


class Quote(Value):
    """One quotation with its speaker. Offsets are characters of ``content.body``."""

    type: Literal["direct", "indirect", "mixed"] = Field(
        description="direct: in marks; indirect: reported; mixed: both."
    )
    text: str = Field(description="The words, editorial brackets kept.")
    start: int = Field(description="First character.")
    end: int = Field(description="Character after the last.")
    cue: str | None = Field(None, description="The words of saying.")
    source: str | None = Field(None, description="The words that name the speaker, as printed.")
    source_start: int | None = Field(None, description="First character of the source.")
    source_end: int | None = Field(None, description="Character after the source's last.")
    speaker: str | None = Field(None, description="Canonical name; absent where unresolved.")
    speaker_id: str | None = Field(None, description="Stable id of the speaker, where certain.")
    role: str | None = Field(None, description="The speaker's office in the story.")
    resolved: bool = Field(False, description="Whether the speaker is known by name.")
    confidence: float = Field(0.0, ge=0, le=1, description="0 to 1, of the speaker.")


class Enrichment(Value):
    """What was found in the text, and by what."""

    status: Literal["done", "unsupported_language", "withdrawn", "empty"] = Field(
        "done", description="Whether the text was analysed, and why not."
    )
    language: str | None = Field(None, description="ISO 639-1 code.")
    language_confidence: float | None = Field(None, description="0 to 1; absent where the feed said so.")
    model: str | None = Field(None, description="Pipeline and its version.")
    entities: tuple[Entity, ...] = Field((), description="Who and what, most salient first.")
    quotes: tuple[Quote, ...] = Field((), description="Who said what, in order of the text.")


class EnrichedStory(ClusteredStory):
    """wire.enriched: the whole document as indexed."""

    enrichment: Enrichment = Field(Enrichment(), description="What was found in the text.")


class KnownVersion(Value):
    """One version of an item as intake remembers it. ``content`` may be trimmed of old versions."""

    rank: int = Field(description="Place in the order of versions.")
    version: str | None = Field(None, description="The provider's version, as written.")
    kind: VersionKind = Field(description="What it was when it was taken in.")
    pubstatus: PubStatus = Field("usable", description="Status that it carried.")
    signals: tuple[Signal, ...] = Field((), description="Change signals that it carried.")
    versioncreated: AwareDatetime | None = Field(None, description="When it was made.")
    firstcreated: AwareDatetime | None = Field(None, description="When it says that the first version was made.")
    received: AwareDatetime = Field(description="When it reached us first.")
    content_hash: str = Field(description="Hash of the content: the same means nothing new.")
    content: Content = Field(description="What it says.")
    connectors: tuple[str, ...] = Field(description="Connectors that brought it.")
    tags: tuple[str, ...] = Field((), description="The connectors' tags.")
    rights: str | None = Field(None, description="The connector's rights statement.")
    refers: tuple[Reference, ...] = Field((), description="Other items that it names.")
    lane: Lane = Field("live", description="The lane it came by.")
    first_message: MessageRef = Field(description="The wire.raw message that brought it first.")


class ItemState(Event):
    """wire.items: the set of versions known of an item. Key: ``item_key(provider, item_id)``."""

    provider: Id = Field(description="Whose item it is.")
    item_id: Id = Field(description="The provider's id.")
    story_id: Id = Field(description="The story made of it.")
    versions: tuple[KnownVersion, ...] = Field((), description="Every version known, lowest first.")
    changes: int = Field(0, description="How often the set of versions has changed.")
    last_message: MessageRef | None = Field(
        None, description="What changed it last; redelivered, it is passed on again."
    )


class ConnectorState(Event):
    """wire.connectors: where a connector stands. Key: the connector's name."""

    connector: Id = Field(description="The connector's name.")
    etag: str | None = Field(None, description="Validator, as the server gave it.")
    last_modified: str | None = Field(None, description="Validator, as the server gave it.")
    url: str | None = Field(None, description="The address in force after permanent redirects.")
    body_hash: str | None = Field(None, description="Hash of the last body: the same means unchanged.")
    cursor: str | None = Field(
        None, description="Where a transport with pages, messages or files stands; its own form."
    )
    next_poll: AwareDatetime | None = Field(None, description="Not before.")
    last_success: AwareDatetime | None = Field(None, description="When a poll last went well.")
    last_error: str | None = Field(None, description="What hindered the last poll.")
    failures: float = Field(0.0, description="Failures in a row, weighted by kind.")
    interval_seconds: float | None = Field(None, description="Interval in force, adapted to the feed.")
    gone: bool = Field(False, description="The server said that the feed is gone (410).")
    seen: tuple[str, ...] = Field((), description="Hashes of the items of the last polls.")
    items_published: int = Field(0, description="Items published so far.")


Stage = Literal["connector", "intake", "cluster", "enrich", "index"]


class DeadLetter(Event):
    """wire.dead: what could not be processed. Key: the original key."""

    id: Id = Field(description="Hash of stage, origin and original: the same failure is one letter.")
    stage: Stage = Field(description="Where it failed.")
    error: str = Field(description="Class of the error.")
    reason: str = Field(description="What was wrong, in a sentence.")
    hint: str | None = Field(None, description="What to do next.")
    connector: str | None = Field(None, description="The connector, where it failed in one.")
    provider: str | None = Field(None, description="Whose item it was, where known.")
    origin: MessageRef | None = Field(None, description="The message that failed; absent for connectors.")
    url: str | None = Field(None, description="Address or file it came from.")
    position: str | None = Field(None, description="Where in the input.")
    failed_at: AwareDatetime = Field(description="When.")
    attempts: int = Field(1, description="How often it was tried.")
    needs_person: bool = Field(False, description="No replay can mend it: somebody must decide.")
    key: bytes | None = Field(None, description="Key of the message, base64.")
    original: bytes = Field(b"", description="The message or the input's part, whole, base64.")


TOPIC_EVENTS: dict[str, type[Event]] = {
    "raw": RawItem,
    "stories": StoryVersion,
    "clustered": ClusteredStory,
    "enriched": EnrichedStory,
    "items": ItemState,
    "connectors": ConnectorState,
    "dead": DeadLetter,
}
