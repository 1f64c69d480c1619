"""Every order in which the requests of two workers can happen, and many of three with lost answers: without a server.

After each single request, what is visible is of the version that the story has. The same on a real server, with fewer
orders: test_withdrawal.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from pipeline.events import EnrichedStory, Enrichment, Quote
from pipeline.events.errors import UnreachableError
from pipeline.index.writer import Writer
from pipeline.settings import ElasticsearchSettings, IndexSettings
from tests.index.fake_elasticsearch import FakeElasticsearch
from tests.index.site import story

KILL = (0, True)
#: Number of quotations of a version, and whether it is a kill.
CASES = [
    ((3, False), KILL),
    ((3, False), (1, False)),
    ((1, False), (3, False)),
    ((0, False), (2, False)),
    (KILL, (2, False)),
]


def event(number: int, quotations: int, killed: bool) -> EnrichedStory:
    said = tuple(Quote(type="direct", text=f"Version {number}", start=0, end=4) for _ in range(quotations))
    return story(1, 1, index_version=1000 + number, version_rank=number, killed=killed, history=(),
                 enrichment=Enrichment(quotes=said))  # fmt: skip


class Workers:
    """Workers that write one version each; a worker whose answer was lost writes its batch again."""

    def __init__(self, events: Sequence[EnrichedStory], server: FakeElasticsearch | None = None) -> None:
        self.server, self.events = server or FakeElasticsearch(), events
        self.running: dict[int, Coroutine[Any, Any, Any] | None] = {}
        for number in range(len(events)):
            self._begin(number)

    def _begin(self, number: int) -> None:
        writer = Writer(self.server, ElasticsearchSettings(), IndexSettings())  # type: ignore[arg-type]
        self.running[number] = writer.write([self.events[number]])
        self._resume(number)

    def _resume(self, number: int) -> None:
        running = self.running[number]
        assert running is not None
        try:
            running.send(None)
        except StopIteration:
            self.running[number] = None
        except UnreachableError:
            self._begin(number)

    @property
    def busy(self) -> list[int]:
        return [number for number, running in self.running.items() if running is not None]

    def step(self, number: int, *, lose_answer: bool = False) -> None:
        self.server.lose_answer = lose_answer
        self._resume(number)
        self.server.lose_answer = False
        found = self.server.documents.get(("stories", "orb-1"))
        visible = self.visible()
        if found is None or found.source["killed"]:
            assert visible == []
        else:
            assert set(visible) <= {f"Version {found.source['version_rank']}"}

    def visible(self) -> list[str]:
        quotes = [stored.source for (index, _), stored in self.server.documents.items() if index == "quotes"]
        return [quote["text"] for quote in quotes if not quote.get("hidden")]

    def check_end(self) -> None:
        newest = max(self.events, key=lambda one: one.index_version)
        count = 0 if newest.killed else len(newest.enrichment.quotes)
        assert self.visible() == [f"Version {newest.version_rank}"] * count
        assert self.server.documents["stories", "orb-1"].source["version_rank"] == newest.version_rank

    def close(self) -> None:
        for running in self.running.values():
            if running is not None:
                running.close()


def each_order(make: Callable[[], Workers], limit: int = 20_000) -> int:
    """Run every order of the workers' requests, depth first; returns how many there are."""
    orders, pending = 0, [list[int]()]
    while pending:
        order = pending.pop()
        workers = make()
        for number in order:
            workers.step(number)
        while workers.busy:
            first, *others = workers.busy
            pending += [[*order, other] for other in others]
            workers.step(first)
            order = [*order, first]
        workers.check_end()
        orders += 1
        assert orders < limit
    return orders


@pytest.mark.parametrize(("first", "second"), CASES)
def test_every_order_of_two_workers(first: tuple[int, bool], second: tuple[int, bool]) -> None:
    def make() -> Workers:
        return Workers([event(1, *first), event(2, *second)])

    assert each_order(make) >= 30


@pytest.mark.parametrize("lost", [0.0, 0.2])
def test_many_orders_of_three_workers_with_lost_answers(lost: float) -> None:
    for seed in range(300):
        chance = random.Random(seed)
        cases = [(chance.randrange(5), chance.random() < 0.25) for _ in range(3)]
        workers = Workers(
            [event(number, 0 if killed else count, killed) for number, (count, killed) in enumerate(cases, 1)]
        )
        while workers.busy:
            workers.step(chance.choice(workers.busy), lose_answer=chance.random() < lost)
        workers.check_end()


def test_a_worker_that_dies_at_any_request_leaves_nothing_wrong() -> None:
    for cut in range(8):
        workers = Workers([event(1, 3, killed=False), event(2, 0, killed=True)])
        for _ in range(cut):
            if 0 in workers.busy:
                workers.step(0)
        while 1 in workers.busy:
            workers.step(1)
        assert workers.visible() == []
        workers.close()
