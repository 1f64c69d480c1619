"""Direct quotations of a sentence: marked words with an attribution next to them, or standing alone.

A statement that begins before its marks or goes on after them is none: "he called it "a disaster"", "the talks "lay bare
the aim" of the West".
"""

from __future__ import annotations

import re

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.any_verb import any_verb_after, any_verb_before
from pipeline.enrich.quotes.content import words
from pipeline.enrich.quotes.marks import MarkedSpan
from pipeline.enrich.quotes.next_to_marks import ATTRIBUTED, after_quote, before_quote, speaker_by_colon
from pipeline.enrich.quotes.phrases import FINITE, finds
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.enrich.quotes.source import ACCORDING, Source
from pipeline.enrich.quotes.words import CALLING, CUES

_MIN_WORDS = 3
#: A whole sentence may follow any verb of speech without a comma: "he shouted "Stop the trains""; these take objects.
_SPEECH = CUES - CALLING - ENGLISH.forms("object")
_PATTERNS = patterns("quotes/direct", pasts_of_speech=[form for form in _SPEECH if form.endswith("d")])
#: What may stand right before an opening mark without comma or colon.
_LEADS_UP = _PATTERNS["leads_up"]
#: What follows these may be short: "they chanted "Ferry out"".
_SHOUTING = ENGLISH.forms("shouts")
_LAST_WORD = re.compile(r"([A-Za-z]+)\s*$")
#: After the marks the clause goes on: "said "nobody is more dedicated" to peace"; not: when, where, what else was done.
_GOES_ON = _PATTERNS["goes_on"]
#: "told reporters that, in his words, "…""
_IN_WORDS = _PATTERNS["in_words"]
#: "(Harwick Post) "…""
_LED_BY_CREDIT = _PATTERNS["led_by_credit"]
#: "he said - quote - "…""
_QUOTE = _PATTERNS["quote"]
#: "… called it "a start" and said that "…""
_AND_SAID = _PATTERNS["and_said"]
_SHOWING = ENGLISH.forms("shows")
#: What is shown, not said: signs, shirts.
_SHOWN = _PATTERNS["shown"]
_WORD = re.compile(r"[\w’'-]+")
_SAYS = _PATTERNS["says"]
#: "said that "…"", "said although it rained, "…"": the frame goes on into the marks.
_FRAMED = _PATTERNS["framed"]
#: "… that day, he added, "…"": another verb of saying stands right before the marks.
_THAT = _PATTERNS["that"]
_CUE_AT_END = re.compile(r"\b((?:\w+ ){0,2}\w+),\s*$")


def direct_quotes(text: str, frame: str, start: int, end: int, inside: list[MarkedSpan]) -> list[Quotation]:
    """The direct quotations of a sentence; those without a source stand alone in it.

    Args:
        text: the whole text.
        frame: the same with all marked words hidden.
        start: where the sentence begins.
        end: where it ends.
        inside: the marked spans that open within it.
    """
    quotes: list[Quotation] = []
    source: Source | None = None
    next_opens = _next_opens(text, inside, end)
    for index, span in enumerate(inside):
        inner = text[span.start : span.end]
        next_open = next_opens[index]
        previous_close = inside[index - 1].close_at if index else start
        if not quotes and frame[previous_close : span.open_at].rstrip().endswith(":"):
            previous_close = start  # the words marked before are the clause's: 'He called it "a start": "We …"'
        if index and not frame[previous_close : span.open_at].strip() and is_title(_words(text, inside[index - 1])):
            previous_close = start  # 'Moe said on "Face the Town," "…"'
        pre, post = _QUOTE.sub("", frame[previous_close : span.open_at]), frame[span.close_at : next_open]
        own = _adjacent(frame, span, (start, previous_close), next_open, inner, pre, post)
        if (
            not words(inner)
            or (is_title(inner, post) and not _surely_said(own, span, pre))
            or _is_work(inner, pre, post)
        ):
            continue
        whole = not pre.strip(" ([") and not post.strip(" .)]…[")
        if own is None and not whole and not (source and _continues(pre)):
            continue
        least = 2 if whole and _last(inner) in {".", "!", "?"} else _MIN_WORDS
        shouted = own is not None and own.cue in _SHOUTING
        if words(inner) < least and not shouted and not (own and _last(inner) in {",", "?", "!", "."}):
            continue
        source = own or source
        if own and index == 0 and own.start > span.close_at and _begins_before(pre, inner):
            if is_title(inner.rstrip(",")) or ACCORDING.search(pre):
                continue  # "Interviewed on "This Week," Ann Moe said …": what the frame says
            begin = start + len(frame[start : span.open_at]) - len(frame[start : span.open_at].lstrip())
            quotes.append(Quotation("mixed", begin, span.close_at, own, "begins_before_marks"))
            continue
        begin, finish = _trimmed(text, span.start, span.end)
        said_by = own or (source if not whole else None)
        rule = own.rule if own else "continued" if said_by else "marks_alone"
        quotes.append(Quotation("direct", begin, finish, said_by, rule))
    return quotes


