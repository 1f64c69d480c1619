"""The confidence of a speaker is a share of right names: below a level nobody is named."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.confidence import calibrated
from pipeline.enrich.speakers import named
from pipeline.events import Content, Quote
from pipeline.events.enrichment import SPEAKER_NAMED_FROM, SPEAKER_SURE_FROM

TEXT = 'Harbour minister Ilsa Marrowen opened the bridge. "It is safe," Marrowen said.'


def quotes(text: str) -> tuple[Quote, ...]:
    return Analyser({"en": "blank-gazetteer"}).analyse([Content(body=text, language="en")])[0].quotes


def test_more_raw_confidence_is_never_less_likely_right() -> None:
    shares = [calibrated(hundredth / 100) for hundredth in range(101)]
    assert all(one <= other for one, other in pairwise(shares))
    assert 0 < shares[0] < SPEAKER_NAMED_FROM
    assert SPEAKER_SURE_FROM < shares[-1] < 1


def test_a_name_that_is_more_often_wrong_than_right_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    [known] = quotes(TEXT)
    assert (known.speaker, known.resolved, known.role) == ("Ilsa Marrowen", True, "Harbour minister")
    monkeypatch.setattr(named, "calibrated", lambda _raw: 0.4)
    [unnamed] = quotes(TEXT)
    assert (unnamed.speaker, unnamed.resolved, unnamed.role) == (None, False, None)
    assert unnamed.source == "Marrowen"


def test_a_speaker_who_is_not_found_has_no_confidence() -> None:
    [quote] = quotes('"It is safe," she said.')
    assert (quote.speaker, quote.confidence) == (None, 0.0)
