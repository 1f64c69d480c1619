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
from email.message import EmailMessage

import httpx

from pipeline.alerts.config import Webhook
from pipeline.broker.deadline import Deadline
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.settings import AlertsSettings, Settings
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


def post(webhook: Webhook, body: bytes, key: str) -> None:
    """Post one notice.

    Args:
        webhook: where to.
        body: JSON.
        key: the same for the same notice.

    Raises:
        UnreachableError: the receiver does not accept it in time; it may be sent again.
        ConfigurationError: a secret is not set.
    """
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Wiredesk",
        "Idempotency-Key": hashlib.sha256(key.encode()).hexdigest(),
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


def send_mail(message: EmailMessage, alerts: AlertsSettings) -> None:
    """Send one message.

    Raises:
        UnreachableError: the mail server does not accept it in time; it may be sent again.
        ConfigurationError: there is no mail server, its password is not set, or it does not encrypt the log-in.
    """
    if not alerts.smtp_host or not alerts.mail_from:
        raise ConfigurationError("An alert is sent by e-mail, but no mail server is set.",
                                 hint="Set alerts.smtp_host and alerts.mail_from.")  # fmt: skip
    password = alerts.smtp_password.read() if alerts.smtp_password else ""
    deadline = Deadline(_MAIL_SECONDS, _MAIL_SECONDS, _MOST_ANSWER_BYTES)
    try:
        with _MailServer(deadline, tls=alerts.smtp_tls == "implicit") as server:
            server.connect(alerts.smtp_host, alerts.smtp_port)
            server.ehlo()
            encrypted = alerts.smtp_tls == "implicit" or _start_tls(server, alerts, deadline)
            if alerts.smtp_username:
                if not encrypted:
                    raise ConfigurationError(
                        f"The mail server {alerts.smtp_host} does not encrypt: the password is not sent.",
                        hint="Set alerts.smtp_tls to implicit (mostly port 465), or take another port.",
                    )
                server.login(alerts.smtp_username, password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise UnreachableError(f"The mail server {alerts.smtp_host} does not accept the alert: {error}.") from error


def _start_tls(server: smtplib.SMTP, alerts: AlertsSettings, deadline: Deadline) -> bool:
    """Encrypt the connection where the server can; whether it is encrypted."""
    if not server.has_extn("starttls"):
        if alerts.smtp_tls == "starttls":
            raise smtplib.SMTPNotSupportedError("it does not offer STARTTLS, which alerts.smtp_tls demands")
        return False
    # smtplib checks the certificate against the host it was created with.
    server._host = alerts.smtp_host  # type: ignore[attr-defined]  # noqa: SLF001
    server.starttls(context=deadline.tls_context())
    server.ehlo()
    return True


class _MailServer(smtplib.SMTP):
    """A mail server with one deadline for everything, and a limit of what it may send."""

    def __init__(self, deadline: Deadline, *, tls: bool) -> None:
        self._deadline = deadline
        self._tls = tls
        super().__init__(timeout=deadline.left())

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        plain = self._deadline.connect(host, port)
        return self._deadline.tls_context().wrap_socket(plain, server_hostname=host) if self._tls else plain
