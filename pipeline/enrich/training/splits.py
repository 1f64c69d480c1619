"""The official parts of GUM: ``splits.md`` next to the data lists its documents under ``## train``, ``## dev``, ``## test``."""

from __future__ import annotations

from pathlib import Path


def gum_files(folder: Path, part: str) -> list[Path]:
    """The files of one part, in the order of their names; documents whose text is not openly licensed are absent."""
    current = ""
    names: list[str] = []
    for line in (folder / "splits.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            current = line[3:].strip()
        elif current == part and line.strip().startswith("* "):
            names.append(line.strip()[2:])
    return [file for name in sorted(names) if (file := folder / f"{name}.conllu").is_file()]
