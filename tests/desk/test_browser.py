"""The desk in a real browser: searching, filtering, opening, following live, keys, a killed story, hostile text.

Also what a style sheet can get wrong: contrast in both modes, and a phone's width. With WIREDESK_SCREENSHOTS=DIR the
pictures of docs/screenshots are made anew.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from selenium.webdriver.common.keys import Keys

from pipeline.desk.server import desk_in_background
from pipeline.settings import Settings
from tests.desk.driving import CONTRAST, Browser, browsing

pytestmark = [pytest.mark.stack, pytest.mark.browser]

EVIL = "/story/" + quote("evil/1?x#y", safe="")


@pytest.fixture
def browser(chromium: Any, desk_settings: Settings) -> Iterator[Browser]:
    yield from browsing(chromium, desk_settings)


def test_searching_filtering_and_opening(browser: Browser) -> None:
    browser.open("/")
    field = browser.one("#q")
    field.send_keys("calvessa", Keys.ENTER)
    browser.wait(lambda: browser.path == "/?q=calvessa")
    assert browser.stories() == ["talvek-0101"]
    next(link for link in browser.all(".facet a") if "Dispatch" in link.text).click()
    browser.wait(lambda: browser.stories() == ["dispatch-9"])
    browser.one(".chosen a").click()
    browser.wait(lambda: browser.stories() == ["talvek-0101"])
    browser.one(".copies summary").click()
    assert [link.text for link in browser.all(".copies a")] == ["Meridian Wire", "Dispatch"]
    browser.one(".hit h2 a").click()
    browser.wait(lambda: browser.path == "/story/talvek-0101")
    assert browser.one("[data-results]").get_attribute("href").endswith("/?q=calvessa")
    browser.one(".speaker").click()
    browser.wait(lambda: browser.path == "/story/talvek-0101#said-0")
    next(link for link in browser.all(".versions a") if link.text == "correction").click()
    browser.wait(lambda: browser.all("ins"))
    assert (browser.one("del").text, browser.one("ins").text) == ("1911", "1931")
    browser.one("[data-results]").click()
    browser.wait(lambda: browser.path == "/story/talvek-0101")
    browser.one("[data-results]").click()
    browser.wait(lambda: browser.path == "/?q=calvessa")


def test_keys(browser: Browser) -> None:
    browser.open("/")
    browser.press("j")
    browser.press("j")
    browser.press("k")
    (current,) = browser.all(".hit.current")
    assert current.get_attribute("data-story") == browser.stories()[0]
    browser.press("j")
    wanted = browser.stories()[1]
    browser.press("o")
    browser.wait(lambda: browser.path.startswith("/story/"))
    assert browser.path == "/story/" + quote(wanted, safe="")
    browser.press("u")
    browser.wait(lambda: browser.path == "/")
    browser.press("n")
    browser.wait(lambda: browser.path == "/?page=2")
    browser.press("p")
    browser.wait(lambda: browser.path == "/")
    browser.press("/")
    browser.press("jjk")
    assert browser.one("#q").get_attribute("value") == "jjk"
    browser.press(Keys.ESCAPE)
    browser.press("?")
    assert browser.one("#help").is_displayed()
    browser.one("#keys-on").click()
    browser.one("#help button").click()
    browser.press("j")
    assert not browser.all(".hit.current")
    browser.one("[data-help]").click()
    browser.one("#keys-on").click()


def test_following_live(browser: Browser, add_story: Callable[..., None]) -> None:
    browser.open("/?q=ferry&sort=newest")
    browser.wait(lambda: browser.one("[data-live]").get_attribute("aria-pressed") == "true")
    assert browser.stories() == []
    add_story("ferry-1", "Ferry runs aground", "Fog.", minutes=0)
    browser.wait(lambda: browser.stories() == ["ferry-1"])
    assert not browser.all("[data-empty]")
    add_story("ferry-2", "Second ferry runs aground", "More fog.", minutes=0)
    browser.wait(lambda: browser.stories() == ["ferry-2", "ferry-1"])
    add_story("ferry-1", "Ferry afloat again", "Tide.", minutes=0, index_version=2, version_rank=2, update_count=1)
    browser.wait(lambda: browser.stories() == ["ferry-1", "ferry-2"])
    browser.wait(lambda: "Ferry afloat again" in browser.one(".hit h2").text)
    browser.press("l")
    assert browser.one("[data-live]").get_attribute("aria-pressed") == "false"
    browser.open("/?q=ferry")
    assert browser.one("[data-live]").get_attribute("aria-pressed") == "false"
    browser.one("[data-live]").click()
    add_story("ferry-3", "Third ferry", "No fog.", minutes=0)
    browser.wait(lambda: browser.one("#arrived a").is_displayed())
    assert "ferry-3" not in browser.stories()
    browser.one("#arrived a").click()
    browser.wait(lambda: "ferry-3" in browser.stories())


def test_a_killed_story_cannot_be_overlooked(browser: Browser) -> None:
    browser.open("/?q=health+secretary")
    assert browser.one(".flag").text == "KILLED"
    browser.one(".hit h2 a").click()
    browser.wait(lambda: browser.path == "/story/talvek-0107")
    banner = browser.one(".banner")
    assert banner.is_displayed()
    assert banner.get_attribute("role") == "alert"
    assert "Do not use it" in banner.text


def test_hostile_text_does_nothing(browser: Browser, add_story: Callable[..., None]) -> None:
    for address in ("/", EVIL, EVIL + "/changes", "/quotes", "/?q=script", "/?q=%3Cimg%20src%3Dx%20onerror%3D1%3E"):
        browser.open(address)
        assert browser.driver.title != "owned"
        assert not browser.all("main script, main img")
    browser.open("/?sort=newest&q=owned")
    browser.wait(lambda: browser.one("[data-live]").get_attribute("aria-pressed") == "true")
    hostile = "<img src=x onerror=\"document.title='owned'\"> owned"
    add_story("evil-2", hostile, hostile, minutes=0, provider=hostile)
    browser.wait(lambda: "evil-2" in browser.stories())
    assert browser.driver.title != "owned"
    assert not browser.all("main img")
    # Even markup that found its way into the page would be stopped by the policy.
    stopped = browser.driver.execute_async_script("""
        const done = arguments[0];
        document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
        const inline = document.createElement("script");
        inline.textContent = "document.title = 'owned'";
        document.body.append(inline);
    """)
    assert stopped == "script-src-elem"
    assert browser.driver.title != "owned"
    browser.driver.get_log("browser")  # the browser's own report of what it stopped


LOOKS = [
    "/",
    "/?q=bridge&provider=Talvek",
    "/quotes",
    "/story/talvek-0101",
    "/story/talvek-0107",
    "/story/talvek-0101/changes",
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_contrast_and_a_phone(browser: Browser, dark: bool) -> None:
    for address in LOOKS:
        browser.open(address, dark=dark)
        assert browser.driver.execute_script(CONTRAST) == [], address
        browser.open(address, width=360, height=740, dark=dark)
        assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= 360, address
    browser.driver.execute_script("document.querySelector('h1').style.color = 'rgb(128, 128, 128)'")
    assert browser.driver.execute_script(CONTRAST), "the check itself finds nothing"


PICTURES = [("search", "/", 1100, 800, False), ("story", "/story/talvek-0101", 1100, 620, False),
            ("killed", "/story/talvek-0107", 1100, 400, False), ("phone", "/?q=bridge", 390, 700, False),
            ("quotes", "/quotes?speaker=marrowen", 1100, 620, False),
            ("dark", "/?q=rail&person=Ilsa+Marrowen", 1100, 700, True)]  # fmt: skip


@pytest.mark.skipif(not os.environ.get("WIREDESK_SCREENSHOTS"), reason="makes pictures: set WIREDESK_SCREENSHOTS=DIR")
def test_pictures(chromium: Any, tidy_settings: Settings) -> None:
    directory = Path(os.environ["WIREDESK_SCREENSHOTS"])
    directory.mkdir(parents=True, exist_ok=True)
    stop = desk_in_background(tidy_settings)
    browser = Browser(chromium, stop.url)
    for name, address, width, height, dark in PICTURES:
        browser.open(address, width=width, height=height, dark=dark)
        taken = browser.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": 75})
        (directory / f"desk-{name}.webp").write_bytes(base64.b64decode(taken["data"]))
    stop()
