"""What is cut where a content or a set of versions is too large, in which order, and what always stays."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from pipeline.events import Content, KnownVersion, MessageRef
from pipeline.events.item import Author, Link, Media, Reference, Signal, Subject
from pipeline.intake.bounds import (
    bounded_content,
    size,
    text_bytes,
    text_of,
    within_bytes,
    without_old_texts,
    without_text,
)
from tests.intake.known import at, known, message


@pytest.mark.parametrize(
    ("content", "json"),
    [
        (Content(), "{}"),
        (Content(body="Zürich"), '{"body":"Zürich"}'),
        (Content(headline="Dam", keywords=("dam",)), '{"headline":"Dam","keywords":["dam"]}'),
    ],
)
def test_the_size_of_a_content_is_that_of_what_it_has(content: Content, json: str) -> None:
    assert size(content) == len(json.encode())


def test_a_joined_text_takes_a_quarter_of_the_largest_message() -> None:
    assert [text_bytes(most) for most in (8, 11, 8_000_000)] == [2, 2, 2_000_000]


#: More than 200 of everything that is listed.
MANY: dict[str, tuple[Any, ...]] = {
    "authors": tuple(Author(name=f"a{number}") for number in range(250)),
    "genre": tuple(f"g{number}" for number in range(250)),
    "subjects": tuple(Subject(name=f"s{number}") for number in range(250)),
    "keywords": tuple(f"k{number}" for number in range(250)),
    "media": tuple(Media(title=f"m{number}") for number in range(250)),
    "links": tuple(Link(rel=f"l{number}") for number in range(250)),
}
LINES = (
    "headline", "subheadline", "kicker", "slugline", "byline", "dateline", "located", "language", "type", "link", "source",
    "copyrightnotice", "usageterms", "ednote",
)  # fmt: skip
FACTS: dict[str, Any] = {"urgency": 1, "priority": 2, "embargoed": at(1), "expires": at(2)}


def to_fit(content: Content) -> int:
    """Bytes of the largest message in which a content has its place."""
    return 4 * size(content)


class TestContent:
    """What is cut of a content that is too large, until it fits."""

    WHOLE = Content(body="b" * 9_000, body_html="<p>" * 2_000, description="d" * 5_000, **MANY, **FACTS)
    NO_MARKUP = WHOLE.model_copy(update={"body_html": None})
    SHORT_LISTS = NO_MARKUP.model_copy(update={name: values[:200] for name, values in MANY.items()})

    def test_what_fits_is_left_alone(self) -> None:
        assert bounded_content(self.WHOLE, to_fit(self.WHOLE)) is self.WHOLE

    def test_markup_is_left_out_first(self) -> None:
        for most in (to_fit(self.WHOLE) - 1, to_fit(self.NO_MARKUP)):
            assert bounded_content(self.WHOLE, most) == self.NO_MARKUP

    def test_then_200_of_each_list_are_kept(self) -> None:
        for most in (to_fit(self.NO_MARKUP) - 1, to_fit(self.SHORT_LISTS)):
            assert bounded_content(self.WHOLE, most) == self.SHORT_LISTS

    def test_then_texts_and_lines_are_cut(self) -> None:
        """A body to a twelfth of the place of a content, a description to a quarter of that, each line to 500."""
        lines = {name: name[0] * 600 for name in LINES}
        content = Content(body="b" * 30_000, description="d" * 30_000, body_html="<p>", **FACTS, **lines)
        cut = Content(body="b" * 2_000, description="d" * 500, **FACTS, **{name: name[0] * 500 for name in LINES})
        assert bounded_content(content, 4 * 24_000) == cut
        assert bounded_content(content, 4 * 24_011) == cut

    def test_what_is_cut_ends_with_a_character_that_is_seen(self) -> None:
        content = Content(
            body="b" * 1_999 + " b" * 9_000, headline="h" * 499 + " h", description="d" * 499 + "\n\nd" * 999
        )
        cut = Content(body="b" * 1_999, headline="h" * 499, description="d" * 499)
        assert bounded_content(content, 4 * 24_000) == cut
        facts = without_text(known("a", 1, content={"headline": "h" * 299 + " h", "slugline": "s" * 299 + " s"}))
        assert (facts.content.headline, facts.content.slugline) == ("h" * 299, "s" * 299)

    def test_a_body_keeps_300_characters_in_the_smallest_message(self) -> None:
        shown = bounded_content(Content(body="b" * 3_000, description="d" * 3_000), 4 * 1_000)
        assert shown == Content(body="b" * 300, description="d" * 75)

    def test_without_a_description_there_is_none(self) -> None:
        assert bounded_content(Content(body="b" * 3_000, description=""), 4 * 1_000) == Content(body="b" * 300)

    def test_at_last_lists_are_left_out(self) -> None:
        cut = self.SHORT_LISTS.model_copy(update={"body": "b" * 1_000, "description": "d" * 250})
        long = cut.model_copy(update={"genre": ("g" * 9_000,)})
        assert bounded_content(long, 4 * 12_000) == cut.model_copy(update=dict.fromkeys(MANY, ()))

    def test_lists_that_fit_beside_short_texts_are_kept(self) -> None:
        short = Content(body="b" * 300, keywords=("k" * 100,))
        long = short.model_copy(update={"body": "b" * 3_000})
        assert bounded_content(long, to_fit(short)) == short
        assert bounded_content(long, to_fit(short) - 4) == Content(body="b" * 300)


#: Versions known, versions that may be remembered, bytes of the largest message, versions that are remembered.
COUNTS = {
    "as many as the setting says": (500, 100, 8_000_000, 100),
    "whose facts fill half of a message": (500, 100, 60_000, 10),
    "no part of a version": (500, 100, 65_999, 10),
    "one more": (500, 100, 66_000, 11),
    "at least two": (3, 100, 100, 2),
    "two, however few may be": (3, 1, 8_000_000, 2),
    "two are never too many": (2, 100, 100, 100),
}


@pytest.mark.parametrize("case", COUNTS)
def test_how_many_versions_are_remembered(case: str) -> None:
    there, limit, most, kept = COUNTS[case]
    assert repr(within_bytes([known("a")] * there, limit, most)) == repr(kept)


def stored(words: str, minute: int, **more: Any) -> KnownVersion:
    """A version of 1000 bytes whose text came, and went to ``wire.versions``, with one message."""
    body = words + "x" * (1_000 - size(known(words).content))
    return known(
        words, minute, stored=message(minute), **{"first_message": message(minute)} | more, content={"body": body}
    )


def left(
    versions: list[KnownVersion],
    texts: int,
    acknowledged: MessageRef | None = None,
    order: list[KnownVersion] | None = None,
) -> list[str]:
    """The versions that keep their texts where so many bytes of texts may be kept."""
    kept = without_old_texts(versions, versions if order is None else order, acknowledged, 32 * texts)
    assert [one.content_hash for one in kept] == [one.content_hash for one in versions]
    return [
        after.content_hash
        for before, after in zip(versions, kept, strict=True)
        if not after.trimmed and after is before
    ]


class TestTexts:
    """Whose texts are kept in the state; all others are in ``wire.versions``."""

    FIVE: ClassVar[list[KnownVersion]] = [stored(words, minute) for minute, words in enumerate("abcde")]

    def test_made_as_large_as_it_says(self) -> None:
        assert {size(one.content) for one in self.FIVE} == {1_000}

    def test_all_while_they_fit(self) -> None:
        assert left(self.FIVE, 5_000) == ["a", "b", "c", "d", "e"]

    def test_the_newest_as_far_as_they_fit(self) -> None:
        assert left(self.FIVE, 4_999) == ["b", "c", "d", "e"]
        assert left(self.FIVE, 2_000) == ["d", "e"]

    def test_the_current_one_however_long(self) -> None:
        assert left(self.FIVE, 1) == ["e"]

    def test_the_newest_in_the_order_of_the_wire(self) -> None:
        assert left(self.FIVE, 2_000, order=self.FIVE[::-1]) == ["a", "b"]

    def test_none_older_than_one_that_does_not_fit(self) -> None:
        long = known("long", 3, stored=message(3), first_message=message(3), content={"body": "x" * 2_000})
        assert left([self.FIVE[0], long, self.FIVE[4]], 2_500) == ["e"]

    def test_one_that_changes_nothing_is_not_needed(self) -> None:
        assert left(self.FIVE, 9_000, order=self.FIVE[1:]) == ["b", "c", "d", "e"]

    @pytest.mark.parametrize(
        ("where", "acknowledged", "dropped"),
        [
            (None, message(99), False),
            (message(0), None, True),
            (message(7), None, False),
            (message(7), message(7), False),
            (message(7), message(8), True),
            (message(7), message(99, partition=1), False),
            (message(7), message(99, topic="wire.other"), False),
        ],
        ids=[
            "not written yet", "written with its own message", "perhaps not written", "its message is not acknowledged",
            "acknowledged", "another partition", "another topic",
        ],
    )  # fmt: skip
    def test_a_text_is_dropped_only_when_it_is_certain_to_be_written(
        self, where: MessageRef | None, acknowledged: MessageRef | None, dropped: bool
    ) -> None:
        first = self.FIVE[0].model_copy(update={"stored": where})
        assert left([first, *self.FIVE[1:]], 2_000, acknowledged) == [*([] if dropped else ["a"]), "d", "e"]

    def test_the_same_words_are_kept_once(self) -> None:
        """Also where it is not known that they are written: the other version has them."""
        first = self.FIVE[0]
        again = first.model_copy(update={"versioncreated": at(9), "stored": None})
        versions = [first, self.FIVE[1], again]
        kept = without_old_texts(versions, versions, None, 32 * 2_000)
        assert [one.trimmed for one in kept] == [False, False, True]
        assert text_of(kept[2], kept) == first.content

    def test_of_words_that_return_a_version_with_the_text_is_taken(self) -> None:
        first = self.FIVE[0].model_copy(update={"trimmed": True})
        again = self.FIVE[0].model_copy(update={"versioncreated": at(9)})
        versions = [first, self.FIVE[1], again]
        assert without_old_texts(versions, versions, None, 32 * 2_000) == tuple(versions)

    def test_a_version_without_its_text_is_left_as_it_is(self) -> None:
        first = self.FIVE[0].model_copy(update={"trimmed": True})
        versions = (first, *self.FIVE[1:])
        assert without_old_texts(versions, versions, None, 32 * 4_000) == versions


class TestTextsOfParts:
    """The texts that a story is made of are kept as far as they fit in a joined text, an eighth of that elsewhere."""

    LEAD = stored("lead", 0)
    ADDS: ClassVar[list[KnownVersion]] = [stored(f"add{n}", n, signals=(Signal.TAKE,), take=n) for n in range(1, 5)]
    SUB = stored("sub", 5, signals=(Signal.TAKE,), replaces=(1, 1))

    def test_the_lead_and_the_parts_that_fit(self) -> None:
        """The newest part says how the story is, and is kept."""
        versions = [self.LEAD, *self.ADDS]
        assert left(versions, 500) == ["lead", "add1", "add2", "add3", "add4"]
        assert left(versions, 499) == ["lead", "add1", "add2", "add3", "add4"]
        assert left(versions, 375) == ["lead", "add1", "add2", "add3", "add4"]
        assert left(versions, 374) == ["lead", "add1", "add2", "add4"]
        assert left(versions, 249) == ["lead", "add1", "add4"]

    def test_what_replaces_paragraphs_before_what_is_added(self) -> None:
        versions = [self.SUB, self.LEAD, *self.ADDS]
        order = [self.LEAD, self.SUB, *self.ADDS]
        assert left(versions, 250, order=order) == ["sub", "lead", "add1", "add4"]

    def test_not_those_of_a_lead_that_was_replaced(self) -> None:
        versions = [self.LEAD, *self.ADDS, stored("all", 9)]
        assert left(versions, 2_000) == ["add4", "all"]


class TestFacts:
    """What is remembered of a version without its text."""

    @staticmethod
    def dropped(**more: Any) -> KnownVersion:
        old = known("a", 1, stored=message(1), **more)
        (facts, _) = without_old_texts([old, known("b", 2)], [old, known("b", 2)], None, 0)
        assert facts == old.model_copy(update={"content": facts.content, "trimmed": True, "refers": (), "rights": None})
        return facts

    def test_the_life_of_the_version_and_short_lines(self) -> None:
        content = {
            **{name: name[0] * 600 for name in LINES}, **FACTS, **MANY, "language": "de", "type": "picture",
            "body": "b" * 600, "body_html": "<p>", "description": "d",
        }  # fmt: skip
        facts = self.dropped(
            content=content, refers=(Reference(uri="x"),), rights="None.", tags=("t",), take=3, keeps_parts=True,
            kind="refile", signals=(Signal.REFILE,), body_hash="1", version="7",
        )  # fmt: skip
        assert facts.content == Content(
            headline="h" * 300, slugline="s" * 300, language="de", subjects=MANY["subjects"][:10], embargoed=at(1)
        )

    def test_a_version_without_headline_and_slug(self) -> None:
        facts = self.dropped(content={"headline": "", "slugline": None})
        assert facts.content == Content()

    @pytest.mark.parametrize(
        ("kind", "note", "remembered"),
        [
            ("correction", "n" * 600, "n" * 500),
            ("correction", None, None),
            ("correction", "", None),
            ("new", "Note.", None),
        ],
    )
    def test_the_note_of_a_correction(self, kind: str, note: str | None, remembered: str | None) -> None:
        assert self.dropped(kind=kind, content={"ednote": note}).content == Content(headline="a", ednote=remembered)

    def test_short_subjects_of_the_first_ten(self) -> None:
        rest = size(Content(subjects=(Subject(name=""),)))
        fits, too_long = (Subject(name="s" * (length - rest)) for length in (299, 300))
        subjects = (too_long, fits, *MANY["subjects"])
        assert self.dropped(content={"subjects": subjects}).content.subjects == (fits, *MANY["subjects"][:8])


class TestTextOf:
    def test_its_own_that_of_the_same_words_or_none(self) -> None:
        whole = known("a", 1)
        trimmed = known("a", 2, trimmed=True, content={"body": ""})
        other = known("b", 3)
        assert text_of(whole, ()) == whole.content
        assert text_of(trimmed, (trimmed, other, whole)) == whole.content
        assert text_of(trimmed, (trimmed, other)) is None
