"""Quotations of a text: direct, indirect and mixed, with the words that name their source.

What stands between marks is hidden first, so that sentences and attributions are looked for in the frame around it.
A direct quotation is a span between marks with an attribution beside it, or one that stands alone next to another. A
mixed one is an indirect frame that holds marked words. Titles, nicknames and scare quotes have neither.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.enrich.quotes.marks import MarkedSpan, marked_spans
from pipeline.enrich.quotes.source import (
    Source,
    according_to,
    after_quote,
    before_quote,
    cue_words,
    speaking_clause,
    subject_of,
)
from pipeline.enrich.sentences import sentence_spans

_HIDDEN = "\x01"
_SAYING_THAT = re.compile(
    r", (saying|adding|warning|arguing|claiming|noting|stressing|insisting)(?: that)? (?!\x01|[\"“])"
)
_MIN_DIRECT_WORDS = 3
_MAX_SENTENCE = 1500
_THAT = re.compile(r"\bthat\b,?\s*")
_TIME = (
    r"(?:on |late |early |earlier )?(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|yesterday|today|earlier)"
    r"(?: (?:morning|afternoon|evening|night))?"
)
_TO_WHOM = (
    r"(?:reporters|journalists|lawmakers|parliament|a (?:news|press) (?:conference|briefing)|state (?:media|television|TV)|"
    r"(?:the|a|an|his|its|their) [\w-]+(?: (?!(?:he|she|it|they|that|his|her|the|there|its|their|some|all)\b)[\w-]+){0,3}?|(?:the )?(?:[A-Z][\w’'.&-]+ ?){1,4}|him|her|them|us|me|it)"
)
_AFTER_CUE = re.compile(
    rf"(?:,[^,]{{3,40}},)?(?:\s+(?:to )?{_TO_WHOM})?(?:\s+{_TIME})?(?:\s+(?:in|at|during|after) (?:a|an|the|his|her|their|its) [\w -]{{3,40}}?)?(?:\s+{_TIME})?,?\s*$"
)
_SAY = frozenset(("said", "says", "say", "told", "added", "adds", "insisted", "explained", "warned", "stressed", "noted",
                  "argued", "maintained", "conceded", "acknowledged", "confirmed", "announced", "claimed", "believes",
                  "thinks", "admitted", "reported", "predicted", "emphasized", "insists", "warns", "argues", "claims",
                  "hopes", "hoped", "suggest", "suggests", "complain", "complained", "complains", "fear", "fears", "feared", "believe", "stated", "states", "writes", "wrote", "replied", "recalled", "recalls", "tells", "testified", "feels", "felt", "believed", "thought"))  # fmt: skip
#: Those that often have a mere object: without "that" a verb must follow soon ("announced the start of").
_OBJECT_TOO = _SAY - {
    "said",
    "says",
    "say",
    "told",
    "added",
    "adds",
    "insisted",
    "insists",
    "warned",
    "explained",
    "stated",
    "replied",
    "testified",
}
_VERB_SOON = re.compile(
    r"(?:\S+\s+){0,7}?(?:is|are|was|were|will|would|has|have|had|can|could|should|may|might|must|did|do|does|'s|[a-z]+n't)\b"
)
#: What may stand right before an opening mark without comma or colon.
_LEADS_UP = re.compile(
    r"\b(?:(?:said|says|asked|told \w+|replied|added|wrote|stated)(?: that)?|(?:saying|writing|adding|stating)(?: [^\s,]+){0,6})\s*$"
)
#: "said that "…"": the frame goes on into the marks.
_FRAMED = re.compile(r"\b(?:said|says|told \w+|\w+ the \w+|wrote|added|stated|claimed|argued) that\b[^\x01:]*$")
#: Without "that", what follows these right away is no statement.
_NO_STATEMENT = re.compile(
    r"(?:to|by|of|with|for|about|against|so|no|nothing|yes|it all|as|from|into|and|or|in|on|at)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Found:
    """A quotation as found in the text; offsets are characters."""

    type: Literal["direct", "indirect", "mixed"]
    start: int
    end: int
    source: Source | None
    #: The source was taken over from the quotation beside it.
    inherited: bool = False


def find_quotes(text: str) -> list[Found]:
    """All quotations in the order in which they stand."""
    spans = marked_spans(text)
    frame = _frame(text, spans)
    opens = [span.open_at for span in spans]
    found: list[Found] = []
    alone: list[int] = []
    for start, end in _pieces(sentence_spans(frame)):
        inside = spans[bisect_left(opens, start) : bisect_left(opens, end)]
        direct = _direct(text, frame, start, end, inside)
        for quote in direct:
            if quote.source is None:
                alone.append(len(found))
            found.append(quote)
        if not direct:
            found.extend(_framed(text, frame, start, end, inside))
    return _inherit(text, _introduced(text, frame, found, alone), alone)


def _pieces(sentences: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sentences; what is longer than any sentence is a list or no prose, and is read in pieces."""
    for start, end in sentences:
        for at in range(start, end, _MAX_SENTENCE):
            yield at, min(at + _MAX_SENTENCE, end)


