"""The quotations of a story as they are indexed, each with its speaker where that is clear."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.enrich.confidence import calibrated
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.speakers.resolve import Speakers
from pipeline.enrich.speakers.speaker import Speaker
from pipeline.events import Quote
from pipeline.events.enrichment import SPEAKER_NAMED_FROM


def quotes_of(body: str, found: Sequence[Quotation], speakers: Speakers) -> tuple[Quote, ...]:
    """The quotations as they are indexed, each with its speaker where that is clear.

    Args:
        body: the text in which they were found.
        found: the quotations.
        speakers: of the same story.
    """
    quotes = []
    for one in found:
        source = one.source
        speaker = speakers.resolve(source) if source is not None else Speaker()
        likelihood = {"direct": 1.0, "mixed": 0.9, "indirect": 0.85}[one.type] * (0.85 if one.inherited else 1.0)
        confidence = calibrated(likelihood * speaker.confidence) if speaker.name else 0.0
        if speaker.name and confidence < SPEAKER_NAMED_FROM:
            speaker = Speaker()  # nobody is better than a wrong name
        quotes.append(
            Quote(
                type=one.type,
                text=body[one.start : one.end],
                start=one.start,
                end=one.end,
                cue=(source.cue or None) if source else None,
                source=source.text(body) if source else None,
                source_start=source.start if source else None,
                source_end=source.end if source else None,
                speaker=speaker.name,
                speaker_id=speaker.id,
                role=speaker.role,
                resolved=speaker.name is not None,
                rule=one.rule,
                confidence=confidence,
            )
        )
    return tuple(quotes)
