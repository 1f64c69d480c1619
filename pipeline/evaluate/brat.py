"""Reads brat stand-off: ``.ann`` files with text bounds and events, next to ``.txt`` files (https://brat.nlplab.org/standoff.html)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pipeline.events.errors import ConfigurationError

Offsets = tuple[int, int]
QuoteType = Literal["direct", "indirect", "mixed"]
_TYPES: dict[str, QuoteType] = {"direct": "direct", "indirect": "indirect", "mixed": "mixed"}
_MARKS = "\"“”„«»‘’'`"
_SET = frozenset(_MARKS)
_OPENING = re.compile(r"[\"“„«]|``|''|(?<!\w)[‘']")
#: What a text bound is, by its label or by its role in an event; an event's own text bound is its cue.
_KINDS = {
    "content": "Content",
    "quote": "Content",
    "cue": "Cue",
    "attribution": "Cue",
    "source": "Source",
    "speaker": "Speaker",
}
_NESTED = 8  # events within events that are followed; no corpus nests deeper


@dataclass(frozen=True)
class Attribution:
    """One quotation as annotated: fragments in characters, most have one."""

    type: QuoteType
    content: tuple[Offsets, ...]
    cue: tuple[Offsets, ...] = ()
    source: tuple[Offsets, ...] = ()
    #: Where the speaker is named, if the gold says so.
    speaker: tuple[Offsets, ...] = ()


@dataclass(frozen=True)
class Document:
    """One text and what is annotated in it."""

    name: str
    text: str
    attributions: tuple[Attribution, ...]


@dataclass(frozen=True)
class Gold:
    """The documents of a folder; ``without_text`` are the ``.ann`` files whose text is not there."""

    documents: tuple[Document, ...]
    without_text: tuple[Path, ...] = ()


@dataclass
class _Lines:
    """What the lines of one file say, by the names they give."""

    bounds: dict[str, tuple[str, list[Offsets], str]] = field(default_factory=dict)
    events: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    types: dict[str, QuoteType] = field(default_factory=dict)


def read_folder(folder: Path, texts: Path | None = None) -> Gold:
    """The ``.ann`` files of a folder and the folders below, with their texts.

    Args:
        folder: where the ``.ann`` files are.
        texts: where the ``.txt`` files are, if not next to them: under the same path below it, or by name alone.

    Raises:
        ConfigurationError: there are no ``.ann`` files, none has a text, or one is damaged.
    """
    files = sorted(folder.rglob("*.ann"))
    if not files:
        raise ConfigurationError(f"There are no .ann files in {folder}.", hint="Name a brat folder (.ann and .txt).")
    documents, missing = [], []
    for file in files:
        place = file.relative_to(folder).with_suffix(".txt")
        candidates = [texts / place, texts / place.name] if texts else [file.with_suffix(".txt")]
        text_file = next((path for path in candidates if path.is_file()), None)
        if text_file is None:
            missing.append(file)
        else:
            documents.append(_document(str(place.with_suffix("")), file, text_file))
    if not documents:
        raise ConfigurationError(
            f"None of the {len(files)} .ann files in {folder} has a text: there is no {candidates[0]}.",
            hint="Put the .txt files next to the .ann files, or give --texts.",
        )
    return Gold(tuple(documents), tuple(missing))


def _document(name: str, file: Path, text_file: Path) -> Document:
    lines = _read_lines(file)
    text = _text_of(text_file, lines)
    for bound, (_, offsets, _) in lines.bounds.items():
        if any(not 0 <= start <= end <= len(text) for start, end in offsets):
            raise ConfigurationError(
                f"{file}: {bound} lies outside {text_file}, which has {len(text)} characters.",
                hint="Annotations and text belong together: take both from one release.",
            )
    made = [_attribution(event, lines, text) for event in lines.events]
    found = sorted((one for one in made if one is not None), key=lambda one: one.content)
    return Document(name, text, tuple(found))


def _text_of(path: Path, lines: _Lines) -> str:
    """The text as the offsets count it: most tools count a line end of two characters as two, some as one."""
    try:
        raw = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path} is not UTF-8.", hint="Convert the texts; the offsets count characters."
        ) from error
    readings = [raw, raw.replace("\r\n", "\n"), raw.removeprefix("\ufeff")]
    return max(readings, key=lambda text: _agreeing(text, lines))


def _agreeing(text: str, lines: _Lines) -> int:
    """How many text bounds cover the words that their line repeats."""
    return sum(
        " ".join(" ".join(text[start:end] for start, end in offsets).split()) == " ".join(words.split())
        for _, offsets, words in lines.bounds.values()
    )


def _read_lines(file: Path) -> _Lines:
    lines = _Lines()
    try:
        content = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not UTF-8.") from error
    for number, line in enumerate(content.split("\n"), 1):
        try:
            _read_line(line.rstrip("\r"), lines)
        except (ValueError, IndexError) as error:
            raise ConfigurationError(f"{file}:{number} is not brat stand-off: {line[:80]!r}.") from error
    return lines


def _read_line(line: str, lines: _Lines) -> None:
    if line[:1] == "T":
        name, what, *words = line.split("\t")
        label, _, offsets = what.partition(" ")
        pairs = [part.split() for part in offsets.split(";")]
        lines.bounds[name] = (label, [(int(pair[0]), int(pair[1])) for pair in pairs], "\t".join(words))
    elif line[:1] in {"E", "R"}:
        name, what = line.split("\t")[:2]
        roles = what.split()[1:] if line[0] == "R" else what.split()
        lines.events[name] = [(role, target) for role, _, target in (word.partition(":") for word in roles)]
    elif line[:1] in {"A", "M"}:
        named, target, *value = line.split("\t")[1].split()
        stated = _TYPES.get((value[0] if value else named).lower())
        if stated:
            lines.types[target] = stated


def _attribution(name: str, lines: _Lines, text: str) -> Attribution | None:
    parts: dict[str, list[Offsets]] = defaultdict(list)
    stated = lines.types.get(name)
    for role, target in lines.events[name]:
        for label, offsets in _bounds(target, lines):
            kind = _kind(role) if _kind(role) in {"Content", "Source", "Speaker"} else _kind(label) or _kind(role)
            if kind:
                parts[kind] += [pair for pair in offsets if pair not in parts[kind]]
                stated = stated or lines.types.get(target)
    if not parts["Content"]:
        return None
    content = joined(sorted(parts["Content"]), text)
    return Attribution(
        stated or type_of(text, content),
        content,
        tuple(sorted(parts["Cue"])),
        tuple(sorted(parts["Source"])),
        tuple(sorted(parts["Speaker"])),
    )


def _kind(name: str) -> str:
    return _KINDS.get(name.lower().rstrip("0123456789-_"), "")


def _bounds(target: str, lines: _Lines, depth: int = 0) -> list[tuple[str, list[Offsets]]]:
    """The text bounds of a target; an event within an event stands for all that it covers."""
    if target in lines.bounds:
        label, offsets, _ = lines.bounds[target]
        return [(label, offsets)]
    inner = lines.events.get(target, []) if depth < _NESTED else []
    covered = [pair for _, part in inner for _, offsets in _bounds(part, lines, depth + 1) for pair in offsets]
    return [("", [(min(start for start, _ in covered), max(end for _, end in covered))])] if covered else []


def joined(fragments: list[Offsets], text: str) -> tuple[Offsets, ...]:
    """Fragments with nothing but space between them are one (brat breaks at line ends)."""
    made: list[Offsets] = []
    for start, end in fragments:
        if made and not text[made[-1][1] : start].strip():
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return tuple(made)


def type_of(text: str, content: tuple[Offsets, ...]) -> QuoteType:
    """Direct where marks enclose every fragment, mixed where they stand within, else indirect."""
    if all(_enclosed(text, start, end) for start, end in content):
        return "direct"
    return "mixed" if any(_OPENING.search(text[start:end]) for start, end in content) else "indirect"


def _enclosed(text: str, start: int, end: int) -> bool:
    """Whether a mark opens the fragment, or precedes it, and one closes it, with no frame of words between."""
    begin, finish = trimmed(text, start, end)
    before = text[max(0, begin - 2) : begin].strip()
    after = text[finish : finish + 4].split("\n", 1)[0].strip(" .,;:?!")
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
