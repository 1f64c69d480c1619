"""The lives of stories as agencies flag them in words: headline tags, keyword lines, notes above the text, notices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.mapping import apply_mapping, load_mapping
from connectors.parsers import text as wire_text
from pipeline.cluster.references import NamedStories, is_notice, kill_of
from pipeline.events import ItemState, MessageRef, RawItem, StoryVersion
from pipeline.events.item import Item, ParseContext, Reference
from pipeline.intake.identity import read, story_id
from pipeline.intake.lifecycle import receive

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
BODY = "The bridge is closed, the ministry said.\n\nIt opens on Monday."
LATER = "The bridge is closed, the ministry said.\n\nIt opens on Tuesday."

#: Agency; then of each version headline, keyword line, note, body, and what it is, with the headline that is shown.
LIVES: dict[str, tuple[str, list[tuple[str, str | None, str | None, str, str, str]]]] = {
    "Reuters": (
        "reuters",
        [
            ("URGENT-Bridge closes", None, None, "The bridge is closed.", "new", "Bridge closes"),
            ("UPDATE 1-Bridge closes", None, None, f"(Adds minister in paragraph 3)\n\n{BODY}", "update", "Bridge closes"),
            ("CORRECTED-UPDATE 1-Bridge closes", None, None, f"(Corrects day in paragraph 2)\n\n{LATER}", "correction", "Bridge closes"),
            ("REFILE-UPDATE 2-Bridge shuts", None, None, f"(Refiles to fix headline)\n\n{LATER}", "refile", "Bridge shuts"),
            ("RPT-UPDATE 2-Bridge shuts", None, None, LATER, "resend", "Bridge shuts"),
            ("STORY WITHDRAWN: Bridge shuts", None, None, "Reuters withdraws it.", "kill", "Bridge shuts"),
        ],
    ),
    "Yonhap": (
        "wire",
        [
            ("(URGENT) Bridge closes", None, None, "The bridge is closed.", "new", "Bridge closes"),
            ("(LEAD) Bridge closes", None, None, f"(ATTN: ADDS details from 2nd para, photo)\n\n{BODY}", "update", "Bridge closes"),
            ("(2nd LD) Bridge closes", None, None, f"(ATTN: CORRECTS day in para 2)\n\n{LATER}", "correction", "Bridge closes"),
            ("Bridge closes (Correction)", None, None, f"{LATER}\n\nIt is old.", "correction", "Bridge closes"),
        ],
    ),
    "AP": (
        "ap",
        [
            ("APNewsAlert: Bridge closes", "BC-XN--Bridge-Alert", None, "The bridge is closed.", "new", "Bridge closes"),
            ("Bridge closes", "BC-XN--Bridge, 1st Ld-Writethru", "Eds: UPDATES with details.", BODY, "update", "Bridge closes"),
            ("Bridge closes", "BC-XN--Bridge, 2nd Ld-Writethru", "Eds: CORRECTION: corrects day.", LATER, "correction", "Bridge closes"),
            ("BULLETIN KILL - Bridge closes", "BC-XN--Bridge", None, "A kill is mandatory.", "kill", "Bridge closes"),
        ],
    ),
    "dpa": (
        "dpa",
        [
            ("EIL - Bridge closes", None, None, "The bridge is closed.", "new", "Bridge closes"),
            ("1st lead: Bridge closes", None, None, BODY, "update", "Bridge closes"),
            ("Bridge closes (Berichtigung: day)", None, None, LATER, "correction", "Bridge closes"),
            ("HOLD HOLD HOLD - Bridge closes", None, None, "Please do not use.", "withhold", "Bridge closes"),
            ("Bridge closes", None, None, f"{LATER}\n\nIt is sure now.", "release", "Bridge closes"),
            ("KILL KILL KILL Bridge closes", None, None, "Please delete.", "kill", "Bridge closes"),
        ],
    ),
}  # fmt: skip


def story_after(item: Item, state: ItemState | None, minutes: int) -> tuple[str, StoryVersion | None, ItemState]:
    name = item.uri or "x"
    arrived = NOON + timedelta(minutes=minutes)
    raw = RawItem(connector="t", provider="Orbis", item_id=name, received=arrived, parser="t", item=item)
    message = MessageRef(topic="t", partition=0, offset=minutes)
    verdict = receive(state, raw, read(raw, 100_000), message, story_id("Orbis", name), max_versions=50)
    return verdict.reason, verdict.story, verdict.state


@pytest.mark.parametrize("agency", LIVES)
def test_a_life_in_an_agencys_words(agency: str) -> None:
    preset, versions = LIVES[agency]
    state: ItemState | None = None
    for minutes, (headline, slug, note, body, kind, shown) in enumerate(versions):
        item = Item(uri="x", versioncreated=NOON + timedelta(minutes=minutes), headline=headline, slugline=slug,
                    ednote=note, body_text=body)  # fmt: skip
        reason, story, state = story_after(apply_mapping(item, load_mapping(preset)), state, minutes)
        if kind == "resend":
            assert (reason, story) == ("resend", None)
            continue
        assert story is not None, headline
        assert (story.kind, story.content.headline) == (kind, shown), headline
        assert not story.content.body.startswith("("), "what is for editors is no text"
        assert story.killed == (kind == "kill")
        if kind == "correction" and (note or body.startswith("(")):
            assert "orrect" in (story.correction_note or "").lower()


NOTICES: dict[str, tuple[str, str, dict[str, str] | None]] = {
    "AP, by slug": (
        "ap",
        (
            "BULLETIN KILL\nBC-XN--Bridge Closing\nEds: A kill is mandatory. Kill the story slugged BC-XN--Bridge Closing. "
            "It is wrong about the day.\n"
        ),
        {"slugline": "BC-XN--Bridge Closing"},
    ),
    "by number and headline": (
        "wire",
        'KILL KILL KILL\n\nPlease kill item 0123 "Bridge closes for a week". It is wrong; 2026 was meant.\n',
        {"number": "0123", "headline": "Bridge closes for a week"},
    ),
    "dpa, a hold": (
        "dpa",
        'HOLD HOLD HOLD\n\nPlease hold the story "Bridge closes for a week" until further notice.\n',
        {"headline": "Bridge closes for a week"},
    ),
    "a story's own kill, that names nothing": (
        "wire",
        "KILL KILL KILL Bridge closes\n\nIt was wrong. 1,200 people live there since 1998, not 2,100.\n",
        None,
    ),
    "a story that kills nothing": (
        "wire",
        'Hunters kill 300 wolves\n\nThey will hold "a last meeting" in 2027.\n',
        None,
    ),
}


@pytest.mark.parametrize("case", NOTICES)
def test_what_a_notice_in_words_names(case: str) -> None:
    preset, text, named = NOTICES[case]
    (parsed,) = wire_text.parse(text.encode(), ParseContext(now=NOON)).items
    assert isinstance(parsed, Item)
    item = apply_mapping(parsed, load_mapping(preset))
    assert item.refers == (() if named is None else (Reference(**named),))


@pytest.mark.parametrize(
    ("slug", "notice", "pubstatus"),
    [
        ("BC-XN--Bridge Closing, 1st Ld-Writethru", NOTICES["AP, by slug"], "canceled"),
        ("ignored", NOTICES["by number and headline"], "canceled"),
        ("ignored", NOTICES["dpa, a hold"], "withheld"),
    ],
)
def test_a_notice_finds_its_story_and_does_to_it_what_it_says(slug: str, notice: Any, pubstatus: str) -> None:
    known = NamedStories(10)
    item = Item(uri="a", versioncreated=NOON, headline="Bridge closes for a week", slugline=slug, body_text=BODY)
    _, story, state = story_after(item, None, 0)
    assert story is not None
    known.note(story)
    preset, text, _ = notice
    (parsed,) = wire_text.parse(text.encode(), ParseContext(now=NOON)).items
    order = apply_mapping(parsed, load_mapping(preset)).model_copy(update={"uri": "n"})
    _, told, _ = story_after(order, None, 5)
    assert told is not None
    assert is_notice(told)
    target = known.find(told)
    assert target is not None
    _, after, _ = story_after(kill_of(target, told).item, state, 6)
    assert after is not None
    assert (after.item_id, after.pubstatus, after.killed) == ("a", pubstatus, pubstatus == "canceled")
    assert after.content.headline == "Bridge closes for a week"
    assert BODY not in after.content.body
