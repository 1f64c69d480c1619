"""The steps from the corpora to the pipeline. Each leaves its result in a working folder, where the next finds it."""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import numpy as np
import spacy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.training import Example
from spacy.vectors import Vectors
from thinc.api import Config, NumpyOps, fix_random_seed, set_current_ops

from pipeline.enrich.iob import GoldSentence
from pipeline.enrich.ner_scores import score_sentences
from pipeline.enrich.training import assemble, growth, named, syntax
from pipeline.enrich.training.conllu import Tree
from pipeline.enrich.training.loop import Plan, train
from pipeline.enrich.training.sentence import Sentence
from pipeline.enrich.training.spelling import varied
from pipeline.enrich.training.teacher import Teacher, TeacherPlan, cleaned
from pipeline.enrich.training.vocabulary import common_words
from pipeline.events.errors import ConfigurationError

CONFIG = Path(__file__).with_name("en_wire.cfg")
_NOISY = "gmb"
_SCORED = frozenset(("PERSON", "ORG", "GPE", "LOC"))


def read_config(file: Path = CONFIG) -> dict[str, Any]:
    """The configuration with its references filled in.

    Raises:
        ConfigurationError: the file is not there.
    """
    if not file.is_file():
        raise ConfigurationError(f"There is no configuration {file}.")
    return dict(Config().from_disk(file))


def _plan(kind: type[Any], section: dict[str, Any]) -> Any:
    wanted = {one.name for one in fields(kind)}
    return kind(**{name: value for name, value in section.items() if name in wanted})


def use_one_core() -> None:
    """Numpy's own products are faster than blis for these small networks (set OPENBLAS_NUM_THREADS=1 as well)."""
    set_current_ops(NumpyOps(use_blis=False))


def teach(data: Path, work: Path, config: dict[str, Any]) -> None:
    """Fine-tune the teacher; have it clean the noisy corpus and describe words: ``silver.pickle``, ``vectors.npz``."""
    section = config["teacher"]
    sentences = named.training_sentences(data)
    noisy = [sentence for sentence in sentences if sentence.source == _NOISY]
    careful = [sentence for sentence in sentences if sentence.source != _NOISY]
    teacher = Teacher(section["seed"])
    kept = work / "teacher.pt"
    if kept.is_file():
        teacher.load(kept)
    else:

        def drawn(chance: random.Random) -> list[Sentence]:
            mixed = with_fewer_plain(careful, chance, section["plain"]) + chance.sample(noisy, section["noisy"])
            return [varied(one, chance, rate=section["changed"]) for one in mixed]

        teacher.train(drawn, _plan(TeacherPlan, section))
        teacher.save(kept)
    words, vectors = teacher.word_vectors(
        common_words(sentences)[: section["words_seen"]], section["vector_words"], section["vector_width"], names=0.7
    )
    np.savez(work / "vectors.npz", words=np.array(words), vectors=vectors)
    noisy = _stretches(noisy, section["labelled"], random.Random(section["seed"]))
    silver = [
        cleaned(sentence, taught, certain, sure=section["sure"])
        for sentence, (taught, certain) in zip(noisy, teacher.label(noisy), strict=True)
    ]
    (work / "silver.pickle").write_bytes(pickle.dumps(silver))


def with_fewer_plain(sentences: list[Sentence], chance: random.Random, share: float) -> list[Sentence]:
    """All sentences that have names, and ``share`` of the others, drawn at random: they are many and teach little."""
    return [one for one in sentences if one.spans or chance.random() < share]


