"""Statements that are reported without marks, in French and German: ``a déclaré que …``, ``…, sagte Richter``, ``selon …``.

The rules are explained by examples, which are their tests, in ``lexicon/<language>/rules.yaml``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipeline.enrich.others.according import Statement, according_clause, according_first, according_last, statement
from pipeline.enrich.others.clauses import Token, sentences
from pipeline.enrich.others.sources import Source, after_verb, before_verb
from pipeline.enrich.others.verbs import Verb, tail_follows, verbs_at
from pipeline.enrich.others.words import Words, words_of

_FEWEST_WORDS = 3
_MOST_BEFORE_THAT = 16
#: Words among which the verb of a main clause is.
_NEAR_BEGINNING = 10


def statements(body: str, language: str, marked: Sequence[tuple[int, int]]) -> list[Statement]:
    """The reported statements of a text, at most one for each sentence.

    Args:
        body: the text.
        language: one of ``words.LANGUAGES``.
        marked: ``[start, end)`` of what is between marks of quotation, in order.
    """
    words, rules = words_of(language), _RULES[language]
    found = []
    for tokens in sentences(body, marked, words):
        first = next((one for rule in rules for one in rule(tokens, words)), None)
        if first is not None:
            found.append(first)
    return found


def _says_that(tokens: Sequence[Token], words: Words) -> Iterator[Statement]:
    """``Anne Delmas a déclaré lundi que …``."""
    for at in range(1, len(tokens)):
        for verb in verbs_at(tokens, at, words):
            end = verb.end + len(verb.tail)
            if verb.tail and not tail_follows(tokens, verb, end):
                continue
            source = before_verb(tokens[:at], words)
            that = _that(tokens, end, words)
            if source is None:
                continue
            if that is not None:
                yield from statement(tokens[that + 1 :], source, tokens[at:end], "source_verb_that", wholly_marked=True)
            elif _is_infinitive(tokens, end, words) and tokens[verb.end - 1].text in words.use("infinitive"):
                yield from statement(tokens[end:], source, tokens[at:end], "source_verb_infinitive")


def _that(tokens: Sequence[Token], at: int, words: Words) -> int | None:
    """Where ``que`` opens what was said: right after the verb, or after words of time, place and hearers."""
    opens = words.use("ends", "to", "adverb")
    if at >= len(tokens):
        return None
    first = tokens[at]
    if (
        first.lower not in words.use("that") | opens
        and first.text != ","
        and not first.lower.endswith(tuple(words.use("adverb_end")))
    ):
        return None
    for place in range(at, min(at + _MOST_BEFORE_THAT, len(tokens))):
        if tokens[place].lower in words.use("that"):
            return None if tokens[place].marked else place
        if tokens[place].lower in words.use("relative"):
            return None
    return None


def _is_infinitive(tokens: Sequence[Token], at: int, words: Words) -> bool:
    """Whether an infinitive follows: ``a nié avoir …``, ``a dit ne pas être …``."""
    while at < len(tokens) and tokens[at].lower in words.use("clitic", "not"):
        at += 1
    return at < len(tokens) and tokens[at].is_word and tokens[at].lower.endswith(tuple(words.use("infinitive_end")))


def _statement_first(tokens: Sequence[Token], words: Words) -> Iterator[Statement]:
    """``…, a annoncé la préfecture``, ``…, sagte ein Sprecher``, ``…, a-t-il précisé``."""
    for comma in range(len(tokens) - 2, _FEWEST_WORDS - 1, -1):
        if tokens[comma].text != ",":
            continue
        at = comma + 1
        inverted = _inverted(tokens, at, words)
        if inverted is not None:
            yield from statement(tokens[:comma], (inverted,), tokens[at : at + 1], "statement_verb_pronoun")
        if tokens[at].text in words.use("particle"):
            source = after_verb(tokens[at + 1 :], words)
            if source is not None and _closes(tokens, source, words):
                yield from statement(tokens[:comma], source, tokens[at : at + 1], "statement_verb_source")
        for verb in verbs_at(tokens, at, words):
            yield from _verb_and_source(tokens, comma, verb, words)
        pair = [token.text for token in tokens[at : at + 2]]
        if len(pair) == 2 and pair[0] in words.use("is_said") and pair[1] in words.use("nobody"):
            yield from statement(tokens[:comma], None, tokens[at : at + 2], "statement_nobody")


def _verb_and_source(tokens: Sequence[Token], comma: int, verb: Verb, words: Words) -> Iterator[Statement]:
    after = verb.end
    if verb.tail and not words.use("nouns_with_capitals"):  # the other words are next to it
        after += len(verb.tail)
        if not tail_follows(tokens, verb, after):
            return
    source = after_verb(tokens[after:], words)
    if source is None:
        return
    if verb.tail and words.use("nouns_with_capitals"):
        rest = tuple(token.text for token in tokens[tokens.index(source[-1]) + 1 :])
        if not any(rest[at : at + len(verb.tail)] == verb.tail for at in range(len(rest))):
            return
    elif not _closes(tokens, source, words):
        return
    yield from statement(tokens[:comma], source, tokens[verb.start : after], "statement_verb_source")


def _inverted(tokens: Sequence[Token], at: int, words: Words) -> Token | None:
    """The pronoun of ``a-t-il précisé``, ``dit-elle``: a token of its own."""
    token = tokens[at]
    first, *rest = token.text.split("-")
    if token.marked or not rest or rest[-1] not in words.use("pronoun"):
        return None
    said = first in words.use("finite") or (
        first in words.use("auxiliary") and any(one.text in words.use("participle") for one in tokens[at + 1 : at + 4])
    )
    return Token(rest[-1], token.end - len(rest[-1]), token.end, marked=False) if said else None


def _closes(tokens: Sequence[Token], source: Source, words: Words) -> bool:
    """Whether a source ends its clause: a stop, a comma, or words of time and place follow it."""
    at = tokens.index(source[-1]) + 1
    return (
        at == len(tokens) or not tokens[at].is_word or tokens[at].lower in words.use("ends") - words.use("conjunction")
    )


def _says_clause(tokens: Sequence[Token], words: Words) -> Iterator[Statement]:
    """``Anne Delmas sagte am Montag, dass …``, ``… erklärte, die Strecke werde …``, ``… teilte mit, …``."""
    commas = [at for at, token in enumerate(tokens) if token.text == "," and not token.marked]
    for at in range(1, len(tokens)):
        for verb in _clause_verbs(tokens, at, words, commas):
            comma = next(place for place in commas if place >= verb.end)
            middle = tokens[verb.start + 1 : verb.end]
            source = before_verb(tokens[:at], words)
            if source is None and middle:
                source = after_verb(middle, words) if tokens[0].lower in words.use("ends") else None
                if source is None:
                    continue
                middle = middle[list(middle).index(source[-1]) + 1 :]
                if not _adverbial(middle, words):
                    continue
            elif source is None or not _adverbial(middle, words):
                continue
            said = _clause(tokens, comma, middle, words)
            cue = (tokens[verb.start], *tokens[comma - len(verb.tail) : comma])
            yield from statement(said, source, cue, "source_verb_clause", wholly_marked=True)


def _clause(tokens: Sequence[Token], comma: int, middle: Sequence[Token], words: Words) -> Sequence[Token]:
    """What was said after a comma, without ``dass``; nothing if the clause says something about a noun before it."""
    said = tokens[comma + 1 :]
    if not said:
        return ()
    first = said[0].lower
    if first in words.use("that"):
        return said[1:]
    later = next(
        (at for at, token in enumerate(said) if token.lower in words.use("that") and said[at - 1].text == ","), None
    )
    if first in words.use("relative", "compares"):
        return said[later + 1 :] if later is not None and first in words.use("compares") else ()
    told = bool(middle) and middle[0].lower in words.use("hearer")  # who is told: sagte der „Zeit“, …
    nouns = [
        token
        for token in middle
        if token.is_capital and token.text not in words.use("time") and not (told and token.marked)
    ]
    openers = said[:1] if first in words.use("may_be_relative") else said[:2][1:] if first in words.use("ends") else ()
    relative = nouns and any(token.lower in words.use("may_be_relative") for token in openers)
    return () if relative and not _verb_second(said, words) else said


def _verb_second(said: Sequence[Token], words: Words) -> bool:
    """Whether a clause has its verb near its beginning: ``die Lage sei ernst``, not ``die ernst ist``."""
    clause = [token for token in said if token.is_word]
    return any(token.lower in words.use("second") for token in clause[1:_NEAR_BEGINNING][: max(len(clause) - 2, 0)])


def _clause_verbs(tokens: Sequence[Token], at: int, words: Words, commas: Sequence[int]) -> Iterator[Verb]:
    """Verbs at a token whose clause ends at the next comma; ``end``: where the words before the tail end."""
    comma = next((place for place in commas if place > at), None)
    if comma is None or tokens[at].marked:
        return
    text = tokens[at].text
    if text in words.use("finite"):
        yield Verb(at, comma)
    if text in words.use("auxiliary") and tokens[comma - 1].text in words.use("participle"):
        yield Verb(at, comma - 1, (tokens[comma - 1].text,))
    for tail in words.phrases.get(text, ()):
        if tail_follows(tokens, Verb(at, at + 1, tail), comma):
            yield Verb(at, comma - len(tail), tail)


def _adverbial(tokens: Sequence[Token], words: Words) -> bool:
    """Whether the words between verb and comma are none, or say when, where and to whom."""
    first = tokens[0] if tokens else None
    return (
        first is None
        or first.text in words.use("ends", "to", "adverb", "hearer")
        or first.lower in words.use("ends", "hearer")
    )


_Rule = Callable[[Sequence[Token], Words], Iterator[Statement]]
_RULES: dict[str, tuple[_Rule, ...]] = {
    "fr": (_says_that, _statement_first, according_first, according_last),
    "de": (_says_clause, _statement_first, according_clause, according_last),
}
