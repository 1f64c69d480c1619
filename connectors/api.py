"""What a parser or transport of another package may import; everything else may change without notice.

A parser is a module with ``FIELDS``, ``looks_like`` and ``parse`` (:class:`Parser`), registered by the entry points
``wiredesk.parsers``. A transport is a :class:`Section` with ``type``, its options and ``poll`` (:class:`Transport`), or
``receive`` in addition if items are sent to it (:class:`PushTransport`), registered by ``wiredesk.transports``.

    Parser, ParseContext, Parsed, FeedFacts                   what a parser gets and returns
    Item, Author, Link, Media, Reference, Subject, Signal     an item and its parts, named as in ninjs and NewsML-G2
    RejectedItem, ParseError                                  a part that is not an item; input that is not the format
    Transport, PollContext, Poll, ConnectorState              what a transport gets and returns
    Payload, Piece                                            bytes that arrived, and a part of them
    PushTransport, Push, Answer                               transports that receive requests
    Section, Secret, ConfigurationError                       options of a transport, and errors in them
"""

from __future__ import annotations

from connectors.parsers import Parser
from connectors.transports.base import Payload, Piece, Poll, PollContext, Transport
from connectors.transports.push import Answer, Push, PushTransport
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError, ParseError
from pipeline.events.item import (
    Author,
    FeedFacts,
    Item,
    Link,
    Media,
    ParseContext,
    Parsed,
    Reference,
    RejectedItem,
    Signal,
    Subject,
)
from pipeline.settings import Secret, Section

__all__ = [
    "Answer",
    "Author",
    "ConfigurationError",
    "ConnectorState",
    "FeedFacts",
    "Item",
    "Link",
    "Media",
    "ParseContext",
    "ParseError",
    "Parsed",
    "Parser",
    "Payload",
    "Piece",
    "Poll",
    "PollContext",
    "Push",
    "PushTransport",
    "Reference",
    "RejectedItem",
    "Secret",
    "Section",
    "Signal",
    "Subject",
    "Transport",
]
