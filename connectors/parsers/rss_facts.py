"""What an RSS or Atom feed says about itself and about how often it may be asked."""

from __future__ import annotations

import re
from typing import Any

from connectors.markup import to_text
from pipeline.events.item import FeedFacts

_UPDATE_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
#: One feed in use asks to be read every two minutes; nobody gains by that.
_LEAST_TTL_SECONDS = 600
_WEEK_SECONDS = 604_800
_TEXTS = ("title", "language", "rights", "link")
_DURATION = re.compile(r"\A(\d{1,6}(?::\d{1,2}){0,2})(?:\.\d{1,9})?\Z", re.ASCII)


def read_facts(feed: Any) -> FeedFacts:
    """What ``feedparser`` found in the head of a feed."""
    about = feed.feed
    # An element of such a name that is not one of the format leaves its attributes there instead.
    written = {name: value for name in _TEXTS if isinstance(value := about.get(name), str)}
    found = about.get("links")
    links = {link.get("rel"): link.get("href") for link in found} if isinstance(found, list) else {}
    return FeedFacts(
        title=to_text(written.get("title", "")).strip() or None,
        language=written.get("language") or None,
        rights=to_text(written.get("rights", "")).strip() or None,
        link=written.get("link") or None,
        format=feed.get("version") or None,
        ttl_seconds=_ttl(about),
        hub=links.get("hub"),
        self_link=links.get("self"),
        next_link=links.get("next"),
    )


def _ttl(about: Any) -> int | None:
    """How often the feed asks to be read: RSS ``ttl`` in minutes, else the syndication module's period."""
    ttl = str(about.get("ttl", ""))
    if ttl.isdigit():
        return max(int(ttl) * 60, _LEAST_TTL_SECONDS)
    period = _UPDATE_PERIODS.get(str(about.get("sy_updateperiod", "")).strip().lower())
    if period is None:
        return None
    frequency = str(about.get("sy_updatefrequency", "1")).strip()
    return max(period // max(int(frequency) if frequency.isdigit() else 1, 1), _LEAST_TTL_SECONDS)


def read_duration(written: Any) -> int | None:
    """Seconds of a duration: ``750``, ``12:30`` or ``1:02:30``; ``None`` for anything else and over a week."""
    found = _DURATION.match(str(written or "").strip())
    if found is None:
        return None
    seconds = 0
    for part in found[1].split(":"):
        seconds = seconds * 60 + int(part)
    return seconds if 0 < seconds <= _WEEK_SECONDS else None
