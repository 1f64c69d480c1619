"""IPTC 7901: text wire messages, ``SOH header STX text ETX time EOT``.

Header: source and number, priority, category, words, free text; then the slug line. The text begins with the headline,
above it words such as ``1ST LEAD`` or ``REFILE``, below it the byline; notes that are not for publication follow it.
Messages that have lost their control characters on the way are read by the shape of their lines.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from connectors.dates import century
from connectors.parsers import takes
from connectors.parsers.content import paragraphs
from connectors.parsers.draft import Draft, one_line, sized
from connectors.parsers.text import decode
from connectors.parsers.wirewords import read_word, referred, status_of_words
from pipeline.events.errors import ParseError
from pipeline.events.item import Item, ParseContext, Parsed, RejectedItem, Signal, Subject

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "version", "versioncreated", "pubstatus", "signals", "refers", "take", "replaces",
    "urgency", "slugline", "headline", "kicker", "byline", "dateline", "located", "subjects", "body_text", "provider",
    "ednote",
})  # fmt: skip

_HEADER = re.compile(
    r"\x01?[ ]{0,9}(?P<source>[A-Za-z]{2,5})[ ]?(?P<number>\d{3,5}[A-Za-z]{0,2}) (?P<priority>[0-9]) "
    r"(?P<category>[A-Za-z]{1,4}) "
    r"(?P<words>\d{1,6})(?P<rest>[^\n\x02]*)"
)
_START = re.compile(r"\x01|(?m:^(?=[A-Za-z]{2,5}[ ]?\d{3,5}[A-Za-z]{0,2} \d [A-Za-z]{1,4} \d{1,6}\b))")
#: The service that a message belongs to, as some write it at the end of the header.
_PRODUCT = re.compile(r"(?:^|[ /])(?P<provider>[A-Z]{2,6})-[A-Z]{2,3}\d{2}\b")
_TIME = re.compile(
    r"^[ ]{0,9}(?:[A-Za-z]{2,6}[ ]{1,9})?"
    r"(?P<day>\d\d)(?P<hour>\d\d)(?P<minute>\d\d)[ ]{0,9}(?P<zone>[A-Z]{2,5})?[ ]{1,9}(?P<month>[A-Za-zä]{3})[ ]{1,9}"
    r"(?P<year>\d\d)[ ]{0,9}$", re.MULTILINE,
)  # fmt: skip
#: How a line begins, or what it says, from which on nothing is for publication.
_NOTES_BEGIN = re.compile(r"\A(?:#{1,3} |\* \* \* \*|Notes? to editors\b)", re.IGNORECASE)
_NOTES_SAY = re.compile(
    r"following information is not (?:intended )?for publication|nicht zur Ver.{1,2}ffentlichung bestimmt",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"^(?:By|BY|Von|VON|Por|Par|Di|Door) (?P<who>\S.{1,120})$")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar mär mrz", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"),
        start=1,
    )
    for name in names.split()
}
_ZONES = {"MEZ": 1, "CET": 1, "MESZ": 2, "CEST": 2, "BST": 1, "EST": -5, "EDT": -4}


def looks_like(data: bytes, content_type: str | None) -> float:  # noqa: ARG001 - the protocol's
    """How much the bytes look like IPTC 7901, 0 … 1."""
    return 0.9 if _HEADER.match(data[:300].decode("latin-1").lstrip("\r\n\x16 ")) else 0.0


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read one message or several.

    Options:
        identity: ``number`` (an item is what has one number in one day, as the wire counts) or ``slug`` (an item is
            what has one slug in one day, so that a lead replaces what it leads).

    Raises:
        ParseError: no header of IPTC 7901 in it.
    """
    text = (
        decode(sized(data, context), context.charset or "utf-8", context.language)
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )
    starts = [match.start() for match in _START.finditer(text)]
    if not starts:
        raise ParseError("this is not IPTC 7901: no line such as 'abc0001 4 i 120' was found.")
    items: list[Item] = []
    rejected: list[RejectedItem] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        header = _HEADER.match(text, start, end)
        if header is not None:
            items.append(_item(header, text[header.end() : end], context))
        elif text[start:end].strip(" \n\x01\x02\x03\x04"):
            where = f"line {text.count(chr(10), 0, start) + 1}"
            original = text[start:end].encode()[:65536]
            rejected.append(RejectedItem(reason="no header of IPTC 7901", position=where, original=original))
    if not items:
        raise ParseError("this is not IPTC 7901: no message has a header such as 'abc0001 4 i 120'.")
    return Parsed(items=tuple(items), rejected=tuple(rejected))


def _item(header: re.Match[str], rest: str, context: ParseContext) -> Item:
    draft = Draft(context, "text")
    before, text, after = _parts(rest)
    draft.number("urgency", header["priority"], 1, 9)
    draft.add("subjects", [Subject(code=header["category"].lower(), scheme="category")])
    draft.text("provider", _provider(header["rest"]))
    created = _time(after) or _time(text[-400:])
    if created:
        draft.time("versioncreated", created.isoformat())
    _slug(before, draft)
    body, notes = _without_notes(_TIME.sub("", text))
    _head(body, draft)
    draft.text("ednote", notes)
    takes.place(draft)
    _life(header["number"], draft)
    day = (draft["versioncreated"] or draft.now()).date().isoformat()
    number = header["number"]
    if {Signal.KILL, Signal.WITHHOLD} & set(draft["signals"] or ()):
        # A kill is a message of its own that names the item it kills: it is the last version of that item.
        named = next((found.number for found in draft["refers"] or () if found.number), None)
        draft.keep("number", number if named else "")
        number = named or number
    by_slug = context.options.get("identity") == "slug" and draft["slugline"]
    if Signal.TAKE in (draft["signals"] or ()) and not by_slug:
        draft.warn("This is a part of a story; it is joined to it where parser_options say identity: slug.")
    draft.text("uri", f"{header['source'].lower()}:{day}:{draft['slugline'] if by_slug else number}")
    return draft.item()


