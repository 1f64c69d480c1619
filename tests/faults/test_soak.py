"""A short run of the soak; and its comparison can fail."""

from __future__ import annotations

import gc
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults.soak.differences import Indexed, compare
from tests.faults.soak.run import Soak
from tests.faults.soak.stories import Expected, make_plan
from tests.faults.soak.watch import fit


def documents(expected: dict[str, Expected]) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """What a faultless index holds."""
    stories = [
        {"item_id": f"urn:orbis:{name}", "story_id": f"id-{name}", "headline": end.headline, "killed": end.killed,
         "cluster_id": min(end.copies or {name}), "index_version": 7}
        for name, end in expected.items()
    ]  # fmt: skip
    history = [{"story_id": f"id-{name}"} for name, end in expected.items() for _ in range(end.versions)]
    quotations = [
        {"story_id": f"id-{name}", "text": f"“{words},”", "index_version": 7}
        for name, end in expected.items()
        for words in end.quotations
    ]
    return stories, history, quotations


def test_the_plan_has_everything_and_follows_from_its_seed() -> None:
    plan = make_plan(300, 1)
    assert plan == make_plan(300, 1)
    assert plan != make_plan(300, 2)
    expected = plan.expected()
    assert len(expected) == 300
    assert {version.channel for version in plan.sent} == {"feed", "folder", "push"}
    assert any(end.killed for end in expected.values())
    assert any(len(end.copies or ()) > 1 for end in expected.values())
    assert any(len(end.quotations) > 1 for end in expected.values())
    assert len(plan.sent) > sum(end.versions for end in expected.values())
    late = [(one, two) for one, two in zip(plan.sent, plan.sent[1:], strict=False) if one.story == two.story]
    assert any(one.number > two.number for one, two in late)


def test_what_is_wrong_is_found() -> None:
    expected = make_plan(200, 1).expected()
    stories, history, quotations = documents(expected)
    assert not any(compare(expected, Indexed(stories, history, quotations), ()).counts().values())
    usable = next(name for name, end in expected.items() if not end.killed and end.quotations and end.copies == {name})
    killed = next(name for name, end in expected.items() if end.killed)
    others = [one for one in stories if one["item_id"] != f"urn:orbis:{usable}"]
    found = compare(expected, Indexed(others, history, quotations), ()).counts()
    assert found["lost"] == 1
    assert compare(expected, Indexed([*stories, stories[0]], history, quotations), ()).doubled
    assert compare(expected, Indexed(stories, history[1:], quotations), ()).lost
    assert compare(expected, Indexed(stories, [*history, history[0]], quotations), ()).doubled
    stale = {**expected, usable: replace(expected[usable], headline="newer")}
    assert compare(stale, Indexed(stories, history, quotations), ()).stale
    revived = [{**one, "killed": False} for one in stories]
    assert f"{killed}" in compare(expected, Indexed(revived, history, quotations), ()).revived
    of_killed = {"story_id": f"id-{killed}", "text": "x", "index_version": 7}
    assert compare(expected, Indexed(stories, history, [*quotations, of_killed]), ()).wrong_quotations
    older = [{**quotations[0], "index_version": 6}, *quotations[1:]]
    assert compare(expected, Indexed(stories, history, older), ()).wrong_quotations
    other = [{**quotations[0], "text": "what nobody said"}, *quotations[1:]]
    assert compare(expected, Indexed(stories, history, other), ()).wrong_quotations
    alone = [{**one, "cluster_id": "all"} for one in stories]
    assert compare(expected, Indexed(alone, history, quotations), ()).wrong_copies
    assert compare(expected, Indexed(stories, history, quotations), ["a reason"]).sound_dead_letters == ["a reason"]


def test_a_slope_is_found_with_its_error() -> None:
    chance = random.Random(1)
    flat = [(float(at), 100_000_000 + chance.randrange(-10_000, 10_000)) for at in range(300)]
    grows = [(at, memory + int(1000 * at)) for at, memory in flat]
    still, growing = fit(flat), fit(grows)
    assert still is not None
    assert growing is not None
    assert abs(still.bytes_per_second) < 3 * still.error
    assert abs(growing.bytes_per_second - 1000) < 3 * growing.error
    assert fit(flat[:10]) is None


def _collect() -> None:
    """kafka-python leaves the socket of a refused connection to the collector: here, where the warning is expected."""
    gc.collect()


@pytest.mark.stack
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_run_with_faults_ends_as_one_without(local_stack: Any, tmp_path: Path) -> None:
    seed = 20
    outcome = Soak(local_stack, tmp_path, make_plan(60, seed), 12, seed).run()
    assert len(outcome.faults) == 12
    _collect()
    assert outcome.flawless, outcome.table()


@pytest.mark.stack
@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_server_that_loses_what_it_acknowledged_is_found(local_stack: Any, tmp_path: Path) -> None:
    outcome = Soak(local_stack, tmp_path, make_plan(30, 1), 0, 1).run(lie=0.5)
    assert outcome.differences is not None
    assert outcome.differences.lost, outcome.table()
