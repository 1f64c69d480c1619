"""Mail servers that demand a log-in and encryption: a real server, with certificates that are checked."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult, LoginPassword

from pipeline.alerts.delivery import send_mail
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.local.ports import any_free
from pipeline.settings import AlertsSettings

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

PASSWORD = "correct horse"


class Taken(Sink):
    """Keeps who logged in for each message."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[tuple[str | None, bool]] = []

    async def handle_DATA(self, _server: Any, session: Any, _envelope: Any) -> str:  # noqa: N802 - its name
        user = session.auth_data.decode() if session.auth_data else None
        self.messages.append((user, session.ssl is not None))
        return "250 OK"


def _log_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
    right = given.password == PASSWORD.encode()
    return AuthResult(success=right, auth_data=given.login) if right else AuthResult(success=False, handled=False)


@contextmanager
def server(certificate: Path | None, *, implicit: bool = False, log_in: bool = True) -> Iterator[tuple[int, Taken]]:
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    taken = Taken()
    controller = Controller(
        taken, hostname="localhost", port=any_free(set()), ssl_context=context if implicit else None,
        tls_context=None if implicit else context, require_starttls=bool(context) and not implicit,
        authenticator=_log_in, auth_required=log_in, auth_require_tls=bool(context) and not implicit,
    )  # fmt: skip
    controller.start()
    try:
        yield controller.port, taken
    finally:
        controller.stop()


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    return {"smtp_username": "desk", "smtp_password": {"env": "SMTP_PASSWORD"}}


def send(port: int, **more: Any) -> None:
    settings = {"smtp_host": "localhost", "smtp_port": port, "mail_from": "desk@example.org", **more}
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "desk@example.org", "a@example.org", "Bridge"
    send_mail(message, AlertsSettings.model_validate(settings))


@pytest.mark.parametrize("way", ["offered", "starttls", "implicit"])
def test_a_log_in_over_tls(way: str, certificate: Path, password: dict[str, Any]) -> None:
    with server(certificate, implicit=way == "implicit") as (port, taken):
        send(port, smtp_tls=way, **password)
        assert taken.messages == [("desk", way != "implicit")], "of TLS from the first byte the session knows nothing"


def test_a_certificate_that_nobody_trusts_is_refused(
    certificate: Path, password: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    for way in ("starttls", "implicit"):
        with server(certificate, implicit=way == "implicit") as (port, taken):
            with pytest.raises(UnreachableError, match="certificate"):
                send(port, smtp_tls=way, **password)
            assert taken.messages == []


def test_a_password_is_never_sent_unencrypted(password: dict[str, Any]) -> None:
    with server(None, log_in=False) as (port, taken):
        with pytest.raises(ConfigurationError, match="does not encrypt"):
            send(port, **password)
        with pytest.raises(UnreachableError, match="STARTTLS"):
            send(port, smtp_tls="starttls", **password)
        assert taken.messages == []


def test_a_wrong_password_is_said(certificate: Path, password: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "wrong horse")
    with server(certificate) as (port, _), pytest.raises(UnreachableError, match="Authentication"):
        send(port, **password)
    with pytest.raises(ValueError, match="needs smtp_password"):
        AlertsSettings(smtp_username="desk")
