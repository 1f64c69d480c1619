"""Folders on other machines: which files to fetch, and which to delete or move, as pure functions of two listings.

Fetched files are remembered by name, size and time in the connector's state, which becomes durable only after the items
have. So a file is deleted or moved by the poll after the one that fetched it, never before it is safe; a file that
stays is not fetched again.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from pydantic import Field

from connectors.transports.base import Payload
from pipeline.settings import Secret, Section

#: More files in one folder would make the connector's state too large for a message.
MAX_LISTED = 10_000


class RemoteFolder(Section):
    """Options that folders on other machines have in common."""

    host: str = Field(min_length=1, description="Name or address of the server.")
    username: str = Field(description="User to log in as.")
    password: Secret | None = Field(None, description="The password.")
    directory: str = Field(".", description="The folder to read.")
    pattern: str = Field("*", description="Which files, as a shell pattern.")
    after: Literal["keep", "delete", "move"] = Field("keep", description="What to do with files that were published.")
    done_directory: str = Field("done", description="Where after: move puts files; within the folder.")
    rest: bool = Field(
        True, description="Fetch a file only once its size and time are equal in two polls: it is complete."
    )
    max_files: int = Field(100, ge=1, description="At most so many files per poll.")
    charset: str | None = Field(None, description="Of the files, if not UTF-8.")
    content_type: str | None = Field(None, description="Of the files, for parser: auto.")
    allow_private_addresses: bool = Field(False, description="Allow loopback and private networks.")

    @staticmethod
    def too_many(folder: str) -> str:
        """The error of a folder with more files than can be remembered."""
        return f"{folder} holds more than {MAX_LISTED:,} files. Set after: delete or after: move, or remove old files."

    def payload(self, name: str, data: bytes) -> Payload:
        """A file as a payload."""
        return Payload(data, name, content_type=self.content_type, charset=self.charset)


@dataclass(frozen=True)
class RemoteFile:
    """A file as the server lists it."""

    size: int
    modified: str

    @property
    def mark(self) -> str:
        """Distinguishes a file from another of the same name."""
        return f"{self.modified}/{self.size}"


@dataclass(frozen=True)
class Memory:
    """What a connector remembers of the folder.

    Attributes:
        taken: marks of fetched files, by name.
        seen: marks of files listed but not fetched yet, by name.
    """

    taken: Mapping[str, str]
    seen: Mapping[str, str]

    @classmethod
    def read(cls, cursor: str | None) -> Memory:
        """Read from the connector's state; empty if it cannot be read."""
        try:
            kept = json.loads(cursor or "{}")
            return cls(dict(kept.get("taken", {})), dict(kept.get("seen", {})))
        except (ValueError, TypeError, AttributeError):
            return cls({}, {})

    def write(self) -> str:
        """As text for the connector's state."""
        return json.dumps({"taken": dict(self.taken), "seen": dict(self.seen)}, separators=(",", ":"))


@dataclass(frozen=True)
class Plan:
    """What to fetch, in this order, and what to delete or move."""

    fetch: tuple[str, ...]
    clear: tuple[str, ...]


def plan(options: RemoteFolder, listing: Mapping[str, RemoteFile], memory: Memory, *, peek: bool = False) -> Plan:
    """Decide what to fetch and what to delete or move.

    Args:
        options: of the transport.
        listing: the files in the folder now, by name.
        memory: of earlier polls.
        peek: ignore whether files are complete, delete and move nothing.
    """
    fitting = {name: file for name, file in listing.items() if _usable(name) and fnmatch.fnmatch(name, options.pattern)}
    durable = [name for name, file in fitting.items() if memory.taken.get(name) == file.mark]
    waiting = [
        name
        for name, file in fitting.items()
        if memory.taken.get(name) != file.mark and (peek or not options.rest or memory.seen.get(name) == file.mark)
    ]
    waiting.sort(key=lambda name: (fitting[name].modified, name))
    return Plan(tuple(waiting[: options.max_files]), tuple(durable) if options.after != "keep" and not peek else ())


def remember(listing: Mapping[str, RemoteFile], memory: Memory, fetched: set[str], cleared: set[str]) -> Memory:
    """What to remember after a poll.

    Args:
        listing: the files in the folder, by name.
        memory: of earlier polls.
        fetched: names of files fetched now.
        cleared: names of files deleted or moved now.
    """
    taken, seen = {}, {}
    for name, file in listing.items():
        if name in cleared or not _usable(name):
            continue
        if name in fetched or memory.taken.get(name) == file.mark:
            taken[name] = file.mark
        else:
            seen[name] = file.mark
    return Memory(taken, seen)


def with_cursors(
    payloads: list[Payload], listing: Mapping[str, RemoteFile], memory: Memory, cleared: set[str]
) -> tuple[tuple[Payload, ...], str]:
    """The files that were fetched, each with the cursor before it, and the cursor after all of them.

    Args:
        payloads: named like the files, in the order in which they were fetched.
        listing: the files in the folder, by name.
        memory: of earlier polls.
        cleared: names of files deleted or moved now.
    """
    names = [payload.name for payload in payloads]

    def cursor(count: int) -> str:
        return remember(listing, memory, set(names[:count]), cleared).write()

    marked = (replace(payload, cursor_before=partial(cursor, count)) for count, payload in enumerate(payloads))
    return tuple(marked), cursor(len(names))


def _usable(name: str) -> bool:
    """Whether a name is safe to use in paths and commands."""
    return bool(name) and not name.startswith(".") and "/" not in name and "\\" not in name and name.isprintable()
