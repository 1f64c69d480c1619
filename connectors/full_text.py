"""The full text of the page behind an item's link, for connectors that ask for it.

Only new items are completed, once, in front of publishing: what decides whether an item is new is the feed's own text.
Pages are fetched like feeds (addresses checked at each redirect, limits of time and size), without the connector's
credentials, as robots.txt allows, one at a time a host with a pause, and are read in the parsers' processes.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import structlog

from connectors.config import ConnectorConfig, connector_of_options
from connectors.parse_pool import PayloadParser
from connectors.robots import MAX_BYTES, NOTHING_ALLOWED, Robots, read_robots
from connectors.safety import ForbiddenAddressError, check_url
from connectors.transports.base import Poll, PollContext
from connectors.transports.credentials import same_origin
from connectors.transports.http import HttpTransport
from pipeline.broker.killable import NotStartedError, OverrunError
from pipeline.broker.monitoring import metrics
from pipeline.events import ConnectorState, RawItem
from pipeline.events.errors import ParseError, UnreachableError
from pipeline.events.item import Item, Link
from pipeline.settings.redaction import redact

log = structlog.get_logger("wiredesk.connectors")

#: Relation of the link that says: the body is the text of this page, the description is the feed's own text.
FULL_TEXT = "full-text"

_AGENT = "wiredesk"
_PAGE_BYTES = 3 * 1024 * 1024
_PAGE_SECONDS = 15.0
#: All pages of one poll take no longer than this; what is left keeps the feed's text.
_POLL_SECONDS = 60.0
#: Between two requests to a host; a robots.txt may ask for more, up to the second.
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 10.0
#: Without Retry-After a host that answers 429 or 503 is left alone for so long.
_REFUSED_SECONDS = 300.0
#: A host whose page took the parser more than it may is left alone for so long.
_OVERRUN_SECONDS = 3600.0
_ROBOTS_SECONDS = 3600.0
_MOST_HOSTS, _MOST_TEXTS, _MOST_CHARS = 1000, 200, 100_000
#: A page's text replaces the feed's only if it is at least so much longer: else it is a teaser, or the same text.
_LONGER = 1.2
_REFUSED = re.compile(r"answers (?:429|503)\b")
_NO_ROBOTS = re.compile(r"answers 4(?!29)\d\d\b")


class Hosts:
    """What is known of hosts and pages, for all connectors of a process; bounded."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._next: OrderedDict[str, float] = OrderedDict()
        self._robots: OrderedDict[str, tuple[float, Robots]] = OrderedDict()
        self._texts: OrderedDict[str, Item] = OrderedDict()

    def reserve(self, host: str, pause: float, longest_wait: float) -> float | None:
        """Seconds until this host may be asked; ``None`` if that is too long."""
        with self._lock:
            now = self._clock()
            at = max(now, self._next.get(host, 0.0))
            if at - now > longest_wait:
                return None
            _keep(self._next, host, at + pause, _MOST_HOSTS)
            return at - now

    def leave_alone(self, host: str, seconds: float) -> None:
        """Ask this host nothing for so long."""
        with self._lock:
            _keep(self._next, host, self._clock() + seconds, _MOST_HOSTS)

    def robots(self, origin: str) -> Robots | None:
        """The rules of an origin, if they are known and not too old."""
        with self._lock:
            at, rules = self._robots.get(origin, (float("-inf"), None))
            return rules if self._clock() - at < _ROBOTS_SECONDS else None

    def keep_robots(self, origin: str, rules: Robots) -> None:
        """Remember the rules of an origin."""
        with self._lock:
            _keep(self._robots, origin, (self._clock(), rules), _MOST_HOSTS)

    def text(self, link: str) -> Item | None:
        """What a page was read as, if it was read lately."""
        with self._lock:
            return self._texts.get(link)

    def keep_text(self, link: str, page: Item) -> None:
        """Remember what a page was read as, if it is not too long."""
        if len(page.body_text or "") + len(page.body_html or "") <= _MOST_CHARS:
            with self._lock:
                _keep(self._texts, link, page, _MOST_TEXTS)


def _keep(cache: OrderedDict[str, Any], key: str, value: object, most: int) -> None:
    cache[key] = value
    cache.move_to_end(key)
    while len(cache) > most:
        cache.popitem(last=False)


HOSTS = Hosts()


