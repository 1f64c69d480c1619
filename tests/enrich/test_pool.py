"""Worker processes: one that crashes, hangs or fails costs the one story at fault a dead letter and nobody else anything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from pipeline.broker.monitoring import metrics
from pipeline.enrich.pool import AnalysisPool, PoolLimits
from pipeline.events import Content, Enrichment
from pipeline.events.errors import ConfigurationError, FatalError, RejectError, UnreachableError
from tests.enrich.scripted import Scripted, broken, never_ready, starts_once

_SECONDS = 0.5  # of processor time; the processes of these tests answer at once or never


@pytest.fixture
def pools() -> Iterator[list[AnalysisPool]]:
    """Those that a test starts are stopped when it ends."""
    started: list[AnalysisPool] = []
    yield started
    for pool in started:
        pool.stop()


def _analysed(
    pools: list[AnalysisPool], batches: Sequence[Sequence[str]], *, processes: int = 1, stories: int = 1000
) -> list[list[Enrichment | RejectError]]:
    pool = AnalysisPool(Scripted, PoolLimits(processes, _SECONDS, stories))
    pools.append(pool)

    async def run() -> list[list[Enrichment | RejectError]]:
        await pool.start()
        return [await pool.analyse([Content(headline=order) for order in batch]) for batch in batches]

    return asyncio.run(run())


def test_the_memory_of_the_processes_is_a_metric(pools: list[AnalysisPool]) -> None:
    _analysed(pools, [["one", "two"]], processes=2)
    assert metrics.ANALYSIS_MEMORY._value.get() > 2 * 10_000_000, "two interpreters"


def _answers(results: Sequence[Enrichment | RejectError]) -> list[str]:
    return ["rejected" if isinstance(one, RejectError) else str(one.model).split("|")[0] for one in results]


def _processes(results: Sequence[Enrichment | RejectError]) -> set[str]:
    return {str(one.model).split("|")[1] for one in results if isinstance(one, Enrichment)}


@pytest.mark.parametrize("fault", ["crash", "hang", "fail"])
def test_a_fault_costs_its_own_story_only(pools, fault):
    batch, after = _analysed(pools, [["a", fault, "b"], ["c"]])
    assert _answers(batch) == ["a", "rejected", "b"]
    assert _answers(after) == ["c"], "the pool goes on"


def test_told_to_end_while_it_starts_it_ends():
    pool = AnalysisPool(never_ready, PoolLimits(1, _SECONDS, 1000))

    async def run() -> None:
        starting = asyncio.create_task(pool.start())
        await asyncio.sleep(0.5)
        pool.stop()
        with pytest.raises(UnreachableError, match="is stopping"):
            await starting

    asyncio.run(run())


def test_the_letter_says_what_happened(pools):
    [[crashed, failed]] = _analysed(pools, [["crash", "fail"]])
    assert "exit code 3" in str(crashed)
    assert "no analysis of this one" in str(failed)


def test_results_keep_the_order_of_the_stories_over_several_processes(pools):
    orders = [f"{number} pause" for number in range(20)]
    [results] = _analysed(pools, [orders], processes=2)
    assert _answers(results) == orders
    assert len(_processes(results)) == 2


def test_a_process_is_replaced_after_its_share_of_stories(pools):
    """Which bounds what it can grow to."""
    results = _analysed(pools, [["a", "b"], ["c", "d"], ["e"]], stories=4)
    first, second, third = map(_processes, results)
    assert first == second
    assert third.isdisjoint(first)


def test_a_model_that_cannot_be_loaded_is_said_at_the_start(pools):
    pool = AnalysisPool(broken, PoolLimits(1, _SECONDS, 10))
    pools.append(pool)
    with pytest.raises(ConfigurationError, match="no such model"):
        asyncio.run(pool.start())


def test_a_process_that_cannot_be_replaced_is_fatal_and_no_storys_fault(pools, tmp_path, monkeypatch):
    monkeypatch.setenv("WIREDESK_TEST_STARTED", str(tmp_path / "started"))
    pool = AnalysisPool(starts_once, PoolLimits(1, _SECONDS, 1))
    pools.append(pool)

    async def run() -> None:
        await pool.start()
        await pool.analyse([Content(headline="a")])
        await pool.analyse([Content(headline="b")])

    with pytest.raises(FatalError, match=r"analysis process does not start.*no memory left"):
        asyncio.run(run())


def test_the_event_loop_runs_on_while_a_batch_is_analysed(pools):
    pool = AnalysisPool(Scripted, PoolLimits(1, _SECONDS, 10))
    pools.append(pool)

    async def run() -> int:
        await pool.start()
        turns = 0
        work = asyncio.ensure_future(pool.analyse([Content(headline="hang")]))
        while not work.done():
            await asyncio.sleep(0.01)
            turns += 1
        return turns

    assert asyncio.run(run()) > 1


def test_the_arithmetic_of_a_process_uses_one_thread(pools, monkeypatch):
    """More of them stand in each other's way; the switch must be set before numpy is loaded."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    [[result]] = _analysed(pools, [["a"]])
    assert str(result.model).split("|")[2] == "1"
