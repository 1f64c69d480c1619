"""ANPA 1312: the text wire of American agencies, ``SYN SYN SOH header STX text ETX time EOT``.

Header: service letter and number, selector; priority letter, category letter, keyword, version, date, words. In the
text ``^`` begins and ``<`` or ``=`` ends a line above the story (keyword line, headline, photos, ``Eds:``, byline); a
tab begins a paragraph. Messages that have lost their control characters, or stand between ZCZC and NNNN, are read too.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from itertools import pairwise

from connectors.dates import century, zone_seconds
from connectors.parsers import takes
from connectors.parsers.draft import Draft, one_line, sized
from connectors.parsers.rows import cells, is_row
from connectors.parsers.text import decode
from connectors.parsers.wirewords import read_word, referred, status_of_words
from pipeline.events.datelines.strict import find_dateline
from pipeline.events.errors import ParseError
from pipeline.events.item import Author, Item, Media, ParseContext, Parsed, RejectedItem, Signal, Subject

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "version", "versioncreated", "pubstatus", "signals", "refers", "take", "keeps_parts", "replaces",
    "urgency", "slugline", "headline", "byline", "authors", "dateline", "located", "subjects", "description",
    "body_text", "provider", "ednote", "media",
})  # fmt: skip

# Every repetition has an upper bound: lines of blanks must not make the search slow.
_CONTROL = r"[\x00-\x09\x0b-\x1f ]{0,40}"
_HEADER = re.compile(
    rf"{_CONTROL}(?P<service>[A-Za-z])(?P<number>\d{{4}})[\x1f ]?(?P<selector>[A-Za-z0-9-]{{0,40}}){_CONTROL}\n"
    rf"{_CONTROL}(?P<priority>[A-Za-z]) (?P<category>[A-Za-z0-9]){_CONTROL}(?P<keyword>[^\n]{{0,120}}?)"
    r"[ \x11-\x14\x1f]{1,6}(?P<month>\d{1,2})-(?P<day>\d{1,2})(?: (?P<words>\d{0,5}))?"
    r"[\x00-\x01\x03-\x09\x0b-\x1f ]{0,40}(?=\n|\x02|$)"
)
_TIME = re.compile(
    r"(?P<provider>[A-Z]{2,6})-[A-Z]{2,3}-(?P<month>\d\d)-(?P<day>\d\d)-(?P<year>\d\d) (?P<hour>\d\d)(?P<minute>\d\d)"
    r"(?P<zone>GMT|[A-Z]{3})"
)
_FRAMES = re.compile(r"^[ \t]*(?:ZCZC[^\n]*|NNNN[ \t]*)$", re.MULTILINE)
_PHOTOS = re.compile(r"^(?P<kind>[A-Z]{2,5} (?:Photo|Video|Graphic|Interactive|Audio)s?)\b:?(?P<names>.*)")
_EDS = re.compile(r"^\(?(?:Eds?[:.]|EDITOR['’]?S['’]? NOTE|EDITORS['’]? NOTE)(?P<note>.*)", re.IGNORECASE)
_BYLINE = re.compile(r"^By (?P<who>\S.{1,120})$", re.IGNORECASE)
_NOTE_IN_TEXT = re.compile(r"^EDITOR['’]?S['’]? NOTE {0,9}[_—–:-](?P<note>.*)")
_URGENCY = {"f": 1, "b": 2, "u": 3, "r": 4, "d": 5, "a": 6}
_ALARM = {"f": Signal.FLASH, "b": Signal.URGENT, "u": Signal.URGENT}


def looks_like(data: bytes, content_type: str | None) -> float:  # noqa: ARG001 - the protocol's
    """How much the bytes look like ANPA 1312, 0 … 1."""
    head = _FRAMES.sub("", data[:600].decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")).lstrip("\n")
    return 0.92 if _HEADER.match(head) else 0.0


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read one message or several.

    Options:
        identity: ``slug`` (an item is what has one keyword in one day: a writethru replaces the story) or ``number``.

    Raises:
        ParseError: no header of ANPA 1312 in it.
    """
    text = decode(sized(data, context).replace(b"\x00", b""), context.charset or "utf-8", context.language)
    text = _FRAMES.sub("\x04", text.replace("\r\n", "\n").replace("\r", "\n"))
    items: list[Item] = []
    rejected: list[RejectedItem] = []
    for number, message in enumerate((part for part in text.split("\x04") if part.strip(" \n\x16\x03")), start=1):
        header = _HEADER.match(message.lstrip("\n"))
        if header is None:
            original = message.encode()[:65536]
            reason = "no header of ANPA 1312"
            rejected.append(RejectedItem(reason=reason, position=f"message {number}", original=original))
        else:
            items.append(_item(header, message.lstrip("\n")[header.end() :], context))
    if not items:
        raise ParseError("this is not ANPA 1312: no header such as 'W1234' and 'r i BC-Slug 01-31 0400' was found.")
    return Parsed(items=tuple(items), rejected=tuple(rejected))


