"""Subjects by the labels of IPTC's Media Topics, with the wider topics that they belong to. Pure.

A search for "politics" also finds what a feed files under "parliament", whatever the language of the feed's labels, and
whether it uses the Media Topics or the older subject codes. A code of another vocabulary keeps the feed's label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from pipeline.events.item import Subject
from pipeline.events.tables import table_rows


@dataclass(frozen=True)
class Topic:
    """A Media Topic; ``broader``: the code of the topic above it, if there is one."""

    code: str
    broader: str | None
    label: str


def labels(subjects: Iterable[Subject]) -> list[str]:
    """The labels of subjects and of their broader topics, each once, a subject before its broader topics."""
    found: dict[str, None] = {}
    for subject in subjects:
        names = [topic.label for topic in topics(subject)] or ([subject.name] if subject.name else [])
        found |= dict.fromkeys(names)
    return list(found)


def codes(subjects: Iterable[Subject]) -> list[str]:
    """The codes with their vocabulary, as given, then those of their Media Topics and of the broader topics."""
    subjects = list(subjects)
    given = [f"{one.scheme}:{one.code}" if one.scheme else one.code for one in subjects if one.code]
    above = [f"medtop:{topic.code}" for one in subjects for topic in topics(one)]
    return list(dict.fromkeys([*given, *above]))


def topics(subject: Subject) -> Iterator[Topic]:
    """The Media Topic of a subject and its broader topics, up to the top; empty for other vocabularies."""
    known, old = _vocabulary()
    code = subject.code or ""
    if subject.scheme == "subj":
        code = next((old[wider] for wider in _wider(code) if wider in old), "")
    elif subject.scheme != "medtop":
        return
    topic = known.get(code)
    while topic:
        yield topic
        topic = known.get(topic.broader) if topic.broader else None


def _wider(code: str) -> Iterator[str]:
    """An old subject code and its broader codes, which share its digits: 15039001, 15039000, 15000000."""
    if len(code) == 8:
        yield from (code, code[:5] + "000", code[:2] + "000000")


@cache
def _vocabulary() -> tuple[dict[str, Topic], dict[str, str]]:
    """The topics by code, and the topic's code by the old subject code."""
    known: dict[str, Topic] = {}
    old: dict[str, str] = {}
    for code, broader, subject_code, label in table_rows("pipeline.index", "mediatopics.tsv"):
        known[code] = Topic(code, broader or None, label)
        if subject_code:
            old[subject_code] = code
    return known, old
