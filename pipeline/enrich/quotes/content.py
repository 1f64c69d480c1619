"""Where a reported statement begins behind a verb of saying: after "that", after to whom, when and where it was said.

said that …        told reporters on Tuesday that …        said in an interview with CNN …        believes …
"""

from __future__ import annotations

import re

from pipeline.enrich.quotes.subject import FINITE
from pipeline.enrich.quotes.words import ASKING, FINDING, OF_DEEDS, SAYING, TELLING, THINKING

#: Stands for every character between marks.
HIDDEN = "\x01"
_MIN_WORDS = 3
_DAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_TIME = (
    rf"(?:(?:on |late |early |earlier |last )*(?:{_DAY}|yesterday|today|tonight)(?: (?:morning|afternoon|evening|night))?"
    r"|(?:earlier )?(?:this|last) (?:week|month|year|morning|spring|summer|fall|autumn|winter)|earlier|later|recently|repeatedly|at the time"
    r"|in (?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?|in \d{4})"
)
#: Where something is said: it tells a place of speech from the beginning of the statement.
_OCCASION = (
    r"(?:in|at|during|after|before|on|through|via|from) (?:an? |the |his |her |its |their |another |one )?(?:[\w’'-]+ ){0,3}?"
    r"(?:statements?|interviews?|speech|conference|briefing|letter|e-?mail|note|memo|memorandum|message|tweets?|post|hearing"
    r"|testimony|filings?|release|video|address|remarks|debate|rally|call|report|brief|affidavit|opinion|ruling|book|article"
    r"|column|essay|op-ed|blog|Twitter|Facebook|CNN|NBC|CBS|ABC|MSNBC|Fox News|television|TV|radio|court|lawsuit|complaint"
    r"|documents?|program|show|meeting|deposition|prospectus|study|paper|editorial|documentary|forum|appearance|press|[Ww]eb ?sites?)"
    r"(?: (?:with|to|on|for|from|by|of|in|at) (?:the |a |his |her )?(?:[A-Z“\"\x01][\w’'.&\x01\"”-]*|reporters|journalists|investors"
    r"|employees|lawmakers|supporters|shareholders|staff|analysts|clients)(?: (?:and |of )?[A-Z][\w’'.&-]*){0,4})?"
)
WHEN_WHERE = rf"(?:,? (?:{_TIME}|{_OCCASION}),?)*"
_WORDS_THAT_START = (
    r"(?:(?:he|she|it|they|we|I|you|there|that|this|these|those|the|a|an|his|her|its|their|our|my|some|many|most|all|both|no"
    r"|any|every|each|more|about|nearly|almost|roughly|at least|up to|if|when|while|although|as|not|only)\b)"
)
CLAUSE_STARTS = rf"(?:{_WORDS_THAT_START}|\d[\d,.]*|[A-Z“\"\x01$])"
THAT = re.compile(r"\bthat\b,?\s*")
#: After "that" these say that it refers to something: "a report that was released", "said that."
_REFERS = re.compile(r"(?:is|are|was|were|has|had|have|would|will|can|could|may|might|should|did|does)\b|[.,;]")
#: What can stand between a cue and "that": whom, when, where, an insertion in commas.
_BETWEEN = re.compile(
    r",? ?(?:in|on|at|during|after|before|from|through|via|by|to|with|for|under|about|of|as|when|late|early|earlier|later"
    rf"|again|last|this|recently|repeatedly|publicly|privately|[a-z]+ly|however|too|though|{_TIME}|out|both|back)\b"
)
_MAX_BETWEEN = 16
_FINITE = r"(?:is|are|was|were|has|have|had|will|would|can|could|do|does|did|may|might|must|should)\b"
_NO_STATEMENT = re.compile(
    r"(?:(?:to|by|of|with|for|about(?! (?:an? |one|two|three|half|\d|[a-z]+-))|against|so|yes|as|from|into|and|or|in|on|at(?! least| most)|goodbye|hello"
    rf"|thank|thanks|which|like)\b|(?:nothing|anything|something)\b(?! {_FINITE})"
    rf"|(?:no|more|little|much)\b(?! (?!to\b|about\b)[\w’'-]+(?: (?!that\b|which\b|who\b)[\w’'-]+){{0,4}} {_FINITE}))|,",
    re.IGNORECASE,
)
_SOON = 14  # words within which a verb must come after a cue that can have a mere object
_PAST = re.compile(r"\b(?:[a-z]{3,}ed|went|came|made|took|left|met|got|gave|began|led|won|lost|rose|fell|kept|knew|grew|needs?|wants?|seems?"
                   r"|makes?|takes?|goes|gets?|comes?|gives?|looks?|works?|remains?|deserves?)\b")  # fmt: skip
