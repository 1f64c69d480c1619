"""How well quotations are found and given to speakers, against the hand-made gold.

``python tests/enrich/gold_score.py [dev|test] [model]`` prints scores by type; with ``--show`` the differences, which is for
the dev half only.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.quotes.taught import phrases
from pipeline.evaluate.quotes import same_speaker
from pipeline.events import Content, Quote
from tests.enrich.gold_stories import GoldStory, gold_stories


@dataclass
class Counts:
    """Quotations in the gold, found, and found exactly or in part."""

    gold: int = 0
    found: int = 0
    exact: int = 0
    overlap: int = 0

    def f1(self, hits: int) -> float:
        return 2 * hits / (self.gold + self.found) if self.gold + self.found else 1.0


@dataclass
class Score:
    """Contents by type, and speakers of exactly or partly found quotations."""

    types: dict[str, Counts] = field(
        default_factory=lambda: {key: Counts() for key in ("all", "direct", "indirect", "mixed")}
    )
    named: int = 0
    right: int = 0
    wrong: int = 0
    differences: list[str] = field(default_factory=list)
    #: Statements of kinds that the gold does not count, where it has none.
    beyond: list[str] = field(default_factory=list)


#: Rules for what somebody asks others to do: the gold's guideline leaves such statements out.
_NOT_IN_GOLD = frozenset(phrase.name for phrase in phrases().values() if not phrase.in_gold)


def score(stories: Sequence[GoldStory], analyser: Analyser) -> Score:
    """Compare the analyser's quotations with the gold."""
    total = Score()
    results = analyser.analyse([Content(body=story.text, language="en") for story in stories])
    for story, result in zip(stories, results, strict=True):
        _compare(story, result.quotes, total)
    return total


def _compare(story: GoldStory, found: Sequence[Quote], total: Score) -> None:
    beyond = [
        quote
        for quote in found
        if quote.rule in _NOT_IN_GOLD
        and not any(gold.content[0] < quote.end and quote.start < gold.content[1] for gold in story.quotes)
    ]
    total.beyond += [f"{story.name} ! {quote.rule}: {quote.source!r}: {quote.text!r}" for quote in beyond]
    found = [quote for quote in found if quote not in beyond]
    by_span = {(quote.start, quote.end): quote for quote in found}
    for quote in found:
        for key in ("all", quote.type):
            total.types[key].found += 1
        if not any(gold.content == (quote.start, quote.end) for gold in story.quotes):
            total.differences.append(
                f"{story.name} + {quote.type}: {quote.source!r}: {quote.text[:70]!r} … {quote.text[-25:]!r}"
            )
    for gold in story.quotes:
        start, end = gold.content
        exact = by_span.get(gold.content)
        near = exact or next((quote for quote in found if quote.start < end and start < quote.end), None)
        for key in ("all", gold.type):
            total.types[key].gold += 1
            total.types[key].exact += exact is not None
            total.types[key].overlap += near is not None
        if exact is None:
            total.differences.append(
                f"{story.name} - {gold.type}: {story.text[start:end][:70]!r} … {story.text[start:end][-25:]!r}"
            )
        if gold.type == "direct" and gold.speaker is not None:
            _speaker(story, gold.speaker, near, total)


def _speaker(story: GoldStory, speaker: tuple[int, int], near: Quote | None, total: Score) -> None:
    name = story.text[slice(*speaker)]
    total.named += 1
    if near is not None and near.speaker is not None and same_speaker(near.speaker, name):
        total.right += 1
        return
    total.wrong += near is not None and near.resolved
    total.differences.append(f"{story.name} ? {name!r} is {near.speaker if near else 'not found'!r}")


def main() -> None:
    half = next((word for word in sys.argv[1:] if word in {"dev", "test"}), "dev")
    model = next((word for word in sys.argv[1:] if word not in {"dev", "test", "--show"}), "en_wire")
    analyser = Analyser({"en": model})
    total = score(gold_stories(half, Path(__file__).parents[3] / "shared" / "data"), analyser)
    if "--show" in sys.argv and half == "dev":
        print("\n".join([*total.differences, *total.beyond]))
    for key, counts in total.types.items():
        print(
            f"{half} {key:9} gold {counts.gold:4} found {counts.found:4}"
            f"  exact F1 {counts.f1(counts.exact):.3f}  overlap F1 {counts.f1(counts.overlap):.3f}"
        )
    print(f"{half} statements of kinds that the gold leaves out: {len(total.beyond)}, not counted above")
    print(f"{half} speakers of direct quotations: {total.right} of {total.named} right, {total.wrong} wrong names")


if __name__ == "__main__":
    main()
