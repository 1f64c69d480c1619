"""Indirect and mixed quotations: the frames of a sentence that report what somebody said or thinks.

SOURCE CUE (to whom, when, where) (that) CONTENT        CONTENT, SOURCE CUE (when, where)
CONTENT, SOURCE CUE, CONTENT                            According to SOURCE, CONTENT
SOURCE …, saying (that) CONTENT                         SOURCE called SOMETHING "…"
SOURCE was quoted as saying (that) CONTENT              SOURCE vowed TO DO SOMETHING

A sentence can hold several, side by side: "Critics say …, but supporters say …". Words between marks are hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.enrich.quotes.according import according, as_told
from pipeline.enrich.quotes.acts import called, claimed, promised, wished
from pipeline.enrich.quotes.content import HIDDEN, THAT, WHEN_WHERE, content_after, words
from pipeline.enrich.quotes.framed import ELLIPTIC, SAYING_TOO, SAYING_TOO_WORDS, Framed, bare
from pipeline.enrich.quotes.source import (
    QUOTED_AS,
    Source,
    agree,
    before_cue,
    cue_words,
    inverted,
    subject_of,
)
from pipeline.enrich.quotes.subject import FINITE, first_verb, subject_before
from pipeline.enrich.quotes.words import (
    BASE_FORMS,
    CALLING,
    CALLING_IT,
    CAPITAL_CUES,
    CUES,
    FINDING,
    PAPERS,
    PROGRESSIVE,
    PROMISING,
    SAYING,
    TELLING,
    THINKING,
)

_MIN_WORDS = 3
#: What somebody does in words, the first one in a sentence.
_ACTS = (called, promised, wished, claimed)

_SHORTENED = re.compile(r"\b(?:I|he|she|it|that|there|we|you|they)['’](?:s|m|re|ve|ll|d)\b")
_WORD = re.compile(r"[A-Za-z]+")
_SPOKEN_OF = (
    CUES
    | CALLING
    | CALLING_IT
    | PROMISING
    | frozenset(("According", "according", "words", "that", "referring", *PROGRESSIVE, *SAYING_TOO_WORDS))
    | CAPITAL_CUES
)
_PAPERS = rf"\b(?:{'|'.join(sorted(PAPERS))})"
_SAYING_THAT = re.compile(
    rf"(?:, (?P<one>{SAYING_TOO})"
    rf"|{_PAPERS} (?P<two>saying|warning|arguing|claiming|alleging|stating)"
    rf"|{_PAPERS} (?:that|which) (?P<three>said|says|stated|warned|claimed)"
    rf"|(?:{_PAPERS}|\b(?:address|appearance|interview|radio|speech|television))(?: [A-Z]\w+day)? to (?P<four>say))"
    rf"(?: only)?(?:{WHEN_WHERE} that)? "
    r"(?!\x01|[\"“]|(?:to|by|of|in|about|no|nothing|so)\b)"
)
#: What may stand between a cue and the comma behind it: "…, she told CNN on Monday, …".
_CLOSES = re.compile(rf"(?: (?:him|her|reporters|lawmakers|[A-Z][\w.]+(?: [A-Z][\w.]+)?))?{WHEN_WHERE},")
#: A new main clause within what was said: it is another statement if it has a speaker of its own.
_NEXT = re.compile(r",? (?:but|and|while|though|although|yet|whereas) (?:that )?|; |, (?=according to )|\s[-–—]+\s")


def framed(frame: str, start: int, end: int) -> list[Framed]:
    """The reported statements of a sentence, in order.

    Args:
        frame: the text, all marked words hidden.
        start: where the sentence begins.
        end: where it ends.
    """
    if _SPOKEN_OF.isdisjoint(_WORD.findall(frame, start, end)):
        return []
    if told := as_told(frame, start, end):
        return [told]
    if leading := according(frame, start, end):
        nested = framed(frame, leading[0].start, leading[0].end) if leading[0].start > start else []
        return [*(bare(frame, start, one) for one in leading), *nested]
    found: list[Framed] = []
    saying = _SAYING_THAT.search(frame, start, end)
    # "The paper says the firm issued a report saying …" is one statement of the paper's.
    within = saying is not None and saying.lastgroup != "one" and bool(_first(frame, start, end))
    saying = None if within else saying
    main = saying.start() if saying else end
    found += _first(frame, start, main)
    if saying is not None:
        cue = saying.lastgroup or "one"
        who = (found[-1].source.start, found[-1].source.end) if found else subject_of(frame, start, saying.start(cue))
        if who is not None:
            source = Source(*who, saying.group(cue), *saying.span(cue))
            found.append(Framed(saying.end(), end, source))
    acts = next((made for act in _ACTS if (made := act(frame, start, end))), [])
    # "He pledged to resign and said …": an act counts where no statement stands.
    found += [
        act for act in acts if _WHAT.search(frame, start, act.source.start) or all(_apart(act, one) for one in found)
    ]
    found = [one for one in found if not _own_thought(frame, one)]
    found.sort(key=lambda one: one.start)
    found = [bare(frame, start, one) for one in found]
    return [one for one in found if words(frame[one.start : one.end]) >= (2 if len(found) > 1 else _MIN_WORDS)]


def _own_thought(frame: str, one: Framed) -> bool:
    """``I think the plan is bad``: what the writer thinks, of whom nobody reports."""
    return one.source.text(frame).lower() in {"i", "we", "you"} and one.source.cue.lower() in THINKING


def _first(frame: str, start: int, end: int) -> list[Framed]:
    """What a sentence reports by its first verb of saying, in any of the orders."""
    return _trailing(frame, start, end) or _medial(frame, start, end) or list(_leading(frame, start, end))


#: "what he called their limited "means"" stands within another statement.
_WHAT = re.compile(r"\bwhat $")


def _apart(act: Framed, other: Framed) -> bool:
    """Whether an act stands before or behind another statement and its source."""
    return act.end <= min(other.start, other.source.cue_start) or act.source.cue_start >= other.end


def _trailing(frame: str, start: int, end: int) -> list[Framed]:
    """``CONTENT, SOURCE CUE (when, where)``: the attribution is the last clause."""
    commas = [match.start() for match in re.finditer(",", frame[start:end])]
    for comma in reversed(commas):
        clause = start + comma + 1
        cues = cue_words(frame, clause, end)
        if not cues:
            continue
        cue = cues[0]
        source = before_cue(frame, clause, cue) or inverted(frame, cue, end)
        head = frame[start : start + comma]
        if (
            source is None
            or not agree(source, frame)
            or source.text(frame).lower() in {"who", "which"}
            or (cue.group() in PROMISING and frame[clause:].startswith(" as "))
            or (source.start > cue.start() and cue.group() in BASE_FORMS - _INVERTED)
            or frame[clause : min(source.start, cue.start())].strip(' “"') not in {"", "as", "or so"}
            or cue.group().lower() not in SAYING | THINKING | TELLING
            or _goes_on(frame, max(cue.end(), source.end), end)
        ):
            continue
        if source.start > cue.start() and _apposed_subject(frame, start, cue):
            return []
        while (earlier := frame.rfind(",", start, clause - 1)) > 0:
            whole = before_cue(frame, earlier + 1, cue)
            if whole is None or whole.start > earlier + 2 or whole.end != source.end or source.start > cue.start():
                break
            source, clause, head = whole, earlier + 1, frame[start:earlier]
        if words(head) < 4 or _only_lead(head) or _is_attribution(head):
            return []
        return [Framed(start, start + len(head), source)]
    return []


def _apposed_subject(frame: str, start: int, cue: re.Match[str]) -> bool:
    """``Ann Moe, a Harwick lawmaker, said the delay …``: who speaks is all that stands before the verb."""
    whole = before_cue(frame, start, cue)
    return whole is not None and whole.start - start < 3 and "," in whole.text(frame)


#: "…, say officials"; "…, maintain forests" is an item of a list.
_INVERTED = frozenset("say argue believe insist suggest think warn".split())
_PRONOUN_AND_VERB = re.compile(r"(?:he|she|it|they|we|there) [a-z]+ \w+")


def _goes_on(frame: str, at: int, end: int) -> bool:
    """Whether the clause goes on with a statement of its own behind the cue."""
    rest = frame[at:end].strip(" .")
    if HIDDEN in rest or _PRONOUN_AND_VERB.match(rest) or THAT.search(rest):
        return True
    return words(rest) > 14 or (words(rest) > 3 and bool(FINITE.search(rest)))


def _is_attribution(head: str) -> bool:
    """``…, who, he said``: no statement ends so."""
    return bool(re.search(r"(?:,|\band) (?:who|which)$", head))


def _only_lead(head: str) -> bool:
    return bool(
        re.match(
            r"(?:On|In|At|After|Before|During|Earlier|Meanwhile|However|Asked|Speaking|When|While|As|If|Although|Though|But"
            r"|Since|Because|By|For|With|Despite|Under)\b",
            head,
        )
    ) and not (
        FINITE.search(head)
        and not re.match(r"(?:After|Before|When|While|As|Asked|Although|Though|Since|Because)\b", head)
    )


_COMMA_AND_VERB = re.compile(rf",(?= (?:{FINITE.pattern}))")
_OTHER = re.compile(r"\s*(?:but|and|while|though|although|yet) ")


def _medial(frame: str, start: int, end: int) -> list[Framed]:
    """``CONTENT, SOURCE CUE, CONTENT``: the attribution interrupts the statement."""
    for cue in cue_words(frame, start, end)[:4]:
        opens = frame.rfind(",", start, cue.start())
        if opens < 0 or cue.group() not in SAYING | THINKING | TELLING:
            continue
        if frame[opens + 1 : cue.start()].strip():
            closes = _CLOSES.match(frame, cue.end(), end)
            source = before_cue(frame, opens + 1, cue)
        else:  # "Ports, said Moe, are closed."
            source = inverted(frame, cue, end)
            closes = _COMMA_AND_VERB.match(frame, source.end, end) if source else None
        if closes is None or source is None or min(source.start, cue.start()) - opens > 5:
            continue
        first, second = frame[start:opens], frame[closes.end() : end]
        if words(second) < 2 or re.match(r"\s*(?:who|which|and (?:said|added|that))\s", second):
            continue
        if re.search(r"\b(?:who|which|that|and|but|while|as|if|when)$", first):
            continue
        parts = [Framed(start, opens, source)] if words(first) >= 2 and not _only_lead(first) else []
        # "…, two officials said, though one cautioned that …"
        other = _OTHER.match(frame, closes.end(), end)
        another = list(_next_statement(frame, other.end(), end)) if other else []
        return [*parts, *(another or [Framed(closes.end(), end, source)])]
    return []


def _leading(frame: str, start: int, end: int) -> Iterator[Framed]:
    """``SOURCE CUE (to whom, when, where) that CONTENT``; without "that" after the plain verbs of saying and thinking."""
    for cue in cue_words(frame, start, end)[:5]:
        content = content_after(frame, cue, end)
        if content is None:
            continue
        source = _quoted_as(frame, start, cue) or before_cue(frame, start, cue)
        if source is None or source.start > cue.start() or not agree(source, frame):
            continue
        if cue.group().lower() in FINDING and not _finds(source.text(frame)):
            continue
        if FINITE.match(frame, content) and not frame[start : source.start].endswith(("which ", "that ")):
            continue  # "charges that critics say were made up"; not "what he said was …"
        stop = ELLIPTIC.search(frame, content, end)
        finish = stop.start() if stop else end
        if _SUBORDINATE.match(frame, start, source.start) and (main := frame.find(", ", content, finish)) > 0:
            yield Framed(content, main, source)
            return
        for following in _NEXT.finditer(frame, content, finish):
            if "and" in following.group() and not _is_clause(frame, content, following.start()):
                continue  # "evidence and tests showed": one subject
            others = list(_next_statement(frame, following.end(), end))
            if others:
                yield Framed(content, following.start(), source)
                yield from others
                return
        yield Framed(content, finish, source)
        if stop is not None:
            yield from _again(frame, stop.end(), end, source)
        return


#: "When I replied that he was a recruiter, the man smiled"
_SUBORDINATE = re.compile(r"(?:When|After|While|Before|Once|If) (?:[a-z]+ ){0,2}$")


def _is_clause(frame: str, start: int, end: int) -> bool:
    return first_verb(frame, start, end) is not None or bool(_SHORTENED.search(frame, start, end))


def _again(frame: str, at: int, end: int, source: Source) -> Iterator[Framed]:
    """``… and added that CONTENT``: the same speaker again."""
    cues = cue_words(frame, at - 14, end)[:1]
    if cues and cues[0].end() <= at + 1:
        content = content_after(frame, cues[0], end)
        if content is not None:
            cue = cues[0]
            yield Framed(content, end, Source(source.start, source.end, cue.group(), cue.start(), cue.end()))


def _next_statement(frame: str, start: int, end: int) -> Iterator[Framed]:
    """The statement that a clause makes which begins here, if its speaker stands at its head."""
    cues = cue_words(frame, start, min(end, start + 150))[:1]
    source = before_cue(frame, start, cues[0]) if cues else None
    if source is None or source.start - start > 3 or cues[0].start() - source.end > 40:
        return
    yield from _leading(frame, start, end)


def _finds(source: str) -> bool:
    """Whether papers or bodies are the source: they find, show and hold that something is so."""
    return bool(
        re.search(
            r"\b(?:study|studies|report|poll|polls|survey|surveys|research|findings|results|researchers|scientists|investigation|investigators"
            r"|inquiry|court|judge|judges|jury|panel|commission|committee|analysis|audit|review|data|figures|records|documents"
            r"|tests|experts|economists|auditors|team)\b",
            source,
            re.IGNORECASE,
        )
    )


def _quoted_as(frame: str, start: int, cue: re.Match[str]) -> Source | None:
    """``The agency quoted her as saying``: she speaks; "she was quoted as saying" is read from her."""
    if cue.group() != "saying":
        return None
    head = frame[start : cue.start()].rstrip()
    if quoted := QUOTED_AS.search(head):
        begin = start + quoted.start(1)
        return Source(begin, begin + len(quoted.group(1)), cue.group(), cue.start(), cue.end())
    if passive := re.search(
        r" (?:was|were|is|are|has been|have been) (?:widely )?(?:quoted|cited|recorded|reported) (?:\w+ ){0,3}?(?:by [^,]{2,60} )?as$",
        head,
    ):
        subject = subject_before(head[: passive.start()])
        if subject is not None:
            return Source(start + subject[0], start + subject[1], cue.group(), cue.start(), cue.end())
    return None
