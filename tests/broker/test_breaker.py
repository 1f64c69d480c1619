"""A run of equal rejections ends the process; what is the messages' own fault does not."""

from __future__ import annotations

import pytest

from pipeline.broker.breaker import Breaker
from pipeline.events.errors import DecodeError, FatalError, ParseError, RejectError


def _failed(text: str, cause: Exception | None = None) -> RejectError:
    error = RejectError(text)
    error.__cause__ = cause
    return error


def test_equal_rejections_in_a_row_trip_it_whatever_their_particulars() -> None:
    breaker = Breaker("index", 3)
    breaker.note(_failed("refuses create stories/a1 in stories-000001: mapper [x1]"))
    breaker.note(_failed("refuses create stories/b2 in stories-000001: mapper [y]"))
    with pytest.raises(FatalError, match=r"3 messages in a row .* index stage") as caught:
        breaker.note(_failed("refuses create stories/c3 in stories-000001: mapper [z]"))
    assert "max_equal_rejections" in str(caught.value)


@pytest.mark.parametrize("between", [None, _failed("another reason"), _failed("x", ZeroDivisionError())])
def test_a_success_or_another_reason_begins_anew(between: object) -> None:
    breaker = Breaker("enrich", 3)
    for _ in range(4):
        breaker.note(_failed("x"))
        breaker.note(_failed("x"))
        breaker.note(between)


@pytest.mark.parametrize("error", [DecodeError("no JSON"), ParseError("no XML")])
def test_what_cannot_be_decoded_never_trips_it_and_does_not_end_a_run(error: Exception) -> None:
    breaker = Breaker("intake", 2)
    for _ in range(10):
        breaker.note(error)
    breaker.note(_failed("x"))
    breaker.note(error)
    with pytest.raises(FatalError):
        breaker.note(_failed("x"))
