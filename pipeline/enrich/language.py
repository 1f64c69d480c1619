"""Which language a text is in (langid's model, run locally).

A long text can be in any language. A flash or a headline says too little to choose from a hundred: it is taken for a
language of the news wires or one that the installation has a pipeline for.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

#: Characters below which the feed's own word is taken, if it gives one.
_FEW_CHARS = 60
#: Characters from which a text may be in any language.
_MANY_CHARS = 300
#: Characters that are read; more says no more.
_READ_CHARS = 2000
#: What another language than the feed's needs, and what a short text needs for one that is not expected.
_SURE, _LIKELY = 0.99, 0.5


@cache
def _identifier(languages: frozenset[str] | None) -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if languages is not None:
        identifier.set_languages(sorted(languages))
    return identifier


@cache
def _of_the_wires(expected: frozenset[str]) -> frozenset[str]:
    lines = files("pipeline.enrich").joinpath("data", "languages.tsv").read_text(encoding="utf-8").splitlines()
    known = set(_identifier(None).nb_classes)
    return (frozenset(line for line in lines if not line.startswith("#")) | expected) & known


def language_of(
    text: str, declared: str | None, expected: frozenset[str] = frozenset()
) -> tuple[str | None, float | None]:
    """The language (ISO 639-1) and how sure that is, 0 to 1; no language where it is not clear.

    Args:
        text: headline and body.
        declared: the feed's or the connector's BCP 47 tag; believed where the text is short, and where the model is
            not sure of another.
        expected: languages that the installation has a pipeline for.
    """
    said = declared.split("-")[0].split("_")[0].lower() if declared else None
    if said and len(text) < _FEW_CHARS:
        return said, None
    long = len(text) >= _MANY_CHARS
    plain = text[:_READ_CHARS].lower() if text.isupper() else text[:_READ_CHARS]
    found, confidence = _identifier(None if long else _of_the_wires(expected)).classify(plain)
    found, confidence = str(found), float(confidence)
    if said and found != said and confidence < _SURE:
        return said, None
    if not said and not long and confidence < _LIKELY and found not in expected:
        return None, None
    return found, round(confidence, 4)
