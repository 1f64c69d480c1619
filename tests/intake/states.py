"""The local state of intake, without its store."""

from __future__ import annotations


class States:
    """The local state of intake, in memory."""

    def __init__(self) -> None:
        self.known: dict[bytes, bytes] = {}

    async def store(self, _: int) -> States:
        return self

    def get(self, key: bytes) -> bytes | None:
        return self.known.get(key)

    def written(self, _: int, entries: list[tuple[bytes, bytes]], __: list[int]) -> None:
        self.known.update(entries)
