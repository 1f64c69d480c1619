"""docs/commands.md: every command with its arguments and options, from the command line itself."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin

import typer.main

_HEAD = """\
# Commands

Every command explains itself with `--help`. Exit codes: 0 done; 1 failed (the message says why and what to do); 2 wrong
usage or settings; 3 done, but something needs a person; 70 a worker stopped rather than lose data; 130 interrupted.

This page is generated from the command line by `python -m pipeline.cli.generate`.
"""


def commands_page() -> str:
    """The page: one section for each command, in the order of ``--help``."""
    from pipeline.cli.commands import app  # noqa: PLC0415 - commands.py imports modules that use this package

    root = typer.main.get_command(app)
    return "\n".join([_HEAD, *(_section(path, command) for path, command in _commands(root, ("wiredesk",)))])


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not hasattr(command, "commands"):
        yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, (*path, name))


def _section(path: tuple[str, ...], command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    usage = " ".join([*path, *(["[OPTIONS]"] if options else []), *map(_argument, arguments)])
    lines = [f"## {' '.join(path)}", "", command.help, "", f"    {usage}", ""]
    if arguments or options:
        lines += ["| | default | meaning |", "| --- | --- | --- |"]
        lines += [_row(_argument(one), one) for one in arguments]
        lines += [_row(_option(one), one) for one in options]
        lines.append("")
    return "\n".join(lines)


def _argument(parameter: Any) -> str:
    name = (parameter.metavar or parameter.name.strip("_").upper()).strip("[]")
    name += "..." if parameter.nargs == -1 else ""
    return name if parameter.required else f"[{name}]"


def _option(parameter: Any) -> str:
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    return names if getattr(parameter, "is_flag", False) else f"{names} {_kind(parameter)}"


def _kind(parameter: Any) -> str:
    """What an option takes: its choices, or NUMBER, PATH, TEXT."""
    annotation = parameter.type_descriptor.annotation
    annotation = get_args(annotation)[0] if get_origin(annotation) is list else annotation
    if issubclass(annotation, StrEnum):
        return "\\|".join(annotation)
    return "NUMBER" if annotation in {int, float} else "PATH" if annotation is Path else "TEXT"


def _row(name: str, parameter: Any) -> str:
    default = parameter.default
    shown = "" if default in {None, False, ""} or callable(default) else f"`{default}`"
    required = "required" if parameter.required else shown
    return f"| `{name}` | {required} | {(parameter.help or '').replace('|', '&#124;')} |"
