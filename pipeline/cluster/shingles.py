"""From texts to the hashes of their word 4-grams, without a Python loop over the words.

A shingle is four consecutive words, lower-cased, whatever stands between them (Broder 1997, "On the resemblance and
containment of documents"). All shingles of a batch of texts are hashed at once in numpy: letters and digits are read
as one long number in an odd base modulo 2^64, the sums of its prefixes are kept, and the hash of any run of words is
the difference of two of them divided by the base's power (Karp and Rabin 1987), then mixed. So a shingle has the
same hash in whatever batch, process or machine, which a rebuilt window needs.

Why not xxhash, or rensa's own hashing: they hash a string in 50 ns, but want the strings, and cutting and joining
400 of them for a story in Python costs more than all else together. Here the hash of a whole text falls off, too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
#: Most bytes of the texts of one call, see ``plain``.
MAX_BYTES = 16 * MAX_CHARS
#: Words at the top where a number is the day of the month.
_DATELINE = 10

_BASE = 0x9E3779B97F4A7C15
_MIX = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)
_MARK = 1

# General punctuation, the signs of Latin-1 and of East Asia: no words, whatever their bytes in UTF-8 are.
_SIGNS = re.compile(
    "[\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u206f\u2190-\u2bff\u3000-\u303f\uff00-\uff0f]+"
)
# Scripts written without spaces: every character counts as a word.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def _words() -> bytes:
    """A table for ``bytes.translate``: what is no letter or digit becomes zero, point and comma one."""
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
_POWERS = _powers(_BASE, MAX_BYTES + 1)
_INVERSES = _powers(pow(_BASE, -1, 2**64), MAX_BYTES + 1)


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
    """The shingles of texts as ``plain`` gives them, together at most ``MAX_BYTES``."""
    letters, first, ends = _letters(texts)
    bounds = np.append(first, len(letters))
    sums = np.zeros(len(letters) + 1, np.uint64)
    np.cumsum(letters * _POWERS[: len(letters)], out=sums[1:])
    last = np.searchsorted(first, ends)
    words = np.diff(last, prepend=0)
    enough = words >= MIN_WORDS
    text_hashes = np.zeros(len(texts), np.uint64)
    text_hashes[enough] = _runs(sums, (np.append(0, ends[:-1]))[enough], ends[enough])
    numbers, owners = _numbers(letters, sums, bounds, last)
    return Shingles(
        _hashes(sums, bounds, last, enough), np.where(enough, words - WIDTH + 1, 0), numbers, owners, text_hashes
    )


def _letters(texts: Sequence[bytes]) -> tuple[Hashes, Indices, Indices]:
    """The bytes of the words, the first of each raised by 256; where words begin; and where each text ends."""
    raw = np.frombuffer((b"\0" + b"\0".join(texts) + b"\0").translate(_WORDS), np.uint8)
    inside = raw > _MARK
    # A point or comma between digits belongs to the number: 1,234.5 is one word.
    marks = np.flatnonzero(raw == _MARK)
    before, after = raw[marks - 1], raw[marks + 1]
    nine = ord("9")
    inside[marks[(before > _MARK) & (before <= nine) & (after > _MARK) & (after <= nine)]] = True
    begins = inside[1:] > inside[:-1]
    first = np.flatnonzero(begins[inside[1:]])
    letters = raw[inside].astype(np.uint64)
    letters[first] += np.uint64(256)
    lengths = np.fromiter(map(len, texts), np.intp, len(texts)) + 1
    starts = np.cumsum(lengths) - lengths
    return letters, first, np.cumsum(np.add.reduceat(inside, starts, dtype=np.intp))


def _hashes(sums: Hashes, bounds: Indices, last: Indices, enough: NDArray[np.bool_]) -> Hashes:
    """The shingles' hashes, without those that run from one text into the next and those of headlines."""
    if len(bounds) <= WIDTH:
        return np.zeros(0, np.uint64)
    within = np.ones(len(bounds) - 1, bool)
    crossing = last[:, None] - np.arange(1, WIDTH)
    within[crossing[crossing >= 0]] = False
    for at in np.flatnonzero(~enough).tolist():
        within[last[at - 1] if at else 0 : last[at]] = False
    begin = np.flatnonzero(within)
    return _runs(sums, bounds[begin], bounds[begin + WIDTH])


def _runs(sums: Hashes, begin: NDArray[Any], end: NDArray[Any]) -> Hashes:
    """Hashes of the words between ``begin`` and ``end``, mixed so that every bit depends on every letter."""
    hashes: Hashes = sums[end]
    hashes -= sums[begin]
    hashes *= _INVERSES[begin]
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    hashes ^= hashes >> _SHIFT
    return hashes


def _numbers(letters: Hashes, sums: Hashes, bounds: Indices, last: Indices) -> tuple[Hashes, Indices]:
    head = letters[bounds[:-1]]
    at = np.flatnonzero((head >= 256 + ord("0")) & (head <= 256 + ord("9")))
    owners = np.searchsorted(last, at, "right")
    begin, end = bounds[at], bounds[at + 1]
    # 1900 to 2099 say nothing: the year is the same in every story of the day.
    first, second = letters[begin] - 256, letters[np.minimum(begin + 1, len(letters) - 1)]
    era = (first == ord("1")) & (second == ord("9")) | (first == ord("2")) & (second == ord("0"))
    keep = (end - begin != 4) | ~era
    keep &= at - np.where(owners > 0, last[owners - 1], 0) >= _DATELINE
    return _runs(sums, begin[keep], end[keep]), owners[keep]
