"""How many changes between versions are told, and how many of those told are changes: 100 made pairs of real texts.

A pair is a news text and a later version of it by another agency: sentences dropped, moved and added, the dateline and
the start of some sentences changed, and one number or one name changed, or nothing.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from pipeline.events.differences import Text, differences

pytestmark = pytest.mark.shared

_NUMBER = re.compile(
    r"(?<![\w.,:$€£/'-])(?:\d{1,3}|[1-9]\d{0,2},\d{3}|two|three|four|five|six|seven|eight|nine|ten)(?![\w.:/%'-]| ?-)"
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,} [A-Z][a-z]{3,}(?! [A-Z])")
_WORDS = "two three four five six seven eight nine ten".split()
_FIRST = "Alban Corwin Edric Isolde Marten Petra Rowena Silvan Tamsin Ulric".split()


def texts(shared: Path) -> list[dict[str, str]]:
    lines = (shared / "events" / "ecbplus-dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [one for one in map(json.loads, lines) if one["text"].count("\n") >= 6]


def other_number(words: str, chance: random.Random) -> str:
    if words in _WORDS:
        return chance.choice([word for word in _WORDS if word != words])
    value = int(words.replace(",", ""))
    new = value + chance.choice([1, 2, 3, 5, max(value // 5, 1)])
    return f"{new:,}" if "," in words else str(new)


def version(text: str, chance: random.Random, others: list[str]) -> tuple[str, tuple[str, str] | None]:
    """A later version, and what was changed in it: (old, new)."""
    lines = text.split("\n")
    kind = chance.choice(["number", "number", "name", "name", "nothing"])
    changed = None
    places = [place for place, line in enumerate(lines) if len(line.split()) >= 8]
    chance.shuffle(places)
    for place in places:
        found = list((_NUMBER if kind == "number" else _NAME).finditer(lines[place]))
        if kind == "nothing" or not found:
            continue
        match = chance.choice(found)
        old = match[0]
        new = other_number(old, chance) if kind == "number" else f"{chance.choice(_FIRST)} {old.split()[1]}"
        if kind == "name":
            lines = [line.replace(old, new) for line in lines]
        else:
            lines[place] = lines[place][: match.start()] + new + lines[place][match.end() :]
        changed, kept = (old, new), place
        break
    for _ in range(chance.randint(1, 3)):
        dropped = chance.randrange(len(lines))
        if changed is None or dropped != kept:
            lines[dropped] = ""
    lines = [line for line in lines if line]
    lines.insert(0, f"MARROWBY (Tolva) - {chance.choice(others)}")
    if changed is None or lines.index(next(line for line in lines if changed[1] in line)) > 1:
        lines.append(lines.pop(1))
    return "\n".join(lines), changed


def test_changes_between_versions_are_told_and_nothing_else(shared_data: Path) -> None:
    found = texts(shared_data)
    chance = random.Random(11)
    background = [line for one in found[-60:] for line in one["text"].split("\n") if len(line.split()) > 12]
    right = told = expected = 0
    wrong = []
    for one in chance.sample(found[:-60], 100):
        new, changed = version(one["text"], chance, background)
        result = differences([
            Text("a", "Orbis", "2026-03-02T06:00:00Z", "", one["text"]),
            Text("b", "Tolva", "2026-03-02T07:00:00Z", "", new),
        ])  # fmt: skip
        expected += changed is not None
        told += len(result)
        hits = [
            one
            for one in result
            if changed and changed[0] in one.said[0].value and changed[1] in " ".join(said.value for said in one.said)
        ]
        right += min(len(hits), 1)
        # One name in several sentences is told for each of them, which is no error.
        told -= max(len(hits) - 1, 0)
        wrong += [(changed, one) for one in result if one not in hits]
    assert right >= 0.95 * told, wrong
    assert right >= 0.8 * expected, f"{right} of {expected}"
    print(f"{right} of {expected} found, {told} told")
