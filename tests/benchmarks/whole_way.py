"""The whole way: feed files to searchable stories with names and quotations, against a bare script.

    python -m tests.benchmarks.whole_way [--stories 1000] [--rounds 3] [--processes N] [--data-dir DIR]

Wiredesk: a folder connector and all stages in their own process, through the real Kafka, every message acknowledged
after it is durable. The bare script: feedparser, ``nlp.pipe`` with all components of the same weights, ``helpers.bulk``
into an index with Elasticsearch's own guesses; no broker, no state, no life cycle, no copies, no quotations. Both start
their clock when models are loaded and stop it when every story is found by a search. Real time, because the work is
spread over processes; processor time of everything, servers included, is printed too.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import argparse
import html
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import feedparser
import httpx
import psutil
import spacy
from elasticsearch import Elasticsearch, helpers

from pipeline.broker.topics import topics_of
from pipeline.enrich.models import model_path
from pipeline.index.mapping import IndexNames
from pipeline.settings import Settings
from tests.benchmarks.figures import Figure
from tests.benchmarks.results import ROOT
from tests.benchmarks.servers import Site, site
from tests.benchmarks.show import show
from tests.cluster.texts import gmb

_ITEMS_OF_A_FEED = 50
_PATIENCE_SECONDS = 900
_CONNECTOR = """\
name: bench
provider: Bench
parser: rss
transport: {{type: folder, path: {path}, pattern: '*.xml', rest_seconds: 0}}
"""


@dataclass(frozen=True)
class Turn:
    """What one turn took: real seconds, and processor seconds of the programs and of the two servers."""

    seconds: float
    cpu: float
    servers: float


def write_feeds(folder: Path, sentences: Sequence[str], stories: int, mark: str) -> None:
    """RSS files of stories of some 130 words; ``mark`` makes them other stories than those of another turn."""
    each = 6
    for start in range(0, stories, _ITEMS_OF_A_FEED):
        items = []
        for number in range(start, min(start + _ITEMS_OF_A_FEED, stories)):
            part = sentences[(number * each) % (len(sentences) - each) :][:each]
            body = "".join(f"<p>{html.escape(line)}</p>" for line in (*part, f"Report {mark} {number}."))
            items.append(
                f"<item><guid isPermaLink='false'>{mark}-{number}</guid><title>{html.escape(part[0][:70])}</title>"
                f"<pubDate>Tue, 24 Nov 2026 09:{number // 60 % 60:02}:{number % 60:02} GMT</pubDate>"
                f"<description><![CDATA[{body}]]></description></item>"
            )
        written = folder / f".{mark}-{start:06}.part"
        written.write_text(
            f"<rss version='2.0'><channel><title>Bench</title><language>en</language>{''.join(items)}</channel></rss>",
            encoding="utf-8",
        )
        written.rename(folder / f"{mark}-{start:06}.xml")


def _family_cpu(pid: int) -> float:
    """Processor time of a process and its running children, in seconds."""
    parent = psutil.Process(pid)
    times = [one.cpu_times() for one in (parent, *parent.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def own_cpu() -> float:
    """Processor time of this process and of its children that have ended, in seconds."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def wiredesk(place: Site, sentences: Sequence[str], stories: int, processes: int) -> tuple[Turn, float]:
    """One turn of Wiredesk, and bytes in Kafka for each byte that came in."""
    settings = place.settings(partitions=2, processes=processes)
    drop = settings.connectors.directory.parent / "drop"
    drop.mkdir()
    (settings.connectors.directory / "bench.yaml").write_text(_CONNECTOR.format(path=drop), encoding="utf-8")
    config = settings.connectors.directory.parent / "wiredesk.yaml"
    config.write_text(settings.model_dump_json(), encoding="utf-8")  # JSON is YAML
    program = [sys.executable, "-c", "from pipeline.cli import main; main()", "up", "--config", str(config)]
    with (drop.parent / "up.log").open("wb") as log:
        process = subprocess.Popen(program, stdout=log, stderr=log)
    index = IndexNames(settings.elasticsearch.prefix).alias("stories")
    try:
        write_feeds(drop, sentences, 10, "warm")  # models are loaded with the first stories
        _until_found(settings.elasticsearch.url, index, 10, process)
        began, server_cpu, cpu = time.perf_counter(), place.cpu_seconds(), _family_cpu(process.pid)
        write_feeds(drop, sentences, stories, "story")
        _until_found(settings.elasticsearch.url, index, stories + 10, process)
        took = time.perf_counter() - began
        server_cpu, cpu = place.cpu_seconds() - server_cpu, _family_cpu(process.pid) - cpu
    finally:
        process.terminate()
        process.wait(60)
    came_in = sum(path.stat().st_size for path in drop.rglob("*.xml"))
    return Turn(took, cpu, server_cpu), _topic_bytes(place, settings) / came_in


