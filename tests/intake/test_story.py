"""The document of a story, field by field, from the set of its versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from pipeline.events import Content, ItemState, KnownVersion, StoryVersion, VersionEntry
from pipeline.events.item import Reference, Signal, Subject
from pipeline.intake.identity import body_hash, version_id
from pipeline.intake.story import embargo_after, index_version_of, shared, story_of, version_entries
from pipeline.intake.takes import LEFT_OUT, MOST_PARTS
from tests.intake.known import at, known, message

MOST = 8_000_000


def state_of(*versions: KnownVersion, **more: Any) -> ItemState:
    return ItemState(provider="Orbis", item_id="a1", story_id="orbis-1", versions=versions, **more)


def story(*versions: KnownVersion, order: str = "auto", max_bytes: int = MOST, **more: Any) -> StoryVersion:
    return story_of(state_of(*versions, **more), message(7), order, max_bytes)


#: Kinds of the versions by themselves, versions dropped after the first, and their kinds in their places.
KINDS: dict[str, tuple[list[str], int, list[str]]] = {
    "the first is new, others update it": (["new", "new", "new"], 0, ["new", "update", "update"]),
    "special kinds stay": (
        ["new", "correction", "refile", "advisory", "test", "withhold", "kill"],
        0,
        ["new", "correction", "refile", "advisory", "test", "withhold", "kill"],
    ),
    "a correction may be first": (["correction", "new"], 0, ["correction", "update"]),
    "a kill of what never came": (["kill", "new"], 0, ["tombstone", "update"]),
    "after it was withheld a story is released": (["withhold", "new", "new"], 0, ["withhold", "release", "update"]),
    "after it was killed a story is updated": (["new", "kill", "new"], 0, ["new", "kill", "update"]),
    "what came before is not remembered": (["withhold", "new", "withhold", "new"], 3, ["withhold", "update", "withhold", "release"]),
    "a kill after what is not remembered": (["new", "kill"], 1, ["new", "kill"]),
    "the first is always remembered": (["kill", "new"], 2, ["tombstone", "update"]),
}  # fmt: skip


@pytest.mark.parametrize("case", KINDS)
def test_the_kind_of_each_version_in_its_place(case: str) -> None:
    kinds, dropped, in_place = KINDS[case]
    versions = [known(f"v{place}", place, kind=kind) for place, kind in enumerate(kinds)]
    assert version_entries(versions, dropped=dropped) == [
        VersionEntry(id=version_id(one), kind=kind) for one, kind in zip(versions, in_place, strict=True)
    ]


def test_a_story_of_which_versions_are_forgotten_releases_nothing() -> None:
    shown = story(known("a", 1, kind="withhold"), known("b", 2), dropped=1)
    assert (shown.kind, [entry.kind for entry in shown.versions]) == ("update", ["withhold", "update"])


def test_a_story_of_which_every_version_is_from_an_archive_is_backfill() -> None:
    assert story(known("a", 1, lane="backfill")).lane == "backfill"


def test_nothing_is_dropped_unless_told() -> None:
    versions = [known("a", 1, kind="withhold"), known("b", 2)]
    assert [entry.kind for entry in version_entries(versions)] == ["withhold", "release"]


def test_every_field_of_the_document() -> None:
    first = known(
        "first", 2, received=3, firstcreated=at(-9), connectors=("b",), tags=("y",), lane="backfill", version="1"
    )
    resent = known(
        "again",
        4,
        received=1,
        signals=(Signal.RESEND,),
        connectors=("c",),
        content={"headline": "first", "body": "first"},
    )
    correction = known("corrected", 5, received=5, kind="correction", content={"ednote": "Corrects day."})
    last = known(
        "last", 8, received=9, version="4", kind="new", signals=(Signal.URGENT,), connectors=("a",), tags=("x",), rights="Orbis",
        refers=(Reference(uri="a0"),), lane="live",
    )  # fmt: skip
    shown = story(last, first, resent, correction, dropped=2, index_version=77, changes=4)
    assert shown == StoryVersion(
        story_id="orbis-1",
        provider="Orbis",
        item_id="a1",
        connectors=("a", "b", "c", "feed"),
        lane="live",
        index_version=77,
        version="4",
        version_rank=8,
        kind="update",
        update_count=4,
        pubstatus="usable",
        killed=False,
        correction=True,
        correction_note="Corrects day.",
        signals=(Signal.URGENT,),
        first_seen=at(1),
        first_created=at(-9),
        version_created=at(8),
        received=at(9),
        content=last.content,
        tags=("x", "y"),
        rights="Orbis",
        refers=(Reference(uri="a0"),),
        versions=(
            VersionEntry(id=version_id(first), kind="new"),
            VersionEntry(id=version_id(correction), kind="correction"),
            VersionEntry(id=version_id(last), kind="update"),
        ),
        versions_dropped=2,
        raw=message(7),
    )


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("new", {"pubstatus": "usable", "killed": False, "advisory": False, "test": False, "correction": False}),
        ("kill", {"pubstatus": "canceled", "killed": True, "advisory": False, "test": False, "correction": False}),
        ("withhold", {"pubstatus": "withheld", "killed": False, "advisory": False, "test": False, "correction": False}),
        ("advisory", {"pubstatus": "usable", "killed": False, "advisory": True, "test": False, "correction": False}),
        ("test", {"pubstatus": "usable", "killed": False, "advisory": False, "test": True, "correction": False}),
        ("correction", {"pubstatus": "usable", "killed": False, "advisory": False, "test": False, "correction": True}),
    ],
)
def test_the_status_is_that_of_the_current_version(kind: str, facts: dict[str, Any]) -> None:
    shown = story(known("a", 1), known("b", 2, kind=kind))
    assert {name: getattr(shown, name) for name in facts} == facts


def test_the_last_correction_says_what_was_corrected() -> None:
    notes = [
        known(f"c{minute}", minute, kind="correction", content={"ednote": f"Corrects {minute}."}) for minute in (1, 2)
    ]
    assert story(*notes, known("last", 3)).correction_note == "Corrects 2."
    assert story(known("last", 3)).correction_note is None


def test_a_part_after_a_kill_changes_nothing_that_is_shown() -> None:
    kill = known("k", 2, kind="kill", content={"headline": None, "body": "", "ednote": "Kill."})
    part = known("part", 3, signals=(Signal.TAKE,))
    shown = story(known("a", 1), kill, part)
    assert (shown.kind, shown.killed, shown.version_created, shown.content.body) == ("kill", True, at(2), "Kill.")
    assert [entry.kind for entry in shown.versions] == ["new", "kill", "update"]


#: Versions, and when the story was made.
CREATED: dict[str, tuple[list[KnownVersion], datetime]] = {
    "the earliest firstcreated": ([known("a", 5, firstcreated=at(2)), known("b", 6, firstcreated=at(1))], at(1)),
    "a version older than its firstcreated": ([known("a", 1, firstcreated=at(3))], at(1)),
    "by its version times": ([known("a", 4, received=1), known("b", 5)], at(4)),
    "without any by its arrival": ([known("a", None, received=6), known("b", None, received=8)], at(6)),
}


@pytest.mark.parametrize("case", CREATED)
def test_when_a_story_was_made(case: str) -> None:
    versions, created = CREATED[case]
    assert story(*versions).first_created == created


def test_a_version_without_a_time_was_made_when_it_arrived() -> None:
    assert story(known("a", None, received=6)).version_created == at(6)


def milliseconds(minute: float) -> int:
    return int(at(minute).timestamp() * 1000)


class TestIndexVersion:
    """Elasticsearch takes a document only with a larger number."""

    def test_the_newest_time_of_any_version_then_the_changes(self) -> None:
        state = state_of(known("a", 9), known("b", None, received=12.00005), known("c", 3, received=99), changes=7)
        assert index_version_of(state, None) == milliseconds(12.00005) * 1000 + 7
        assert index_version_of(state, state_of(changes=3, index_version=10**18)) == milliseconds(12.00005) * 1000 + 7

    def test_never_the_same_or_a_lower_one(self) -> None:
        after = state_of(known("a", 1), changes=9)
        higher = state_of(known("b", 1), changes=2, index_version=10**18)
        assert index_version_of(after, higher) == 10**18 + 1
        lower = higher.model_copy(update={"index_version": 5})
        assert index_version_of(after, lower) == milliseconds(1) * 1000 + 9

    @pytest.mark.parametrize(("changes", "counted"), [(5, 5), (999, 999), (1000, 999), (5000, 999)])
    def test_after_a_state_of_release_01(self, changes: int, counted: int) -> None:
        """It did not remember the number, and counted no more than 999 changes."""
        before = state_of(known("a", 3), known("b", 2), changes=changes)
        after = state_of(known("a", 1), changes=changes + 1)
        assert index_version_of(after, before) == milliseconds(3) * 1000 + counted + 1

    def test_of_a_state_of_release_01(self) -> None:
        assert story(known("a", 3), changes=4).index_version == milliseconds(3) * 1000 + 4


def test_feeds_tags_lane_and_first_arrival_are_of_all_versions() -> None:
    archived = known("a", 1, received=7, connectors=("b", "c"), tags=("y",), lane="backfill")
    live = known("b", 2, received=5, connectors=("a", "b"), tags=("x", "y"), lane="live")
    assert shared([archived, live]) == (("a", "b", "c"), ("x", "y"), "live", at(5))
    assert shared([archived]) == (("b", "c"), ("y",), "backfill", at(7))


RELEASE = (Signal.RELEASE,)


def embargoed(words: str, minute: int, until: float | None, **more: Any) -> KnownVersion:
    return known(words, minute, content={"embargoed": None if until is None else at(until)}, **more)


#: Embargo before, versions, embargo after.
EMBARGOES: dict[str, tuple[float | None, list[KnownVersion], float | None]] = {
    "holds without a word": (60, [embargoed("a", 1, None)], 60),
    "no versions": (60, [], 60),
    "the later one counts": (60, [embargoed("a", 1, 90), embargoed("b", 2, 30)], 30),
    "a release ends it": (60, [embargoed("a", 1, None, signals=RELEASE)], None),
    "a release that sets another": (60, [embargoed("a", 1, 90, signals=RELEASE)], 90),
    "after a release": (None, [embargoed("a", 1, None, signals=RELEASE), embargoed("b", 2, 90)], 90),
}


@pytest.mark.parametrize("case", EMBARGOES)
def test_an_embargo_holds_until_a_version_says_otherwise(case: str) -> None:
    held, versions, after = EMBARGOES[case]
    assert embargo_after(versions, None if held is None else at(held)) == (None if after is None else at(after))


class TestEmbargoShown:
    """The embargo in force, also where the versions that say so are not remembered."""

    FIRST, LAST = embargoed("a", 1, 60), embargoed("b", 2, None)

    def test_that_of_an_earlier_version(self) -> None:
        assert story(self.FIRST, self.LAST).content == self.LAST.content.model_copy(update={"embargoed": at(60)})

    def test_that_of_a_forgotten_version_replaces_that_of_the_first(self) -> None:
        assert story(self.FIRST, self.LAST, embargoed=at(90)).content.embargoed == at(90)
        assert story(self.FIRST, self.LAST, embargoed=at(90), released=True).content.embargoed == at(90)

    def test_a_forgotten_release_ended_that_of_the_first(self) -> None:
        assert story(self.FIRST, self.LAST, released=True).content.embargoed is None

    def test_a_remembered_version_is_later_than_a_forgotten_one(self) -> None:
        assert story(self.FIRST, embargoed("b", 2, 30), embargoed=at(90)).content.embargoed == at(30)
        assert story(self.FIRST, embargoed("b", 2, None, signals=RELEASE), embargoed=at(90)).content.embargoed is None

    def test_what_follows_a_kill_has_no_say(self) -> None:
        part = embargoed("part", 3, 30, signals=(Signal.TAKE,))
        assert story(self.FIRST, known("k", 2, kind="kill"), part).content.embargoed == at(60)

    def test_a_release_ends_what_its_own_content_says(self) -> None:
        """The content of a version may be that of the lead, while a part releases the story."""
        part = embargoed("part", 2, None, signals=(Signal.TAKE, Signal.RELEASE))
        assert story(self.FIRST, part).content.embargoed is None


class TestWithdrawn:
    """What is shown of a story that was killed or withheld: the notice, and the headline that it withdraws."""

    OLD = known(
        "Dam", 1,
        content={
            "body": "The dam is closed.", "slugline": "DAM", "language": "en", "subjects": (Subject(name="Dams"),), "byline": "Moe",
            "urgency": 2, "type": "text", "ednote": "Old note.", "keywords": ("dam",),
        },
    )  # fmt: skip

    @pytest.mark.parametrize("kind", ["kill", "withhold"])
    def test_the_notice_with_the_headline_slug_language_and_subjects_of_the_story(self, kind: str) -> None:
        notice = known("k", 2, kind=kind, content={"headline": None, "body": "", "ednote": "Do not use."})
        assert story(self.OLD, notice).content == Content(
            headline="Dam", slugline="DAM", language="en", subjects=(Subject(name="Dams"),), body="Do not use.", ednote="Do not use."
        )  # fmt: skip

    def test_its_own_words_go_first(self) -> None:
        own = {
            "headline": "Kill", "slugline": "KILL", "language": "de", "subjects": (Subject(name="Kills"),), "body": "Drop it.",
            "urgency": 1, "type": "picture",
        }  # fmt: skip
        notice = known(
            "k", 2, kind="kill", content={**own, "byline": "Lind", "keywords": ("kill",), "embargoed": at(9)}
        )
        assert story(self.OLD, notice).content == Content(**own, embargoed=at(9))

    def test_the_text_that_it_withdraws_is_not_shown(self) -> None:
        again = known("k", 2, kind="kill", content={"headline": "Dam", "body": "The dam is closed."})
        assert story(self.OLD, again).content.body == ""
        old = self.OLD.model_copy(update={
            "body_hash": body_hash(self.OLD.content), "trimmed": True, "content": self.OLD.content.model_copy(update={"body": ""}),
        })  # fmt: skip
        assert story(old, again).content.body == ""

    def test_without_a_story_no_text_of_it_is_shown(self) -> None:
        """The body of a kill that comes first may be the story's."""
        first = known("k", 2, kind="kill", content={"headline": "Dam", "body": "The dam is closed."})
        shown = story(first)
        assert (shown.kind, shown.content.headline, shown.content.body) == ("tombstone", "Dam", "")

    @pytest.mark.parametrize("kind", ["kill", "withhold"])
    def test_of_several_notices_the_last_is_shown_and_the_story_before_all_of_them(self, kind: str) -> None:
        held = known("h", 2, kind=kind, content={"headline": "Hold", "body": "", "ednote": "Hold."})
        notice = known("k", 3, kind="kill", content={"headline": None, "body": "", "ednote": "Kill."})
        later = known("later", 1.5)
        shown = story(self.OLD, later, held, notice).content
        assert (shown.headline, shown.body) == ("later", "Kill.")

    def test_a_story_that_is_older_than_its_kill_alone_is_withdrawn(self) -> None:
        part = known("part", 3, signals=(Signal.TAKE,), content={"slugline": "PART"})
        notice = known("k", 2, kind="kill", content={"headline": None, "body": "", "ednote": "Kill."})
        assert story(self.OLD, notice, part).content.slugline == "DAM"


