"""Quotations in French and German: words in marks next to a verb of saying, and statements without marks (others/).

Structure decides: marks, a verb of saying, and who speaks, in either order. Words in marks that nobody is said to speak
are no quotation here. Who speaks is named where a pipeline or a title made a person known; else the words that name the
speaker are kept as printed. Words are in ``lexicon/<language>``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, islice

from pipeline.enrich.datelines import without_datelines
from pipeline.enrich.others.according import Statement
from pipeline.enrich.others.clauses import sentences
from pipeline.enrich.others.reported import statements
from pipeline.enrich.others.sources import speaks
from pipeline.enrich.others.words import LANGUAGES, Words, words_of
from pipeline.events import Entity, Quote

#: Pairs of marks, the longest texts in them, and the fewest words of a quotation.
_MARKED = re.compile(
    r"«\s?(?P<a>[^«»\n]{8,1500}?)\s?»|»(?P<b>[^«»\n]{8,1500}?)«|„(?P<c>[^„“”\n]{8,1500}?)[“”]|“(?P<d>[^“”\n]{8,1500}?)”"
    r"|\"(?P<e>[^\"\n]{8,1500}?)\""
)
_FEWEST_WORDS = 3
#: From the name of who spoke to a further part: the rest of one sentence in one paragraph, at most.
_NEW_SENTENCE = re.compile(r"(?:,[^.!?\n«„“\"]{0,80})?\. ?")
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


@dataclass(frozen=True)
class _Said:
    """Who speaks, as printed, with the words that say so."""

    cue: str
    start: int
    end: int
    rule: str


def other_quotes(body: str, language: str, entities: Sequence[Entity] = ()) -> tuple[Quote, ...]:
    """The quotations of a text, in its order.

    Args:
        body: of a story.
        language: one of ``LANGUAGES``; in others none are found.
        entities: of the story, for the names of speakers.
    """
    if language not in LANGUAGES:
        return ()
    body = without_datelines(body)
    words = words_of(language)
    found: list[Quote] = []
    last: tuple[int, _Said] | None = None
    all_marked = list(_MARKED.finditer(body))
    for marked in all_marked:
        content = next(name for name, value in marked.groupdict().items() if value is not None)
        start, end = marked.span(content)
        if len(_WORD.findall(marked[content])) < _FEWEST_WORDS:
            continue
        said = (
            _after(body, marked.end(), words)
            or _before(body, marked.start(), words)
            or _continued(body, marked.start(), last)
        )
        if said is not None:
            while end > start and body[end - 1] in ", ":
                end -= 1
            found.append(_quote(body, start, end, said, entities, words))
            last = (marked.end(), said)
    marks = [marked.span() for marked in all_marked]
    for one in statements(body, language, marks):
        if not any(quote.start < one.end and one.start < quote.end for quote in found):
            found.append(_reported(body, one, marks, entities, words))
    return tuple(sorted(found, key=lambda quote: quote.start))


def _reported(
    body: str, one: Statement, marks: Sequence[tuple[int, int]], entities: Sequence[Entity], words: Words
) -> Quote:
    source = one.source or (one.start, one.start)
    quote = _quote(body, one.start, one.end, _Said(one.cue, *source, one.rule), entities, words)
    partly = any(start < one.end and one.start < end for start, end in marks)
    nobody = {"source": None, "source_start": None, "source_end": None} if one.source is None else {}
    wholly = any(start <= one.start and one.end <= end for start, end in marks)
    return quote.model_copy(update={"type": "direct" if wholly else "mixed" if partly else "indirect", **nobody})


def _continued(body: str, at: int, last: tuple[int, _Said] | None) -> _Said | None:
    """A further part after the sentence that says who spoke: ``« … », a dit Anne Delmas. « …``."""
    if last is None or not last[0] <= last[1].start < at or at - last[0] > _REACH:
        return None
    between = body[last[1].end : at]
    return replace(last[1], rule="continued") if _NEW_SENTENCE.fullmatch(between) else None


def _quote(body: str, start: int, end: int, said: _Said, entities: Sequence[Entity], words: Words) -> Quote:
    speaker = _speaker(said, [entity for entity in entities if entity.label == "PERSON"], words)
    return Quote(
        type="direct", text=body[start:end], start=start, end=end, cue=said.cue, source=body[said.start : said.end],
        source_start=said.start, source_end=said.end, speaker=speaker.name if speaker else None,
        speaker_id=speaker.id if speaker else None, resolved=speaker is not None,
        confidence=_CONFIDENCE if speaker else 0.0, rule=said.rule,
        role=speaker.roles[0] if speaker and speaker.roles else None,
    )  # fmt: skip


def _speaker(said: _Said, people: Sequence[Entity], words: Words) -> Entity | None:
    """The person that the source names; who is named by title and surname is the only one with that surname."""
    named = next(
        (one for one in people for at in one.mentions if at.field == "body" and said.start <= at.start < said.end), None
    )
    if named is None or not set(re.findall(r"\w+", named.name)) & words.use("address"):
        return named
    surname = named.name.split()[-1]
    whole = [
        one for one in people if one is not named and len(one.name.split()) > 1 and one.name.split()[-1] == surname
    ]
    return whole[0] if len(whole) == 1 else named


def _after(body: str, at: int, words: Words) -> _Said | None:
    """``» , a déclaré lundi Anne Delmas``, ``“, sagte Richter``, ``“, so Richter``."""
    between = _BETWEEN.match(body, at)
    at = between.end() if between else at
    tokens = list(islice(_WORD.finditer(body, at, min(at + _REACH, len(body))), _MOST_SOURCE_WORDS + 6))
    if not tokens or tokens[0].start() != at:
        return None
    first = tokens[0].group()
    inverted = re.split(r"-t-|-", first)
    if len(inverted) > 1 and inverted[-1] in words.use("pronoun"):  # dit-elle, a-t-il déclaré
        pronoun = tokens[0].end() - len(inverted[-1])
        is_auxiliary = inverted[0] in words.use("auxiliary") and any(
            token.group() in words.use("participle") for token in tokens[1:4]
        )
        if is_auxiliary or inverted[0] in words.use("finite"):
            return _Said(inverted[0] if not is_auxiliary else first, pronoun, tokens[0].end(), "marks_verb_pronoun")
        return None
    if first in words.use("auxiliary"):
        verb = next((place for place, token in enumerate(tokens[:4]) if token.group() in words.use("participle")), None)
    else:
        verb = 0 if first in words.use("finite", "particle") else None
    if verb is None:
        return None
    source = _source(body, tokens[verb + 1 :], tokens[verb].end(), words)
    return _Said(body[tokens[0].start() : tokens[verb].end()], *source, "marks_verb_source") if source else None


def _source(body: str, tokens: Sequence[re.Match[str]], after: int, words: Words) -> tuple[int, int] | None:
    """The words that name who speaks, from the verb on: a name, or an article or pronoun and what follows it."""
    start = end = None
    for token in tokens[:_MOST_SOURCE_WORDS]:
        if _STOP.search(body, after if end is None else end, token.start()) and not _is_title(body[start:end], words):
            break
        word = token.group()
        if word in words.use("ends") or word.lower() in words.use("ends"):
            if start is None:
                continue  # a déclaré lundi Anne Delmas
            break
        start = token.start() if start is None else start
        end = token.end()
        if word.lower() in words.use("pronoun") and token.start() == start:
            break
    if start is None or end is None:
        return None
    text = body[start:end]
    named = any(letter.isupper() for letter in text) or text.lower() in words.use("pronoun")
    return (start, end) if named or speaks(next(sentences(text, (), words), []), words) else None


def _is_title(text: str, words: Words) -> bool:
    """Whether a full stop after it ends no sentence: ``M. Obama``."""
    return text.rsplit(" ", maxsplit=1)[-1] in words.use("address")


def _before(body: str, at: int, words: Words) -> _Said | None:
    """``Anne Delmas a déclaré : «``, ``Er fügte hinzu: „``."""
    begin = max(at - _REACH, 0)
    lead = body[begin:at]
    if not _LEAD.search(lead):
        return None
    start = max((found.end() for found in _SENTENCE.finditer(lead)), default=0 if begin == 0 else -1)
    start = max(start, lead.rfind("\n") + 1)
    if start < 0:
        return None
    tokens = list(dropwhile(lambda one: one.group().lower() in words.use("ends"), _WORD.finditer(lead, start)))
    for place, token in enumerate(tokens):
        said = token.group() in words.use("finite") or (
            token.group() in words.use("participle")
            and any(one.group() in words.use("auxiliary") for one in tokens[:place])
        )
        if not said or place == 0:
            continue
        last = next((n for n, one in enumerate(tokens[:place]) if one.group() in words.use("auxiliary")), place) - 1
        comma = lead.find(",", tokens[0].start(), tokens[last].end() if last >= 0 else tokens[0].start())
        stop = comma if comma >= 0 else tokens[max(last, 0)].end()
        text = lead[tokens[0].start() : stop]
        if last < 0 or (not any(letter.isupper() for letter in text) and text.lower() not in words.use("pronoun")):
            return None
        return _Said(token.group(), begin + tokens[0].start(), begin + stop, "source_verb_colon_marks")
    return _name_alone(lead, start, begin, words)


def _name_alone(lead: str, start: int, begin: int, words: Words) -> _Said | None:
    """``Anne Delmas : «``."""
    colon = lead.rstrip().removesuffix(":")
    tokens = next(sentences(colon[start:], (), words), []) if colon != lead.rstrip() else []
    if not tokens or not speaks(tokens, words) or not any(token.is_capital for token in tokens):
        return None
    return _Said("", begin + start + tokens[0].start, begin + start + tokens[-1].end, "source_colon_marks")
