"""Who is found to speak in a story, by the first words of each quotation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.entities.recogniser import BLANK
from pipeline.events import Content


@cache
def _analyser() -> Analyser:
    return Analyser({"en": BLANK}, default_language="en")


def speakers_of(body: str, beginnings: Iterable[str]) -> dict[str, str | None]:
    """The speakers of the quotations of a text that begin with given words; what is not found is left out."""
    quotes = _analyser().analyse([Content(body=body, language="en")])[0].quotes
    return {begin: quote.speaker for begin in beginnings for quote in quotes if quote.text.startswith(begin)}


def everything_in(text: str) -> tuple[object, object]:
    """The entities and the quotations of a text, without a trained model."""
    [found] = _analyser().analyse([Content(body=text, language="en")])
    return found.entities, found.quotes
