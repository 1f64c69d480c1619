"""Sends notices: a webhook request for each, one mail for all notices of a check.

A webhook gets ``POST`` with JSON; ``Idempotency-Key`` is the same when the request is repeated; with a secret,
``X-Wiredesk-Signature: sha256=…`` is the HMAC-SHA256 of the body in hexadecimal. Any 2xx is success, redirects are not
followed. Every delivery has a deadline for all of it: a receiver that answers a byte a second fails like a silent one.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import smtplib
import socket
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx

from pipeline.alerts.config import Email, Webhook
from pipeline.alerts.message import Notice, mail, payload
from pipeline.broker.deadline import Deadline
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.settings import Settings
from pipeline.settings.trust import client_context

_MAIL_SECONDS = 30.0
#: What is read of an answer's body, or of all that a mail server says.
_MOST_ANSWER_BYTES = 64 * 1024


def desk_address(settings: Settings) -> str:
    """Where the links of notices lead."""
    return settings.desk.url or f"http://{settings.desk.host}:{settings.desk.port}"


def webhook_client(timeout_seconds: float) -> httpx.AsyncClient:
    """A client for webhooks: it trusts what the operating system trusts, and follows no redirect."""
    return httpx.AsyncClient(verify=client_context(), timeout=timeout_seconds, follow_redirects=False)


def post(webhook: Webhook, notice: Notice, settings: Settings, now: datetime) -> None:
    """Post one notice.

    Raises:
        UnreachableError: the receiver does not accept it in time; it may be sent again.
        ConfigurationError: a secret is not set.
    """
    body = payload(notice, desk_address(settings), now)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Wiredesk",
        "Idempotency-Key": hashlib.sha256(notice.key.encode()).hexdigest(),
    }
    if webhook.secret:
        digest = hmac.new(webhook.secret.read().encode(), body, hashlib.sha256).hexdigest()
        headers["X-Wiredesk-Signature"] = f"sha256={digest}"
    if webhook.bearer_token:
        headers["Authorization"] = f"Bearer {webhook.bearer_token.read()}"
    host = httpx.URL(webhook.url).host
    try:
        status = asyncio.run(_send(webhook, body, headers))
    except TimeoutError as error:
        seconds = f"{webhook.timeout_seconds:g} s"
        raise UnreachableError(f"The webhook at {host} did not answer completely within {seconds}.") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise UnreachableError(f"The webhook at {host} does not answer: {type(error).__name__}.") from error
    if not 200 <= status < 300:
        raise UnreachableError(f"The webhook at {host} answers {status}.")


async def _send(webhook: Webhook, body: bytes, headers: dict[str, str]) -> int:
    """Send one request, read a little of the answer and return its status."""
    async with (
        asyncio.timeout(webhook.timeout_seconds),
        webhook_client(webhook.timeout_seconds) as client,
        client.stream("POST", webhook.url, content=body, headers=headers) as answer,
    ):
        size = 0
        async for chunk in answer.aiter_raw():
            size += len(chunk)
            if size > _MOST_ANSWER_BYTES:
                break
        return answer.status_code


def send_mail(email: Email, notices: Sequence[Notice], settings: Settings, now: datetime | None = None) -> None:
    """Send one message about some notices.

    Raises:
        UnreachableError: the mail server does not accept it in time; it may be sent again.
        ConfigurationError: there is no mail server.
    """
    alerts = settings.alerts
    if not alerts.smtp_host or not alerts.mail_from:
        raise ConfigurationError("An alert is sent by e-mail, but no mail server is set.",
                                 hint="Set alerts.smtp_host and alerts.mail_from.")  # fmt: skip
    message = mail(notices, alerts.mail_from, email.to, desk_address(settings), now or datetime.now(UTC))
    deadline = Deadline(_MAIL_SECONDS, _MAIL_SECONDS, _MOST_ANSWER_BYTES)
    try:
        with _MailServer(deadline) as server:
            server.connect(alerts.smtp_host, alerts.smtp_port)
            server.ehlo()
            if server.has_extn("starttls"):
                # smtplib checks the certificate against the host it was created with.
                server._host = alerts.smtp_host  # type: ignore[attr-defined]  # noqa: SLF001
                server.starttls(context=deadline.tls_context())
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise UnreachableError(f"The mail server {alerts.smtp_host} does not accept the alert: {error}.") from error


class _MailServer(smtplib.SMTP):
    """A mail server with one deadline for everything, and a limit of what it may send."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__(timeout=deadline.left())

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        return self._deadline.connect(host, port)
