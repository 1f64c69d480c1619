"""A drop folder: files put there are taken, published, and moved to ``done`` or ``failed``.

A file is taken by renaming it into ``.work`` (one process gets it, the others find it gone). A crash leaves it there,
and the next look takes it again. Files still being written are left alone until their size has rested.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import Field

from connectors.transports.base import Payload, Poll, Surroundings
from pipeline.events import ConnectorState
from pipeline.settings import Section


class FolderTransport(Section):
    """Take files from a folder."""

    type: Literal["folder"]
    path: Path = Field(description="The folder. It is made if it does not exist.")
    pattern: str = Field("*", description="Which files, as a shell pattern.")
    rest_seconds: float = Field(1.0, ge=0, description="A file must not have changed for so long.")
    charset: str | None = Field(None, description="Of the files, where it is not UTF-8.")
    content_type: str | None = None
    keep_done: bool = Field(True, description="Move files to done/; otherwise they are deleted.")
    max_files: int = Field(200, ge=1, description="At most so many files a look.")

    def poll(self, state: ConnectorState, around: Surroundings) -> Poll:
        """Take the files that are there, oldest first."""
        try:
            work = self._folder(".work")
            names = [*self._left_over(work), *self._claim(work)]
        except OSError as error:
            return Poll(state, error=f"The folder {self.path} cannot be used: {error.strerror}.", weight=0.5)
        payloads = tuple(self._payload(path, around.max_body_bytes) for path in names[: self.max_files])
        return Poll(state, payloads=payloads, unchanged=not payloads)

    def _folder(self, name: str) -> Path:
        folder = self.path / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _left_over(self, work: Path) -> list[Path]:
        """What a crashed process had taken: files in ``.work`` that no running process holds."""
        return sorted((path for path in work.iterdir() if path.is_file()), key=_age)

    def _claim(self, work: Path) -> list[Path]:
        rested = time.time() - self.rest_seconds
        taken = []
        for path in sorted((found for found in self.path.glob(self.pattern) if found.is_file()), key=_age)[
            : self.max_files
        ]:
            if path.name.startswith(".") or _age(path) > rested:
                continue
            target = work / path.name
            if target.exists():
                target = work / f"{path.stem}.{time.time_ns()}{path.suffix}"
            try:
                path.rename(target)
            except FileNotFoundError:
                continue  # another process was first
            taken.append(target)
        return taken

    def _payload(self, path: Path, max_bytes: int) -> Payload:
        with path.open("rb") as file:
            # One byte more than allowed tells the caller that it is too large, without reading all of it.
            data = file.read(max_bytes + 1)
        return Payload(
            data, path.name, content_type=self.content_type, charset=self.charset, settle=self._settler(path)
        )

    def _settler(self, path: Path) -> Callable[[bool], None]:
        def settle(published: bool) -> None:
            if published and not self.keep_done:
                path.unlink(missing_ok=True)
                return
            folder = self._folder("done" if published else "failed")
            target = folder / path.name
            if target.exists():
                target = folder / f"{path.stem}.{time.time_ns()}{path.suffix}"
            if path.exists():
                path.replace(target)

        return settle


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
