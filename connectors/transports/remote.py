"""Folders on other machines: which files to take, and which to clear away, as a pure function of two listings.

What was taken is remembered by name, size and time in the connector's state, which becomes durable only after the items
have. So a file is cleared away (deleted, moved) at the look after the one that took it, never before it is safe;
and one that stays is not taken again.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from connectors.transports.base import Payload
from pipeline.settings import Secret, Section

#: More files than this in one folder would make the connector's state too large to be a message.
MAX_LISTED = 10_000
#: A look ends after so long with what it has; the rest is taken at the next.
LOOK_SECONDS = 100


class RemoteFolder(Section):
    """What folders on other machines have in common."""

    host: str = Field(min_length=1, description="Name or address of the server.")
    username: str = Field(description="Whom to log in as.")
    password: Secret | None = Field(None, description="The password.")
    directory: str = Field(".", description="The folder to look into.")
    pattern: str = Field("*", description="Which files, as a shell pattern.")
    after: Literal["keep", "delete", "move"] = Field("keep", description="What becomes of files that were taken.")
    done_directory: str = Field("done", description="Where to with after: move; within the folder.")
    rest: bool = Field(True, description="Take a file only once two looks found it the same: it is then whole.")
    max_files: int = Field(100, ge=1, description="At most so many files a look.")
    charset: str | None = Field(None, description="Of the files, where it is not UTF-8.")
    content_type: str | None = Field(None, description="Of the files, for parser: auto.")
    allow_private_addresses: bool = Field(False, description="Allow loopback and private networks.")

    def payload(self, name: str, data: bytes) -> Payload:
        """A file as a payload."""
        return Payload(data, name, content_type=self.content_type, charset=self.charset)


@dataclass(frozen=True)
class Listed:
    """A file as the server lists it."""

    size: int
    modified: str

    @property
    def mark(self) -> str:
        """Tells a file from another that has taken its name."""
        return f"{self.modified}/{self.size}"


@dataclass(frozen=True)
class Memory:
    """What a connector remembers of the folder: files taken, and files only seen so far."""

    taken: Mapping[str, str]
    seen: Mapping[str, str]

    @classmethod
    def read(cls, cursor: str | None) -> Memory:
        """From the connector's state; what cannot be read counts as nothing."""
        try:
            kept = json.loads(cursor or "{}")
            return cls(dict(kept.get("taken", {})), dict(kept.get("seen", {})))
        except (ValueError, TypeError, AttributeError):
            return cls({}, {})

    def write(self) -> str:
        """For the connector's state."""
        return json.dumps({"taken": dict(self.taken), "seen": dict(self.seen)}, separators=(",", ":"))


@dataclass(frozen=True)
class Plan:
    """What to fetch, in this order, and what to clear away."""

    fetch: tuple[str, ...]
    clear: tuple[str, ...]


def plan(options: RemoteFolder, listing: Mapping[str, Listed], memory: Memory, *, peek: bool = False) -> Plan:
    """What to do with a listing."""
    fitting = {name: file for name, file in listing.items() if _usable(name) and fnmatch.fnmatch(name, options.pattern)}
    durable = [name for name, file in fitting.items() if memory.taken.get(name) == file.mark]
    waiting = [
        name
        for name, file in fitting.items()
        if memory.taken.get(name) != file.mark and (peek or not options.rest or memory.seen.get(name) == file.mark)
    ]
    waiting.sort(key=lambda name: (fitting[name].modified, name))
    return Plan(tuple(waiting[: options.max_files]), tuple(durable) if options.after != "keep" and not peek else ())


def remember(listing: Mapping[str, Listed], memory: Memory, fetched: set[str], cleared: set[str]) -> Memory:
    """What to remember after a look."""
    taken, seen = {}, {}
    for name, file in listing.items():
        if name in cleared or not _usable(name):
            continue
        if name in fetched or memory.taken.get(name) == file.mark:
            taken[name] = file.mark
        else:
            seen[name] = file.mark
    return Memory(taken, seen)


def _usable(name: str) -> bool:
    """A plain name: nothing that leads elsewhere or hides a command."""
    return bool(name) and not name.startswith(".") and "/" not in name and "\\" not in name and name.isprintable()
