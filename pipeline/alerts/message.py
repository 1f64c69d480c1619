"""The messages of an alert: JSON for a webhook, and a plain-text mail. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Literal
from urllib.parse import quote

import orjson

Event = Literal["match", "kill", "breaking"]
_FIELDS = (
    "story_id provider headline slugline language urgency version_created first_seen embargoed correction killed "
    "update_count people organisations places subjects speakers link cluster_id event_id"
).split()
_SUMMARY_CHARS = 400


@dataclass(frozen=True)
class Notice:
    """One story of an alert: that it matches, that its event is breaking, or that it was killed after that."""

    alert: str
    event: Event
    story: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The same for the same event: a receiver may use it to drop what is delivered twice."""
        about = self.story["story_id" if self.event == "kill" else "cluster_id"]
        return f"{self.alert}:{self.event}:{about}"


def payload(notice: Notice, desk: str, now: datetime) -> bytes:
    """The body of a webhook. ``text`` is complete by itself, for chats that show nothing else."""
    story = {name: notice.story[name] for name in _FIELDS if name in notice.story}
    return orjson.dumps(
        {
            "alert": notice.alert,
            "event": notice.event,
            "key": notice.key,
            "text": f"{chat_text(headline(notice, now))}\n{page(notice, desk)}",
            "story": {**story, "summary": _summary(notice), "desk": page(notice, desk)},
        }
    )


def mail(notices: Sequence[Notice], sender: str, to: Sequence[str], desk: str, now: datetime) -> EmailMessage:
    """One message about all stories of one check; repeated, it has the same Message-ID."""
    first, more = notices[0], len(notices) - 1
    message = EmailMessage()
    message["Subject"] = headline(first, now)[:180] + (f" (and {more} more)" if more else "")
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = _message_id(notices)
    message["Auto-Submitted"] = "auto-generated"
    parts = [
        f"{headline(notice, now)}\n{_about(notice, now)}\n\n{_summary(notice)}\n\n{page(notice, desk)}"
        for notice in notices
    ]
    message.set_content(
        "\n\n----\n\n".join(parts) + f"\n\n-- \nWiredesk alert “{first.alert}”\n", cte="quoted-printable"
    )
    return message


def headline(notice: Notice, now: datetime) -> str:
    """One line, with what must be known before the story is used at a moment."""
    story = notice.story
    title = one_line(story.get("headline") or story.get("slugline") or story["story_id"])
    flags = [
        word
        for word, there in (
            ("BREAKING", notice.event == "breaking"),
            ("KILLED", notice.event == "kill" or story.get("killed")),
            ("EMBARGOED", _embargo(story, now)),
            ("CORRECTED", story.get("correction")),
        )
        if there
    ]
    return f"{', '.join(flags)}: {title}" if flags else title


def page(notice: Notice, desk: str) -> str:
    """The page on the desk: of the story, or of the event."""
    if notice.event == "breaking":
        return f"{desk.rstrip('/')}/event/{quote(notice.story['cluster_id'], safe='')}"
    return f"{desk.rstrip('/')}/story/{quote(notice.story['story_id'], safe='')}"


def chat_text(text: str) -> str:
    """Text for a chat, in which it notifies nobody and makes no link or mark-up of its own.

    ``&``, ``<`` and ``>`` are escaped as Slack's "Formatting text for app surfaces" asks; a zero-width space keeps
    ``@all`` from being a mention and ``[text](address)`` from being a link elsewhere.
    """
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("@", "@\u200b").replace("](", "]\u200b(")


def _embargo(story: Mapping[str, Any], now: datetime) -> str:
    """Until when a story is embargoed; empty: it is not, or not any more."""
    until = str(story.get("embargoed") or "")
    return until if until and datetime.fromisoformat(until) > now else ""


def _message_id(notices: Sequence[Notice]) -> str:
    digest = hashlib.sha256("\n".join(sorted(notice.key for notice in notices)).encode()).hexdigest()
    return f"<{digest[:40]}@wiredesk.invalid>"


def _about(notice: Notice, now: datetime) -> str:
    story = notice.story
    until = _embargo(story, now)
    embargo = f", embargoed until {until}" if until else ""
    return f"{one_line(story['provider'])}, {story['version_created']}{embargo}"


def _summary(notice: Notice) -> str:
    if notice.event == "kill":
        return "The agency has withdrawn this story. Do not use it."
    text = notice.story.get("description") or notice.story.get("body") or ""
    return text if len(text) <= _SUMMARY_CHARS else text[:_SUMMARY_CHARS].rsplit(" ", 1)[0] + " …"


def one_line(text: str) -> str:
    """Text from a feed on one line, without control characters: it goes into a mail's header."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
