"""Kills of the old wires on the real servers: the story that they name is withdrawn, or a person is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.events import RawItem
from pipeline.events.item import Item, Reference, Signal

pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def item(name: str, minutes: int, **fields: Any) -> RawItem:
    whole = Item(uri=name, versioncreated=NOON + timedelta(minutes=minutes), language="en", **fields)
    return RawItem(connector="wire", provider="Orbis", item_id=name, received=NOON, parser="test", item=whole)


def test_a_kill_by_slug_withdraws_the_story_and_an_unknown_one_asks_a_person(installation: Any) -> None:
    body = 'The ferry sank, the harbour said. "Nobody was on board," said harbour master Ane Solvik.'
    with installation.running():
        installation.publish(item("a1", 0, headline="Ferry sinks", slugline="FERRY", body_text=body))
        installation.wait_for_documents(1)
        installation.wait(lambda: len(installation.documents("quotes")) >= 1, "its quotations")
        kill = {"signals": (Signal.KILL,), "pubstatus": "canceled", "headline": "KILL FERRY"}
        installation.publish(
            item("k1", 10, refers=(Reference(slugline="FERRY"),), **kill),
            item("k2", 11, refers=(Reference(slugline="NEVER-SENT"),), **kill),
        )
        installation.wait(lambda: len(installation.dead()) == 1, "a dead letter")
        installation.wait(lambda: any(one["killed"] for one in by_item(installation, "a1")), "the kill")
        installation.wait_caught_up()
    (ferry,) = by_item(installation, "a1")
    assert ferry["headline"] == "Ferry sinks"
    assert "people" not in ferry
    assert "Ane Solvik" not in ferry.get("body", "")
    assert installation.documents("quotes") == {}
    (letter,) = installation.dead()
    assert letter["needs_person"] is True
    assert "NEVER-SENT" in letter["reason"]


def by_item(installation: Any, item_id: str) -> list[dict[str, Any]]:
    return [one for one in installation.documents().values() if one["item_id"] == item_id]
