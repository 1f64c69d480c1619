"""Memory and speed of reading what is large: an archive of NewsML-G2, and a feed of 10,000 items.

    python -m tests.benchmarks.archives [--megabytes 200] [--items 10000]

Each reading is a process of its own, whose peak memory the operating system tells. The archive is read as connectors
and ``wiredesk connectors parse`` read it, in pieces, with parser, mapping and identity; beside it one of a tenth of
the size, and the whole tree of lxml, which is what reading it at once would need at least.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.show import show

_STORY = "<p>Valdoria&#8217;s central bank held its key rate on Thursday and said that the outlook had worsened.</p>"


def write_archive(path: Path, megabytes: int) -> None:
    """One ``newsMessage`` with stories of some 3 kB each."""
    body = _STORY * 25
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header><priority>4</priority></header><itemSet>'
        )
        number = 0
        while file.tell() < megabytes * 1_000_000:
            for number in range(number, number + 100):  # noqa: B020 - counts on
                file.write(
                    f'<newsItem guid="urn:newsml:orbis.example:{number}" version="1" xml:lang="en"><itemMeta>'
                    '<versionCreated>2019-03-14T09:31:05Z</versionCreated><pubStatus qcode="stat:usable"/></itemMeta>'
                    f"<contentMeta><headline>Rates on hold, part {number}</headline></contentMeta><contentSet><inlineXML>"
                    f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html></inlineXML></contentSet></newsItem>'
                )
            number += 1
        file.write("</itemSet></newsMessage>")


def write_feed(path: Path, items: int) -> None:
    """An RSS feed with a text of some 600 characters in each item."""
    with path.open("w", encoding="utf-8") as file:
        file.write("<rss version='2.0'><channel><title>Orbis</title><link>https://orbis.example/</link>")
        for number in range(items):
            file.write(
                f"<item><guid isPermaLink='false'>orbis-{number}</guid><title>Rates on hold, part {number}</title>"
                f"<link>https://orbis.example/{number}</link><pubDate>Thu, 14 Mar 2019 09:31:05 GMT</pubDate>"
                f"<description><![CDATA[{_STORY * 6}]]></description></item>"
            )
        file.write("</channel></rss>")


def read(path: Path, parser: str, max_bytes: int) -> int:
    """How many items a file has, read as a connector reads it; none is kept."""
    from connectors.config import ConnectorConfig
    from connectors.parse_pool import ParseInProcess, parse_parts
    from connectors.transports.files import file_payload
    from pipeline.events.errors import WiredeskError
    from pipeline.settings.stages import ConnectorsSettings

    transport = {"type": "folder", "path": "."}
    config = ConnectorConfig.model_validate(
        {"name": "archive", "provider": "Orbis", "parser": parser, "transport": transport}
    )
    count = 0
    reader = ParseInProcess(ConnectorsSettings(max_body_bytes=max_bytes, max_original_bytes=0))
    for _, reading in parse_parts(reader, file_payload(path, max_bytes), config, datetime.now(UTC)):
        if isinstance(reading, WiredeskError):
            raise reading
        count += len(reading.items)
    return count


def read_tree(path: Path) -> int:
    """The same archive as one tree."""
    from lxml import etree

    tree = etree.parse(str(path), etree.XMLParser(huge_tree=True))
    return sum(1 for _ in tree.iter("{*}newsItem"))


def measured(what: str, path: Path) -> dict[str, float]:
    """Items, seconds and peak megabytes of a reading in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.archives", "--read", what, str(path)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def _child(what: str, path: Path) -> None:
    begun = time.perf_counter()
    if what == "tree":
        count = read_tree(path)
    elif what == "import":
        read(path, "text", 1024)
        count = 0
    else:
        count = read(path, what, 16 * 1024 * 1024)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"items": count, "seconds": time.perf_counter() - begun, "peak": peak}))


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--megabytes", type=int, default=200)
    arguments.add_argument("--items", type=int, default=10_000)
    arguments.add_argument("--read", nargs=2, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.read:
        _child(options.read[0], Path(options.read[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        nothing = Path(folder) / "a.txt"
        nothing.write_text("Headline\n\nText.\n")
        before = measured("import", nothing)["peak"]
        print(f"{'':34} {'items':>8} {'seconds':>8} {'peak MB':>8}   (the program alone: {before:.0f} MB)")
        found = {}
        for name, size in (("tenth", options.megabytes // 10), ("whole", options.megabytes)):
            path = Path(folder) / f"{name}.xml"
            write_archive(path, size)
            found[name] = _told(f"NewsML-G2, {size} MB, in pieces", measured("newsml_g2", path))
        tree = _told(f"NewsML-G2, {options.megabytes} MB, one tree of lxml", measured("tree", path))
        feed = Path(folder) / "feed.xml"
        write_feed(feed, options.items)
        _told(f"RSS, {options.items:,} items, {feed.stat().st_size / 1e6:.1f} MB", measured("rss", feed))
        print(f"ten times the size needs {found['whole'] / found['tenth']:.2f} times the memory")
    archive = f"peak memory, NewsML-G2 of {options.megabytes} MB"
    show("archives", [Figure(archive, "MB", found["whole"], "one tree of lxml", tree)])


def _told(what: str, found: dict[str, float]) -> float:
    print(f"{what:34} {found['items']:8,.0f} {found['seconds']:8.1f} {found['peak']:8.0f}", flush=True)
    return found["peak"]


if __name__ == "__main__":
    main()
