"""Names against gold in CoNLL/IOB files. Gold words are taken as they are: the pipeline's tokenizer is not asked."""

from __future__ import annotations

from pathlib import Path

import spacy
from spacy.language import Language

from pipeline.enrich.analyse import Analyser
from pipeline.enrich.iob import GoldSentence, read_gold
from pipeline.enrich.models import model_path
from pipeline.enrich.ner_scores import LABELS, score_sentences
from pipeline.enrich.scores import LabelledSpan, Scores, Tally
from pipeline.events import Content, Enrichment
from pipeline.events.errors import ConfigurationError

_BATCH = 64  # sentences analysed together
_SUFFIXES = (".iob2", ".iob", ".conll", ".txt", ".bio")


def evaluate_ner(model: str | Path | Language, gold: Path) -> Scores:
    """Score a pipeline on one file or on all files of a folder.

    Args:
        model: a bundled or installed pipeline's name, its folder, or the loaded pipeline.
        gold: an IOB1/IOB2 file (word first or after a number, tag in one of the columns) or a folder of such files.

    Raises:
        ConfigurationError: there is no such model, or no sentence is in the gold.
    """
    sentences = _sentences(gold)
    return score_sentences(model if isinstance(model, Language) else load(model), sentences)


def _sentences(gold: Path) -> list[GoldSentence]:
    sentences = [sentence for file in _files(gold) for sentence in _read(file)]
    if not sentences:
        raise ConfigurationError(
            f"There are no gold sentences in {gold}.", hint="Name a CoNLL/IOB file or a folder of such files."
        )
    return sentences


def _read(file: Path) -> list[GoldSentence]:
    try:
        return list(read_gold(file))
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not UTF-8.", hint="Save it as UTF-8.") from error


def load(model: str | Path) -> Language:
    """The pipeline by its name: bundled ones first, then installed ones."""
    try:
        return spacy.load(model_path(str(model)) or model)
    except OSError as error:
        raise ConfigurationError(
            f"There is no spaCy pipeline named {model}.", hint="Use en_wire, or install the pipeline you named."
        ) from error


def _files(gold: Path) -> list[Path]:
    if gold.is_file():
        return [gold]
    if not gold.is_dir():
        raise ConfigurationError(
            f"There is no file or folder {gold}.", hint="Name a CoNLL/IOB file or a folder of such."
        )
    skipped = ("README", "LICENSE", "PROVENANCE")
    return sorted(
        file
        for file in gold.rglob("*")
        if file.suffix in _SUFFIXES and not file.name.upper().startswith(skipped) and file.is_file()
    )


def evaluate_extraction(model: str, gold: Path) -> Scores:
    """Score the names of the whole extraction: the pipeline with gazetteer and name rules, each sentence as a story.

    Args:
        model: a bundled or installed pipeline's name, or its folder.
        gold: as for ``evaluate_ner``.

    Raises:
        ConfigurationError: there is no such model, or no sentence is in the gold.
    """
    sentences = _sentences(gold)
    analyser = Analyser({"en": model})
    tally = Tally()
    for start in range(0, len(sentences), _BATCH):
        batch = sentences[start : start + _BATCH]
        placed = [_placed(sentence) for sentence in batch]
        results = analyser.analyse([Content(body=text, language="en") for text, _ in placed])
        for (_, wanted), result in zip(placed, results, strict=True):
            tally.add(wanted, _names(result))
    return tally.scores()


def _placed(sentence: GoldSentence) -> tuple[str, list[LabelledSpan]]:
    """The text of a sentence, and its gold names in characters."""
    text = ""
    places: list[tuple[int, int]] = []
    for word, space in zip(sentence.words, sentence.spaces, strict=True):
        places.append((len(text), len(text) + len(word)))
        text += word + (" " if space else "")
    return text, [(places[a][0], places[b - 1][1], LABELS[label]) for a, b, label in sentence.spans if label in LABELS]


def _names(result: Enrichment) -> list[LabelledSpan]:
    return [
        (mention.start, mention.end, LABELS[entity.label])
        for entity in result.entities
        if entity.label in LABELS
        for mention in entity.mentions
    ]
