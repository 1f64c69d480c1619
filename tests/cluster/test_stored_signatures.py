"""Signatures are stored: in the snapshots of the cluster stage, with which texts of later releases are compared.

The digests were computed by release 0.2. A test that fails here means that the texts of a stored window would be
compared wrongly: restore the old values, or count ``_FORMAT`` of pipeline/cluster/window.py up and then change them.
"""

from __future__ import annotations

import random
from dataclasses import fields

import numpy as np
import pytest
import xxhash

from pipeline.cluster.shingles import Shingles, _powers, _words, plain, shingle
from pipeline.cluster.signature import Signatures, sign


def words(count: int) -> str:
    """Words and numbers; each count gives texts of its own."""
    chance = random.Random(count)
    return " ".join(chance.choice((f"w{chance.randrange(4000)}", str(chance.randrange(900)))) for _ in range(count))


TEXTS = {
    "of all kinds": (
        "OSLO, May 4 (Orbis) - The “Solvik” sank at 6.30, harbour officials said: 214 people, 1,234.5 tons, in 1998 and 2026.",
        "Größe und Straße: ÉTÉ ﬁn, señor, Москва и Минск 12 000, ١٢٣ today and tomorrow in the year 2031 or 1875",
        "東京の株価は、今日も上がった。12.5円。ราคา",
        "Storm hits port",
        "",
        "It rose 9.5, 5.9, .5, 1,.5, 6.,7 and 0.,",
        "Storm hits the port again today",
        "It rose a.5 and 5.a and $.5 and 5.$ and /.5/ and 3.4.5, 3.",
        "round and round and round and round and round and round",
    ),
    "one": (words(8),),
    "a headline": (words(7),),
    "half a headline": ("Storm hits the port",),
    "a word": ("Storm",),
    "none": (),
    # On both sides of each length from which the windows are larger.
    "short": tuple(words(3 + count) for count in (4, 5, 15, 16, 31, 32, 63, 64)),
    "long": tuple(words(3 + count) for count in (159, 160, 639, 640, 2400)),
    "of the greatest length": (words(9000), "a b c d e f g h " * 1100, words(5000)),
}


def digest(value: Shingles | Signatures) -> dict[str, str]:
    """A hash of each array, as it would be stored, with its type and shape."""
    found = {}
    for field in fields(value):
        array = np.ascontiguousarray(getattr(value, field.name))
        found[field.name] = xxhash.xxh3_64_hexdigest(f"{array.dtype}{array.shape}".encode() + array.tobytes())
    return found


