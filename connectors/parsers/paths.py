"""Items by configuration: a path to the list of entries, and one to each field of an entry.

What a path is differs: JMESPath for JSON, CSS selectors for HTML, XPath for XML. Everything else is here: which fields
there are, how their values are read, what each path found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from pydantic import Field, ValidationError, field_validator

from connectors.markup import to_text
from connectors.parsers.content import html_body
from connectors.parsers.draft import Draft, one_line
from pipeline.events.errors import ParseError
from pipeline.events.item import Author, FeedFacts, Item, Media, ParseContext, Parsed, PathFound, RejectedItem, Subject
from pipeline.settings import Section
from pipeline.settings.yaml import plain, read_yaml

PRESETS = Path(__file__).parent / "presets"
#: An answer with more entries is refused: it is not what a poll brings.
MAX_ENTRIES = 10_000
#: Values of one field of one entry.
_MAX_VALUES = 200
_SAMPLE_CHARS = 60
_TEXTS = frozenset(
    "uri version slugline headline subheadline kicker byline located language description provider source "
    "copyrightnotice usageterms ednote link evolvedfrom type dateline".split()
)
_TIMES = frozenset("versioncreated firstcreated sent embargoed expires".split())
_WORDS = frozenset("keywords genre".split())
_NUMBERS = frozenset("urgency priority".split())
_OTHERS = frozenset("body author subjects image media pubstatus".split())
_ALIASES = {"id": "uri", "time": "versioncreated", "published": "firstcreated", "title": "headline"}
FIELD_NAMES = tuple(sorted(_TEXTS | _TIMES | _WORDS | _NUMBERS | _OTHERS | _ALIASES.keys()))
#: Texts in which HTML is read as text.
_MARKUP = frozenset("headline subheadline kicker description byline ednote usageterms copyrightnotice".split())
_EPOCH_DIGITS = {10: 1, 13: 1000}

#: The values of a path in an entry, as texts.
Find = Callable[[Any, str], Sequence[str]]


class PathOptions(Section):
    """``parser_options`` of the parsers json, html and xml."""

    preset: str | None = Field(None, description="Paths that come with Wiredesk; those written here go first.")
    list: str | None = Field(None, description="Path of the entries. Default for JSON: the document itself.")
    fields: dict[str, str] = Field(default_factory=dict, description="Field of the item ← path within an entry.")
    namespaces: dict[str, str] = Field(default_factory=dict, description="Prefix → namespace, for XPath.")
    may_be_empty: bool = Field(False, description="No entry is no error: a list of warnings that may be in force.")

    @field_validator("fields")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if name not in FIELD_NAMES:
                raise ValueError(f"there is no field {name!r}; there are: {', '.join(FIELD_NAMES)}")
        return value


def preset_names(parser: str) -> list[str]:
    """The presets of a parser."""
    return sorted(path.stem for path in (PRESETS / parser).glob("*.yaml"))


@cache
def _preset(parser: str, name: str) -> dict[str, Any]:
    if name not in preset_names(parser):
        known = ", ".join(preset_names(parser)) or "none"
        raise ValueError(f"there is no preset {name!r} of the parser {parser}; there are: {known}")
    found: dict[str, Any] = plain(read_yaml(PRESETS / parser / f"{name}.yaml"))
    return found


def path_options(parser: Literal["json", "html", "xml"], options: Mapping[str, object]) -> PathOptions:
    """The options of a parser, with those of the preset that they name.

    Raises:
        ValueError: one is wrong; names it and what is allowed.
    """
    try:
        own = PathOptions.model_validate(dict(options))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        key, message = ".".join(map(str, problem["loc"])), problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = f"there is no such option; there are: {', '.join(PathOptions.model_fields)}"
        raise ValueError(f"{key}: {message}") from error
    if own.preset is None:
        return own
    base = PathOptions.model_validate(_preset(parser, own.preset))
    return own.model_copy(
        update={
            "list": own.list if own.list is not None else base.list,
            "fields": {**base.fields, **_without_aliases(own.fields, base.fields)},
            "namespaces": {**base.namespaces, **own.namespaces},
            "may_be_empty": own.may_be_empty or base.may_be_empty,
        }
    )


def _without_aliases(own: dict[str, str], base: dict[str, str]) -> dict[str, str]:
    """The fields, each by the name that the preset uses for it."""
    used = {_ALIASES.get(name, name): name for name in base}
    return {used.get(_ALIASES.get(name, name), name): path for name, path in own.items()}


def check_paths(options: PathOptions, compile_path: Callable[[str], object]) -> None:
    """Check that every path can be used.

    Raises:
        ValueError: one cannot; names it.
    """
    if not options.fields:
        raise ValueError("fields: name at least one field with its path, such as headline")
    for name, path in (("list", options.list), *((f"fields.{name}", path) for name, path in options.fields.items())):
        if path is not None:
            try:
                compile_path(path)
            except ValueError as error:
                raise ValueError(f"{name}: {path!r} {error}") from error


def read_entries(entries: Sequence[Any], options: PathOptions, find: Find, context: ParseContext, base: str) -> Parsed:
    """The items of a list of entries.

    Args:
        entries: of the document, as its list path found them.
        options: of the parser.
        find: the values of a path in an entry.
        context: of the payload.
        base: what relative addresses are relative to.

    Raises:
        ParseError: there are too many entries, or none where there must be some.
    """
    if len(entries) > MAX_ENTRIES:
        raise ParseError(f"the list has {len(entries):,} entries; at most {MAX_ENTRIES:,} are read.")
    if not entries and not options.may_be_empty:
        raise ParseError(
            f"the path {options.list!r} finds no entry: has the page changed? "
            "Set may_be_empty: true in parser_options if a list without entries is normal."
        )
    items: list[Item] = []
    rejected: list[RejectedItem] = []
    counts = dict.fromkeys(options.fields, 0)
    samples: dict[str, str] = {}
    for position, entry in enumerate(entries, start=1):
        found = {name: list(find(entry, path))[:_MAX_VALUES] for name, path in options.fields.items()}
        for name, values in found.items():
            if any(value.strip() for value in values):
                counts[name] += 1
                samples.setdefault(name, one_line(values[0])[:_SAMPLE_CHARS])
        item = _item(found, context, base)
        if item.uri or item.link or item.headline or item.body_text or item.media:
            items.append(item)
        else:
            reason = "no path finds an id, link, headline, body or picture in it"
            original = repr(found)[:65536].encode("utf-8", "replace")
            rejected.append(RejectedItem(reason=reason, position=f"entry {position}", original=original))
    paths = (
        PathFound(field="list", path=options.list or "(the document)", found=len(entries), of=len(entries)),
        *(
            PathFound(field=name, path=path, found=counts[name], of=len(entries), sample=samples.get(name))
            for name, path in options.fields.items()
        ),
    )
    return Parsed(items=tuple(items), rejected=tuple(rejected), feed=FeedFacts(format="paths"), paths=paths)


def _item(found: dict[str, list[str]], context: ParseContext, base: str) -> Item:
    draft = Draft(context)
    for written, values in found.items():
        name = _ALIASES.get(written, written)
        value = next((value for value in values if value.strip()), "")
        if name == "link":
            draft.text("link", absolute(base, value.strip()))
        elif name == "dateline":
            draft.dateline(value)
        elif name in _TEXTS:
            draft.text(name, to_text(value) if name in _MARKUP else value)
        elif name in _TIMES:
            draft.time(name, _epoch(value), may_be_ahead=name in {"embargoed", "expires"})
        elif name in _WORDS:
            draft.words(name, values)
        elif name in _NUMBERS:
            draft.number(name, value, 1, 9)
        elif name == "pubstatus":
            draft.status(value)
        elif name == "body":
            html, text = html_body(value, base)
            draft.body(text, html)
        else:
            draft.add(*_parts(name, values, base))
    draft.text("byline", ", ".join(author.name for author in draft["authors"] or ()))
    draft.time("versioncreated", draft["firstcreated"].isoformat() if draft["firstcreated"] else "")
    return draft.item()


def _parts(name: str, values: list[str], base: str) -> tuple[str, list[Any]]:
    texts = [text for value in values if (text := one_line(to_text(value)))]
    if name == "author":
        return "authors", [Author(name=text) for text in texts]
    if name == "subjects":
        return "subjects", [Subject(name=text) for text in texts]
    kind = "image" if name == "image" else None
    return "media", [Media(href=absolute(base, value.strip()), type=kind) for value in values if value.strip()]


def _epoch(value: str) -> str:
    """A time as written; seconds or milliseconds since 1970 as a time of ISO 8601."""
    text = value.strip()
    unit = _EPOCH_DIGITS.get(len(text)) if text.isascii() and text.isdigit() else None
    return datetime.fromtimestamp(int(text) / unit, UTC).isoformat() if unit else value


def absolute(base: str, address: str) -> str:
    """An address in a document as a whole one; what cannot be one is left as it is."""
    try:
        return urljoin(base, address) if address and base else address
    except ValueError:
        return address
