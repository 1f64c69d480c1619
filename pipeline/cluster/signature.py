"""What is kept of a text to find its copies: a bitmap of its shingles, and fingerprints to look it up by.

Two questions are asked of a pair. *Jaccard*: what part of all shingles have both? *Containment*: what part of the
shorter one's shingles are in the longer? The second is what an appended update or a cut from the bottom keeps high.
MinHash (rensa and datasketch have it) answers the first with a standard error of 0.044 from 128 values, 512 bytes,
and the second hardly. So the signature is of another kind:

- The **bitmap**: 2,048 bits, one set for each shingle by its hash. The sizes of two sets, of their union and so of
  their intersection follow from the numbers of bits by linear counting (Whang et al. 1990). At 400 words the error
  of either measure is about 0.015, in 256 bytes, and texts of any lengths compare. numpy counts bits natively.
- The **fingerprints**: the smallest hash of every window of *w* shingles (winnowing; Schleimer et al. 2003), each
  an entry of the index. Any common run of *w* shingles has a common fingerprint, for certain, so that copies meet
  whether the whole is similar or a part contained. *w* grows with the text; wherever it is large in one text, the
  fingerprints of a run are among those of a smaller *w* in another.
- The **head**: the first 16 shingles, to tell a copy from two stories over one footer; the **numbers**, to
  tell a market table from yesterday's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.cluster.shingles import Hashes, Indices, Shingles

#: Bits of the bitmap of shingles and of the one of numbers.
BITS = 2048
NUMBER_BITS = 128
#: Shingles of the opening that are remembered.
HEAD = 16
#: Most fingerprints of one text.
MAX_FINGERPRINTS = 128

_STEPS = np.arange(HEAD, dtype=np.intp)
#: The window of the winnowing is 2 to the power of how many of these numbers of shingles a text reaches.
_LONGER = np.array((16, 32, 64, 160, 640), np.intp)
_SCATTER = np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, slots=True, eq=False)
class Signatures:
    """The signatures of a batch of texts, one row each.

    Attributes:
        counts: how many shingles there are, repeated ones counted again; 0: the text is a copy of nothing.
        set_bits: bits set in a bitmap.
        bitmaps: ``BITS`` bits, as 64-bit words.
        heads: places in the bitmap of the first shingles.
        numbers: ``NUMBER_BITS`` bits, as 64-bit words.
        text_hashes: equal for exact copies; 0 without shingles.
        fingerprints: scattered hashes, text after text, at most ``MAX_FINGERPRINTS`` of one.
        owners: the text that each fingerprint is of.
    """

    counts: Indices
    set_bits: NDArray[np.uint16]
    bitmaps: NDArray[np.uint64]
    heads: NDArray[np.uint16]
    numbers: NDArray[np.uint64]
    text_hashes: Hashes
    fingerprints: Hashes
    owners: Indices


def sign(shingles: Shingles) -> Signatures:
    """The signatures of texts by their shingles."""
    hashes, counts = shingles.hashes, shingles.counts
    texts = len(counts)
    owners = np.repeat(np.arange(texts), counts)
    places = (hashes & np.uint64(BITS - 1)).astype(np.uint16)
    bitmaps = _bitmaps(owners, places, texts, BITS)
    number_places = (shingles.numbers & np.uint64(NUMBER_BITS - 1)).astype(np.uint16)
    fingerprints, fingerprint_owners = _winnow(hashes, counts, owners)
    return Signatures(
        counts,
        np.bitwise_count(bitmaps).sum(axis=1, dtype=np.uint16),
        bitmaps,
        _heads(places, counts),
        _bitmaps(shingles.number_owners, number_places, texts, NUMBER_BITS),
        shingles.text_hashes,
        fingerprints,
        fingerprint_owners,
    )


def _bitmaps(owners: Indices, places: NDArray[np.uint16], texts: int, bits: int) -> NDArray[np.uint64]:
    flags = np.zeros(texts * bits, bool)
    flags[owners * bits + places] = True
    return np.packbits(flags, bitorder="little").view(np.uint64).reshape(texts, bits // 64)


def _heads(places: NDArray[np.uint16], counts: Indices) -> NDArray[np.uint16]:
    """The first shingles; of a short text, shingles from all over its first half."""
    heads = np.zeros((len(counts), HEAD), np.uint16)
    some = np.flatnonzero(counts)
    starts = (np.cumsum(counts) - counts)[some]
    reach = np.minimum(counts[some] // 2, HEAD)
    heads[some] = places[starts[:, None] + _STEPS * reach[:, None] // HEAD]
    return heads


def _winnow(hashes: Hashes, counts: Indices, owners: Indices) -> tuple[Hashes, Indices]:
    """The smallest hash of every window of every text, each once, and the text it is of."""
    total = len(hashes)
    ends = np.cumsum(counts)
    levels = np.searchsorted(_LONGER, counts, "right")
    smallest, chosen = hashes.copy(), hashes.copy()
    # Windows of one text must not reach into the next.
    whole = np.arange(total) + (1 << levels)[owners] <= ends[owners]
    for level in range(1, int(levels.max(initial=0)) + 1):
        half = 1 << (level - 1)
        smallest[:-half] = np.minimum(smallest[:-half], smallest[half:])
        for text in np.flatnonzero(levels == level).tolist():
            chosen[ends[text] - counts[text] : ends[text]] = smallest[ends[text] - counts[text] : ends[text]]
    whole[1:] &= (chosen[1:] != chosen[:-1]) | (owners[1:] != owners[:-1])
    at = np.flatnonzero(whole)
    for text in np.flatnonzero(np.bincount(owners[at]) > MAX_FINGERPRINTS).tolist():
        # The smallest: what two long texts have in common is chosen in both.
        own = owners[at] == text
        largest = np.sort(chosen[at[own]])[MAX_FINGERPRINTS - 1]
        at = at[~own | (chosen[at] <= largest)]
    return chosen[at] * _SCATTER, owners[at]
