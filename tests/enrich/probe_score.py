"""How the sentences under ``probes/`` are read: speakers, ordinary verbs next to marks, names.

``python tests/enrich/probe_score.py [--show]`` prints counts; with ``--show`` what differs.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

sys.path.insert(0, str(Path(__file__).parents[2]))

from pipeline.enrich.analyse import Analyser
from pipeline.events import Content, Enrichment

_FOLDER = Path(__file__).parent / "probes"
_NAMES = ("Ann Moe", "Hallworth", "Jan Ruiz")


@dataclass
class Result:
    """Counts of one set, and what differs from what is expected."""

    right: int = 0
    wrong: int = 0
    missing: int = 0
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        total = self.right + self.wrong + self.missing
        return f"{self.right} of {total} right, {self.wrong} wrong, {self.missing} missing"

    def count(self, found: str | None, wanted: str | None, where: str) -> None:
        if found == wanted:
            self.right += 1
            return
        self.wrong += found is not None
        self.missing += found is None
        self.differences.append(f"{where}: {found!r}, expected {wanted!r}")


@cache
def _analyser() -> Analyser:
    return Analyser({"en": "en_wire"})


def _read(texts: list[str]) -> list[Enrichment]:
    return _analyser().analyse([Content(body=text, language="en") for text in texts])


def _load(name: str) -> object:
    return YAML(typ="safe").load(_FOLDER / name)


def speakers(file: str) -> dict[str, Result]:
    """By what makes them hard: who is said to speak in each story."""
    results = {}
    for group, stories in _load(file).items():  # type: ignore[attr-defined]
        results[group] = result = Result()
        for story, read in zip(stories, _read([story["text"] for story in stories]), strict=True):
            for begins, name in story["says"].items():
                quote = next((one for one in read.quotes if one.text.startswith(begins)), None)
                found = quote.speaker if quote else None
                where = f"{begins} ({quote.source if quote else 'no quotation'!r})"
                result.count(found, name, where)
    return results


def structure() -> Result:
    """Each verb in three orders, with the speaker's name."""
    result = Result()
    verbs = _load("structure.yaml")["verbs"]  # type: ignore[index]
    texts, names = [], []
    for number, verb in enumerate(verbs):
        name = _NAMES[number % len(_NAMES)]
        names += [name] * 3
        texts += [
            f'The council met on Monday. "The pumps failed at noon," {name} {verb}.',
            f'The council met on Monday. "The pumps failed at noon," {verb} {name}.',
            f'The council met on Monday. {name} {verb}: "The pumps failed at noon."',
        ]
    for text, name, read in zip(texts, names, _read(texts), strict=True):
        quote = next((one for one in read.quotes if one.type == "direct"), None)
        result.count(quote.source if quote else None, name, text)
    return result


def nothing_said() -> Result:
    """Marked words that nobody says."""
    result = Result()
    texts = _load("structure.yaml")["nothing is said"]  # type: ignore[index]
    for text, read in zip(texts, _read(texts), strict=True):
        result.count(next((one.text for one in read.quotes), None), None, text)
    return result


def people() -> Result:
    """The people that each sentence names: a name too many is wrong, one too few is missing."""
    result = Result()
    rows = _load("entities.yaml")
    texts = [row["text"] for row in rows]  # type: ignore[attr-defined]
    for row, read in zip(rows, _read(texts), strict=True):  # type: ignore[call-overload]
        found = {entity.name for entity in read.entities if entity.label == "PERSON"}
        wanted = set(row["people"])
        result.right += len(found & wanted)
        result.wrong += len(found - wanted)
        result.missing += len(wanted - found)
        if found != wanted:
            result.differences.append(f"{row['text']}: {sorted(found)}, expected {sorted(wanted)}")
    return result


def languages() -> Result:
    """Flashes and headlines in English from a feed that names no language."""
    result = Result()
    texts = _load("languages.yaml")
    analyser = Analyser({"en": "blank-gazetteer"})
    for text, read in zip(texts, analyser.analyse([Content(headline=text, body="") for text in texts]), strict=True):  # type: ignore[attr-defined,call-overload]
        result.count(read.language, "en", text)
    return result


def main() -> None:
    results = {
        f"{file}: {group}": result
        for file in ("speakers.yaml", "speakers_again.yaml")
        for group, result in speakers(file).items()
    }
    results |= {"structure": structure(), "nothing said": nothing_said(), "people": people(), "languages": languages()}
    for name, result in results.items():
        print(f"{name}: {result}")
        if "--show" in sys.argv:
            print(*[f"    {line}" for line in result.differences], sep="\n")


if __name__ == "__main__":
    main()