def _introduced(text: str, frame: str, found: list[Found], alone: list[int]) -> list[Found]:
    """A paragraph that ends in a colon introduces the quotation that begins the next one."""
    for index in list(alone):
        first = max(found[index].start - _MAX_SENTENCE, 0)
        before = frame[first : found[index].start].rstrip("\"“”„«'‘ \n")
        if before.endswith(":") and "\n" in text[first + len(before) : found[index].start]:
            start = max(before.rfind("\n"), before.rfind(". "), 0)
            source = before_quote(frame, first + start, first + len(before))
            if source is not None:
                found[index] = replace(found[index], source=source)
                alone.remove(index)
    return found


def _frame(text: str, spans: list[MarkedSpan]) -> str:
    """The text with all marked words hidden, but for a full stop that ends a sentence within the marks."""
    parts, at = [], 0
    for span in spans:
        inner = text[span.start : span.end]
        hidden = re.sub(r"[^\n]", _HIDDEN, inner).replace("\n", _HIDDEN)
        if inner.rstrip().endswith(".") and span.close_at > span.end:
            hidden = hidden[:-1] + "."
        parts += [text[at : span.start], hidden]
        at = span.end
    return "".join(parts) + text[at:]


def _words(text: str) -> int:
    return len(re.findall(r"\w+", text)) + 3 * text.count(f" {_HIDDEN}") + 3 * text.count(f'"{_HIDDEN}')


def _direct(text: str, frame: str, start: int, end: int, inside: list[MarkedSpan]) -> list[Found]:
    quotes: list[Found] = []
    source: Source | None = None
    for index, span in enumerate(inside):
        inner = text[span.start : span.end]
        next_open = inside[index + 1].open_at if index + 1 < len(inside) else end
        previous_close = inside[index - 1].close_at if index else start
        pre, post = frame[previous_close : span.open_at], frame[span.close_at : next_open]
        own = _adjacent(frame, span, previous_close, next_open, inner, pre, post)
        whole = not pre.strip(" ([") and not post.strip(" .)]")
        if own is None and not whole and not (source and _continues(pre)):
            continue
        least = 2 if whole and inner.rstrip()[-1:] in {".", "!", "?"} else _MIN_DIRECT_WORDS
        if _words(inner) < least and not (own and inner.rstrip()[-1:] in {",", "?", "!", "."}):
            continue
        source = own or source
        if own and index == 0 and own.start > span.close_at and _begins_before(pre):
            begin = start + len(frame[start : span.open_at]) - len(frame[start : span.open_at].lstrip())
            quotes.append(Found("mixed", begin, span.close_at, own))
            continue
        begin, finish = _trimmed(text, span.start, span.end)
        quotes.append(Found("direct", begin, finish, own or (source if not whole else None)))
    return quotes


