"""Where a verb reports what somebody says: ``a déclaré``, ``s'est indigné``, ``fait savoir``; ``sagte``, ``teilte … mit``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.enrich.others.clauses import Token
from pipeline.enrich.others.words import Words

_MOST_BETWEEN = 2


@dataclass(frozen=True)
class Verb:
    """A verb of saying.

    Attributes:
        start: first token.
        end: token after the last.
        tail: words that must follow at the end of its clause: ``mit`` after ``teilte``.
    """

    start: int
    end: int
    tail: tuple[str, ...] = ()


def verbs_at(tokens: Sequence[Token], at: int, words: Words) -> list[Verb]:
    """The ways in which a verb of saying begins at a token."""
    token = tokens[at]
    if token.marked:
        return []
    found = []
    if token.lower in words.use("reflexive"):
        return (
            [Verb(at, verb.end, verb.tail) for verb in verbs_at(tokens, at + 1, words)] if at + 1 < len(tokens) else []
        )
    if token.text in words.use("auxiliary"):
        for place in range(at + 1, min(at + 2 + _MOST_BETWEEN, len(tokens))):
            if tokens[place].text in words.use("passive"):
                break
            if tokens[place].text in words.use("participle"):
                found += [Verb(at, place + 1)]
            found += [Verb(at, place + 1, tail) for tail in words.phrases.get(tokens[place].text, ())]
    if token.text in words.use("finite"):
        found.append(Verb(at, at + 1))
    found += [Verb(at, at + 1, tail) for tail in words.phrases.get(token.text, ())]
    return found


def tail_follows(tokens: Sequence[Token], verb: Verb, end: int) -> bool:
    """Whether a verb's other words are the last ones before a token."""
    size = len(verb.tail)
    return tuple(token.text for token in tokens[max(end - size, 0) : end]) == verb.tail
