"""More partitions and more worker processes, by processor time: what a story costs then.

    python -m tests.benchmarks.scale [--stories 1000] [--stage intake --stage cluster] [--sizes 1x1 4x8] [--data-dir DIR]

One worker over 1, 8 and 32 partitions, then 1, 2 and 4 workers over 8 partitions. All stories are in the topic before
the workers start; processor time of the workers and of the two servers is counted from the first story that comes out
to the last, and is what shows on a machine with few cores whether more processes or partitions cost more than they
carry. Stories a second are told beside it: they grow with processes only where there are cores for them. The cluster
stage has one partition, whatever the others have: one worker does all of it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
from kafka import KafkaConsumer, TopicPartition

from pipeline.broker.topics import topics_of
from pipeline.settings import Settings
from tests.benchmarks.agents import publish
from tests.benchmarks.figures import Figure
from tests.benchmarks.servers import Site, site
from tests.benchmarks.show import show

_PATIENCE_SECONDS = 300
#: Processes and partitions of each worker.
_SIZES = ("1x1", "1x8", "1x32", "2x8", "4x8")


@dataclass(frozen=True)
class Cost:
    """What one size took: processor milliseconds a story of workers and servers, and stories a second."""

    workers: float
    servers: float
    rate: float


def _family_cpu(processes: Sequence[subprocess.Popen[bytes]]) -> float:
    total = 0.0
    for process in processes:
        parent = psutil.Process(process.pid)
        for one in (parent, *parent.children(recursive=True)):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def measure(place: Site, processes: int, partitions: int, stories: int, stages: Sequence[str]) -> Cost:
    """One size, in an installation of its own."""
    settings = place.settings(partitions=partitions)
    publish(settings, stories)
    folder = settings.connectors.directory.parent
    topics = topics_of(settings)
    target = {"intake": topics.stories, "cluster": topics.clustered, "enrich": topics.enriched}[stages[-1]].name
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka.bootstrap_servers)
    watched = [TopicPartition(target, number) for number in consumer.partitions_for_topic(target) or ()]
    with ExitStack() as stack:
        stack.callback(consumer.close)
        workers = [_worker(stack, settings, folder, number, stages) for number in range(processes)]
        deadline, began, first, cpu, servers = time.monotonic() + _PATIENCE_SECONDS, 0.0, 0, 0.0, 0.0
        while (count := sum(consumer.end_offsets(watched).values())) < stories:
            if count and not began:
                began, first = time.perf_counter(), count
                cpu, servers = _family_cpu(workers), place.cpu_seconds()
            ended = [number for number, worker in enumerate(workers) if worker.poll() is not None]
            if time.monotonic() > deadline or ended:
                logs = (folder / f"worker-{[*ended, 0][0]}.log").read_text(encoding="utf-8")[-2000:]
                raise SystemExit(f"Only {count} of {stories} came through, {ended or 'no worker'} ended: {logs}")
            time.sleep(0.02)
        if not began:
            raise SystemExit("All came through at once: give more --stories.")
        done = stories - first
        return Cost(
            1000 * (_family_cpu(workers) - cpu) / done,
            1000 * (place.cpu_seconds() - servers) / done,
            done / (time.perf_counter() - began),
        )


def _worker(
    stack: ExitStack, settings: Settings, folder: Path, number: int, stages: Sequence[str]
) -> subprocess.Popen[bytes]:
    own = folder / f"worker-{number}"
    own.mkdir()
    config = own / "wiredesk.yaml"
    changed = {
        "worker": settings.worker.model_copy(update={"state_directory": own / "state"}),
        "monitoring": settings.monitoring.model_copy(update={"port": 0}),
    }
    config.write_text(settings.model_copy(update=changed).model_dump_json(), encoding="utf-8")
    words = [word for stage in stages for word in ("--stage", stage)]
    program = [sys.executable, "-c", "from pipeline.cli import main; main()", "worker", *words, "--config", str(config)]
    log = stack.enter_context((folder / f"worker-{number}.log").open("wb"))
    process = subprocess.Popen(program, stdout=log, stderr=log, cwd=own)
    stack.callback(process.wait, 60)
    stack.callback(process.terminate)
    return process


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=1000)
    parser.add_argument(
        "--stage", action="append", choices=("intake", "cluster", "enrich"), help="default: the first two"
    )
    parser.add_argument("--sizes", nargs="+", default=_SIZES, help="processes x partitions; the first is compared with")
    parser.add_argument("--data-dir", type=Path, help="a running local stack's; default: one of its own")
    given = parser.parse_args()
    sizes = [tuple(map(int, size.split("x"))) for size in given.sizes]
    stages = given.stage or ["intake", "cluster"]
    costs: dict[tuple[int, ...], Cost] = {}
    with site(given.data_dir) as place:
        for processes, partitions in sizes:
            cost = costs[processes, partitions] = measure(place, processes, partitions, given.stories, stages)
            print(
                f"{processes} process(es), {partitions} partition(s): {cost.workers:.2f} ms of workers and "
                f"{cost.servers:.2f} ms of servers a story, {cost.rate:.0f} stories/s; load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
    base = next(iter(costs.values()))
    show(
        "scale",
        [
            Figure(f"{processes} process(es), {partitions} partition(s)", "ms/story", cost.workers, f"{given.sizes[0]}", base.workers)
            for (processes, partitions), cost in costs.items()
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
