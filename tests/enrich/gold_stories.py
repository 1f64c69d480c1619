"""The hand-made gold of quotations: texts rebuilt from the sample data, annotations from stand-off files.

``gold/dev`` is what rules are made on: news, and some lives, speeches, interviews, postings and a hearing, which quote in
harder ways. ``gold/test`` is locked: scores are looked at, stories are not, and who annotated it has not seen the rules. It
holds 78 stretches of GMB round a sentence with marked words, drawn by chance, the 70 beginnings of newspaper articles in PUD
that have marked words, and twelve interviews and speeches of GUM. Once it was looked into it belongs to ``dev``, and another
takes its place. A file names its document and the hash of its text and holds offsets only, in the format of brat:

    # document GUM_news_flag sha256 5f1d…
    T1	Content 310 422
    T2	Source 290 309
    T3	Cue 300 304
    T4	Speaker 12 26             where the speaker is named in full, if the story names one
    E1	Attribution:T3 Content:T1 Source:T2 Speaker:T4
    A1	Type E1 indirect

``python tests/enrich/gold_stories.py FOLDER`` writes texts and annotations side by side as a brat folder.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

GOLD = Path(__file__).parent / "gold"
_TIGHT = frozenset(". , ; : ? ! ) ] % 's ' n't 'll 're 've 'd 'm".split())


@dataclass(frozen=True)
class GoldQuote:
    """One quotation; ``[start, end)`` in characters, ``speaker`` the name in full or ``None``."""

    type: str
    content: tuple[int, int]
    source: tuple[int, int] | None
    cue: tuple[int, int] | None
    speaker: tuple[int, int] | None


@dataclass(frozen=True)
class GoldStory:
    """A text with its quotations."""

    name: str
    text: str
    quotes: tuple[GoldQuote, ...]


def story_text(name: str, data: Path) -> str:
    """The text of a document: a file of GUM, a document of EWT or PUD, or a range of sentences of GMB ("gmb_7-12")."""
    if name.startswith("GUM_"):
        return next(iter(_documents(data / "nlp/ud_gum" / f"{name}.conllu").values()))
    if name.startswith("EWT_"):
        return _ewt(data)[name.removeprefix("EWT_")]
    if name.startswith("PUD_"):
        return "\n\n".join(_pud(data)[name.removeprefix("PUD_")])
    first, last = map(int, name.removeprefix("gmb_").split("-"))
    return "\n\n".join(_joined(tokens) for tokens in _gmb(data)[first : last + 1])


@cache
def _ewt(data: Path) -> dict[str, str]:
    paths = sorted((data / "nlp/ud_ewt").glob("*.conllu"))
    return {name: text for path in paths for name, text in _documents(path).items()}


@cache
def _pud(data: Path) -> dict[str, list[str]]:
    """The sentences of PUD by their articles: it holds up to five of each ("n01001011" is one of article "n01001")."""
    articles: dict[str, list[str]] = {}
    article = ""
    for line in (data / "nlp/uner_pud/en_pud-ud-test.iob2").read_text(encoding="utf-8").splitlines():
        if line.startswith("# sent_id = "):
            article = line.removeprefix("# sent_id = ")[:6]
        elif line.startswith("# text = "):
            articles.setdefault(article, []).append(line.removeprefix("# text = "))
    return articles


def _documents(path: Path) -> dict[str, str]:
    """The texts of a file of sentences by the names of their documents: paragraphs parted by an empty line."""
    documents: dict[str, list[list[str]]] = {}
    paragraphs: list[list[str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# newdoc id = "):
            paragraphs = documents[line.removeprefix("# newdoc id = ")] = []
        elif line.startswith("# newpar"):
            paragraphs.append([])
        elif line.startswith("# text = "):
            if not paragraphs:
                paragraphs.append([])
            paragraphs[-1].append(line.removeprefix("# text = "))
    return {
        name: "\n\n".join(" ".join(sentences) for sentences in made if sentences) for name, made in documents.items()
    }


@cache
def _gmb(data: Path) -> list[list[str]]:
    sentences: list[list[str]] = []
    with gzip.open(data / "nlp/gmb/ner_dataset.csv.gz", "rt", encoding="latin-1", newline="") as file:
        for number, word, *_ in csv.reader(file):
            if number == "Sentence #":
                continue
            if number:
                sentences.append([])
            sentences[-1].append(word)
    return sentences


def _joined(tokens: list[str]) -> str:
    text, open_mark = "", False
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else ""
        tight = token in _TIGHT or before in {"(", "[", "$", ""} or (token == '"' and open_mark)
        tight = tight or (before == '"' and open_mark)
        text += token if tight else f" {token}"
        if token == '"':
            open_mark = not open_mark
    return text


def _read(path: Path, data: Path) -> GoldStory:
    lines = path.read_text(encoding="utf-8").splitlines()
    _, _, name, _, digest = lines[0].split(" ")
    text = story_text(name, data)
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        raise ValueError(f"{path.name}: the text of {name} is not the one that was annotated.")
    spans: dict[str, tuple[int, int]] = {}
    events: dict[str, dict[str, str]] = {}
    types: dict[str, str] = {}
    for line in lines[1:]:
        key, rest = line.split("\t")
        parts = rest.split(" ")
        if key.startswith("T"):
            spans[key] = (int(parts[1]), int(parts[2]))
        elif key.startswith("E"):
            events[key] = dict(part.split(":") for part in parts)
        else:
            types[parts[1]] = parts[2]
    quotes = [
        GoldQuote(
            types[key],
            spans[event["Content"]],
            *(spans.get(event.get(role, "")) for role in ("Source", "Attribution", "Speaker")),
        )
        for key, event in events.items()
    ]
    return GoldStory(name, text, tuple(quotes))


def gold_stories(half: str, data: Path) -> list[GoldStory]:
    """All stories of a half ("dev", "test")."""
    return [_read(path, data) for path in sorted((GOLD / half).glob("*.ann"))]


def write_brat(folder: Path, data: Path) -> None:
    """Texts and annotations side by side, as brat wants them."""
    for half in ("dev", "test"):
        (folder / half).mkdir(parents=True, exist_ok=True)
        for path in (GOLD / half).glob("*.ann"):
            text = _read(path, data).text
            (folder / half / f"{path.stem}.txt").write_text(text, encoding="utf-8")
            (folder / half / path.name).write_text(_with_words(path, text), encoding="utf-8")


def _with_words(path: Path, text: str) -> str:
    def add(match: re.Match[str]) -> str:
        return f"{match.group()}\t{' '.join(text[int(match.group(1)) : int(match.group(2))].split())}"

    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)[1:]
    return re.sub(r"(?m)^T\d+\t\w+ (\d+) (\d+)$", add, "".join(lines))


if __name__ == "__main__":
    write_brat(Path(sys.argv[1]), Path(__file__).parents[3] / "shared" / "data")