def _last(inner: str) -> str:
    """The last character of marked words, closing marks of others within them left out: the comma of "he said 'no,'"."""
    return inner.rstrip(" \n'’")[-1:]


def _next_opens(text: str, inside: list[MarkedSpan], end: int) -> list[int]:
    """For each span where the next one opens, names passed over: '…," said the head of "Cartoon" magazine'."""
    found: list[int] = []
    for span in reversed(inside):
        found.append(end)
        end = end if _names(text, span) else span.open_at
    return found[::-1]


def _names(text: str, span: MarkedSpan) -> bool:
    """Whether marked words are a name or a term within the frame: few, no punctuation."""
    inner = text[span.start : span.end]
    return len(inner.split()) <= 3 and not re.search(r"[,.?!]$", inner)


_VERB_FIRST = _PATTERNS["verb_first"]


def _begins_before(pre: str, inner: str) -> bool:
    """``He called it "a disaster," Moe said``: the statement begins before the marks."""
    pre = _LED_BY_CREDIT.sub("", pre)
    if pre.rstrip().endswith(",") and _VERB_FIRST.match(inner):
        return True  # 'Ms. Kell, a mother of four, "will fight the charges," he said'
    return (
        len(re.findall(r"\w+", pre)) > 1
        and not pre.rstrip().endswith((",", ":", "—", "–"))
        and not _LEADS_UP.search(pre)
    )


def _adjacent(
    frame: str, span: MarkedSpan, before: tuple[int, int], next_open: int, inner: str, pre: str, post: str
) -> Source | None:
    """The attribution right next to a span: after a closing comma, or before the opening mark.

    ``before`` is where the sentence begins and where the span before closed.
    """
    sentence, previous_close = before
    ends_open = _last(inner) in {",", "?", "!", "…", "—", "-"} or post.lstrip()[:1] in {",", "—", "–", "-"}
    if (ends_open and not _belongs_before(frame, span, before, pre, post)) or _PATTERNS["attribution_behind"].match(
        post
    ):
        found = after_quote(frame, span.close_at, next_open)
        if found is None and not pre.strip(" ([") and not is_title(inner.rstrip(",?!")):
            found = any_verb_after(frame, span.close_at, next_open)
        if found is not None:
            return found
    # "told reporters that "the flood took everything."": all that was said is between the marks.
    wholly = not post.strip(" .") and _THAT.search(pre) is not None
    if wholly or (_leads_up(pre, inner, post) and not _in_frame(pre) and not _SHOWN.search(pre)):
        return _leading(frame, span, before, inner, pre)
    if pre.rstrip().endswith(";") and _is_sentence(inner):
        return before_quote(frame, previous_close, span.open_at, sentence)
    if not pre.strip() and (re.match(r"\s*[-–—]\s*[A-Z]", post) or _unparted(inner, post)):
        return after_quote(frame, span.close_at, next_open)
    return None


def _leading(frame: str, span: MarkedSpan, before: tuple[int, int], inner: str, pre: str) -> Source | None:
    """The attribution that leads up to a span."""
    sentence, previous_close = before
    found = before_quote(frame, previous_close, span.open_at, sentence)
    if found is None and _AND_SAID.match(pre):
        found = before_quote(frame, sentence, span.open_at)
    if found is None:
        by_colon = pre.rstrip().endswith(":") and _is_sentence(inner)
        acting = speaker_by_colon(frame, previous_close, span.open_at) if by_colon else None
        return acting or (any_verb_before(frame, previous_close, span.open_at) if _is_sentence(inner) else None)
    # "said the plea showed that "…"": a plea says nothing; what is called by a name is not said.
    shown = found.cue in _SHOWING and not finds(found.text(frame))
    return None if shown or found.cue in CALLING else found


