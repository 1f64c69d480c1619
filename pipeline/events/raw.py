"""wire.raw: one item as a connector read it."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from pipeline.events.base import Event, Id, Lane
from pipeline.events.item import Item

#: Ids that a connector made from the text of an item without id and link begin so.
HASHED_ID = "hash:"

VersionOrder = Literal["auto", "version", "time"]


class RawItem(Event):
    """wire.raw: one item as the connector read it. Key: ``provider`` + ``item_id`` (see ``item_key``)."""

    connector: Id = Field(description="Name of the connector that read it.")
    provider: Id = Field(description="The provider: as the connector is configured, else as the item says.")
    item_id: Id = Field(description="Stable id within the provider: uri, else link, else a hash.")
    id_kind: Literal["uri", "link", "hash"] = Field("uri", description="Source of the id.")
    lane: Lane = Field("live", description="backfill: from an archive, never shown as new.")
    received: AwareDatetime = Field(description="When the connector read it.")
    item: Item = Field(description="The normalised fields.")
    parser: str = Field(description="Name of the parser that read it.")
    mapping: str | None = Field(None, description="Name of the mapping that was applied.")
    version_order: VersionOrder = Field(
        "auto", description="What orders versions: version number, version time, or what the feed has (auto)."
    )
    language: str | None = Field(None, description="The connector's default, for items without one.")
    rights: str | None = Field(None, description="The connector's default, for items without one.")
    priority: int | None = Field(None, description="The connector's default, for items without one; 1 to 9.")
    tags: tuple[str, ...] = Field((), description="The connector's tags.")
    original: bytes | None = Field(None, description="The item's own bytes, base64; absent over the limit.")
    original_type: str | None = Field(None, description="Media type of the original bytes.")
    original_ref: str | None = Field(None, description="Where the bytes are if they exceed the limit.")

    @property
    def key(self) -> bytes:
        return item_key(self.provider, self.item_id)


def item_key(provider: str, item_id: str) -> bytes:
    """Kafka key of an item: provider, a unit separator, the item's id."""
    return f"{provider}\x1f{item_id}".encode()
