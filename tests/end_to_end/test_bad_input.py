"""Feeds and files that are broken in every way: each is named with what and where, and the good ones go on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.local.demo.serve import SampleServer, serve

pytestmark = pytest.mark.stack

BOMB = """<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<rss version="2.0"><channel><title>x</title><item><guid>bomb</guid><title>&c;</title></item></channel></rss>"""
WHOLE = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0"><channel><title>x</title><link>https://orbis.example/</link>
<item><guid isPermaLink="false">{name}-1</guid><title>Café {name} opens</title><description>It opened.</description></item>
<item><guid isPermaLink="false">{name}-2</guid><title>Café {name} closes</title><description>It closed.</description></item>
</channel></rss>"""
#: No id, no title, no date; the last says nothing at all.
BARE = """<rss version="2.0"><channel><title>x</title>
<item><description>A ferry ran aground off the harbour on Monday.</description></item>
<item><title>Only a headline</title></item>
<item></item>
</channel></rss>"""

#: What a feed serves, and what its connector's trouble says; ``None``: none.
FEEDS: dict[str, tuple[bytes, str | None]] = {
    "not-xml": (b"Service temporarily unavailable, try again later.", "not-xml.xml: "),
    "half": (WHOLE.format(encoding="utf-8", name="half").partition('<item><guid isPermaLink="false">half-2')[0].encode(), None),
    "garbage": (random.Random(1).randbytes(50 * 1024 * 1024), "garbage.xml: "),
    "encoding": (WHOLE.format(encoding="utf-8", name="latin").encode("cp1252"), None),
    "bomb": (BOMB.encode(), "bomb.xml: "),
    "bare": (BARE.encode(), None),
    "good": (WHOLE.format(encoding="utf-8", name="good").encode(), None),
}  # fmt: skip


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[SampleServer]:
    (tmp_path / "served").mkdir()
    for name, (body, _) in FEEDS.items():
        (tmp_path / "served" / f"{name}.xml").write_bytes(body)
    with serve(tmp_path / "served") as server:
        yield server


def test_each_is_named_and_the_stream_goes_on(installation: Any, feeds: SampleServer) -> None:
    for name in FEEDS:
        installation.connector(
            name,
            f"provider: Orbis {name}\nparser: rss\nlanguage: en\nschedule: {{interval_seconds: 1, adaptive: false}}\n"
            f"transport: {{type: http, url: '{feeds.url}/{name}.xml', allow_private_addresses: true}}\n",
        )
    drop = installation.directory / "drop"
    drop.mkdir()
    (drop / "noise.xml").write_bytes(random.Random(2).randbytes(4000))
    (drop / "story.xml").write_text(WHOLE.format(encoding="utf-8", name="file"), encoding="utf-8")
    installation.connector(
        "folder",
        f"provider: Orbis folder\nparser: rss\nlanguage: en\nschedule: {{interval_seconds: 0.3}}\n"
        f"transport: {{type: folder, path: {drop}, rest_seconds: 0}}\n",
    )
    with installation.running() as service:
        # good 2, half 1 or more, latin 2, bare 2, file 2
        installation.wait_for_documents(9)
        installation.wait(
            lambda: all(one.polls >= 2 for one in service.health() if not one.last_error), "two looks each"
        )
        installation.wait(lambda: len(installation.dead()) >= 1, "the file's dead letter")
        troubles = {one.name: one.last_error for one in service.health()}
        installation.wait_caught_up()
        stories = installation.documents().values()
    for name, (_, said) in FEEDS.items():
        if said is None:
            assert troubles[name] is None, (name, troubles[name])
        else:
            assert said in (troubles[name] or ""), (name, troubles[name])
    headlines = {story["provider"]: set() for story in stories}
    for story in stories:
        headlines[story["provider"]].add(story.get("headline"))
    assert headlines["Orbis good"] == {"Café good opens", "Café good closes"}
    assert headlines["Orbis encoding"] == {"Café latin opens", "Café latin closes"}, (
        "read as what it is, not as it says"
    )
    assert "Café half opens" in headlines["Orbis half"]
    assert headlines["Orbis folder"] == {"Café file opens", "Café file closes"}
    assert "Only a headline" in headlines["Orbis bare"]
    assert "Orbis bomb" not in headlines
    letters = {
        (letter["connector"], (letter.get("position") or letter.get("url") or "")) for letter in installation.dead()
    }
    assert {connector for connector, _ in letters} >= {"folder"}, letters
    assert (drop / "failed" / "noise.xml").exists()
