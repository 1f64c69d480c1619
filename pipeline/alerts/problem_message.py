"""The messages of an alert of the installation: JSON for a webhook, and a plain-text mail. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

import orjson

from pipeline.alerts.message import chat_text, one_line
from pipeline.events.problem import Problem

ProblemEvent = Literal["problem", "solved"]


@dataclass(frozen=True)
class ProblemNotice:
    """That something needs a person, or does no longer.

    Attributes:
        alert: name of the alert.
        event: problem or solved.
        problem: what it is about, as it was when it was told.
        since: when it began, as far as this process has seen; of a solved one, when that was noticed.
    """

    alert: str
    event: ProblemEvent
    problem: Problem
    since: datetime

    @property
    def key(self) -> str:
        """The same for the same event: a receiver may use it to drop what is delivered twice."""
        return f"{self.alert}:{self.event}:{self.problem.id}:{self.since:%Y-%m-%dT%H:%M}"

    @property
    def line(self) -> str:
        """The notice in one line."""
        what = f"{self.problem.subject}: {self.problem.message}"
        return one_line(what if self.event == "problem" else f"Solved: {what}")


def payload(notice: ProblemNotice, desk: str) -> bytes:
    """The body of a webhook. ``text`` is complete by itself, for chats that show nothing else."""
    return orjson.dumps(
        {
            "alert": notice.alert,
            "event": notice.event,
            "key": notice.key,
            "text": f"{chat_text(notice.line)}\n{desk.rstrip('/')}/feeds",
            "problem": {
                "kind": notice.problem.kind,
                "subject": notice.problem.subject,
                "message": notice.problem.message,
                "since": notice.since.isoformat(),
            },
        }
    )


def mail(notices: Sequence[ProblemNotice], sender: str, to: Sequence[str], desk: str, now: datetime) -> EmailMessage:
    """One message about all problems of one check; repeated, it has the same Message-ID."""
    first, more = notices[0], len(notices) - 1
    digest = hashlib.sha256("\n".join(sorted(notice.key for notice in notices)).encode()).hexdigest()
    message = EmailMessage()
    message["Subject"] = f"Wiredesk: {first.line[:150]}" + (f" (and {more} more)" if more else "")
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{digest[:40]}@wiredesk.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    lines = "\n\n".join(notice.line for notice in notices)
    where = f"Feeds: {desk.rstrip('/')}/feeds\nEverything: wiredesk status"
    message.set_content(f"{lines}\n\n{where}\n\n-- \nWiredesk alert “{first.alert}”\n", cte="quoted-printable")
    return message
