"""Direct quotations in French and German: words in marks next to a verb of saying.

Structure decides: marks, a verb of saying, and who speaks, in either order. Words in marks that nobody is said to speak
are no quotation here. Who speaks is named where a pipeline found a person there; else the words that name the speaker
are kept as printed. Words are in ``lexicon/<language>/saying.tsv`` and ``around_saying.tsv``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import dropwhile, islice

from pipeline.events import Entity, Quote
from pipeline.events.tables import table_rows

#: Pairs of marks, the longest texts in them, and the fewest words of a quotation.
_MARKED = re.compile(
    r"«\s?(?P<a>[^«»\n]{8,1500}?)\s?»|»(?P<b>[^«»\n]{8,1500}?)«|„(?P<c>[^„“”\n]{8,1500}?)[“”]|“(?P<d>[^“”\n]{8,1500}?)”"
    r"|\"(?P<e>[^\"\n]{8,1500}?)\""
)
_FEWEST_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+(?:[-'’.][^\W\d_]+)*")
#: What separates marks from a verb of saying, and how far who speaks may be from them.
_BETWEEN = re.compile(r"[\s,.!?…]{0,4}")
_REACH = 160
_LEAD = re.compile(r"[:,]\s{0,2}\Z")
_SENTENCE = re.compile(r"[.!?…»“\"\n]\s")
_STOP = re.compile(r"[,.;:()«»„“”\"\n]")
#: Not calibrated: such names are shown as likely.
_CONFIDENCE = 0.8
_MOST_SOURCE_WORDS = 10
#: Titles before a surname; those with a full stop are abbreviations.
_TITLES = frozenset(("M", "MM", "Mme", "Mlle", "Dr", "Prof", "Herr", "Frau", "Hr", "Fr", "St"))


@dataclass(frozen=True)
class _Words:
    """The words of one language."""

    finite: frozenset[str]
    participles: frozenset[str]
    particles: frozenset[str]
    auxiliaries: frozenset[str]
    pronouns: frozenset[str]
    ends: frozenset[str]


@dataclass(frozen=True)
class _Said:
    """Who speaks, as printed, with the words that say so."""

    cue: str
    start: int
    end: int
    rule: str


LANGUAGES = frozenset(("fr", "de"))


@cache
def _words(language: str) -> _Words:
    kinds: dict[str, set[str]] = {}
    for name in ("saying.tsv", "around_saying.tsv"):
        for word, kind in table_rows("pipeline.enrich", "lexicon", language, name):
            kinds.setdefault(kind, set()).add(word)
    names = ("finite", "participle", "particle", "auxiliary", "pronoun", "ends")
    return _Words(*(frozenset(kinds.get(name, ())) for name in names))


def other_quotes(body: str, language: str, entities: Sequence[Entity] = ()) -> tuple[Quote, ...]:
    """The direct quotations of a text.

    Args:
        body: of a story.
        language: one of ``LANGUAGES``; in others none are found.
        entities: of the story, for the names of speakers.
    """
    if language not in LANGUAGES:
        return ()
    words = _words(language)
    found = []
    for marked in _MARKED.finditer(body):
        content = next(name for name, value in marked.groupdict().items() if value is not None)
        start, end = marked.span(content)
        if len(_WORD.findall(marked[content])) < _FEWEST_WORDS:
            continue
        said = _after(body, marked.end(), words) or _before(body, marked.start(), words)
        if said is not None:
            while end > start and body[end - 1] in ", ":
                end -= 1
            found.append(_quote(body, start, end, said, entities))
    return tuple(found)


def _quote(body: str, start: int, end: int, said: _Said, entities: Sequence[Entity]) -> Quote:
    speaker = _speaker(said, [entity for entity in entities if entity.label == "PERSON"])
    return Quote(
        type="direct", text=body[start:end], start=start, end=end, cue=said.cue, source=body[said.start : said.end],
        source_start=said.start, source_end=said.end, speaker=speaker.name if speaker else None,
        speaker_id=speaker.id if speaker else None, resolved=speaker is not None,
        confidence=_CONFIDENCE if speaker else 0.0, rule=said.rule,
    )  # fmt: skip


def _speaker(said: _Said, people: Sequence[Entity]) -> Entity | None:
    """The person that the source names; who is named by title and surname is the only one with that surname."""
    named = next(
        (one for one in people for at in one.mentions if at.field == "body" and said.start <= at.start < said.end), None
    )
    if named is None or not set(re.findall(r"\w+", named.name)) & _TITLES:
        return named
    surname = named.name.split()[-1]
    whole = [
        one for one in people if one is not named and len(one.name.split()) > 1 and one.name.split()[-1] == surname
    ]
    return whole[0] if len(whole) == 1 else named


def _after(body: str, at: int, words: _Words) -> _Said | None:
    """``» , a déclaré lundi Anne Delmas``, ``“, sagte Richter``, ``“, so Richter``."""
    between = _BETWEEN.match(body, at)
    at = between.end() if between else at
    tokens = list(islice(_WORD.finditer(body, at, min(at + _REACH, len(body))), _MOST_SOURCE_WORDS + 6))
    if not tokens or tokens[0].start() != at:
        return None
    first = tokens[0].group()
    inverted = re.split(r"-t-|-", first)
    if len(inverted) > 1 and inverted[-1] in words.pronouns:  # dit-elle, a-t-il déclaré
        pronoun = tokens[0].end() - len(inverted[-1])
        is_auxiliary = inverted[0] in words.auxiliaries and any(
            token.group() in words.participles for token in tokens[1:4]
        )
        if is_auxiliary or inverted[0] in words.finite:
            return _Said(inverted[0] if not is_auxiliary else first, pronoun, tokens[0].end(), "marks_verb_pronoun")
        return None
    if first in words.auxiliaries:
        verb = next((place for place, token in enumerate(tokens[:4]) if token.group() in words.participles), None)
    else:
        verb = 0 if first in words.finite | words.particles else None
    if verb is None:
        return None
    source = _source(body, tokens[verb + 1 :], tokens[verb].end(), words)
    return _Said(body[tokens[0].start() : tokens[verb].end()], *source, "marks_verb_source") if source else None


def _source(body: str, tokens: Sequence[re.Match[str]], after: int, words: _Words) -> tuple[int, int] | None:
    """The words that name who speaks, from the verb on: a name, or an article or pronoun and what follows it."""
    start = end = None
    for token in tokens[:_MOST_SOURCE_WORDS]:
        if _STOP.search(body, after if end is None else end, token.start()) and not _is_title(body[start:end]):
            break
        word = token.group()
        if word in words.ends or word.lower() in words.ends:
            if start is None:
                continue  # a déclaré lundi Anne Delmas
            break
        start = token.start() if start is None else start
        end = token.end()
        if word.lower() in words.pronouns and token.start() == start:
            break
    if start is None or end is None:
        return None
    text = body[start:end]
    return (start, end) if any(letter.isupper() for letter in text) or text.lower() in words.pronouns else None


def _is_title(text: str) -> bool:
    """Whether a full stop after it ends no sentence: ``M. Obama``."""
    return text.rsplit(" ", maxsplit=1)[-1] in _TITLES


def _before(body: str, at: int, words: _Words) -> _Said | None:
    """``Anne Delmas a déclaré : «``, ``Er fügte hinzu: „``."""
    begin = max(at - _REACH, 0)
    lead = body[begin:at]
    if not _LEAD.search(lead):
        return None
    start = max((found.end() for found in _SENTENCE.finditer(lead)), default=0 if begin == 0 else -1)
    start = max(start, lead.rfind("\n") + 1)
    if start < 0:
        return None
    tokens = list(dropwhile(lambda one: one.group().lower() in words.ends, _WORD.finditer(lead, start)))
    for place, token in enumerate(tokens):
        said = token.group() in words.finite or (
            token.group() in words.participles and any(one.group() in words.auxiliaries for one in tokens[:place])
        )
        if not said or place == 0:
            continue
        last = next((n for n, one in enumerate(tokens[:place]) if one.group() in words.auxiliaries), place) - 1
        comma = lead.find(",", tokens[0].start(), tokens[last].end() if last >= 0 else tokens[0].start())
        stop = comma if comma >= 0 else tokens[max(last, 0)].end()
        text = lead[tokens[0].start() : stop]
        if last < 0 or (not any(letter.isupper() for letter in text) and text.lower() not in words.pronouns):
            return None
        return _Said(token.group(), begin + tokens[0].start(), begin + stop, "source_verb_colon_marks")
    return None
