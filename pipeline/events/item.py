"""The result of every parser: one item of a feed, in the terms of the standards.

Names follow ninjs 1.x/2.x and NewsML-G2 (IPTC): ``uri``, ``version``, ``versioncreated``, ``pubstatus``,
``urgency``, ``slugline``, ``headline``, ``byline``, ``located``, ``usageterms``, ``embargoed``, ``subject``. A
parser fills what its format carries and leaves the rest ``None`` or empty; it never invents a value. What an
agency does differently (headline tags, category letters, dateline patterns) is corrected afterwards by the
mapping of the connector, not here.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

PubStatus = Literal["usable", "withheld", "canceled"]


class Value(BaseModel):
    """A frozen value that travels between stages; fields it does not know survive a round trip."""

    model_config = ConfigDict(frozen=True, extra="allow", ser_json_bytes="base64", val_json_bytes="base64")


class Signal(StrEnum):
    """What a version says about itself, besides its number (NewsML-G2 ``signal``, headline tags, header words)."""

    UPDATE = "update"
    CORRECTION = "correction"
    REFILE = "refile"  # a minor fix: as correction, with low weight
    KILL = "kill"
    WITHHOLD = "withhold"
    RELEASE = "release"
    EMBARGO = "embargo"
    ADVISORY = "advisory"
    RESEND = "resend"
    TAKE = "take"  # one part of a longer story
    LEAD = "lead"  # a new top of the story, the whole replaced
    FLASH = "flash"
    URGENT = "urgent"
    TEST = "test"


class Subject(Value):
    """A subject as the feed codes it. ``scheme`` is the vocabulary's short name (``medtop``, ``subj``)."""

    code: str | None = Field(None, description="Code in the scheme.")
    scheme: str | None = Field(None, description="Short name of the vocabulary: medtop, subj, or the feed's own.")
    name: str | None = Field(None, description="Label.")


class Author(Value):
    name: str = Field(description="Name, as given.")
    role: str | None = Field(None, description="Function, as given.")
    uri: str | None = Field(None, description="Id or page of the person.")


class Media(Value):
    """A picture, video or other file that belongs to the item (never fetched by us)."""

    href: str | None = Field(None, description="Where it is.")
    type: str | None = Field(None, description="Media type, such as image/jpeg.")
    title: str | None = Field(None, description="Title.")
    description: str | None = Field(None, description="Caption.")
    credit: str | None = Field(None, description="Credit line.")
    rendition: str | None = Field(None, description="Rendition: thumbnail, preview, highres, transcript.")
    duration: int | None = Field(None, description="Seconds, of a sound or film.")
    width: int | None = Field(None, description="Pixels.")
    height: int | None = Field(None, description="Pixels.")


class Link(Value):
    """A relation to something else. ``rel`` in the words of the format (``seeAlso``, ``alternate``, ``member``)."""

    rel: str = Field(description="Kind of relation, in the words of the format.")
    uri: str | None = Field(None, description="Id of the target.")
    href: str | None = Field(None, description="Address of the target.")
    title: str | None = Field(None, description="Title of the target.")


class Reference(Value):
    """Another item that this one refers to, as a kill or correction in the old text formats names it.

    Any of the fields may be all that is known; intake finds the item from them.
    """

    uri: str | None = Field(None, description="Id of the item.")
    number: str | None = Field(None, description="Sequence number within source and day.")
    slugline: str | None = Field(None, description="Its slug.")
    headline: str | None = Field(None, description="Its headline.")
    day: str | None = Field(None, description="ISO date.")


