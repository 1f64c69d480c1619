"""Which language a text is in: its script, then langid's model, run locally.

A long text can be in any language. A flash or a headline says too little to choose from a hundred: it is taken for a
language of the news wires or one that the installation has a pipeline for.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipeline.enrich.scripts import possible, script_of
from pipeline.events.languages import primary_language
from pipeline.events.tables import table_rows

#: Characters below which the feed's own word is taken, if it gives one.
_FEW_CHARS = 24
#: Characters from which a text may be in any language.
_MANY_CHARS = 300
#: Characters that are read; more says no more.
_READ_CHARS = 2000
#: What another language than the feed's needs, and what a short text needs for one that is not expected.
_SURE, _LIKELY = 0.8, 0.5
#: Languages so near each other that only a very sure model outweighs the feed; of the first, none does.
_NEAR = (
    frozenset(("no", "nb", "nn")),
    frozenset(("no", "nb", "nn", "da")),
    frozenset(("hr", "bs", "sr")),
    frozenset(("id", "ms", "jv")),
    frozenset(("cs", "sk")),
    frozenset(("gl", "pt", "es", "ca")),
    frozenset(("ru", "uk", "be", "bg", "mk")),
)
_VERY_SURE = 0.99
#: Variants that are written like a larger language, and old codes.
_VARIANTS = {
    **dict.fromkeys(("cmn", "wuu", "yue", "nan", "hak"), "zh"),
    **dict.fromkeys(("arb", "arz", "ary", "apc"), "ar"),
    **dict.fromkeys(("pes", "prs"), "fa"),
    "pcm": "en",
    "iw": "he",
    "in": "id",
}


@cache
def _identifier(languages: frozenset[str] | None) -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if languages is not None:
        identifier.set_languages(sorted(languages))
    return identifier


@cache
def _known(languages: frozenset[str]) -> frozenset[str]:
    return languages & set(_identifier(None).nb_classes)


@cache
def _of_the_wires(expected: frozenset[str]) -> frozenset[str]:
    return _known(frozenset(row[0] for row in table_rows("pipeline.enrich", "data", "languages.tsv")) | expected)


def language_of(
    text: str,
    declared: str | None,
    expected: frozenset[str] = frozenset(),
    installation: frozenset[str] = frozenset(),
) -> tuple[str | None, float | None]:
    """The language (ISO 639-1) and how sure that is, 0 to 1; no language where it is not clear.

    Args:
        text: headline and body.
        declared: the feed's or the connector's BCP 47 tag; believed where the text can be in it and is short, or the
            model is not sure of another.
        expected: languages that the installation has a pipeline for.
        installation: languages that the installation says its feeds are in; empty: those of the news wires. A short text
            is in one of these or in an expected one.
    """
    plain = text[:_READ_CHARS].lower() if text.isupper() else text[:_READ_CHARS]
    script = script_of(plain)
    said = _plain(primary_language(declared)) if declared else None
    if said and not possible(said, plain, script):
        said = None
    if said and len(text) < _FEW_CHARS:
        return said, None
    if script and len(known := _known(frozenset(script.languages))) <= 1:
        return script.languages[0], 1.0
    if script and script.languages[0] == "zh":
        return (said, None) if said else ("zh", 1.0)
    long = len(text) >= _MANY_CHARS
    wires = _known(installation | expected) if installation else _of_the_wires(expected)
    candidates = known if script else None
    if not long and (said is None or said in wires):
        candidates = (known & wires or known) if script else wires
    found, confidence = _identifier(candidates).classify(plain)
    found, confidence = _plain(str(found)), float(confidence)
    if said and found != said and confidence < _needed(said, found):
        return said, None
    if not said and not long and confidence < _LIKELY and found not in expected:
        return None, None
    return found, round(confidence, 4)


def _needed(said: str, found: str) -> float:
    """How sure the model must be to outweigh the feed; more than 1: however sure it is."""
    both = {said, found}
    if both <= _NEAR[0]:
        return 2.0
    return _VERY_SURE if any(both <= near for near in _NEAR) else _SURE


def _plain(language: str) -> str:
    """The language that a variant is indexed as."""
    return _VARIANTS.get(language, language)
