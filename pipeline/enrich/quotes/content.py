"""Where a reported statement begins after a verb of saying: after "that", after to whom, when and where it was said.

said that …        told reporters on Tuesday that …        said in an interview with CNN …        believes …
"""

from __future__ import annotations

import re

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.quotes.phrases import FINITE
from pipeline.enrich.quotes.words import (
    ALSO_NOUNS,
    ANY_DAY,
    ASKING,
    CUES,
    FINDING,
    OF_DEEDS,
    ONLY_MARKS,
    PROMISING,
    SAYING,
    TELLING,
    THINKING,
)

#: Stands for every character between marks.
HIDDEN = "\x01"
_HIDDEN_WORDS = re.compile(HIDDEN + "+")
_MIN_WORDS = 3
_TIME = (
    rf"(?:(?:on |late |early |earlier |last ){{0,3}}(?:{ANY_DAY}|yesterday|today|tonight)(?: (?:morning|afternoon|evening|night))?"
    r"|(?:earlier )?(?:this|last) (?:week|month|year|morning|spring|summer|fall|autumn|winter)|earlier|later|recently|repeatedly|at the time"
    r"|in (?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?|in \d{4})"
)
#: Where something is said: it tells a place of speech from the beginning of the statement.
_OCCASION = (
    r"(?:in|at|during|after|before|on|through|via|from) (?:an? |the |his |her |its |their |another |one )?(?:[\w’'-]+ ){0,3}?"
    r"(?:statements?|interviews?|speech|conference|briefing|letter|e-?mail|note|memo|memorandum|message|tweets?|post|hearing"
    r"|testimony|filings?|release|video|address|remarks|debate|rally|call|report|brief|affidavit|opinion|ruling|book|article"
    r"|column|essay|op-ed|blog|Twitter|Facebook|CNN|NBC|CBS|ABC|MSNBC|Fox News|television|TV|radio|court|lawsuit|complaint"
    r"|documents?|program|show|meeting|deposition|prospectus|study|paper|editorial|documentary|forum|appearance|press|[Ww]eb ?sites?|broadcast)"
    r"(?! (?:address|broadcast|conference|interview|program|show|station|release)s?\b)"
    r"(?: (?:with|to|on|for|from|by|of|in|at) (?:the |a |his |her )?(?:[A-Z“\"\x01][\w’'.&\x01\"”-]*|reporters|journalists|investors"
    r"|employees|lawmakers|supporters|shareholders|staff|analysts|clients)(?: (?:and |of )?[A-Z][\w’'.&-]*){0,4})?"
    r"(?: (?:dated|issued|released|published|posted|aired|broadcast))?(?:,? [\"“]\x01{1,80},?[\"”])?"
)
_PLACE = r"(?: in [A-Z][\w’'.-]*(?: [A-Z][\w’'.-]*){0,2})?"
WHEN_WHERE = (
    rf"(?:,? (?:{_TIME}{_PLACE}|{_OCCASION}|in [A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)?(?= (?:on )?{ANY_DAY})),?){{0,6}}"
)
#: A time that a statement may begin with: "said this month will be remembered".
_TIME_AS_SUBJECT = re.compile(r" (?:this|last) ")
_WORDS_THAT_START = (
    r"(?:(?:he|she|it|they|we|I|you|there|that|this|these|those|the|a|an|his|her|its|their|our|my|some|many|most|all|both|no"
    r"|any|every|each|more|about|nearly|almost|roughly|at least|up to|if|when|while|although|as|not|only)\b)"
)
CLAUSE_STARTS = rf"(?:{_WORDS_THAT_START}|\d[\d,.]*|[A-Z“\"\x01$])"
_STARTS_CLAUSE = re.compile(CLAUSE_STARTS)
THAT = re.compile(r"\bthat\b(?![’']),?\s*")
#: After "that" these say that it refers to something: "a report that was released", "said that."
_REFERS = re.compile(r"(?:is|are|was|were|has|had|have|would|will|can|could|may|might|should|did|does)\b|[.,;]")
#: What can be between a cue and "that": whom, when, where, an insertion in commas.
_BETWEEN = re.compile(
    r",? ?(?:in|on|at|during|after|before|from|through|via|by|to|with|for|under|about|of|as|when|late|early|earlier|later"
    rf"|again|last|this|recently|repeatedly|publicly|privately|[a-z]+ly|however|too|though|{_TIME}|out|both|back|(?:him|her|them|me|us)(?= *$)|\d+-(?:to-)?\d+)\b"
)
_MAX_BETWEEN = 16
_FINITE = r"(?:is|are|was|were|has|have|had|will|would|can|could|do|does|did|may|might|must|should)\b"
_NO_STATEMENT = re.compile(
    r"(?:(?:to|by|of|with|for|about(?! (?:an? |one|two|three|half|\d|[a-z]+-))|against|so|yes|as(?! (?:much|many|few|little|soon|long) as| (?:(?:vice )?president|governor|mayor|chairman|chancellor|prime minister|senator) (?:he|she|they)\b)|from|into|and|or|in|on|at(?! least| most)|goodbye|hello"
    rf"|thank|thanks|which|like)\b|(?:nothing|anything|something)\b(?! {_FINITE})"
    rf"|(?:no|more(?! than (?:\$|\d|half|one|two|three|four|five))|little|much)\b(?! (?!to\b|about\b)[\w’'-]+(?: (?!that\b|which\b|who\b)[\w’'-]+){{0,9}} {_FINITE}))|,",
    re.IGNORECASE,
)
#: What a statement may begin with before its subject: "said at the current rate, the army …".
_LEAD = re.compile(
    r",? (?=(?:as|in spite of|despite|under|without|with|by (?:then|the time|\d)"
    r"|at (?:best|worst|least|most|first|present|this|that|the (?:current|present|moment|time))"
    r"|in (?:addition|connection|fact|general|principle|return|theory|the (?:end|future|long|meantime|past|last|next)|some|many|most)"
    r"|for (?:example|instance|now|years|many|some|the (?:first|last|next))) "
    rf"[^,;:{HIDDEN}]{{3,80}}, [\w\"“$]|(?:at (?:best|worst|least|most|first|present)|in (?:addition|fact|general|return)"
    rf"|for (?:example|instance|now)), {CLAUSE_STARTS})"
)
#: "demanded those charges be dropped"
_SUBJUNCTIVE = re.compile(
    r" (?=(?:the|an?|this|that|these|those|his|her|its|their|all|any|fresh|new|[A-Z][\w’'.-]*) )[^,;:.\x01]{2,60}?"
    r"(?<! to)(?<! will)(?<!ould)(?<! can)(?<! may)(?<! might)(?<! must)(?<! not) be [a-z]{3,}"
)
_WISHING = ENGLISH.forms("wishes")
#: "added $18 million to reserves" states nothing.
_SUM_ADDED = re.compile(r"(?:an?(?:other)? |about )?\$?\d[\d,.]*(?: (?:[mb]illion|percent))? (?:to|in|of)\b")
#: After these a clause says when, or of whom, and is none that was ruled: "ruled the country until he was ousted".
_CLAUSE_OF_TIME = re.compile(r"\b(?:until|when|while|after|before|since|for|who|which|as|with|in|from|and)\b")
_RELATIVE = re.compile(r"\b(?:that|which|who)(?: (?:also|not|[a-z]+ly))* $")
_THAT_NOUN = re.compile(r"that [a-z]+['’]s ")
_PREPOSITION_AT_END = re.compile(r"\b(?:with|of|to|for|in|on|at|by|from|about|after|before|under)\s*$")
_ENDS = re.compile(r"[,;]|\s[-–—]+\s| and (?:said|says|added|told|called|has|have)\b")
_SOON = 14  # words within which a verb must come after a cue that can have a mere object
_PAST = re.compile(r"\b(?:[a-z]{3,}ed|went|came|made|took|left|met|got|gave|began|led|won|lost|rose|fell|kept|knew|grew|rode|shot|built|bought|sold|broke|ran|stole|held|paid|sent|hit|drove|flew|fled|hid|needs?|wants?|seems?"
                   r"|makes?|takes?|goes|gets?|comes?|gives?|looks?|works?|remains?|deserves?"
                   r"|poses|means|lacks|intends|violates|represents|requires|continues|threatens|appears|expects|believes|knows|keeps"
                   r"|brings|begins|depends|belongs|contains|exists|allows|becomes|happens|opposes|proves|serves|tells|tries|undermines"
                   r"|ignores|justifies|reflects|refuses|rejects|seeks|sees|suffers|wins)\b")  # fmt: skip