def _item(header: re.Match[str], rest: str, context: ParseContext) -> Item:
    draft = Draft(context, "text")
    letter = header["priority"].lower()
    draft.number("urgency", _URGENCY.get(letter, ""), 1, 9)
    if letter not in _URGENCY:
        draft.keep("priority", letter)
    draft.add("signals", [_ALARM.get(letter)])
    draft.add("subjects", [Subject(code=header["category"].lower(), scheme="category")])
    text = rest.partition("\x02")[2] if "\x02" in rest else rest
    created = _time(text, draft)
    text, _, _ = text.partition("\x03")
    above, body = _split(_TIME.sub("", text).replace("``", "“").replace("''", "”"))
    keyword = one_line(header["keyword"])
    above = [line for line in above if not re.fullmatch(r"\*?\d{3,5}", line)]
    body = [*_above(above if above and _is_keyword(above[0], keyword) else [keyword, *above], body, draft), *body]
    _body(body, draft)
    takes.place(draft)
    status_of_words(draft)
    if {Signal.KILL, Signal.WITHHOLD, Signal.CORRECTION} & set(draft["signals"] or ()) and not draft["replaces"]:
        spoken = "\n".join(filter(None, (draft["headline"], draft["ednote"], draft["body_text"])))
        draft.add("refers", [referred(spoken, header["number"])])
    day = (created or draft.now()).date().isoformat()
    slug = draft["slugline"] or keyword
    by_number = context.options.get("identity") == "number" or not slug
    draft.text("uri", ":".join(filter(None, (
        header["service"].upper() + header["number"] if by_number else header["service"].upper(), day, slug,
    ))))  # fmt: skip
    return draft.item()


def _time(text: str, draft: Draft) -> datetime | None:
    match = _TIME.search(text)
    if match is None:
        return None
    draft.text("provider", match["provider"])
    try:
        found = datetime(
            century(int(match["year"])), int(match["month"]), int(match["day"]), int(match["hour"]),
            int(match["minute"]), tzinfo=timezone(timedelta(seconds=zone_seconds(match["zone"]))),
        )  # fmt: skip
    except ValueError:
        draft.keep("versioncreated", match.group())
        return None
    draft.time("versioncreated", found.isoformat())
    return found


def _split(text: str) -> tuple[list[str], list[str]]:
    """The lines above the story, and its paragraphs, which begin with a tab or at least three blanks."""
    lines = [line for line in re.sub(r"<\s*\^", "<\n^", text).split("\n") if line.strip(" \t\x10\x08<=^")]
    first = next((index for index, line in enumerate(lines) if re.match(r"\t| {3}", line)), len(lines))
    above = [stripped for line in lines[:first] if line.startswith("^") and (stripped := _plain(line))]
    loose = [line for line in lines[:first] if not line.startswith("^")]
    if first == len(lines):  # a table or a list: what is below the headline is the text
        marked = [index for index, line in enumerate(lines) if line.startswith("^")]
        cut = marked[2] if len(marked) > 2 else len(lines)
        return above, [_plain(line) for line in lines[cut:]] or [_plain(line) for line in loose]
    return above, [*(_plain(line) for line in loose), *_joined(lines[first:])]


