"""Sends notices: a webhook each, one mail for all of a check.

A webhook gets ``POST`` with JSON; ``Idempotency-Key`` is the same when it has to be sent again; where there is a
secret, ``X-Wiredesk-Signature: sha256=…`` is the HMAC-SHA256 of the body in hexadecimal. Any 2xx is success, a redirect
is not followed.
"""

from __future__ import annotations

import hashlib
import hmac
import smtplib
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx

from pipeline.alerts.config import Alert, Email, Webhook
from pipeline.alerts.message import Notice, mail, payload
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.settings import Settings
from pipeline.settings.trust import client_context

_SMTP_SECONDS = 20.0


def desk_address(settings: Settings) -> str:
    """Where the links of notices lead."""
    return settings.desk.url or f"http://{settings.desk.host}:{settings.desk.port}"


def deliver(alert: Alert, notices: Sequence[Notice], settings: Settings) -> None:
    """Send all notices of one check, every way that the alert names.

    Raises:
        UnreachableError: a receiver does not take them; all may be sent again.
        ConfigurationError: there is no mail server to send by.
    """
    if alert.webhook:
        with webhook_client(alert.webhook.timeout_seconds) as receiver:
            for notice in notices:
                _post(receiver, alert.webhook, notice, desk_address(settings))
    if alert.email and notices:
        _mail(alert.email, notices, settings)


def webhook_client(timeout_seconds: float) -> httpx.Client:
    """A client for webhooks: it trusts what the operating system trusts, and follows no redirect."""
    return httpx.Client(verify=client_context(), timeout=timeout_seconds, follow_redirects=False)


def _post(client: httpx.Client, webhook: Webhook, notice: Notice, desk: str) -> None:
    body = payload(notice, desk)
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
        answer = client.post(webhook.url, content=body, headers=headers)
    except httpx.HTTPError as error:
        raise UnreachableError(f"The webhook at {host} does not answer: {type(error).__name__}.") from error
    if not answer.is_success:
        raise UnreachableError(f"The webhook at {host} answers {answer.status_code}.")


def _mail(email: Email, notices: Sequence[Notice], settings: Settings) -> None:
    alerts = settings.alerts
    if not alerts.smtp_host or not alerts.mail_from:
        raise ConfigurationError("An alert is sent by mail, and there is no mail server.",
                                 hint="Set alerts.smtp_host and alerts.mail_from.")  # fmt: skip
    message = mail(notices, alerts.mail_from, email.to, desk_address(settings), datetime.now(UTC))
    try:
        with smtplib.SMTP(alerts.smtp_host, alerts.smtp_port, timeout=_SMTP_SECONDS) as server:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=client_context())
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise UnreachableError(f"The mail server {alerts.smtp_host} does not take the alert: {error}.") from error
