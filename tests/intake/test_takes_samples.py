"""Stories in parts in the agencies' layouts, from the file to the text that is shown, in shuffled orders of arrival."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.parsers import get_parser
from pipeline.events.item import Item, ParseContext
from tests.intake.test_takes import kill, shown

WIRE = Path(__file__).parents[1] / "connectors" / "wire"
CONTEXT = ParseContext(now=datetime(2026, 11, 24, tzinfo=UTC), options={"identity": "slug"})
#: File, how many of its messages (all, or those before a writethru), and the text that they end in.
ENDS = [
    ("takes.anpa1312.txt", 3, [
        "A ferry ran aground off the coast of Valdoria on Thursday.",
        "All 124 people on board were brought ashore, the harbor master said.",
        "The ferry had left Norvaine at dawn.",
        "Fog lay over the channel, and a second ferry turned back.",
    ]),
    ("takes.anpa1312.txt", 5, [
        "Tugs freed a ferry on Thursday that had run aground in fog.", "Nobody of the 124 people on board was hurt.",
    ]),
    ("takes.iptc7901.txt", 3, [
        "A ferry ran aground off Valdoria.", "All 124 people were brought ashore.", "Fog lay over the channel.",
    ]),
    ("takes.nitf.xml", 4, [
        "A ferry ran aground off Valdoria on Thursday.", "All 112 people were brought ashore.",
        "Fog lay over the channel.", "The harbour master said an inquiry would follow.",
    ]),
    ("takes.nitf.xml", 5, [
        "A ferry sits on a sandbank off Valdoria.", "All 112 people are safe.", "Fog lay over the channel.",
        "The harbour master said an inquiry would follow.",
    ]),
]  # fmt: skip


def items_of(name: str) -> list[Item]:
    items = list(get_parser(name.split(".")[1]).parse((WIRE / name).read_bytes(), CONTEXT).items)
    assert len({item.uri for item in items}) == 1, "all parts belong to one story"
    return items


@pytest.mark.parametrize(("name", "count", "paragraphs"), ENDS)
def test_the_messages_of_an_agency_end_in_one_text(name: str, count: int, paragraphs: list[str]) -> None:
    items, chance = items_of(name)[:count], random.Random(count)
    for _ in range(10):
        order = chance.sample([*items, *items[:2]], k=len(items) + 2)
        assert shown(order).content.body.split("\n\n") == paragraphs
        killed = shown(chance.sample([*order, kill(10**7)], k=len(order) + 1))
        assert (killed.killed, killed.content.body) == (True, "Kill.")


def test_without_the_option_each_document_is_a_story() -> None:
    plain = get_parser("nitf").parse((WIRE / "takes.nitf.xml").read_bytes(), ParseContext(now=CONTEXT.now)).items
    assert len({item.uri for item in plain}) == len(plain) == 5
    assert {item.signals for item in plain} == {()}
