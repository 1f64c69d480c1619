"""A quotation as found in a text, before its speaker is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.enrich.quotes.source import Source


@dataclass(frozen=True)
class Quotation:
    """A quotation as found in the text; offsets are characters."""

    type: Literal["direct", "indirect", "mixed"]
    start: int
    end: int
    source: Source | None
    #: Name of the rule that made it, as in ``rules.yaml``.
    rule: str
    #: The source was taken from the quotation next to it.
    inherited: bool = False
