"""The recipe from its first step to its last, on a few sentences of each corpus and with stages of one epoch."""

from __future__ import annotations

import gzip
import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import spacy
from thinc.api import Config, get_current_ops, set_current_ops

from pipeline.enrich.training.__main__ import VERSION, main
from pipeline.enrich.training.recipe import CONFIG
from pipeline.enrich.training.splits import gum_files

KINDS = ("bio", "news", "voyage")


@pytest.fixture
def corpora(shared_data: Path, tmp_path: Path) -> Path:
    """The beginnings of all files, in folders as the whole ones are."""
    whole, small = shared_data / "nlp", tmp_path / "corpora"
    for files in ("ud_ewt/*.conllu", "uner_ewt/*.iob2", "uner_pud/*.iob2", "wikigold/*.txt"):
        for file in whole.glob(files):
            _shortened(file, small / file.relative_to(whole), sentences=20)
    for file in sorted((whole / "re3d").glob("*/*.conll"))[:2]:
        _shortened(file, small / file.relative_to(whole), sentences=8)
    for part in ("train", "dev", "test"):
        files = gum_files(whole / "ud_gum", part)
        for kind in KINDS:
            file = next(one for one in files if f"_{kind}_" in one.name)
            _shortened(file, small / "ud_gum" / file.name, sentences=8)
    shutil.copy(whole / "ud_gum" / "splits.md", small / "ud_gum")
    with gzip.open(whole / "gmb" / "ner_dataset.csv.gz", "rb") as rows:
        (small / "gmb").mkdir()
        (small / "gmb" / "ner_dataset.csv.gz").write_bytes(gzip.compress(b"".join(itertools.islice(rows, 600))))
    return small


def _shortened(file: Path, to: Path, sentences: int) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    parts = file.read_text(encoding="utf-8").split("\n\n")
    to.write_text("\n\n".join(parts[:sentences]) + "\n\n", encoding="utf-8")


def _short(config: Config) -> Config:
    trees = config["syntax"]
    for stage in (config["names"], *(trees[name] for name in trees["stages"]), trees["lemmas"], trees["together"]):
        stage["epochs"] = 1
    return config


@pytest.fixture
def _other_tests_keep_their_ops() -> Iterator[None]:
    ops = get_current_ops()
    yield
    set_current_ops(ops)


@pytest.mark.shared
@pytest.mark.usefixtures("_other_tests_keep_their_ops")
def test_from_the_corpora_to_a_pipeline_that_loads(corpora, tmp_path):
    work, out, stages = tmp_path / "work", tmp_path / "out", tmp_path / "short.cfg"
    work.mkdir()
    words = np.array(["the", "russia", "obama"])
    np.savez(work / "vectors.npz", words=words, vectors=np.eye(3, 32, dtype="float32"))
    _short(Config().from_disk(CONFIG)).to_disk(stages)
    main(data=corpora, work=work, out=out, with_teacher=False, fresh=False, config=stages)
    nlp = spacy.load(out)
    assert nlp.meta["version"] == VERSION
    assert nlp.pipe_names == ["tok2vec", "tagger", "morphologizer", "parser", "trainable_lemmatizer", "ner"]
    doc = nlp("Obama met the Russians in Oslo.")
    assert doc.has_annotation("DEP")
    assert all(word.tag_ and word.pos_ and word.lemma_ for word in doc)
    assert nlp.vocab.vectors.shape == (3, 32)
    scores = json.loads((work / "scores.json").read_text(encoding="utf-8"))
    assert scores.keys() == {"UNER-PUD", "UNER-EWT test", "GUM news", "EWT test", "GUM test"}
