"""Attributions next to the marks of a quotation.

"…," said Lavrov      "…," the 54-year-old said      "…" - Lavrov      "…," as Lavrov put it
Lavrov said: "…"      the paper quoted him as saying "…"      in his words, "…"      The mayor was blunt: "…"
"""

from __future__ import annotations

import re

from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.cues import cue_words
from pipeline.enrich.quotes.phrases import plausible
from pipeline.enrich.quotes.source import (
    ACCORDING,
    SIGNED,
    Source,
    according_source,
    agree,
    before_cue,
    can_speak,
    inverted,
    sentence_subject,
    subject_of,
)
from pipeline.enrich.quotes.taught import taught_before_marks
from pipeline.enrich.sentences import sentence_spans

_PATTERNS = patterns("quotes/next_to_marks")

#: "…, saying: "…"": the subject of the sentence speaks.
_SAYING = _PATTERNS["saying"]
#: "…," as Ann Moe puts it; "Ann Moe put it this way: "…""
_PUT_IT = _PATTERNS["put_it"]
_PUT_IT_BEFORE = _PATTERNS["put_it_before"]
#: "…" was the reply from Ann Moe
_WAS_THE_REPLY = _PATTERNS["was_the_reply"]
#: "…," Moe shot back
_SHOT_BACK = _PATTERNS["shot_back"]
#: "…," Moe could be heard saying
_HEARD = _PATTERNS["heard"]
#: "Moe's last words, "…"", "he gasped his last words: "…""
_LAST_WORDS = _PATTERNS["last_words"]
_WAS_WHOSE_REPLY = _PATTERNS["was_whose_reply"]
_IN_WORDS = _PATTERNS["in_words"]
#: "There is a quote attributed to Ann Moe: "…""
ATTRIBUTED = _PATTERNS["attributed"]
#: "Moe's reply to the council: "…""
_REPLY_BEFORE = _PATTERNS["reply_before"]
#: "The paper quotes Ann Moe: "…"", "to quote Ann Moe, "…""
_QUOTING = _PATTERNS["quoting"]
#: "the paper quoted Ann Moe as saying, "…""
_QUOTED_AS_SAYING = _PATTERNS["quoted_as_saying"]
#: "Harwick manager Phil Rudge: "…""
_NAME_AND_COLON = _PATTERNS["name_and_colon"]
#: "…" — The Harwick Post, May 4, 2026: an article of that headline.
_CITED = re.compile(r"\s*[-–—]+\s*[A-Z][\w’'.-]+(?: [A-Z][\w’'.-]+)*, (?:[A-Z][a-z]{2,8}\.? \d|\d)")


#: "For Ann Moe, the choice was clear: "…""
_FOR_SOMEBODY = _PATTERNS["for_somebody"]


#: Phrases that follow marks, and those that lead up to them; the first group speaks, the second is the cue.
_AFTER_MARKS = {"put_it": _PUT_IT, "shot_back": _SHOT_BACK, "heard_saying": _HEARD}
_BEFORE_MARKS = {
    "put_it_before_marks": _PUT_IT_BEFORE,
    "in_own_words": _IN_WORDS,
    "last_words": _LAST_WORDS,
    "quoted_as_saying": _QUOTED_AS_SAYING,
}


def after_quote(text: str, start: int, end: int) -> Source | None:
    """The attribution that follows a closing mark, up to ``end`` (the end of its sentence)."""
    if _CITED.match(text, start, end):
        return None
    clause = text[start:end]
    lead = _PATTERNS["as"].match(clause)
    begin = start + (lead.end() if lead else 0)
    dash = re.match(r"\s*[-–—]+\s*(?=[A-Z])", clause)
    if according := ACCORDING.match(text, begin, end):
        source = according_source(text, according, end)
        return source.by("according_after_marks") if source else None
    for rule, pattern in _AFTER_MARKS.items():
        if (put := pattern.match(text, begin, end)) and plausible(put.group(1)):
            return Source(*put.span(1), put.group(2), *put.span(2), rule)
    if (reply := _WAS_THE_REPLY.match(text, begin, end)) and plausible(reply.group(2)):
        return Source(*reply.span(2), reply.group(1), *reply.span(1), "was_the_reply_of")
    if (reply := _WAS_WHOSE_REPLY.match(text, begin, end)) and plausible(reply.group(1)):
        return Source(*reply.span(1), reply.group(2), *reply.span(2), "was_whose_reply")
    for cue in cue_words(text, begin, end)[:3]:
        before = text[begin : cue.start()].strip()
        if not before:
            turned = inverted(text, cue, end)
            return turned.by("marks_verb_name") if turned else None
        source = before_cue(text, begin, cue)
        if source is not None and agree(source, text):
            return source.by("marks_name_verb")
    if dash and (name := re.match(r"[A-Z][\w’'.-]+(?: [A-Z][\w’'.-]+){0,3}", text[begin:end])):
        return Source(begin, begin + name.end(), SIGNED, begin, begin, "signature")
    return None


