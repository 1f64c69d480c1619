"""Vectors that say what a text is about, whatever its language: 512 whole numbers from -127 to 127.

They are kept as small numbers because they travel with each story. Sums of products of such numbers are exact in single
precision, so that a likeness is the same number on every machine and in every order.
"""

from __future__ import annotations

from base64 import b64decode, b64encode

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 512

#: Whole numbers from -127 to 127, as single precision.
Vector = NDArray[np.float32]


def quantised(vector: NDArray[np.floating] | NDArray[np.integer]) -> Vector:
    """A vector of any length as whole numbers, the largest of which is 127.

    Raises:
        ValueError: it has no direction, or another number of dimensions.
    """
    most = float(np.abs(vector).max(initial=0))
    if vector.shape != (DIMENSIONS,) or not 0 < most < np.inf:
        raise ValueError(f"not a vector of {DIMENSIONS} numbers")
    return np.rint(np.asarray(vector, np.float64) * (127 / most)).astype(np.float32)


def to_text(vector: Vector) -> str:
    """A vector as Base64, a byte for each number."""
    return b64encode(vector.astype(np.int8).tobytes()).decode()


def from_text(text: str) -> Vector:
    """The vector of ``to_text``.

    Raises:
        ValueError: it is none.
    """
    data = b64decode(text, validate=True)
    if len(data) != DIMENSIONS:
        raise ValueError(f"not a vector of {DIMENSIONS} numbers")
    vector = np.frombuffer(data, np.int8).astype(np.float32)
    if not vector.any():
        raise ValueError("a vector without direction")
    return vector


def length(vector: Vector) -> float:
    """The Euclidean length."""
    return float(np.sqrt(np.dot(vector, vector)))
