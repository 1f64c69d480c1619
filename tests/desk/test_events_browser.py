"""Events in a real browser: from the line to the tellings and back, keys, hostile headlines, contrast, a phone's width."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import Settings
from tests.desk.conftest import filled
from tests.desk.driving import CONTRAST, Browser, browsing
from tests.desk.test_events import STORIES

pytestmark = [pytest.mark.stack, pytest.mark.browser]

LOOKS = ["/events", "/event/ferry", "/event/blast", "/event/evil", "/story/f1", "/?group=event"]


@pytest.fixture(scope="module")
def events_settings(stack: Any) -> Iterator[Settings]:
    with filled(stack.elasticsearch, STORIES) as settings:
        yield settings


@pytest.fixture
def browser(chromium: Any, events_settings: Settings) -> Iterator[Browser]:
    yield from browsing(chromium, events_settings)


def test_from_the_line_to_the_tellings(browser: Browser) -> None:
    browser.open("/events")
    browser.press("j")
    assert len(browser.all(".event.current")) == 1
    next(link for link in browser.all(".event h2 a") if link.text.startswith("Ferry")).click()
    browser.wait(lambda: browser.path == "/event/ferry")
    assert len(browser.all(".telling")) == 3
    next(link for link in browser.all(".spans a") if link.text == "in German").click()
    browser.wait(lambda: len(browser.all(".telling")) == 1)
    browser.one(".telling h2 a").click()
    browser.wait(lambda: browser.path == "/story/f3")
    next(link for link in browser.all(".tellings a") if link.text == "All tellings side by side").click()
    browser.wait(lambda: browser.path == "/event/ferry")


def test_hostile_headlines_do_nothing(browser: Browser) -> None:
    for address in ("/events", "/event/evil", "/story/e1", "/?group=event"):
        browser.open(address)
        assert browser.driver.title != "owned"
        assert not browser.all("main script, main img")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_contrast_and_a_phone(browser: Browser, dark: bool) -> None:
    for address in LOOKS:
        browser.open(address, dark=dark)
        assert browser.driver.execute_script(CONTRAST) == [], address
        _keep_picture(browser, address, f"{'dark' if dark else 'light'}")
        browser.open(address, width=360, height=740, dark=dark)
        assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= 360, address
        _keep_picture(browser, address, f"phone-{'dark' if dark else 'light'}")


def _keep_picture(browser: Browser, address: str, look: str) -> None:
    """With WIREDESK_EVENT_PICTURES=DIR: what was looked at."""
    directory = os.environ.get("WIREDESK_EVENT_PICTURES")
    if directory:
        Path(directory).mkdir(parents=True, exist_ok=True)
        browser.driver.save_screenshot(str(Path(directory) / f"{address.strip('/').replace('/', '-')[:12]}-{look}.png"))
