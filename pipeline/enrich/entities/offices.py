"""The words of offices and trades: what a title is made of, and which offices one descriptor can mean.

"the top diplomat" can be a foreign minister, an ambassador or an envoy; "the leader" a president or a premier.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns

_PATTERNS = patterns("entities/offices")

#: Stripped from names; they say nothing of an office.
HONORIFICS = frozenset(ENGLISH.honorifics)
#: A form of address right before a name.
HONORIFIC_AT_END = _PATTERNS["honorific_at_end"]
MALE, FEMALE = ENGLISH.gendered("m"), ENGLISH.gendered("f")
_ABBREVIATED = ENGLISH.abbreviated_offices
_DOTTED = ENGLISH.abbreviations("dotted")
#: Heads of roles: singular nouns of an office or trade.
HEADS = ENGLISH.nouns_that("office")
#: Words within a role that say neither which office nor whose.
GENERIC = ENGLISH.modifiers("generic")
#: Offices that only say a rank before another: "chief executive".
_BEFORE_OFFICE = ENGLISH.nouns_that("before_office")
#: Lower-case words that can precede the head of a role.
MODIFIERS = ENGLISH.modifiers("before")
#: Before an office that somebody held and holds no more.
_FORMER_PREFIXES = ("ex-", "then-")
#: The offices that one descriptor can mean.
_GROUPS = ENGLISH.called()

_WORD = re.compile(r"[’'.-]{0,3}\w+(?:[’'.-]{1,3}\w+)*")


def role_words(role: str) -> list[str]:
    """The words of a role, lower case, abbreviations of titles written out."""
    words = [word.lower().replace("’", "'").removesuffix("'s").removesuffix("s'") for word in _WORD.findall(role)]
    words = [word.removesuffix("-designate").removesuffix("-elect") for word in words]
    parts = [part for word in words for part in _without_prefix(word)]
    return [_ABBREVIATED.get(word, word) for word in parts]


def _without_prefix(word: str) -> list[str]:
    """``ex-minister``, ``then-governor``: "former" and the office."""
    for prefix in _FORMER_PREFIXES:
        if word.startswith(prefix) and word != prefix:
            return ["former", word.removeprefix(prefix)]
    return [word]


def is_abbreviated(word: str) -> bool:
    """Whether a word is a title that is written with a full stop: "Gen", "Ald", "Mr"."""
    return not word.isupper() and (word.lower() in _ABBREVIATED or word.lower() in HONORIFICS)


@lru_cache(maxsize=4096)
def is_head(word: str) -> bool:
    """Whether a word is a noun of an office or trade, singular."""
    lowered = word.lower().strip(".").removesuffix("-designate").removesuffix("-elect")
    bare = lowered.removeprefix("ex-").removeprefix("then-").removeprefix("co-")
    abbreviated = lowered in _ABBREVIATED and (word.endswith(".") or lowered not in _DOTTED)
    return lowered in HEADS or abbreviated or bare in HEADS


def _leads_to_office(words: list[str], at: int) -> bool:
    """Whether a noun only says the rank of the office that follows: "chief executive", "head football coach"."""
    if words[at] not in _BEFORE_OFFICE:
        return False
    following = (word for word in words[at + 1 :] if word in HEADS or word not in MODIFIERS)
    return next(following, "") in HEADS


@lru_cache(maxsize=4096)
def heads_of(role: str) -> frozenset[str]:
    """The offices that a role names: "Russian Foreign Minister" → minister, foreign-minister."""
    words = role_words(role)
    heads = {word for at, word in enumerate(words) if word in HEADS and not _leads_to_office(words, at)}
    joined = " ".join(words)
    if "foreign minister" in joined or "minister of foreign" in joined or "minister for foreign" in joined:
        heads.add("foreign-minister")
    if "foreign secretary" in joined:
        heads.add("foreign-secretary")
    if "secretary of state" in joined:
        heads.add("secretary-of-state")
    if "prime minister" in joined or "premier" in heads:
        heads |= {"prime-minister", "premier"}
        if "foreign-minister" not in heads and joined.count("minister") <= 1:
            heads.discard("minister")
    return frozenset(heads)


def portfolio(role: str) -> frozenset[str]:
    """What an office is for: "Deputy Defence Minister" → defence."""
    words = {"defense" if word == "defence" else word for word in role_words(role)}
    return frozenset(word for word in words if word not in GENERIC and word not in HEADS)


def can_be_called(descriptor: str, heads: frozenset[str]) -> bool:
    """Whether somebody with these offices can be called so: the top diplomat, a foreign minister."""
    wanted = heads_of(descriptor)
    last = next((word for word in reversed(role_words(descriptor)) if word in HEADS), None)
    if last is not None and last in wanted:
        # The last noun is the office: the chief whip is not a chief; the nouns before it must be held too.
        wanted = frozenset((last,)) | {head for head in wanted if "-" in head or head == "premier"}
    return any(head in heads or bool(_GROUPS.get(head, frozenset()) & heads) for head in wanted)


def gender_of(role: str) -> str | None:
    """Gender, "m" or "f", where a title or trade says so; ``None`` everywhere else: names tell nothing."""
    words = {word.lower().strip(".") for word in re.findall(r"[\w.-]+", role)}
    if words & MALE and not words & FEMALE:
        return "m"
    if words & FEMALE and not words & MALE:
        return "f"
    return None