#: Forms that are no participles, or have an object after them: "the firm hid", "the firm paid the men"; not "the man he took".
_ACTIVE = re.compile(
    r"(?:(?!(?:who|which|that|he|she|it|they|we|I|days?|nights?|time|year|moment)\b)[\w’'.$-]+ ){1,6}?(?:(?:never|always|often|also|repeatedly) [a-z]+"
    r"|(?:went|came|took|knew|gave|began|fell|ran|rode|drove|flew|broke|stole|grew|hid|rose|wrote|chose|spoke|wore|saw|became|threw|drew"
    r"|makes|takes|goes|gets|gives|needs|wants|seems|means|lacks|violates|represents|requires|appears|allows|remains)\b(?! by\b)"
    r"|(?:[a-z]{3,}ed|paid|made|left|met|got|led|won|lost|kept|built|bought|sold|held|sent|put|cut|spent|told|beat|hit|shot|fought)"
    r" (?:the(?! (?:day|same|previous|week|month|year|night))|an?|his|her|its|their|him|them|no|\$\d|money|people|more)\b)"
)
_CLAIMING = ENGLISH.forms("claims")
#: Verbs that have another sense, by what tells it.
_CLAUSE_ONLY, _LASTING, _COUNTING = ENGLISH.forms("clause"), ENGLISH.forms("lasting"), ENGLISH.forms("counts")
_TAKING_ON, _FIRM = ENGLISH.forms("takes_on"), ENGLISH.forms("firm")
_ADDRESSEE = (
    r"(?:(?:[Tt]he |an? |his |her |its |their )?[A-Z][\w’'.&-]*(?: (?:of |for |and |in |at )?(?:the )?[A-Z][\w’'.&-]*)*"
    rf"|(?:the |an? |his |her |its |their |this )?(?!{_WORDS_THAT_START})[\w’'.-]+"
    rf"(?: (?:of |for |and |in |at )?(?:the )?(?!{_WORDS_THAT_START})[\w’'.&-]+| [A-Z][\w’'.&-]*){{0,5}}?)"
)
_TOLD = re.compile(
    rf" {_ADDRESSEE}(?<! in)(?<! of)(?<! at)(?<! on)(?<! for)(?<! and)(?:, [A-Z]{{2,6}},)?{WHEN_WHERE} (?={CLAUSE_STARTS})"
)
_WHOM = re.compile(
    rf" (?:him|her|me|us|them|you|it|reporters|journalists|lawmakers|[A-Z]{{2,6}}(?! (?:News|Radio|Sport|Television|World)))\b{_PLACE}{WHEN_WHERE}"
    rf" (?={CLAUSE_STARTS}|[a-z]+ (?:\w+ ){{0,4}}{FINITE.pattern})"
)
_SPOKEN = re.compile(rf"{WHEN_WHERE} ")
#: What, how and why follow these: "she noted what had begun as a joke was law".
_ASIDE = ENGLISH.forms("aside")
#: "She assured him the bridge was safe".
_TOLD_STRAIGHT = ENGLISH.forms("straight")
_TO_DO = re.compile(r" (?:not )?to (?!(?:the|an?|his|her|its|their|him|them|reporters)\b)[a-z]")
_SAID = frozenset(("said", "says", "say", "saying"))
#: A statement may follow these without "that".
_STRAIGHT = SAYING | THINKING | FINDING | PROMISING | _TOLD_STRAIGHT | _SAID
#: "She denied knowing of it": what was done stands in the gerund.
_QUESTION = re.compile(rf"(?: {_ADDRESSEE})?{WHEN_WHERE} (?=(?:whether|if|why|how)\b)")
_DEED = re.compile(r" (?:ever |even |not |having )?(?!\w*thing\b|king\b|during\b|according\b)[a-z]{2,}ing\b")
_PERSON_STARTS = re.compile(
    r" (?:(?:he|she|they|we|I|there)\b|it (?:is|was|has|had|will|would|can|could|may|might|should|does|did|must)\b)"
)


