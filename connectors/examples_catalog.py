"""Connectors that come with Wiredesk: files to copy, for public feeds as their publishers document them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connectors.config import load_connector
from pipeline.events.errors import ConfigurationError

EXAMPLES = Path(__file__).parent / "examples"


@dataclass(frozen=True)
class Example:
    """A connector to copy.

    Attributes:
        name: of the file, and of the connector.
        about: the comment at its beginning, on one line.
        provider: who sends it.
        parser: its format.
        path: the file.
    """

    name: str
    about: str
    provider: str
    parser: str
    path: Path


def examples() -> list[Example]:
    """All examples, by what they are and then by name."""
    found = []
    for path in sorted(EXAMPLES.glob("*.yaml")):
        lines = path.read_text(encoding="utf-8").splitlines()
        comment = lines[: next(number for number, line in enumerate(lines) if not line.startswith("#"))]
        about = " ".join(line.removeprefix("#").strip() for line in comment)
        config = load_connector(path)
        found.append(Example(path.stem, about, config.provider, config.parser, path))
    return sorted(found, key=lambda example: (example.about.partition(":")[0], example.name))


def copy_examples(names: list[str], directory: Path, *, replace: bool = False) -> list[Path]:
    """Copy examples into the directory of an installation's connectors.

    Args:
        names: of examples.
        directory: created if it does not exist.
        replace: overwrite existing files.

    Raises:
        ConfigurationError: there is no such example, or a file of that name exists; then none is copied.
    """
    known = {path.stem: path for path in EXAMPLES.glob("*.yaml")}
    for name in names:
        if name not in known:
            raise ConfigurationError(f"Unknown example {name!r}. List them: wiredesk connectors examples.")
        if (directory / f"{name}.yaml").exists() and not replace:
            raise ConfigurationError(
                f"A connector {name!r} exists already ({directory / f'{name}.yaml'}).", hint="--replace overwrites it."
            )
    directory.mkdir(parents=True, exist_ok=True)
    copied = []
    for name in names:
        target = directory / f"{name}.yaml"
        fresh = target.with_suffix(".part")
        fresh.write_bytes(known[name].read_bytes())
        copied.append(fresh.replace(target))
    return copied
