"""Roles next to a name: titles before it, appositions before and after it.

Russian Foreign Minister Sergey Lavrov      the Russian foreign minister, Sergey Lavrov,
Ann Moe, a spokeswoman for the ministry,    U.S. Secretary of State John Kerry
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.enrich.entities.offices import HONORIFICS, MODIFIERS, is_head
from pipeline.enrich.entities.scan import gazetteer_matches
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.words import CUES

_PATTERNS = patterns("entities/titles")

_WORD = re.compile(r"[\w’'.&/-]*\w\.?(?:['’](?=\s))?")
_NO_ROLE = ENGLISH.capitals("no_title")
_LINKS = ENGLISH.function_words("title_link")
_MAX_WORDS = 9
_AFTER = _PATTERNS["after"]
_END_OF_APPOSITION = _PATTERNS["end_of_apposition"]
_SAID = frozenset(("said", "says", "told"))
_BEFORE = _PATTERNS["before"]


_DEFINITE = _PATTERNS["definite"]


class Role(NamedTuple):
    """A role as printed: ``[start, end)`` of the text."""

    start: int
    end: int
    text: str


def title_before(text: str, start: int, *, headline: bool = False) -> Role | None:
    """The title that stands right before a name.

    Args:
        text: the field.
        start: where the name begins.
        headline: every word may be capitalised there, so that unknown capitalised words belong to no title.
    """
    begin = max(start - 120, 0)
    begin = max(text.rfind("\n", begin, start) + 1, begin)
    words = _adjacent_words(text, begin, start)
    head = _head_of_title(words)
    if head is None:
        return None
    first = head
    known = _known_words(text, begin, start)
    unknown = 0
    while first > 0 and len(words) - first < _MAX_WORDS:
        word = words[first - 1]
        plain = word.group()
        if plain in _NO_ROLE:
            break
        if not _belongs(plain) and not any(at <= word.start() and word.end() <= end + 2 for at, end in known):
            if headline or not plain[0].isupper() or unknown == 2 or plain.lower() in CUES:
                break
            unknown += 1
        first -= 1
    while first < head and words[first].group().lower() in _LINKS:
        first += 1
    return Role(words[first].start(), words[-1].end(), text[words[first].start() : words[-1].end()])


def _belongs(word: str) -> bool:
    lowered = word.lower().rstrip(".").replace("’", "'").removesuffix("'s")
    return is_head(lowered) or lowered in MODIFIERS or word.lower() in MODIFIERS or lowered.startswith(("ex-", "vice-"))


def _adjacent_words(text: str, begin: int, start: int) -> list[re.Match[str]]:
    """The words before the name that nothing but single spaces part from it."""
    if text[start - 1 : start] != " ":
        return []
    found = list(_WORD.finditer(text, begin, start))
    words: list[re.Match[str]] = []
    at = start
    for word in reversed(found):
        if text[word.end() : at] != " ":
            break
        # "… in May. President Moe": a full stop that is not an abbreviation's ends the sentence.
        if word.group().endswith(".") and not (is_head(word.group()) or re.fullmatch(r"(?:[A-Z]\.)+", word.group())):
            break
        words.append(word)
        at = word.start()
    words.reverse()
    while words and words[-1].group().lower().strip(".") in HONORIFICS:
        words.pop()
    return words


def _head_of_title(words: list[re.Match[str]]) -> int | None:
    """Index of the word that makes it a title: the last one, or the one before "of State"."""
    if not words:
        return None
    if is_head(words[-1].group()) and not words[-1].group().isupper() | (len(words[-1].group()) < 2):
        return len(words) - 1
    if words[-1].group().lower() in {"ceo", "cfo", "coo", "mp", "pm", "cto", "fm"} and words[-1].group().isupper():
        return len(words) - 1
    for index in range(len(words) - 2, max(len(words) - 7, 0), -1):
        plain = words[index].group()
        if plain in {"of", "for"} and is_head(words[index - 1].group()):
            return index - 1 if any(word.group()[0].isupper() for word in words[index + 1 :]) else None
        if not (plain[0].isupper() or plain in _LINKS):
            return None
    return None


def _known_words(text: str, begin: int, start: int) -> list[tuple[int, int]]:
    return [(begin + match.start, begin + match.end) for match in gazetteer_matches(text[begin:start])]


def apposition_after(text: str, end: int) -> Role | None:
    """The role between commas after a name: ", the mayor of Oslo,"."""
    lead = _AFTER.match(text, end)
    if lead is None:
        return None
    stop = _END_OF_APPOSITION.search(text, lead.end())
    finish = stop.start() if stop else len(text)
    while stop and stop.group() == "." and _PATTERNS["abbreviation"].search(text[lead.end() : stop.start()]):
        stop = _END_OF_APPOSITION.search(text, stop.end())
        finish = stop.start() if stop else len(text)
    if stop and stop.group() in _SAID:
        return None  # "After talks with Moe, the Syrian leader said": no comma closes it, so it is another's
    return _noun_phrase(text, lead.end(), finish)


def apposition_before(text: str, start: int) -> Role | None:
    """The role before a name and a comma: "The Russian foreign minister, Sergey Lavrov"."""
    found = _BEFORE.search(text, max(0, start - 110), start)
    if found is None or (not _DEFINITE.match(found.group(1)) and not _belongs(found.group(1).split(" ")[0])):
        return None
    return _noun_phrase(text, found.start(1), found.end(1))


def _noun_phrase(text: str, start: int, end: int) -> Role | None:
    phrase = text[start:end].rstrip()
    words = [word.group() for word in _WORD.finditer(phrase)]
    if not 1 <= len(words) <= 12 or any(word in CUES - {"state", "report"} or word.lower() in _VERBS for word in words):
        return None
    # The head precedes the first preposition: "spokeswoman | for the ministry".
    front = words[: next((i for i, word in enumerate(words) if word.lower() in _PREPOSITIONS), len(words))]
    if not front or not is_head(front[-1]):
        return None
    bare = _PATTERNS["articles"].sub("", phrase)
    begin = start + len(phrase) - len(bare)
    return Role(begin, begin + len(bare), bare)


_PREPOSITIONS = ENGLISH.function_words("after_head")
_VERBS = ENGLISH.function_words("auxiliary")


def _behind_office(text: str, start: int, end: int) -> int:
    """Where the name begins of "Secretary of State Ann Moe" if the recogniser took in what the office is for."""
    office = _PATTERNS["office_of"].search(text[max(start - 40, 0) : start])
    first, _, rest = text[start:end].partition(" ")
    if office is None or not rest or not is_head(office.group(1)) or first.lower() not in MODIFIERS:
        return start
    return start + len(first) + 1


def without_title(text: str, start: int, end: int) -> int:
    """Where a name begins once titles and honorifics at its head are left out; ``end`` where nothing is left.

    Words that only modify a title are left out with it: "Chief" alone may be a name, "Chief Justice" is none.
    """
    at = behind = start = _behind_office(text, start, end)
    while (word := _TITLE_WORD.match(text, at, end)) is not None:
        plain = word.group().lower().strip(".")
        left = len(text[word.end() : min(end, word.end() + 60)].split())
        if plain in HONORIFICS or (is_head(word.group()) and (plain not in _ALSO_NAMES or left > 1)):
            behind = word.end()
        elif not _belongs(word.group()) and not _leads_to_title(text, word.end(), end):
            break
        at = word.end()
        while at < end and text[at] in " .,":
            at += 1
    if behind == start:
        return start
    while behind < end and text[behind] in " .,":
        behind += 1
    return behind


def titled_name(text: str, start: int, end: int) -> int | None:
    """Where a person's name begins in a stretch that begins with a title which no name contains: "Speaker Ann Moe"."""
    begin = without_title(text, start, end)
    if not start < begin < end:
        return None
    *_, title = text[start:begin].split()
    words = text[begin:end].split(" ")
    plain = title.lower().strip(".")
    if plain in _ALSO_NAMES or not is_head(title) or not 2 <= len(words) <= 4:
        return None
    return begin if all(word[:1].isupper() and not word.isupper() for word in words) else None


def _leads_to_title(text: str, at: int, end: int) -> bool:
    """Whether a title with a whole name after it follows right away: "Party | Chairman Ann Moe"."""
    following = _TITLE_WORD.match(text, at + 1, end)
    return (
        following is not None
        and is_head(following.group())
        and following.group().lower() not in _ALSO_NAMES
        and len(text[following.end() : end].split()) > 1
    )


_TITLE_WORD = re.compile(r"[\w’'&/-]*\w\.?")
#: Titles that many people have as a name.
_ALSO_NAMES = ENGLISH.nouns_that("surname")