def _provider(rest: str) -> str:
    """Who sends it, from the end of the header: ``dpa 0412``, ``FRA /AFP-TB25``."""
    named = _PRODUCT.search(rest)
    provider = named["provider"] if named else one_line(rest.rstrip().rstrip("0123456789"))
    return provider if len(provider) <= 20 else ""


def _slug(before: str, draft: Draft) -> None:
    """The slug line; a line in brackets below it says what this version is."""
    slugs: list[str] = []
    for line in filter(None, (one_line(raw) for raw in before.split("\n"))):
        if line.startswith("(") and line.endswith(")"):
            draft.text("kicker", line.strip("()"))
        else:
            slugs.append(line.strip(" /"))
    draft.text("slugline", " ".join(slugs))


def _parts(rest: str) -> tuple[str, str, str]:
    """What comes before the text, the text, and what follows it; where needed the slug line is found by its end."""
    if "\x02" in rest:
        before, _, text = rest.partition("\x02")
        text, _, after = text.partition("\x03")
        return before, text, after
    lines = rest.strip("\n").split("\n")
    slug = lines[0] if lines and lines[0].rstrip().endswith("/") else ""
    return slug, "\n".join(lines[1:] if slug else lines).replace("\x03", "\n"), ""


def _without_notes(text: str) -> tuple[str, str]:
    all_lines = text.split("\n")
    first = next((at for at, line in enumerate(all_lines) if _NOTES_BEGIN.match(line) or _NOTES_SAY.search(line)), None)
    if first is None:
        return text, ""
    kept = [line.strip() for line in all_lines[first:]]
    lines = [re.sub(r"^#{1,3} ", "", line) for line in kept if line and not set(line) <= set("* ")]
    return "\n".join(all_lines[:first]), "\n".join(lines)


def _head(text: str, draft: Draft) -> None:
    """Everything above the first blank line: words of the wire, headline, byline; the rest is the body."""
    head, body = _head_and_body(text)
    plain: list[str] = []
    bylines: list[str] = []
    for raw in head.split("\n"):
        line = one_line(raw.rstrip().removesuffix("="))
        word, byline = read_word(line), _BYLINE.match(line)
        if word is not None and not plain:
            takes.say(draft, word)
        elif byline is not None and plain:
            bylines = bylines or [byline["who"]]
        elif line.startswith("(") and line.endswith(")") and not plain:
            draft.text("kicker", line.strip("()"))
        elif line and bylines:
            bylines.append(line)
        elif line:
            plain.append(line)
    draft.text("byline", " ".join(bylines))
    if not body and len(" ".join(plain)) > 240:
        body, plain = head, []
    draft.text("headline", " ".join(plain))
    opening, _, rest = body.strip("\n").partition("\n")
    named = _BYLINE.match(one_line(opening))
    if named and (not rest.strip() or not rest.split("\n", 1)[0].strip()):
        draft.text("byline", named["who"])
        body = rest
    draft.body(_after_dateline(paragraphs(body), draft))


def _head_and_body(text: str) -> tuple[str, str]:
    """The lines above the first blank line; where they are only words of the wire, the next block belongs to them."""
    head, _, body = re.sub(r"\n[ \t]+(?=\n)", "\n", text).strip("\n").partition("\n\n")
    lines = [one_line(line) for line in head.split("\n")]
    if body and all(read_word(line) or (line.startswith("(") and line.endswith(")")) for line in lines):
        following, _, body = body.strip("\n").partition("\n\n")
        head = f"{head}\n{following}"
    return head, body


def _after_dateline(body: str, draft: Draft) -> str:
    """``Geneva (abc) - Text``: within the first paragraphs, the place in ordinary letters too."""
    for paragraph in body.split("\n\n")[:5]:
        match = re.match(r"(?P<head>[A-ZÀ-Þ][^()\n]{1,60}?) \((?P<agency>[^()\n]{2,40})\) [-–—_]{1,2} ", paragraph)
        if match:
            draft.dateline(match["head"])
            return body.replace(match.group(), "", 1)
    return body


def _life(number: str, draft: Draft) -> None:
    status_of_words(draft)
    if {Signal.KILL, Signal.WITHHOLD, Signal.CORRECTION} & set(draft["signals"] or ()) and not draft["replaces"]:
        found = referred("\n".join(filter(None, (draft["headline"], draft["body_text"], draft["ednote"]))), number)
        draft.add("refers", [found])


def _time(text: str) -> datetime | None:
    found = None
    for match in _TIME.finditer(text):
        found = match
    if found is None or found["month"].lower() not in _MONTHS:
        return None
    year, month = century(int(found["year"])), _MONTHS[found["month"].lower()]
    try:
        local = datetime(year, month, int(found["day"]), int(found["hour"]), int(found["minute"]), tzinfo=UTC)
    except ValueError:
        return None
    offset = _ZONES.get(found["zone"] or "GMT", 0)
    return datetime.fromtimestamp(local.timestamp() - offset * 3600, UTC)
