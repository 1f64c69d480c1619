"""Quotation marks to spans: straight, curly, guillemets, single, over several paragraphs, odd numbers.

A mark is told opening or closing by what stands around it, not by its shape alone (real files mix them). A quotation
that runs over several paragraphs opens each of them and closes only the last. A mark that is never closed ends with its
paragraph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.places import InOrder
from pipeline.enrich.quotes.words import CUES

_PATTERNS = patterns("quotes/marks")

#: Marks after one that are looked at to tell whether it opens or closes.
_AHEAD = 12
#: How far a quotation runs on without a mark.
_MAX_PARAGRAPHS = 3
_DOUBLE_OPEN, _DOUBLE_CLOSE, _DOUBLE_ANY = "“„«", "”»", '"'


@dataclass(frozen=True)
class MarkedSpan:
    """Text between marks: ``[start, end)`` of the words, without the marks.

    Attributes:
        open_at: where the opening mark stands.
        close_at: after the closing mark; equal to ``end`` where there is none.
        paragraph: start of the paragraph in which it ends.
    """

    start: int
    end: int
    open_at: int
    close_at: int


def marked_spans(text: str) -> list[MarkedSpan]:
    """All outermost spans between marks, in order.

    Where double marks are used, single ones count only after a verb of saying and a comma or colon.
    """
    text = plain_marks(text)
    spans, singles = _double(text), _single(text)
    if not spans:
        return singles
    doubles = InOrder([(span.open_at, span) for span in spans])
    led = [span for span in singles if _led_up(text, span) and not _overlaps(doubles, span)]
    return sorted([*spans, *led], key=lambda span: span.open_at)


def _led_up(text: str, span: MarkedSpan) -> bool:
    verb = _VERB_LEADS.search(text, max(span.open_at - _LONGEST_VERB, 0), span.open_at)
    if verb is None:
        return False
    # "concluding `honesty comes hard.'": a mark that can only open needs no comma before it.
    return verb.group(1) in (CUES if verb.group(2) else _LEADING) and (bool(verb.group(2)) or text[span.open_at] == "‘")


def _overlaps(doubles: InOrder[MarkedSpan], span: MarkedSpan) -> bool:
    return bool(doubles.items(span.open_at, span.close_at)) or any(
        span.open_at < double.close_at for _, double in doubles.around(span.open_at)
    )


def plain_marks(text: str) -> str:
    """The text, as long as before, with the marks of typewriters and old wires (``…'', `…') told as marks.

    The space that a double mark leaves stands outside what it encloses.
    """
    if "`" not in text and "''" not in text and "’’" not in text and "‘‘" not in text and "‘’" not in text:
        return text
    return _TYPED.sub(_typed, text)


def _typed(match: re.Match[str]) -> str:
    mark, text = match.group(), match.string
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if mark == "`":
        return "’" if before.isalnum() else "‘"
    opens = mark in {"``", "‘‘"} or ((not before or before.isspace() or before in "([—-") and not after.isspace())
    return " “" if opens and after else "” "


_DOUBLE = re.compile(f"[{_DOUBLE_OPEN}{_DOUBLE_CLOSE}{_DOUBLE_ANY}]")
_SINGLE = re.compile(r"[‘’']|\n\n")
#: No verb is longer; to look further back would take ages after a run of letters without end.
_LONGEST_VERB = 20
_VERB_AND_COMMA = re.compile(r"([a-z]+),$")
_VERB_LEADS = re.compile(r"([a-z]+)([,:])? $")
_LEADING = CUES | ENGLISH.forms("leads")
_TYPED = re.compile(r"``|''|’’|‘‘|‘’|`")


def _double(text: str) -> list[MarkedSpan]:
    spans: list[MarkedSpan] = []
    offset = 0
    running: tuple[int, int] | None = None  # open_at and start of a quotation that the paragraph before left open
    for paragraph in text.split("\n\n"):
        opened = running
        running = None
        within = 0  # quotations within the one that is open
        marks = list(_DOUBLE.finditer(paragraph))
        for place, mark in enumerate(marks):
            index, character = mark.start(), mark.group()
            at = offset + index
            if opened is None:
                if _opens(paragraph, index, character) or _misplaced(paragraph, index):
                    opened = (at, at + 1)
            elif _repeats_opening(paragraph, index, opened, offset):
                continue
            elif character in _DOUBLE_ANY and _opens(paragraph, index, character):
                following = [
                    _opens(paragraph, one.start(), one.group()) for one in marks[place + 1 : place + 1 + _AHEAD]
                ]
                if _balanced(following):
                    within += 1
                elif not following or following[0]:  # "How To Save It "was seen": a space before what closes
                    spans.append(MarkedSpan(opened[1], _without_space(text, opened[1], at), opened[0], at + 1))
                    opened = None
            elif within:
                within -= 1
            elif _closes(paragraph, index, character):
                spans.append(MarkedSpan(opened[1], at, opened[0], at + 1))
                opened = None
        end = offset + len(paragraph)
        if opened is not None and (forgotten := _FORGOTTEN.search(text, opened[1], end)):
            spans.append(MarkedSpan(opened[1], forgotten.start() + 1, opened[0], forgotten.start() + 1))
            opened = None
        if opened is not None:
            if _next_opens(text, end) or _next_closes(text, end):
                running = opened
            else:
                spans.append(MarkedSpan(opened[1], _trimmed_end(text, opened[1], end), opened[0], end))
        offset = end + 2
    return spans


def _balanced(following: list[bool]) -> bool:
    """Whether of the marks after one that opens within another enough close both; ``True`` for each that opens."""
    depth = 2
    for opens in following:
        depth += 1 if opens else -1
        if not depth:
            return True
    return False


def _without_space(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def _opens(paragraph: str, index: int, character: str) -> bool:
    if character in _DOUBLE_OPEN:
        return True
    before = paragraph[index - 1] if index else " "
    after = paragraph[index + 1] if index + 1 < len(paragraph) else " "
    return character in _DOUBLE_ANY and not after.isspace() and not before.isalnum()


def _misplaced(paragraph: str, index: int) -> bool:
    """``Moe said," It rained"``: nothing is open, so a mark after a verb and a comma opens, if the next can close it."""
    following = _DOUBLE.search(paragraph, index + 1)
    verb = _VERB_AND_COMMA.search(paragraph, max(index - _LONGEST_VERB, 0), index)
    return (
        verb is not None
        and verb.group(1) in CUES
        and following is not None
        and not _opens(paragraph, following.start(), following.group())
    )


def _closes(paragraph: str, index: int, character: str) -> bool:
    if character in _DOUBLE_CLOSE:
        return True
    after = paragraph[index + 1] if index + 1 < len(paragraph) else " "
    # „German“ closes with an opening shape.
    return not after.isalnum() or character == "“"


def _repeats_opening(paragraph: str, index: int, opened: tuple[int, int], offset: int) -> bool:
    """The mark at the head of a further paragraph of one quotation."""
    return opened[0] < offset and not paragraph[:index].strip() and paragraph[index] in _DOUBLE_OPEN + _DOUBLE_ANY


def _next_opens(text: str, end: int) -> bool:
    head = text[end + 2 : end + 4].lstrip()
    return bool(head) and head[0] in _DOUBLE_OPEN + _DOUBLE_ANY


def _next_closes(text: str, end: int) -> bool:
    """Whether the first mark of the next paragraphs closes what this one left open."""
    for _ in range(_MAX_PARAGRAPHS):
        stop = text.find("\n\n", end + 2)
        paragraph = text[end + 2 : stop if stop >= 0 else len(text)]
        first = _DOUBLE.search(paragraph)
        if first is not None:
            at = first.start()
            if at == 0 or (paragraph[at - 1].isspace() and paragraph[at + 1 :].strip()):
                return False
            return not _opens(paragraph, at, paragraph[at]) and _closes(paragraph, at, paragraph[at])
        if stop < 0:
            return False
        end = stop
    return False


#: "We lost everything, Moe said." at the end of a paragraph: a mark forgotten before the attribution.
_FORGOTTEN = _PATTERNS["forgotten"]


def _trimmed_end(text: str, start: int, end: int) -> int:
    """The end of what is never closed; a single mark after a full stop was meant to close it."""
    words = text[start:end].rstrip()
    return start + len(words) - (1 if re.search(r"[.?!,]['’]$", words) and "‘" not in words else 0)


def _single(text: str) -> list[MarkedSpan]:
    """Spans in single marks; an apostrophe within or after a word is none."""
    spans = []
    opened: int | None = None
    for mark in _SINGLE.finditer(text):
        at, character = mark.start(), mark.group()
        if character == "\n\n":
            opened = None
            continue
        before = text[at - 1] if at else " "
        after = text[at + 1] if at + 1 < len(text) else " "
        if opened is None and character in "‘'" and (before.isspace() or before in "([—–-") and after.isalnum():
            opened = at
        elif (
            opened is not None and character in "’'" and not after.isalnum() and (before in ",.?!…" or before.isalnum())
        ) and (before in ",.?!…" or after in ",.;:)" or before != "s"):
            spans.append(MarkedSpan(opened + 1, at, opened, at + 1))
            opened = None
    return spans
