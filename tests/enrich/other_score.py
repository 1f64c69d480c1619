"""F1 of quotations and titles in French and German on sentences that were written before the rules.

    python tests/enrich/other_score.py fr dev --show
    python tests/enrich/other_score.py fr test        # totals only: who makes rules does not read these

A quotation is right if its words are those between ⟦ ⟧ (marks and stops at its edges do not count); "and by whom": and its
source is that between { }, an apposition in it or not. A title is right if name and role are.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import NamedTuple

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.entities.recogniser import BLANK
from pipeline.enrich.pipelines import installed_version
from pipeline.events import Content

GOLD = Path(__file__).parent / "gold_other"
_EDGES = " \"“”„«»'‘’,.;:!?"
_BRACKETS = re.compile(r"[⟦⟧{}]")


class Score(NamedTuple):
    """Right, found and marked."""

    right: int
    found: int
    marked: int

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.marked) if self.found + self.marked else 1.0

    def __str__(self) -> str:
        precision = self.right / self.found if self.found else 1.0
        return f"F1 {self.f1:.2f}  P {precision:.2f}  R {self.right / (self.marked or 1):.2f}  ({self.right} of {self.marked})"


def _marked(line: str, opening: str, closing: str) -> list[str]:
    return [_BRACKETS.sub("", part).strip(_EDGES) for part in re.findall(f"{opening}(.*?){closing}", line)]


def same_source(found: str, marked: list[str]) -> bool:
    """Whether the words found name one that is marked: equal, or up to its apposition."""
    found = found.strip(_EDGES)
    return any(one == found or one.startswith(found + ",") or found.startswith(one + ",") for one in marked)


def score(language: str, part: str, *, with_model: bool, show: bool = False) -> dict[str, Score]:
    """Scores of a part of the gold: quotations, quotations with who said them, titles."""
    models = {"en": BLANK} | ({"fr": "fr_core_news_sm"} if with_model and language == "fr" else {})
    lines = [
        line for line in (GOLD / f"{language}.{part}.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"
    ]
    texts = [_BRACKETS.sub("", line.partition(" | ")[0]) for line in lines]
    found = Analyser(models).analyse([Content(headline="", body=text, language=language) for text in texts])
    totals = {name: [0, 0, 0] for name in ("quotations", "and by whom", "titles")}
    for line, text, one in zip(lines, texts, found, strict=True):
        sentence, _, titles = line.partition(" | ")
        said, sources = _marked(sentence, "⟦", "⟧"), _marked(sentence, "{", "}")
        sources += [_BRACKETS.sub("", both) for both in re.findall(r"{[^{}]*} (?:et|und) {[^{}]*}", sentence)]
        got = [(text[quote.start : quote.end].strip(_EDGES), quote.source or "") for quote in one.quotes]
        right = [words in said for words, _ in got]
        by_whom = [ok and (same_source(source, sources) or (not sources and not source))
                   for ok, (_, source) in zip(right, got, strict=True)]  # fmt: skip
        wanted = {tuple(title.split(" = ")) for title in titles.split("; ") if title}
        given = {(entity.name, role) for entity in one.entities if entity.label == "PERSON" for role in entity.roles}
        for name, numbers in (
            ("quotations", (sum(right), len(got), len(said))),
            ("and by whom", (sum(by_whom), len(got), len(said))),
            ("titles", (len(wanted & given), len(given), len(wanted))),
        ):
            totals[name] = [a + b for a, b in zip(totals[name], numbers, strict=True)]
        if show and (not all(by_whom) or len(got) != len(said) or wanted != given):
            print(f"{line}\n   {[(*g, q.rule) for g, q in zip(got, one.quotes, strict=True)]}\n   {sorted(given)}")
    return {name: Score(*numbers) for name, numbers in totals.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language", choices=("fr", "de"))
    parser.add_argument("part", choices=("dev", "test"))
    parser.add_argument("--show", action="store_true", help="lines that are not read as marked; dev only")
    options = parser.parse_args()
    if options.show and options.part == "test":
        parser.error("the test part is for totals only")
    for with_model in (False, True) if options.language == "fr" and installed_version("fr_core_news_sm") else (False,):
        print("with fr_core_news_sm" if with_model else "without a pipeline")
        for name, one in score(options.language, options.part, with_model=with_model, show=options.show).items():
            print(f"  {name:12} {one}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
