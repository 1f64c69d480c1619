"""A drop folder: files put there are published and moved to ``done`` or ``failed``.

A file is claimed by renaming it into ``.work``: one process succeeds, the others find it gone. A file left there by a
crash is taken again by the next poll. Files still being written are left alone until they no longer change.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from connectors.transports.base import Payload, Poll, PollContext
from connectors.transports.files import file_payload
from pipeline.events import ConnectorState
from pipeline.settings import Section


class FolderTransport(Section):
    """Read files from a folder."""

    default_interval_seconds: ClassVar[float] = 2

    type: Literal["folder"]
    path: Path = Field(description="The folder. It is created if it does not exist.")
    pattern: str = Field("*", description="Which files, as a shell pattern.")
    rest_seconds: float = Field(1.0, ge=0, le=86_400, description="A file must not have changed for so many seconds.")
    charset: str | None = Field(None, description="Of the files, if not UTF-8.")
    content_type: str | None = Field(None, description="Of the files, for parser: auto.")
    keep_done: bool = Field(True, description="Move published files to done/; false: delete them.")
    max_files: int = Field(200, ge=1, description="At most so many files per poll.")

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """Read the files in the folder, oldest first."""
        try:
            if context.peek:
                taken = list(self._waiting())
            else:
                work = self._folder(".work")
                left_over = sorted((path for path in work.iterdir() if _is_file(path)), key=_changed)
                taken = [*left_over, *self._claim(work)]
        except OSError as error:
            return Poll(state, error=f"The folder {self.path} cannot be used: {error.strerror}.", weight=0.5)
        payloads: list[Payload] = []
        error_text = None
        for path in taken[: self.max_files]:
            if sum(len(payload.data) for payload in payloads) >= context.max_body_bytes:
                break  # the rest is read at the next poll
            try:
                payloads.append(self._payload(path, context.max_body_bytes))
            except OSError as error:
                error_text = f"The file {path} cannot be read: {error.strerror}."
        return Poll(state, payloads=tuple(payloads), error=error_text, weight=0.25, unchanged=not payloads)

    def _folder(self, name: str) -> Path:
        folder = self.path / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _waiting(self) -> Iterator[Path]:
        """Files that no longer change, oldest first. Symbolic links are not followed."""
        rested = time.time() - self.rest_seconds
        for path in sorted((found for found in self.path.glob(self.pattern) if _is_file(found)), key=_changed):
            if not path.name.startswith(".") and _changed(path) <= rested:
                yield path

    def _claim(self, work: Path) -> list[Path]:
        taken: list[Path] = []
        for path in self._waiting():
            if len(taken) == self.max_files:
                break
            target = _free(work / path.name)
            try:
                path.rename(target)
            except FileNotFoundError:
                continue  # another process was first
            taken.append(target)
        return taken

    def _payload(self, path: Path, max_bytes: int) -> Payload:
        payload = file_payload(path, max_bytes, self.content_type, self.charset, name=path.name)
        return replace(payload, settle=self._settler(path))

    def _settler(self, path: Path) -> Callable[[bool], None]:
        def settle(published: bool) -> None:
            if published and not self.keep_done:
                path.unlink(missing_ok=True)
            elif path.exists():
                path.replace(_free(self._folder("done" if published else "failed") / path.name))

        return settle


def _free(target: Path) -> Path:
    return target.with_name(f"{target.stem}.{time.time_ns()}{target.suffix}") if target.exists() else target


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _changed(path: Path) -> float:
    """When a file was last changed; a file that has just been removed counts as the newest."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
