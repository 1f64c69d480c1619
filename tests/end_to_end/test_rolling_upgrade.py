"""Workers of an older release are replaced one by one while stories flow: nothing is lost and nothing doubles.

The older release is the last tag, or where there is none the commit of fifty changes ago; ``WIREDESK_UPGRADE_FROM=REF``
names another. Both use the same installed packages.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import tarfile
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.events import RawItem
from pipeline.events.item import Item, Signal

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STORIES = 90
BODY = (
    'The dam in valley {n} is closed, the ministry said.\n\n"It stays closed for {n} days," said Minister Ilka Torvane.'
)


def git(*words: str) -> bytes:
    return subprocess.run(["git", "-C", str(ROOT), *words], check=True, capture_output=True).stdout


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The older release's code."""
    try:
        ref = os.environ.get("WIREDESK_UPGRADE_FROM") or git("tag", "--sort=-creatordate").decode().split("\n")[0]
        archive = git("archive", ref or "HEAD~50", "pipeline", "connectors")
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.skip("needs the history of the repository: git fetch --unshallow --tags")
    directory = tmp_path / "older"
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(directory, filter="data")
    return directory


def versions(number: int) -> list[RawItem]:
    """A story and what became of it: an update, and every third one a kill."""
    name, body = f"dam-{number}", BODY.format(n=number)
    later = {"body_text": f"{body}\n\nBoats wait, said harbour master Ane Solvik."}
    killed = {"pubstatus": "canceled", "ednote": "Mandatory kill."}
    lives: list[dict[str, Any]] = [
        {"headline": f"Dam {number} closes", "body_text": body},
        {"headline": f"Dam {number} closes for days", "signals": (Signal.CORRECTION,), **later},
        *([killed] if number % 3 == 0 else []),
    ]
    items = []
    for place, fields in enumerate(lives):
        dated = {"version": str(place + 1), "versioncreated": NOON + timedelta(minutes=number, seconds=place)}
        item = Item.model_validate({"uri": name, "language": "en", **dated, **fields})
        items.append(RawItem(connector="t", provider="Orbis", item_id=name, received=NOON, parser="t", item=item))
    return items


@pytest.mark.stack
@pytest.mark.long
@pytest.mark.timeout(1200)
def test_workers_of_two_releases_side_by_side_lose_and_double_nothing(installation: Any, older: Path) -> None:
    lives = [versions(number) for number in range(STORIES)]
    # What belongs together is far apart, so that one release reads what the other remembered.
    stream = [life[place] for place in range(3) for life in lives if place < len(life)]
    old = [installation.start("worker", path=older) for _ in range(2)]
    installation.publish(*stream[:20])
    installation.wait_for_documents(20)
    published = threading.Event()

    def flow() -> None:
        for place in range(20, len(stream)):
            installation.publish(stream[place])
            installation.pause(0.05)
        published.set()

    flowing = threading.Thread(target=flow, daemon=True)
    flowing.start()
    replaced = []
    for worker in old:
        installation.start("worker")
        installation.wait(lambda: "worker_ready" in installation.log(), "the new worker runs")
        replaced.append(len(installation.documents()))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
    flowing.join(300)
    assert published.is_set()
    installation.wait_for_documents(STORIES)
    installation.wait_caught_up()

    stories = list(installation.documents().values())
    assert installation.dead() == []
    assert Counter(story["item_id"] for story in stories) == {f"dam-{number}": 1 for number in range(STORIES)}
    history = Counter(one["story_id"] for one in installation.documents("stories-history").values())
    said = Counter((one["story_id"], one["text"]) for one in installation.documents("quotes").values())
    quoted = {story_id for story_id, _ in said}
    assert set(said.values()) == {1}, "no quotation twice"
    for story in stories:
        number = int(story["item_id"].removeprefix("dam-"))
        killed = number % 3 == 0
        assert story["killed"] == killed
        assert history[story["story_id"]] == len(lives[number]), story["item_id"]
        assert (story["story_id"] in quoted) == (not killed), story["item_id"]
        words = f"It stays closed for {number} days"
        assert any(text.startswith(words) for story_id, text in said if story_id == story["story_id"]) != killed
        assert killed or story["headline"] == f"Dam {number} closes for days"
    assert "worker_ready" in installation.log(0), "the older release was at work"
    print(f"{len(stream)} messages; {replaced} of {STORIES} stories were there when each worker was replaced")