SHINGLES = {
    "of all kinds": {
        "hashes": "affbba04d8cde55b",
        "counts": "b1d5b9d702be45a7",
        "numbers": "cb64b7eab3fb2330",
        "number_owners": "bd2adbac4a583605",
        "text_hashes": "40f4654909a7f1fe",
    },
    "one": {
        "hashes": "e0c0ce2e9cf124a8",
        "counts": "303faa8480858d9e",
        "numbers": "7de1f0bab8a2f5c0",
        "number_owners": "25d234b7d9511268",
        "text_hashes": "920c18de3b5f642e",
    },
    "a headline": {
        "hashes": "7de1f0bab8a2f5c0",
        "counts": "71c0e97e5cb1da64",
        "numbers": "7de1f0bab8a2f5c0",
        "number_owners": "25d234b7d9511268",
        "text_hashes": "82af02f20bf95252",
    },
    "half a headline": {
        "hashes": "7de1f0bab8a2f5c0",
        "counts": "71c0e97e5cb1da64",
        "numbers": "7de1f0bab8a2f5c0",
        "number_owners": "25d234b7d9511268",
        "text_hashes": "82af02f20bf95252",
    },
    "a word": {
        "hashes": "7de1f0bab8a2f5c0",
        "counts": "71c0e97e5cb1da64",
        "numbers": "7de1f0bab8a2f5c0",
        "number_owners": "25d234b7d9511268",
        "text_hashes": "82af02f20bf95252",
    },
    "none": {
        "hashes": "7de1f0bab8a2f5c0",
        "counts": "25d234b7d9511268",
        "numbers": "7de1f0bab8a2f5c0",
        "number_owners": "25d234b7d9511268",
        "text_hashes": "7de1f0bab8a2f5c0",
    },
    "short": {
        "hashes": "206ba9b0659cf315",
        "counts": "ceb5fad6a7a416a4",
        "numbers": "8535f59378a94a7b",
        "number_owners": "25f9263bf1970734",
        "text_hashes": "05368b9332e221ad",
    },
    "long": {
        "hashes": "433587423dc2f3a3",
        "counts": "9be59b17fd7ca2c1",
        "numbers": "4b529aaa3e2aad7f",
        "number_owners": "709a24f6f9db343b",
        "text_hashes": "2908c44140e1b731",
    },
    "of the greatest length": {
        "hashes": "b6da39872bec8605",
        "counts": "e7a042d4b16b357d",
        "numbers": "f58ad12a5e040661",
        "number_owners": "308f9abc45d88489",
        "text_hashes": "ed77bf02d8712b36",
    },
}
#: Of a text with so few words that nothing is compared.
_FEW_WORDS = {
    "counts": "71c0e97e5cb1da64",
    "set_bits": "b2e5f89d27979020",
    "bitmaps": "9006cd6bbae8bde2",
    "heads": "5718069edefefbcb",
    "numbers": "96b39742849255e7",
    "text_hashes": "82af02f20bf95252",
    "fingerprints": "7de1f0bab8a2f5c0",
    "owners": "25d234b7d9511268",
}
SIGNATURES = {
    "of all kinds": {
        "counts": "b1d5b9d702be45a7",
        "set_bits": "2f6e365bbb8542f4",
        "bitmaps": "f4629e4726fce372",
        "heads": "7ec830a033e0b3cf",
        "numbers": "659c1235efacd760",
        "text_hashes": "40f4654909a7f1fe",
        "fingerprints": "05c608231a128086",
        "owners": "0651854b8d1abe9f",
    },
    "one": {
        "counts": "303faa8480858d9e",
        "set_bits": "8deee063c2657c6b",
        "bitmaps": "b13bdfac002a6d96",
        "heads": "328c8bd85f8fef0e",
        "numbers": "96b39742849255e7",
        "text_hashes": "920c18de3b5f642e",
        "fingerprints": "f9acf3315a519bad",
        "owners": "f7cd532e32f6ecbc",
    },
    "a headline": _FEW_WORDS,
    "half a headline": _FEW_WORDS,
    "a word": _FEW_WORDS,
    "none": {
        "counts": "25d234b7d9511268",
        "set_bits": "653a1cf038226de9",
        "bitmaps": "e5d64f0f8dd3672c",
        "heads": "3c750062b7722567",
        "numbers": "b882da4bf6921539",
        "text_hashes": "7de1f0bab8a2f5c0",
        "fingerprints": "7de1f0bab8a2f5c0",
        "owners": "25d234b7d9511268",
    },
    "short": {
        "counts": "ceb5fad6a7a416a4",
        "set_bits": "67b0cf679f99637b",
        "bitmaps": "00434eea0fa40c83",
        "heads": "c99d09ec10f74f5b",
        "numbers": "403a7a6a1e8eab02",
        "text_hashes": "05368b9332e221ad",
        "fingerprints": "29ede06d33455c05",
        "owners": "1ee5042beb935e67",
    },
    "long": {
        "counts": "9be59b17fd7ca2c1",
        "set_bits": "711c2bf0d6c57d55",
        "bitmaps": "4887c9103b0db20d",
        "heads": "1f6359007e9d4f8e",
        "numbers": "f7d2695b7a145a8e",
        "text_hashes": "2908c44140e1b731",
        "fingerprints": "919267765c6d2beb",
        "owners": "73063ab402be9480",
    },
    "of the greatest length": {
        "counts": "e7a042d4b16b357d",
        "set_bits": "69f302edf7240be0",
        "bitmaps": "2f5690ab65f7f477",
        "heads": "e852b285f761bd23",
        "numbers": "62ec4c48e98bca2f",
        "text_hashes": "ed77bf02d8712b36",
        "fingerprints": "0864c435c7c3da88",
        "owners": "1baa27092c6debda",
    },
}


@pytest.mark.parametrize("kind", TEXTS)
def test_shingles_and_signatures_never_change(kind: str) -> None:
    shingles = shingle([plain(text) for text in TEXTS[kind]])
    assert digest(shingles) == SHINGLES[kind]
    assert digest(sign(shingles)) == SIGNATURES[kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The STORM hit.", b"the storm hit."),
        ("“Größe” – ﬁn…", " grösse    fin..."),
        ("ª°µ±º™»«", "a μ otm "),
        ("a\ud800b é", "a?b é"),
        ("東京ab", " 東  京 ab"),
        ("ราคา", " ร  า  ค  า "),
        ("x" * 16_383 + "yz", "x" * 16_383 + "y"),
        ("é" * 16_383 + "yz", "é" * 16_383 + "y"),
        ("東" * 6_000, " 東 " * 5_461 + " "),
        ("ﷺ" * 1_000, ("صلى الله عليه وسلم" * 1_000)[:16_384]),
    ],
)  # fmt: skip
def test_only_the_words_of_the_top_are_left(text: str, expected: bytes | str) -> None:
    assert plain(text) == (expected.encode() if isinstance(expected, str) else expected)


def test_what_belongs_to_a_word() -> None:
    """Letters, digits and all bytes of other scripts; point and comma within numbers only."""
    letters = b"0123456789abcdefghijklmnopqrstuvwxyz" + bytes(range(128, 256))
    assert _words() == bytes(byte if byte in letters else 1 if byte in b".," else 0 for byte in range(256))


@pytest.mark.parametrize("base", [3, 0x9E3779B97F4A7C15])
def test_powers_are_those_of_64_bits(base: int) -> None:
    powers = _powers(base, 9)
    assert powers.dtype == np.uint64
    assert powers.tolist() == [pow(base, exponent, 2**64) for exponent in range(9)]
