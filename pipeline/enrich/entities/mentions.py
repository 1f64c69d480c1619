"""All named stretches of a story: the model's, the gazetteer's and those told by their shape, made to agree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from pipeline.enrich.entities.offices import HONORIFIC_AT_END, MODIFIERS, is_head
from pipeline.enrich.entities.recogniser import Labelled
from pipeline.enrich.entities.scan import Match, gazetteer_matches
from pipeline.enrich.entities.shapes import Shape, name_shapes, without_credit
from pipeline.enrich.entities.spans import FieldName, Span, bare_name
from pipeline.enrich.entities.titles import titled_name, without_title
from pipeline.enrich.gazetteer import lookup
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns

_PATTERNS = patterns("entities/mentions")

#: What may follow a body's name without being part of it: the United Nations Charter is not an organisation.
_PAPERS = _PATTERNS["papers"]
_QUANTITIES = frozenset(("DATE", "TIME", "MONEY", "PERCENT", "CARDINAL", "ORDINAL", "QUANTITY"))
_NAMED = frozenset(("PERSON", "ORG", "GPE", "LOC", "NORP", "FAC", "MISC"))
#: What a recogniser takes a person with a title for: "House Speaker Ann Moe".
_MISTAKEN = frozenset(("ORG", "FAC", "MISC", "GPE", "LOC"))
#: "London-based Amnesty International", "conservative Daily Telegraph"
_SAYS_WHAT_KIND = _PATTERNS["says_what_kind"]
_PARTIES = ENGLISH.modifiers("party")
_WORD = re.compile(r"\S+")
_EDGES = ' \t\n"“”„«»‘,;:()/$*#'


def mentions_of(
    field: FieldName, text: str, labelled: Sequence[Labelled], names: Sequence[Match], *, learned: bool
) -> list[Span]:
    """The mentions of a field, in order, not overlapping.

    Args:
        field: which field of the story.
        text: its text.
        labelled: what the recogniser found.
        names: of the gazetteer.
        learned: whether the labels come from a trained model; without one more is told by shape.
    """
    candidates = [span for found in labelled if (span := _from_model(field, text, found, learned=learned))]
    candidates += [
        Span(field, match.start, match.end, match.known.label, text[match.start : match.end], match.known, "gazetteer")
        for match in names
    ]
    headline = field in {"headline", "subheadline"}
    shapes = list(name_shapes(text, names, headline=headline))
    strong = {(shape.start, shape.end) for shape in shapes if shape.strong}
    named = [(span.start, span.end) for span in candidates if span.label == "PERSON"]
    persons = {at for start, end in named for at in (start, end - 1)}
    within = {at for start, end in named for at in range(start, end)}
    for full in shapes:
        shape = _without_common(text, full, within) if learned and full.label == "PERSON" else full
        if shape is None:
            continue
        # With a model, a run of capitalised words only widens a person that the model saw.
        if (
            not learned
            or shape.sure
            or (
                shape.label == "PERSON"
                and _may_widen(text, shape.start)
                and any(at in persons for at in range(shape.start, shape.end))
            )
        ):
            candidates.append(
                Span(field, shape.start, shape.end, shape.label, text[shape.start : shape.end], None, "shape")
            )
    return sorted(_agreed(text, candidates, strong, learned=learned), key=lambda span: span.start)


def _without_common(text: str, shape: Shape, named: AbstractSet[int]) -> Shape | None:
    """A person told by shape without common words at its edges that the recogniser did not take for a name.

    "Republican Ann Moe", "Unlike Moe", "Affairs Jan Roe": a capital says nothing at the head of a sentence or in a title.
    ``None`` where no word is left. ``named`` holds the characters of the recogniser's people.
    """
    words = [match.span() for match in _WORD.finditer(text, shape.start, shape.end)]
    if HONORIFIC_AT_END.search(text, max(shape.start - 12, 0), shape.start):
        return shape

    def common(span: tuple[int, int]) -> bool:
        word = text[slice(*span)].lower().strip(".,’'")
        known = word in ENGLISH.common_words or word in MODIFIERS or word in _PARTIES
        return known and all(at not in named for at in range(*span))

    while words and common(words[0]):
        del words[0]
    while len(words) > 2 and common(words[-1]):  # "Gordon Lack" may be so called
        del words[-1]
    return shape._replace(start=words[0][0], end=words[-1][1]) if words else None


def _may_widen(text: str, start: int) -> bool:
    """Not "State Antony Blinken" of "Secretary of State Antony Blinken"."""
    return not text[max(0, start - 5) : start].endswith((" of ", " for "))


def _from_model(field: FieldName, text: str, found: Labelled, *, learned: bool) -> Span | None:
    if not learned:
        return None  # the blank pipeline's ruler and the gazetteer below say the same
    start, end = found.start, found.end
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES + ("." if found.label == "PERSON" else ""):
        end -= 1
    end = without_credit(text, start, end)
    if end <= start:
        return None
    if found.label in _NAMED:
        end -= len(match.group()) if (match := _PATTERNS["genitive"].search(text[start:end])) else 0
        if found.label != "NORP":
            start += len(match.group()) if (match := _PATTERNS["article"].match(text[start:end])) else 0
            end -= len(match.group()) if (match := _PATTERNS["link_at_end"].search(text[start:end])) else 0
    if found.label == "ORG" and (lead := _SAYS_WHAT_KIND.match(text, start, end)):
        start = lead.end()
    label = found.label
    if label in _MISTAKEN and (named := titled_name(text, start, end)):
        start, label = named, "PERSON"
    if label == "PERSON":
        start = _without_people(text, without_title(text, start, end), end)
    start, end = _with_brackets(text, start, end)
    inner = text[start:end]
    if not any(character.isalnum() for character in inner) or "\n" in inner:
        return None
    if found.label in _NAMED and not any(character.isupper() for character in inner):
        return None
    if label == "PERSON" and (any(character.isdigit() for character in inner) or _begins_a_phrase(text, start, end)):
        return None
    if label in _MISTAKEN and " " in inner and _is_part_of_title(text, inner, end):
        return None
    known = lookup(bare_name(inner))
    return Span(field, start, end, label, inner, known if known and known.label == label else None, "model")


def _begins_a_phrase(text: str, start: int, end: int) -> bool:
    """``Per the statement``: one word that begins a sentence and an article after it."""
    head = text[max(start - 3, 0) : start].rstrip(' "“')
    begins = not head or head[-1] in ".!?\n"
    return begins and " " not in text[start:end] and _PATTERNS["article_behind"].match(text[end : end + 5]) is not None


def _is_part_of_title(text: str, inner: str, end: int) -> bool:
    """``National Security Advisor Ann Moe``: words of an office, none of which is a name."""
    head = re.match(r" ([\w-]+)", text[end : end + 20])
    return bool(head and is_head(head.group(1)) and all(word.lower() in MODIFIERS for word in inner.split()))


def _without_people(text: str, start: int, end: int) -> int:
    """Where the name begins after a demonym and a title that the recogniser took in: "Russian President Moe"."""
    first = next(iter(gazetteer_matches(text[start:end])), None)
    if first is None or first.start or first.known.label == "PERSON" or start + first.end >= end:
        return start
    behind = start + first.end
    while behind < end and text[behind] in " '’s":
        behind += 1
    named = without_title(text, behind, end)
    return named if behind < named < end or (first.known.label == "NORP" and named < end) else start


def _with_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """``[Donald] Trump``: a bracket that the recogniser cut through belongs to the name."""
    inner = text[start:end]
    if inner.count("]") > inner.count("[") and text[start - 1 : start] == "[":
        return start - 1, end
    if inner.count("[") > inner.count("]") and text[end : end + 1] == "]":
        return start, end + 1
    before = re.search(r"\[[A-Z][\w.’'-]*\] $", text[max(0, start - 30) : start])
    if before:
        return start - len(before.group()), end
    if inner.startswith("[") and inner.endswith("]") and inner.count("[") == 1:
        return start + 1, end - 1
    return start, end


def _agreed(text: str, candidates: Iterable[Span], strong: set[tuple[int, int]], *, learned: bool) -> list[Span]:
    """Of overlapping candidates the one that outweighs the others; what the words next to a name say outweighs most."""
    chosen: dict[tuple[int, int], Span] = {}
    taken = bytearray(len(text))
    for span in sorted(candidates, key=lambda one: _weight(text, one, strong, learned=learned), reverse=True):
        place = (span.start, span.end)
        rival = chosen.get(place)
        if rival is not None and rival.label == span.label and rival.known is None:
            chosen[place] = replace(rival, known=span.known)
        elif not any(taken[span.start : span.end]):
            chosen[place] = span
            taken[span.start : span.end] = b"\x01" * (span.end - span.start)
    return list(chosen.values())


def _weight(text: str, span: Span, strong: set[tuple[int, int]], *, learned: bool) -> tuple[int, int, int]:
    """How much a candidate weighs: the kind of evidence, then its length, then who knows best about equal ones."""
    words = len(span.text.split())
    length = span.end - span.start
    best = 2 if span.label == "PERSON" and span.by == "model" else 1 if span.by == "gazetteer" else 0
    if span.by == "gazetteer":
        certain = words > 1 or not learned or span.label == "NORP" or bool(span.known and span.known.id)
        part_of_paper = span.label == "ORG" and bool(_PAPERS.match(text[span.end : span.end + 16]))
        if part_of_paper:
            return 4, length, best
        return (2 if certain else 1), length, best
    if span.label in _QUANTITIES:
        return 3, length, best
    if span.by == "shape":
        return (3 if (span.start, span.end) in strong else 2 if words > 1 else 1), length, best
    return 2, length, best
