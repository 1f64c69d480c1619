"""WebSub (W3C Recommendation, 2018): a hub sends the changes of a feed; we subscribe and renew.

The feed is also polled, less often, so that nothing is lost if the hub stops sending. Any process can answer a hub's
verification request (section 5.3), because the topic is in the connector's file. Content without a valid signature is
answered with success and discarded, as the standard requires (section 7.1).
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

import httpx
from pydantic import Field, field_validator

from connectors.safety import ForbiddenAddressError, check_url, checked_transport, origin
from connectors.transports.base import Payload, Poll, PollContext
from connectors.transports.body import BodyError, read_body
from connectors.transports.http import HttpTransport
from connectors.transports.hub import hub_id, hub_of_head, hub_secret
from connectors.transports.push import MIN_SECRET_CHARS, Answer, Push, signature_is_valid, signature_is_well_formed
from pipeline.events import ConnectorState
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Secret, Section
from pipeline.settings.yaml import printable

_ALGORITHMS = frozenset({"sha1", "sha256", "sha384", "sha512"})  # those of the standard; the hub chooses
#: What is read of a hub's answer.
_ANSWER_BYTES = 10_000


class WebSubTransport(Section):
    """Subscribe to a feed at its hub."""

    default_interval_seconds: ClassVar[float] = 3600

    type: Literal["websub"]
    url: str = Field(description="The feed (WebSub's topic).")
    callback: str = Field(description="Public base address that leads to webhook_port; the hub sends to it.")
    secret: Secret = Field(description="Of the HMAC with which the hub signs what it sends.")
    hub: str | None = Field(
        None, description="The hub (https). Default: as the feed names it in its head or Link header."
    )
    lease_seconds: int = Field(
        432_000, ge=600, le=31_536_000, description="Of the subscription; renewed after half of it."
    )
    allow_private_addresses: bool = Field(False, description="Allow loopback and private networks.")

    @field_validator("url", "callback", "hub")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        try:
            if value is not None:
                check_url(value)
        except ForbiddenAddressError as error:
            raise ValueError(str(error)) from error
        return value

    @property
    def host(self) -> str:
        """The host that is polled."""
        return origin(self.url)[1]

    def callback_of(self, name: str, hub: str) -> str:
        """The callback address of a connector at a hub."""
        return f"{self.callback.rstrip('/')}/push/{name}?hub={hub_id(hub)}"

    def poll(self, state: ConnectorState, context: PollContext) -> Poll:
        """Poll the feed, and renew the subscription when it is time."""
        feed = HttpTransport(type="http", url=self.url, allow_private_addresses=self.allow_private_addresses)
        poll = feed.poll(state, context)
        if context.peek:
            return poll
        kept = _kept(state.cursor)
        if poll.payloads:
            answer = poll.payloads[0]
            kept["hub"] = answer.hub or hub_of_head(answer.data, answer.url or self.url) or kept.get("hub")
        hub = self.hub or kept.get("hub")
        problem = None
        if hub is None:
            problem = f"{self.url} names no hub. Set transport.hub, or use type: http."
        elif self._time_to_renew(kept, hub, context.now):
            problem = self._subscribe(hub, state.connector, context)
            if problem is None:
                kept |= {"subscribed": context.now.isoformat(), "at": hub_id(hub)}
        cursor = json.dumps({key: value for key, value in kept.items() if value})
        changed = poll.state.model_copy(update={"cursor": cursor})
        return Poll(
            changed, poll.payloads, poll.error or problem, poll.wait_seconds, poll.weight or 0.5, poll.unchanged
        )

    def _time_to_renew(self, kept: dict[str, Any], hub: str, now: datetime) -> bool:
        since = kept.get("subscribed")
        return (
            since is None
            or kept.get("at") != hub_id(hub)
            or now - datetime.fromisoformat(since) >= timedelta(seconds=self.lease_seconds / 2)
        )

    def _subscribe(self, hub: str, name: str, context: PollContext) -> str | None:
        """Subscribe at the hub; returns what went wrong."""
        transport = checked_transport(context.timeout_seconds, allow_private=self.allow_private_addresses)
        try:
            check_url(hub)
            if not self.allow_private_addresses and not hub.lower().startswith("https:"):
                return f"The hub {hub} is not https: a secret is not sent to it."
            secret = hub_secret(self.secret.read(MIN_SECRET_CHARS), name, hub_id(hub))
            form = {
                "hub.mode": "subscribe", "hub.topic": self.url, "hub.callback": self.callback_of(name, hub),
                "hub.secret": secret, "hub.lease_seconds": str(self.lease_seconds),
            }  # fmt: skip
            headers = {"User-Agent": context.user_agent, "Accept-Encoding": "gzip, deflate"}
            with (
                httpx.Client(transport=transport, timeout=context.timeout_seconds, headers=headers) as client,
                client.stream("POST", hub, data=form) as response,
            ):
                return None if response.is_success else _refusal(hub, response)
        except (ForbiddenAddressError, ConfigurationError) as error:
            return str(error)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"The hub {hub} does not answer: {error or type(error).__name__}."

    def check_headers(self, push: Push, name: str) -> Answer | None:
        """Content without a signature is discarded unread."""
        del name
        signature = push.headers.get("x-hub-signature", "")
        if push.method != "GET" and not signature_is_well_formed(signature, _ALGORITHMS):
            return Answer(202, note="signature missing or malformed: discarded")
        return None

    def receive(self, push: Push, name: str) -> Answer:
        """A hub's verification request (GET), or content (POST)."""
        if push.method == "GET":
            return self._verify(push)
        signature, identity = push.headers.get("x-hub-signature", ""), push.query.get("hub", "")
        secret = hub_secret(self.secret.read(MIN_SECRET_CHARS), name, identity)
        known = self.hub is None or identity == hub_id(self.hub)
        if not known or not signature_is_valid(push.body, signature, secret, _ALGORITHMS):
            return Answer(202, note="wrong signature: discarded", always=True)
        payload = Payload(push.body, f"push to {name}", content_type=push.headers.get("content-type"))
        return Answer(202, payload=payload, always=True)

    def _verify(self, push: Push) -> Answer:
        mode, topic = push.query.get("hub.mode"), push.query.get("hub.topic")
        if mode == "denied":
            return Answer(
                200, note=f"the hub denies the subscription: {push.query.get('hub.reason', 'no reason')[:200]}"
            )
        challenge = push.query.get("hub.challenge", "")
        if mode == "subscribe" and topic == self.url and challenge:
            return Answer(200, challenge[:2000])
        return Answer(404, "No such subscription.", note=f"verification request of {mode} for {str(topic)[:200]}")


def _kept(cursor: str | None) -> dict[str, Any]:
    try:
        kept = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def _refusal(hub: str, response: httpx.Response) -> str:
    try:
        text = read_body(response, _ANSWER_BYTES).decode("utf-8", "replace")
    except BodyError:
        text = "(a long answer)"
    return f"The hub {hub} refuses the subscription: {response.status_code} {printable(text.strip())}"
