"""The set of versions, their order, and which of them change the story: facts that hold in any order of arrival."""

from __future__ import annotations

from itertools import permutations
from typing import Any, ClassVar

import pytest

from pipeline.events import KnownVersion
from pipeline.events.item import Signal
from pipeline.intake.versions import bounded, effective, ordered, union
from tests.intake.known import at, known

Fields = dict[str, Any]


def texts(versions: list[KnownVersion] | tuple[KnownVersion, ...]) -> list[str]:
    return [one.content.body for one in versions]


def minutes(versions: tuple[KnownVersion, ...]) -> list[tuple[str, Any]]:
    return [(one.content_hash, one.versioncreated) for one in versions]


class TestSet:
    """What the set of versions keeps."""

    def test_other_words_are_another_version(self) -> None:
        one, two, three = known("a", 1), known("b", 1), known("c", 2)
        assert union((one,), (two, three)) == (one, two, three)

    def test_of_the_same_words_the_first_and_the_last_are_kept(self) -> None:
        versions = [known("a", minute) for minute in (1, 2, 3, 4)]
        for order in permutations(versions):
            assert union((), order) == (versions[0], versions[3])

    def test_words_dated_between_the_first_and_the_last_add_nothing(self) -> None:
        before = (known("a", 1), known("b", 2), known("a", 9))
        assert union(before, (known("a", 5),)) == before

    def test_other_words_stay_when_words_return(self) -> None:
        before = (known("a", 1), known("b", 2), known("a", 5))
        assert minutes(union(before, (known("a", 9),))) == [("b", at(2)), ("a", at(1)), ("a", at(9))]

    def test_a_version_without_a_time_is_as_old_as_its_arrival(self) -> None:
        early, late = known("a", None, received=1), known("a", None, received=5)
        assert union((early,), (known("a", None, received=3), late)) == (early, late)
        assert union((known("a", 3, received=9),), (known("a", None, received=3),))[0].received == at(3)

    #: What two deliveries of one version say, and what is remembered.
    TWICE: ClassVar[dict[str, tuple[Fields, Fields, Fields]]] = {
        "feeds": ({"connectors": ("b",)}, {"connectors": ("a", "b")}, {"connectors": ("a", "b")}),
        "tags": ({"tags": ("y",)}, {"tags": ("x",)}, {"tags": ("x", "y")}),
        "the first arrival": ({"received": 5}, {"received": 3}, {"received": 3}),
        "the lower part": ({"take": 3}, {"take": 2}, {"take": 2}),
        "the part that one of them names": ({}, {"take": 2}, {"take": 2}),
        "part 0": ({"take": 0}, {"take": 2}, {"take": 0}),
        "parts are kept if both say so": ({"keeps_parts": True}, {"keeps_parts": False}, {"keeps_parts": False}),
        "parts are kept where both say so": ({"keeps_parts": True}, {"keeps_parts": True}, {"keeps_parts": True}),
        "the earlier paragraph": ({"replaces": (3, 1)}, {"replaces": (2, 1)}, {"replaces": (2, 1)}),
        "the paragraph that one of them names": ({}, {"replaces": (2, 1)}, {"replaces": (2, 1)}),
    }

    @pytest.mark.parametrize("case", TWICE)
    def test_one_version_received_twice_is_one(self, case: str) -> None:
        first, again, remembered = self.TWICE[case]
        one, two = known("a", 1, **first), known("a", 1, **again)
        for before, after in ((one, two), (two, one)):
            assert union((known("b", 2), before), (after,)) == (known("b", 2), known("a", 1, **(first | remembered)))

    def test_a_set_to_which_nothing_is_added_is_the_same(self) -> None:
        before = (known("b", 2), known("a", 1, connectors=("a", "b"), tags=("x",), take=2, keeps_parts=False))
        (_, same) = union(before, (known("a", 1, connectors=("a",), received=9, take=3, keeps_parts=True),))
        assert same is before[1]

    def test_the_other_version_of_the_same_words_keeps_what_is_its_own(self) -> None:
        before = (known("a", 1), known("a", 9))
        assert union(before, (known("a", 9, connectors=("other",)),)) == (
            known("a", 1), known("a", 9, connectors=("feed", "other")),
        )  # fmt: skip


