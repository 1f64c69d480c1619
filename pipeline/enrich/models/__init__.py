"""The pipelines that come with Wiredesk, by name."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def model_path(name: str) -> Path | None:
    """The folder of a bundled pipeline, to give to ``spacy.load``; ``None`` where there is none of that name."""
    folder = _HERE / name
    return folder if name.isidentifier() and (folder / "config.cfg").is_file() else None
