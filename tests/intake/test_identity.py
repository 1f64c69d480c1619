"""What intake remembers of a version: nothing that its story needs may be forgotten."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.events import Content, MessageRef, RawItem
from pipeline.events.item import Item, Reference, Signal
from pipeline.intake.identity import body_hash, content_hash, known_version, read

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MESSAGE = MessageRef(topic="wire.raw", partition=3, offset=7)


def test_a_version_is_remembered_whole() -> None:
    item = Item(
        uri="urn:orbis:1", version="3", pubstatus="withheld", versioncreated=NOON, firstcreated=NOON.replace(hour=9),
        signals=(Signal.CORRECTION,), headline="Ferry late", body_text="The ferry was late.",
        refers=(Reference(uri="urn:orbis:0"),),
    )  # fmt: skip
    raw = RawItem(
        connector="orbis-feed", provider="Orbis", item_id="urn:orbis:1", received=NOON.replace(hour=13), item=item,
        parser="ninjs", lane="backfill", rights="For paying readers.", tags=("harbour",),
    )  # fmt: skip
    content = read(raw, 1000)
    known = known_version(raw, content, "withhold", MESSAGE)
    assert known.model_dump(include={"rank", "version", "kind", "pubstatus", "connectors", "tags", "rights", "lane"}) == {
        "rank": int(NOON.timestamp() * 1000), "version": "3", "kind": "withhold", "pubstatus": "withheld",
        "connectors": ("orbis-feed",), "tags": ("harbour",), "rights": "For paying readers.", "lane": "backfill",
    }  # fmt: skip
    assert (known.versioncreated, known.firstcreated, known.received) == (NOON, item.firstcreated, raw.received)
    assert (known.signals, known.refers, known.first_message) == (item.signals, item.refers, MESSAGE)
    assert (known.content, known.content_hash) == (content, content_hash(item, content, "withhold"))
    assert known.body_hash == body_hash(Content(body="The ferry was late."))


def test_what_only_a_page_shows_makes_no_version() -> None:
    item = Item(uri="1", body_text="The ferry was late.")
    plain, marked = (
        Content(body="The ferry was late.", body_html=html) for html in (None, "<p>The ferry was late.</p>")
    )
    assert content_hash(item, plain, "new") == content_hash(item, marked, "new")
    assert content_hash(item, plain, "new") != content_hash(item, plain, "correction")


def test_the_connectors_defaults_are_those_of_items_without_their_own() -> None:
    raw = RawItem(connector="feed", provider="Orbis", item_id="1", received=NOON, item=Item(uri="1", headline="Ferry"),
                  parser="ninjs", language="fr", priority=2)  # fmt: skip
    content = read(raw, 1000)
    assert (content.language, content.priority) == ("fr", 2)
