"""How often a speaker is the right one, by the raw confidence that the rules give: makes ``data/confidence.tsv``.

``python tests/enrich/calibrate.py`` reads the dev half of the gold and prints the table. The share of right names must not
fall where the raw confidence rises; where it does, neighbours are pooled (pool adjacent violators; M. Ayer et al., 1955).
What is printed is the lower end of shrunk shares: one right and one wrong name are added to each pool, so that a pool of
a few does not count as certain.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.speakers import named
from pipeline.events import Content, Quote
from tests.enrich.gold_score import same_speaker
from tests.enrich.gold_stories import GoldStory, gold_stories


@dataclass
class Pool:
    """Quotations of nearly one raw confidence."""

    upper: float
    right: int
    wrong: int

    @property
    def share(self) -> float:
        return (self.right + 1) / (self.right + self.wrong + 2)


def outcomes(stories: Sequence[GoldStory], analyser: Analyser) -> Iterator[tuple[float, bool]]:
    """The raw confidence of each named speaker whose quotation the gold has, and whether it is the right one."""
    results = analyser.analyse([Content(body=story.text, language="en") for story in stories])
    for story, result in zip(stories, results, strict=True):
        for quote in result.quotes:
            right = is_right(story, quote)
            if quote.speaker is not None and right is not None:
                yield quote.confidence, right


def is_right(story: GoldStory, quote: Quote) -> bool | None:
    """Whether the speaker is the gold's; ``None`` where the gold has no such quotation."""
    for gold in story.quotes:
        if gold.content[0] < quote.end and quote.start < gold.content[1]:
            return gold.speaker is not None and same_speaker(quote.speaker, story.text[slice(*gold.speaker)])
    return None


def pooled(found: Sequence[tuple[float, bool]]) -> list[Pool]:
    """Pools whose share of right names rises with the raw confidence."""
    pools: list[Pool] = []
    for raw in sorted({raw for raw, _ in found}):
        same = [right for one, right in found if one == raw]
        pools.append(Pool(raw, sum(same), len(same) - sum(same)))
        while len(pools) > 1 and pools[-2].share >= pools[-1].share:
            last = pools.pop()
            pools[-1] = Pool(last.upper, pools[-1].right + last.right, pools[-1].wrong + last.wrong)
    return pools


def main() -> None:
    # The rules' own numbers, and every name.
    named.calibrated, named.SPEAKER_NAMED_FROM = float, 0.0  # type: ignore[assignment,misc]
    data = Path(__file__).parents[3] / "shared" / "data"
    found = list(outcomes(gold_stories("dev", data), Analyser({"en": "en_wire"})))
    for pool in pooled(found):
        print(f"{pool.upper}\t{pool.share:.2f}\t# {pool.right} right, {pool.wrong} wrong")


if __name__ == "__main__":
    main()
