"""When to poll next: a pure function of what the last poll returned.

Never sooner than the server asks (ttl, max-age, Retry-After, capped at a day), later after each failure, more or less
often with the share of new items, less often where parsing takes long, so that one feed takes no processor from the
others, and spread so that not all connectors poll at once.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Retry-After values of 88 hours exist; no server is left unpolled for longer than a day.
MAX_WAIT_SECONDS = 24 * 3600
#: Failures count 1 (permanent), 0.5 (likely to pass) or 0.25 (temporary); after so many the feed is polled daily.
GIVE_UP_FAILURES = 30
#: Of one processor, for parsing one feed: one whose answers take a second is polled every ten seconds at most.
MOST_SHARE = 0.1


@dataclass(frozen=True)
class PollFacts:
    """What one poll returned.

    Attributes:
        interval_seconds: as configured.
        previous_seconds: the interval in force before; ``None`` at the first poll.
        failures: failures in a row, weighted, this one included; 0 after a success.
        server_seconds: how long the server asks not to be polled (ttl, max-age, Retry-After); 0 if it does not say.
        parse_seconds: of processor time that the answer took to parse.
        items: items in the answer; 0 where nothing has changed.
        new_items: those of them not seen in earlier polls.
        adaptive: whether the interval follows the share of new items.
        jitter: share of the interval by which polls are spread.
    """

    interval_seconds: float
    previous_seconds: float | None = None
    failures: float = 0
    server_seconds: float = 0
    parse_seconds: float = 0
    items: int = 0
    new_items: int = 0
    adaptive: bool = True
    jitter: float = 0.1


def interval_after(facts: PollFacts) -> float:
    """The interval of this feed from now on, in seconds: between a quarter and four times the configured one."""
    if not facts.adaptive:
        return facts.interval_seconds
    current = facts.previous_seconds or facts.interval_seconds
    share = facts.new_items / facts.items if facts.items else 0.0
    if facts.failures == 0 and share > 0.5:
        current /= 1.5  # most of the feed is new: items may have been missed between two polls
    elif facts.failures == 0 and share == 0:
        current *= 1.1
    return min(max(current, facts.interval_seconds / 4), facts.interval_seconds * 4)


def next_wait(facts: PollFacts, interval_seconds: float, chance: float) -> float:
    """Seconds until the next poll.

    Args:
        facts: of the last poll.
        interval_seconds: from ``interval_after``.
        chance: a random number in [0, 1), passed in so that this is a pure function.
    """
    wait = interval_seconds
    if facts.failures >= GIVE_UP_FAILURES:
        wait = MAX_WAIT_SECONDS
    elif facts.failures > 0:
        wait *= 1 + facts.failures
    wait = min(max(wait, facts.server_seconds, facts.parse_seconds / MOST_SHARE), MAX_WAIT_SECONDS)
    # Only ever later: a spread to both sides would poll sooner than the server asks.
    return wait * (1 + facts.jitter * chance)
