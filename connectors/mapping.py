"""What one agency does differently, as configuration: a mapping is applied to each item after its parser.

Agencies flag updates, corrections and kills in headlines and sluglines, write datelines and name categories in ways of
their own. None of that is in parser code: it is in YAML (``connectors/mappings``, or a file of the installation),
checked against the types below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from connectors.parsers.wirewords import ordered
from pipeline.events import VersionOrder
from pipeline.events.datelines.strict import find_dateline, place_name
from pipeline.events.errors import ConfigurationError
from pipeline.events.item import Item, Reference, Signal
from pipeline.events.linear import compile_linear
from pipeline.events.links import safe_address, without_tracking
from pipeline.settings.yaml import explain, plain, printable, read_yaml

#: The name under which a connector has the agency recognised in each answer.
AUTO = "auto"
PRESETS = Path(__file__).parent / "mappings"

#: Fields of the item in which a tag may be looked for.
_TEXT_FIELDS = ("headline", "slugline", "ednote", "kicker", "body_text", "description")


#: A headline may carry several tags, in any order: ``CORRECTED-UPDATE 1-``, ``UPDATE 1-CORRECTED-``.
_MOST_TAGS = 4
_BYLINE = re.compile(r"(?:By|BY) (?P<who>[A-Z][^\n]{2,100})")
_DATELINE_PARAGRAPHS = 8


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tag(Part):
    """A convention: where ``match`` is found in ``field``, the item gets ``signals``."""

    match: str = Field(description="Regular expression. Groups named number, slug, headline name the item spoken of.")
    field: str = "headline"
    signals: tuple[Signal, ...] = ()
    strip: bool = Field(True, description="Take the matched text out of the field.")
    urgency: int | None = Field(None, ge=1, le=9)
    pubstatus: str | None = None
    note: bool = Field(False, description="The text after the tag is a note to editors.")

    @field_validator("match")
    @classmethod
    def _compiles(cls, value: str) -> str:
        compile_linear(value)
        return value

    @field_validator("field")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in _TEXT_FIELDS:
            raise ValueError(f"one of {', '.join(_TEXT_FIELDS)} is expected")
        return value


class Recognition(Part):
    """By what the agency is recognised in what it sends, wherever that comes from."""

    ids: str | None = Field(None, description="Regular expression that its items' ids match.")
    providers: tuple[str, ...] = Field((), description="How it names itself as provider, source or in a dateline.")
    hosts: tuple[str, ...] = Field((), description="Hosts that its links lead to, with those below them.")

    @field_validator("ids")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            compile_linear(value)
        return value


class Mapping(Part):
    """One dialect."""

    name: str
    about: str = ""
    extends: str | None = Field(None, description="Another preset whose tags are tried after these.")
    provider: str | None = None
    recognised_by: Recognition = Recognition()
    version_order: VersionOrder = "auto"
    language: str | None = None
    timezone: str | None = Field(None, description="Time zone of times that name none, such as Europe/Berlin.")
    tags: tuple[Tag, ...] = ()
    body_dateline: bool = Field(True, description="Look for a dateline at the head of the body.")
    datelines: tuple[str, ...] = Field(
        (), description="Regular expressions for datelines at the head of a paragraph; group head is the dateline."
    )
    categories: dict[str, str] = Field(default_factory=dict, description="Category letter or word → subject name.")
    codes: dict[str, tuple[Signal, ...]] = Field(
        default_factory=dict, description="The agency's own signal or role code → what it says about a version."
    )
    uri_cut: str | None = Field(
        None, description="Regular expression: what in an id changes by revision; a group in it is kept."
    )
    uri_from: str | None = Field(
        None, description="Name among the item's original values of an id that is more stable than its uri."
    )
    fields: dict[str, str] = Field(default_factory=dict, description="Item field ← another field, where it is empty.")
    defaults: dict[str, Any] = Field(default_factory=dict, description="Item field → value where the item has none.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return known_zone(value)

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, value: dict[str, str]) -> dict[str, str]:
        _known_names((*value, *value.values()))
        return value

    @field_validator("defaults")
    @classmethod
    def _valid_defaults(cls, value: dict[str, Any]) -> dict[str, Any]:
        _known_names(value)
        try:
            Item.model_validate(value)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            raise ValueError(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}") from error
        return value

    @field_validator("datelines", "uri_cut")
    @classmethod
    def _compile(cls, value: Any) -> Any:
        for pattern in (value,) if isinstance(value, str) else value or ():
            found = compile_linear(pattern)
            if value is not None and not isinstance(value, str) and "head" not in found.groupindex:
                raise ValueError(f"the dateline {pattern!r} has no group named head")
        return value


def _known_names(names: Iterable[str]) -> None:
    for name in names:
        if name not in Item.model_fields:
            raise ValueError(f"items have no field {name!r}")


def known_zone(name: str | None) -> str | None:
    """The name of a time zone.

    Raises:
        ValueError: it is not in the IANA database.
    """
    if name is not None and name not in available_timezones():
        raise ValueError("not a time zone of the IANA database; Europe/Berlin, America/New_York and UTC are such names")
    return name


@cache
def load_mapping(name: str) -> Mapping:
    """A preset by name, or a mapping file by path, with what it extends.

    Raises:
        ConfigurationError: there is none, or it is wrong; names the file and the key.
    """
    return _load_mapping(name, ())


def _load_mapping(name: str, extending: tuple[str, ...]) -> Mapping:
    path = PRESETS / f"{name}.yaml" if "/" not in name and not name.endswith((".yaml", ".yml")) else Path(name)
    if name in extending:
        raise ConfigurationError(f"{path}:1: extends: the mapping extends itself.")
    try:
        known = path.exists()
    except OSError:  # such as a name that is too long
        known = False
    if not known:
        presets = ", ".join(preset_names())
        raise ConfigurationError(f"Unknown mapping {printable(name)!r} ({printable(str(path))}); presets: {presets}.")
    document = read_yaml(path)
    try:
        mapping = Mapping.model_validate({"name": name, **plain(document)})
    except ValidationError as error:
        raise ConfigurationError(explain(error, document, path)) from error
    if mapping.extends:
        base = _load_mapping(mapping.extends, (*extending, name))
        mapping = mapping.model_copy(update={
            "timezone": mapping.timezone or base.timezone,
            "tags": (*mapping.tags, *base.tags),
            "datelines": (*mapping.datelines, *base.datelines),
            "categories": {**base.categories, **mapping.categories},
            "codes": {**base.codes, **mapping.codes},
        })  # fmt: skip
    return mapping


def preset_names() -> list[str]:
    """The mappings shipped."""
    return sorted(path.stem for path in PRESETS.glob("*.yaml"))


def apply_mapping(item: Item, mapping: Mapping) -> Item:
    """The item as the dialect means it; the item given is not changed."""
    changes: dict[str, Any] = {}
    for target, source in mapping.fields.items():
        if not getattr(item, target, None) and getattr(item, source, None):
            changes[target] = getattr(item, source)
    for target, value in mapping.defaults.items():
        if not getattr(item, target, None):
            changes[target] = value
    if mapping.uri_from and item.originals.get(mapping.uri_from):
        changes["uri"] = item.originals[mapping.uri_from]
    elif mapping.uri_cut and item.uri:
        cut = compile_linear(mapping.uri_cut)
        changes["uri"] = cut.sub(lambda found: (found[1] or "") if found.re.groups else "", item.uri)
    item = _with_codes(_changed(item, changes), mapping.codes)
    for _ in range(_MOST_TAGS):
        before = item
        for tag in mapping.tags:
            item = _apply_tag(item, tag)
        if item.headline == before.headline:
            break
    if mapping.body_dateline:
        item = _with_dateline(item, mapping.datelines)
    if mapping.categories:
        item = _with_categories(item, mapping.categories)
    return _with_safe_links(_with_order(item))


def _with_safe_links(item: Item) -> Item:
    """Without addresses that are not http, https or mailto, and without parameters that only track readers."""
    changes: dict[str, Any] = {
        "uri": without_tracking(item.uri),
        "link": _address(item.link),
        "links": tuple(link.model_copy(update={"href": _address(link.href)}) for link in item.links),
        "media": tuple(
            medium.model_copy(update={"href": safe_address(medium.href, own_files=True)}) for medium in item.media
        ),
    }
    changes = {name: value for name, value in changes.items() if value != getattr(item, name)}
    return _changed(item, changes)


def _address(written: str | None) -> str | None:
    return without_tracking(safe_address(written))


def _apply_tag(item: Item, tag: Tag) -> Item:
    text = getattr(item, tag.field)
    match = compile_linear(tag.match).search(text) if text else None
    if match is None:
        return item
    changes: dict[str, Any] = {"signals": tuple(dict.fromkeys((*item.signals, *tag.signals)))}
    if tag.strip:
        kept = (text[: match.start()] + text[match.end() :]).strip()
        # A headline that is nothing but a tag ("BULLETIN KILL") is still what an editor knows the message by.
        changes[tag.field] = kept or (text if tag.field == "headline" else None)
        if tag.field == "headline" and kept:
            changes["originals"] = {**item.originals, "headline": item.originals.get("headline", text)}
    note = match.group().strip()
    if tag.note and note.strip("()") not in (item.ednote or ""):
        changes["ednote"] = "\n".join(filter(None, (item.ednote, note)))
    if tag.urgency is not None and item.urgency is None:
        changes["urgency"] = tag.urgency
    if tag.pubstatus:
        changes["pubstatus"] = tag.pubstatus
    named = {name: value.strip() for name, value in match.groupdict().items() if value}
    if named.keys() & {"number", "slug", "headline"}:
        reference = Reference(number=named.get("number"), slugline=named.get("slug"), headline=named.get("headline"))
        changes["refers"] = (*item.refers, reference)
    return _changed(item, changes)


def _with_order(item: Item) -> Item:
    """A kill or hold that is told by words names its story by words, too; one that is told by a field has an id."""
    if item.refers or item.pubstatus != "usable" or not {Signal.KILL, Signal.WITHHOLD} & set(item.signals):
        return item
    named = ordered("\n".join(filter(None, (item.headline, item.ednote, item.body_text))))
    return item if named is None else _changed(item, {"refers": (named,)})


def _with_codes(item: Item, codes: dict[str, tuple[Signal, ...]]) -> Item:
    """What the agency's own codes say; the parser has kept them in the item's originals."""
    written = f"{item.originals.get('signal', '')} {item.originals.get('role', '')}".split()
    found = [signal for code in written for signal in codes.get(code, ())]
    return _changed(item, {"signals": tuple(dict.fromkeys((*item.signals, *found)))}) if found else item


def _with_dateline(item: Item, patterns: tuple[str, ...]) -> Item:
    """The dateline of one of the first paragraphs, taken out of the body; what comes before it stays."""
    paragraphs = (item.body_text or "").split("\n\n")
    for index, paragraph in enumerate(paragraphs[:_DATELINE_PARAGRAPHS]):
        named = next((match for pattern in patterns if (match := compile_linear(pattern).match(paragraph))), None)
        found = None if named else find_dateline(paragraph)
        if named is None and found is None:
            continue
        if named is not None:
            text, end = named["head"].strip(" ,"), named.end()
            place = (named["place"] if "place" in named.re.groupindex else text.split(",")[0]) or ""
            located = (place_name(place) if place.isupper() else place.strip()) or None
        else:
            assert found is not None
            text, end, located = found.text, found.end, found.located
        if item.dateline and not _same_place(located, item):
            return item
        byline = _BYLINE.match(paragraphs[index - 1]) if index else None
        paragraphs[index] = paragraph[end:].lstrip()
        if byline is not None:
            del paragraphs[index - 1]
        changes = {
            "dateline": item.dateline or text, "located": item.located or located, "body_text": "\n\n".join(paragraphs),
            "byline": item.byline or (byline["who"] if byline else None),
        }  # fmt: skip
        return _changed(item, changes)
    return item


def _same_place(located: str | None, item: Item) -> bool:
    """Whether the dateline of a body repeats that of the metadata."""
    return bool(located) and (located or "").casefold() in f"{item.dateline} {item.located}".casefold()


def _with_categories(item: Item, categories: dict[str, str]) -> Item:
    named = {code.lower(): name for code, name in categories.items()}
    subjects = tuple(
        subject.model_copy(update={"name": named[subject.code.lower()]})
        if subject.code and subject.code.lower() in named and subject.name in {None, subject.code}
        else subject
        for subject in item.subjects
    )
    return _changed(item, {"subjects": subjects}) if subjects != item.subjects else item


def _changed(item: Item, changes: dict[str, Any]) -> Item:
    return Item.model_validate({**dict(item), **changes}) if changes else item
