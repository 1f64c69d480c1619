"""What a rule for reported statements finds, and the rules for ``selon``, ``laut``, ``zufolge``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.enrich.others.clauses import Token
from pipeline.enrich.others.sources import Source, after_preposition, speaks
from pipeline.enrich.others.words import Words

_FEWEST_WORDS = 3
#: Words of the longest source that its preposition follows.
_MOST_BEFORE = 16
STOPS = ".!?…,;:"
MARKS = '«»„“”"'


@dataclass(frozen=True)
class Statement:
    """What somebody is reported to have said: characters of the text.

    Attributes:
        start, end: of what was said.
        source: of who said it; ``None``: nobody is named.
        cue: the words that report it.
        rule: that found it.
    """

    start: int
    end: int
    source: tuple[int, int] | None
    cue: str
    rule: str


def statement(
    said: Sequence[Token], source: Source | None, cue: Sequence[Token], rule: str, *, wholly_marked: bool = False
) -> Iterator[Statement]:
    """The statement, unless it is too short, or all of it is between marks and such is not looked for."""
    said = list(said)
    spoken = [token for token in said if token.is_word]
    marked = all(token.marked for token in spoken)
    edges = STOPS + MARKS if marked else STOPS
    while said and said[-1].text in edges:
        said.pop()
    while said and said[0].text in edges:
        said.pop(0)
    if len(spoken) < _FEWEST_WORDS or (marked and not wholly_marked):
        return
    yield Statement(
        said[0].start,
        said[-1].end,
        (source[0].start, source[-1].end) if source else None,
        " ".join(token.text for token in cue),
        rule,
    )


def according_first(tokens: Sequence[Token], words: Words) -> Iterator[Statement]:
    """``Selon la police, …``."""
    anonymous = len(tokens) > 1 and tokens[0].lower == "de" and tokens[1].text in words.use("anonymous")
    after = 1 if anonymous else _preposition(tokens, 0, words)
    if after is None:
        return
    comma = next((at for at in range(after, len(tokens)) if tokens[at].text == "," and not tokens[at].marked), None)
    if comma is not None and anonymous:
        yield from statement(tokens[comma + 1 :], None, tokens[:2], "according_statement")
    if comma is None or anonymous or not speaks(tokens[after:comma], words):
        return
    source = tokens[after:comma]
    if tokens[0].lower in words.use("opinion") and not any(
        token.is_capital or words.noun(token.text) == "office" for token in source
    ):
        return
    if comma + 1 < len(tokens) and words.noun(tokens[comma + 1].text) == "office":  # an apposition without an article
        comma = next((at for at in range(comma + 1, len(tokens)) if tokens[at].text == ","), comma)
    yield from statement(tokens[comma + 1 :], source, tokens[:after], "according_statement")


def according_last(tokens: Sequence[Token], words: Words) -> Iterator[Statement]:
    """``…, selon la police``."""
    for at in range(_FEWEST_WORDS, len(tokens) - 1):
        after = _preposition(tokens, at, words)
        if after is None or tokens[at].lower in words.use("opinion") or tokens[at - 1].text in ";:":
            continue
        end = next((place for place in range(after, len(tokens)) if tokens[place].text in STOPS), len(tokens))
        source = tokens[after:end]
        if speaks(source, words):
            yield from statement(tokens[:at], source, tokens[at:after], "statement_according")


def _preposition(tokens: Sequence[Token], at: int, words: Words) -> int | None:
    """The token after ``selon`` or ``d'après``."""
    if tokens[at].marked:
        return None
    if tokens[at].lower in words.use("according") | (words.use("opinion") if at == 0 else frozenset()):
        return at + 1
    pair = "".join(token.lower for token in tokens[at : at + 2]).replace("’", "'")
    return at + 2 if pair in words.use("according") else None


def according_clause(tokens: Sequence[Token], words: Words) -> Iterator[Statement]:
    """``Laut Polizei wurden …``, ``Nach Angaben der Polizei …``, ``Einem Bericht zufolge …``."""
    after = 1 if tokens[0].lower in words.use("according") else None
    if after is None and tokens[0].lower == "nach" and len(tokens) > 1 and tokens[1].text in words.use("account"):
        after = 2
    if after is not None:
        source = after_preposition(tokens[after:], words)
        if source is not None:
            end = after + len(source)
            yield from statement(tokens[end:], source, tokens[:after], "according_statement")
        return
    for at in range(1, min(len(tokens), _MOST_BEFORE)):
        if tokens[at].text in words.use("according_after"):
            named = tokens[at - 1].text not in words.use("account") and words.noun(tokens[at - 1].text)
            source = tokens[:at] if named or speaks(tokens[:at], words) else None
            yield from statement(tokens[at + 1 :], source, tokens[at : at + 1], "according_statement")
            return
