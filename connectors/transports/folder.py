"""A drop folder: files put there are published and moved to ``done`` or ``failed``.

A file is claimed by renaming it into ``.work``: one process succeeds, the others find it gone. A file left there by a
crash is taken again by the next poll. Files still being written are left alone until they no longer change.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from connectors.transports.base import Payload, Poll, PollContext
from connectors.transports.files import file_payload
from pipeline.events import ConnectorState
from pipeline.settings import Section

#: Files being written whose size is remembered; of more, the others wait longer.
_MAX_MARKS = 10_000


class FolderTransport(Section):
    """Read files from a folder."""

    default_interval_seconds: ClassVar[float] = 2

    type: Literal["folder"]
    path: Path = Field(description="The folder. It is created if it does not exist.")
    pattern: str = Field("*", description="Which files, as a shell pattern.")
    rest_seconds: float = Field(
        1.0, ge=0, le=86_400, description="A file must not have changed for so long; 0: take it at once."
    )
    charset: str | None = Field(None, description="Of the files, if not UTF-8.")
    content_type: str | None = Field(None, description="Of the files, for parser: auto.")
    keep_done: bool = Field(True, description="Move published files to done/; false: delete them.")
    max_files: int = Field(200, ge=1, description="At most so many files per poll.")

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """Read the files in the folder, oldest first."""
        try:
            complete, marks = self._complete(_kept(state.cursor))
            if context.peek:
                taken = complete
            else:
                work = self._folder(".work")
                left_over = sorted((path for path in work.iterdir() if _is_file(path)), key=_changed)
                taken = [*left_over, *self._claim(work, complete)]
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
        kept = state.model_copy(update={"cursor": json.dumps(marks) if marks else None})
        return Poll(kept, payloads=tuple(payloads), error=error_text, weight=0.25, unchanged=not payloads)

    def _folder(self, name: str) -> Path:
        folder = self.path / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _complete(self, before: dict[str, str]) -> tuple[list[Path], dict[str, str]]:
        """The files that are complete, oldest first, and the marks of the others. Symbolic links are not followed.

        A file is complete once it has not changed for ``rest_seconds`` and either no process has it open for writing,
        where the file system can tell, or its size and time are those of the poll before.
        """
        complete: list[Path] = []
        marks: dict[str, str] = {}
        rested = time.time() - self.rest_seconds
        for path in sorted((found for found in self.path.glob(self.pattern) if _is_file(found)), key=_changed):
            if path.name.startswith("."):
                continue
            mark, written = _mark(path), None
            if _changed(path) <= rested:
                written = self.rest_seconds > 0 and is_being_written(path)
                if written is False or (written is None and before.get(path.name) == mark):
                    complete.append(path)
                    continue
            if len(marks) < _MAX_MARKS:
                marks[path.name] = mark
        return complete, marks

    def _claim(self, work: Path, complete: list[Path]) -> list[Path]:
        taken: list[Path] = []
        for path in complete[: self.max_files]:
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


def _mark(path: Path) -> str:
    """Size and time of a file; empty if it has just been removed."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return ""
    return f"{status.st_size}/{status.st_mtime_ns}"


def _kept(cursor: str | None) -> dict[str, str]:
    try:
        kept = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def is_being_written(path: Path) -> bool | None:
    """Whether a process has a file open for writing; ``None`` where that cannot be told.

    Linux grants a read lease (fcntl(2), F_SETLEASE) on a local file only if nobody has it open for writing.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return None
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return None  # a network file system, or a file of another user
    return False
