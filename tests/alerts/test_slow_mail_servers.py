"""Mail servers that never finish: one deadline ends the delivery, and limits what they may send."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts.delivery import send_mail
from pipeline.events.errors import UnreachableError
from pipeline.settings import AlertsSettings
from tests.connectors.test_slow_servers import Stalling, server_context, stalling

Ending = Callable[[Stalling], None]


def smtp(until: str, ending: Ending, certificate: Path | None = None) -> Callable[[Stalling, Any], None]:
    """A conversation that is normal up to a command; then the ending."""

    def talk(server: Stalling, lines: Any) -> None:
        if until == "greeting":
            ending(server)
        server.say("220 hello\r\n")
        while line := lines.readline():
            command = line.split()[0].decode().upper()
            if command == until:
                ending(server)
            if command == "EHLO":
                server.say("250-hello\r\n" + ("250-STARTTLS\r\n" if certificate else "") + "250 8BITMIME\r\n")
            elif command == "STARTTLS":
                assert certificate
                server.say("220 go\r\n")
                server.connection = server.secure(server.connection, server_context(certificate))
                lines = server.connection.makefile("rb")
            elif command == "DATA":
                server.say("354 go on\r\n")
                while lines.readline() not in {b".\r\n", b""}:
                    pass
                if until == "text":
                    ending(server)
                server.say("250 ok\r\n")
            else:
                server.say("221 bye\r\n" if command == "QUIT" else "250 ok\r\n")

    return talk


def deliver(port: int, host: str = "127.0.0.1") -> float:
    """Send one mail; the seconds that it took, also where it failed."""
    alerts = AlertsSettings(smtp_host=host, smtp_port=port, mail_from="desk@example.org")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "desk@example.org", "a@example.org", "A bridge falls"
    message.set_content("It fell at noon.")
    began = time.monotonic()
    send_mail(message, alerts)
    return time.monotonic() - began


@pytest.mark.parametrize("until", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "text"])
def test_a_mail_server_that_drips_is_left_at_the_deadline(until: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.alerts.delivery._MAIL_SECONDS", 1.0)
    with stalling(smtp(until, lambda server: server.drip(b"2"))) as server:
        with pytest.raises(UnreachableError, match="takes too long"):
            deliver(server.port)
        assert server.left.wait(10)


def test_a_mail_server_whose_answer_never_ends_is_left() -> None:
    with stalling(smtp("EHLO", lambda server: server.flood(b"250-more\r\n" * 1000))) as server:
        with pytest.raises(UnreachableError, match="sends too much"):
            deliver(server.port)
        assert server.left.wait(10)


@pytest.mark.parametrize("until", ["nothing", "MAIL"])
def test_the_deadline_holds_over_tls(until: str, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.alerts.delivery._MAIL_SECONDS", 20.0 if until == "nothing" else 1.0)
    with stalling(smtp(until, lambda server: server.drip(b"2"), certificate)) as server:
        if until == "nothing":
            deliver(server.port, "localhost")
        else:
            with pytest.raises(UnreachableError, match="takes too long"):
                deliver(server.port, "localhost")
