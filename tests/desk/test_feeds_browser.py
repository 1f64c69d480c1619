"""The page of feeds in a real browser: on a desk's screen and a phone, in both modes, with names of any length.

It needs no server. With WIREDESK_SCREENSHOTS=DIR pictures of it are kept there.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.desk.feeds import FeedsReader
from pipeline.desk.server import desk_in_background
from pipeline.settings import ConnectorsSettings, DeskSettings, KafkaSettings, Settings
from tests.desk.driving import CONTRAST, Browser
from tests.desk.test_feeds import HOUR, NOW, STATES, state, stop_the_clock, usual

pytestmark = pytest.mark.browser

LONG = "ministry-of-agriculture-fisheries-and-food-releases-in-welsh"
REASON = f"https://{LONG}.example/{'a' * 120}: the server answers 503 Service Unavailable."


@pytest.fixture
def desk(chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    stop_the_clock(monkeypatch)
    for name in ("busy", "silent", "down", "fresh", LONG):
        (tmp_path / f"{name}.yaml").write_text(
            f"transport: {{type: http, url: 'https://feed.example/{name}'}}\nprovider: {name.title()} News\n"
        )
    (tmp_path / "wrong.yaml").write_text("transport: {type: pigeon}\n")
    hook = "transport: {type: webhook, secret: {env: PUSH_SECRET}}\nprovider: Pushed Wire\n"
    (tmp_path / "pushed.yaml").write_text(hook)
    states = STATES | {
        LONG: state(LONG, last_error=REASON, failing_since=NOW - 30 * HOUR, items_published=1_234_567),
        "pushed": state("pushed", usual_rate=usual(NOW - timedelta(days=2))),
    }
    monkeypatch.setattr(FeedsReader, "_from_kafka", lambda _: states)
    nobody = KafkaSettings(bootstrap_servers="127.0.0.1:9")
    stop = desk_in_background(
        Settings(connectors=ConnectorsSettings(directory=tmp_path), kafka=nobody, desk=DeskSettings(port=0))
    )
    yield Browser(chromium, stop.url)
    chromium.get("about:blank")
    stop()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1100, 360])
def test_everything_can_be_read(desk: Browser, width: int, dark: bool) -> None:
    desk.open("/feeds", width=width, height=900, dark=dark)
    keep(desk, f"desk-feeds-{width}-{'dark' if dark else 'light'}")
    assert desk.driver.execute_script(CONTRAST) == []
    assert desk.driver.execute_script("return document.documentElement.scrollWidth") <= width
    names = [row.text.split("\n")[0] for row in desk.all(".feeds tbody th")]
    assert names == ["down", LONG, "pushed", "silent", "wrong", "busy", "fresh"]
    reasons = {name: row.text for name, row in zip(names, desk.all(".feeds tbody tr"), strict=True)}
    assert "nothing new was pushed since" in reasons["pushed"]
    assert "Answers, but nothing new since" in reasons["silent"]
    assert "wrong.yaml:1:" in reasons["wrong"]
    # Seen against usual, both in sight without scrolling sideways.
    for cell in desk.all(".feeds td.number"):
        box = cell.rect
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert "180" in reasons["busy"]
    if width < 600:
        assert "1,234" in reasons["busy"]


def keep(desk: Browser, name: str) -> None:
    """Keep a picture, where they are wanted."""
    if directory := os.environ.get("WIREDESK_SCREENSHOTS"):
        taken = desk.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        (Path(directory) / f"{name}.png").write_bytes(base64.b64decode(taken["data"]))
