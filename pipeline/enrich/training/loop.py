"""The training loop: examples in, the best of the averaged weights out. Seeded; one core."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spacy.language import Language
from spacy.pipeline._edit_tree_internals.edit_trees import EditTrees
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

#: A source of examples: called anew, with its own random numbers, for every epoch.
Source = Callable[[Language, random.Random], Iterator[Example]]


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train. ``batch_words`` are words a step, ``rate`` Adam's first step size,
    ``max_seconds`` of processor time (0: no limit).
    """

    seed: int
    epochs: int
    batch_words: int
    dropout: float
    rate: float
    evaluations_per_epoch: int
    max_seconds: float = 0.0
    #: The step size falls to nought and starts anew so often (warm restarts, Loshchilov and Hutter 2017).
    rounds: int = 1


def train(
    nlp: Language,
    source: Source,
    score: Callable[[Language], float],
    plan: Plan,
    *,
    begun: bool = False,
    held: Sequence[str] = (),
) -> float:
    """Train ``nlp`` in place and leave it with the weights that scored best; the step size falls linearly to nought.

    Args:
        nlp: the pipeline; every trainable component that is enabled learns, unless it is held.
        source: makes the examples of an epoch.
        score: how good the pipeline is; higher is better.
        plan: how long and how fast.
        begun: go on with the weights that ``nlp`` has.
        held: components that do not learn; the others get what they make. Of those that share a layer, hold none or
            the layer itself: spaCy teaches it when the last of them has learnt.

    Returns:
        The best score.
    """
    fix_random_seed(plan.seed)
    chance = random.Random(plan.seed)
    first = list(source(nlp, random.Random(plan.seed)))
    if not begun:
        nlp.initialize(lambda: first)
    for name in held:
        for listener in getattr(nlp.get_pipe(name), "listeners", ()):
            listener.receive(None, None, None)  # an earlier stage's last batch, which it would wait for
    words = sum(len(example.x) for example in first)
    steps = plan.epochs * words // plan.batch_words
    every = max(1, words // plan.batch_words // plan.evaluations_per_epoch)
    optimizer = Adam(plan.rate, L2=0.01, L2_is_weight_decay=True, grad_clip=1.0, use_averages=True)
    best, weights, step, began = -1.0, b"", 0, time.process_time()
    losses: dict[str, float] = {}
    examples = first
    while step < steps:
        chance.shuffle(examples)
        for batch in _batches(examples, plan.batch_words):
            gone = step / steps
            if plan.max_seconds:
                gone = max(gone, (time.process_time() - began) / plan.max_seconds)
            if gone >= 1:
                step = steps
                break
            optimizer.learn_rate = plan.rate * min(1.0, (step + 1) / 200) * (1 - gone * plan.rounds % 1)
            nlp.update(batch, drop=plan.dropout, sgd=optimizer, losses=losses, exclude=held, annotates=held)
            step += 1
            if step % every == 0:
                best, weights = _kept(
                    nlp, optimizer, score, best, weights, f"{step}/{steps} {gone:.2f} {losses}", began
                )
                losses = {}
        if step < steps:
            examples = list(source(nlp, random.Random(chance.random())))
    best, weights = _kept(nlp, optimizer, score, best, weights, "end", began)
    _restore(nlp, weights)
    return best


def _restore(nlp: Language, weights: bytes) -> None:
    """Take the weights; the lemmatizer would add its edit trees to those it has, and no longer know their labels."""
    if "trainable_lemmatizer" in nlp.pipe_names:
        lemmatizer: Any = nlp.get_pipe("trainable_lemmatizer")
        lemmatizer.trees = EditTrees(nlp.vocab.strings)
    nlp.from_bytes(weights)


def _batches(examples: list[Example], words: int) -> Iterator[list[Example]]:
    batch: list[Example] = []
    size = 0
    for example in examples:
        batch.append(example)
        size += len(example.x)
        if size >= words:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _kept(
    nlp: Language,
    optimizer: Any,
    score: Callable[[Language], float],
    best: float,
    weights: bytes,
    at: str,
    began: float,
) -> tuple[float, bytes]:
    with nlp.use_params(optimizer.averages):
        result = score(nlp)
        print(f"{time.process_time() - began:6.0f} s  {at}  score {result:.4f}", flush=True)
        if result > best:
            return result, nlp.to_bytes(exclude=["vocab", "tokenizer"])
    return best, weights
