"""From a text to the hashes of its word 4-grams, without a Python loop over the words.

A shingle is four consecutive words, lower-cased, whatever stands between them (Broder 1997, "On the resemblance and
containment of documents"). All shingles of a text are hashed at once in numpy: the letters and digits of the text
are read as one long number in an odd base modulo 2^64, the sums of its prefixes are kept, and the hash of any run of
words is the difference of two of them divided by the base's power (Karp and Rabin 1987), then mixed.

Why not xxhash for the shingles: it hashes a string in 50 ns, but cutting and joining 400 strings of a story in
Python costs more than all else together; numpy does the whole text in a tenth of that. xxhash serves where there is
one string to hash: the text as a whole. Nothing here depends on the process or the machine: the same text has the
same hashes everywhere and always, which a rebuilt window needs.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

#: Words of a shingle.
WIDTH = 4

#: Only so much of a text is read: a bound for hostile input; what is copied is copied from the top.
MAX_CHARS = 16_384

#: Words at the top where a number is the day of the month.
_DATELINE = 10

_BASE = 0x9E3779B97F4A7C15
_MIX = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)

_SEPARATOR, _LETTER, _DIGIT, _MARK = range(4)

# General punctuation, the signs of Latin-1 and of East Asia: no words, whatever their bytes in UTF-8 are.
_SIGNS = re.compile(
    "[\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u206f\u2190-\u2bff\u3000-\u303f\uff00-\uff0f]+"
)
# Scripts written without spaces: every character counts as a word.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(256, np.uint8)
    kinds[ord("a") : ord("z") + 1] = _LETTER
    kinds[128:] = _LETTER
    kinds[ord("0") : ord("9") + 1] = _DIGIT
    kinds[[ord("."), ord(",")]] = _MARK
    return kinds


def _powers(base: int, count: int) -> Hashes:
    steps = np.full(count, base, np.uint64)
    steps[0] = 1
    return np.cumprod(steps)


_KINDS = _kinds()
_POWERS = _powers(_BASE, 4 * MAX_CHARS + 1)
_INVERSES = _powers(pow(_BASE, -1, 2**64), 4 * MAX_CHARS + 1)
_NONE = np.zeros(0, np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class Shingles:
    """What is counted of a text.

    Attributes:
        hashes: one for each word 4-gram, in the order of the text, repeated ones repeated.
        numbers: one for each number, years and those of a dateline left out.
        words: how many words there are.
        text_hash: of all words in order; equal for exact copies.
    """

    hashes: Hashes
    numbers: Hashes
    words: int
    text_hash: int


EMPTY = Shingles(_NONE, _NONE, 0, 0)


def shingle(text: str) -> Shingles:
    """The shingles of a text. Case, punctuation, spacing and compatibility forms of characters make no difference."""
    letters, first = _letters(_plain(text))
    count = len(letters)
    if not count:
        return EMPTY
    sums = np.zeros(count + 1, np.uint64)
    np.cumsum(letters * _POWERS[:count], out=sums[1:])
    bounds = np.append(first, count)
    hashes = _runs(sums, bounds[:-WIDTH], bounds[WIDTH:]) if len(first) >= WIDTH else _NONE
    return Shingles(hashes, _numbers(letters, sums, bounds), len(first), xxhash.xxh3_64_intdigest(letters.data))


def _plain(text: str) -> bytes:
    text = text[:MAX_CHARS]
    if text.isascii():
        return text.lower().encode()
    text = _SIGNS.sub(" ", unicodedata.normalize("NFKC", text).casefold()[:MAX_CHARS])
    if _UNSPACED.search(text):
        text = _UNSPACED.sub(r" \g<0> ", text)[:MAX_CHARS]
    return text.encode("utf-8", "replace")


def _letters(text: bytes) -> tuple[Hashes, NDArray[np.intp]]:
    """The bytes of the words, the first of each word raised by 256, and where the words begin among them."""
    raw = np.frombuffer(text, np.uint8)
    if len(raw) < 3:
        return _NONE, np.zeros(0, np.intp)
    kinds = _KINDS[raw]
    inside = kinds == _DIGIT
    # A point or comma between digits belongs to the number: 1,234.5 is one word.
    mark = kinds[1:-1] == _MARK
    mark &= inside[:-2]
    mark &= inside[2:]
    inside |= kinds == _LETTER
    inside[1:-1] |= mark
    codes = raw.astype(np.uint64)
    codes[0] |= np.uint64(256)
    codes[1:] |= (inside[1:] > inside[:-1]).astype(np.uint64) << np.uint64(8)
    letters = codes[inside]
    return letters, np.flatnonzero(letters > 255)


def _runs(sums: Hashes, begin: NDArray[Any], end: NDArray[Any]) -> Hashes:
    """Hashes of the words between ``begin`` and ``end``, mixed so that every bit depends on every letter."""
    hashes: Hashes = (sums[end] - sums[begin]) * _INVERSES[begin]
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    hashes ^= hashes >> _SHIFT
    return hashes


def _numbers(letters: Hashes, sums: Hashes, bounds: NDArray[np.intp]) -> Hashes:
    head = letters[bounds[_DATELINE:-1]]
    at = np.flatnonzero((head >= 256 + ord("0")) & (head <= 256 + ord("9"))) + _DATELINE
    if not len(at):
        return _NONE
    begin, end = bounds[at], bounds[at + 1]
    # 1900 to 2099 say nothing: the year is the same in every story of the day.
    first, second = letters[begin] - 256, letters[np.minimum(begin + 1, len(letters) - 1)]
    era = (first == ord("1")) & (second == ord("9")) | (first == ord("2")) & (second == ord("0"))
    keep = (end - begin != 4) | ~era
    return _runs(sums, begin[keep], end[keep])