def _begins_before(pre: str) -> bool:
    """``He called it "a disaster," Moe said``: the statement begins before the marks."""
    return (
        len(re.findall(r"\w+", pre)) > 1
        and not pre.rstrip().endswith((",", ":", "—", "–"))
        and not _LEADS_UP.search(pre)
    )


def _adjacent(
    frame: str, span: MarkedSpan, previous_close: int, next_open: int, inner: str, pre: str, post: str
) -> Source | None:
    """The attribution right beside a span: after a closing comma, or before the opening mark."""
    ends_open = inner.rstrip()[-1:] in {",", "?", "!", "…", "—", "-"} or post.lstrip()[:1] in {",", "—", "–", "-"}
    if ends_open or re.match(r"\s+[a-z]*\s?(?:said|says|according)", post):
        found = after_quote(frame, span.close_at, next_open)
        if found is not None:
            return found
    if (pre.rstrip().endswith((",", ":")) or _LEADS_UP.search(pre)) and not _FRAMED.search(pre):
        return before_quote(frame, previous_close, span.open_at)
    if re.match(r"\s*[-–—]\s*[A-Z]", post) and not pre.strip():
        return after_quote(frame, span.close_at, next_open)
    return None


def _continues(pre: str) -> bool:
    """``"…," he said, "…"``: the second part follows a comma, an "and" or a full stop."""
    return pre.rstrip().endswith((",", ":", ";", ".", "and", "adding", "—", "–")) or not pre.strip()


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    inner = text[start:end]
    begin = start + len(inner) - len(inner.lstrip())
    finish = start + len(inner.rstrip().rstrip(",").rstrip())
    return begin, max(finish, begin)


def _framed(text: str, frame: str, start: int, end: int, inside: list[MarkedSpan]) -> list[Found]:
    """An indirect or mixed quotation that a sentence's frame makes, if any."""
    for reader in (_leading_according, _participle, _trailing, _leading):
        found = reader(frame, start, end)
        if found is None or _words(text[found.start : found.end]) < _MIN_DIRECT_WORDS:
            continue
        begin, finish = _stripped(text, found.start, found.end)
        marked = any(begin <= span.open_at and span.end <= finish for span in inside)
        return [replace(found, start=begin, end=finish, type="mixed" if marked else "indirect")]
    return []


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " ,;:":
        start += 1
    while end > start and text[end - 1] in " ,;:.":
        end -= 1
    return start, end


def _leading_according(frame: str, start: int, end: int) -> Found | None:
    source = according_to(frame, start, end)
    if source is None:
        return None
    if source.cue_start - start < 3:
        begin = source.end if frame[source.end : source.end + 1] == " " else frame.find(",", source.end, end) + 1
        return Found("indirect", begin, end, source) if begin > 0 else None
    return Found("indirect", start, source.cue_start, source)


def _participle(frame: str, start: int, end: int) -> Found | None:
    """``SUBJECT …, saying (that) CONTENT``."""
    saying = _SAYING_THAT.search(frame, start, end)
    if saying is None:
        return None
    source = subject_of(frame, start, saying)
    return Found("indirect", saying.end(), end, source) if source is not None else None


def _trailing(frame: str, start: int, end: int) -> Found | None:
    """``CONTENT, SOURCE CUE …``: the attribution is the last clause."""
    for comma in reversed([match.start() for match in re.finditer(",", frame[start:end])]):
        clause = start + comma + 1
        cues = cue_words(frame, clause, end)
        if not cues:
            continue
        for cue in cues[:1]:
            source = speaking_clause(frame, clause, end, cue)
            if source is None or min(source.start, cue.start()) - clause > 2 or _has_content(frame, cue, source, end):
                break
            if _words(frame[start : start + comma]) < 4 or _only_lead(frame[start : start + comma]):
                break
            return Found("indirect", start, start + comma, source)
    return None


