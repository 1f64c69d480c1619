"""Phrases that can name a speaker: a pronoun, a name, an office or body, and no clause."""

from __future__ import annotations

import re

from pipeline.enrich.entities.offices import is_head
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import SHARED, patterns
from pipeline.enrich.quotes.words import CUES, PRONOUNS, ROLE_NOUNS

_PATTERNS = patterns("quotes/phrases")

#: A word of a phrase, brackets and abbreviations with it.
WORD = re.compile(r"\[?[\w’'.\-&]*\w[\]’'.]*")
_MAX_WORDS = 24
#: Forms of auxiliaries: where one stands, there is a clause.
FINITE = SHARED["finite"]
_ALONE = ENGLISH.function_words("subject")
_SUBJECT_START = ENGLISH.function_words("begins_subject")
_AFTER_HEAD = ENGLISH.function_words("after_head")
_NO_SUBJECT = ENGLISH.function_words("no_subject")


def names_role(words: str) -> bool:
    """Whether the head of a phrase, before its first preposition, is a noun of an office, a trade or a body."""
    found = [word.lower() for word in WORD.findall(words)]
    stops = _AFTER_HEAD
    front = found[: next((at for at, word in enumerate(found) if word in stops), len(found))]
    return bool(front) and (is_head(front[-1]) or front[-1] in ROLE_NOUNS or front[-1].removesuffix("s") in ROLE_NOUNS)


_FINDERS = _PATTERNS["finders"]


def finds(source: str) -> bool:
    """Whether papers or bodies are the source: they find, show and hold that something is so."""
    return _FINDERS.search(source) is not None


#: "he and other officials", "only 17 percent"
_WITH_OTHERS = _PATTERNS["with_others"]
_ONLY_SOME = _PATTERNS["only_some"]
#: A name that begins with its article: "al-Sadr".
PARTICLED = _PATTERNS["particled"]
_DETERMINERS = ENGLISH.function_words("determiner")


def plausible(source: str) -> bool:
    """Whether words can name a speaker: a pronoun, or a noun phrase without a finite verb."""
    words = WORD.findall(source)
    if not words or len(words) > _MAX_WORDS:
        return False
    # "US officials" and "IT experts" are neither "us" nor "it".
    lowered = [word if word.isupper() and len(words) > 1 else word.strip("[].’'").lower() for word in words]
    if len(words) == 1 and lowered[0] in _ALONE:
        return True
    if (lowered[0] in PRONOUNS - {"her"} and not _WITH_OTHERS.match(source)) or lowered == ["her"]:
        return False
    if (lowered[0] in _NO_SUBJECT and not _ONLY_SOME.match(source)) or FINITE.search(source) or "\x01" in source:
        return False
    # "Ali Muse", "Mr. Grant" are names.
    if any(word in CUES and word not in _NOUNS_TOO and not word.endswith("ed") for word in words):
        return False
    if len(words) == 1 and lowered[0] in _DETERMINERS:
        return False
    return (
        lowered[0] in _SUBJECT_START
        or any(word[0].isupper() or word[0] == "[" or PARTICLED.match(word) for word in words)
        or any(word.removesuffix("'s").removesuffix("’s") in ROLE_NOUNS for word in lowered)
        or (len(words) <= 5 and lowered[-1].endswith("s"))
        or source[0].isdigit()
    )


#: Verbs of saying that are nouns or participles as well, so that they can stand within a source.
_NOUNS_TOO = ENGLISH.forms("in_source")
