"""``wiredesk init``: the files that an installation begins with, from the package itself."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.cli.console import console
from pipeline.events.errors import ConfigurationError
from pipeline.settings.reference import default_yaml


def example(name: Literal["connector", "alert", "operations"]) -> str:
    """An example of a file that people write, with comments."""
    return (files("pipeline.cli") / "examples" / f"{name}.yaml").read_text(encoding="utf-8")


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where to write. Made if it does not exist.", show_default="here")
    ] = Path(),
) -> None:
    """Write config/wiredesk.yaml with every setting, an example connector and two example alerts.

    Existing files are left unchanged.
    """
    wanted = {
        "config/wiredesk.yaml": default_yaml(),
        "config/connectors/example.yaml": example("connector"),
        "config/alerts/example.yaml": example("alert"),
        "config/alerts/operations.yaml": example("operations"),
    }
    for name, text in wanted.items():
        _show(directory / name, written=_write(directory / name, text))
    go = "" if directory == Path() else f"cd {directory}\n  "
    console.print(
        f"\nNext:\n  {go}wiredesk stack start    (or name your servers in config/wiredesk.yaml)\n"
        "  wiredesk connectors new NAME --from URL\n  wiredesk up",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip


def _write(path: Path, text: str) -> bool:
    """Write a file that does not exist yet; whether it was written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        if path.is_file():
            return False
        raise ConfigurationError(f"Cannot write {path}: a file or directory is in the way.") from None
    except OSError as error:
        raise ConfigurationError(f"Cannot write {path}: {error.strerror}.", hint="Choose another directory.") from error
    return True


def _show(path: Path, *, written: bool) -> None:
    what = "written  " if written else "unchanged (exists already)  "
    console.print(f"{what}{path}", highlight=False, markup=False, soft_wrap=True)
