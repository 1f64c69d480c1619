"""Which expressions of ``pipeline/enrich/patterns`` change nothing: each is switched off in turn and all texts are read again.

    python tests/enrich/ablation.py [--only quotes/acts] [--json FILE]

Read are the dev half of the gold and all lines of the tests. An expression that changes nothing in any of them, and has
no example in its file that fails without it, can go. ``--json`` writes for each expression what it changes.
"""

from __future__ import annotations

import argparse
import ast
import functools
import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import pipeline.enrich
from pipeline.enrich.analyse import Analyser
from pipeline.enrich.patterns import ASKED, Patterns
from pipeline.events import Content

NEVER = re.compile(r"(?!)")
_HERE = Path(__file__).parent
_MEMORY = 100_000
#: Texts that are read again without an expression, at most.
_MOST = 60


@functools.cache
def modules() -> tuple[ModuleType, ...]:
    """All modules that read stories."""
    return tuple(
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(pipeline.enrich.__path__, "pipeline.enrich.")
        if ".training" not in found.name
    )


def in_use() -> Iterator[tuple[Patterns, str]]:
    """The expressions that modules ask for, by file and name."""
    modules()
    for found in ASKED.values():
        for name in found.entries:
            if name in asked_names(found.name):
                yield found, name


@functools.cache
def asked_names(file: str) -> frozenset[str]:
    """The names of a file's expressions that code asks for."""
    code = "".join(path.read_text(encoding="utf-8") for path in Path(pipeline.enrich.__path__[0]).rglob("*.py"))
    if file == "shared":
        return frozenset(re.findall(r'SHARED\["(\w+)"\]', code))
    own = (Path(pipeline.enrich.__path__[0]) / f"{file}.py").read_text(encoding="utf-8")
    return frozenset(re.findall(r'_PATTERNS\["(\w+)"\]', own))


class Watched:
    """An expression that notes in which texts it reads something."""

    def __init__(self, pattern: re.Pattern[str], seen: set[int], now: list[int]) -> None:
        self._pattern, self._seen, self._now = pattern, seen, now

    def __getattr__(self, name: str) -> Any:
        reading = getattr(self._pattern, name)
        if not callable(reading):
            return reading

        def read(*arguments: Any, **named: Any) -> Any:
            result = reading(*arguments, **named)
            if name == "finditer":
                result = list(result)
            if result and (name not in {"split", "sub"} or result not in ([arguments[-1]], arguments[-1])):
                self._seen.add(self._now[0])
            return iter(result) if name == "finditer" else result

        return read


@contextmanager
def instead(found: Patterns, name: str, other: Any) -> Iterator[None]:
    """Everything as it would be if an expression were another."""
    pattern = found[name]
    undo: list[tuple[Any, Any, Any]] = []

    def put(where: Any, key: Any, value: Any) -> None:
        undo.append((where, key, where[key]))
        where[key] = value

    put(found._compiled, name, other)
    for module in modules():
        names = vars(module)
        for key, value in list(names.items()):
            if value is pattern:
                put(names, key, other)
            elif isinstance(value, dict) and not key.startswith("__") and any(one is pattern for one in value.values()):
                put(names, key, {one: other if its is pattern else its for one, its in value.items()})
    clear()
    try:
        yield
    finally:
        for where, key, value in reversed(undo):
            where[key] = value
        clear()


def clear() -> None:
    """Forget what was remembered of words and names."""
    for module in modules():
        if module.__name__.split(".")[2] in {"quotes", "speakers", "entities"}:
            for value in vars(module).values():
                if isinstance(value, functools._lru_cache_wrapper) and value.__module__ == module.__name__:
                    value.cache_clear()


@dataclass(frozen=True)
class Texts:
    """What is read: gold stories, and lines of the tests as written there."""

    gold: tuple[str, ...]
    lines: tuple[str, ...]


def bare(line: str) -> str:
    """A line without the marks of what was said and by whom."""
    return re.sub(r"[⟦⟧{}]", "", line)


def texts() -> Texts:
    from tests.enrich.gold_stories import gold_stories

    gold = tuple(story.text for story in gold_stories("dev", _HERE.parents[2] / "shared" / "data"))
    lines: dict[str, None] = {}
    for path in sorted(_HERE.glob("test_*.py")):
        if "hostile" in path.name or path.name == "test_gold.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
                parts = [node.value] if node.value.count("\n\n") else [node.value, *node.value.splitlines()]
                lines.update(dict.fromkeys(part.strip() for part in parts if len(part.split()) > 2))
    for path in [*sorted((_HERE / "probes").glob("*.yaml")), Path(pipeline.enrich.__path__[0], "quotes/rules.yaml")]:
        for text in re.findall(
            r"""(?:^|[\s\[,])'((?:[^'\n]|'')+)'|"((?:[^"\\\n]|\\.)+)\"""", path.read_text(encoding="utf-8")
        ):
            line = text[0].replace("''", "'") or text[1].replace("\\n", "\n").replace('\\"', '"')
            if len(line.split()) > 2:
                lines[line] = None
    return Texts(gold, tuple(lines))


class Whole:
    """Reads texts as the enrich stage does; the model reads each paragraph once."""

    def __init__(self) -> None:
        self._analyser = Analyser({"en": "en_wire"})
        nlp = self._analyser.pipeline("en")
        nlp.get_pipe("wire_recogniser").recogniser._remembered = _MEMORY

    def read(self, lines: Sequence[str]) -> list[Any]:
        results = self._analyser.analyse([Content(body=bare(line), language="en") for line in lines])
        return [(result.entities, result.quotes) for result in results]


def seen_in(used: Sequence[tuple[Patterns, str]], lines: Sequence[str], whole: Whole) -> dict[str, set[int]]:
    """For each expression the texts, by number, in which it reads something."""
    now, seen = [0], {f"{found.name}.{name}": set[int]() for found, name in used}
    with ExitStack() as stack:
        for found, name in used:
            stack.enter_context(instead(found, name, Watched(found[name], seen[f"{found.name}.{name}"], now)))
        for number, line in enumerate(lines):
            now[0] = number
            clear()
            whole.read([line])
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    read, whole = texts(), Whole()
    lines = [*read.gold, *read.lines]
    known = whole.read(lines)
    print(f"{len(read.gold)} stories, {len(read.lines)} lines", flush=True)
    used = [(found, name) for found, name in in_use() if found.name.startswith(arguments.only)]
    seen = seen_in(used, lines, whole)
    report: dict[str, dict[str, Any]] = {}
    for found, name in used:
        key = f"{found.name}.{name}"
        # The shortest texts first: enough to know that it is needed, and which lines can be its examples.
        numbers = sorted(seen[key], key=lambda number: (number < len(read.gold), len(lines[number])))[:_MOST]
        with instead(found, name, NEVER):
            now = whole.read([lines[number] for number in numbers])
        changed = [number for number, its in zip(numbers, now, strict=True) if its != known[number]]
        in_gold = sum(number < len(read.gold) for number in changed)
        own = [lines[number] for number in changed if number >= len(read.gold)]
        report[key] = {"seen": len(seen[key]), "gold": in_gold, "lines": own}
        note = "" if changed else "  changes nothing"
        print(f"{key:45} seen {len(seen[key]):4} gold {in_gold:3} lines {len(own):3}{note}", flush=True)
        if arguments.json:
            arguments.json.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
