"""Attributions next to the marks of a quotation.

"…," said Lavrov      "…," the 54-year-old said      "…" - Lavrov      "…," as Lavrov put it
Lavrov said: "…"      the paper quoted him as saying "…"      in his words, "…"      The mayor was blunt: "…"
"""

from __future__ import annotations

import re

from pipeline.enrich.lexicon import ENGLISH, any_of
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
from pipeline.enrich.sentences import sentence_spans

#: "…, saying: "…"": the subject of the sentence speaks.
_SAYING = re.compile(rf"\b({any_of(ENGLISH.forms('quoted_after'))}|(?<=with the )words?)\b[^,:]{{0,40}}[,:]?\s*$")
#: "…," as Ann Moe puts it; "Ann Moe put it this way: "…""
_PUT_IT = re.compile(r"([^,\x01]{2,60}?) (puts?|summed) it\b")
_PUT_IT_BEFORE = re.compile(r"(?:\b[Aa]s )?\b([^,\x01]{2,60}?) (puts?|summed) it\b[^,:\x01]{0,25}[,:]\s*$")
_REPLY = r"response|reply|answer|verdict|message|reaction|comment"
#: "…" was the reply from Ann Moe
_WAS_THE_REPLY = re.compile(
    rf"(?:was|is|came) (?:the|an?|his|her|one) (?:[a-z]+ )?({_REPLY}) (?:from|of|by) "
    r"([^,.;:\"“”\x01]{2,60})"
)
#: "…," Moe shot back
_SHOT_BACK = re.compile(r"([^,.;:\"“”\x01]{2,60}?) (shot|fired|hit|snapped|chimed|cut) (?:back|in)\b")
#: "…," Moe could be heard saying
_HEARD = re.compile(
    r"([^,.;:\"“”\x01]{2,60}?) (?:can be|could be|is|was|were|are) (?:heard|seen|shown|recorded|caught|overheard) (saying|telling|shouting)\b"
)
#: "…" — Ann Moe, on the dam
_SIGNED_ON = re.compile(r"([A-ZÀ-Þ][\w’'.-]+(?: [A-ZÀ-Þ][\w’'.-]+){0,3}), (?:on|in|about|after|at)\b")
#: "Moe's last words, "…"", "he gasped his last words: "…""
_LAST_WORDS = re.compile(
    r"((?:[A-ZÀ-Þ][\w.-]*(?: [A-ZÀ-Þ][\w.-]*){0,3}|[Hh]is|[Hh]er)\b)(?:['’]s?)? (?:last|final|dying|parting) (words)\b[^,:\x01]{0,40}[,:]\s*$"
)
_WAS_WHOSE_REPLY = re.compile(rf"(?:was|is|came) ([^,.;:\"“”\x01]{{2,60}}?)['’]s? (?:[a-z]+ )?({_REPLY})\b")
_IN_WORDS = re.compile(r"\bIn (his|her|its|their) (?:own )?(words)[,:]\s*$")
#: "There is a quote attributed to Ann Moe: "…""
ATTRIBUTED = re.compile(
    r"\b(?:quote|quotation|saying|words|phrase|line|remark)\b [^,:\x01]{0,30}?(attributed) to ([^,:;\x01]{2,60}?)[,:]?\s*[-–—]?\s*$"
)
#: "Moe's reply to the council: "…""
_REPLY_BEFORE = re.compile(
    r"((?:[A-ZÀ-Þ][\w.-]*(?: [A-ZÀ-Þ][\w.-]*){0,3}|[Tt]he [a-z-]+)(?=['’])|\b[Hh]is|\b[Hh]er|\b[Tt]heir)(?:['’]s?)? (?:[a-z]+ ){0,2}"
    rf"({_REPLY}|advice|conclusion|explanation|argument)(?: to [^,:\x01]{{1,40}})?:\s*$"
)
#: "The paper quotes Ann Moe: "…"", "to quote Ann Moe, "…""
_QUOTING = re.compile(
    r"\b(quotes|quoted|quoting|[Tt]o quote|cites|cited|citing)"
    r" ((?:the )?[A-ZÀ-Þ][\w’'.-]*(?: (?:[a-z]{2,3} )?[A-ZÀ-Þ][\w’'.-]*){0,4})(?:, [^,:\x01]{3,60},?)?([,:])\s*$"
)
#: "the paper quoted Ann Moe as saying, "…""
_QUOTED_AS_SAYING = re.compile(r"\bquot(?:es|ed|ing) ([^,\x01]{2,80}?) as (saying|telling)\b[^,:\x01]{0,40}[,:]?\s*$")
#: "Harwick manager Phil Rudge: "…""
_NAME_AND_COLON = re.compile(
    r"\s*((?:Mr|Mrs|Ms|Miss|Dr|Sen|Rep|Gov|Gen|Prof|President|Mayor|Judge)\.? [A-ZÀ-Þ][\w’'-]*(?= ?:)"
    r"|(?:[A-ZÀ-Þ][\w’'-]*\s)?(?:[a-z]+\s)?[A-ZÀ-Þ][\w’'-]*[a-z](?:\s[A-ZÀ-Þ][\w’'.-]*){1,3})"
    r"(?:, [A-ZÀ-Þ][\w’'&-]*(?: [A-ZÀ-Þ][\w’'&-]*){0,3}|, (?:speaking|writing|talking|addressing|posting|in|on|at|during|after) [^:]{3,80})?:\s*"
)
#: "…" — The Harwick Post, May 4, 2026: an article of that headline.
_CITED = re.compile(r"\s*[-–—]+\s*[A-Z][\w’'.-]+(?: [A-Z][\w’'.-]+)*, (?:[A-Z][a-z]{2,8}\.? \d|\d)")


#: "For Ann Moe, the choice was clear: "…""
_FOR_SOMEBODY = re.compile(r"\s*(?:For|To) ([A-ZÀ-Þ][\w’'-]*(?: [A-ZÀ-Þ][\w’'.-]*){0,3}), [^:\x01]{3,60}:\s*")


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
    lead = re.match(r"[\s,\-–—]*(?:as\s)?", clause)
    begin = start + (lead.end() if lead else 0)
    dash = re.match(r"\s*[-–—]+\s*(?=[A-Z])", clause)
    if according := ACCORDING.match(text, begin, end):
        source = according_source(text, according, end)
        return source.by("according_after_marks") if source else None
    if dash and (signed := _SIGNED_ON.match(text, begin, end)):
        return Source(begin, signed.end(1), SIGNED, begin, begin, "signature")
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
        source = before_cue(text, begin, cue) or _anybody(text, begin, cue)
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


def _anybody(text: str, start: int, cue: re.Match[str]) -> Source | None:
    """After a quotation whoever is named right before the cue speaks: "the 54-year-old said", "a neighbour said"."""
    found = _ANYBODY.fullmatch(text, start, cue.start())
    return Source(found.start(1), found.end(1), cue.group(), cue.start(), cue.end()) if found else None


_ANYBODY = re.compile(
    r"((?:[Tt]he|[Aa]n?|[Oo]ne|[Hh]is|[Hh]er|[Tt]heir)(?: [\w-]+){1,3}?) (?:also |later |then |had |has )?"
)
