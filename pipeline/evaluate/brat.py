"""Reads brat stand-off: ``.ann`` files with text bounds and events, beside ``.txt`` files (https://brat.nlplab.org/standoff.html)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.errors import ConfigurationError

Offsets = tuple[int, int]
QuoteType = Literal["direct", "indirect", "mixed"]
_MARKS = "\"“”„«»‘’'`"
_SET = frozenset(_MARKS)
_OPENING = re.compile(r"[\"“„«]|``|''|(?<!\w)[‘']")


@dataclass(frozen=True)
class Attribution:
    """One quotation as annotated: fragments in characters, most have one."""

    type: QuoteType
    content: tuple[Offsets, ...]
    cue: tuple[Offsets, ...] = ()
    source: tuple[Offsets, ...] = ()


def read_folder(folder: Path, texts: Path | None = None) -> list[tuple[str, str, list[Attribution]]]:
    """``(document, text, attributions)`` of each ``.ann`` file of a folder and the folders below.

    Args:
        folder: where the ``.ann`` files are.
        texts: where the ``.txt`` files of the same names are, if not beside them.

    Raises:
        ConfigurationError: there are no ``.ann`` files, or one has no text.
    """
    files = sorted(folder.rglob("*.ann"))
    if not files:
        raise ConfigurationError(f"There are no .ann files in {folder}.", hint="Name a brat folder (.ann and .txt).")
    documents = []
    for file in files:
        beside = (texts or file.parent) / f"{file.stem}.txt"
        if not beside.is_file():
            raise ConfigurationError(f"{file} has no text {beside}.", hint="Put the .txt file there, or give --texts.")
        with beside.open(encoding="utf-8", newline="") as handle:  # offsets count a \r\n as two
            text = handle.read()
        documents.append((file.stem, text, read_ann(file, text)))
    return documents


def read_ann(file: Path, text: str) -> list[Attribution]:
    """The attributions of one file, in the order of their content.

    Raises:
        ConfigurationError: a line is not stand-off; the message names file and line.
    """
    bounds: dict[str, tuple[str, list[Offsets]]] = {}
    events: dict[str, list[tuple[str, str]]] = {}
    types: dict[str, str] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            _read_line(line, bounds, events, types)
        except (ValueError, IndexError) as error:
            raise ConfigurationError(f"{file}:{number} is not brat stand-off: {line[:80]!r}.") from error
    made = [_attribution(name, roles, bounds, types, text) for name, roles in events.items()]
    return sorted((one for one in made if one is not None), key=lambda one: one.content)


def _read_line(
    line: str,
    bounds: dict[str, tuple[str, list[Offsets]]],
    events: dict[str, list[tuple[str, str]]],
    types: dict[str, str],
) -> None:
    if line[:1] == "T":
        name, what = line.split("\t")[:2]
        label, _, offsets = what.partition(" ")
        pairs = [part.split() for part in offsets.split(";")]
        bounds[name] = (label, [(int(pair[0]), int(pair[1])) for pair in pairs])
    elif line[:1] in {"E", "R"}:
        name, what = line.split("\t")[:2]
        words = what.split()
        words = words[1:] if line[0] == "R" else words
        events[name] = [(role, target) for role, _, target in (word.partition(":") for word in words)]
    elif line[:1] == "A":
        named, target, *value = line.split("\t")[1].split()
        stated = (value[0] if value else named).lower()
        if stated in {"direct", "indirect", "mixed"}:
            types[target] = stated


def _attribution(
    name: str,
    roles: list[tuple[str, str]],
    bounds: dict[str, tuple[str, list[Offsets]]],
    types: dict[str, str],
    text: str,
) -> Attribution | None:
    parts: dict[str, list[Offsets]] = defaultdict(list)
    stated = types.get(name, "")
    for role, target in roles:
        if target not in bounds:
            continue
        label, offsets = bounds[target]
        kind = next((kind for kind in ("Content", "Cue", "Source") if kind in {label, role.rstrip("0123456789")}), None)
        if kind:
            parts[kind] += [pair for pair in offsets if pair not in parts[kind]]
            stated = stated or types.get(target, "")
    if not parts["Content"]:
        return None
    content = joined(sorted(parts["Content"]), text)
    made: QuoteType = stated if stated in {"direct", "indirect", "mixed"} else type_of(text, content)  # type: ignore[assignment]
    return Attribution(made, content, tuple(sorted(parts["Cue"])), tuple(sorted(parts["Source"])))


def joined(fragments: list[Offsets], text: str) -> tuple[Offsets, ...]:
    """Fragments with nothing but space between them are one (brat breaks at line ends)."""
    made: list[Offsets] = []
    for start, end in fragments:
        if made and not text[made[-1][1] : start].strip():
            made[-1] = (made[-1][0], end)
        else:
            made.append((start, end))
    return tuple(made)


def type_of(text: str, content: tuple[Offsets, ...]) -> QuoteType:
    """Direct where marks enclose every fragment, mixed where they stand within, else indirect."""
    if all(_enclosed(text, start, end) for start, end in content):
        return "direct"
    return "mixed" if any(_OPENING.search(text[start:end]) for start, end in content) else "indirect"


def _enclosed(text: str, start: int, end: int) -> bool:
    """Whether a mark opens the fragment, or stands before it, and one closes it, with no frame of words between."""
    begin, finish = trimmed(text, start, end)
    before = text[max(0, begin - 2) : begin].strip()
    after = text[finish : finish + 3].split("\n", 1)[0].strip(" .,;:?!")
    frame = re.search(r"[\"”»]\s+\w", text[begin:finish])
    return before[-1:] in _SET and after[:1] in _SET and not frame


def trimmed(text: str, start: int, end: int) -> Offsets:
    """The span without the marks, commas, full stops and spaces around it: guidelines differ in them."""
    edge = _MARKS + " \t\r\n,.;:"
    while start < end and text[start] in edge:
        start += 1
    while end > start and text[end - 1] in edge:
        end -= 1
    return start, end