def _belongs_before(frame: str, span: MarkedSpan, before: tuple[int, int], pre: str, post: str) -> bool:
    """``He asked: "Why?" Then she left``: what precedes the marks says by whom, or another clause begins after."""
    sentence, previous_close = before
    if _OTHER_CLAUSE.match(post) or (pre.rstrip().endswith((",", ":")) and re.match(r"\s+[A-Z]", post)):
        return True
    last = _CUE_THEN.search(pre) if previous_close == sentence else None
    return last is not None and last.group(1) in CUES and before_quote(frame, sentence, span.open_at) is not None


def _unparted(inner: str, post: str) -> bool:
    """``"I was searched at the gate" one fan noted``: a whole clause between marks, no comma, and who said it."""
    return words(inner) > _MIN_WORDS and bool(FINITE.search(inner)) and not is_title(inner) and bool(_SAYS.match(post))


def _leads_up(pre: str, inner: str, post: str) -> bool:
    """Whether the words before an opening mark can lead up to a direct quotation."""
    if pre.rstrip().endswith((",", ":", ',"', ",”")):
        # "a vision that is, "backward and barbaric""
        return not (inner[:1].islower() and _OPEN_CLAUSE.search(pre))
    if ATTRIBUTED.search(pre):
        return True
    if _LEADS_UP.search(pre):
        in_clause = inner[:1].islower() and _last(inner).isalnum()
        return not (in_clause and _GOES_ON.match(post))
    last = _LAST_WORD.search(pre)
    if last is None:
        return False
    return last.group(1) in _SHOUTING or (
        last.group(1) in _SPEECH and inner[:1].isupper() and words(inner) > _MIN_WORDS
    )


def _is_sentence(inner: str) -> bool:
    return words(inner) >= _MIN_WORDS and not inner[:1].islower() and _last(inner) in {".", "?", "!", "…"}


def is_title(inner: str, post: str = "") -> bool:
    """Whether marked words are written like the title of a work: longer words with capitals, no verb, no comma after.

    ``post``, what follows the marks, may say so as well: ""The Bridges of Troy," which looked at …".
    """
    if inner.endswith(",") and _OF_A_WORK.match(post):
        inner = inner[:-1]
    longer = [word for word in _WORD.findall(inner) if len(word) > 3 or word[0].isupper()]
    return (
        len(longer) > 1
        and all(word[0].isupper() or word[0].isdigit() for word in longer)
        and not inner.rstrip().endswith((",", "?", "!"))
        and not FINITE.search(inner)
    )


def _words(text: str, span: MarkedSpan) -> str:
    return text[span.start : span.end].rstrip(",")


def _is_work(inner: str, pre: str, post: str) -> bool:
    """Whether one capitalised word names a work: 'he wrote in his book, "Winning," that …'."""
    return _ONE_NAME.fullmatch(inner) is not None and pre.endswith(", ") and _OF_A_WORK.match(post) is not None


_ONE_NAME = re.compile(r"[A-ZÀ-Þ][\w’'-]*,")
#: What precedes the marks goes on in them: "a vision that is, "backward"", "the use of force to, "push people"".
_OPEN_CLAUSE = _PATTERNS["open_clause"]
#: After these begins another clause or a remark of the writer's: "while Moe countered", "— a claim economists dispute".
_CUE_THEN = re.compile(r" (\w+)[,:]\s*$")
_OTHER_CLAUSE = _PATTERNS["other_clause"]
_OF_A_WORK = _PATTERNS["of_a_work"]


def _surely_said(own: Source | None, span: MarkedSpan, pre: str) -> bool:
    """Whether what looks like a title is right next to its verb of saying."""
    if own is None or own.start > span.close_at:
        return own is not None
    last = _LAST_WORD.search(pre.rstrip(" ,"))
    led_up = pre.rstrip().endswith(",") and last is not None and last.group(1) in CUES
    return pre.rstrip().endswith(":") or led_up


def _in_frame(pre: str) -> bool:
    """``He said that officials, "…"``: the statement begins before the marks."""
    found = _FRAMED.search(pre)
    if (
        found is None
        or _IN_WORDS.search(pre)
        or pre.rstrip().endswith(":")
        or not any(word in CUES for word in found.group(1).split())
    ):
        return False
    again = _CUE_AT_END.search(pre, found.end("link"))
    return again is None or not any(word in CUES for word in again.group(1).split())


def _continues(pre: str) -> bool:
    """``"…," he said, "…"``: the second part follows a comma, an "and" or a full stop."""
    return pre.rstrip().endswith((",", ":", ";", ".", "and", "adding", "—", "–")) or not pre.strip()


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    inner = text[start:end]
    begin = start + len(inner) - len(inner.lstrip())
    finish = start + len(inner.rstrip().rstrip(",").rstrip())
    return begin, max(finish, begin)