def _stretches(sentences: list[Sentence], count: int, chance: random.Random, length: int = 20) -> list[Sentence]:
    """About ``count`` sentences in stretches of neighbours, drawn at random."""
    starts = list(range(0, len(sentences), length))
    chosen = sorted(chance.sample(starts, min(len(starts), count // length)))
    return [one for start in chosen for one in sentences[start : start + length]]


def train_names(data: Path, work: Path, config: dict[str, Any]) -> float:
    """Train the name finder on the careful corpora and what the teacher made of the noisy one; without a teacher, on
    the noisy corpus as it is.

    Returns:
        F1 (0 to 1) on the dev sentences of the weights that are kept in ``work/names``.
    """
    section = config["names"]
    sentences = named.training_sentences(data)
    silver = work / "silver.pickle"
    noisy = [one for one in sentences if one.source == _NOISY]
    if silver.is_file():
        noisy = pickle.loads(silver.read_bytes())  # noqa: S301 - written by teach() a step before
    careful = [one for one in sentences if one.source != _NOISY]
    nlp = _blank(work)
    section["model"]["tok2vec"]["embed"]["include_static_vectors"] = _has_vectors(work)
    nlp.add_pipe("ner", config={"model": section["model"]})
    gold = [_gold(one) for one in named.dev_sentences(data)]

    def source(language: Language, chance: random.Random) -> Iterator[Example]:
        seen = with_fewer_plain(careful, chance, section["plain"]) + _stretches(noisy, section["noisy"], chance)
        return named.examples(language, seen, chance, rate=section["changed"], together=section["together"])

    best = train(nlp, source, lambda language: score_sentences(language, gold).exact["all"].f1, _plan(Plan, section))
    assemble.write(nlp, work / "names")
    return best


def _gold(sentence: Sentence) -> GoldSentence:
    spans = tuple(span for span in sentence.spans if span[2] in _SCORED)
    return GoldSentence(sentence.words, sentence.spaces, spans)


def _has_vectors(work: Path) -> bool:
    return (work / "vectors.npz").is_file()


def _blank(work: Path) -> Language:
    """An empty pipeline, with the teacher's view of words if there was a teacher."""
    nlp = spacy.blank("en")
    if _has_vectors(work):
        set_vectors(nlp, work / "vectors.npz")
    return nlp


def set_vectors(nlp: Language, file: Path) -> None:
    """Put the teacher's view of words into the vocabulary, found by their lower-case form."""
    held = np.load(file)
    keys = np.array([nlp.vocab.strings.add(str(word)) for word in held["words"]], dtype="uint64")
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings, data=held["vectors"].astype("float32"), keys=keys, name="en_wire", attr="LOWER"
    )


def train_syntax(data: Path, work: Path, config: dict[str, Any]) -> dict[str, float]:
    """Train tags, parts of speech and trees together, stage by stage, then lemmas, then all; the weights are kept in
    ``work/syntax``.

    Returns:
        The scores of the dev parts of EWT and GUM.
    """
    section = config["syntax"]
    trees, dev = syntax.read_trees(data, "train"), syntax.read_trees(data, "dev")
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": section["tok2vec"]})
    nlp.add_pipe("tagger", config={"model": section["tags"]})
    nlp.add_pipe("morphologizer", config={"model": section["tags"]})
    nlp.add_pipe("parser", config={"model": section["parser"], "min_action_freq": section["min_action_freq"]})
    for name in section["stages"]:
        begun, held = name != section["stages"][0], section[name].get("held", ())
        if section[name].get("wider"):
            nlp = _wider(nlp, trees, work, section)
        _train_trees(nlp, trees, dev, section[name], ("dep_las",), begun=begun, held=held)
    whole = with_lemmas(nlp, trees, dev, section)
    _train_trees(whole, trees, dev, section["together"], ("dep_las", "lemma_acc"), begun=True)
    assemble.write(whole, work / "syntax")
    return syntax.score(whole, dev)


def _wider(nlp: Language, trees: list[Tree], work: Path, section: dict[str, Any]) -> Language:
    """Go on with a shared layer that sees the teacher's vectors, and a parser that sees 13 words of its state, not 8."""
    section["tok2vec"]["embed"]["include_static_vectors"] = _has_vectors(work)
    section["parser"]["extra_state_tokens"] = True
    wide = _blank(work)
    fix_random_seed(0)
    growth.grow(nlp, wide, section, list(syntax.examples(wide, trees, random.Random(0), curly_rate=0.0)))
    return wide


def with_lemmas(tagged: Language, trees: list[Tree], dev: list[Tree], section: dict[str, Any]) -> Language:
    """A new pipeline: all that ``tagged`` has learnt, and a lemmatizer on its ``tok2vec``, which is held fast, so that
    the long list of endings costs the trees nothing.
    """
    learner, whole = spacy.blank("en"), spacy.blank("en")
    learner.vocab.vectors = whole.vocab.vectors = tagged.vocab.vectors
    learner.add_pipe("tok2vec", config={"model": section["tok2vec"]})
    learner.add_pipe("trainable_lemmatizer", config={"model": section["tags"], "top_k": 1, "min_tree_freq": 3})
    first = list(syntax.examples(learner, trees, random.Random(section["lemmas"]["seed"]), curly_rate=0.0))
    learner.initialize(lambda: first)
    learnt, source = (cast("TrainablePipe", nlp.get_pipe("tok2vec")) for nlp in (learner, tagged))
    learnt.from_bytes(source.to_bytes(exclude=["vocab"]), exclude=["vocab"])
    _train_trees(learner, trees, dev, section["lemmas"], ("lemma_acc",), begun=True, held=("tok2vec",))
    for name in (*tagged.pipe_names, "trainable_lemmatizer"):
        whole.add_pipe(name, source=learner if name == "trainable_lemmatizer" else tagged)
    return whole


def _train_trees(
    nlp: Language,
    trees: list[Tree],
    dev: list[Tree],
    stage: dict[str, Any],
    chosen_by: tuple[str, ...],
    *,
    begun: bool,
    held: Sequence[str] = (),
) -> None:
    def source(language: Language, chance: random.Random) -> Iterator[Example]:
        return syntax.examples(language, trees, chance, curly_rate=stage["curly"])

    def score(language: Language) -> float:
        scores = syntax.score(language, dev)
        return sum(scores[name] for name in chosen_by) / len(chosen_by)

    train(nlp, source, score, _plan(Plan, stage), begun=begun, held=held)


def measure(nlp: Language, data: Path) -> dict[str, Any]:
    """The scores of the test parts that the model card states (percentages)."""
    results: dict[str, Any] = {}
    gold = {
        "UNER-PUD": named.raw_sentences(data / "uner_pud" / "en_pud-ud-test.iob2"),
        "UNER-EWT test": named.raw_sentences(data / "uner_ewt" / "en_ewt-ud-test.iob2"),
        "GUM news": named.gum_news(data),
    }
    for name, sentences in gold.items():
        exact = score_sentences(nlp, [_gold(one) for one in sentences]).exact
        results[name] = {label: score.as_dict() for label, score in exact.items()}
    if "parser" in nlp.pipe_names:
        with nlp.select_pipes(disable=["ner"]):
            results["EWT test"] = _percent(syntax.score(nlp, syntax.ewt_trees(data, "test")))
            results["GUM test"] = _percent(syntax.score(nlp, syntax.gum_trees(data, "test")))
    return results


def _percent(scores: dict[str, float]) -> dict[str, float]:
    return {name: round(100 * value, 2) for name, value in scores.items()}


def printed(results: dict[str, Any]) -> str:
    """Results as JSON, to be read and to be kept."""
    return json.dumps(results, indent=1)
