"""Plain wire text: one story a file or message, or several between ZCZC and NNNN.

The lines above the dateline are distinguished by place and shape: category, slug, headline, subheadline. A text
without a dateline has its headline in the first line. ``Eds:`` lines and notes to editors go to ``ednote``, never to
the body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from connectors.dates import last_such_day
from connectors.parsers.codes import signals
from connectors.parsers.draft import Draft
from connectors.parsers.rows import joined
from connectors.parsers.wirewords import read_word
from pipeline.events.datelines.strict import Dateline, find_dateline
from pipeline.events.errors import ParseError
from pipeline.events.item import Item, ParseContext, Parsed, RejectedItem, Subject

#: Item fields that this parser can fill.
FIELDS = frozenset({
    "uri", "headline", "subheadline", "kicker", "slugline", "byline", "dateline", "located", "provider", "body_text",
    "ednote", "signals", "link", "language", "version", "versioncreated", "firstcreated", "urgency", "priority",
    "keywords", "subjects", "pubstatus", "embargoed",
})  # fmt: skip

#: The lines before and after a message.
_FRAME = re.compile(r"^[ \t]*(?:ZCZC(?P<head>[^\n]*)|NNNN[ \t]*)$", re.MULTILINE)
#: ``NVA021``, ``ABC 0123``, ``0123``: a channel and a number. Letters alone name an agency.
_NUMBER = re.compile(r"\A(?P<channel>[A-Za-z]{1,6})?[ -]?(?P<number>\d{1,6})\b")
#: Of a dateline: ``March 14``, ``14 März``.
_DATE = re.compile(r"\b[^\W\d_]{3,9}\.? \d{1,2}\b|\b\d{1,2}\.? [^\W\d_]{3,9}\b")
_HEADER = re.compile(r"\A(?P<name>[A-Za-z][A-Za-z-]{1,20}):(?P<value>.*)")
#: "S. Korea-Valdoria-trade (LEAD)": keywords joined by hyphens or strokes, followed by what the version is.
_KEYWORDS = re.compile(
    r"\A(?:[\w.'’]{1,60} )?[\w.'’]{1,60}(?:[-/][\w.'’]{1,60}(?: [\w.'’]{1,60})?){2,9}(?: \((?P<word>[^()]{2,30})\))?"
)
_END_MARK = re.compile(r"\A(?:\((?:END|MORE|FIN|ENDS)\)|-30-|#{3,}|-? ?(?:ends|ENDS) ?-?)\Z")
_SLUG = re.compile(r"^(?:BC-|AM-|PM-)?[A-Z0-9][A-Za-z0-9]*(?:[-/][A-Za-z0-9]+)+(?:,[^.]*)?$|^(?:BC|AM|PM)-\S")
_EDNOTE = re.compile(
    r"^(?:Eds:|EDS:|\(?Eds\.?:|EDITOR['’]?S['’]? NOTE|EDITORS['’]? NOTE|Note to editors|\(ATTN:)", re.IGNORECASE
)
#: "BC-US--Bridge Closing, 2nd Ld-Writethru": slugs with a cycle before them may have spaces.
_KEYWORD_LINE = re.compile(r"(?:BC|AM|PM)-[A-Z]{2,3}-{1,2}\S")
_BYLINE = re.compile(r"^(?:By|BY) (?P<who>[A-Z][^.]{2,80})$")
#: Headers that a drop folder's text may start with, one a line, ended by a blank line.
_FIELDS_BY_HEADER = {
    "id": "uri", "uri": "uri", "version": "version", "slug": "slugline", "slugline": "slugline", "link": "link",
    "url": "link", "language": "language", "kicker": "kicker", "byline": "byline", "urgency": "urgency",
    "priority": "priority", "keywords": "keywords", "status": "pubstatus", "embargoed": "embargoed",
    "versioncreated": "versioncreated", "firstcreated": "firstcreated", "date": "versioncreated", "ednote": "ednote",
    "provider": "provider", "signal": "signals", "subject": "subjects",
}  # fmt: skip
_MAX_HEADLINE = 240
#: Character sets in use before UTF-8, by language, where that is not Windows-1252.
_CHARSETS = {
    language: charset
    for charset, languages in (
        ("cp1250", "pl cs sk hu hr sl bs ro sq"), ("cp1251", "ru uk be bg sr mk kk ky mn tg"), ("cp1253", "el"),
        ("cp1254", "tr az"), ("cp1255", "he yi"), ("cp1256", "ar fa ur ps"), ("cp1257", "lt lv et"), ("cp1258", "vi"),
        ("cp932", "ja"), ("gb18030", "zh"), ("cp949", "ko"), ("cp874", "th"),
    )
    for language in languages.split()
}  # fmt: skip


def looks_like(data: bytes, content_type: str | None) -> float:
    """How much the bytes look like plain text, 0 … 1; low, so that any other format goes first."""
    if data[:200].lstrip().startswith((b"<", b"{", b"[")) or b"\x00" in data[:2000]:
        return 0.0
    return 0.4 if content_type and content_type.startswith("text/plain") else 0.2


def parse(data: bytes, context: ParseContext) -> Parsed:
    """Read one story, or all between ZCZC and NNNN.

    Raises:
        ParseError: it is empty, or not a text.
    """
    text = decode(data, context.charset, context.language).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise ParseError("the text is empty.")
    frames = _frames(text)
    if not frames:
        return Parsed(items=(story(text, context),))
    items: list[Item] = []
    rejected: list[RejectedItem] = []
    for frame in frames:
        if not frame.body.strip():
            original = f"ZCZC{frame.head}\n{frame.body}".encode()[:65536]
            reason = "nothing between ZCZC and NNNN"
            rejected.append(RejectedItem(reason=reason, position=f"line {frame.line}", original=original))
            continue
        item = story(frame.body, context)
        items.append(item if item.uri else item.model_copy(update={"uri": _frame_id(frame.head, item, context.now)}))
    return Parsed(items=tuple(items), rejected=tuple(rejected))


@dataclass(frozen=True)
class _Frame:
    """A message between ZCZC and NNNN, and the line on which it begins."""

    head: str
    body: str
    line: int


def _frames(text: str) -> list[_Frame]:
    """The messages of a text: from each ZCZC to the next NNNN, the next ZCZC or the end."""
    found: list[_Frame] = []
    marks = list(_FRAME.finditer(text))
    line, counted = 1, 0
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=False):
        line, counted = line + text.count("\n", counted, mark.start()), mark.start()
        if mark["head"] is not None:
            found.append(_Frame(mark["head"], text[mark.end() + 1 : end], line))
    return found


def _frame_id(head: str, item: Item, now: datetime) -> str | None:
    """The id of a message between ZCZC and NNNN: channel, number, day and slug.

    Numbers begin anew each day and are counted by channel; some agencies write only their name. ``None`` where that
    does not tell one story from another: the id is then a hash of the text.
    """
    number = _NUMBER.match(head.strip())
    written = _DATE.search(item.dateline or "")
    day = item.versioncreated or (last_such_day(written.group(), now) if written else None)
    if number is None or day is None or not (number["channel"] or item.slugline):
        return None
    parts = (
        "zczc",
        item.provider or "",
        number["channel"] or "",
        number["number"],
        day.date().isoformat(),
        item.slugline or "",
    )
    return ":".join(part.strip().lower() for part in parts)


def decode(data: bytes, charset: str | None, language: str | None = None) -> str:
    """Bytes as text: the declared charset, UTF-8, else the usual one of the language, else Windows-1252.

    Args:
        data: not UTF-16 without a byte order mark.
        charset: as declared.
        language: BCP 47 tag, if it is known: ``ru`` is Windows-1251 where it is not UTF-8.

    Raises:
        ParseError: the bytes are binary.
    """
    if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ParseError(f"byte {data.index(0)}: not a text (a zero byte).")
    candidates = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else [charset or "utf-8-sig", "utf-8-sig"]
    candidates += [found] if (found := _CHARSETS.get((language or "").lower().split("-")[0])) else []
    for candidate in candidates:
        try:
            return data.decode(candidate)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode(candidates[-1] if len(candidates) > 2 else "cp1252", "replace")


def story(text: str, context: ParseContext) -> Item:
    """One story's fields."""
    fields, text = _headers(text)
    text = _without_end_mark(text)
    blocks = [block.strip("\n") for block in re.split(r"\n[ \t]*\n", text) if block.strip()]
    blocks = [part for block in blocks[:3] for part in _before_dateline(block)] + blocks[3:]
    notes = [block for block in blocks if _EDNOTE.match(block.strip())]
    blocks = [block for block in blocks if block not in notes]
    if len(blocks) == 1:
        blocks = _loose_lines(blocks[0])
    place, dateline = _find(blocks)
    if dateline is not None:
        head, body = blocks[:place], blocks[place:]
        body = [body[0][dateline.end :].strip(), *body[1:]]
        fields |= {
            "dateline": dateline.text,
            "located": dateline.located,
            "provider": fields.get("provider") or dateline.agency,
        }
    else:
        head, body = _split_head(blocks)
    fields = {**_head(head), **fields}
    if body and (byline := _BYLINE.match(body[0].strip())):
        fields.setdefault("byline", byline["who"])
        body = body[1:]
    if notes:
        fields.setdefault("ednote", "\n".join(" ".join(note.split()) for note in notes))
    width = max((len(line.strip()) for block in body for line in block.split("\n")), default=0)
    return _drafted(fields, "\n\n".join(_unwrap(block, width) for block in body), context)


