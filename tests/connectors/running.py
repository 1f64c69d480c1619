"""Connectors' files and feeds for tests of running connectors."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.service import ConnectorService
from pipeline.events import RawItem


def write_connector(broker: Any, name: str, text: str) -> Path:
    """Write a connector's file as an editor does: whole at once."""
    path = broker.settings.connectors.directory / f"{name}.yaml"
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").rename(path)
    return path


def over_http(url: str, provider: str = "Example", more: str = "") -> str:
    return (
        f"provider: {provider}\nparser: rss\nschedule: {{interval_seconds: 0.2, adaptive: false}}\n"
        f"transport: {{type: http, url: '{url}', allow_private_addresses: true}}\n{more}"
    )


def feed(*guids: str) -> bytes:
    items = "".join(f'<item><guid isPermaLink="false">{guid}</guid><title>{guid}</title></item>' for guid in guids)
    return f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()


def wait_for(what: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def items(broker: Any, at_least: int = 0) -> Counter[str]:
    return Counter(RawItem.decode(value).item_id for _, value in broker.read("raw", at_least))


@contextmanager
def running(broker: Any) -> Iterator[ConnectorService]:
    service = ConnectorService(broker.settings)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.stopping.set()
        thread.join(60)
        assert not thread.is_alive()
