"""Polls that bring much at once share a few places, so that what they bring fits into memory."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.config import ConnectorConfig
from connectors.runner import ConnectorRun
from connectors.transports.base import PollContext
from connectors.transports.http import HttpTransport
from connectors.transports.large import LARGE_BYTES, PLACES, BodyPlace, NoPlaceError
from pipeline.events import ConnectorState
from tests.connectors.running import feed

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)


def test_few_polls_hold_large_bodies_and_any_number_small_ones() -> None:
    with ExitStack() as polls:
        places = [polls.enter_context(BodyPlace()) for _ in range(3 * PLACES)]
        for place in places:
            place.grown(LARGE_BYTES, 0)
        for place in places[:PLACES]:
            place.grown(LARGE_BYTES + 1, 0)
            place.grown(5 * LARGE_BYTES, 0)
        with pytest.raises(NoPlaceError):
            places[PLACES].grown(LARGE_BYTES + 1, 0)
    with BodyPlace() as place:
        place.grown(LARGE_BYTES + 1, 0)


def test_one_that_waits_gets_the_place_of_one_that_ends() -> None:
    with ExitStack() as polls:
        places = [polls.enter_context(BodyPlace()) for _ in range(PLACES)]
        for place in places:
            place.grown(LARGE_BYTES + 1, 0)
        timer = threading.Timer(0.1, places[0].__exit__, (None, None, None))
        timer.start()
        with BodyPlace() as late:
            late.grown(LARGE_BYTES + 1, 30)
        timer.join()


def test_what_is_fetched_outside_of_a_poll_takes_no_place(web: Any) -> None:
    """Pages of the full text, and what a command looks at: nobody would give the place back."""
    address = web.page("/large", b"x" * (LARGE_BYTES + 100))
    transport = HttpTransport.model_validate({"type": "http", "url": address, "allow_private_addresses": True})
    for _ in range(PLACES + 1):
        context = PollContext(NOW, 4 * LARGE_BYTES, 5, "Test", poll_seconds=0.1)
        assert transport.poll(ConnectorState(connector="x"), context).error is None
    with BodyPlace() as place:
        place.grown(LARGE_BYTES + 1, 0)


def test_a_poll_gives_its_place_back(fake_broker: Any, web: Any) -> None:
    large = feed("one").replace(b"<title>one</title>", b"<title>one</title>" + b" " * (LARGE_BYTES + 100))
    transport = {"type": "http", "url": web.page("/feed", large), "allow_private_addresses": True}
    config = ConnectorConfig.model_validate({"name": "x", "provider": "P", "parser": "rss", "transport": transport})
    limits = fake_broker.settings.connectors.model_copy(update={"max_body_bytes": 4 * LARGE_BYTES})
    settings = fake_broker.settings.model_copy(update={"connectors": limits})
    run = ConnectorRun(config, ConnectorState(connector="x"), settings, fake_broker.publisher)
    for _ in range(PLACES + 1):
        run.state = ConnectorState(connector="x")
        run.poll_once(NOW)
        assert run.state.last_error is None
        assert run.state.items_published == 1
