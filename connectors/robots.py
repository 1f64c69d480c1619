"""What a server's robots.txt allows (RFC 9309). Matching takes linear time, whatever the file says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: RFC 9309, 2.5: at least 500 KiB are to be read.
MAX_BYTES = 512_000
_MOST_RULES = 5_000


@dataclass(frozen=True)
class Robots:
    """The rules for one crawler.

    Attributes:
        rules: whether a path pattern is allowed.
        delay_seconds: between two requests, as ``Crawl-delay`` asks; 0: nothing is asked.
    """

    rules: tuple[tuple[str, bool], ...] = ()
    delay_seconds: float = 0.0

    def allows(self, path: str) -> bool:
        """Whether a path with its query may be fetched: the longest pattern decides, of equal ones the allowing one."""
        found = [(len(pattern), allow) for pattern, allow in self.rules if _matches(pattern, path)]
        return max(found, default=(0, True))[1]


NOTHING_ALLOWED = Robots((("/", False),))


def read_robots(data: bytes, agent: str) -> Robots:
    """The rules of a robots.txt for a crawler.

    Args:
        data: the file; what is longer than :data:`MAX_BYTES` is ignored.
        agent: product name of the crawler, such as ``wiredesk``.
    """
    groups = list(_groups(data[:MAX_BYTES].decode("utf-8", "replace")))
    own = [group for group in groups if agent.lower() in group[0]]
    lines = [line for _, body in own or [group for group in groups if "*" in group[0]] for line in body]
    rules = [(value, name == "allow") for name, value in lines if name != "crawl-delay" and value]
    delays = [_seconds(value) for name, value in lines if name == "crawl-delay"]
    return Robots(tuple(rules[:_MOST_RULES]), max(delays, default=0.0))


def _groups(text: str) -> Iterator[tuple[set[str], list[tuple[str, str]]]]:
    """Each group of lines with the crawlers that it is for."""
    agents: set[str] = set()
    body: list[tuple[str, str]] = []
    for line in text.splitlines():
        name, _, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if name == "user-agent":
            if body:
                yield agents, body
                agents, body = set(), []
            agents.add(value.partition("/")[0].lower())
        elif name in {"allow", "disallow", "crawl-delay"} and agents:
            body.append((name, value))
    yield agents, body


def _seconds(value: str) -> float:
    try:
        return max(0.0, min(float(value), 3600.0))
    except ValueError:
        return 0.0


def _matches(pattern: str, path: str) -> bool:
    """Whether a pattern with ``*`` and a final ``$`` matches the beginning of a path; finds each piece once."""
    whole = pattern.endswith("$")
    pieces: Sequence[str] = pattern.removesuffix("$").split("*")
    if not path.startswith(pieces[0]):
        return False
    place = len(pieces[0])
    if len(pieces) == 1:
        return not whole or place == len(path)
    for piece in pieces[1:-1]:
        place = path.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    if whole:
        return path.endswith(pieces[-1]) and len(path) - len(pieces[-1]) >= place
    return path.find(pieces[-1], place) >= 0
