"""Real stories go their whole way: from a folder and from a feed into the index, and are found there."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from pipeline.index.search import Query, QuoteQuery, quotes, search
from pipeline.local.demo.serve import SampleServer, serve

pytestmark = [pytest.mark.stack, pytest.mark.shared]


def test_the_agency_story_from_the_folder(installation: Any, shared_data: Path) -> None:
    source = shared_data / "wire" / "text" / "tass-2018-04-24-lavrov.txt"
    expected = json.loads(source.with_suffix(".expected.json").read_text())
    drop = installation.directory / "drop"
    drop.mkdir()
    installation.connector(
        "agency",
        f"provider: TASS\ntransport: {{type: folder, path: {drop}, rest_seconds: 0}}\n"
        "parser: text\nschedule: {interval_seconds: 0.3}\n",
    )
    with installation.running():
        shutil.copy(source, drop / source.name)
        (document,) = installation.wait_for_documents(1).values()
    for name in ("headline", "subheadline", "dateline", "located", "language"):
        assert document[name] == expected[name], name
    assert document["provider"] == "TASS"
    body = source.read_text().partition("/TASS/.")[2].strip()
    assert re.sub(r"\s+", " ", document["body"]) == re.sub(r"\s+", " ", body)
    assert (drop / "done" / source.name).exists()

    direct = [quote for quote in expected["quotes"] if quote["type"] == "direct"]
    assert len(direct) == 4
    indexed = [quote for quote in installation.documents("quotes").values() if quote["type"] == "direct"]
    assert {(quote["text"], quote["speaker"]) for quote in indexed} == {
        (quote["text"], quote["speaker"]) for quote in direct
    }

    settings, client = installation.settings.elasticsearch, installation.client
    for query in (Query(words="Euphrates"), Query(entity="Emmanuel Macron"), Query(speaker="Sergey Lavrov")):
        assert [hit.story_id for hit in search(client, settings, query).hits] == [document["story_id"]], query
    assert quotes(client, settings, QuoteQuery(speaker="Sergey Lavrov", words="Islamic State")).total == 1
    assert search(client, settings, Query(words="nobodywrotethis")).total == 0


def gum_news(folder: Path) -> list[dict[str, str]]:
    """The news stories, rebuilt from their sentences: title, date, URL, paragraphs."""
    stories = []
    for path in sorted(folder.glob("GUM_news_*.conllu")):
        lines = path.read_text(encoding="utf-8").splitlines()
        meta = dict(re.findall(r"^# meta::(title|dateCreated|sourceURL) = (.*)$", "\n".join(lines), re.MULTILINE))
        paragraphs: list[list[str]] = [[]]
        for line in lines:
            if line.startswith("# newpar") and not line.startswith("# newpar_block") and paragraphs[-1]:
                paragraphs.append([])
            if line.startswith("# text = "):
                paragraphs[-1].append(line.removeprefix("# text = "))
        stories.append({**meta, "id": path.stem, "body": "\n\n".join(" ".join(part) for part in paragraphs)})
    return stories


def rss(stories: list[dict[str, str]]) -> str:
    items = []
    for story in stories:
        html = "".join(f"<p>{escape(part)}</p>" for part in story["body"].split("\n\n"))
        date = datetime.fromisoformat(story["dateCreated"]).replace(tzinfo=UTC)
        items.append(
            f"<item><title>{escape(story['title'])}</title><link>{escape(story['sourceURL'])}</link>"
            f"<guid isPermaLink='true'>{escape(story['sourceURL'])}</guid><pubDate>{format_datetime(date)}</pubDate>"
            f"<description>{escape(html)}</description></item>"
        )
    return f"<rss version='2.0'><channel><title>News</title><link>x</link>{''.join(items)}</channel></rss>"


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[SampleServer]:
    (tmp_path / "served").mkdir()
    with serve(tmp_path / "served") as server:
        yield server


def test_twenty_four_news_stories_polled_five_times_and_one_changed(
    installation: Any, shared_data: Path, feed: SampleServer
) -> None:
    stories = gum_news(shared_data / "nlp" / "ud_gum")
    assert len(stories) == 24
    path = feed.directory / "news.xml"
    path.write_text(rss(stories), encoding="utf-8")
    installation.connector(
        "news",
        f"provider: Wikinews\ntransport: {{type: http, url: '{feed.url}/news.xml', allow_private_addresses: true}}\n"
        "schedule: {interval_seconds: 0.3, adaptive: false}\nlanguage: en\n",
    )
    with installation.running() as service:
        installation.wait_for_documents(24)
        installation.wait(lambda: service.health()[0].polls >= 5, "five polls")
        before = installation.documents()
        assert len(before) == len(installation.documents("stories-history")) == 24
        assert {story["headline"] for story in before.values()} == {story["title"].strip() for story in stories}
        for story in stories:
            (found,) = (one for one in before.values() if one["link"] == story["sourceURL"])
            assert found["body"] == story["body"].removeprefix(f"{story['title'].strip()}\n\n")

        stories[3]["body"] += "\n\nThe count was later raised to 111, officials said."
        path.write_text(rss(stories), encoding="utf-8")
        installation.wait(lambda: len(installation.documents("stories-history")) == 25, "one more version")
        installation.wait_caught_up()
        after = installation.documents()
    assert after.keys() == before.keys()
    changed = [name for name in after if after[name] != before[name]]
    assert len(changed) == 1
    assert after[changed[0]]["update_count"] == 1
    assert after[changed[0]]["body"].endswith("officials said.")
    assert installation.dead() == []
