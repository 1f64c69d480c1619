"""``wiredesk evaluate``: how good the pipeline is, against a gold standard.

Heavy imports are inside the functions, so that ``--help`` answers at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipeline.cli.console import console

if TYPE_CHECKING:
    from pipeline.enrich.scores import Score, Scores
    from pipeline.evaluate.quotes import RuleCounts

app = typer.Typer(
    no_args_is_help=True, help="Measure names and quotations against a gold standard: precision, recall and F1."
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command()
def ner(
    gold: Annotated[Path, typer.Option("--gold", help="CoNLL/IOB file, or folder of such files.")],
    model: Annotated[
        str, typer.Option("--model", help="Bundled or installed spaCy pipeline, or its folder.")
    ] = "en_wire",
    as_json: Json = False,
) -> None:
    """Score a pipeline's names: PERSON, ORG and LOC (GPE counts as LOC), on the words of the gold standard."""
    from pipeline.evaluate.ner import evaluate_ner  # noqa: PLC0415

    scores = evaluate_ner(model, gold)
    if as_json:
        typer.echo(json.dumps({"model": model, "gold": str(gold), **scores.as_dict()}, indent=1))
    else:
        _show(f"Names of {gold.name} by {model}", scores)


@app.command()
def quotes(
    gold: Annotated[Path, typer.Option("--gold", help="brat folder: .ann files, with their .txt files.")],
    texts: Annotated[
        Path | None, typer.Option("--texts", help="Folder of the .txt files. Default: that of --gold.")
    ] = None,
    model: Annotated[
        str, typer.Option("--model", help="spaCy pipeline that finds the names; speakers are scored then, too.")
    ] = "",
    by_rule: Annotated[bool, typer.Option("--by-rule", help="Count what each rule found.")] = False,
    as_json: Json = False,
) -> None:
    """Score quotations: their content by type and in all, sources and cues.

    Quotations are found by rules, which use no model. Who speaks is named with one (--model en_wire).
    """
    from pipeline.evaluate.quotes import evaluate_quotes  # noqa: PLC0415

    result = evaluate_quotes(gold, texts=texts, model=model or None)
    if as_json:
        plain = {name: scores.as_dict() for name, scores in result.scores.items()}
        left_out = [str(path) for path in result.without_text]
        head = {"gold": str(gold), "documents": result.documents, "without_text": left_out}
        rules = {name: asdict(counts) for name, counts in result.rules.items()}
        speakers = {"model": model, "speakers": asdict(result.speakers)} if result.speakers else {}
        typer.echo(json.dumps({**head, **plain, **speakers, "rules": rules}, indent=1))
        return
    for name, scores in result.scores.items():
        _show(f"Quotations of {gold.name}: {name.replace('_', ' ')}", scores)
    if by_rule:
        _show_rules(result.rules)
    if result.speakers:
        counts = result.speakers
        console.print(f"Speakers with {model}: {counts.right} of {counts.gold} right, {counts.wrong} wrong names.")
    console.print(f"{result.documents} documents.")
    if result.without_text:
        first = result.without_text[0].name
        console.print(f"Left out, because their text is missing: {len(result.without_text)} (the first: {first}).")


def _show_rules(rules: Mapping[str, RuleCounts]) -> None:
    table = Table(title="Content by rule")
    for column in ("Rule", "Found", "Exact", "In part", "Not in gold"):
        table.add_column(column, justify="left" if column == "Rule" else "right")
    for name, counts in rules.items():
        part, none = counts.overlap - counts.exact, counts.found - counts.overlap
        table.add_row(name, *map(str, (counts.found, counts.exact, part, none)))
    console.print(table)


def _show(title: str, scores: Scores) -> None:
    table = Table(title=title)
    table.add_column("Label")
    for kind in ("exact", "overlap"):
        for column in ("P", "R", "F1"):
            table.add_column(f"{column} {kind}", justify="right")
    table.add_column("Gold", justify="right")
    table.add_column("Found", justify="right")
    for label, exact in scores.exact.items():
        overlap = scores.overlap[label]
        table.add_row(label, *_cells(exact), *_cells(overlap), str(exact.gold), str(exact.system))
    console.print(table)


def _cells(score: Score) -> list[str]:
    return [f"{100 * value:.1f}" for value in (score.precision, score.recall, score.f1)]