def _has_content(frame: str, cue: re.Match[str], source: Source, end: int) -> bool:
    rest = frame[max(cue.end(), source.end) : end].strip(" .")
    return (
        bool(_THAT.search(rest))
        or _words(rest) > 14
        or (
            cue.group().lower() in _SAY
            and source.end <= cue.start()
            and _words(rest) > 3
            and not _AFTER_CUE.fullmatch(" " + rest)
            and bool(re.search(r"\b(?:is|are|was|were|will|would|has|have|had|can|could|should)\b", rest))
        )
    )


def _only_lead(head: str) -> bool:
    return bool(
        re.match(r"(?:On|In|At|After|Before|During|Earlier|Meanwhile|However|Asked|Speaking|When|While|As)\b", head)
    ) and not re.search(r"\b(?:is|are|was|were|will|would|has|have|had|can|could|should|may|might)\b", head)


#: The subject goes on to do or say something else: "…, and is asking rebels", "… and added that".
_ELLIPTIC = re.compile(
    r", (?:and|but) (?:also |later |then )?(?:is|are|has|have|was|were|called|urged|vowed|promised)\b"
    r"|,? (?:and|but) (?:also |later |then )?(?:said|says|added|wrote|told|warned|claimed|noted|stressed)\b"
)


def _leading(frame: str, start: int, end: int) -> Found | None:
    """``SOURCE CUE (to whom) (when) that CONTENT``; without "that" after the plain verbs of saying."""
    for cue in cue_words(frame, start, end)[:3]:
        source = speaking_clause(frame, start, cue.start() + 1, cue)
        if source is None or source.start > cue.start():
            continue
        content = _content_after(frame, cue, end)
        if content is not None:
            stop = _ELLIPTIC.search(frame, content, end)
            return Found("indirect", content, stop.start() if stop else end, source)
    return None


def _content_after(frame: str, cue: re.Match[str], end: int) -> int | None:
    rest = frame[cue.end() : end]
    that = _THAT.search(rest)
    if (
        that
        and _words(rest[: that.start()]) <= 12
        and (that.start() <= 2 or _AFTER_CUE.fullmatch(rest[: that.start()]))
    ):
        return cue.end() + that.end()
    word = cue.group().lower()
    if word not in _SAY:
        return None
    whom = _TO_WHOM if word == "told" else f"to {_TO_WHOM}"
    skipped = re.match(rf"\s+(?:{whom}\s+)?{_TIME},?\s+", rest) or (
        re.match(rf"\s+{_TO_WHOM}\s+", rest) if word == "told" else re.match(r"\s+", rest)
    )
    if skipped is None or _NO_STATEMENT.match(rest, skipped.end()) or _words(rest[skipped.end() :]) < _MIN_DIRECT_WORDS:
        return None
    if word in _OBJECT_TOO and not _VERB_SOON.match(rest, skipped.end()):
        return None
    return cue.end() + skipped.end()


def _inherit(text: str, found: list[Found], alone: list[int]) -> list[Found]:
    """A quotation without a source of its own belongs to the speaker of the one beside it."""
    for index in alone:
        quote = found[index]
        before = found[index - 1] if index else None
        after = found[index + 1] if index + 1 < len(found) else None
        if before and before.source and _near(text, before, quote, paragraphs=0):
            found[index] = replace(quote, source=before.source, inherited=True)
        elif after and after.source and after.type == "direct" and _near(text, quote, after, paragraphs=0):
            found[index] = replace(quote, source=after.source, inherited=True)
        elif before and before.source and _near(text, before, quote, paragraphs=1):
            found[index] = replace(quote, source=before.source, inherited=True)
    return [quote for quote in found if quote.source is not None or _words(text[quote.start : quote.end]) >= 6]


def _near(text: str, one: Found, other: Found, *, paragraphs: int) -> bool:
    between = text[one.end : other.start]
    return between.count("\n\n") <= paragraphs and len(between) < 250
