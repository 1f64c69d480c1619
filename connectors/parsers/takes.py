"""Parts of a story in text wires: adds, takes, subs and inserts; and whether a new lead keeps the parts before it.

Agencies number adds from the first one after the lead ("1st Add" is the second part) and takes from the lead ("2nd
Take" is the second part too). A sub or an insert names its place in the note above it: "SUBS 3rd graf to correct name".
"""

from __future__ import annotations

import re

from connectors.parsers.draft import Draft
from connectors.parsers.wirewords import Word
from pipeline.events.item import Signal

_ORDINAL = r"(?:st|nd|rd|th)?"
_GRAFS = r"(?:grafs?|pgh?s?|paragraphs?|paras?)"
_RANGE = rf"(?P<first>\d{{1,2}}){_ORDINAL}(?:\s?(?:-|to|through|thru|and|&)\s?(?P<last>\d{{1,2}}){_ORDINAL})?"
_SUB = re.compile(
    rf"\b(?:subs?|substitutes?)\b[^.;:\n]{{0,30}}?\b(?:{_GRAFS}\s)?{_RANGE}(?:\s{_GRAFS})?\b", re.IGNORECASE
)
_INSERT = re.compile(
    rf"\binserts?\b[^.;:\n]{{0,30}}?\bafter\s(?:the\s)?(?:{_GRAFS}\s)?(?P<first>\d{{1,2}}){_ORDINAL}(?:\s{_GRAFS})?\b",
    re.IGNORECASE,
)
_NAMES_GRAFS = re.compile(rf"\b{_GRAFS}\b", re.IGNORECASE)
_CORRECTS = re.compile(r"\bcorrect", re.IGNORECASE)
#: The last line of a sub says where the former text goes on.
_PICKS_UP = re.compile(r"\bpicks?\s?up\b[^\n]{0,200}\Z", re.IGNORECASE)
_LONGEST_RANGE = 40
#: The place of a sub that does not say which paragraphs it replaces.
NOWHERE = (0, 0)


def say(draft: Draft, word: Word, *, leads_are_tops: bool = False) -> None:
    """Set what a word of the wire says of the version: signals, number of the lead or of the part.

    Args:
        draft: of the item.
        word: of the wire.
        leads_are_tops: a lead that is no writethru replaces the top alone, as American agencies have it; elsewhere
            a new lead is the whole story.
    """
    draft.add("signals", word.signals)
    if Signal.LEAD in word.signals:
        draft.text("version", word.number or "")
        if leads_are_tops and word.kind == "lead":
            draft.value("keeps_parts", True)
    elif word.kind == "sub":
        draft.value("replaces", _range(word.text) or NOWHERE)
    elif word.kind in {"add", "take"} and word.number:
        draft.number("take", word.number + (word.kind == "add"), 1, 999)


def place(draft: Draft) -> None:
    """Set which paragraphs a sub replaces or an insert follows, from its note or first line, where one says it."""
    if Signal.TAKE not in (draft["signals"] or ()):
        return
    body = draft["body_text"] or ""
    opening, _, rest = body.partition("\n\n")
    for text, is_line in ((draft["ednote"] or "", False), (opening, True)):
        found = _range(text[:500])
        if found is None:
            continue
        draft.drop("replaces")
        draft.value("replaces", found)
        if _CORRECTS.search(text[:500]):
            draft.add("signals", [Signal.CORRECTION])
        if is_line and rest and len(opening) < 200:
            draft.also("ednote", opening)
            body = rest
        break
    draft.text("body_text", _without_pick_up(body), replace=True)


def _range(text: str) -> tuple[int, int] | None:
    sub, insert = _SUB.search(text), _INSERT.search(text)
    if sub and _NAMES_GRAFS.search(sub.group()):
        first = int(sub["first"])
        last = int(sub["last"] or first)
        return (first, last - first + 1) if 0 < first <= last < first + _LONGEST_RANGE else None
    if insert and _NAMES_GRAFS.search(insert.group()) and int(insert["first"]):
        return int(insert["first"]), 0
    return None


def _without_pick_up(body: str) -> str:
    before, _, last = body.rpartition("\n\n")
    return before if before and _PICKS_UP.match(last) else body