#: Setting of the feed; versions in the order that the wire gives them, lowest first.
ORDERS: dict[str, tuple[str, list[KnownVersion]]] = {
    "by version time": ("auto", [known("c", 1, received=9), known("a", 2, received=5), known("b", 3)]),
    "at one time by number": ("auto", [known("c", 1), known("b", 1, version="2"), known("a", 1, version="10")]),
    "at one time without a number first": ("auto", [known("b", 1, received=9), known("a", 1, version="1")]),
    "time before number": ("auto", [known("b", 1, version="9"), known("a", 2, version="2")]),
    "without a time by arrival": ("auto", [known("b", 1), known("c", None, received=2), known("a", 3)]),
    "without a time by number where all have one": (
        "auto",
        [known("c", 9, version="1"), known("b", None, received=1, version="2"), known("a", 5, version="3")],
    ),
    "not by number where one has none": (
        "auto",
        [known("a", None, received=1, version="7"), known("b", 2, version="3"), known("c", 3)],
    ),
    "by number where the feed says so": (
        "version",
        [known("d", 9), known("c", 8, version="0"), known("b", 5, version="1"), known("a", 3, version="2")],
    ),
    "at one number by time": (
        "version",
        [known("d", None, received=7, version="1"), known("c", 1, version="1"), known("b", 2, version="1")],
    ),
    "by time where the feed says so": (
        "time",
        [known("c", None, received=1, version="3"), known("b", 2, version="2"), known("a", 3, version="1")],
    ),
    "edits that keep their time by arrival": (
        "auto",
        [known("c", 1, received=1), known("b", 1, received=2), known("a", 1, received=3)],
    ),
    "of one time and number a kill is last, then what is withheld": (
        "auto",
        [
            known("c", 1, received=9, version="1"),
            known("b", 1, received=5, version="1", kind="withhold"),
            known("a", 1, received=3, version="1", kind="kill"),
        ],
    ),
    "a kill without time and number is above all": (
        "auto",
        [known("b", 7, received=7, version="3"), known("a", None, received=1, kind="kill")],
    ),
    "a kill with a time has its place": ("auto", [known("b", 1, kind="kill"), known("a", 2)]),
    "a kill without a time has the place of its number": (
        "auto",
        [known("b", None, version="1", kind="kill"), known("a", None, version="2")],
    ),
    "a kill without a number is above all numbers": (
        "version",
        [known("b", 9, version="3"), known("a", 1, kind="kill")],
    ),
    "of two kills without number the hash decides": (
        "version",
        [known("a", 9, kind="kill"), known("b", 1, kind="kill")],
    ),
    "a part follows the numbered lead of its minute": (
        "auto",
        [known("b", 1, version="2"), known("a", 1, signals=(Signal.TAKE,))],
    ),
    "a numbered part has the place of its number": (
        "auto",
        [known("b", 1, version="1", signals=(Signal.TAKE,)), known("a", 1, version="2")],
    ),
    "a kill follows the numbered lead of its minute": (
        "auto",
        [known("b", 1, version="2"), known("a", 1, kind="kill")],
    ),
    "what is withheld follows the numbered lead of its minute": (
        "auto",
        [known("b", 1, version="2"), known("a", 1, kind="withhold")],
    ),
    "a numbered kill has the place of its number": (
        "auto",
        [known("b", 1, version="1", kind="kill"), known("a", 1, version="2")],
    ),
    "of one number a part follows the whole": (
        "auto",
        [known("b", 1, received=5, version="1"), known("a", 1, version="1", signals=(Signal.TAKE,))],
    ),
    "of one arrival the weightier kind is last": (
        "auto",
        [
            known("e", 1, kind="test"), known("d", 1, kind="advisory"), known("c", 1), known("b", 1, kind="refile"),
            known("a", 1, kind="correction"),
        ],
    ),
    "kinds as heavy as a new story": (
        "auto",
        [known("b", 1, kind="advisory"), known("c", 1, kind="release"), known("d", 1), known("a", 1, kind="refile")],
    ),
    "at last the hash decides": ("auto", [known("a", 1), known("b", 1)]),
}  # fmt: skip


@pytest.mark.parametrize("case", ORDERS)
def test_the_order_of_the_wire(case: str) -> None:
    setting, versions = ORDERS[case]
    for arriving in permutations(versions):
        assert texts(ordered(arriving, setting)) == texts(versions)


