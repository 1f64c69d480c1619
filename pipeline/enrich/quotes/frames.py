"""Indirect and mixed quotations: the frames of a sentence that report what somebody said or thinks.

SOURCE CUE (to whom, when, where) (that) CONTENT        CONTENT, SOURCE CUE (when, where)
CONTENT, SOURCE CUE, CONTENT                            According to SOURCE, CONTENT
SOURCE …, saying (that) CONTENT                         SOURCE called SOMETHING "…"
SOURCE was quoted as saying (that) CONTENT              SOURCE vowed TO DO SOMETHING

A sentence can hold several, side by side: "Critics say …, but supporters say …". Words between marks are hidden.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import islice

from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.according import according, as_told
from pipeline.enrich.quotes.acts import called, claimed, promised, wished
from pipeline.enrich.quotes.content import words
from pipeline.enrich.quotes.cues import PLAIN_WORD, cue_words
from pipeline.enrich.quotes.held import held
from pipeline.enrich.quotes.leading import leading, next_statement, said_again, stated
from pipeline.enrich.quotes.source import Source, before_cue, inverted, subject_of
from pipeline.enrich.quotes.statement import SAYING_TOO_WORDS, Statement, bare, within_relative
from pipeline.enrich.quotes.taught import taught, trigger_words
from pipeline.enrich.quotes.trailing import only_lead, says, trailing
from pipeline.enrich.quotes.words import (
    CALLING,
    CALLING_IT,
    CAPITAL_CUES,
    CUES,
    PROGRESSIVE,
    PROMISING,
    SAYING_MORE,
    THINKING,
)

_PATTERNS = patterns("quotes/frames")

_MIN_WORDS = 3
#: What somebody does in words, the first one in a sentence.
_ACTS = (called, promised, wished, claimed, held, taught)

_SPOKEN_OF = (
    CUES
    | CALLING
    | CALLING_IT
    | PROMISING
    | frozenset(
        "According according words that view opinion confident concerned convinced worried referring referred refers".split()
    )
    | PROGRESSIVE
    | frozenset(SAYING_TOO_WORDS)
    | CAPITAL_CUES
    | trigger_words()
)
_SAYING_THAT = _PATTERNS["saying_that"]
#: What may be between a cue and the comma after it: "…, she told CNN on Monday, …".
_CLOSES = _PATTERNS["closes"]


def framed(frame: str, start: int, end: int) -> list[Statement]:
    """The reported statements of a sentence, in order.

    Args:
        frame: the text, all marked words hidden.
        start: where the sentence begins.
        end: where it ends.
    """
    if _SPOKEN_OF.isdisjoint(PLAIN_WORD.findall(frame, start, end)):
        return []
    if told := as_told(frame, start, end):
        return [told]
    if sourced := according(frame, start, end):
        nested = framed(frame, sourced[0].start, sourced[0].end) if sourced[0].start > start else []
        return [*(bare(frame, start, one) for one in sourced), *nested]
    saying = _SAYING_THAT.search(frame, start, end)
    # "The paper says the firm issued a report saying …" is one statement of the paper's.
    by_itself = saying is not None and saying.lastgroup in {"one", "five"}
    acts = (_acted(frame, start, saying.start()) if saying and by_itself else []) or _acted(frame, start, end)
    found = [] if by_itself else _first(frame, start, end, acts)
    if saying is not None and not found:
        found = _first(frame, start, saying.start())
        cue = saying.lastgroup or "one"
        who = (found[-1].source.start, found[-1].source.end) if found else subject_of(frame, start, saying.start(cue))
        if who is not None:
            source = Source(*who, saying.group(cue), *saying.span(cue))
            found += stated(frame, saying.end(), end, source, "participle")
    # "He pledged to resign and said …": an act counts where no statement stands.
    found += [
        act for act in acts if _WHAT.search(frame, start, act.source.start) or all(_apart(act, one) for one in found)
    ]
    found = [one for one in found if not _own_thought(frame, one)]
    found.sort(key=lambda one: one.start)
    found = [within_relative(frame, start, bare(frame, start, one)) for one in found]
    return [one for one in found if words(frame[one.start : one.end]) >= (2 if len(found) > 1 else _MIN_WORDS)]


def _acted(frame: str, start: int, end: int) -> list[Statement]:
    return next((made for act in _ACTS if (made := act(frame, start, end))), [])


def _own_thought(frame: str, one: Statement) -> bool:
    """``I think the plan is bad``: what the writer thinks, of whom nobody reports."""
    return one.source.text(frame).lower() in {"i", "we", "you"} and one.source.cue.lower() in THINKING


def _first(frame: str, start: int, end: int, acts: Sequence[Statement] = ()) -> list[Statement]:
    """What a sentence reports by its first verb of saying, in any of the orders."""
    return (
        _spoken_twice(frame, start, end, acts)
        or trailing(frame, start, end)
        or _medial(frame, start, end)
        or list(leading(frame, start, end))
    )


#: "…, and later added": the verb follows.
_AND_VERB = _PATTERNS["and_verb"]
_MOST_TRIED = 3


def _spoken_twice(frame: str, start: int, end: int, acts: Sequence[Statement]) -> list[Statement]:
    """``CONTENT, SOURCE CUE, and CUE that CONTENT``: who spoke goes on; ``acts`` are what somebody does in the sentence."""
    acted = {act.source.cue_start for act in acts}
    verbs = (joined for joined in _AND_VERB.finditer(frame, start, end) if _speaks(frame, joined, acted))
    for joined in islice(verbs, _MOST_TRIED):
        first = trailing(frame, start, joined.start())
        if not first:
            continue
        cue = next(iter(cue_words(frame, *joined.span("verb"))), None)
        source = first[0].source if joined["verb"] in SAYING_MORE else cue and before_cue(frame, start, cue)
        more = list(said_again(frame, joined.start("verb"), end, source)) if source else []
        if more or joined.start("verb") in acted:
            return [*first, *more]
    return []


def _speaks(frame: str, joined: re.Match[str], acted: Collection[int]) -> bool:
    return joined.start("verb") in acted or bool(cue_words(frame, *joined.span("verb")))


#: "what he called their limited "means"" stands within another statement.
_WHAT = _PATTERNS["what"]


def _apart(act: Statement, other: Statement) -> bool:
    """Whether an act precedes or follows another statement and its source."""
    return act.end <= min(other.start, other.source.cue_start) or act.source.cue_start >= other.end


_COMMA_AND_VERB = _PATTERNS["comma_and_verb"]
_OTHER = _PATTERNS["other"]


def _medial(frame: str, start: int, end: int) -> list[Statement]:
    """``CONTENT, SOURCE CUE, CONTENT``: the attribution interrupts the statement."""
    for cue in cue_words(frame, start, end)[:4]:
        opens = frame.rfind(",", start, cue.start())
        if opens < 0:
            continue
        if frame[opens + 1 : cue.start()].strip():
            closes = _CLOSES.match(frame, cue.end(), end)
            source = before_cue(frame, opens + 1, cue)
        else:  # "Ports, said Moe, are closed."
            source = inverted(frame, cue, end)
            closes = _COMMA_AND_VERB.match(frame, source.end, end) if source else None
        if (
            closes is None
            or source is None
            or not says(cue, source.text(frame))
            or min(source.start, cue.start()) - opens > 5
        ):
            continue
        first, second = frame[start:opens], frame[closes.end() : end]
        if words(second) < 2 or _PATTERNS["no_second_part"].match(second):
            continue
        if _PATTERNS["link_at_end"].search(first):
            continue
        parts = (
            [Statement(start, opens, source, "attribution_within")]
            if words(first) >= 2 and not only_lead(first)
            else []
        )
        # "…, two officials said, though one cautioned that …"
        other = _OTHER.match(frame, closes.end(), end)
        another = list(next_statement(frame, other.end(), end)) if other else []
        return [*parts, *(another or stated(frame, closes.end(), end, source, "attribution_within"))]
    return []
