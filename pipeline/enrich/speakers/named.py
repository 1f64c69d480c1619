"""The speaker of a quotation where that is clear, with a confidence that says how often such a name is right."""

from __future__ import annotations

from pipeline.enrich.confidence import calibrated
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.speakers.resolve import Speakers
from pipeline.enrich.speakers.speaker import Speaker
from pipeline.events.enrichment import SPEAKER_NAMED_FROM

_BY_TYPE = {"direct": 1.0, "mixed": 0.9, "indirect": 0.85}
_INHERITED = 0.85


def named_speaker(one: Quotation, speakers: Speakers) -> tuple[Speaker, float]:
    """Who speaks and how sure that is, 0 to 1; nobody where it is not clear.

    Args:
        one: the quotation.
        speakers: of the same story.
    """
    speaker = speakers.resolve(one.source) if one.source is not None else Speaker()
    if not speaker.name:
        return speaker, 0.0
    confidence = calibrated(_BY_TYPE[one.type] * (_INHERITED if one.inherited else 1.0) * speaker.confidence)
    # Nobody is better than a wrong name.
    return (speaker if confidence >= SPEAKER_NAMED_FROM else Speaker()), confidence
