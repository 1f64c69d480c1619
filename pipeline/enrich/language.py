"""Which language a text is in (langid's model, run locally)."""

from __future__ import annotations

from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

#: Shorter texts say too little; the feed's own word is taken then.
_MIN_CHARS = 60


@cache
def _identifier() -> Any:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def language_of(text: str, declared: str | None) -> tuple[str | None, float | None]:
    """The language (ISO 639-1) and how sure that is, 0 … 1.

    Args:
        text: headline and body.
        declared: the feed's or the connector's BCP 47 tag; believed where the text is short, and where the model is
            not sure of another.
    """
    said = declared.split("-")[0].split("_")[0].lower() if declared else None
    if len(text) < _MIN_CHARS:
        return said, None
    found, confidence = _identifier().classify(text[:4000])
    found, confidence = str(found), float(confidence)
    if said and found != said and confidence < 0.99:
        return said, None
    return found, round(confidence, 4)
