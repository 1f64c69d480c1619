"""wire.stories, wire.versions and wire.clustered: a story's current state, its versions, and its cluster of copies."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from pipeline.events.base import Event, Id, Lane, MessageRef
from pipeline.events.item import Author, Link, Media, PubStatus, Reference, Signal, Subject, Value


class Content(Value):
    """The cleaned content of one version of a story: what editors read."""

    headline: str | None = Field(None, description="Headline, without tags such as UPDATE 1 or CORRECTED.")
    subheadline: str | None = Field(None, description="Second headline.")
    kicker: str | None = Field(None, description="Short line above the headline.")
    slugline: str | None = Field(None, description="Slug: the words by which a desk names the story.")
    byline: str | None = Field(None, description="Who wrote it, as printed.")
    authors: tuple[Author, ...] = Field((), description="The authors, one by one.")
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
    source: str | None = Field(None, description="Who made it, if not the provider.")
    copyrightnotice: str | None = Field(None, description="Copyright line.")
    usageterms: str | None = Field(None, description="What may be done with it.")
    ednote: str | None = Field(None, description="Note to editors; never shown as body.")
    embargoed: AwareDatetime | None = Field(None, description="Not for publication before.")
    expires: AwareDatetime | None = Field(None, description="Not for publication after.")


VersionKind = Literal[
    "new", "update", "correction", "refile", "kill", "withhold", "release", "advisory", "test", "tombstone"
]


class VersionEntry(Value):
    """One effective version of a story, by reference: its text is in ``wire.versions``."""

    id: Id = Field(description="version_id: rank and hash of the version; it never changes.")
    kind: VersionKind = Field("new", description="Kind of the version in relation to the one before.")


class VersionText(Event):
    """wire.versions: the text of one version of a story, written once. Key: ``story_id:version_id``."""

    story_id: Id = Field(description="The story.")
    provider: Id = Field(description="Whose story it is.")
    version_id: Id = Field(description="Rank and hash of the version; it never changes.")
    version_rank: int = Field(description="Place in the order of versions: time, then number, as one growing integer.")
    version: str | None = Field(None, description="The provider's version, as written.")
    pubstatus: PubStatus = Field("usable", description="Status that the version carried.")
    signals: tuple[Signal, ...] = Field((), description="Change signals that the version carried.")
    versioncreated: AwareDatetime | None = Field(None, description="When the version was made.")
    received: AwareDatetime = Field(description="When the version was first received.")
    headline: str | None = Field(None, description="Headline of the version.")
    body: str = Field("", description="Body of the version, plain text.")
    ednote: str | None = Field(None, description="Its note to editors.")

    @property
    def key(self) -> bytes:
        return f"{self.story_id}:{self.version_id}".encode()


class HistoryEntry(Value):
    """One version of a story with its text, as events of release 0.1 carried all of them. Read, never written."""

    story_id: Id = Field(description="The story.")
    version_id: Id = Field(description="Rank and hash of the version; it never changes.")
    version_rank: int = Field(description="Place in the order of versions.")
    version: str | None = Field(None, description="The provider's version, as written.")
    kind: VersionKind = Field(description="Kind of the version in relation to the one before.")
    pubstatus: PubStatus = Field("usable", description="Status that the version carried.")
    signals: tuple[Signal, ...] = Field((), description="Change signals that the version carried.")
    versioncreated: AwareDatetime | None = Field(None, description="When the version was made.")
    received: AwareDatetime = Field(description="When the version was first received.")
    headline: str | None = Field(None, description="Headline of the version.")
    body: str = Field("", description="Body of the version, plain text.")
    ednote: str | None = Field(None, description="Its note to editors.")


class StoryVersion(Event):
    """wire.stories: the current state of a story after one more item of it arrived.

    The message is a function of the *set* of versions known, not of their order of arrival. ``index_version``
    grows with it and is Elasticsearch's external version.
    """

    story_id: Id = Field(description="The story: a hash of provider and item id.")
    provider: Id = Field(description="Whose story it is.")
    item_id: Id = Field(description="The provider's id of the item.")
    connectors: tuple[str, ...] = Field((), description="Connectors that delivered it.")
    lane: Lane = Field("live", description="backfill where every version came from an archive.")
    index_version: int = Field(
        description="Elasticsearch's external version: grows with each change of the set of versions."
    )
    version: str | None = Field(None, description="The provider's version that is current, as written.")
    version_rank: int = Field(description="Its place in the order of versions.")
    kind: VersionKind = Field("new", description="Kind of the current version in relation to the one before.")
    update_count: int = Field(0, description="Number of effective versions after the first.")
    pubstatus: PubStatus = Field("usable", description="Status in force.")
    killed: bool = Field(False, description="Whether the story is withdrawn for good.")
    correction: bool = Field(False, description="Whether the current text corrects an earlier one.")
    correction_note: str | None = Field(
        None, description="What was corrected, in the agency's words; never shown as body."
    )
    advisory: bool = Field(False, description="Whether it is a note to editors, not for publication.")
    test: bool = Field(False, description="Whether it is a test transmission.")
    signals: tuple[Signal, ...] = Field((), description="Change signals of the current version.")
    first_seen: AwareDatetime = Field(description="When the first version was received, or a resend of it.")
    first_created: AwareDatetime = Field(description="firstcreated of the version seen first, else first_seen.")
    version_created: AwareDatetime = Field(description="When the current version was made.")
    received: AwareDatetime = Field(description="When the current version was received.")
    content: Content = Field(Content(), description="Content of the current version.")
    tags: tuple[str, ...] = Field((), description="The connectors' tags.")
    rights: str | None = Field(None, description="The connector's rights statement.")
    refers: tuple[Reference, ...] = Field((), description="Other items that the current version refers to.")
    meaning: str | None = Field(
        None, description="Vector of its headline and first sentences: 512 signed bytes in Base64; meaning.enabled."
    )
    versions: tuple[VersionEntry, ...] = Field(
        (), description="The effective versions that are remembered, lowest first."
    )
    versions_dropped: int = Field(
        0, description="Effective versions no longer remembered, between the first and the second of versions."
    )
    history: tuple[HistoryEntry, ...] = Field(
        (), description="Only in events of release 0.1: every version with its text, lowest first."
    )
    raw: MessageRef | None = Field(None, description="The wire.raw message that caused this one.")

    @property
    def key(self) -> bytes:
        return self.story_id.encode()


class Cluster(Value):
    """The stories that this one is a copy of. The first story of a cluster leads it and gives it its id."""

    cluster_id: Id = Field(description="Story id of the cluster's lead.")
    duplicate_of: str | None = Field(None, description="Story id of the story that this one is a copy of.")
    similarity: float | None = Field(None, ge=0, le=1, description="Word-4-gram Jaccard with duplicate_of.")
    containment: float | None = Field(
        None, ge=0, le=1, description="Share of the smaller text's word 4-grams found in the other."
    )
    exact: bool = Field(False, description="Whether the texts are the same word for word.")
    event_id: str | None = Field(
        None, description="Group of different texts about one event; absent where cluster.group_events is off."
    )


class ClusteredStory(StoryVersion):
    """wire.clustered: a story version with its cluster."""

    cluster: Cluster = Field(description="The cluster of copies that the story belongs to.")
