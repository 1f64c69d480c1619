"""What a rebuild is asked to do, and what it did."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.index.generations import Progress


@dataclass(frozen=True)
class RebuildOptions:
    """Options of a rebuild.

    Attributes:
        fresh: start again even if an unfinished rebuild could continue.
        allow_refused: move the aliases although the server refused some stories.
        keep_days: leave out stories first seen earlier than so many days ago.
        drop_old: delete the old generations at the end.
        grace_seconds: time for running searches before an old generation is deleted.
        save_seconds: how often progress is stored.
    """

    fresh: bool = False
    allow_refused: bool = False
    keep_days: float | None = None
    drop_old: bool = False
    grace_seconds: float = 5.0
    save_seconds: float = 2.0


@dataclass(frozen=True)
class Rebuilt:
    """The result of a rebuild."""

    indices: tuple[str, ...]
    resumed: bool
    progress: Progress
    seconds: float
    old: tuple[str, ...]
    dropped: bool
