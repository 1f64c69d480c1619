"""What the confidence of a speaker means: how often a name with it is right, on the dev half of the gold."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache

from pipeline.events.tables import table_rows


@cache
def _table() -> tuple[list[float], list[float]]:
    rows = list(table_rows("pipeline.enrich", "data", "confidence.tsv"))
    return [float(row[0]) for row in rows], [float(row[1]) for row in rows]


def calibrated(raw: float) -> float:
    """The share of right names among those to which the rules give this confidence.

    Args:
        raw: as the rules give it, 0 to 1.
    """
    uppers, shares = _table()
    return shares[min(bisect_left(uppers, raw), len(shares) - 1)]
