"""A long live story stays small in every message, loses no text, and can always be killed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from pipeline.events import Content, ItemState, MessageRef, RawItem, VersionText
from pipeline.events.errors import RejectError
from pipeline.events.item import Item, Link, Media, Signal, Subject
from pipeline.intake.bounds import bounded_content, size
from pipeline.intake.handler import merge_states
from pipeline.intake.identity import read, version_id
from pipeline.intake.lifecycle import Transition, receive
from pipeline.intake.versions import effective

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MOST = 8_000_000


class Story:
    """One item's state, with every message that intake would send."""

    def __init__(self, state: ItemState | None = None, max_bytes: int = MOST, order: str = "auto") -> None:
        self.state = state
        self.order = order
        self.texts: dict[str, VersionText] = {}
        self.sent = 0
        self.largest = 0
        self.offset = 100
        self.max_bytes = max_bytes
        self.last: Transition | None = None

    def offer(
        self, item: Item, *, received: datetime | None = None, offset: int | None = None, first: int | None = None
    ) -> Transition:
        """Take in an item; ``offset`` delivers a message again, ``first`` is the first offset of its batch."""
        self.offset += offset is None
        at = MessageRef(topic="wire.raw", partition=0, offset=self.offset if offset is None else offset)
        raw = RawItem(
            connector="feed", provider="Orbis", item_id="1", received=received or T0, item=item, parser="test",
            version_order=self.order,
        )  # fmt: skip
        acknowledged = at if first is None else at.model_copy(update={"offset": first})
        result = receive(
            self.state, raw, bounded_content(read(raw, 500_000), self.max_bytes), at, "orbis-1", max_versions=100,
            max_bytes=self.max_bytes, acknowledged=acknowledged,
        )  # fmt: skip
        self.state = ItemState.decode(result.state.encode())
        self.texts |= {text.version_id: text for text in result.texts}
        messages = [result.state.encode(), *(text.encode() for text in result.texts)]
        messages += [result.story.encode()] if result.story else []
        self.sent += sum(map(len, messages))
        self.largest = max(self.largest, *map(len, messages))
        self.last = result
        return result


def version(number: int, body: str, **more: Any) -> Item:
    return Item(
        uri="1",
        version=str(number),
        versioncreated=T0 + timedelta(minutes=number),
        headline="Dam",
        body_text=body,
        **more,
    )


def long_body(number: int) -> str:
    return f"Level {number}. " + "The water rises. " * 9_000


KILL = Item(uri="1", pubstatus="canceled", ednote="Kill.")


def test_a_story_of_many_long_versions_is_killed_in_small_messages() -> None:
    story, came_in = Story(), 0
    for number in range(250):
        body = long_body(number)
        came_in += len(body)
        shown = story.offer(version(number, body)).story
        assert shown is not None
        assert shown.content.body.startswith(f"Level {number}. ")
        assert shown.update_count == number
    assert len(story.texts) == 250, "every version has its text"
    assert story.largest < 500_000
    assert story.sent < 4 * came_in
    killed = story.offer(KILL, received=T0 + timedelta(days=1)).story
    assert killed is not None
    assert (killed.killed, killed.content.headline, killed.content.body) == (True, "Dam", "Kill.")
    assert len(killed.encode()) < 10_000
    assert len(killed.versions) == 100
    assert killed.versions_dropped + len(killed.versions) == 251


def test_an_embargo_holds_when_its_version_is_no_longer_remembered() -> None:
    story, until = Story(), T0 + timedelta(days=30)
    story.offer(version(0, "Numbers."))
    story.offer(version(1, "Numbers, more.", embargoed=until))
    for number in range(2, 150):
        shown = story.offer(version(number, f"Numbers, {number}.")).story
        assert shown is not None
        assert shown.content.embargoed == until