def words(text: str) -> int:
    """Number of words, a hidden stretch counted as three."""
    return len(re.findall(r"\w+", text)) + 3 * len(_HIDDEN_WORDS.findall(text))


def content_after(frame: str, cue: re.Match[str], end: int) -> int | None:
    """Where the statement begins that a cue introduces; ``None`` where it introduces none."""
    word = cue.group().lower()
    rest = frame[cue.end() : end]
    if word in ONLY_MARKS or (word in PROMISING and _TO_DO.match(rest)):
        return None  # "threatens to swallow all that was won"
    for that in THAT.finditer(rest):
        between = rest[: that.start()]
        if not _may_stand_between(between, word):
            break
        if _PREPOSITION_AT_END.search(between) or _THAT_NOUN.match(rest, that.start()):
            continue  # "in connection with that request", "that country's minister"
        if not _REFERS.match(rest, that.end()):
            return cue.end() + that.end()
    if word in ASKING and (question := _QUESTION.match(rest)):
        return cue.end() + question.end()
    if word in OF_DEEDS and (deed := _DEED.match(rest)) and words(rest) >= _MIN_WORDS:
        return cue.end() + deed.start() + 1
    if word in _WISHING and _SUBJUNCTIVE.match(rest):
        return cue.end() + 1
    if word not in _STRAIGHT and not _PERSON_STARTS.match(rest):
        return None
    if word in _SAID and (lead := _LEAD.match(rest)):
        return cue.end() + lead.end()
    skipped = _skipped(rest, word)
    if skipped is None or words(rest[skipped:]) < _MIN_WORDS or _NO_STATEMENT.match(rest, skipped):
        return None
    if word in _SAID:
        return cue.end() + skipped
    if not _verb_soon(rest[skipped:], word):
        return None
    return cue.end() + skipped


