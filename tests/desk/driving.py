"""A real browser for tests of the desk, and a check of contrast that runs in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from pipeline.desk.server import desk_in_background
from pipeline.settings import Settings

BROWSER, DRIVER = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
#: Names each element whose text has less contrast than WCAG 2.2 AA asks for.
CONTRAST = """
const parse = (colour) => { const c = colour.match(/[\\d.]+/g).map(Number); return [c[0], c[1], c[2], c[3] === undefined ? 1 : c[3]]; };
const ground = (element) => { for (let e = element; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c; } return [255, 255, 255, 1]; };
const light = (c) => { const [r, g, b] = c.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const bad = [];
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || !element.checkVisibility()) continue;
  const style = getComputedStyle(element), a = light(parse(style.color)), b = light(ground(element));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) bad.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
}
return bad;
"""


def open_chromium() -> Iterator[Any]:
    """The browser; skips the test where there is none."""
    if not BROWSER or not DRIVER:
        pytest.skip("needs chromium and chromedriver (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


class Browser:
    """The browser on the desk."""

    def __init__(self, driver: Any, url: str) -> None:
        self.driver = driver
        self.url = url.rstrip("/")

    def open(self, address: str, *, width: int = 1100, height: int = 800, dark: bool = False) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
        self.driver.get(self.url + address)

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def one(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def stories(self) -> list[str]:
        """At one moment: rows may come in while one looks."""
        script = "return [...document.querySelectorAll('.hit')].map((row) => row.dataset.story)"
        return list(self.driver.execute_script(script))

    def press(self, keys: str) -> None:
        """Keys go where the focus is, as a person's do, once the page is all there."""
        self.wait(lambda: self.driver.execute_script("return document.readyState") == "complete")
        ActionChains(self.driver).send_keys(keys).perform()

    def wait(self, condition: Callable[[], Any]) -> Any:
        passing = [NoSuchElementException, StaleElementReferenceException]
        return WebDriverWait(self.driver, 60, 0.1, passing).until(lambda _: condition())

    @property
    def path(self) -> str:
        return str(self.driver.current_url).removeprefix(self.url)


def browsing(chromium: Any, settings: Settings) -> Iterator[Browser]:
    """The browser on a desk of its own; in the end it must have found no fault with a page."""
    stop = desk_in_background(settings)
    chromium.get_log("browser")
    yield Browser(chromium, stop.url)
    complaints = [line for line in chromium.get_log("browser") if line["level"] == "SEVERE"]
    chromium.get("about:blank")
    stop()
    assert not complaints, "the browser found fault with a page"