class TestEmbargoesOfForgottenVersions:
    """The first version is always remembered, and its embargo with it; what came after it is forgotten one day."""

    #: Bytes of the largest message, in which ten versions are remembered.
    SMALL = 60_000
    UNTIL, LATER = T0 + timedelta(days=30), T0 + timedelta(days=60)

    @staticmethod
    def shown(*first: Item) -> set[datetime | None]:
        """The embargoes of a story that begins so, while 25 more versions arrive."""
        story, found = Story(max_bytes=TestEmbargoesOfForgottenVersions.SMALL), set()
        for item in first:
            story.offer(item)
        for number in range(len(first), 25):
            shown = story.offer(version(number, f"Numbers, {number}.")).story
            assert shown is not None
            found.add(shown.content.embargoed)
        assert story.state is not None
        assert story.state.dropped
        return found

    def test_the_embargo_of_the_first_version_holds(self) -> None:
        assert self.shown(version(0, "Numbers.", embargoed=self.UNTIL)) == {self.UNTIL}

    def test_a_release_ends_it_for_good(self) -> None:
        release = version(1, "Numbers, more.", signals=(Signal.RELEASE,))
        assert self.shown(version(0, "Numbers.", embargoed=self.UNTIL), release) == {None}

    def test_a_later_embargo_replaces_it(self) -> None:
        later = version(1, "Numbers, more.", embargoed=self.LATER)
        assert self.shown(version(0, "Numbers.", embargoed=self.UNTIL), later) == {self.LATER}

    def test_an_embargo_after_a_release_holds(self) -> None:
        release = version(1, "Numbers, more.", signals=(Signal.RELEASE,))
        again = version(2, "Numbers, all.", embargoed=self.LATER)
        assert self.shown(version(0, "Numbers.", embargoed=self.UNTIL), release, again) == {self.LATER}

    def test_a_release_after_two_embargoes_ends_both(self) -> None:
        later = version(1, "Numbers, more.", embargoed=self.LATER)
        release = version(2, "Numbers, all.", signals=(Signal.RELEASE,))
        assert self.shown(version(0, "Numbers.", embargoed=self.UNTIL), later, release) == {None}

    def test_two_memories_that_merge_keep_the_release(self) -> None:
        story = Story(max_bytes=self.SMALL)
        story.offer(version(0, "Numbers.", embargoed=self.UNTIL))
        before = story.state
        story.offer(version(1, "Numbers, more.", signals=(Signal.RELEASE,)))
        for number in range(2, 25):
            story.offer(version(number, f"Numbers, {number}."))
        assert before is not None
        assert story.state is not None
        for one, other in ((before, story.state), (story.state, before)):
            merged = Story(ItemState.decode(merge_states(one.encode(), other.encode())), self.SMALL)
            shown = merged.offer(version(200, "Numbers, 200.")).story
            assert shown is not None
            assert shown.content.embargoed is None

    @pytest.mark.parametrize("missed", range(1, 4))
    @pytest.mark.parametrize(
        "says", [(UNTIL, None), (UNTIL, None, LATER), (UNTIL, LATER), (None,), (UNTIL, LATER, None), (None, UNTIL)]
    )
    def test_the_last_word_of_two_memories_together_counts(
        self, says: tuple[datetime | None, ...], missed: int
    ) -> None:
        """One has all versions, one misses one, one has it late, one is old; each forgot what others may remember.

        ``says``: what the versions after the first set; ``None``: a release.
        """
        first = [version(0, "Numbers.")]
        for number, until in enumerate(says, 1):
            release = () if until else (Signal.RELEASE,)
            first.append(version(number, f"Numbers, {number}.", embargoed=until, signals=release))
        later = [version(number, f"Numbers, {number}.") for number in range(len(first), 25)]
        late = first[min(missed, len(says))]
        fewer = [item for item in (*first, *later) if item is not late]
        memories = []
        for items in ([*first, *later], fewer, [*fewer, late], first):
            story = Story(max_bytes=self.SMALL)
            for item in items:
                story.offer(item)
            assert story.state is not None
            memories.append(story.state.encode())
        for one, other in permutations(memories, 2):
            merged = Story(ItemState.decode(merge_states(one, other)), self.SMALL)
            for number in (200, 201):
                shown = merged.offer(version(number, f"Numbers, {number}.")).story
                assert shown is not None
                assert shown.content.embargoed == says[-1]

    def test_a_forgotten_release_that_arrives_late_counts_at_once_and_once(self) -> None:
        story, release = Story(max_bytes=self.SMALL), version(2, "Numbers, 2.", signals=(Signal.RELEASE,))
        story.offer(version(0, "Numbers."))
        story.offer(version(1, "Numbers, more.", embargoed=self.UNTIL))
        for number in range(3, 25):
            story.offer(version(number, f"Numbers, {number}."))
        late = story.offer(release)
        assert late.reason == "late"
        assert late.story is not None
        assert late.story.content.embargoed is None
        again = story.offer(release, received=T0 + timedelta(days=1))
        assert (again.reason, again.changed, again.story) == ("unchanged", False, None)
        assert story.offer(version(1, "Numbers, more.", embargoed=self.UNTIL)).story is None


