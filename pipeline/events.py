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

#: ``null`` where the lower bound of a list of ids matters less than its readability.
Id = Annotated[str, Field(min_length=1)]


class Event(Value):
    """Base of all events; ``encode`` and ``decode`` are the only way on and off the wire."""

    schema_version: int = 1

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

    topic: str
    partition: int
    offset: int


class RawItem(Event):
    """wire.raw: one item as the connector read it. Key: ``provider`` + ``item_id`` (see ``item_key``)."""

    connector: Id
    provider: Id
    item_id: Id = Field(description="Stable id within the provider: uri, else link, else a hash.")
    id_kind: Literal["uri", "link", "hash"] = "uri"
    lane: Lane = "live"
    received: AwareDatetime
    item: Item
    parser: str
    mapping: str | None = None
    version_order: VersionOrder = "auto"
    language: str | None = Field(None, description="The connector's default where the item has none.")
    rights: str | None = None
    priority: int | None = None
    tags: tuple[str, ...] = ()
    original: bytes | None = Field(None, description="The item's own bytes, base64; absent over the limit.")
    original_type: str | None = None
    original_ref: str | None = Field(None, description="Where the bytes are when they are over the limit.")

    @property
    def key(self) -> bytes:
        return item_key(self.provider, self.item_id)


def item_key(provider: str, item_id: str) -> bytes:
    """Kafka key of an item: provider, a unit separator, the item's id."""
    return f"{provider}\x1f{item_id}".encode()


class Content(Value):
    """What one version of a story says, cleaned. The part that editors read."""

    headline: str | None = None
    subheadline: str | None = None
    kicker: str | None = None
    slugline: str | None = None
    byline: str | None = None
    authors: tuple[Author, ...] = ()
    dateline: str | None = None
    located: str | None = None
    language: str | None = None
    description: str | None = None
    body: str = Field("", description="Plain text, paragraphs separated by a blank line.")
    body_html: str | None = None
    urgency: int | None = None
    priority: int | None = None
    type: str = "text"
    genre: tuple[str, ...] = ()
    subjects: tuple[Subject, ...] = ()
    keywords: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    links: tuple[Link, ...] = ()
    link: str | None = None
    source: str | None = None
    copyrightnotice: str | None = None
    usageterms: str | None = None
    ednote: str | None = None
    embargoed: AwareDatetime | None = None
    expires: AwareDatetime | None = None


VersionKind = Literal[
    "new", "update", "correction", "refile", "kill", "withhold", "release", "advisory", "test", "tombstone"
]


class HistoryEntry(Value):
    """One version of a story in ``stories-history``; ``_id`` is ``story_id:version_id``."""

    story_id: Id
    version_id: Id = Field(description="Rank and hash of the version: unlike its place, it never changes.")
    version_rank: int
    version: str | None = None
    kind: VersionKind
    pubstatus: PubStatus = "usable"
    signals: tuple[Signal, ...] = ()
    versioncreated: AwareDatetime | None = None
    received: AwareDatetime
    supersedes: str | None = Field(None, description="version_id of the version before.")
    superseded_by: str | None = Field(None, description="version_id of the version after.")
    headline: str | None = None
    body: str = ""
    ednote: str | None = None
    diff: str | None = Field(None, description="Unified diff of headline and body against the version before.")
    withdrawn: bool = Field(False, description="The story is killed or withheld now, whatever this version was.")
    embargoed: AwareDatetime | None = Field(None, description="Embargo in force on the story.")


class StoryVersion(Event):
    """wire.stories: the current state of a story after one more item of it arrived.

    The message is a function of the *set* of versions known, not of their order of arrival. ``index_version``
    grows with it and is Elasticsearch's external version.
    """

    story_id: Id
    provider: Id
    item_id: Id
    connectors: tuple[str, ...] = ()
    lane: Lane = "live"
    index_version: int
    version: str | None = None
    version_rank: int
    kind: VersionKind = "new"
    update_count: int = 0
    pubstatus: PubStatus = "usable"
    killed: bool = False
    correction: bool = False
    correction_note: str | None = None
    advisory: bool = False
    test: bool = False
    signals: tuple[Signal, ...] = ()
    first_seen: AwareDatetime = Field(description="When the first version reached us; fixes the month of the index.")
    first_created: AwareDatetime = Field(description="firstcreated of the version seen first, else first_seen.")
    version_created: AwareDatetime
    received: AwareDatetime = Field(description="When the current version reached us.")
    content: Content = Content()
    tags: tuple[str, ...] = ()
    rights: str | None = None
    refers: tuple[Reference, ...] = Field((), description="Other items that the current version names.")
    history: tuple[HistoryEntry, ...] = Field((), description="Every version known, lowest first.")
    raw: MessageRef | None = Field(None, description="The wire.raw message that caused this one.")

    @property
    def key(self) -> bytes:
        return self.story_id.encode()


