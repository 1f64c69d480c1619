"""What the tests of the recipes share: are the commands, settings and schemas in them real?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import typer
from ruamel.yaml import YAML

from pipeline.cli.commands import app
from pipeline.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def check_command(arguments: list[str]) -> None:
    """Every word is a command, an option or an argument that ``wiredesk`` takes."""
    command: Any = typer.main.get_command(app)
    rest = list(arguments)
    while hasattr(command, "commands"):
        if not rest and command.invoke_without_command:
            return
        assert rest, f"{command.name} alone does nothing"
        assert rest[0] in command.commands, f"wiredesk has no command {rest[0]}"
        command = command.commands[rest.pop(0)]
    options = {name for parameter in command.params for name in parameter.opts}
    for word in rest:
        if word.startswith("-"):
            assert word in options, f"{command.name} has no option {word}"
    command.make_context("wiredesk", rest, resilient_parsing=False)


def settings_from(environment: dict[str, Any], path: Path | None = None) -> Settings:
    """The settings that a file and an environment give; unknown ones are errors."""
    values = {name: str(value) for name, value in environment.items()}
    for name in values:
        if name.startswith("WIREDESK_") and "__" in name:
            section = name.removeprefix("WIREDESK_").split("__")[0].lower()
            assert section in Settings.model_fields, name
    return load_settings(path, values)


def schema_errors(schema: str, path: Path) -> str:
    """What check-jsonschema says about a file; empty where it follows the schema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
