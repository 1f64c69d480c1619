"""``wiredesk languages``: what stories in each language get, and installing spaCy pipelines.

Heavy imports are inside the functions, so that ``--help`` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import ConfigOption, JsonOption, begin, console
from pipeline.events.errors import ConfigurationError

if TYPE_CHECKING:
    from pipeline.enrich.pipelines import LanguageState

app = typer.Typer(invoke_without_command=True, help="What stories in each language get; install pipelines for more.")


@app.callback()
def show(context: typer.Context, as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show for each language which pipeline reads it, whether that is installed, and what it gives.

    Without a pipeline a story has its countries and large cities, and its words are found in any grammatical form where
    the server has an analyzer for its language.
    """
    if context.invoked_subcommand is not None:
        return
    import json  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    from rich.table import Table  # noqa: PLC0415

    from pipeline.enrich.pipelines import language_states  # noqa: PLC0415
    from pipeline.index.analyzers import analyzers  # noqa: PLC0415

    settings = begin(config, level="warning")
    states = language_states(settings.enrich.models)
    searched = {"en": "english", **analyzers()}
    if as_json:
        found = [{**asdict(state), "analyzer": searched.get(state.language)} for state in states]
        console.print(json.dumps(found), highlight=False, markup=False, soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False)
    for name in ("LANGUAGE", "PIPELINE", "STATE", "GIVES"):
        table.add_column(name, overflow="fold")
    for state in states:
        package = state.pipeline or (state.release.package if state.release else None)
        if package:
            table.add_row(state.language, package, _state(state), ", ".join(state.gives))
    console.print(table)
    others = " ".join(state.language for state in states if not state.pipeline and not state.release)
    for line in (
        "",
        f"Places only: {others}",
        f"Words in any grammatical form: {' '.join(sorted(searched))}",
        "Install a pipeline: wiredesk languages install de fr",
    ):
        console.print(line, highlight=False, soft_wrap=True)


def _state(state: LanguageState) -> str:
    if state.pipeline:
        return "in use" if state.installed else "not installed"
    return "installed, not used" if state.installed else "can be installed"


@app.command()
def install(
    languages: Annotated[list[str], typer.Argument(help="Codes such as de fr; see wiredesk languages.")],
    folder: Annotated[
        Path | None, typer.Option("--from", help="A folder with the wheels, for machines without the internet.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Install spaCy's own pipelines of the version that fits, each checked against its known checksum.

    Packages with such names in a package index (de-core-news-md) are not made by spaCy's makers: do not install those.
    """
    from pipeline.enrich.pipelines import fetch, install, installed_version, releases  # noqa: PLC0415

    settings = begin(config, level="warning")
    unknown = [language for language in languages if language not in releases()]
    if unknown:
        raise ConfigurationError(
            f"No release is known for {', '.join(unknown)}; known are {', '.join(sorted(releases()))}.",
            hint="Any spaCy pipeline that you install yourself can be named in enrich.models.",
        )
    lines = []
    for language in languages:
        release = releases()[language]
        if installed_version(release.package) == release.version:
            console.print(f"{release.package} {release.version} is installed.", highlight=False)
        else:
            console.print(f"Fetching {release.wheel} ({release.size / 1e6:.0f} MB) …", highlight=False, soft_wrap=True)
            install(release, fetch(release, folder))
            console.print(f"Installed {release.package} {release.version}, licence {release.licence}.", highlight=False)
        if settings.enrich.models.get(language) != release.package:
            lines.append(f"    {language}: {release.package}")
    if lines:
        console.print("Use it: set in config/wiredesk.yaml and restart the workers:\n", highlight=False)
        models = [f"    {code}: {name}" for code, name in settings.enrich.models.items() if code not in languages]
        console.print("\n".join(["enrich:", "  models:", *models, *lines]), highlight=False, markup=False)
