"""wire.enriched: a story with its language, entities and quotations, as indexed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.events.item import Value
from pipeline.events.story import ClusteredStory

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
    """A named entity: all mentions joined under one canonical name."""

    label: EntityLabel = Field(description="Entity type, in spaCy's terms.")
    name: str = Field(description="Canonical name.")
    id: str | None = Field(None, description='Stable id: "Q159", "iso:RU", "person:sergei-lavrov".')
    iso: str | None = Field(None, description="ISO 3166-1 alpha-2 code of a country.")
    point: tuple[float, float] | None = Field(None, description="Latitude and longitude of a city, in degrees.")
    roles: tuple[str, ...] = Field(
        (), description='Offices and functions given in the story: "Russian Foreign Minister".'
    )
    mentions: tuple[Mention, ...] = Field((), description="Where it is mentioned.")
    salience: float = Field(0.0, ge=0, le=1, description="0 to 1, from headline, lead and count.")
    count: int = Field(1, description="Number of mentions.")


#: A speaker who is right less often than this is not named; one below the second is shown as likely only.
SPEAKER_NAMED_FROM, SPEAKER_SURE_FROM = 0.5, 0.9


class Quote(Value):
    """One quotation with its speaker. Offsets are characters of ``content.body``."""

    type: Literal["direct", "indirect", "mixed"] = Field(
        description="direct: in marks; indirect: reported; mixed: both."
    )
    text: str = Field(description="The words, editorial brackets kept.")
    start: int = Field(description="First character.")
    end: int = Field(description="Character after the last.")
    cue: str | None = Field(None, description="The reporting words, such as 'said'.")
    source: str | None = Field(None, description="The words that name the speaker, as printed.")
    source_start: int | None = Field(None, description="First character of the source.")
    source_end: int | None = Field(None, description="Character after the source's last.")
    speaker: str | None = Field(None, description="Canonical name; absent where unresolved.")
    speaker_id: str | None = Field(None, description="Stable id of the speaker, as in entities.")
    role: str | None = Field(None, description="The speaker's office in the story.")
    resolved: bool = Field(False, description="Whether the speaker is known by name.")
    confidence: float = Field(
        0.0, ge=0, le=1, description="How often a name with this value is right, 0 to 1; 0 where none was found."
    )
    rule: str | None = Field(None, description="Name of the rule that found the quotation, such as 'marks_name_verb'.")


class Enrichment(Value):
    """The results of the text analysis, and the model that made them."""

    status: Literal["done", "unsupported_language", "withdrawn", "empty"] = Field(
        "done", description="Whether the text was analysed, and why not."
    )
    language: str | None = Field(None, description="ISO 639-1 code.")
    language_confidence: float | None = Field(None, description="0 to 1; absent where the feed said so.")
    model: str | None = Field(None, description="Pipeline and its version.")
    entities: tuple[Entity, ...] = Field((), description="Named entities, most salient first.")
    quotes: tuple[Quote, ...] = Field((), description="Quotations, in the order of the text.")


class EnrichedStory(ClusteredStory):
    """wire.enriched: the whole document as indexed."""

    enrichment: Enrichment = Field(Enrichment(), description="Results of the text analysis.")
