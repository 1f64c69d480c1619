"""Who may be said to speak: the words that name a person, a body or a paper, next to a verb or a preposition."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.enrich.others.clauses import Token
from pipeline.enrich.others.words import Words

#: Words of the longest source.
MAX_WORDS = 14
_NEAR_HEAD = 6

Source = Sequence[Token]


def speaks(source: Source, words: Words) -> bool:
    """Whether the words name somebody who can speak: a pronoun, a noun of the table, or a name."""
    found = [token for token in source if token.is_word or token.text.endswith(("'", "’"))]
    if not found or len(found) > MAX_WORDS or any(token.marked for token in found):
        return False
    first = found[0]
    if first.lower in words.use("pronoun"):
        return len(found) == 1 and first.lower not in words.use("nobody")
    if first.lower in words.use("opens"):
        return False
    has_article = first.lower in words.use("article")
    head = found[1 if has_article else 0 : _NEAR_HEAD]
    if any(words.noun(token.text) for token in head):
        return True
    if not head or not head[0].is_capital:
        # An adjective before a name: "l'ancien Premier Tom Claes".
        return not words.use("nouns_with_capitals") and any(token.is_capital for token in head)
    if not words.use("nouns_with_capitals"):
        return True
    following = head[1] if len(head) > 1 else None
    if has_article:
        return following is not None and following.is_capital
    return following is None or following.is_capital or following.lower in words.use("joins")


def is_name(source: Source, words: Words) -> bool:
    """Whether the words are a name alone: ``Bruno Lacaze``."""
    return len(source) > 1 and all(token.is_capital or token.lower in words.use("in_name") for token in source)


def before_verb(tokens: Sequence[Token], words: Words) -> Source | None:
    """The subject before a verb, an apposition left out unless it is the name.

    Args:
        tokens: of the sentence before the verb.
        words: of the language.
    """
    end = len(tokens)
    while end and tokens[end - 1].lower in words.use("clitic", "after_name"):
        end -= 1
    if not end or tokens[end - 1].lower in words.use("conjunction"):
        return None
    if tokens[end - 1].text != ",":
        found = _open(tokens[_after_comma(tokens, end) : end], words)
        return found if speaks(found, words) else None
    last = end - 1
    comma = _after_comma(tokens, last) - 1
    if comma < 1:
        return None
    start = _after_comma(tokens, comma)
    named, apposition = _open(tokens[start:comma], words), tokens[comma + 1 : last]
    if not speaks(named, words):
        return None
    if is_name(apposition, words) and not is_name(named, words):
        return tokens[tokens.index(named[0]) : last]
    return named


def _after_comma(tokens: Sequence[Token], end: int) -> int:
    """Where the words begin that a comma or the sentence's beginning opens."""
    return next((at + 1 for at in range(end - 1, -1, -1) if tokens[at].text in ",;:–—" and not tokens[at].marked), 0)


def _open(tokens: Sequence[Token], words: Words) -> Sequence[Token]:
    """The words without a conjunction before them."""
    at = 0
    while at < len(tokens) and tokens[at].lower in words.use("conjunction"):
        at += 1
    return tokens[at:]


def after_verb(tokens: Sequence[Token], words: Words) -> Source | None:
    """The subject after a verb: up to a comma, a stop, or what opens another part of the sentence.

    Args:
        tokens: of the sentence after the verb.
        words: of the language.
    """
    at = _skip_adverbials(tokens, words)
    start = at
    if at < len(tokens) and tokens[at].lower in words.use("pronoun"):
        found: Source = tokens[at : at + 1]
        return found if speaks(found, words) else None
    while at < len(tokens) and at - start < MAX_WORDS:
        token = tokens[at]
        ends = token.lower in words.use("ends") or token.text in words.use("ends")
        if token.marked or (ends and (at > start or token.lower not in words.use("article"))):
            break
        if not token.is_word and not token.text.endswith(("'", "’")):
            break
        at += 1
    found = tokens[start:at]
    return found if speaks(found, words) else None


def _skip_adverbials(tokens: Sequence[Token], words: Words) -> int:
    """Over ``lundi``, ``à l'AFP``, ``am Montag``: words that open no subject, and the name or noun after a preposition."""
    at = 0
    while (
        at < min(len(tokens), MAX_WORDS)
        and tokens[at].lower in words.use("ends", "to")
        and tokens[at].lower not in words.use("article")
    ):
        preposition = tokens[at].lower in words.use("to")
        at += 1
        if not preposition:
            continue
        while at < len(tokens) and tokens[at].lower in words.use("article"):
            at += 1
        at += 1
    return min(at, len(tokens))


def after_preposition(tokens: Sequence[Token], words: Words) -> Source | None:
    """The words after ``laut``: article, adjectives, capitals, and what hangs on them; a verb ends them.

    For a language that writes its nouns with capitals.
    """
    at = _noun_phrase(tokens, 0, words)
    while at and at < len(tokens) and tokens[at].lower in words.use("of") and at < MAX_WORDS:
        following = _noun_phrase(tokens, at + 1, words)
        if not following:
            break
        at = following
    found = tokens[:at]
    return found if at and speaks(found, words) else None


def _noun_phrase(tokens: Sequence[Token], at: int, words: Words) -> int:
    """Where article, adjectives and capitals from a token on end; 0: there are none."""
    start = at
    if at < len(tokens) and tokens[at].lower in words.use("article"):
        at += 1
    while at < len(tokens) and at - start < _NEAR_HEAD and tokens[at].is_word and not tokens[at].is_capital:
        if not tokens[at].text.endswith(tuple(words.use("adjective_end"))) or at + 1 == len(tokens):
            return 0
        at += 1
    first = at
    while at < len(tokens) and tokens[at].is_word and tokens[at].is_capital and not tokens[at].marked:
        at += 1
    return at if at > first else 0
