"""Bodies, places and all else that a story names, joined by gazetteer, by abbreviations the story explains, by name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from pipeline.enrich.entities.people import folded
from pipeline.enrich.entities.spans import Span, StoryText, bare_name
from pipeline.enrich.gazetteer import Known, capital_of, lookup, meanings_of
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.events import EntityLabel

_PATTERNS = patterns("entities/things")

_EXPLAINED = _PATTERNS["explained"]
STORM = _PATTERNS["storm"]
_SMALL = ENGLISH.function_words("no_initial")
_COMPANY_TAIL = ENGLISH.function_words("company_tail")


@dataclass
class Thing:
    """One body, place or other named thing while a story is being read."""

    label: EntityLabel
    name: str
    known: Known | None = None
    mentions: list[Span] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, ...]:
        """By which it is distinguished from others."""
        return folded(self.name)


def join_things(spans: list[Span], text: StoryText) -> list[Thing]:
    """The things that the mentions name, in the order of their first mention.

    Args:
        spans: mentions of every label but PERSON, in reading order.
        text: the story.
    """
    things: dict[object, Thing] = {}
    explained = _abbreviations(spans, text)
    for span in sorted(spans, key=lambda one: one.place):
        meant = explained.get(span.text)
        source = meant if meant is not None and span.label in {"ORG", "GPE", "LOC", "MISC", "EVENT"} else span
        known = source.known if source.known and source.known.label == source.label else None
        key: object = (known.label, known.name) if known else (_family(source.label), folded(source.text))
        thing = things.setdefault(key, Thing(source.label, known.name if known else bare_name(source.text), known))
        thing.mentions.append(span)
    joined = _shortened(_in_context(list(things.values())))
    for thing in joined:
        thing.mentions.sort(key=lambda one: one.place)
        if thing.known is None:
            thing.label = Counter(span.label for span in thing.mentions).most_common(1)[0][0]
    return sorted(joined, key=lambda thing: thing.mentions[0].place)


def _family(label: EntityLabel) -> str:
    """Labels between which a recogniser wavers for one name."""
    return "name" if label in {"ORG", "GPE", "LOC", "FAC", "MISC"} else label


def _abbreviations(spans: list[Span], text: StoryText) -> dict[str, Span]:
    """``Student Christian Organization (SCO)``: what the story itself says an abbreviation stands for."""
    found: dict[str, Span] = {}
    for span in spans:
        after = _EXPLAINED.match(text.of(span.field), span.end)
        if after and span.label in {"ORG", "GPE", "LOC", "FAC", "MISC", "EVENT"} and " " in span.text:
            found.setdefault(after.group(1), span)
        if storm := STORM.fullmatch(span.text):
            found.setdefault(storm.group(1), span)
    by_initials: dict[str, set[Span]] = defaultdict(set)
    for name, span in {span.text: span for span in spans if span.label == "ORG" and " " in span.text}.items():
        for letters in _initials(name):
            by_initials[letters].add(span)
    for span in spans:
        plain = span.text.replace(".", "")
        if plain.isupper() and 2 <= len(plain) <= 6 and span.text not in found and lookup(span.text) is None:
            meant = by_initials[plain]
            if len(meant) == 1:
                found[span.text] = next(iter(meant))
    return found


def _initials(name: str) -> set[str]:
    words = [word for word in re.split(r"[\s-]+", bare_name(name)) if word and word[0].isalpha()]
    great = "".join(word[0].upper() for word in words if word.lower() not in _SMALL)
    return {great, "".join(word[0].upper() for word in words)}


def _in_context(things: list[Thing]) -> list[Thing]:
    """An ambiguous name means what the story also names in full: Georgia, where Tbilisi is; the Senate, the U.S. one."""
    named = {thing.known.name for thing in things if thing.known and thing.known.id}
    capitals = {span.text for thing in things for span in thing.mentions}
    for thing in things:
        if thing.known is None or thing.known.id is not None:
            continue
        candidates = [
            known for known in meanings_of(thing.known.name) if known.name in named or _capital_named(known, capitals)
        ]
        if len(candidates) == 1 and candidates[0].label == thing.label:
            thing.known, thing.name = candidates[0], candidates[0].name
    merged: dict[object, Thing] = {}
    for thing in things:
        first = merged.setdefault(thing.known or id(thing), thing)
        if first is not thing:
            first.mentions.extend(thing.mentions)
    return list(merged.values())


def _capital_named(known: Known, names: set[str]) -> bool:
    return known.iso is not None and capital_of(known.iso) in names


def _shortened(things: list[Thing]) -> list[Thing]:
    """Join short names to long ones: "Toyota" is the story's Toyota Motor Corporation, if only one name begins so."""
    kept: list[Thing] = []
    by_first: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        if thing.label == "ORG" and thing.key:
            by_first[_core(thing.key)[0]].append(thing)
    for thing in things:
        if thing.label != "ORG" or thing.known is not None or len(thing.name) < 3 or not thing.key:
            kept.append(thing)
            continue
        core = _core(thing.key)
        longer = [
            other
            for other in by_first[core[0]]
            if other is not thing and len(other.key) > len(thing.key) and _core(other.key)[: len(core)] == core
        ]
        if len(longer) == 1:
            longer[0].mentions.extend(thing.mentions)
        else:
            kept.append(thing)
    return kept


def _core(key: tuple[str, ...]) -> tuple[str, ...]:
    core = tuple(word for word in key if word not in _COMPANY_TAIL)
    return core or key
