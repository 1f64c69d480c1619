"""Words that the teacher is asked about: those of the corpora first, then common English words, names among them."""

from __future__ import annotations

import importlib
import importlib.util
from collections import Counter
from typing import Any

from pipeline.enrich.gazetteer import known_names
from pipeline.enrich.training.names import CITIES, FAMILY_NAMES, FIRST_NAMES, ORGANISATIONS
from pipeline.enrich.training.sentence import Sentence

#: How many words of the frequency list (wordfreq, CC BY-SA 4.0, a training extra) are looked at.
_LISTED = 100_000


def common_words(sentences: list[Sentence]) -> list[str]:
    """Lower-case words, the most common first."""
    counts: Counter[str] = Counter(
        word.lower() for sentence in sentences for word in sentence.words if _is_word(word.lower())
    )
    own = [
        *CITIES,
        *ORGANISATIONS,
        *known_names(),
        *(name for names in (*FIRST_NAMES, *FAMILY_NAMES) for name in names),
    ]
    ranked: dict[str, int] = {}
    for rank, word in enumerate(_listed()):
        if _is_word(word):
            ranked[word] = rank
    for rank, (word, _) in enumerate(counts.most_common()):
        ranked[word] = min(ranked.get(word, rank * 3), rank * 3)
    for name in own:
        for word in name.lower().split():
            if _is_word(word):
                ranked[word] = min(ranked.get(word, 20_000), 20_000)
    return sorted(ranked, key=lambda word: (ranked[word], word))


def _is_word(word: str) -> bool:
    return len(word) > 1 and word.replace("-", "").replace("'", "").replace(".", "").isalpha()


def _listed() -> list[str]:
    if importlib.util.find_spec("wordfreq") is None:
        return []
    wordfreq: Any = importlib.import_module("wordfreq")
    return list(wordfreq.top_n_list("en", _LISTED))
