"""Names against gold in CoNLL/IOB files. Gold words are taken as they are: the pipeline's tokenizer is not asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.models import model_path
from pipeline.errors import ConfigurationError
from pipeline.evaluate.scores import LabelledSpan, Scores, Tally

#: The labels that are scored, by what corpora and pipelines call them. Countries and cities count as places.
LABELS = {
    **dict.fromkeys(("PER", "PERSON", "per", "Person"), "PERSON"),
    **dict.fromkeys(("ORG", "org", "Organisation", "organization"), "ORG"),
    **dict.fromkeys(("LOC", "GPE", "geo", "Location", "place"), "LOC"),
}
_SUFFIXES = (".iob2", ".iob", ".conll", ".txt", ".bio")


@dataclass(frozen=True)
class GoldSentence:
    """Words as the corpus has them and the names in them."""

    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    spans: tuple[LabelledSpan, ...]


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


def score_sentences(nlp: Language, sentences: list[GoldSentence]) -> Scores:
    """Score on gold sentences; components other than the name finder and what it listens to are not run."""
    needed = {"ner", "tok2vec", "transformer", "entity_ruler", "span_ruler"}
    tally = Tally()
    with nlp.select_pipes(enable=[name for name in nlp.pipe_names if name in needed or name.startswith("ner")]):
        docs = (Doc(nlp.vocab, words=list(s.words), spaces=list(s.spaces)) for s in sentences)
        for sentence, doc in zip(sentences, nlp.pipe(docs, batch_size=64), strict=True):
            found = [(ent.start, ent.end, LABELS[ent.label_]) for ent in doc.ents if ent.label_ in LABELS]
            tally.add([(a, b, LABELS[label]) for a, b, label in sentence.spans if label in LABELS], found)
    return tally.scores()


def read_gold(file: Path) -> Iterator[GoldSentence]:
    """Sentences of an IOB file; ``# text =`` lines, where there are some, tell the spaces."""
    words: list[str] = []
    tags: list[str] = []
    text = ""
    for line in [*file.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("# ") and "=" in line:
            name, _, value = line[2:].partition("=")
            text = value.strip() if name.strip() == "text" else text
        elif line.strip() and not line.startswith("-DOCSTART-"):
            word, tag = _columns(line)
            words.append(word)
            tags.append(tag)
        elif words:
            yield GoldSentence(tuple(words), tuple(spaces_in(text, words)), tuple(spans_of(tags)))
            words, tags, text = [], [], ""


_TAG = re.compile(r"O|[BIES]-\S+")


def _columns(line: str) -> tuple[str, str]:
    fields = line.split("\t") if "\t" in line else line.split()
    numbered = len(fields) > 2 and fields[0].isdigit()
    word, rest = (fields[1], fields[2:]) if numbered else (fields[0], fields[1:])
    tags = [field for field in rest if _TAG.fullmatch(field)]
    return word, (tags[0] if numbered else tags[-1]) if tags else "O"


def spaces_in(text: str, words: Iterable[str]) -> list[bool]:
    """Which words a space follows in the text they were taken from; a word not found is followed by one."""
    spaces: list[bool] = []
    at = 0
    for word in words:
        found = text.find(word, at)
        at = found + len(word) if found >= 0 else at
        spaces.append(found < 0 or at >= len(text) or text[at].isspace())
    return spaces


def spans_of(tags: list[str]) -> list[LabelledSpan]:
    """Spans of IOB1 or IOB2 tags; an ``I-`` after another label begins a span (CoNLL-2000, -2003)."""
    spans: list[LabelledSpan] = []
    start, label = 0, ""
    for at, tag in enumerate([*tags, "O"]):
        kind, _, name = tag.partition("-")
        if label and (kind != "I" or name != label):
            spans.append((start, at, label))
            label = ""
        if name and not label:
            start, label = at, name
    return spans


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
