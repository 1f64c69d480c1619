"""Quotations and their speakers on the hand-made gold: what was reached may not get lost."""

from __future__ import annotations

import pytest

from pipeline.enrich.analyse import Analyser
from tests.enrich.gold_score import score
from tests.enrich.gold_stories import gold_stories


@pytest.mark.shared
@pytest.mark.parametrize("half", ["dev", "test"])
def test_what_was_reached_is_kept(shared_data, half):
    found = score(gold_stories(half, shared_data), Analyser({"en": "en_wire"}))
    everything, direct = found.types["all"], found.types["direct"]
    assert everything.f1(everything.exact) >= 0.80
    assert direct.f1(direct.exact) >= 0.90
    assert found.right >= 0.90 * found.named
    assert found.wrong <= 0.05 * found.named
