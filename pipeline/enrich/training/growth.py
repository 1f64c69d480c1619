"""What a trained parser has learnt, in a wider one: it sees the same at first, and what is new learns in later stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.training import Example
from thinc.api import Model

#: Where spaCy's parser with 13 words of its state in view has the 8 words that the smaller one sees.
_SEEN_BEFORE = (0, 1, 2, 3, 4, 7, 5, 6)


def grow(learnt: Language, wide: Language, section: dict[str, Any], examples: Sequence[Example]) -> None:
    """Fill ``wide`` with components that give the same answers as those of ``learnt`` and have room to learn more.

    Args:
        learnt: tok2vec, tagger, morphologizer and parser, the parser with 8 words of its state in view; not to be used
            any more, as its tagger and morphologizer go over to ``wide``.
        wide: an empty pipeline. What the new tok2vec makes of its vectors, if it has any, counts for nothing yet.
        section: the configuration of ``tok2vec``, and of a ``parser`` with 13 words in view.
        examples: what shapes the new layers.
    """
    learnt.vocab.vectors = wide.vocab.vectors  # which it does not use; spaCy warns where they differ
    shared: Any = wide.add_pipe("tok2vec", config={"model": section["tok2vec"]})
    shared.initialize(lambda: examples, nlp=wide)
    for name in ("tagger", "morphologizer"):
        wide.add_pipe(name, source=learnt)
    parser: Any = wide.add_pipe(
        "parser", config={"model": section["parser"], "min_action_freq": section["min_action_freq"]}
    )
    before: Any = learnt.get_pipe("parser")
    parser.initialize(lambda: examples, nlp=wide, labels=before.label_data)
    if parser.move_names != before.move_names:
        raise ValueError("The two parsers' moves are not in one order.")
    seen: Any = learnt.get_pipe("tok2vec")
    _take(shared.model, seen.model)
    _take(parser.model, before.model)


def _take(wide: Model[Any, Any], learnt: Model[Any, Any]) -> None:
    """Take all weights, layer by layer; weights of what the learnt layers do not see are nought."""
    new, old = ([node for node in model.walk(order="dfs_pre") if _counts(node)] for model in (wide, learnt))
    for into, source in zip(new, old, strict=True):
        for name in source.param_names:
            weights = source.get_param(name)
            into.set_param(name, _widened(weights, into.get_param(name).shape, name, into.name))


def _counts(node: Model[Any, Any]) -> bool:
    return bool(node.param_names) and node.name != "static_vectors"


def _widened(weights: Any, shape: tuple[int, ...], name: str, layer: str) -> Any:
    wide = np.zeros(shape, dtype=weights.dtype)
    if weights.shape == shape:
        wide[...] = weights
    elif layer == "precomputable_affine":
        wide[(slice(None),) * (name == "pad") + (list(_SEEN_BEFORE),)] = weights
    else:  # the layer that mixes what is known of a word: vectors come last
        wide[..., : weights.shape[-1]] = weights
    return wide
