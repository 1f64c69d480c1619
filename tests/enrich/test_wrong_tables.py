"""An error in a phrase or a table of words: the file, the entry and what to do, in one line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.enrich import gazetteer, lexicon
from pipeline.enrich.lexicon import Lexicon
from pipeline.enrich.others import words as other_words
from pipeline.enrich.patterns import Patterns
from pipeline.enrich.quotes import taught
from pipeline.events import tables
from pipeline.events.errors import ConfigurationError

_ENTRY = {"phrase": "SOURCE [leave] open whether CONTENT", "reads": "SOURCE left open", "examples": ["{A} left."]}
_PHRASES = "pipeline/enrich/patterns/en/phrases.yaml"


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """By the name of a table, what it says instead."""
    instead: dict[str, str] = {}
    read = tables._text
    monkeypatch.setattr(tables, "_text", lambda *path: instead.get(path[-1]) or read(*path))
    for cached in (taught.phrases, lexicon._rows, other_words.words_of, gazetteer._meanings):
        cached.cache_clear()
    yield instead
    for cached in (taught.phrases, lexicon._rows, other_words.words_of, gazetteer._meanings):
        cached.cache_clear()


def _told(error: pytest.ExceptionInfo[ConfigurationError], file: str, entry: str) -> None:
    assert str(error.value).startswith(f"{file}: {entry}: ")
    assert "\n" not in str(error.value)
    assert error.value.hint


@pytest.mark.parametrize(
    "change",
    [
        {"phrase": "SOURCE [leave] open WHAT CONTENT"},
        {"phrase": "SOURCE [leave.x] open CONTENT"},
        {"phrase": "SOURCE [is] sure that CONTENT"},
        {"phrase": "SOURCE [leave open CONTENT"},
        {"phrase": "SOURCE [leave] (open|free CONTENT"},
        {"phrase": "SOURCE [leave] open"},
        {"phrase": "[leave] open CONTENT"},
        {"phrase": "SOURCE [go] on and [say] CONTENT"},
        {"phrase": ", SOURCE"},
        {"phrase": ""},
        {"phrase": None},
        {"phrase": 3},
        {"reads": None},
        {"examples": "{A} left."},
        {"not": "A left."},
        {"gold": "no"},
        {"example": ["{A} left."]},
    ],
)
def test_a_wrong_phrase(change: dict[str, Any], texts: dict[str, str]) -> None:
    entry = {key: value for key, value in {**_ENTRY, **change}.items() if value is not None}
    texts["phrases.yaml"] = f"mine: {entry!r}"
    with pytest.raises(ConfigurationError) as error:
        taught.compiled(taught.phrases()["mine"])
    _told(error, _PHRASES, "mine")


@pytest.mark.parametrize("text", ["mine: SOURCE said CONTENT", "mine:", "- mine"])
def test_what_is_no_entry(text: str, texts: dict[str, str]) -> None:
    texts["phrases.yaml"] = text
    with pytest.raises(ConfigurationError) as error:
        taught.phrases()
    _told(error, _PHRASES, "the file" if text.startswith("-") else "mine")


@pytest.mark.parametrize(
    "text",
    ["mine:\n  phrase: 'SOURCE's view'\n", "mine: {reads: a}\nmine: {reads: b}\n", "mine: [a\n", "mine: '\x00'\n"],
)
def test_what_is_not_yaml(text: str, texts: dict[str, str]) -> None:
    texts["phrases.yaml"] = text
    with pytest.raises(ConfigurationError, match=f"^{_PHRASES}.*: this is not YAML: ") as error:
        taught.phrases()
    assert "\n" not in str(error.value)
    assert error.value.hint


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("opine\topined\topined\topining\tbsd\tq", "opine"),
        ("opine    opined", "opine    opined"),
        ("opine" + "\tb" * 60, "opine"),
        ("opine", "opine"),
    ],
)
def test_a_wrong_verb(line: str, entry: str, texts: dict[str, str]) -> None:
    verbs = tables._text("pipeline.enrich.lexicon", "en", "verbs.tsv")
    texts["verbs.tsv"] = f"{verbs}{line}\n"
    with pytest.raises(ConfigurationError) as error:
        _ = Lexicon("en").verbs
    _told(error, "pipeline/enrich/lexicon/en/verbs.tsv", entry)


def test_a_wrong_row_of_french_words(texts: dict[str, str]) -> None:
    texts["saying.tsv"] = "opiné    participle\n"
    with pytest.raises(ConfigurationError) as error:
        other_words.words_of("fr")
    _told(error, "pipeline/enrich/lexicon/fr/saying.tsv", "opiné    participle")


def test_a_wrong_body(texts: dict[str, str]) -> None:
    texts["bodies.tsv"] = "ORG Harwick Port Authority\n"
    with pytest.raises(ConfigurationError) as error:
        gazetteer._meanings()
    _told(error, "pipeline/enrich/data/bodies.tsv", "ORG Harwick Port Authority")


@pytest.mark.parametrize("expression", ["(unclosed", "{no_such_entry}", "{verbz:says}"])
def test_a_wrong_expression(expression: str, texts: dict[str, str]) -> None:
    texts["mine.yaml"] = f"fox: {{reads: 'A fox.', expression: '{expression}'}}"
    with pytest.raises(ConfigurationError) as error:
        _ = Patterns("mine")["fox"]
    _told(error, "pipeline/enrich/patterns/en/mine.yaml", "fox")


def test_wiredesk_says_it_in_one_line(tmp_path: Path) -> None:
    story = tmp_path / "story.txt"
    story.write_text("The dam\n\nThe dam was full, Ann Moe said.\n", encoding="utf-8")
    with_a_wrong_phrase = f"""
import sys
from pipeline.events import tables
read = tables.yaml_table
tables.yaml_table = lambda *path: read(*path) | ({{"mine": {{}}}} if path[-1] == "phrases.yaml" else {{}})
sys.argv = ["wiredesk", "try", {str(story)!r}]
from pipeline.cli import main
main()
"""
    ran = subprocess.run([sys.executable, "-c", with_a_wrong_phrase], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr == (
        f"Error: {_PHRASES}: mine: it has no examples and no phrase and no reads. Add it, as other entries have it.\n"
    )