def _skipped(rest: str, word: str) -> int | None:
    """How much of what follows a cue says to whom, when and where."""
    passed = (_WHOM.match(rest) or _TOLD.match(rest)) if word in _TOLD_STRAIGHT else _SPOKEN.match(rest)
    if passed is not None and passed.end() > 1 and FINITE.match(rest, passed.end()):
        return 1 if _TIME_AS_SUBJECT.match(rest) else None  # "the inquiry announced Tuesday is the latest"
    return passed.end() if passed else None


def _may_stand_between(between: str, word: str) -> bool:
    if not between.strip(" ,"):
        return True
    others = between.split()
    if len(others) > _MAX_BETWEEN or any(other in CUES and other not in ALSO_NOUNS for other in others):
        return False
    if re.match(r",[^,]{3,60},\s*$", between):
        return True  # "said, as he has before, that"
    if FINITE.search(between.replace(" to be ", " ")) or re.search(r"(?<![A-Z])[.;:]\s", between):
        return False
    if word in TELLING:
        return True
    # "said Thursday U.S. policy requires that": what is neither when nor where belongs to the statement.
    behind = _SPOKEN.match(f"{between.rstrip()} ")
    rest = between[behind.end() :] if behind else between
    return not rest.strip() or _BETWEEN.match(f" {rest.lstrip()}") is not None


def _verb_soon(clause: str, word: str) -> bool:
    """Whether a clause begins here and no mere object: "announced the deal" states nothing."""
    near = " ".join(clause.split(" ")[:_SOON])
    near = near if word in THINKING else _ENDS.split(near)[0]
    near = _CLAUSE_OF_TIME.split(near)[0] if word in _LASTING else near
    if word in _COUNTING and _SUM_ADDED.match(near):
        return False
    if re.match(r"[a-z]+ing\b|(?:what|who|how|why|where|whether)\b", near):
        return word in _ASIDE and bool(FINITE.search(near))
    if word in _CLAIMING and _ACTIVE.match(near):
        return True
    if not _STARTS_CLAUSE.match(near) and (word in _CLAUSE_ONLY or not (word in THINKING or FINITE.search(near))):
        return False
    # "details that have not been confirmed" is not a clause; "the man who was arrested had died" may be believed.
    if word in _TOLD_STRAIGHT and HIDDEN in clause:
        return True  # "told reporters the men represent a "great step"": the marks say that it is a statement
    verbs = [verb for verb in FINITE.finditer(near) if verb.group() not in {"be", "been"}]
    relative = [verb for verb in verbs if _RELATIVE.search(near, 0, verb.start())]
    if (len(relative) < len(verbs)) if word in THINKING else (verbs and verbs[0] not in relative):
        return True
    if re.match(r"(?:he|she|they|we|I)\b", near):
        return True
    if relative:
        return False
    lenient = (
        (word in THINKING and word not in _TAKING_ON)
        or word in _TOLD_STRAIGHT
        or word in _FIRM
        or re.match(r"(?:he|she|it|they|we|I|[A-Z][\w’'.-]+)\b", near)
    )
    return bool(lenient and _PAST.search(near))