class FullText:
    """Completes the new items of one poll.

    Args:
        config: the connector; it has ``full_text``.
        context: of the poll.
        parser: reads the pages.
        stopping: ends the waiting for a host.
        hosts: shared by the process.
    """

    def __init__(
        self,
        config: ConnectorConfig,
        context: PollContext,
        parser: PayloadParser,
        stopping: threading.Event,
        hosts: Hosts = HOSTS,
    ) -> None:
        assert config.full_text is not None
        self._config, self._parser, self._stopping, self._hosts = config, parser, stopping, hosts
        self._context = replace(context, max_body_bytes=min(_PAGE_BYTES, context.max_body_bytes), peek=True)
        self._left = config.full_text.pages_per_poll
        self._end = time.monotonic() + _POLL_SECONDS
        self._page = connector_of_options("page", "-", parser="page")

    def complete(self, raw: RawItem) -> RawItem:
        """The item with the text of its page, or as it is where that cannot be had or is no longer than its own."""
        item = raw.item
        if not item.link or item.pubstatus != "usable" or item.type not in {"text", "composite"}:
            return raw
        try:
            check_url(item.link)
            page, why = self._text(item.link, self._context.now)
        except (UnreachableError, NotStartedError):
            raise
        except ForbiddenAddressError:
            page, why = None, "failed"
        except Exception:  # an error here costs the text of the page, never the item
            log.exception("full_text_failed", connector=self._config.name, url=redact(item.link))
            page, why = None, "failed"
        if page is not None:
            completed = with_page(item, page)
            why = "taken" if completed is not item else "not_longer"
            raw = raw.model_copy(update={"item": completed})
        metrics.FULL_TEXTS.labels(self._config.name, why).inc()
        if why not in {"taken", "not_longer"}:
            log.info("full_text_not_taken", connector=self._config.name, reason=why, url=redact(item.link))
        return raw

    def _text(self, link: str, now: datetime) -> tuple[Item | None, str]:
        """What the page says, or why it was not read."""
        kept = self._hosts.text(link)
        if kept is not None:
            return kept, ""
        if self._left <= 0:
            return None, "limit"
        self._left -= 1
        poll, why = self._allowed(link)
        payload = poll.payloads[0] if poll and poll.payloads else None
        if payload is None:
            return None, why
        if not (payload.content_type or "").lower().startswith(("text/html", "application/xhtml+xml")):
            return None, "no_page"
        try:
            reading = self._parser.parse(payload, self._page, now)
        except ParseError as error:
            if isinstance(error.__cause__, OverrunError):
                self._hosts.leave_alone(urlsplit(link).hostname or "", _OVERRUN_SECONDS)
            return None, "no_article"
        page = reading.items[0].item
        self._hosts.keep_text(link, page)
        return page, ""

    def _allowed(self, link: str) -> tuple[Poll | None, str]:
        """The answer for a page, if robots.txt of its host, and of the host that it redirects to, allow it."""
        rules = self._robots(link)
        if rules is None:
            return None, "limit"
        if not rules.allows(_path(link)):
            return None, "robots"
        poll = self._fetch(link, rules.delay_seconds)
        if poll is None:
            return None, "limit"
        if poll.error or not poll.payloads:
            return None, "failed"
        final = poll.payloads[0].url or link
        if _origin(final) != _origin(link):
            rules = self._robots(final)
            if rules is None or not rules.allows(_path(final)):
                return None, "robots"
        return poll, ""

    def _robots(self, link: str) -> Robots | None:
        """The rules of a link's host; ``None`` if they cannot be had in time."""
        origin = _origin(link)
        known = self._hosts.robots(origin)
        if known is not None:
            return known
        poll = self._fetch(f"{origin}/robots.txt", 0.0)
        if poll is None:
            return None
        if poll.error:
            # RFC 9309, 2.3.1: what is not there allows everything, a server that fails allows nothing.
            rules = Robots() if _NO_ROBOTS.search(poll.error) else NOTHING_ALLOWED
        else:
            data = poll.payloads[0].data if poll.payloads else b""
            rules = read_robots(data[:MAX_BYTES], _AGENT)
        self._hosts.keep_robots(origin, rules)
        return rules

    def _fetch(self, url: str, delay_seconds: float) -> Poll | None:
        """The answer of an address; ``None`` if its host may not be asked in time."""
        host = urlsplit(url).hostname or ""
        pause = min(max(_PAUSE_SECONDS, delay_seconds), _LONGEST_PAUSE_SECONDS)
        wait = self._hosts.reserve(host, pause, self._end - time.monotonic())
        if wait is None or self._stopping.wait(wait):
            return None
        own = self._config.transport if isinstance(self._config.transport, HttpTransport) else None
        options = {"proxy": own.proxy, "ca_file": own.ca_file, "user_agent": own.user_agent} if own else {}
        # Private addresses only where the feed itself is at that host: links of a feed are from outside.
        private = own is not None and own.allow_private_addresses and same_origin(url, own.url)
        try:
            transport = HttpTransport(
                type="http", url=url, allow_private_addresses=private, sitemaps=0, timeout_seconds=_PAGE_SECONDS
            ).model_copy(update=options)
        except ValueError as error:
            return Poll(ConnectorState(connector="page"), error=f"{redact(url)}: {error}", weight=1)
        poll = transport.poll(ConnectorState(connector="page"), self._context)
        if poll.error and _REFUSED.search(poll.error):
            self._hosts.leave_alone(host, poll.wait_seconds or _REFUSED_SECONDS)
        return poll


def with_page(item: Item, page: Item) -> Item:
    """An item with the text of its page as its body, and the feed's own text as its description.

    The item itself if the page has no more to say. A link with the relation ``full-text`` says whose text the body is.
    """
    own = [text for text in (item.description, item.body_text) if text]
    if len(own) == 2 and own[0] in own[1]:
        del own[0]
    if len(page.body_text or "") < _LONGER * max((len(text) for text in own), default=0):
        return item
    said = Link(rel=FULL_TEXT, href=item.link, title="The text is of this page; the description is the feed's own")
    return item.model_copy(
        update={
            "body_text": page.body_text,
            "body_html": page.body_html,
            "description": "\n\n".join(own) or None,
            "links": (*item.links, said),
            "dateline": item.dateline or page.dateline,
            "located": item.located or page.located,
        }
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