class Item(Value):
    """One item as a parser read it. All times are aware; texts are plain unless the name says HTML."""

    # identity and life
    uri: str | None = Field(None, description="The provider's stable id of the item (guid, atom:id, doc-id).")
    version: str | None = Field(None, description="The provider's version, as written (ninjs: a string).")
    versioncreated: AwareDatetime | None = Field(None, description="When this version was made.")
    firstcreated: AwareDatetime | None = Field(None, description="When the first version was made.")
    sent: AwareDatetime | None = Field(None, description="Transmission time; never used to order versions.")
    type: str = Field("text", description="text, picture, video, audio, graphic, composite, event, other.")
    pubstatus: PubStatus = Field("usable", description="usable, withheld or canceled.")
    signals: tuple[Signal, ...] = Field((), description="Change signals, from machine fields and text conventions.")
    embargoed: AwareDatetime | None = Field(None, description="Not for publication before.")
    expires: AwareDatetime | None = Field(None, description="Not for publication after.")
    refers: tuple[Reference, ...] = Field((), description="Items that this one kills, corrects or replaces.")
    evolvedfrom: str | None = Field(None, description="uri of the item that this one grew out of.")
    take: int | None = Field(None, description="Number of the part, from 1, where a story comes in parts.")
    keeps_parts: bool | None = Field(None, description="A new lead that replaces the lead alone: the parts stay.")
    replaces: tuple[int, int] | None = Field(
        None,
        description="Of a part: the paragraph where it belongs, from 1, and how many it replaces (0: it is put after; "
        "0 and 0: it does not say).",
    )
    # what an editor sees
    urgency: int | None = Field(None, ge=1, le=9, description="1 most urgent … 9 least (IPTC).")
    priority: int | None = Field(None, ge=1, le=9, description="Handling priority of the envelope.")
    slugline: str | None = Field(None, description="Slug: the words by which a desk names the story.")
    headline: str | None = Field(None, description="Headline.")
    subheadline: str | None = Field(None, description="Second headline.")
    kicker: str | None = Field(None, description="Short line above the headline.")
    byline: str | None = Field(None, description="Who wrote it, as printed.")
    authors: tuple[Author, ...] = Field((), description="The authors one by one.")
    dateline: str | None = Field(None, description='As printed, without the agency: "BEIJING, April 24".')
    located: str | None = Field(None, description='Place of the dateline: "Beijing".')
    language: str | None = Field(None, description="BCP 47 tag.")
    subjects: tuple[Subject, ...] = Field((), description="Subjects with their codes.")
    keywords: tuple[str, ...] = Field((), description="Keywords, as the feed gives them.")
    genre: tuple[str, ...] = Field((), description="Genres, as the feed names them.")
    description: str | None = Field(None, description="Summary or abstract, plain text.")
    body_text: str | None = Field(None, description="Body as plain text, paragraphs separated by a blank line.")
    body_html: str | None = Field(None, description="Body as sanitised HTML, where the feed has markup.")
    # who may do what with it
    provider: str | None = Field(None, description="Who sends it, as the item itself says.")
    source: str | None = Field(None, description="Who made it, where that is not the provider.")
    copyrightnotice: str | None = Field(None, description="Copyright line.")
    usageterms: str | None = Field(None, description="What may be done with it.")
    ednote: str | None = Field(None, description="Note to editors; never shown as body.")
    # what belongs to it
    link: str | None = Field(None, description="Page of the story on the web.")
    media: tuple[Media, ...] = Field((), description="Pictures, videos and files that belong to it; never fetched.")
    links: tuple[Link, ...] = Field((), description="Relations to other items and pages.")
    # what the parser had to correct
    originals: dict[str, str] = Field(
        default_factory=dict, description="Original values of fields that the parser could not take as they were."
    )
    warnings: tuple[str, ...] = Field((), description="Violations of the format that the parser tolerated.")


class RejectedItem(Value):
    """A part of a feed that cannot be read as an item: kept for the dead letters."""

    reason: str
    position: str = Field(description='Where in the input: "entry 3", "line 17", "byte 4096".')
    original: bytes = b""


class FeedFacts(Value):
    """The metadata of a feed, and how often it may be polled."""

    title: str | None = None
    language: str | None = None
    rights: str | None = None
    link: str | None = None
    format: str | None = None  # "rss20", "atom10", "newsml-g2", …
    ttl_seconds: int | None = None
    hub: str | None = None  # WebSub hub
    self_link: str | None = None
    next_link: str | None = None  # next page of a paged feed


class ParseContext(Value):
    """What the transport knows about the bytes. ``now`` replaces the clock, so that parsing is pure."""

    now: datetime
    url: str | None = None
    content_type: str | None = None
    charset: str | None = None
    language: str | None = None
    timezone: str | None = None
    max_bytes: int = 16 * 1024 * 1024
    options: dict[str, object] = Field(default_factory=dict)


class PathFound(Value):
    """What a configured path found in a document."""

    field: str
    path: str
    found: int = Field(description="Entries in which it found something.")
    of: int = Field(description="Entries.")
    sample: str | None = Field(None, description="The first value that it found, shortened.")


class Parsed(Value):
    """The result of a parser: items, parts that cannot be read as items, and the metadata of the feed.

    A parser raises :class:`pipeline.events.errors.ParseError` only where the input as a whole is not its format.
    """

    items: tuple[Item, ...] = ()
    rejected: tuple[RejectedItem, ...] = ()
    feed: FeedFacts = FeedFacts()
    warnings: tuple[str, ...] = ()
    paths: tuple[PathFound, ...] = ()
