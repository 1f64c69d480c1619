"""What an alert says, as JSON for a webhook and as a plain-text mail. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any, Literal
from urllib.parse import quote

import orjson

Event = Literal["match", "kill"]
_FIELDS = (
    "story_id provider headline slugline language urgency version_created first_seen embargoed correction killed "
    "update_count people organisations places subjects speakers link cluster_id"
).split()
_SUMMARY_CHARS = 400


@dataclass(frozen=True)
class Notice:
    """One story that an alert tells of: that it was found, or that it was killed after that."""

    alert: str
    event: Event
    story: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The same for the same news: a receiver may use it to drop what is delivered twice."""
        about = self.story["story_id" if self.event == "kill" else "cluster_id"]
        return f"{self.alert}:{self.event}:{about}"


def payload(notice: Notice, desk: str) -> bytes:
    """The body of a webhook. ``text`` alone says it all, for chats that show nothing else."""
    story = {name: notice.story[name] for name in _FIELDS if name in notice.story}
    return orjson.dumps(
        {
            "alert": notice.alert,
            "event": notice.event,
            "key": notice.key,
            "text": f"{headline(notice)}\n{page(notice, desk)}",
            "story": {**story, "summary": _summary(notice), "desk": page(notice, desk)},
        }
    )


def mail(notices: Sequence[Notice], sender: str, to: Sequence[str], desk: str, now: datetime) -> EmailMessage:
    """One message about all stories of one check."""
    first, more = notices[0], len(notices) - 1
    message = EmailMessage()
    message["Subject"] = headline(first)[:180] + (f" (and {more} more)" if more else "")
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain="wiredesk.invalid")
    message["Auto-Submitted"] = "auto-generated"
    parts = [
        f"{headline(notice)}\n{_about(notice)}\n\n{_summary(notice)}\n\n{page(notice, desk)}" for notice in notices
    ]
    message.set_content(
        "\n\n----\n\n".join(parts) + f"\n\n-- \nWiredesk alert “{first.alert}”\n", cte="quoted-printable"
    )
    return message


def headline(notice: Notice) -> str:
    """One line, with what must be known before the story is used."""
    story = notice.story
    title = _line(story.get("headline") or story.get("slugline") or story["story_id"])
    flags = [
        word
        for word, there in (
            ("KILLED", notice.event == "kill" or story.get("killed")),
            ("EMBARGOED", story.get("embargoed")),
            ("CORRECTED", story.get("correction")),
        )
        if there
    ]
    return f"{', '.join(flags)}: {title}" if flags else title


def page(notice: Notice, desk: str) -> str:
    """The story's page on the desk."""
    return f"{desk.rstrip('/')}/story/{quote(notice.story['story_id'], safe='')}"


def _about(notice: Notice) -> str:
    story = notice.story
    embargo = f", embargoed until {story['embargoed']}" if story.get("embargoed") else ""
    return f"{_line(story['provider'])}, {story['version_created']}{embargo}"


def _summary(notice: Notice) -> str:
    if notice.event == "kill":
        return "The agency has withdrawn this story. Do not use it."
    text = notice.story.get("description") or notice.story.get("body") or ""
    return text if len(text) <= _SUMMARY_CHARS else text[:_SUMMARY_CHARS].rsplit(" ", 1)[0] + " …"


def _line(text: str) -> str:
    """Text from a feed on one line, without control characters: it goes into a mail's header."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
