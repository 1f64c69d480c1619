"""Notes to editors, credits and advertising around a story: what they are is in ``notes.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from pipeline.events.datelines.words import agencies, is_agency, places, squeezed
from pipeline.events.item import Author, Signal
from pipeline.events.linear import compile_linear
from pipeline.settings.yaml import plain, read_yaml

_TOP, _END = 6, 10
_SHORT_NAME = 4
_SIGNED = re.compile(r"[-–—(/\s]{0,4}(?P<name>[^\n()/]{2,30}?)[)/.\s]{0,4}\Z")
_ROLES = {
    "report": "reporting", "writ": "writing", "edit": "editing", "compil": "compiling", "transl": "translation",
    "contribut": "contributor", "graphic": "graphics", "redak": "editing", "rédac": "editing", "redacc": "writing",
    "édit": "editing", "trad": "translation", "edici": "editing", "ediç": "editing",
}  # fmt: skip
_BY = re.compile(r"\b(?:by|von|par|por|di|da|de)\s|:\s")
_NAMES = re.compile(r"\s(?:and|und|et|y|e|&)\s|[,/&]")
_IN_PLACE = re.compile(r"\s(?:in|at|from|aus|à|en|em)\s.{1,80}\Z")
_NAME = re.compile(r"[^\W\d_][^\W\d_'’.-]{0,30}(?:[ '’.-]{1,2}[^\W\d_]{1,30}){1,5}\.?")
_STAFF = re.compile(
    r"\A(?:AP|Associated Press|The Associated Press|AFP|Reuters|Bloomberg)\s(?:[^\W\d_]{2,20}\s){0,2}?"
    r"(?:writers?|reporters?|journalists?|correspondents?|staff|editors?|photographers?)\s"
)


class NoteRule(BaseModel):
    """One kind of paragraph that is not the story."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    match: str
    to: Literal["ednote", "authors", "byline", "copyrightnotice", "drop"]
    where: Literal["top", "end", "any"]
    whole: bool = False
    most: int = 1500
    rest: bool = False
    feed: bool = False
    parsers: tuple[str, ...] = ()
    signals: tuple[Signal, ...] = ()

    @field_validator("match")
    @classmethod
    def _compiles(cls, value: str) -> str:
        compile_linear(value)
        return value


@dataclass
class Notes:
    """What was found around a story.

    Attributes:
        paragraphs: those of the story.
        texts: field → what belongs there.
        authors: people of the credits.
        signals: what the notes say of the version.
        counts: names of the rules that took something.
    """

    paragraphs: list[str]
    texts: dict[str, list[str]] = field(default_factory=dict)
    authors: list[Author] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    counts: list[str] = field(default_factory=list)


@cache
def rules() -> tuple[NoteRule, ...]:
    """The rules shipped."""
    document: Any = plain(read_yaml(Path(__file__).parent / "notes.yaml"))
    return tuple(NoteRule.model_validate(rule) for rule in document["rules"])


def take_notes(paragraphs: list[str], parser: str, *, description: bool = False, top: bool = False) -> Notes:
    """The paragraphs of a story without what is around it.

    Args:
        paragraphs: of a body or of a description.
        parser: that read it; some rules are for one format.
        description: apply the rules for what sites add only.
        top: apply those for the top only, to its first paragraph.
    """
    notes = Notes(list(paragraphs))
    for rule in rules():
        if (rule.parsers and parser not in rule.parsers) or (description and not rule.feed):
            continue
        if top and rule.where != "top":
            continue
        # At the top and at the end one note follows another; anything else between them is the story.
        for index in (0,) if top and notes.paragraphs else _places(notes.paragraphs, rule):
            _apply(notes, rule, index)
        notes.paragraphs = [paragraph for paragraph in notes.paragraphs if paragraph]
    if not description and not top:
        _signed(notes)
    return notes


def _places(paragraphs: list[str], rule: NoteRule) -> Iterator[int]:
    count = len(paragraphs)
    if rule.where == "top":
        return iter(range(min(_TOP, count)))
    return iter(range(max(0, count - _END) if rule.where == "end" else 0, count))


def _apply(notes: Notes, rule: NoteRule, index: int) -> None:
    paragraph = notes.paragraphs[index]
    if not paragraph or len(paragraph) > rule.most:
        return
    found = compile_linear(rule.match).search(paragraph)
    if found is None:
        return
    group = found.re.groupindex.get("cut", 0)
    start, end = found.span(group)
    if rule.rest:
        end = len(paragraph)
    if rule.whole and (start > 0 or end < len(paragraph)):
        return
    left = f"{paragraph[:start].rstrip()} {paragraph[end:].lstrip()}".strip()
    if not left and len(notes.paragraphs) == 1 and not rule.feed:
        return  # the whole of a message is the message
    taken = paragraph[start:end].strip()
    if rule.to == "authors":
        people = found.groupdict().get("people") if "people" in found.re.groupindex else None
        authors = credited(people or taken, "contributor" if people or "contributed" in taken else None)
        if people and not authors:
            return  # "She contributed to the report."
        notes.authors += authors
    elif rule.to != "drop":
        notes.texts.setdefault(rule.to, []).append(taken)
    notes.counts.append(rule.name)
    notes.signals += rule.signals
    notes.paragraphs[index] = left
    if rule.rest:
        for later in range(index + 1, len(notes.paragraphs)):
            notes.paragraphs[later] = ""


def _signed(notes: Notes) -> None:
    """An agency's name under the story: ``— AFP``, ``/ritzau/``, ``(ANSA).``"""
    while len(notes.paragraphs) > 1 and len(notes.paragraphs[-1]) <= 40:
        found = _SIGNED.match(notes.paragraphs[-1])
        name = found["name"].strip() if found else ""
        # a short name in ordinary letters is one of a person: "Sid"
        if squeezed(name) not in agencies() or (len(name) <= _SHORT_NAME and name.istitle() and name[0].isascii()):
            break
        del notes.paragraphs[-1]
        notes.counts.append("signature")
    if notes.paragraphs and (last := notes.paragraphs[-1]).endswith((")", ").", "/", "/.")):
        start = max(last.rfind("(", -40), last.rfind(" /", -40))
        before, name = last[:start].rstrip(), last[start:].strip(" ()/.")
        if start > 20 and before.endswith((".", "!", "?", "”", '"', "»")) and name and is_agency(name):
            notes.paragraphs[-1] = before
            notes.counts.append("signature")


def credited(text: str, role: str | None = None) -> list[Author]:
    """The people of a line of credits, with what each did.

    Args:
        text: ``(Reporting by Jo Doe in Rome and Al Roe; Editing by Ida Poe)``.
        role: of all of them, where the line has no such words.
    """
    found: list[Author] = []
    for part in text.strip("() .").split(";")[:10]:
        by = _BY.search(part[:80])
        did = part[: by.start()].strip().lower() if by else ""
        what = role or next((name for start, name in _ROLES.items() if start in did), None)
        names = _STAFF.sub("", part[by.end() :] if by else part)
        for written in _NAMES.split(names)[:20]:
            name = _IN_PLACE.sub("", written.strip(" .()"))
            if (by or role) and name[:1].isupper() and _NAME.fullmatch(name) and squeezed(name) not in places("cities"):
                found.append(Author(name=name, role=what))
    return found
