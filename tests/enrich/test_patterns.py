"""The expressions in data: each says what it reads, is used, and has examples that are read wrong without it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import pipeline.enrich
from pipeline.enrich.patterns import ASKED, Entry, patterns
from pipeline.enrich.quotes.taught import SLOTS
from tests.enrich.ablation import NEVER, asked_names, bare, in_use, instead, modules
from tests.enrich.marked_lines import said_and_sources
from tests.enrich.speakers_of import everything_in

modules()
_FILES = [found for _, found in sorted(ASKED.items())]
_ENTRIES = [(found, name, entry) for found in _FILES for name, entry in found.entries.items()]
_EXAMPLES = [(found, name, line) for found, name, entry in _ENTRIES for line in entry.examples]
_PARTS = [(found, name, text) for found, name, entry in _ENTRIES for text in entry.parts]
_NEGATIVE = [(found, name, text) for found, name, entry in _ENTRIES for text in entry.negative]
_ROOT = Path(pipeline.enrich.__path__[0])
#: Of other languages or of no language: what they read is data, in their tables.
_OTHERS = (
    "training",
    "others",
    "other_quotes.py",
    "scripts.py",
    "world.py",
    "iob.py",
    "language.py",
    "recogniser.py",
    "scan.py",
)


def _named(parameter: object) -> str | None:
    return parameter.name if hasattr(parameter, "entries") else None  # type: ignore[attr-defined]


def test_every_file_is_asked_for_and_says_what_each_entry_reads() -> None:
    on_disk = {
        str(path.relative_to(_ROOT / "patterns/en").with_suffix("")) for path in (_ROOT / "patterns/en").rglob("*.yaml")
    }
    assert on_disk == {found.name for found in _FILES} | {"phrases"}
    assert not [f"{found.name}.{name}" for found, name, entry in _ENTRIES if len(entry.reads) < 8]


def test_every_entry_is_used_by_code_or_by_another_entry() -> None:
    referred = {
        (found.name if name in found.entries else "shared", name)
        for found, _, entry in _ENTRIES
        for name in re.findall(r"\{([a-z][a-z_]*)\}", entry.expression)
    }
    unused = [
        f"{found.name}.{name}"
        for found, name, _ in _ENTRIES
        if name not in asked_names(found.name) and (found.name, name) not in referred and name.upper() not in SLOTS
    ]
    assert not unused


def test_no_expression_in_code_has_words() -> None:
    """Shapes of characters are code; words are data."""
    with_words = []
    for path in _ROOT.rglob("*.py"):
        if any(name in path.parts for name in _OTHERS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and re.fullmatch(r"re\.(?!escape)\w+", ast.unparse(node.func)):
                text = node.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str) and _has_words(text.value):
                    with_words.append(f"{path.relative_to(_ROOT)}:{node.lineno}")
    assert not with_words


def _has_words(expression: str) -> bool:
    shapes = re.sub(r"\(\?P<\w+>|\\x[0-9a-f]{2}|\\.|\[[^\]]*\]|\{[\d,]+\}", "", expression)
    return re.search(r"[A-Za-z]{2}", shapes) is not None


@pytest.mark.parametrize(("found", "name", "line"), _EXAMPLES, ids=_named)
def test_an_example_is_read_as_marked_and_otherwise_without_its_expression(found, name, line) -> None:
    read, marked = said_and_sources(line)
    if "⟦" in line:
        assert read == marked
    before = everything_in(bare(line))
    with instead(found, name, NEVER):
        assert everything_in(bare(line)) != before


@pytest.mark.parametrize(("found", "name", "text"), _PARTS, ids=_named)
def test_the_marked_part_of_a_text_is_read(found, name, text) -> None:
    start, end = text.index("⟦"), text.index("⟧") - 1
    assert (start, end) in {match.span() for match in found[name].finditer(bare(text))}


def test_every_entry_has_an_example() -> None:
    assert not [f"{found.name}.{name}" for found, name, entry in _ENTRIES if not entry.examples + entry.parts]


@pytest.mark.parametrize(("found", "name", "text"), _NEGATIVE, ids=_named)
def test_nothing_is_read_in_what_is_none(found, name, text) -> None:
    assert found[name].search(text) is None


def test_a_reference_that_names_nothing_is_an_error() -> None:
    with pytest.raises(KeyError):
        patterns("quotes/acts").expand("{no_such_entry}")
    assert patterns("quotes/acts").expand("{hidden}{2,3}") == "\x01{2,3}"
    assert isinstance(patterns("quotes/acts").entries["called"], Entry)


def test_expressions_are_counted() -> None:
    """What code asks for; the rest are pieces. Lower the number when some go."""
    assert len(list(in_use())) <= MOST


MOST = 261
