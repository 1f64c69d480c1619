"""Ids of people and the names under which an id is shown: ``person:sergei-lavrov`` is "Sergei Lavrov".

The name is made from the id alone, so that all stories show a person under one name, however each spells it, and the id
can be made from the name again. Ids are given in ``pipeline/enrich/entities/identity.py``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

from pipeline.events.tables import table_rows

PERSON_PREFIX = "person:"
#: Letters that have no form without their stroke in Unicode.
_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ı": "i", "ß": "ss", "æ": "ae",
     "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th", "’": "'", "ʼ": "'", "‘": "'"}
)  # fmt: skip
_GENERATIONS = frozenset({"ii", "iii", "iv"})


@cache
def name_particles() -> Mapping[str, str]:
    """How each word that begins a surname is written within a name, by the word in lower case."""
    return dict(table_rows("pipeline.events", "name_particles.tsv"))


def plain_letters(text: str) -> str:
    """Latin letters without accents; a text in another script as it is."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode()
    return plain if any(character.isalnum() for character in plain) else text


def shown_name(person_id: str) -> str:
    """The name under which a person is shown.

    Args:
        person_id: such as ``person:ursula-von-der-leyen`` or, of namesakes, ``person:john-smith:au``.
    """
    name, _, apart = person_id.removeprefix(PERSON_PREFIX).partition(":")
    words = name.split("-")
    shown = _capital(words[0])
    for place, word in enumerate(words[1:], start=1):
        last = place == len(words) - 1
        written = word.upper() if last and word in _GENERATIONS else _capital(word)
        if not last:
            written = name_particles().get(word, written)
        shown += ("" if shown.endswith("-") else " ") + written
    return f"{shown} ({apart.upper().replace('-', ' ')})" if apart else shown


def id_of_name(name: str) -> str | None:
    """The id that a name stands for: of a name from :func:`shown_name` that of its person. ``None``: not a full name.

    Args:
        name: as shown, or with accents; an id is its own.
    """
    if name.startswith(PERSON_PREFIX):
        return name
    full, bracket, apart = name.strip().partition(" (")
    words = plain_letters(full).lower().replace("-", " ").split()
    if len(words) < 2:
        return None
    told = f":{'-'.join(apart.rstrip(')').lower().split())}" if bracket and apart.rstrip(")") else ""
    return f"{PERSON_PREFIX}{'-'.join(words)}{told}"


def _capital(word: str) -> str:
    """A word of a name: "Lavrov", "O'Brien", "McConnell"."""
    if len(word) > 3 and word[1] == "'":
        return f"{word[0].upper()}'{word[2:].capitalize()}"
    if len(word) > 4 and word.startswith("mc"):
        return f"Mc{word[2:].capitalize()}"
    return word.capitalize()
