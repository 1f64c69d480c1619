"""A reported statement within a sentence, and where its clause ends."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.enrich.quotes.source import Source
from pipeline.enrich.quotes.words import SAYING


@dataclass(frozen=True)
class Framed:
    """A reported statement ``[start, end)`` and who made it."""

    start: int
    end: int
    source: Source


#: The subject goes on to do or say something else: "…, and is asking rebels", "… and added that".
ELLIPTIC = re.compile(
    r", (?:and|but) (?:also |later |then )?(?:is|are|has|have|was|were|called|urged|vowed|promised|declined|refused|asked)\b"
    r"|,? (?:and|but) (?:also |later |then |has |have |had )?(?:declined to|denied|(?:called|described|dismissed|denounced|accused|criticized|praised|vowed|pledged|promised|urged)(?= [a-z“\"])"
    rf"|{'|'.join(sorted(form for form in SAYING if form.endswith('d') or form in {'say', 'says', 'adds', 'claim'}))})\b"
)
#: Participles of saying behind a comma: "…, adding that".
SAYING_TOO = (
    r"(?:saying|adding|warning|arguing|claiming|noting|stressing|insisting|explaining|predicting|asserting"
    r"|suggesting|acknowledging|contending|alleging|declaring|stating)"
)
