"""Who said something is printed once: no role that repeats the words before it."""

from __future__ import annotations

import pytest

from pipeline.enrich.entities.people import Person
from pipeline.index.attribution import attribution


@pytest.mark.parametrize(
    ("quote", "printed"),
    [
        ({"speaker": "Ann Moe", "role": "mayor of Calvessa", "source": "Moe"}, "Ann Moe, mayor of Calvessa"),
        ({"role": "Calvessa harbour police", "source": "Calvessa harbour police"}, "Calvessa harbour police"),
        ({"role": "The harbour police", "source": "the harbour police"}, "the harbour police"),
        ({"role": "harbour police", "source": "the harbour police"}, "the harbour police"),
        ({"role": "the ferry's captain", "source": "he"}, "he, the ferry's captain"),
        ({"speaker": "Harbour Authority", "role": "The Harbour Authority", "source": "it"}, "Harbour Authority"),
        ({"speaker": "Ann Moe", "confidence": 0.79, "source": "she"}, "likely Ann Moe"),
        ({"speaker": "Ann Moe", "confidence": 0.94, "source": "she"}, "Ann Moe"),
        ({"role": "a diver"}, "speaker not found, a diver"),
        ({}, "speaker not found"),
    ],
)
def test_the_role_adds_to_the_words(quote: dict[str, str | float], printed: str) -> None:
    assert str(attribution(quote)) == printed


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("Kestovian senator.", "Kestovian senator"), ("Gen.", "Gen"), ("mayor of Calvessa,", "mayor of Calvessa"),
        ("coordinator for the U.S.", "coordinator for the U.S."), ("U.S. envoy", "U.S. envoy"), (".", None),
    ],
)  # fmt: skip
def test_roles_have_no_full_stop(printed: str, kept: str | None) -> None:
    person = Person("Ann Moe", ("ann", "moe"))
    person.add_role(printed)
    assert person.roles == ([kept] if kept else [])