def before_quote(text: str, start: int, end: int, sentence: int | None = None) -> Source | None:
    """The attribution that leads up to an opening mark.

    Args:
        text: with all marked words hidden.
        start: from where on it may stand: the beginning of the sentence, or the mark before.
        end: where the quotation opens.
        sentence: where the sentence begins, if not at ``start``; its subject is who goes on, "adding: …".
    """
    clause = text[start:end]
    if not clause.strip():
        return None
    according = ACCORDING.search(text, start, end)
    # "According to the transcript, Moe said: …": it is Moe who is quoted.
    if according and not cue_words(text, according.end(), end):
        source = according_source(text, according, end)
        return source.by("according_before_marks") if source else None
    for rule, pattern in _BEFORE_MARKS.items():
        if (found := pattern.search(text, start, end)) and (
            pattern in {_IN_WORDS, _LAST_WORDS} or plausible(found.group(1))
        ):
            return Source(*found.span(1), found.group(2), *found.span(2), rule)
    if (quote := ATTRIBUTED.search(text, start, end)) and plausible(quote.group(2)):
        return Source(*quote.span(2), quote.group(1), *quote.span(1), "attributed_to")
    if reply := _REPLY_BEFORE.search(text, start, end):
        return Source(*reply.span(1), reply.group(2), *reply.span(2), "reply_before_marks")
    quoting = _QUOTING.search(text, start, end)
    if quoting and plausible(quoting.group(2)) and (quoting.group(3) == ":" or "quot" in quoting.group(1)):
        return Source(*quoting.span(2), quoting.group(1), *quoting.span(1), "quoting")
    if saying := _SAYING.search(text, start, end):
        who = subject_of(text, start, saying.start(1))
        if who is None and sentence is not None:
            who = subject_of(text, sentence, saying.start(1))
        return Source(*who, saying.group(1), *saying.span(1), "participle_before_marks") if who else None
    cues = cue_words(text, start, end)
    if cues and not text[start : cues[0].start()].strip(" .") and (turned := inverted(text, cues[0], end)):
        return turned.by("verb_name_marks")
    for before, cue in reversed(list(zip([None, *cues], cues, strict=False))):
        # "Reports say the crowd shouted "…"": the clause may begin after the verb before.
        source = before_cue(text, start, cue) or (before_cue(text, before.end(), cue) if before else None)
        if source is not None and agree(source, text):
            return source.by("name_verb_marks")
    return None


def speaker_by_colon(text: str, start: int, end: int) -> Source | None:
    """``The mayor was blunt: "…"``: whoever acts in a clause that ends in a colon, if that is somebody who can speak."""
    begin = start + sentence_spans(text[start:end])[-1][0] if text[start:end].strip() else start
    if said := taught_before_marks(text, begin, end):
        return said
    if alone := _NAME_AND_COLON.fullmatch(text, begin, end):
        name = Source(*alone.span(1), "", alone.end(1), alone.end(1), "name_and_colon")
        return name if plausible(alone.group(1)) else None
    if clear := _FOR_SOMEBODY.fullmatch(text, begin, end):
        return Source(*clear.span(1), "", clear.end(1), clear.end(1), "for_somebody_and_colon")
    subject = sentence_subject(text, begin, end)
    if subject is None:
        return None
    actor = Source(*subject, "", subject[1], subject[1], "actor_and_colon")
    return actor if can_speak(text[slice(*subject)]) else None
