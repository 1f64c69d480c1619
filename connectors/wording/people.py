"""Who wrote a story: names as people are called, without addresses; initials of editors are no byline."""

from __future__ import annotations

import re
from typing import Any

from pipeline.events.datelines.words import squeezed
from pipeline.events.item import Author, Item

_BY = re.compile(r"\A(?:by|von|par|por|di|door)\s{1,9}", re.IGNORECASE)
_INITIALS = re.compile(
    r"\A(?:bur[-/])?[a-zà-þ]{1,3}(?:(?:[-/]|, )[a-zà-þ]{1,4}){0,7}/?\Z|\A[A-Z]{2,3}(?:/[A-Z]{2,3}){1,4}\Z"
)
_ADDRESS = re.compile(r"[(<\[]?\s{0,3}[\w.+%-]{1,64}@[\w.-]{1,190}\s{0,3}[)>\]]?")
_EMPTY = re.compile(r"\(\s{0,9}\)|<\s{0,9}>|\[\s{0,9}\]")
_IN_BRACKETS = re.compile(r"[^\s@()]{1,64}@[^\s@()]{1,190}\s{0,3}\((?P<name>[^()@]{1,80})\)")
#: Between the names of several people.
_COMMA = re.compile(r",\s{1,9}")
_AND = re.compile(r"\s{1,9}(?:and|und|et|y|e|og|och|ja|en|&)\s{1,9}")
_PERSON = re.compile(
    r"[A-ZÀ-ÞΑ-ΩА-Я][\w'’.-]{0,30}(?:\s(?:[A-ZÀ-ÞΑ-ΩА-Я][\w'’.-]{0,30}|de|da|di|van|von|der|den|bin|al|el|la)){1,5}"
)
_KEPT = 200


def name_of_person(written: str) -> str:
    """A name without the mail address next to it: ``Jane Doe (jane@news.example)``, ``(Jane Doe)``."""
    text = " ".join(_EMPTY.sub(" ", _ADDRESS.sub(" ", written)).split()).strip(" ,;")
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    return _BY.sub("", text)


def are_initials(text: str) -> bool:
    """Whether a byline is only initials: ``jd``, ``abc/de``."""
    return _INITIALS.match(text.strip()) is not None


def with_people(item: Item) -> Item:
    """The item with its authors by name; a byline of initials goes to the originals."""
    found: dict[str, Author] = {}
    for author in item.authors:
        for name in _names(author.name):
            if name and not are_initials(name):
                found.setdefault(squeezed(name), author.model_copy(update={"name": name}))
    authors = list(found.values())
    changes: dict[str, Any] = {}
    if not item.authors and item.byline:
        first = _names(_BY.sub("", item.byline).split(",")[0].strip())
        authors = [Author(name=name) for name in first if _PERSON.fullmatch(name)]
    if tuple(authors) != item.authors:
        changes["authors"] = tuple(authors)
    if item.byline:
        byline = ", ".join(_names(item.byline)) if "@" in item.byline or "()" in item.byline else item.byline
        if byline.startswith("(") and byline.endswith(")"):
            byline = byline[1:-1].strip()
        if are_initials(byline):
            changes["byline"] = None
            changes["originals"] = {**item.originals, "byline": item.byline[:_KEPT]}
        elif byline != item.byline:
            changes["byline"] = byline or None
    return item.model_copy(update=changes) if changes else item


def _names(written: str) -> list[str]:
    """The names in an author's field; several with addresses are several people."""
    if written.count("@") and ("(" in written or ")" in written):
        cut_off = 0 <= written.find(")") < written.find("(")  # a reader took the first address and its brackets
        repaired = f"x@x ({written})" if cut_off else written
        found = [match["name"].strip() for match in _IN_BRACKETS.finditer(repaired)]
        if len(found) > 1:
            return found
    name = name_of_person(written)
    *others, last = _AND.split(name)
    # a comma alone may come before what somebody is: "Jane Doe, Health Editor"
    several = [one.strip() for part in others for one in _COMMA.split(part)] + [last.strip()]
    if others and all(_PERSON.fullmatch(one) for one in several):
        return several
    return [name]
