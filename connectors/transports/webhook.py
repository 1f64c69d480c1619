"""A webhook: the provider sends each item, or a whole feed, to ``/push/NAME``.

Every request must be signed (HMAC over the body) or carry a token. It is answered once its items are durable.
"""

from __future__ import annotations

import hmac
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from connectors.transports.base import Payload, Poll, PollContext
from connectors.transports.push import (
    MIN_SECRET_CHARS,
    Algorithm,
    Answer,
    Push,
    signature_is_valid,
    signature_is_well_formed,
)
from pipeline.events import ConnectorState
from pipeline.settings import Secret, Section


class WebhookTransport(Section):
    """Receive what is sent to ``/push/NAME`` (``connectors.webhook_host`` and ``webhook_port`` in the settings)."""

    #: How often it is looked whether the sender is silent; nothing is asked of anybody.
    default_interval_seconds: ClassVar[float] = 300

    type: Literal["webhook"]
    secret: Secret | None = Field(None, description="Of the HMAC over the body.")
    signature_header: str = Field("X-Hub-Signature-256", description="Holds the HMAC: sha256=HEX, or HEX alone.")
    algorithm: Algorithm = Field("sha256", description="Of the HMAC.")
    bearer_token: Secret | None = Field(None, description="Expected as Authorization: Bearer.")
    content_type: str | None = Field(None, description="Of the bodies, if the sender does not state it.")

    @model_validator(mode="after")
    def _authenticated(self) -> Self:
        if self.secret is None and self.bearer_token is None:
            raise ValueError("set secret (for signed bodies), bearer_token, or both: otherwise anybody could send")
        return self

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """Nothing to poll: the provider sends."""
        del context
        return Poll(state, unchanged=True)

    def check_headers(self, push: Push, name: str) -> Answer | None:
        """Check method, token, and that there is a signature."""
        del name
        if push.method != "POST":
            return Answer(405, "Only POST.")
        if self.bearer_token is not None:
            given = push.headers.get("authorization", "").encode()
            if not hmac.compare_digest(given, f"Bearer {self.bearer_token.read(MIN_SECRET_CHARS)}".encode()):
                return Answer(401, "The token is missing or wrong.", note="wrong token")
        if self.secret is not None:
            self.secret.read(MIN_SECRET_CHARS)
            given_signature = push.headers.get(self.signature_header.lower(), "")
            if not signature_is_well_formed(given_signature, frozenset({self.algorithm})):
                return Answer(401, "The signature is missing or wrong.", note="signature missing or malformed")
        return None

    def receive(self, push: Push, name: str) -> Answer:
        """Check who sent it."""
        refusal = self.check_headers(push, name)
        if refusal is not None:
            return refusal
        if self.secret is not None:
            given_signature = push.headers.get(self.signature_header.lower(), "")
            if not signature_is_valid(
                push.body, given_signature, self.secret.read(MIN_SECRET_CHARS), frozenset({self.algorithm})
            ):
                return Answer(401, "The signature is missing or wrong.", note="wrong signature")
        content_type = push.headers.get("content-type") or self.content_type
        return Answer(200, "accepted", Payload(push.body, f"push to {name}", content_type=content_type))
