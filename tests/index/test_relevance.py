"""Whether searches bring the right stories first: 45 searches with graded stories, nDCG@10 on the real Elasticsearch.

The corpus is real and invented news side by side: 24 Wikinews stories, the stories of the demonstration, and some from
the Groningen Meaning Bank, about conflicts that resemble each other. Grades: 3 what one wants, 1 touches on it.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.config import ConnectorConfig
from connectors.reading import read_payload
from connectors.transports.base import Payload
from pipeline.events import Cluster, Content, EnrichedStory
from pipeline.index.search import Query, search
from pipeline.local.demo.serve import SAMPLES
from tests.indices import made_indices, write_stories

pytestmark = [pytest.mark.stack, pytest.mark.shared]

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: Where a story begins in the first two hundred sentences of the Groningen Meaning Bank.
GMB_BEGINS = (0, 7, 13, 18, 22, 28, 34, 40, 45, 51, 57, 63, 79, 86, 91, 98, 106, 113, 119, 125, 131, 138, 143, 148, 154,
              159, 167, 172, 181, 188, 195, 200)  # fmt: skip

GRADES: dict[str, dict[str, int]] = {
    "scientology": {"gum-hackers": 3, "gum-defector": 3, "gum-imprisoned": 3},
    "woman imprisoned by scientology": {"gum-imprisoned": 3, "gum-defector": 1},
    "scientology website attack": {"gum-hackers": 3},
    "asylum seekers indonesia": {"gum-asylum": 3},
    "uk asylum questionnaire": {"gum-questionnaire": 3},
    "asylum": {"gum-asylum": 3, "gum-questionnaire": 3},
    "hajj stampede": {"gum-stampede": 3},
    "mecca": {"gum-crane": 3, "gum-stampede": 3},
    "crane collapse": {"gum-crane": 3},
    "north korea artillery": {"gum-korea": 3},
    "kim jong-un": {"gum-korea": 3},
    "new zealand flag": {"gum-flag": 3},
    "internet explorer": {"gum-ie9": 3},
    "space shuttle anniversary": {"gum-nasa": 3},
    "iodine deficient children": {"gum-iodine": 3},
    "homeopathy trial": {"gum-homeopathic": 3},
    "world cup sweden": {"gum-soccer": 3},
    "who won the hong kong election": {"gum-election": 3},
    "warhol photographs": {"gum-warhol": 3},
    "global warming crops": {"gum-warming": 3},
    "afghan girls robotics": {"gum-afghan": 3},
    "lantern festival": {"gum-lanterns": 3},
    "worship of ancient gods in greece": {"gum-worship": 3},
    "religious schools taxes": {"gum-taxes": 3},
    "sensitive document canada": {"gum-sensitive": 3},
    "kestovia rail": {"quillon-0001": 3, "b-9001": 3, "h-501": 3, "quillon-0021": 3, "talvek-0110": 3},
    "storm odile": {"quillon-0012": 3, "b-9004": 3, "quillon-0022": 3},
    "power cut kestovia": {"quillon-0012": 3, "b-9004": 3, "quillon-0022": 1},
    "marsh fever": {"quillon-0007": 3, "b-9003": 3, "h-505": 3},
    "ossel water treaty": {"quillon-0013": 3, "b-9005": 3, "04-summit": 1},
    "norvaine health secretary": {"talvek-0107": 3, "quillon-0015": 1},
    "lantern motors plant": {"quillon-0005": 3},
    "car plant": {"quillon-0005": 3, "gmb-167": 3},
    "wolves haldermoor": {"quillon-0016": 3, "b-9006": 3},
    "bridge collapse": {"talvek-0101": 3},
    "earthquake": {"talvek-0106": 3, "gmb-195": 1},
    "bird flu vietnam": {"gmb-119": 3},
    "vioxx": {"gmb-172": 3},
    "pakistani militants killed": {"gmb-98": 3, "gmb-45": 1},
    "somalia": {"gmb-18": 3, "gmb-125": 3, "gmb-91": 3, "gmb-195": 1},
    "cold weather moscow": {"gmb-113": 3},
    "israeli army gaza": {"gmb-159": 3, "gmb-138": 1},
    "inflation": {"quillon-0017": 3, "quillon-0002": 3},
    "nuclear": {"gmb-143": 3, "gmb-51": 3, "gmb-7": 3},
    "harvest": {"bc-ardelle-wine": 3, "h-502": 3},
    "strike -israeli": {"quillon-0015": 3, "quillon-0005": 3},
}


def story(story_id: str, headline: str, body: str, **more: Any) -> EnrichedStory:
    killed = more.pop("killed", False)
    return EnrichedStory(
        story_id=story_id, provider="Test", item_id=story_id, index_version=1, version_rank=1,
        first_seen=NOON, first_created=NOON, version_created=NOON, received=NOON, killed=killed,
        content=Content(headline=headline, body=body, language="en", **more), cluster=Cluster(cluster_id=story_id),
    )  # fmt: skip


def wikinews(data: Path) -> Iterator[EnrichedStory]:
    for path in sorted((data / "nlp" / "ud_gum").glob("GUM_news_*.conllu")):
        lines = re.findall(r"^# text = (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        yield story("gum-" + path.stem.removeprefix("GUM_news_"), lines[0], " ".join(lines[1:]))


def meaning_bank(data: Path) -> Iterator[EnrichedStory]:
    """Stories without headlines: their first words stand in for one."""
    sentences: list[list[str]] = []
    with gzip.open(data / "nlp" / "gmb" / "ner_dataset.csv.gz", "rt", encoding="latin-1") as lines:
        for row in csv.DictReader(lines):
            if row["Sentence #"]:
                sentences.append([])
            if len(sentences) > GMB_BEGINS[-1]:
                break
            sentences[-1].append(row["Word"])
    for begin, end in itertools.pairwise(GMB_BEGINS):
        text = [" ".join(words) for words in sentences[begin:end]]
        yield story(f"gmb-{begin}", " ".join(sentences[begin][:9]), " ".join(text))


def samples() -> Iterator[EnrichedStory]:
    config = ConnectorConfig.model_validate(
        {"name": "demo", "provider": "Demo", "transport": {"type": "folder", "path": "."}}
    )
    newest: dict[str, EnrichedStory] = {}
    for path in [*(SAMPLES / f"{name}.xml" for name in ("rss", "rss-2", "atom", "copies")), *sorted((SAMPLES / "text").glob("*"))]:  # fmt: skip
        payload = Payload(path.read_bytes(), path.name)
        for raw in read_payload(payload, config, now=NOON, max_body_bytes=10**6, max_original_bytes=10**5).items:
            name = path.stem if raw.id_kind == "hash" else raw.item_id.rpartition(":")[2]
            body = raw.item.body_text or ""
            killed = body.startswith("Please do not use")
            newest[name] = story(name, raw.item.headline or "", body, slugline=raw.item.slugline, killed=killed)
    yield from newest.values()


@pytest.fixture(scope="module")
def rankings(stack: Any, shared_data: Path) -> Iterator[dict[str, list[str]]]:
    with made_indices(stack.elasticsearch) as (settings, client):
        stories = [*wikinews(shared_data), *samples(), *meaning_bank(shared_data)]
        assert len(stories) == 24 + 22 + 8 + 6 + 8 + 31
        write_stories(settings, *stories)
        yield {
            words: [hit.story_id for hit in search(client, settings, Query(words=words, size=10)).hits]
            for words in GRADES
        }


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) with the gain 2^grade - 1."""

    def gain(found: Sequence[int]) -> float:
        return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(found[:depth]))

    return gain([grades.get(name, 0) for name in ranking]) / gain(sorted(grades.values(), reverse=True))


def test_the_right_stories_come_first(rankings: dict[str, list[str]]) -> None:
    scores = {words: ndcg(ranking, GRADES[words]) for words, ranking in rankings.items()}
    worst = sorted(scores.items(), key=lambda pair: pair[1])[:8]
    mean = sum(scores.values()) / len(scores)
    print(f"nDCG@10 {mean:.3f} over {len(scores)} searches; worst: {worst}")
    assert len(scores) >= 40
    assert mean >= 0.85
    assert worst[0][1] > 0.3, f"nothing of use for {worst[0][0]}: {rankings[worst[0][0]]}"


def test_searches_do_not_drag_in_the_rest(rankings: dict[str, list[str]]) -> None:
    found = sum(len(ranking) for ranking in rankings.values())
    wanted = sum(len(set(ranking) & set(GRADES[words])) for words, ranking in rankings.items())
    print(f"{wanted} of {found} results are graded")
    assert wanted / found >= 0.6


def test_the_measure_itself() -> None:
    assert ndcg(["a", "b"], {"a": 3, "b": 1}) == 1
    assert ndcg(["x", "a"], {"a": 3}) == pytest.approx(1 / math.log2(3))
    assert ndcg([], {"a": 3}) == 0
