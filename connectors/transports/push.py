"""Pushed payloads: the request, the answer, and checking the sender.

A transport that receives pushes has ``receive``: from a request to an answer with or without a payload. It does not
know servers and sockets; ``connectors/receiver.py`` is the server.
"""

from __future__ import annotations

import hashlib
import hmac
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from connectors.transports.base import Payload

#: A shorter secret or token of a sender could be guessed.
MIN_SECRET_CHARS = 16

Algorithm = Literal["sha256", "sha384", "sha512", "sha1"]


@dataclass(frozen=True)
class Push:
    """A request: header names are in lower case."""

    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """The answer to send once the payload, if any, is durable.

    Attributes:
        status: HTTP status.
        text: the answer's body.
        payload: what to publish.
        always: send this status even if the payload cannot be parsed.
        note: for the log.
    """

    status: int
    text: str = ""
    payload: Payload | None = None
    always: bool = False
    note: str | None = None


@runtime_checkable
class PushTransport(Protocol):
    """A transport that receives pushes."""

    def check_headers(self, push: Push, name: str) -> Answer | None:
        """Check a request to connector ``name`` before its body is read.

        Args:
            push: without its body.
            name: of the connector.

        Returns:
            The answer that refuses it; ``None`` if its body shall be read.

        Raises:
            ConfigurationError: a secret is not set.
        """
        ...

    def receive(self, push: Push, name: str) -> Answer:
        """Check a whole request to connector ``name``, as if its headers had not been checked.

        Raises:
            ConfigurationError: a secret is not set.
        """
        ...


def signature_is_well_formed(signature: str, algorithms: frozenset[str]) -> bool:
    """Whether a header can be a signature at all: an allowed algorithm and a hexadecimal digest of its length."""
    name, equals, digest = signature.strip().partition("=")
    if not equals:
        name, digest = "sha256", name
    if name.lower() not in algorithms:
        return False
    size = hashlib.new(name.lower(), usedforsecurity=False).digest_size * 2
    return len(digest.strip()) == size and all(letter in string.hexdigits for letter in digest.strip())


def signature_is_valid(body: bytes, signature: str, secret: str, algorithms: frozenset[str]) -> bool:
    """Whether a signature ``sha256=hex`` (or bare hex, then SHA-256) is of this body, compared in constant time."""
    name, equals, digest = signature.strip().partition("=")
    if not equals:
        name, digest = "sha256", name
    if name.lower() not in algorithms:
        return False
    expected = hmac.new(secret.encode(), body, name.lower()).hexdigest()
    return hmac.compare_digest(expected.encode(), digest.strip().lower().encode())
