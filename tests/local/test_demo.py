"""The demonstration ends when everything is through."""

from __future__ import annotations

import pytest

from pipeline.local.demo.run import all_through


@pytest.mark.parametrize(
    ("counts", "through"),
    [
        ((52, 52, 50, 50, 50, 50), True),
        ((52, 51, 50, 50, 50, 50), False),
        ((52, 52, 50, 50, 49, 50), False),
        # A busy machine: the group was balanced anew and the index stage got everything a second time.
        ((52, 52, 52, 52, 104, 52), True),
    ],
)
def test_the_demonstration_waits_until_every_stage_has_worked_through_what_came(
    counts: tuple[int, ...], through: bool
) -> None:
    assert all_through(counts) is through