class TestEffective:
    """Which versions change the story."""

    def test_words_that_are_repeated_at_once_are_one_version(self) -> None:
        versions = [known("a", 1), known("a", 2), known("b", 3), known("a", 4)]
        assert [one.versioncreated for one in effective(versions, "auto")] == [at(1), at(3), at(4)]

    def test_a_resend_of_known_words_is_no_version(self) -> None:
        again = known("resent", 2, signals=(Signal.RESEND,), content={"headline": "a", "body": "a"})
        assert effective([again, known("a", 1)], "auto") == [known("a", 1)]

    @pytest.mark.parametrize("changed", [{"headline": "b", "body": "a"}, {"headline": "a", "body": "b"}])
    def test_a_resend_with_other_words_is_a_version(self, changed: Fields) -> None:
        again = known("resent", 2, signals=(Signal.RESEND,), content=changed)
        assert effective([again, known("a", 1)], "auto") == [known("a", 1), again]

    def test_a_resend_of_what_was_never_received_is_a_version(self) -> None:
        only = known("a", 1, signals=(Signal.RESEND,))
        assert effective([only], "auto") == [only]

    def test_a_resend_of_a_resend_counts_once(self) -> None:
        first, second = (known("a", minute, signals=(Signal.RESEND,)) for minute in (1, 2))
        assert effective([second, first], "auto") == [first]

    def test_the_remembered_part_of_a_long_headline_is_compared(self) -> None:
        """A version without its text has its headline cut and the hash of its body."""
        whole = known("whole", 1, body_hash="1", content={"headline": "h" * 300 + "x", "body": "Text."})
        again = known(
            "again",
            2,
            signals=(Signal.RESEND,),
            trimmed=True,
            body_hash="1",
            content={"headline": "h" * 300, "body": ""},
        )
        assert effective([again, whole], "auto") == [whole]
        other = known("other", 2, signals=(Signal.RESEND,), body_hash="1", content={"headline": "h" * 299, "body": ""})
        assert effective([other, whole], "auto") == [whole, other]

    def test_without_a_headline_the_body_is_compared(self) -> None:
        again = known("again", 2, signals=(Signal.RESEND,), content={"headline": None, "body": "a"})
        first = known("a", 1, content={"headline": ""})
        assert effective([again, first], "auto") == [first]

    def test_the_order_is_the_feeds(self) -> None:
        versions = [known("a", 9, version="1"), known("b", 1, version="2")]
        assert texts(effective(versions, "version")) == ["a", "b"]
        assert texts(effective(versions, "auto")) == ["b", "a"]


class TestBounded:
    """Which versions are remembered where there are too many."""

    NUMBERED = tuple(known(f"v{number}", number) for number in range(6))

    def test_as_many_as_may_be_are_left_alone(self) -> None:
        assert bounded(self.NUMBERED[::-1], 6, "auto") == self.NUMBERED[::-1]

    def test_the_first_and_the_newest_in_the_order_of_the_wire(self) -> None:
        for versions in (self.NUMBERED, self.NUMBERED[::-1]):
            assert texts(bounded(versions, 3, "auto")) == ["v0", "v4", "v5"]

    def test_parts_and_what_they_follow_come_before_older_wholes(self) -> None:
        """The newest version, the lead, the first version, then the parts, then what is newer."""
        part = {"signals": (Signal.TAKE,)}
        versions = (
            known("first", 1), known("second", 2), known("lead", 3), known("one", 4, take=2, **part),
            known("old two", 5, take=3, **part), known("old two again", 6, take=3, **part), known("two", 7, take=3, **part),
            known("note", 8, take=4, **part),
        )  # fmt: skip
        assert texts(bounded(versions, 2, "auto")) == ["lead", "note"]
        assert texts(bounded(versions, 3, "auto")) == ["first", "lead", "note"]
        assert texts(bounded(versions, 5, "auto")) == ["first", "lead", "one", "two", "note"]
        assert texts(bounded(versions, 6, "auto")) == ["first", "lead", "one", "old two again", "two", "note"]

    def test_the_order_is_the_feeds(self) -> None:
        """Times and numbers of this feed contradict one another."""
        versions = tuple(known(f"v{number}", 9 - number, version=str(number)) for number in range(6))
        assert texts(bounded(versions, 3, "version")) == ["v0", "v4", "v5"]
        assert texts(bounded(versions, 3, "auto")) == ["v5", "v1", "v0"]

    def test_the_lead_is_the_last_one_in_the_feeds_order(self) -> None:
        made = (1, 2, 3, 9, 5, 6)
        versions = tuple(known(f"v{place}", minute, version=str(place)) for place, minute in enumerate(made))
        assert texts(bounded(versions, 3, "version")) == ["v0", "v4", "v5"]

    def test_a_story_that_begins_with_parts_in_the_feeds_order(self) -> None:
        part = {"signals": (Signal.TAKE,)}
        versions = (
            known("one", 3, version="1", **part),
            known("two", 2, version="2", **part),
            known("x", 1, version="3", **part),
        )
        assert texts(bounded(versions, 2, "version")) == ["one", "x"]