def _without_end_mark(text: str) -> str:
    """The text without a last line that only says that it ends: ``(END)``, ``-30-``, ``###``."""
    before, _, last = text.rstrip().rpartition("\n")
    return f"{before}\n" if before and _END_MARK.match(last.strip()) else text


def _before_dateline(block: str) -> list[str]:
    """A block in whose middle the story begins: each line above the dateline by itself, then the rest."""
    lines = block.split("\n")
    for index, line in enumerate(lines[1:8], start=1):
        if find_dateline(line) is not None:
            return [*lines[:index], "\n".join(lines[index:])]
    return [block]


def _drafted(fields: dict[str, object], body: str, context: ParseContext) -> Item:
    """The item; values that make no sense are kept in ``originals``."""
    draft = Draft(context, "text")
    for name, value in fields.items():
        if name in {"versioncreated", "firstcreated", "embargoed"}:
            draft.time(name, value, may_be_ahead=name == "embargoed")
        elif name in {"urgency", "priority"}:
            draft.number(name, value, 1, 9)
        elif name == "pubstatus":
            draft.status(value)
        elif name == "signals":
            known, unknown = signals(str(value).split(","))
            draft.add("signals", known)
            draft.keep("signal", " ".join(unknown))
        elif name == "keywords":
            draft.words("keywords", str(value).split(","))
        elif name == "subjects":
            draft.add("subjects", (Subject(name=part.strip()) for part in str(value).split(",") if part.strip()))
        else:
            draft.text(name, value)
    draft.text("body_text", body)
    return draft.item()


