"""People by their titles, in French and German: ``la chancelière Angela Merkel``, ``Claire Vasseur, directrice de l'hôpital``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.enrich.others.clauses import Token, sentences
from pipeline.enrich.others.words import Words, words_of
from pipeline.enrich.world import names_in

_MOST_NAMES = 4
_MOST_ROLE_TOKENS = 9


@dataclass(frozen=True)
class Titled:
    """A person and what the text calls them.

    Attributes:
        start, end: of the name in the text.
        name: as printed.
        role: as printed, without its article.
        role_start, role_end: of the role in the text.
    """

    start: int
    end: int
    name: str
    role: str
    role_start: int
    role_end: int


def titled(text: str, language: str) -> list[Titled]:
    """The people of a text that are named with a title.

    Args:
        text: of a field.
        language: one of ``words.LANGUAGES``.
    """
    words, places = words_of(language), names_in(language)
    found: list[Titled] = []
    for tokens in sentences(text, (), words):
        for at in range(len(tokens)):
            if found and found[-1].role_start <= tokens[at].start < max(found[-1].end, found[-1].role_end):
                continue  # "général" of "directeur général"
            found += [one for one in _at(text, tokens, at, words) if one.name not in places]
    return found


def _at(text: str, tokens: Sequence[Token], at: int, words: Words) -> Iterator[Titled]:
    capitals = bool(words.use("nouns_with_capitals"))
    if words.noun(tokens[at].text) != "office" or (capitals and not tokens[at].is_capital):
        return
    begin = _adjective_before(tokens, at, words)
    for end in _role_ends(tokens, at, words):
        comma = end < len(tokens) and tokens[end].text == ","
        start = end + 1 if comma else end
        if capitals and not comma and end > at + 1:
            continue  # capitals after a noun's complement may be anything: "Inhaber einer Bonus Card"
        stop = _name_end(tokens, start, words)
        if stop is None or (comma and not _closes(tokens, stop)):
            continue
        role = _inflected(text[tokens[begin].start : tokens[end - 1].end], tokens, begin, words)
        yield _titled(text, tokens[start:stop], role, tokens[begin:end])
        return
    yield from _apposition(text, tokens, at, words)


def _titled(text: str, name: Sequence[Token], role: str, title: Sequence[Token]) -> Titled:
    start, end = name[0].start, name[-1].end
    return Titled(start, end, text[start:end], role, title[0].start, title[-1].end)


def _apposition(text: str, tokens: Sequence[Token], at: int, words: Words) -> Iterator[Titled]:
    """``Claire Vasseur, directrice de l'hôpital, …``."""
    begin = at
    if begin and tokens[begin - 1].lower in words.use("article"):
        begin -= 1
    if begin < 2 or tokens[begin - 1].text != ",":
        return
    first = begin - 1
    while (
        first
        and begin - first <= _MOST_NAMES + 1
        and (tokens[first - 1].is_capital or tokens[first - 1].lower in words.use("in_name"))
    ):
        first -= 1
    while first < begin - 1 and (
        not tokens[first].is_capital or tokens[first].lower in words.use("according", "opinion")
    ):
        first += 1
    if _name_end(tokens, first, words) != begin - 1:
        return
    end = next((place for place in _role_ends(tokens, at, words) if _closes(tokens, place)), None)
    if end is not None:
        role = text[tokens[at].start : tokens[end - 1].end]
        yield _titled(text, tokens[first : begin - 1], role, tokens[at:end])


def _closes(tokens: Sequence[Token], at: int) -> bool:
    """Whether a clause ends before a token."""
    return at >= len(tokens) or not tokens[at].is_word


def _adjective_before(tokens: Sequence[Token], at: int, words: Words) -> int:
    """Where a title begins: ``ancien président``, ``belgische Ministerpräsident``, ``Premier ministre``."""
    if not at:
        return at
    before = tokens[at - 1]
    german = words.use("nouns_with_capitals")
    is_adjective = before.is_word and (
        (
            before.lower.endswith(tuple(words.use("adjective_end")))
            and not before.is_capital
            and before.lower not in words.use("article")
        )
        if german
        else before.lower in words.use("before_title")
    )
    has_article = at > 1 and tokens[at - 2].lower in words.use("article")
    return at - 1 if is_adjective and (has_article or not german) else at


def _role_ends(tokens: Sequence[Token], at: int, words: Words) -> Iterator[int]:
    """Where a title may end, the shortest first: ``ministre``, ``ministre des Finances``, …"""
    end = at + 1
    yield end
    while end < len(tokens) and end - at < _MOST_ROLE_TOKENS:
        token = tokens[end]
        if token.lower in words.use("of"):
            end += 1
            while end < len(tokens) and tokens[end].lower in words.use("article"):
                end += 1
            if end == len(tokens) or not tokens[end].is_word:
                return
            end += 1
        elif _goes_on(tokens, end, words):
            end += 1
        else:
            return
        yield end


def _goes_on(tokens: Sequence[Token], at: int, words: Words) -> bool:
    """Whether a token belongs to the title before it: an adjective, or a noun after its article."""
    token = tokens[at]
    if token.is_capital:
        return bool(words.use("nouns_with_capitals")) and tokens[at - 1].lower in words.use("article")
    is_verb = token.lower.endswith(tuple(words.use("imperfect_end")))
    return token.is_word and not is_verb and token.lower not in words.use("ends", "clitic", "auxiliary", "finite")


def _name_end(tokens: Sequence[Token], at: int, words: Words) -> int | None:
    """Where a name of two words or more that begins at a token ends."""
    end, capitals = at, 0
    while end < len(tokens) and end - at < _MOST_NAMES:
        token = tokens[end]
        if token.is_word and token.is_capital and (capitals or not words.noun(token.text)):
            capitals += 1
        elif not (
            capitals and token.lower in words.use("in_name") and end + 1 < len(tokens) and tokens[end + 1].is_capital
        ):
            break
        end += 1
    first_is_article = at < len(tokens) and tokens[at].lower in words.use("article", "pronoun")
    return end if capitals > 1 and not first_is_article else None


def _inflected(role: str, tokens: Sequence[Token], begin: int, words: Words) -> str:
    """``belgischer Ministerpräsident`` for ``der belgische Ministerpräsident``."""
    first, _, rest = role.partition(" ")
    weak = words.use("nouns_with_capitals") and rest and not first[0].isupper() and first.endswith("e")
    return f"{first}r {rest}" if weak and begin and tokens[begin - 1].lower == "der" else role
