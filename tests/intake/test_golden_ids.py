"""Ids are a promise: what is in an index, in links and in alerts must be found after an upgrade.

The values in ``golden/ids.yaml`` were computed by the release named there. A test that fails here means that stories
of existing installations would get new ids: do not change the value; restore the old id, or write a migration and a
test of it, and then add the new value next to the old one with its reason.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from connectors.identity import stable_id
from pipeline.events import ItemState, MessageRef, RawItem, item_key
from pipeline.events.item import Item, Signal
from pipeline.index.documents import quote_id
from pipeline.intake.identity import read, story_id
from pipeline.intake.lifecycle import receive, version_id
from pipeline.intake.versions import ordered

GOLDEN: dict[str, Any] = YAML(typ="safe").load(Path(__file__).parent / "golden" / "ids.yaml")
RECEIVED = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize("case", GOLDEN["stories"], ids=lambda case: case["story_id"])
def test_story_ids_and_keys(case: dict[str, str]) -> None:
    assert story_id(case["provider"], case["item_id"]) == case["story_id"]
    assert item_key(case["provider"], case["item_id"]).decode() == case["key"]


@pytest.mark.parametrize("case", GOLDEN["items"], ids=lambda case: case["item_id"])
def test_item_ids(case: dict[str, Any]) -> None:
    assert stable_id(Item.model_validate(case["item"])) == (case["item_id"], case["kind"])


@pytest.mark.parametrize("case", GOLDEN["versions"], ids=lambda case: case["version_id"])
def test_ranks_version_ids_and_content_hashes(case: dict[str, Any]) -> None:
    item = Item.model_validate(case["item"])
    raw = RawItem(connector="feed", provider="Orbis", item_id="1", received=RECEIVED, item=item, parser="test")
    result = receive(
        None, raw, read(raw, 100_000), MessageRef(topic="wire.raw", partition=0, offset=7), "orbis-1", max_versions=50
    )
    (known,) = result.state.versions
    assert result.story is not None
    found = {
        "rank": known.rank, "content_hash": known.content_hash, "version_id": version_id(known),
        "index_version": result.story.index_version,
    }  # fmt: skip
    assert found == {name: case[name] for name in found}


@pytest.mark.parametrize("case", GOLDEN["quotes"], ids=lambda case: case["quote_id"])
def test_quotation_ids(case: dict[str, Any]) -> None:
    assert quote_id(case["story_id"], case["position"]) == case["quote_id"]


def test_a_state_of_an_older_release_keeps_the_ids_of_its_versions() -> None:
    state = ItemState.decode((Path(__file__).parent / "golden" / "item-state-0.1.json").read_bytes())
    assert [version_id(known) for known in state.versions] == GOLDEN["state"]["version_ids"]


def test_a_state_of_an_older_release_goes_on_in_the_new_order() -> None:
    """Release 0.1 ordered edits of one time by hash. Ids stay; the order is right and the index takes the document."""
    state = ItemState.decode((Path(__file__).parent / "golden" / "item-state-0.1.json").read_bytes())
    indexed = GOLDEN["state"]["index_version"]
    item = Item(uri="1", version="2", versioncreated=datetime(2026, 5, 4, 12, 5, tzinfo=UTC), headline="Dam opens")
    raw = RawItem(
        connector="feed", provider="Orbis", item_id="1", received=datetime(2026, 5, 4, 13, tzinfo=UTC), item=item,
        parser="test",
    )  # fmt: skip
    message = MessageRef(topic="wire.raw", partition=0, offset=99)
    result = receive(state, raw, read(raw, 100_000), message, state.story_id, max_versions=50)
    assert result.story is not None
    assert result.story.index_version > indexed
    versions = ordered(result.state.versions, "auto")
    assert {version_id(known) for known in versions} > set(GOLDEN["state"]["version_ids"])
    assert [known.content.body for known in versions if known.version == "1"] == [
        "The dam is closed.",
        "The dam is closed, really.",
    ]


@pytest.mark.parametrize("field", ["body_text", "description"])
def test_two_undated_texts_with_one_first_line_are_two_stories(field: str) -> None:
    """A title such as "Market report" returns every day: without id, link and time it does not make two texts one."""
    texts = [
        Item.model_validate({"headline": "Market report", field: text}) for text in ("Shares rose.", "Shares fell.")
    ]
    (one, kind), (other, _) = map(stable_id, texts)
    assert kind == "hash"
    assert one != other
    assert stable_id(texts[0]) == (one, "hash"), "the same text read again is the same item"


def part(minute: int, body: str, take: int) -> RawItem:
    fields = {"versioncreated": datetime(2026, 5, 4, 6, minute, tzinfo=UTC), "body_text": body, "take": take}
    item = Item(uri="W:2026-05-04:BC-Ferry", slugline="BC-Ferry", headline="Ferry runs aground", signals=(Signal.TAKE,))
    return RawItem(
        connector="feed", provider="Orbis", item_id="1", received=RECEIVED, item=item.model_copy(update=fields),
        parser="test",
    )  # fmt: skip


def test_parts_that_an_older_release_remembers_are_joined() -> None:
    """Release 0.2 showed the add alone. What it remembers has no numbers; read again, the add gets its own."""
    state = ItemState.decode((Path(__file__).parent / "golden" / "item-state-0.2-parts.json").read_bytes())
    ids = [version_id(known) for known in state.versions]
    known_add, second = part(10, "The sea was calm.", 2), part(5, "Boats came.", 3)
    message = MessageRef(topic="wire.raw", partition=0, offset=9)
    result = receive(state, second, read(second, 100_000), message, "orbis-1", max_versions=50)
    assert result.story is not None
    lead = "A ferry ran aground.\n\nNobody was hurt."
    assert result.story.content.body == f"{lead}\n\nBoats came.\n\nThe sea was calm."
    again = MessageRef(topic="wire.raw", partition=0, offset=10)
    healed = receive(result.state, known_add, read(known_add, 100_000), again, "orbis-1", max_versions=50)
    assert healed.story is not None
    assert healed.story.content.body == f"{lead}\n\nThe sea was calm.\n\nBoats came."
    assert {version_id(known) for known in healed.state.versions} > set(ids)
    assert len(healed.state.versions) == 3
    assert healed.story.index_version > result.story.index_version > state.index_version
