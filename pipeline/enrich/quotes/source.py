"""Sources: the words that name who speaks, found next to a verb of saying.

SOURCE CUE      "Lavrov emphasized", "the top diplomat said", "Ms Ruiz, the mayor, told reporters"
CUE SOURCE      "said Lavrov on Monday", "says the ministry"
according to SOURCE, in SOURCE's words
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.enrich.entities.offices import is_abbreviated
from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.cues import PLAIN_WORD, cue_words
from pipeline.enrich.quotes.phrases import names_role, plausible
from pipeline.enrich.quotes.subject import ADVERB_LEADS, first_verb, subject_before
from pipeline.enrich.quotes.words import BASE_FORMS, ROLE_NOUNS, SAYING_MORE, SOURCE_ENDS

_PATTERNS = patterns("quotes/source")

ACCORDING = _PATTERNS["according"]
_LEAD = _PATTERNS["lead"]
#: The cue of a quotation that is signed: "…" — Ann Moe
SIGNED = "—"


@dataclass(frozen=True)
class Source:
    """Who speaks: offsets of the source and the cue in the text."""

    start: int
    end: int
    cue: str
    cue_start: int
    cue_end: int
    #: Name of the rule that found it, as in ``rules.yaml``.
    rule: str = ""

    def by(self, rule: str) -> Source:
        """The same, found by a rule of this name."""
        return replace(self, rule=rule)

    def text(self, whole: str) -> str:
        """The source as printed."""
        return whole[self.start : self.end]


def can_speak(words: str) -> bool:
    """Whether a subject without a verb of saying is somebody: he, she, an office or body, a name."""
    capitals = [word for word in _NAME_WORD.findall(words) if word not in _NO_NAMES]
    return words.lower() in {"he", "she"} or names_role(words) or len(capitals) * 2 >= len(words.split())


_NAME_WORD = _PATTERNS["name_word"]
_NO_NAMES = ENGLISH.capitals("no_capital")


def subject_of(text: str, start: int, at: int) -> tuple[int, int] | None:
    """``[start, end)`` of who speaks by a participle ("saying") at ``at``, in a sentence that begins at ``start``."""
    beside = _PATTERNS["with_one_doing"].search(text[start:at])
    if beside is not None:
        return start + beside.start(1), start + beside.end(1)
    return sentence_subject(text, start, at)


#: What is read of a sentence at once, in characters; longer ones are cut to pieces.
MAX_CHARS = 1500


def sentence_subject(text: str, start: int, end: int) -> tuple[int, int] | None:
    """``[start, end)`` of the subject with which a sentence begins: all before its first verb or comma."""
    end = min(end, start + MAX_CHARS)
    while start < end and not text[start].isalnum() and text[start] != "[":
        start += 1
    if lead := _LEAD.match(text, start, end):
        start = lead.end()
    if led := ADVERB_LEADS.match(text, start, end):
        start = led.end()
    if comes := _COMES_AFTER.match(text, start, end):
        start = comes.end()
    if doing := _DOES.match(text, start, end):
        return doing.span(1)
    named = _NAMED_SUBJECT.match(text, start, end)
    if named and names_role(named.group(2)):
        return start, named.end(1)
    verb = first_verb(text, start, end)
    if (plain := _PLAIN_VERB.search(text, start, end)) and (verb is None or plain.start() < verb):
        verb = plain.start()
    if verb is None or verb == start:
        return None
    words = text[start:verb]
    words = _PATTERNS["ends_subject"].split(words)[0].rstrip()
    if pronoun := _PATTERNS["pronoun"].match(words):
        words = pronoun.group()  # "They at once made it up"
    words = _PATTERNS["adverbs_at_end"].sub("", words)
    return (start, start + len(words)) if plausible(words) else None


def subject_of_act(frame: str, start: int, verb: int) -> tuple[int, int] | None:
    """``[start, end)`` of who does it; after "and" the subject of the sentence goes on: "Moe said … and called …"."""
    head = frame[start:verb].rstrip()
    if goes_on := _PATTERNS["act_goes_on"].search(head):
        return _goes_on(frame, start, start + goes_on.start(), verb)
    subject = subject_before(head)
    return (start + subject[0], start + subject[1]) if subject else None


def _goes_on(text: str, start: int, conjunction: int, verb: int) -> tuple[int, int] | None:
    """``[start, end)`` of the subject that goes on after "and": who spoke last, else that of the sentence."""
    subject = sentence_subject(text, start, verb)
    again = PLAIN_WORD.match(text, verb)
    words = text[slice(*subject)] if subject else ""
    may_do_so = names_role(words) or words.lower() in {"he", "she", "they"}
    if may_do_so and (again is None or again.group() not in SAYING_MORE):
        return subject  # "The firm closed the plant, officials said, and announced …"
    for cue in reversed(cue_words(text, start, conjunction)[-_CUES_BEFORE:]):
        before = subject_before(text[start : cue.start()].rstrip())
        who = (start + before[0], start + before[1]) if before else None
        if who is None and (turned := inverted(text, cue, conjunction)):
            who = turned.start, turned.end
        if who is None or first_verb(text, max(cue.end(), who[1]), conjunction) is not None:
            continue
        if text[start : who[0]].rstrip(' "”’').endswith(",") or who[0] > cue.start():
            return who
    return subject


_CUES_BEFORE = 3  # of which one may name who goes on


#: "She presents the case", "The appeal makes a case": a verb in the present, told by its subject and what follows.
_DOES = _PATTERNS["does"]
#: "The stamp comes just weeks after Moe angered many by saying …"
_COMES_AFTER = _PATTERNS["comes_after"]
#: After subjects in the plural: "Officials reject the charge, and say …".
_PLAIN_VERB = _PATTERNS["plain_verb"]
#: "Her opponent, Ann Moe, shook her head", "Director of the zoo, Ann Moe, shook her head": the name belongs to the subject.
_NAMED_SUBJECT = _PATTERNS["named_subject"]


def according_to(text: str, start: int, end: int) -> Source | None:
    """The source of "according to …" in a sentence."""
    found = ACCORDING.search(text, start, end)
    return according_source(text, found, end) if found else None


def according_source(text: str, match: re.Match[str], end: int) -> Source | None:
    rest = text[match.end() : end]
    leading = not text[max(0, match.start() - 3) : match.start()].strip() or match.group()[0].isupper()
    stops = _AFTER_LEADING if leading else _AFTER_TRAILING
    stop = stops.search(rest)
    if stop is not None and stop.group() == "." and _initial(rest, stop.start()):
        stop = stops.search(rest, stop.end())
    length = stop.start() if stop else len(rest.rstrip(" ."))
    if leading and stop is not None and (relative := _WHO.match(rest, stop.start())):
        length = relative.end()
    elif stop is not None and stop.group() == "," and (apposed := _apposed_length(rest, stop.start())):
        length = apposed
    if name := _NAME_THEN_CLAUSE.match(rest[:length]):
        length = name.end(1)
    if length <= 0:
        return None
    return Source(
        match.end(),
        match.end() + len(rest[:length].rstrip()),
        match.group().strip(),
        match.start(),
        match.start() + len(match.group().rstrip()),
    )


#: "According to Moe the bridge is gone": no comma after the name.
_NAME_THEN_CLAUSE = _PATTERNS["name_then_clause"]
#: "According to Ann Moe, who runs the bank, the plan failed"
_WHO = _PATTERNS["who"]
_AFTER_LEADING = re.compile(r",|\.(?=\s|$)|[;:\"“”()\x01]|\s[-–—]+\s")
_AFTER_TRAILING = _PATTERNS["after_trailing"]
_APPOSED = _PATTERNS["apposed"]


def _apposed_length(rest: str, comma: int) -> int | None:
    """Length of a source with an apposition: "the coach, Ann Moe, …", "Ann Moe, a spokeswoman for the firm, …"."""
    part = re.match(r",\s([^,.;:\"“”]{2,80}?)(?=,|\.?$|\.\s)", rest[comma:])
    if part is None or is_abbreviated(part.group(1)):
        return None
    named = re.fullmatch(r"(?:[A-ZÀ-Þ][\w’'.-]*\s?){1,4}", part.group(1))
    if (named and names_role(rest[:comma])) or (_APPOSED.match(part.group(1)) and names_role(part.group(1))):
        return comma + part.end(1)
    return None


def inverted(text: str, cue: re.Match[str], end: int) -> Source | None:
    """``said Lavrov``: the source follows the cue."""
    begin = cue.end()
    if cue.group().lower() in {"told", "tells", "tell"}:  # whom, not who
        return None
    if particle := _PARTICLE.match(text, begin, end):
        begin = particle.end()
    while begin < end and text[begin] == " ":
        begin += 1
    stop = SOURCE_ENDS.search(text, begin, end)
    finish = stop.start() if stop else end
    # "U.S. President Ann Moe": a full stop within an abbreviation does not end the source.
    while (
        stop
        and text[stop.start()] == "."
        and _IN_ABBREVIATION.match(text, stop.start(), end)
        and _initial(text, stop.start())
    ):
        stop = SOURCE_ENDS.search(text, stop.end(), end)
        finish = stop.start() if stop else end
    if named := _ROLE_THEN_NAME.match(text, begin, end):
        one_of = _PATTERNS["one_of"].match(named.group(1))
        finish = named.end() if names_role(named.group(1)) or one_of else finish
    if knowing := _KNOWING.match(text, begin, end):
        finish = knowing.end()
    if whose := _PAPER_OF.match(text, begin, end):
        finish = whose.end()
    source = text[begin:finish].rstrip()
    if not source or not plausible(source):
        return None
    return Source(begin, begin + len(source), cue.group(), cue.start(), cue.end())


#: "pointed out Moe", "answered back the mayor"
_PARTICLE = _PATTERNS["particle"]
#: The full stops of "U.S. President Ann Moe", "U.N. envoy Ann Moe"
_IN_ABBREVIATION = re.compile(r"\.(?:[A-Z]\.|\s[A-Z]|(?<=[A-Z]\.[A-Z]\.)\s[a-z])")
#: "said the head of the fire brigade, Ann Moe."
_ROLE_THEN_NAME = _PATTERNS["role_then_name"]
#: "said two people with knowledge of the talks"
_KNOWING = _PATTERNS["knowing"]
#: "read a warning by the Harwick Coast Guard"
_PAPER_OF = _PATTERNS["paper_of"]


def _initial(text: str, stop: int) -> bool:
    word = re.search(r"[\w.]+$", text[max(0, stop - 20) : stop])
    return word is not None and (len(word.group().replace(".", "")) <= 2 or is_abbreviated(word.group()))


#: "she was quoted by the paper as": the subject of the passive speaks.
_WAS_QUOTED = _PATTERNS["was_quoted"]
#: "The agency quotes her as saying that"
QUOTED_AS = _PATTERNS["quoted_as"]


def before_cue(text: str, start: int, cue: re.Match[str]) -> Source | None:
    """``Lavrov emphasized``: the source precedes the cue."""
    made = (cue.group(), cue.start(), cue.end())
    head = _WAS_QUOTED.sub("", text[start : cue.start()].rstrip())
    if goes_on := _PATTERNS["and_goes_on"].search(head):
        finite = cue.group().endswith(("s", "d", "e", "t", "say"))
        elided = _goes_on(text, start, start + goes_on.start(), cue.start()) if finite else None
        return Source(elided[0], elided[1], *made) if elided else None
    subject = subject_before(head)
    if subject is None and _AND_DOING.search(head):
        elided = sentence_subject(text, start, cue.start())
        return Source(elided[0], elided[1], *made) if elided else None
    return Source(start + subject[0], start + subject[1], *made) if subject else None


#: "He stood up, and raising his hand, said"
_AND_DOING = _PATTERNS["and_doing"]


#: What takes the verb in the plural without an "s".
_PLURAL = ENGLISH.function_words("plural")


#: What says of plural nouns which: "envoys familiar with it", "experts meeting in Paris".
_BEHIND_NOUN = _PATTERNS["behind_noun"]


def agree(source: Source, text: str) -> bool:
    """Whether source and cue agree in number: "a report card", "the state hopes" are no source with its verb.

    What is between them (would, did not, went on to) makes any source agree.
    """
    if source.cue.lower() not in BASE_FORMS or source.start > source.cue_start:
        return True
    if _PATTERNS["auxiliary"].search(text[source.end : source.cue_start]):
        return True
    words = source.text(text)
    front = _PATTERNS["ends_noun"].split(words)[0].strip()
    front = _BEHIND_NOUN.split(front)[0]
    last = front.rsplit(" ", 1)[-1].lower()
    return (
        last in _PLURAL
        or words.lower() in {"who", "which"}
        or last.endswith("men")
        or (words.endswith("s") and words.rsplit(" ", 1)[-1].removesuffix("s") in ROLE_NOUNS)
        or (last.endswith("s") and not last.endswith(("ss", "'s", "’s")))
        or bool(_PATTERNS["joined"].search(words))
    )