class Cluster(Value):
    """Which stories this one is a copy of. The first story seen leads its cluster and has its own id as id."""

    cluster_id: Id
    duplicate_of: str | None = None
    similarity: float | None = Field(None, ge=0, le=1, description="Word-4-gram Jaccard with duplicate_of.")
    containment: float | None = Field(None, ge=0, le=1)
    exact: bool = False
    event_id: str | None = None


class ClusteredStory(StoryVersion):
    """wire.clustered: a story version with its cluster."""

    cluster: Cluster


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

    start: int
    end: int
    text: str
    field: Literal["headline", "subheadline", "description", "body"] = "body"


class Entity(Value):
    """Who or what a story speaks of: all mentions joined under one canonical name."""

    label: EntityLabel
    name: str = Field(description="Canonical name.")
    id: str | None = Field(None, description='Stable id where it is certain: "Q159", "iso:RU".')
    iso: str | None = None
    roles: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    salience: float = Field(0.0, ge=0, le=1)
    count: int = 1


class Quote(Value):
    """One quotation with its speaker. Offsets are characters of ``content.body``."""

    type: Literal["direct", "indirect", "mixed"]
    text: str = Field(description="The words, editorial brackets kept.")
    start: int
    end: int
    cue: str | None = None
    source: str | None = Field(None, description="The words that name the speaker, as printed.")
    source_start: int | None = None
    source_end: int | None = None
    speaker: str | None = Field(None, description="Canonical name; absent where unresolved.")
    speaker_id: str | None = None
    role: str | None = None
    resolved: bool = False
    confidence: float = Field(0.0, ge=0, le=1)


class Enrichment(Value):
    """What was found in the text, and by what."""

    status: Literal["done", "unsupported_language", "withdrawn", "empty"] = "done"
    language: str | None = None
    language_confidence: float | None = None
    model: str | None = None
    entities: tuple[Entity, ...] = ()
    quotes: tuple[Quote, ...] = ()


class EnrichedStory(ClusteredStory):
    """wire.enriched: the whole document as indexed."""

    enrichment: Enrichment = Enrichment()


class KnownVersion(Value):
    """One version of an item as intake remembers it. ``content`` may be trimmed of old versions."""

    rank: int
    version: str | None = None
    kind: VersionKind
    pubstatus: PubStatus = "usable"
    signals: tuple[Signal, ...] = ()
    versioncreated: AwareDatetime | None = None
    firstcreated: AwareDatetime | None = None
    received: AwareDatetime
    content_hash: str
    content: Content
    connectors: tuple[str, ...]
    tags: tuple[str, ...] = ()
    rights: str | None = None
    refers: tuple[Reference, ...] = ()
    lane: Lane = "live"
    first_message: MessageRef


class ItemState(Event):
    """wire.items: the set of versions known of an item. Key: ``item_key(provider, item_id)``."""

    provider: Id
    item_id: Id
    story_id: Id
    versions: tuple[KnownVersion, ...] = ()
    changes: int = Field(0, description="How often the set of versions has changed.")
    last_message: MessageRef | None = Field(
        None, description="What changed it last; redelivered, it is passed on again."
    )


class ConnectorState(Event):
    """wire.connectors: where a connector stands. Key: the connector's name."""

    connector: Id
    etag: str | None = None
    last_modified: str | None = None
    url: str | None = Field(None, description="The address in force after permanent redirects.")
    body_hash: str | None = None
    cursor: str | None = None
    next_poll: AwareDatetime | None = None
    last_success: AwareDatetime | None = None
    last_error: str | None = None
    failures: float = 0.0
    interval_seconds: float | None = None
    gone: bool = False
    seen: tuple[str, ...] = Field((), description="Hashes of the items of the last polls.")
    items_published: int = 0


Stage = Literal["connector", "intake", "cluster", "enrich", "index"]


class DeadLetter(Event):
    """wire.dead: what could not be processed. Key: the original key."""

    id: Id
    stage: Stage
    error: str = Field(description="Class of the error.")
    reason: str
    hint: str | None = None
    connector: str | None = None
    provider: str | None = None
    origin: MessageRef | None = Field(None, description="The message that failed; absent for connectors.")
    url: str | None = None
    position: str | None = None
    failed_at: AwareDatetime
    attempts: int = 1
    needs_person: bool = False
    key: bytes | None = None
    original: bytes = b""


TOPIC_EVENTS: dict[str, type[Event]] = {
    "raw": RawItem,
    "stories": StoryVersion,
    "clustered": ClusteredStory,
    "enriched": EnrichedStory,
    "items": ItemState,
    "connectors": ConnectorState,
    "dead": DeadLetter,
}
