"""Which items of a feed are wanted, and what is set on some of them: the ``rules`` of a connector's file.

A condition is a mapping: each key is a property of the item, and all of them must match. A text is a regular expression
(RE2, so that every search takes time linear in the text) that is found anywhere, whatever the case; of a list one is
enough. ``any``, ``all`` and ``not`` combine conditions.

``keep`` drops what does not match, ``drop`` what does, ``when`` with ``set`` changes what matches. The rules apply
in the order of the file. No rule ever drops a kill or a withdrawal: it is about a story that may have been published.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from pipeline.events import RawItem
from pipeline.events.item import Item, Signal, Subject
from pipeline.events.linear import compile_linear
from pipeline.settings import Section

MAX_RULES = 100
_MAX_PATTERN_CHARS = 1000
_AGE = re.compile(r"\A(\d{1,6})(m|h|d)\Z", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
#: What rules may set; never what an item is or how far its life has come.
SETTABLE = (
    "urgency", "priority", "slugline", "kicker", "located", "language", "genre", "keywords", "subjects", "source",
    "type", "usageterms", "ednote", "tags",
)  # fmt: skip
_LISTS = frozenset({"genre", "keywords", "subjects", "tags"})
Texts = tuple[str, ...]


def _age(value: str) -> timedelta:
    found = _AGE.match(value)
    if found is None:
        raise ValueError("a number with m, h or d is expected, such as 48h")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


class Condition(Section):
    """What an item must be; every key that is given must match."""

    headline: Texts = Field((), description="Found in the headline.")
    body: Texts = Field((), description="Found in the body, or in the description where there is no body.")
    author: Texts = Field((), description="Found in the byline or in an author's name.")
    link: Texts = Field((), description="Found in the address of the story.")
    subject: Texts = Field((), description="Found in a subject's scheme:code, or its name.")
    keyword: Texts = Field((), description="Found in a keyword.")
    language: Texts = Field((), description="Language tags: en is also en-GB. Not regular expressions.")
    older_than: str | None = Field(None, description="The version is older: 90m, 48h or 7d.")
    newer_than: str | None = Field(None, description="The version is newer: 90m, 48h or 7d.")
    any: tuple[Condition, ...] = Field((), description="One of these matches.")
    all: tuple[Condition, ...] = Field((), description="All of these match.")
    not_: Condition | None = Field(None, alias="not", description="This does not match.")

    @field_validator("headline", "body", "author", "link", "subject", "keyword", "language", mode="before")
    @classmethod
    def _as_list(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("headline", "body", "author", "link", "subject", "keyword")
    @classmethod
    def _patterns(cls, value: Texts) -> Texts:
        for pattern in value:
            if not pattern or len(pattern) > _MAX_PATTERN_CHARS:
                raise ValueError(f"a regular expression has 1 to {_MAX_PATTERN_CHARS:,} characters")
            compile_linear(pattern)
        return value

    @field_validator("older_than", "newer_than")
    @classmethod
    def _duration(cls, value: str | None) -> str | None:
        if value is not None:
            _age(value)
        return value

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not any(getattr(self, name) for name in type(self).model_fields):
            raise ValueError(f"name a property: {', '.join(_names())}")
        return self

    def matches(self, raw: RawItem) -> bool:
        """Whether an item is what is described."""
        return all(check(raw) for check in self._checks())

    def _checks(self) -> Iterator[Callable[[RawItem], bool]]:
        for name, texts in _TEXTS.items():
            patterns = getattr(self, name)
            if patterns:
                yield lambda raw, patterns=patterns, texts=texts: _found(patterns, texts(raw))  # type: ignore[misc]
        if self.language:
            yield lambda raw: _speaks(raw.item.language or raw.language or "", self.language)
        if self.older_than:
            yield lambda raw: (age := _age_of(raw)) is not None and age > _age(self.older_than or "")
        if self.newer_than:
            yield lambda raw: (age := _age_of(raw)) is not None and age < _age(self.newer_than or "")
        if self.any:
            yield lambda raw: any(condition.matches(raw) for condition in self.any)
        if self.all:
            yield lambda raw: all(condition.matches(raw) for condition in self.all)
        if self.not_ is not None:
            yield lambda raw: self.not_ is not None and not self.not_.matches(raw)


def _names() -> list[str]:
    return [field.alias or name for name, field in Condition.model_fields.items()]


_TEXTS: dict[str, Callable[[RawItem], list[str]]] = {
    "headline": lambda raw: [raw.item.headline or ""],
    "body": lambda raw: [raw.item.body_text or raw.item.description or ""],
    "author": lambda raw: [raw.item.byline or "", *(author.name for author in raw.item.authors)],
    "link": lambda raw: [raw.item.link or ""],
    "subject": lambda raw: [
        text for subject in raw.item.subjects for text in (f"{subject.scheme}:{subject.code}", subject.name or "")
    ],
    "keyword": lambda raw: list(raw.item.keywords),
}


def _found(patterns: Texts, texts: list[str]) -> bool:
    return any(compile_linear(f"(?i){pattern}").search(text) for pattern in patterns for text in texts if text)


def _speaks(tag: str, wanted: Texts) -> bool:
    tag = tag.lower()
    return any(tag == name.lower() or tag.startswith(f"{name.lower()}-") for name in wanted)


def _age_of(raw: RawItem) -> timedelta | None:
    time = raw.item.versioncreated or raw.item.firstcreated
    return raw.received - time if time else None


class Rule(Section):
    """One of ``keep``, ``drop``, or ``when`` with ``set``."""

    name: str | None = Field(None, pattern=r"^[ -~]{1,60}$", description="In metrics and messages. Default: rule 1, …")
    keep: Condition | None = Field(None, description="Items that do not match are dropped.")
    drop: Condition | None = Field(None, description="Items that match are dropped.")
    when: Condition | None = Field(None, description="Items that match get what set says.")
    set: dict[str, Any] | None = Field(None, description=f"What they get: {', '.join(SETTABLE)}. Lists are added to.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in ("keep", "drop", "when") if getattr(self, name) is not None]
        if len(given) != 1 or (self.when is None) != (self.set is None):
            raise ValueError("name one of keep, drop, or when together with set")
        return self

    @field_validator("set")
    @classmethod
    def _settable(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        for name, given in (value or {}).items():
            if name not in SETTABLE:
                raise ValueError(f"{name!r} cannot be set; these can: {', '.join(SETTABLE)}")
            if name in _LISTS and not (isinstance(given, list) and all(isinstance(part, str) for part in given)):
                raise ValueError(f"{name}: a list of texts is expected")
        try:
            Item.model_validate({key: given for key, given in (value or {}).items() if key not in _LISTS})
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            raise ValueError(f"{problem['loc'][0]}: {problem['msg']}") from error
        for name in {"urgency", "priority"} & (value or {}).keys():
            if not isinstance(value[name], int) or not 1 <= value[name] <= 9:  # type: ignore[index]
                raise ValueError(f"{name}: a number from 1 to 9 is expected")
        return value


@dataclass(frozen=True)
class Verdict:
    """What the rules make of an item.

    Attributes:
        raw: the item, as changed.
        dropped_by: name of the rule that drops it.
        set_by: names of the rules that changed it.
    """

    raw: RawItem
    dropped_by: str | None = None
    set_by: tuple[str, ...] = ()


def apply_rules(raw: RawItem, rules: tuple[Rule, ...]) -> Verdict:
    """Apply rules to an item, in their order, until one drops it."""
    set_by: list[str] = []
    for number, rule in enumerate(rules, start=1):
        name = rule.name or f"rule {number}"
        drops = (rule.keep is not None and not rule.keep.matches(raw)) or (
            rule.drop is not None and rule.drop.matches(raw)
        )
        if drops and not _takes_back(raw.item):
            return Verdict(raw, name, tuple(set_by))
        if rule.when is not None and rule.when.matches(raw):
            raw = _changed(raw, rule.set or {})
            set_by.append(name)
    return Verdict(raw, None, tuple(set_by))


def _takes_back(item: Item) -> bool:
    return item.pubstatus != "usable" or bool({Signal.KILL, Signal.WITHHOLD} & set(item.signals))


def _changed(raw: RawItem, values: dict[str, Any]) -> RawItem:
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name in _LISTS:
            known = raw.tags if name == "tags" else getattr(raw.item, name)
            added = [Subject(name=part) for part in value] if name == "subjects" else value
            value = tuple(dict.fromkeys((*known, *added)))  # noqa: PLW2901 - the list with what is added
        changes[name] = value
    tags = changes.pop("tags", raw.tags)
    return raw.model_copy(update={"tags": tags, "item": raw.item.model_copy(update=changes)})
