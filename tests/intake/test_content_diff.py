"""The difference between two versions, in bounded time."""

from __future__ import annotations

from pipeline.events import Content
from pipeline.intake.diff import unified
from pipeline.testing.work import assert_linear


def test_the_difference_of_two_texts() -> None:
    before, after = Content(headline="h", body="a\n\nb"), Content(headline="h", body="a\n\nc")
    assert unified(before, before) is None
    assert (unified(before, after) or "").split("\n")[3:] == [" a", "-b", "+c"]


def test_what_is_beyond_the_limit_is_told() -> None:
    before = Content(body="\n\n".join(["a"] * 2000 + ["b"]))
    after = Content(body="\n\n".join(["a"] * 2000 + ["c"]))
    assert unified(before, after) == "(more differs after the first 1500 paragraphs)"


def test_comparing_takes_bounded_time() -> None:
    def compare(text: str) -> None:
        paragraphs = text.split("\n\n")
        unified(
            Content(body=text), Content(body="\n\n".join(f"{(number * 7) % 110}" for number in range(len(paragraphs))))
        )

    assert_linear(compare, "", ["".join(f"{number}\n\n" for number in range(110))], "", size=20_000)