def _joined(lines: list[str]) -> list[str]:
    """Paragraphs: lines that do not begin one belong to the one before."""
    found: list[str] = []
    rows = [is_row(line.rstrip("<=")) for line in lines]
    for index, line in enumerate(lines):
        if rows[index] and (rows[index - 1 : index] == [True] or rows[index + 1 : index + 2] == [True]):
            row = cells(line.strip("^<="))
            if rows[index - 1 : index] == [True]:
                found[-1] += f"\n{row}"
            else:
                found.append(row)
        elif re.match(r"\t| {3}|\^", line) or not found:
            found.append(_plain(line))
        else:
            # the sign at the end of the line before says that it ends there, as in tables
            found[-1] += ("\n" if lines[index - 1].rstrip().endswith("<") else " ") + _plain(line)
    return found


def _plain(line: str) -> str:
    return one_line(line).strip("^").rstrip("<= ").strip()


def _is_keyword(line: str, keyword: str) -> bool:
    """Whether a line of the text begins with the keyword of the header, however that was shortened."""
    written, wanted = (re.sub(r"[^a-z0-9]", "", text.lower()) for text in (line, keyword.split(" ", maxsplit=1)[0]))
    return bool(wanted) and written.startswith(wanted[:8])


def _above(lines: list[str], body: list[str], draft: Draft) -> list[str]:
    """Keyword line, headline, photos, notes, byline, writer's title, summary; gives back what is none of these."""
    _keyword(lines[0] if lines else "", draft)
    left: list[str] = []
    for before, line in pairwise(lines):
        photos, note, byline = _PHOTOS.match(line), _EDS.match(line), _BYLINE.match(line)
        if photos:
            draft.add("media", [Media(title=f"{photos['kind'].removesuffix('s')} {name.strip()}")
                                for name in photos["names"].split(",") if name.strip()])  # fmt: skip
        elif note:
            draft.also("ednote", note["note"].removesuffix(")").strip(" :_—–-"))
        elif byline:
            draft.text("byline", byline["who"])
        elif _BYLINE.match(before) and not line.isupper():
            draft.add("authors", [Author(name=draft["byline"], role=line)])
        elif "headline" not in draft:
            draft.text("headline", line)
        elif "description" not in draft and len(line) > 60:
            draft.text("description", _dashes(line))
        elif line not in body:
            left.append(line)
    if "headline" not in draft and body and len(body[0]) <= 240:
        found = find_dateline(body[0])
        draft.text("headline", body[0][found.end :] if found else body[0])
    return left


def _dashes(text: str) -> str:
    return re.sub(r" _+ ", " — ", text)


def _keyword(line: str, draft: Draft) -> None:
    """``BC-US--Slug, 1st Ld-Writethru,1140``: slug, what the version is, number of words."""
    slug, *parts = (part.strip() for part in line.split(","))
    draft.text("slugline", slug)
    for part in parts:
        word = read_word(part)
        if word is not None:
            takes.say(draft, word, leads_are_tops=True)


def _body(body: list[str], draft: Draft) -> None:
    kept = []
    for paragraph in body:
        note = _NOTE_IN_TEXT.match(paragraph)
        if note:
            draft.also("ednote", note["note"])
        elif paragraph.strip("_ "):
            kept.append(paragraph)
    found = find_dateline(kept[0]) if kept else None
    if found is not None:
        draft.dateline(found.text)
        draft.text("provider", found.agency)
        kept[0] = kept[0][found.end :]
    draft.body("\n\n".join(_dashes(paragraph) for paragraph in kept))
