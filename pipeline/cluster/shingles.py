"""From texts to the hashes of their word 4-grams, without a Python loop over the words.

A shingle is four consecutive words, lower-cased, without what separates them (Broder 1997, "On the resemblance and
containment of documents"). All words of a batch of texts are hashed at once in numpy: the bytes are read as one long
number in an odd base modulo 2^64, the sums of its prefixes are kept, and the hash of a word is the difference of two
of them divided by the base's power (Karp and Rabin 1987), then mixed; that of a shingle is a mixed sum of four. So a
shingle has the same hash in any batch, process or machine, which a restored window needs.

Why not xxhash, or rensa's own hashing: they hash a string in 50 ns, but want the strings, and cutting and joining
400 of them for a story in Python costs more than all else together. Here the hash of a whole text falls off, too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Indices = NDArray[np.intp]

#: Words of a shingle.
WIDTH = 4
#: Only so much of a text is read: a bound for hostile input; what is copied is copied from the top.
MAX_CHARS = 16_384
#: Texts of fewer words are headlines, and have no shingles: two of the same words need not be one story.
MIN_WORDS = 8
#: Most bytes of the texts of one call, see ``plain``, and one for each text.
MAX_BYTES = 16 * MAX_CHARS
#: Words at the top where a number is the day of the month.
_DATELINE = 10

_BASE = 0x9E3779B97F4A7C15
_MIX = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)
_MARK = 1

# General punctuation, the signs of Latin-1 and of East Asia: not words, though their bytes in UTF-8 are above 127.
_SIGNS = re.compile(
    "[\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u206f\u2190-\u2bff\u3000-\u303f\uff00-\uff0f]+"
)
# Scripts written without spaces: every character counts as a word.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def _words() -> bytes:
    """A table for ``bytes.translate``: all but letters and digits becomes zero, point and comma one."""
    table = bytearray(256)
    for byte in (*range(ord("0"), ord("9") + 1), *range(ord("a"), ord("z") + 1), *range(128, 256)):
        table[byte] = byte
    table[ord(".")] = table[ord(",")] = _MARK
    return bytes(table)


def _powers(base: int, count: int) -> Hashes:
    steps = np.full(count, base, np.uint64)
    steps[0] = 1
    return np.cumprod(steps)


_WORDS = _words()
_POWERS = _powers(_BASE, MAX_BYTES + 2)
_INVERSES = _powers(pow(_BASE, -1, 2**64), MAX_BYTES + 2)
_PLACES = _powers(0xC2B2AE3D27D4EB4F, WIDTH)


@dataclass(frozen=True, slots=True, eq=False)
class Shingles:
    """What is counted of a batch of texts.

    Attributes:
        hashes: one for each word 4-gram, text after text, in the order of the text, repeated ones repeated.
        counts: how many of them each text has; 0 for a headline.
        numbers: a hash for each number, years and those of a dateline left out.
        number_owners: the text that each number is of.
        text_hashes: of all words of a text in order; equal for exact copies, 0 without shingles.
    """

    hashes: Hashes
    counts: Indices
    numbers: Hashes
    number_owners: Indices
    text_hashes: Hashes


def plain(text: str) -> bytes:
    """The text's first ``MAX_CHARS`` characters as UTF-8, case and forms of characters made one: the words' bytes."""
    text = text[:MAX_CHARS]
    if text.isascii():
        return text.lower().encode()
    text = _SIGNS.sub(" ", unicodedata.normalize("NFKC", text).casefold()[:MAX_CHARS])
    if _UNSPACED.search(text):
        text = _UNSPACED.sub(r" \g<0> ", text)[:MAX_CHARS]
    return text.encode("utf-8", "replace")


def shingle(texts: Sequence[bytes]) -> Shingles:
    """The shingles of texts as ``plain`` gives them, together at most ``MAX_BYTES`` with one more for each."""
    raw = _letters(texts)
    inside = raw > 0
    begin, end = np.flatnonzero(inside[1:] != inside[:-1]).reshape(-1, 2).T
    sums = np.zeros(len(raw), np.uint64)
    np.cumsum(raw[1:] * _POWERS[: len(raw) - 1], out=sums[1:])
    words = _runs(sums, begin, end)
    last = np.searchsorted(begin, np.cumsum([len(text) + 1 for text in texts]))
    counts = np.diff(last, prepend=0)
    enough = counts >= MIN_WORDS
    numbers, owners = _numbers(raw, words, begin, end, last)
    return Shingles(
        _hashes(words, last, enough),
        np.where(enough, counts - WIDTH + 1, 0),
        numbers,
        owners,
        np.where(enough, _wholes(words, last), np.uint64(0)),
    )


def _letters(texts: Sequence[bytes]) -> NDArray[np.uint8]:
    """The bytes of the texts with a zero before each and after the last; zero is also what belongs to no word."""
    raw = np.frombuffer(bytearray(b"\0" + b"\0".join(texts) + b"\0").translate(_WORDS), np.uint8)
    # A point or comma between digits belongs to the number: 1,234.5 is one word.
    marks = np.flatnonzero(raw == _MARK)
    before, after = raw[marks - 1], raw[marks + 1]
    nine = ord("9")
    raw[marks[(before <= _MARK) | (before > nine) | (after <= _MARK) | (after > nine)]] = 0
    return raw


def _hashes(words: Hashes, last: Indices, enough: NDArray[np.bool_]) -> Hashes:
    """The shingles' hashes, without those that run from one text into the next and those of headlines."""
    if len(words) < MIN_WORDS:
        return np.zeros(0, np.uint64)
    count = len(words) - WIDTH + 1
    within = np.ones(count, bool)
    crossing = last[:, None] - np.arange(1, WIDTH)
    within[crossing[(crossing >= 0) & (crossing < count)]] = False
    for at in np.flatnonzero(~enough).tolist():
        within[last[at - 1] if at else 0 : last[at]] = False
    hashes = words[:count].copy()
    for place in range(1, WIDTH):
        hashes += words[place : place + count] * _PLACES[place]
    return _mixed(hashes[within])


def _wholes(words: Hashes, last: Indices) -> Hashes:
    """A hash for each text, of all its words in order."""
    sums = np.zeros(len(words) + 1, np.uint64)
    np.cumsum(words * _POWERS[: len(words)], out=sums[1:])
    return _runs(sums, np.append(0, last[:-1]), last)


def _runs(sums: Hashes, begin: Indices, end: Indices) -> Hashes:
    """Hashes of the ranges from ``begin`` to ``end``, from the prefix sums."""
    hashes: Hashes = sums[end]
    hashes -= sums[begin]
    hashes *= _INVERSES[begin]
    return _mixed(hashes)


def _mixed(hashes: Hashes) -> Hashes:
    """Mixed in place, so that every bit depends on every letter."""
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    hashes ^= hashes >> _SHIFT
    return hashes


def _numbers(
    raw: NDArray[np.uint8], words: Hashes, begin: Indices, end: Indices, last: Indices
) -> tuple[Hashes, Indices]:
    first = raw[begin + 1]
    at = np.flatnonzero((first >= ord("0")) & (first <= ord("9")))
    owners = np.searchsorted(last, at, "right")
    # 1900 to 2099 say nothing: the year is the same in every story of the day.
    first, second = first[at], raw[begin[at] + 2]
    era = (first == ord("1")) & (second == ord("9")) | (first == ord("2")) & (second == ord("0"))
    keep = (end[at] - begin[at] != 4) | ~era
    keep &= at - np.where(owners > 0, last[owners - 1], 0) >= _DATELINE
    return words[at[keep]], owners[keep]