def _topic_bytes(place: Site, settings: Settings) -> int:
    """Bytes on disk of the topics through which a story goes."""
    topics = topics_of(settings)
    names = [topic.name for topic in (topics.raw, topics.items, topics.stories, topics.versions, topics.clustered, topics.enriched)]  # fmt: skip
    data = place.stack.directory / "kafka" / "data"
    return sum(
        file.stat().st_size for name in names for folder in data.glob(f"{name}-[0-9]*") for file in folder.glob("*.log")
    )


def bare(place: Site, sentences: Sequence[str], stories: int, nlp: spacy.Language, turn: int) -> Turn:
    """One turn of the script."""
    endpoints = place.stack.endpoints()
    assert endpoints is not None
    folder = place.directory / f"bare-{turn}"
    folder.mkdir()
    write_feeds(folder, sentences, stories, "story")
    index = f"bare-{turn}"
    with Elasticsearch(endpoints.elasticsearch) as client:
        client.indices.create(index=index)
        began, cpu, server_cpu = time.perf_counter(), own_cpu(), place.cpu_seconds()
        helpers.bulk(client, _documents(folder, nlp), index=index)
        client.indices.refresh(index=index)
        assert client.count(index=index)["count"] == stories
        return Turn(time.perf_counter() - began, own_cpu() - cpu, place.cpu_seconds() - server_cpu)


def _told(turn: Turn, stories: int) -> str:
    own, servers = turn.cpu / stories * 1000, turn.servers / stories * 1000
    return f"{turn.seconds:.1f} s (CPU a story: {own:.1f} ms, servers {servers:.1f} ms)"


def _documents(folder: Path, nlp: spacy.Language) -> Iterator[dict[str, object]]:
    entries = (entry for path in sorted(folder.glob("*.xml")) for entry in feedparser.parse(path.read_bytes()).entries)
    for doc, entry in nlp.pipe(((entry.summary, entry) for entry in entries), as_tuples=True, batch_size=32):
        names = [{"label": name.label_, "text": name.text} for name in doc.ents]
        yield {"title": entry.title, "body": entry.summary, "published": entry.published, "names": names}


def _until_found(url: str, index: str, wanted: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with httpx.Client(timeout=10) as client:
        while True:
            answer = client.get(f"{url}/{index}/_count")
            if answer.status_code == 200 and answer.json()["count"] >= wanted:
                return
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"Only {answer.text} of {wanted} stories were found; wiredesk: {process.poll()}")
            time.sleep(0.1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="for language work")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--data-dir", type=Path, help="a running local stack's; default: one of its own")
    given = parser.parse_args()
    sentences = gmb(given.data)
    folder = model_path("en_wire")
    assert folder is not None
    nlp = spacy.load(folder)
    ours, theirs, growth = [], [], []
    with site(given.data_dir) as place:
        bare(place, sentences, 50, nlp, -1)
        for turn in range(given.rounds):
            one, grown = wiredesk(place, sentences, given.stories, given.processes)
            ours.append(one)
            growth.append(grown)
            theirs.append(bare(place, sentences, given.stories, nlp, turn))
            print(
                f"turn {turn + 1}: wiredesk {_told(ours[-1], given.stories)}; script {_told(theirs[-1], given.stories)}",
                flush=True,
            )  # fmt: skip
    middle = given.rounds // 2
    rates = (
        sorted(given.stories / turn.seconds for turn in ours),
        sorted(given.stories / turn.seconds for turn in theirs),
    )
    rounds = [
        (given.stories / one.seconds, given.stories / other.seconds) for one, other in zip(ours, theirs, strict=True)
    ]
    show(
        "whole_way",
        [
            Figure("feed files to searchable", "stories/s", rates[0][middle], "bare script, no broker", rates[1][middle],
                   "larger", "1.2 x", rounds),
            Figure("bytes in the topics for each byte of feed", "bytes/byte", sorted(growth)[middle], goal="5 at most"),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
