"""Every pattern of the language work is proved to run in linear time, or reads no more than a stated number of characters."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import pipeline.enrich
from pipeline.enrich.analyse import Analyser
from pipeline.enrich.quotes import extract
from pipeline.enrich.quotes.taught import compiled, phrases
from pipeline.enrich.speakers import before
from pipeline.events import Content
from pipeline.testing.patterns import patterns_of, superlinear
from pipeline.testing.work import assert_linear
from tests.enrich.gold_stories import gold_stories
from tests.enrich.test_hostile import MONSTERS

#: The most characters that a pattern which is not proved to be linear may read at once, by package. Sentences are cut to
#: pieces before quotations are looked for; of speakers only what is near is read; names are looked at one by one.
BOUNDS = {
    "pipeline.enrich.quotes": extract.MAX_SENTENCE,
    "pipeline.enrich.speakers": before.NEAR,
    "pipeline.enrich.entities": 1000,
    "pipeline.enrich.sentences": 20,
}
_READING = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")
_WHERE_TEXT_IS = {"sub": 1, "subn": 1}


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(pipeline.enrich.__path__, "pipeline.enrich."):
        if ".training" not in found.name:  # which reads corpora, no texts from outside
            yield importlib.import_module(found.name)


@functools.cache
def unproved() -> dict[tuple[str, int], str]:
    """The patterns that are not proved to be linear, with why."""
    return {
        (pattern.pattern, pattern.flags): why
        for module in modules()
        for _, pattern in patterns_of(module)
        if (why := superlinear(pattern.pattern, pattern.flags))
    }


def bound_of(module: str) -> int | None:
    return next((chars for name, chars in BOUNDS.items() if module.startswith(name)), None)


def test_no_pattern_takes_exponential_time_and_the_others_have_a_bound() -> None:
    without = {
        f"{module.__name__}: {name}: {why}"
        for module in modules()
        for name, pattern in patterns_of(module)
        if (why := unproved().get((pattern.pattern, pattern.flags)))
        and (not why.startswith("polynomial") or bound_of(module.__name__) is None)
    }
    assert not without


def test_no_phrase_takes_exponential_time() -> None:
    """Phrases read a sentence at once, of which ``MAX_SENTENCE`` characters at most are read."""
    whys = {name: superlinear(compiled(one)[0].expression.pattern, 0) for name, one in phrases().items()}
    assert not {name: why for name, why in whys.items() if why and not why.startswith("polynomial")}


class Watched:
    """A pattern that keeps how many characters it was given at once, except where it is linear because it is anchored."""

    def __init__(self, pattern: re.Pattern[str], module: str, most: dict[tuple[str, str], int]) -> None:
        self._pattern, self._most = pattern, most
        self._key = (module, pattern.pattern)
        self._anchored = superlinear(rf"\A(?:{pattern.pattern})", pattern.flags) is None

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._pattern, name)
        if name not in _READING or (name in {"match", "fullmatch"} and self._anchored):
            return attribute

        def read(*arguments: Any) -> Any:
            where = _WHERE_TEXT_IS.get(name, 0)
            text, begin, end = arguments[where], 0, sys.maxsize
            if not where and name != "split":
                begin, end = (*arguments[where + 1 :], *(0, sys.maxsize)[len(arguments) - where - 1 :])
            chars = max(0, min(len(text), end) - begin)
            self._most[self._key] = max(self._most[self._key], chars)
            return attribute(*arguments)

        return read


class WatchedRe:
    """The module ``re`` for patterns that are written where they are used."""

    def __init__(self, module: str, most: dict[tuple[str, str], int]) -> None:
        self._module, self._most = module, most

    def __getattr__(self, name: str) -> Any:
        if name not in _READING:
            return getattr(re, name)

        def read(pattern: str, *arguments: Any, flags: int = 0) -> Any:
            if isinstance(arguments[-1], re.RegexFlag):
                *arguments, flags = arguments  # type: ignore[assignment]
            compiled = re.compile(pattern, flags)
            if (compiled.pattern, compiled.flags) not in unproved():
                return getattr(compiled, name)(*arguments)
            return getattr(Watched(compiled, self._module, self._most), name)(*arguments)

        return read


@pytest.fixture
def most(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], int]:
    """The most characters that each pattern that is not proved to be linear reads at once, from now on."""
    most: dict[tuple[str, str], int] = defaultdict(int)
    for module in list(modules()):
        for name, value in list(vars(module).items()):
            watched = _watched(value, module.__name__, most)
            if watched is not value:
                monkeypatch.setattr(module, name, watched)
        if getattr(module, "re", None) is re:
            monkeypatch.setattr(module, "re", WatchedRe(module.__name__, most))
    return most


def _watched(value: Any, module: str, most: dict[tuple[str, str], int]) -> Any:
    if isinstance(value, re.Pattern):
        return Watched(value, module, most) if (value.pattern, value.flags) in unproved() else value
    if type(value) is tuple and value:
        parts = tuple(_watched(part, module, most) for part in value)
        return value if all(one is other for one, other in zip(parts, value, strict=True)) else parts
    if type(value) is dict and value:
        entries = {key: _watched(part, module, most) for key, part in value.items()}
        return value if all(entries[key] is value[key] for key in value) else entries
    return value


def _over(most: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    return {key: chars for key, chars in most.items() if chars > (bound_of(key[0]) or 0)}


def _read(text: str) -> None:
    Analyser({"en": "blank-gazetteer"}, default_language="en").analyse(
        [Content(headline=text[:2000], body=text, language="en")]
    )


def test_patterns_without_a_proof_read_no_more_than_their_bound(most: dict[tuple[str, str], int]) -> None:
    for monster in MONSTERS:
        _read(monster[:20_000])
    assert most
    assert not _over(most)


@pytest.mark.shared
def test_real_texts_as_one_sentence_read_no_more_either(most: dict[tuple[str, str], int], shared_data: Any) -> None:
    texts = [story.text for story in gold_stories("dev", shared_data)]
    whole = " ".join(" ".join(texts).split())[:60_000]
    for text in (*texts[:40], whole, re.sub(r"[.?!…]", "", whole)):
        _read(text)
    assert len(most) > 40, "most of these patterns are reached"
    assert not _over(most)


#: What texts of the wire are made of, repeated: verbs of saying, names, days, marks, and words between them.
PUMPS = [
    "a ", "A ", "A. ", "Ab ", "'", "’s ", "-", ".", "!", ", ", "\x01", '"', "“", "”", "said ", "said that ", "he said, ", "the minister ",
    "and ", "on Monday ", "early ", "late on Friday in Troy ", "in an interview with Roe ", "of the ", "which ", ", who said, ",
    "according to ", "President ", "Anna Berg ", "called for ", "attributed to ", "as the ", "saying that ", "“no” ", "[Ab] ",
    "A.B", "-based ", "former ", "told ", "it was not that ", "whether ", "\n", "“Go”, said he. ", "is convinced ",
]  # fmt: skip


def _quotes(text: str) -> None:
    extract.find_quotes(text)


@pytest.mark.parametrize("work", [_quotes, _read], ids=["quotations", "everything"])
@pytest.mark.parametrize("head", ["", "“We go,” said the minister, "], ids=["bare", "after a quotation"])
def test_work_grows_with_the_length(work: Callable[[str], None], head: str) -> None:
    assert_linear(
        work, head, PUMPS if work is _quotes else PUMPS[::4], "\x7f!", size=80_000 if work is _quotes else 40_000
    )


@pytest.mark.long
@pytest.mark.parametrize("head", ["", "“We go,” said the minister, ", "The minister said that ", "Asked of it, "])
def test_work_grows_with_the_length_for_every_pump(head: str) -> None:
    assert_linear(_read, head, PUMPS, " he said.", size=60_000)
