"""Names against gold in CoNLL/IOB files. Gold words are taken as they are: the pipeline's tokenizer is not asked."""

from __future__ import annotations

from pathlib import Path

import spacy
from spacy.language import Language

from pipeline.enrich.iob import read_gold
from pipeline.enrich.models import model_path
from pipeline.enrich.ner_scores import score_sentences
from pipeline.enrich.scores import Scores
from pipeline.events.errors import ConfigurationError

_SUFFIXES = (".iob2", ".iob", ".conll", ".txt", ".bio")


def evaluate_ner(model: str | Path | Language, gold: Path) -> Scores:
    """Score a pipeline on one file or on all files of a folder.

    Args:
        model: a bundled or installed pipeline's name, its folder, or the loaded pipeline.
        gold: an IOB1/IOB2 file (word first or after a number, tag in one of the columns) or a folder of such files.

    Raises:
        ConfigurationError: there is no such model, or no sentence is in the gold.
    """
    nlp = model if isinstance(model, Language) else load(model)
    sentences = [sentence for file in _files(gold) for sentence in read_gold(file)]
    if not sentences:
        raise ConfigurationError(
            f"There are no gold sentences in {gold}.", hint="Name a CoNLL/IOB file or a folder of such files."
        )
    return score_sentences(nlp, sentences)


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
