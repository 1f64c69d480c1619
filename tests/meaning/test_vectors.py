"""Vectors as small whole numbers."""

import numpy as np
import pytest

from pipeline.meaning.vectors import DIMENSIONS, from_text, quantised, to_text
from tests.meaning.parallel import likeness

#: Characters of a vector as text.
TEXT_LENGTH = (DIMENSIONS + 2) // 3 * 4

RANDOM = np.random.default_rng(1)


def test_a_vector_survives_its_text() -> None:
    vector = quantised(RANDOM.normal(size=DIMENSIONS))
    text = to_text(vector)
    assert len(text) == TEXT_LENGTH
    assert np.array_equal(from_text(text), vector)


def test_rounding_hardly_changes_a_likeness() -> None:
    one, other = RANDOM.normal(size=(2, DIMENSIONS))
    exact = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert likeness(quantised(one), quantised(other)) == pytest.approx(exact, abs=0.005)
    assert likeness(quantised(one), quantised(one)) == pytest.approx(1)


def test_products_are_the_same_in_any_order() -> None:
    """A likeness at a threshold is on the same side of it on every machine."""
    one, other = (quantised(vector) for vector in RANDOM.normal(size=(2, DIMENSIONS)))
    order = RANDOM.permutation(DIMENSIONS)
    assert (
        float(np.dot(one, other))
        == float(np.dot(one[order], other[order]))
        == sum(int(a) * int(b) for a, b in zip(one, other, strict=True))
    )


@pytest.mark.parametrize("text", ["", "AAAA", "A" * TEXT_LENGTH + "AAAA", "not base64!", "é" * TEXT_LENGTH])
def test_what_is_no_vector_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_text(text)


@pytest.mark.parametrize("numbers", [np.zeros(DIMENSIONS), np.ones(3), np.full(DIMENSIONS, np.nan)])
def test_a_vector_without_direction_is_refused(numbers: np.ndarray) -> None:
    with pytest.raises(ValueError):
        quantised(numbers)