class TestTextShown:
    """Where the text of the current version comes from."""

    def test_from_another_version_with_the_same_words(self) -> None:
        trimmed = known("a", 9, trimmed=True, content={"body": ""})
        assert story(known("a", 1), known("b", 5), trimmed).content.body == "a"

    def test_what_is_remembered_of_it_where_the_text_is_gone(self) -> None:
        gone = known("a", 9, trimmed=True, content={"headline": "Dam", "body": ""})
        assert story(gone).content == gone.content

    def test_with_its_parts(self) -> None:
        parts = [known(f"Part {n}.", n, signals=(Signal.TAKE,), take=n) for n in (1, 2)]
        assert story(known("Lead.", 0), *parts).content.body == "Lead.\n\nPart 1.\n\nPart 2."

    def test_parts_have_a_quarter_of_the_largest_message(self) -> None:
        parts = [known(f"Part {n}.", n, signals=(Signal.TAKE,), take=n) for n in (1, 2)]
        fit = 4 * len("Lead." + "Part 1." + "Part 2.")
        assert story(known("Lead.", 0), *parts, max_bytes=fit).content.ednote is None
        shown = story(known("Lead.", 0), *parts, max_bytes=fit - 4).content
        assert (shown.body, shown.ednote) == ("Lead.\n\nPart 1.", LEFT_OUT)

    def test_parts_that_are_not_remembered_are_told(self) -> None:
        lead = known("Lead.", 0)
        assert story(lead, parts_dropped=version_id(lead)).content.ednote == LEFT_OUT
        assert story(lead, parts_dropped="another").content == lead.content
        many = [known(f"{n}.", n, signals=(Signal.TAKE,), take=n) for n in range(1, MOST_PARTS + 2)]
        assert story(lead, *many, parts_dropped=version_id(lead)).content.ednote == LEFT_OUT


def test_the_order_is_the_feeds() -> None:
    """Times and numbers of this feed contradict one another."""
    versions = [known("a", 9, version="1"), known("b", 1, version="2")]
    assert [story(*versions, order=order).version for order in ("auto", "version")] == ["1", "2"]