def test_a_message_delivered_again_writes_its_text_again() -> None:
    """The process may die after the state was written and before the text was."""
    story = Story()
    for number in range(5):
        story.offer(version(number, long_body(number)))
    assert story.state is not None
    ids = {known.version: version_id(known) for known in story.state.versions}
    story.texts.clear()
    for number in range(5):
        story.offer(version(number, long_body(number)), offset=101 + number)
    assert set(story.texts) == set(ids.values())
    assert story.texts[ids["2"]].body.startswith("Level 2. ")


def test_words_that_return_after_a_late_version_have_their_text() -> None:
    story = Story()
    story.offer(version(1, long_body(1)))
    again = version(1, long_body(1)).model_copy(update={"versioncreated": T0 + timedelta(minutes=9)})
    assert story.offer(again).story is None
    late = story.offer(version(5, long_body(5)))
    assert late.story is not None
    assert late.story.content.body.startswith("Level 1. ")
    assert [story.texts[entry.id].body[:8] for entry in late.story.versions] == ["Level 1.", "Level 5.", "Level 1."]


def test_a_text_that_is_gone_is_never_replaced_by_another_one() -> None:
    """A version without a time makes numbers the order, so that a version of long ago becomes the current one."""
    story = Story()
    for number, rank in ((9, 0), (1, 1), (2, 2), (3, 3)):
        story.offer(
            version(number, long_body(number)).model_copy(update={"versioncreated": T0 + timedelta(minutes=rank)})
        )
    before = story.state
    with pytest.raises(RejectError, match=r"^orbis-1: version .* becomes the current one again") as caught:
        story.offer(
            Item(uri="1", version="4", headline="Dam", body_text="No time.", signals=()).model_copy(
                update={"version": "0"}
            )
        )
    assert story.state == before
    assert caught.value.hint == "The story stays as it was. Have its agency send it again."


def test_a_part_is_not_joined_to_a_text_that_is_gone() -> None:
    """Numbers become the order, so that a lead of long ago is the one that the part follows."""
    story = Story()
    for number, rank in ((9, 0), (1, 1), (2, 2), (3, 3)):
        made = {"versioncreated": T0 + timedelta(minutes=rank)}
        story.offer(version(number, long_body(number)).model_copy(update=made))
    before = story.state
    with pytest.raises(RejectError, match="its text is not remembered"):
        story.offer(Item(uri="1", version="10", headline="Dam", body_text="More.", signals=(Signal.TAKE,)))
    assert story.state == before


class TestStatesOfRelease01:
    """They hold every text, none of which is in wire.versions."""

    @pytest.fixture
    def state(self) -> ItemState:
        return ItemState.decode((Path(__file__).parent / "golden" / "item-state-0.1.json").read_bytes())

    def test_the_first_change_sends_all_texts(self, state: ItemState) -> None:
        story = Story(state)
        result = story.offer(version(4, "It opens now."), received=T0 + timedelta(days=90))
        assert result.story is not None
        assert set(story.texts) == {entry.id for entry in result.story.versions}
        assert len(story.texts) == 5
        story.offer(version(5, "It is open."), received=T0 + timedelta(days=91))
        assert len(story.texts) == 6

    def test_long_texts_stay_until_the_message_that_sent_them_is_acknowledged(self, state: ItemState) -> None:
        long = [
            known.model_copy(update={"content": known.content.model_copy(update={"body": long_body(place)})})
            for place, known in enumerate(state.versions)
        ]
        story = Story(state.model_copy(update={"versions": tuple(long)}))
        story.offer(version(104, "New."), received=T0 + timedelta(days=90))
        sent = set(story.texts)
        story.offer(version(105, "Newer."), received=T0 + timedelta(days=91), first=story.offset)
        story.texts.clear()
        story.offer(version(104, "New."), received=T0 + timedelta(days=90), offset=101, first=101)
        assert set(story.texts) == sent, "died before the first batch was acknowledged"
        story.offer(version(106, "Newest."), received=T0 + timedelta(days=92))
        assert story.state is not None
        assert sum(not known.trimmed for known in story.state.versions) == 1, "the current one"

    def test_a_kill_that_repeats_the_text_shows_nothing_of_it(self, state: ItemState) -> None:
        """Release 0.1 did not keep the hashes of bodies."""
        body = state.versions[-1].content.body
        killed = Story(state).offer(Item(uri="1", pubstatus="canceled", body_text=body), received=T0).story
        assert killed is not None
        assert (killed.killed, killed.content.body) == (True, "")


