"""Lives of stories through the real servers, each in five orders of arrival: the same end in all three indices."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.events import RawItem
from pipeline.events.item import Item, Signal

pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
BODY = 'The dam is closed, the ministry said.\n\n"It will stay closed until Monday," said Minister Ilka Torvane.'
PART = {"signals": (Signal.TAKE,)}
LIVES: dict[str, list[dict[str, Any]]] = {
    "killed": [
        {"headline": "Dam closes", "body_text": BODY},
        {"headline": "Dam closes for a week", "body_text": f"{BODY}\n\nBoats wait, said harbour master Ane Solvik."},
        {"headline": "Dam closes for a week", "body_text": BODY, "signals": (Signal.CORRECTION,), "ednote": "Corrects"},
        {"pubstatus": "canceled", "ednote": "Mandatory kill."},
    ],
    "corrected": [
        {"headline": "Dam closes", "body_text": f'{BODY} "We are sorry," said Torvane. "Very sorry," said Ane Solvik.'},
        {"headline": "Dam closes", "body_text": BODY, "signals": (Signal.CORRECTION,), "ednote": "Drops a quotation"},
    ],
    "released": [
        {"headline": "Budget", "body_text": BODY, "embargoed": NOON + timedelta(days=3000)},
        {"headline": "Budget", "body_text": BODY, "pubstatus": "withheld"},
        {"headline": "Budget", "body_text": BODY, "signals": (Signal.RELEASE,)},
    ],
    "in parts": [
        {"headline": "Dam closes", "body_text": BODY},
        {"headline": "Dam closes", "body_text": "Boats wait, said harbour master Ane Solvik.", **PART, "take": 3},
        {"headline": "Dam closes", "body_text": "The lake is low, said Solvik.", **PART, "take": 2},
        {"headline": "Dam closes", "body_text": "The lake is full, said Solvik.", **PART, "replaces": (1, 1)},
    ],
    "killed in parts": [
        {"headline": "Dam closes", "body_text": BODY},
        {"pubstatus": "canceled", "ednote": "Mandatory kill."},
        {"headline": "Dam closes", "body_text": '"Boats wait," said harbour master Ane Solvik.', **PART, "take": 2},
    ],
    "killed without time": [
        {"headline": "Dam closes", "body_text": BODY},
        {"pubstatus": "canceled", "version": None, "versioncreated": None},
    ],
}
#: What differs by design: ids, times of arrival, and the group, because copies of one text meet in the real cluster.
OWN = {"story_id", "item_id", "received", "first_seen", "index_version", "cluster_id", "duplicate_of", "similarity",
       "containment", "leading", "event_id", "enrichment_model", "indexed"}  # fmt: skip


def messages(life: str, order: int) -> list[RawItem]:
    """One life in one order: as it was, backwards, twice over, shuffled."""
    name = f"{life}-{order}"
    items = []
    for place, fields in enumerate(LIVES[life]):
        dated = {"version": str(place + 1), "versioncreated": NOON + timedelta(minutes=place)}
        item = Item.model_validate({"uri": name, "language": "en", **dated, **fields})
        items.append(RawItem(connector="t", provider="Orbis", item_id=name, received=NOON, parser="t", item=item))
    chance = random.Random(order)
    match order:
        case 0:
            return items
        case 1:
            return items[::-1]
        case 2:
            return [item for item in items for _ in range(2)]
        case _:
            return chance.sample([*items, *items], 2 * len(items))


def test_all_orders_end_the_same(installation: Any) -> None:
    chance = random.Random(7)
    queues = [messages(life, order) for life in LIVES for order in range(5)]
    stream = []
    while any(queues):
        queue = chance.choice([queue for queue in queues if queue])
        stream.append(queue.pop(0))
    with installation.running():
        installation.publish(*stream)
        installation.wait_for_documents(len(LIVES) * 5)
        installation.wait_caught_up()
    found = {base: installation.documents(base) for base in ("stories", "stories-history", "quotes")}
    assert installation.dead() == []
    for life, versions in LIVES.items():
        ends = [end(found, f"{life}-{order}") for order in range(5)]
        assert len(ends[0]["stories"]) == 1
        assert len(ends[0]["stories-history"]) == len(versions)
        assert (ends[0]["quotes"] == []) == life.startswith("killed")
        assert ends == [ends[0]] * 5, life
    (joined,) = end(found, "in parts-3")["stories"]
    assert joined["body"].split("\n\n") == [
        "The lake is full, said Solvik.",
        BODY.split("\n\n")[1],
        "The lake is low, said Solvik.",
        "Boats wait, said harbour master Ane Solvik.",
    ]
    (killed,) = end(found, "killed in parts-3")["stories"]
    assert (killed["killed"], killed["body"]) == (True, "Mandatory kill.")


def end(found: dict[str, dict[str, dict[str, Any]]], item_id: str) -> dict[str, list[dict[str, Any]]]:
    """All documents of an item, without what is its own."""
    (story_id,) = (name for name, one in found["stories"].items() if one["item_id"] == item_id)
    return {
        base: [
            {name: value for name, value in one.items() if name not in OWN}
            for key, one in sorted(documents.items())
            if one["story_id"] == story_id
        ]
        for base, documents in found.items()
    }
