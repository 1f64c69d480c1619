"""The base of all events: how a message is encoded to and decoded from a topic."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, cast

import orjson
from pydantic import Field, ValidationError

from pipeline.events.errors import DecodeError
from pipeline.events.item import Value

Lane = Literal["live", "backfill"]

#: An id that is not empty: an empty one would join what does not belong together.
Id = Annotated[str, Field(min_length=1)]


class Event(Value):
    """Base of all events; ``encode`` and ``decode`` are the only way to write and read a message."""

    schema_version: int = Field(
        1, description="Version of the event's type; grows only where old readers could misread."
    )

    def encode(self) -> bytes:
        """The message's bytes: JSON without fields that have their default value."""
        return self.model_dump_json(exclude_defaults=True, by_alias=True).encode()

    @classmethod
    def of(cls, event: Event, **more: Any) -> Self:
        """An event with the fields of a narrower one, which were checked when that was made, and some more.

        Args:
            event: of a type that this one extends.
            more: the other fields, of their declared types: nothing is checked again.
        """
        fields = {name: getattr(event, name) for name in event.model_fields_set if name not in more}
        return cast("Self", cls.model_construct(**fields, **more))

    @classmethod
    def decode(cls, value: bytes | None) -> Self:
        """Read a message.

        Raises:
            DecodeError: the bytes are not JSON, do not fit this type (the message says which field), or are of a newer
                version of it, which this release could misread.
        """
        if value is None:
            raise DecodeError(f"{cls.__name__}: the message has no value.")
        try:
            event = cls.model_validate_json(value)
        except ValidationError as error:
            cls._require_known_version(_version_of(value))
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the message"
            raise DecodeError(f"{cls.__name__}: {where}: {first['msg']}") from error
        cls._require_known_version(event.schema_version)
        return event

    @classmethod
    def _require_known_version(cls, version: int) -> None:
        known = cls.model_fields["schema_version"].default
        if version > known:
            raise DecodeError(
                f"{cls.__name__}: the message has schema version {version}; this release reads up to {known}.",
                hint="Update Wiredesk here, then replay the dead letter.",
            )


def _version_of(value: bytes) -> int:
    """The schema version that a message names, however wrong the rest of it is; 0: none."""
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError:
        return 0
    version = document.get("schema_version") if isinstance(document, dict) else None
    return version if isinstance(version, int) else 0


class MessageRef(Value):
    """Topic, partition and offset of a message: the identity of a delivery."""

    topic: str = Field(description="Name of the topic.")
    partition: int = Field(description="Partition, from 0.")
    offset: int = Field(description="Offset in the partition.")