def test_a_kill_that_repeats_a_text_that_is_no_longer_remembered_shows_nothing_of_it() -> None:
    story = Story()
    for number in range(3):
        story.offer(version(number, long_body(number)))
    withheld = story.offer(version(3, "On hold.", pubstatus="withheld", ednote="Hold this.")).story
    assert withheld is not None
    for number in range(4, 7):
        story.offer(version(number, long_body(number), pubstatus="withheld"))
    assert story.state is not None
    assert story.state.versions[2].trimmed
    killed = story.offer(Item(uri="1", pubstatus="canceled", body_text=long_body(2))).story
    assert killed is not None
    assert (killed.killed, killed.content.body) == (True, "")


def test_of_numbered_versions_the_text_of_the_last_number_is_kept() -> None:
    """The times of this feed contradict its numbers."""
    story = Story(order="version")
    for number, minute in ((1, 9), (2, 5), (3, 1)):
        made = {"versioncreated": T0 + timedelta(minutes=minute)}
        story.offer(version(number, long_body(number)).model_copy(update=made))
    late = story.offer(version(0, "It rains.")).story
    assert late is not None
    assert late.content.body.startswith("Level 3. ")


def test_embargoes_of_versions_that_are_dropped_together_follow_the_order_of_the_feed() -> None:
    """After the bound was made lower. The times of this feed contradict its numbers."""
    story, (one, two) = Story(order="version"), (T0 + timedelta(days=1), T0 + timedelta(days=2))
    for number, until in ((1, None), (2, one), (3, two), (4, None), (5, None), (6, None)):
        made = {"versioncreated": T0 + timedelta(minutes=9 - number), "embargoed": until}
        story.offer(version(number, f"Numbers, {number}.").model_copy(update=made))
    story.max_bytes = 20_000
    shown = story.offer(
        version(7, "Numbers, 7.").model_copy(update={"versioncreated": T0 + timedelta(minutes=1)})
    ).story
    assert shown is not None
    assert shown.versions_dropped > 1
    assert shown.content.embargoed == two


@pytest.mark.parametrize("most", [100_000, MOST])
@pytest.mark.parametrize(
    "content",
    [
        Content(body="x" * 500_000, body_html="<p>" + "y" * 900_000),
        Content(body="\x07" * 500_000, description="z" * 3_000_000),
        Content(
            headline="h" * 4_000_000, ednote="n" * 4_000_000, keywords=tuple(f"keyword {n}" for n in range(200_000))
        ),
        Content(type="t" * 4_000_000, body="Text."),
        Content(media=tuple(Media(href="https://a.example/" + "m" * 5_000) for _ in range(2_000)), body="Text."),
        Content(
            links=tuple(Link(rel="r" * 9_000) for _ in range(500)),
            subjects=tuple(Subject(name="s" * 9_000) for _ in range(500)),
        ),
    ],
)
def test_any_content_is_bounded(content: Content, most: int) -> None:
    bounded = bounded_content(content, most)
    assert size(bounded) <= most // 4
    assert bool(bounded.body) == bool(content.body)
    assert bool(bounded.headline) == bool(content.headline)


def test_usual_content_is_left_alone() -> None:
    content = Content(headline="Dam", body="x" * 500_000, body_html="<p>" + "y" * 500_000)
    assert bounded_content(content, MOST) is content


def test_small_messages_hold_fewer_versions() -> None:
    story = Story(max_bytes=100_000)
    for number in range(150):
        story.offer(
            version(
                number,
                f"Level {number}. " + "w" * 20_000,
                subjects=tuple(Subject(name=f"s{n}" * 40) for n in range(50)),
            )
        )
    assert story.largest < 100_000
    assert story.state is not None
    assert len(effective(story.state.versions, "auto")) >= 2
    killed = story.offer(KILL, received=T0 + timedelta(days=1)).story
    assert killed is not None
    assert killed.killed