def _headers(text: str) -> tuple[dict[str, object], str]:
    fields: dict[str, object] = {}
    lines = text.lstrip("\n").split("\n")
    count = 0
    for line in lines:
        match = _HEADER.match(line)
        name = _FIELDS_BY_HEADER.get(match["name"].lower().replace("-", "")) if match else None
        if match is None or name is None:
            break
        fields[name] = match["value"].strip()
        count += 1
    return ({}, text) if count == 0 else (fields, "\n".join(lines[count:]))


def _loose_lines(block: str) -> list[str]:
    """A text without blank lines: its first line is the headline if it is short and does not end a sentence."""
    first, _, rest = block.partition("\n")
    if rest and len(first) <= _MAX_HEADLINE and not first.rstrip().endswith((".", ",")):
        return [first, rest]
    return [block]


def _find(blocks: list[str]) -> tuple[int, Dateline | None]:
    for index, block in enumerate(blocks[:6]):
        found = find_dateline(block)
        if found is not None:
            return index, found
    return 0, None


def _split_head(blocks: list[str]) -> tuple[list[str], list[str]]:
    if not blocks:
        return [], []
    count = 0
    for block in blocks[:4]:
        one_line = "\n" not in block.strip()
        if not one_line or len(block) > _MAX_HEADLINE or (count > 0 and block.rstrip().endswith((".", "”", '"'))):
            break
        count += 1
    if count == len(blocks):
        count = 1 if len(blocks) > 1 or len(blocks[0]) <= _MAX_HEADLINE else 0
    return blocks[:count], blocks[count:]


def _head(head: list[str]) -> dict[str, object]:
    """The lines above the text: the slug by its shape; of the rest the last before the subheadline is the headline."""
    fields: dict[str, object] = {}
    lines = [" ".join(part.split()) for block in head for part in block.split("\n") if part.strip()]
    plain: list[str] = []
    for line in lines:
        byline = _BYLINE.match(line)
        if byline:
            fields["byline"] = byline["who"]
        elif _EDNOTE.match(line):
            fields["ednote"] = line
        elif _SLUG.match(line) and (" " not in line.split(",")[0] or _KEYWORD_LINE.match(line)):
            fields["slugline"] = line
        elif len(plain) < 2 and line is not lines[-1] and (keywords := _KEYWORDS.fullmatch(line)):
            fields["slugline"] = line
            word = read_word(keywords["word"] or "")
            if word is not None:
                fields["signals"] = ",".join(word.signals)
        else:
            plain.append(line)
    if len(plain) >= 3 or (len(plain) == 2 and _is_category(plain[0])):
        fields["kicker"], plain = plain[0], plain[1:]
    if plain:
        fields["headline"] = plain[0]
    if len(plain) > 1:
        fields["subheadline"] = " ".join(plain[1:])
    return fields


def _is_category(line: str) -> bool:
    return len(line.split()) <= 2 and len(line) <= 24


def _unwrap(block: str, width: int) -> str:
    """One paragraph a line: lines broken at a fixed width are joined, those of a table or a list are not."""
    return joined(block.split("\n"), as_written=True, width=width)
