"""E-mail (RFC 822 / 5322, MIME): one message one story, as small agencies and press offices send them.

The text part is read as plain wire text, so that slugs, datelines and notes in it are found; the HTML part gives the
markup. Attached pictures are named, not kept. Headers with odd character sets are read as far as they can be.
"""

from __future__ import annotations

import contextlib
import re
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from connectors.parsers.content import html_body
from connectors.parsers.draft import Draft, one_line, printable, sized
from connectors.parsers.text import decode, story
from pipeline.events.errors import ParseError
from pipeline.events.item import Author, FeedFacts, Item, Link, Media, ParseContext, Parsed

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "versioncreated", "sent", "headline", "subheadline", "kicker", "slugline", "byline", "authors", "dateline",
    "located", "language", "keywords", "body_text", "body_html", "provider", "ednote", "media", "links", "urgency",
    "evolvedfrom", "signals",
})  # fmt: skip

_HEADER = re.compile(rb"^(?:From |(?:[A-Za-z][A-Za-z0-9-]{1,40}):)", re.MULTILINE)
_KNOWN = re.compile(
    rb"^(?:From|To|Subject|Date|Message-ID|MIME-Version|Received|Return-Path):", re.MULTILINE | re.IGNORECASE
)
_REPLY = re.compile(r"^(?:(?:re|aw|sv|fwd?|wg|tr)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)
_OPEN_WORD = re.compile(r"=\?[\w-]{1,40}\?[qQ]\?[^?\s]{1,200}\Z")
_SIGNATURE = re.compile(r"\n-- ?\n")
_URGENCY = {"1": 2, "2": 3, "3": 5, "4": 7, "5": 8, "high": 2, "normal": 5, "low": 8, "urgent": 2, "non-urgent": 8}
_MAX_PARTS = 200
#: Signatures of servers may stand before what a person would look for.
_HEAD_BYTES = 64 * 1024
_MAX_HEADER = 10_000


def looks_like(data: bytes, content_type: str | None) -> float:
    """How much the bytes look like a message, 0 … 1."""
    head = data[:_HEAD_BYTES].replace(b"\r\n", b"\n").lstrip(b"\n")
    if content_type and content_type.startswith("message/rfc822"):
        return 0.95
    if not _HEADER.match(head):
        return 0.0
    block = head.split(b"\n\n", 1)[0]
    found = {name.lower() for name in _KNOWN.findall(block)}
    return 0.95 if len(found) >= 2 and (b"from:" in found or b"received:" in found) else 0.0


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read one message.

    Raises:
        ParseError: no headers of a message, or nothing to read in it.
    """
    try:
        message = message_from_bytes(sized(data, context), policy=policy.compat32)
        parts = _parts(message)
        item = _item(message, parts, context)
    except ParseError:
        raise
    except Exception as error:
        # The reader of the standard library trips over some malformed headers with many kinds of errors.
        raise ParseError(f"this message cannot be read: {type(error).__name__}: {error}.") from error
    return Parsed(items=(item,), feed=FeedFacts(format="email"))


def _item(message: Message, parts: list[Message], context: ParseContext) -> Item:
    if not any(message.get(name) for name in ("From", "Subject", "Date", "Message-ID")):
        raise ParseError("not an e-mail: it has neither From, Subject, Date nor Message-ID.")
    draft = Draft(context, "text")
    draft.text("uri", _header(message, "Message-ID").strip("<> "))
    draft.time("versioncreated", _header(message, "Date"))
    draft.time("sent", _header(message, "Date"))
    draft.text("headline", _REPLY.sub("", _header(message, "Subject")))
    draft.words("keywords", _header(message, "Keywords").split(","))
    for part in (message, *parts):
        draft.text("language", _header(part, "Content-Language").split(",")[0])
    importance = _header(message, "X-Priority")[:1] or _header(message, "Importance").lower()
    draft.number("urgency", _URGENCY.get(importance, ""), 1, 9)
    _sender(message, draft)
    _text(parts, draft, context)
    for part in parts:
        _attached(part, draft)
    followed = _header(message, "In-Reply-To").split()
    draft.text("evolvedfrom", followed[0].strip("<>") if followed else "")
    archived = _header(message, "Archived-At").strip("<> ")
    draft.add("links", [Link(rel="alternate", href=archived) if archived.startswith("http") else None])
    if not (draft["headline"] or draft["body_text"]):
        raise ParseError("there is nothing to read in this message: neither a subject nor a text.")
    return draft.item()


def _parts(message: Message) -> list[Message]:
    """All leaves of a message, in order; nested messages are opened."""
    found: list[Message] = []
    for part in message.walk():
        if not part.is_multipart():
            found.append(part)
        if len(found) > _MAX_PARTS:
            raise ParseError(f"the message has more than {_MAX_PARTS} parts.")
    return found


def _header(message: Message, name: str) -> str:
    """A header as text: encoded words decoded, unknown character sets and raw bytes read as they can be."""
    value = next((found for key, found in message.raw_items() if key.lower() == name.lower()), None)
    if value is None:
        return ""
    value = str(value)[:_MAX_HEADER]
    if (opened := _OPEN_WORD.search(value)) is not None:
        value = f"{value[: opened.start()]}{opened.group()}?="  # cut off within an encoded word
    pieces: list[str] = []
    with contextlib.suppress(Exception):  # a malformed encoded word is left as written below
        for piece, charset in decode_header(value):
            pieces.append(piece if isinstance(piece, str) else _decoded(piece, charset))
    written = "".join(pieces) or value
    raw = written.encode("utf-8", "surrogateescape") if any("\udc80" <= c <= "\udcff" for c in written) else None
    return one_line(_decoded(raw, None) if raw else written)


def _decoded(data: bytes, charset: str | None, language: str | None = None) -> str:
    try:
        return decode(data.replace(b"\x00", b""), charset if charset != "unknown-8bit" else None, language)
    except (ParseError, ValueError):
        return data.decode("latin-1")


def _sender(message: Message, draft: Draft) -> None:
    for name, address in getaddresses([_header(message, "From")]):
        who = one_line(name) or address
        draft.add("authors", [Author(name=who, uri=f"mailto:{address}" if "@" in address else None) if who else None])
        draft.text("provider", _header(message, "Organization") or who)


def _text(parts: list[Message], draft: Draft, context: ParseContext) -> None:
    """The first text of each kind that is not attached. The plain text is read like wire text."""
    plain, markup = "", ""
    for part in parts:
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            continue
        text = _content(part, context)
        if kind == "text/html":
            markup = markup or text
        elif kind == "text/plain":
            plain = plain or text
    html, html_text = html_body(markup) if markup.strip() else (None, "")
    if plain.strip():
        _wire(_SIGNATURE.split(plain, maxsplit=1)[0], draft, context)
    draft.body(draft["body_text"] or html_text, None)
    draft.text("body_html", html)


def _wire(text: str, draft: Draft, context: ParseContext) -> None:
    subject = draft["headline"]
    found = story(text, context)
    for name in ("subheadline", "kicker", "slugline", "byline", "dateline", "located", "ednote", "language"):
        value = getattr(found, name)
        if value is not None and name not in draft:
            draft.text(name, value)
    draft.add("signals", found.signals)
    body = found.body_text or ""
    if subject and found.headline and not one_line(subject).endswith(one_line(found.headline)):
        body = f"{found.headline}\n\n{body}"  # its own first line, not a repetition of the subject
    draft.text("headline", found.headline or "")
    draft.body(body)


def _content(part: Message, context: ParseContext) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    return printable(_decoded(data, part.get_content_charset() or context.charset, context.language))


def _attached(part: Message, draft: Draft) -> None:
    kind = part.get_content_type()
    if kind.startswith(("image/", "video/", "audio/", "application/")):
        name = one_line(part.get_filename() or "")
        identity = _header(part, "Content-ID").strip("<> ")
        if name or identity:
            href = f"cid:{identity}" if identity else None
            draft.add("media", [Media(href=href, type=kind, title=name or None)])
