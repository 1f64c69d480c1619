"""Where a reported statement begins after a verb of saying: after "that", after to whom, when and where it was said.

said that …        told reporters on Tuesday that …        said in an interview with CNN …        believes …
"""

from __future__ import annotations

import re

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.phrases import FINITE
from pipeline.enrich.quotes.words import (
    ALSO_NOUNS,
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

_PATTERNS = patterns("quotes/content")

#: Stands for every character between marks.
HIDDEN = "\x01"
_HIDDEN_WORDS = re.compile(HIDDEN + "+")
_MIN_WORDS = 3
#: A time that a statement may begin with: "said this month will be remembered".
_TIME_AS_SUBJECT = _PATTERNS["time_as_subject"]
_STARTS_CLAUSE = _PATTERNS["starts_clause"]
THAT = _PATTERNS["that"]
#: After "that" these say that it refers to something: "a report that was released", "said that."
_REFERS = _PATTERNS["refers"]
#: What can be between a cue and "that": whom, when, where, an insertion in commas.
_BETWEEN = _PATTERNS["between"]
_MAX_BETWEEN = 16
_NO_STATEMENT = _PATTERNS["no_statement"]
#: What a statement may begin with before its subject: "said at the current rate, the army …".
_LEAD = _PATTERNS["lead"]
#: "demanded those charges be dropped"
_SUBJUNCTIVE = _PATTERNS["subjunctive"]
_WISHING = ENGLISH.forms("wishes")
#: "added $18 million to reserves" states nothing.
_SUM_ADDED = _PATTERNS["sum_added"]
#: After these a clause says when, or of whom, and is none that was ruled: "ruled the country until he was ousted".
_CLAUSE_OF_TIME = _PATTERNS["clause_of_time"]
_RELATIVE = _PATTERNS["relative"]
_THAT_NOUN = _PATTERNS["that_noun"]
_PREPOSITION_AT_END = _PATTERNS["preposition_at_end"]
_ENDS = _PATTERNS["ends"]
_SOON = 14  # words within which a verb must come after a cue that can have a mere object
_PAST = _PATTERNS["past"]
#: Forms that are no participles, or have an object after them: "the firm hid", "the firm paid the men"; not "the man he took".
_ACTIVE = _PATTERNS["active"]
_CLAIMING = ENGLISH.forms("claims")
#: Verbs that have another sense, by what tells it.
_CLAUSE_ONLY, _LASTING, _COUNTING = ENGLISH.forms("clause"), ENGLISH.forms("lasting"), ENGLISH.forms("counts")
_TAKING_ON, _FIRM = ENGLISH.forms("takes_on"), ENGLISH.forms("firm")
_TOLD = _PATTERNS["told"]
_WHOM = _PATTERNS["whom"]
_SPOKEN = _PATTERNS["spoken"]
#: What, how and why follow these: "she noted what had begun as a joke was law".
_ASIDE = ENGLISH.forms("aside")
#: "She assured him the bridge was safe".
_TOLD_STRAIGHT = ENGLISH.forms("straight")
_TO_DO = _PATTERNS["to_do"]
_SAID = frozenset(("said", "says", "say", "saying"))
#: A statement may follow these without "that".
_STRAIGHT = SAYING | THINKING | FINDING | PROMISING | _TOLD_STRAIGHT | _SAID
#: "She denied knowing of it": what was done stands in the gerund.
_QUESTION = _PATTERNS["question"]
_DEED = _PATTERNS["deed"]
_PERSON_STARTS = _PATTERNS["person_starts"]


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
    if _PATTERNS["no_clause"].match(near):
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
    if _PATTERNS["pronoun"].match(near):
        return True
    if relative:
        return False
    lenient = (
        (word in THINKING and word not in _TAKING_ON)
        or word in _TOLD_STRAIGHT
        or word in _FIRM
        or _PATTERNS["pronoun_or_name"].match(near)
    )
    return bool(lenient and _PAST.search(near))