_ADDRESSEE = (
    r"(?:(?:[Tt]he |an? |his |her |its |their )?[A-Z][\w’'.&-]*(?: (?:of |for |and |in |at )?(?:the )?[A-Z][\w’'.&-]*)*"
    rf"|(?:the |an? |his |her |its |their |this )?(?!{_WORDS_THAT_START})[\w’'.-]+"
    rf"(?: (?:of |for |and |in |at )?(?:the )?(?!{_WORDS_THAT_START})[\w’'.&-]+| [A-Z][\w’'.&-]*){{0,5}}?)"
)
_TOLD = re.compile(rf" {_ADDRESSEE}{WHEN_WHERE} (?={CLAUSE_STARTS})")
_WHOM = re.compile(rf" (?:him|her|me|us|them|you|it|reporters|journalists|lawmakers)\b{WHEN_WHERE} (?={CLAUSE_STARTS})")
_SPOKEN = re.compile(rf"{WHEN_WHERE} ")
#: What, how and why follow these: "she noted what had begun as a joke was law".
_ASIDE = frozenset("noted notes explained explains".split())
#: "She assured him the bridge was safe".
_TOLD_STRAIGHT = frozenset(
    "tell tells told inform informs informed assure assures assured remind reminds reminded".split()
)
#: "She denied knowing of it": what was done stands in the gerund.
_QUESTION = re.compile(rf"(?: {_ADDRESSEE})?{WHEN_WHERE} (?=(?:whether|if|why|how)\b)")
_DEED = re.compile(r" (?:ever |even |not |having )?(?!\w*thing\b|king\b|during\b|according\b)[a-z]{2,}ing\b")
_PERSON_STARTS = re.compile(
    r" (?:(?:he|she|they|we|I|there)\b|it (?:is|was|has|had|will|would|can|could|may|might|should|does|did|must)\b)"
)


def words(text: str) -> int:
    """Number of words, a hidden stretch counted as three."""
    return len(re.findall(r"\w+", text)) + 3 * len(re.findall(HIDDEN + "+", text))


def content_after(frame: str, cue: re.Match[str], end: int) -> int | None:
    """Where the statement begins that a cue introduces; ``None`` where it introduces none."""
    word = cue.group().lower()
    rest = frame[cue.end() : end]
    for that in THAT.finditer(rest):
        between = rest[: that.start()]
        if not _may_stand_between(between, word):
            break
        if not _REFERS.match(rest, that.end()):
            return cue.end() + that.end()
    if word in ASKING and (question := _QUESTION.match(rest)):
        return cue.end() + question.end()
    if word in OF_DEEDS and (deed := _DEED.match(rest)) and words(rest) >= _MIN_WORDS:
        return cue.end() + deed.start() + 1
    if word not in SAYING | THINKING | FINDING | _TOLD_STRAIGHT | {"saying"} and not _PERSON_STARTS.match(rest):
        return None
    skipped = _skipped(rest, word)
    if skipped is None or words(rest[skipped:]) < _MIN_WORDS or _NO_STATEMENT.match(rest, skipped):
        return None
    if word in {"said", "says", "say", "saying"}:
        return cue.end() + skipped
    if not _verb_soon(rest[skipped:], word):
        return None
    return cue.end() + skipped


def _skipped(rest: str, word: str) -> int | None:
    """How much of what follows a cue says to whom, when and where."""
    if word in _TOLD_STRAIGHT:
        told = _WHOM.match(rest) or _TOLD.match(rest)
        return told.end() if told else None
    spoken = _SPOKEN.match(rest)
    return spoken.end() if spoken else None


def _may_stand_between(between: str, word: str) -> bool:
    if not between.strip(" ,"):
        return True
    if len(between.split()) > _MAX_BETWEEN or FINITE.search(between) or re.search(r"[.;:]\s", between):
        return False
    return word in TELLING or bool(_BETWEEN.match(between)) or bool(re.match(r",[^,]{3,60},\s*$", between))


def _verb_soon(clause: str, word: str) -> bool:
    """Whether a clause begins here and no mere object: "announced the deal" states nothing."""
    near = " ".join(clause.split(" ")[:_SOON])
    near = near if word in THINKING else re.split(r"[,;]", near)[0]
    if re.match(r"[a-z]+ing\b|(?:what|who|how|why|where|whether)\b", near):
        return word in _ASIDE and bool(FINITE.search(near))
    if not re.match(CLAUSE_STARTS, near) and (word.startswith("fe") or not (word in THINKING or FINITE.search(near))):
        return False
    if FINITE.search(near) or re.match(r"(?:he|she|they|we|I)\b", near):
        return True
    lenient = word in THINKING or word in _TOLD_STRAIGHT or re.match(r"(?:he|she|it|they|we|I|[A-Z][\w’'.-]+)\b", near)
    return bool(lenient and _PAST.search(near))
