"""Sources: the words that name who speaks, found beside a verb of saying.

SOURCE CUE      "Lavrov emphasized", "the top diplomat said", "Ms Ruiz, the mayor, told reporters"
CUE SOURCE      "said Lavrov on Monday", "says the ministry"
according to SOURCE, in SOURCE's words
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.enrich.entities.offices import is_head
from pipeline.enrich.quotes.words import CUES, PRONOUNS, ROLE_NOUNS, SOURCE_ENDS

_WORD = re.compile(r"\[?[\w’'.\-&]*\w[\]’'.]*")
_PLAIN_WORD = re.compile(r"[A-Za-z]+")
_ADVERB = re.compile(
    r"(?:also|then|later|once|reportedly|again|still|[a-z]+ly|has|have|had|would|was|is|further|today|yesterday"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|on|late|early|earlier)$"
)
_MAX_SOURCE_WORDS = 16
_LAST_VERB = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|could|be|been)\b")
_LEADING = re.compile(
    r"(?:On|In|At|After|Before|During|For|With|By|From|Earlier|Meanwhile|However|Later|Also|Then|Asked|Speaking|Under|Since"
    r"|Among|Despite|Following|Last|This|Still|Now|To|Of|Yesterday|Today|[A-Z]\w+day|[A-Z][a-z]+ing|[A-Z][a-z]+ly"
    r"|[Ii]nstead|in|on|at|after|before|during|for|with|by|from)\b"
)
#: What stands between source and cue without being part of the source.
_BETWEEN = re.compile(
    r"(?:in|on|at|during|after|before|when|while|speaking|quoting|citing|who|which|whose|through|via|by|with|following"
    r"|referring|addressing|asked|for|from|meanwhile|however|too|though)\b"
)
_APPOSED = re.compile(
    r"(?:the|a|an|his|her|its|their|one|former|now|then|also|head|chief|[A-Z]{2,4}$|[A-Z]\.[A-Z]\.|\d{1,3}$)"
)
#: What may be a finite verb; it needs no more to tell clauses from lists of nouns.
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|be|been|do|does|did|may|might|must|should|went|came|made|took|left"
    r"|met|saw|got|gave|found|held|began|led|won|lost|put|sent|rose|fell|ran|kept|knew|grew|paid|set|brought|stood|shot|became"
    r"|said|says|told|[a-z]{3,}ed|[a-z]+n['’]t)\b"
)
_ACCORDING = re.compile(r"\b(?:according to|in the words of)\s+", re.IGNORECASE)
#: "…, saying: "…"": the subject of the sentence speaks.
_SAYING = re.compile(
    r"\b(saying|adding|stating|writing|noting|warning|insisting|declaring|explaining|shouting)\b[^,:]{0,40}[,:]?\s*$"
)
_SUBJECT = re.compile(
    r"(?:(?:On|In|At|After)\b[^,]{0,60},\s+)?"
    r"((?:he|she|they|He|She|They|(?:The|the|A|An|One|one)(?: [a-z-]+){1,3}?"
    r"|(?:[A-ZÀ-Þ][\w’'.-]* ?){1,6}(?:(?:of|for|and) (?:the )?(?:[A-ZÀ-Þ][\w’'.-]* ?){1,4})?))(?=\s[a-z])"
)


#: Cues that may begin a sentence.
_CAPITAL_CUES = frozenset(("Said", "Says", "Added", "Asked", "Wrote", "Explained", "Adds", "Told"))
#: Cues that are nouns behind an article or a preposition: "the state", "in remarks".
_ALSO_NOUNS = frozenset(
    "state states report reports claim claims comment comments note notes remark remarks estimate estimates answer answers"
    " object objects promise promises demand demands hope hopes repeat reply replies pledge pledges vow vows advice"
    " saying thought charge charges stress fear fears".split()
)
#: "declined to say", "have not said".
_NOT_SAID = re.compile(r"\b(?:to|not|never|n['’]t|without|cannot|was|were|been|be|is|are|being)\s$")
#: "The agency quotes her as saying that"
_QUOTED_AS = re.compile(r"\bquot(?:es|ed|ing) ([^,]{2,80}) as$")
_BEFORE_NOUNS = frozenset(
    "the a an this that these those his her its their our my your of in on to for by with from no any some each every"
    " both other police news federal media press public islamic head first recent new such and vice one two per non".split()
)


@dataclass(frozen=True)
class Source:
    """Who speaks: offsets of the source and the cue in the text."""

    start: int
    end: int
    cue: str
    cue_start: int
    cue_end: int

    def text(self, whole: str) -> str:
        """The source as printed."""
        return whole[self.start : self.end]


def cue_words(text: str, start: int, end: int) -> list[re.Match[str]]:
    """The verbs of saying between two offsets."""
    return [match for match in _PLAIN_WORD.finditer(text, start, end) if _is_cue(text, match)]


def _is_cue(text: str, match: re.Match[str]) -> bool:
    word = match.group()
    if word not in CUES and word not in _CAPITAL_CUES:
        return False
    if word in _ALSO_NOUNS:
        before = re.search(r"([\w’']+)\s$", text[max(0, match.start() - 20) : match.start()])
        if before is not None and before.group(1).lower() in _BEFORE_NOUNS:
            return False
    return not _NOT_SAID.search(text, max(0, match.start() - 12), match.start())


def after_quote(text: str, start: int, end: int) -> Source | None:
    """The attribution that follows a closing mark, up to ``end`` (the end of its sentence)."""
    clause = text[start:end]
    lead = re.match(r"[\s,\-–—]*", clause)
    begin = start + (lead.end() if lead else 0)
    dash = re.match(r"\s*[-–—]+\s*(?=[A-Z])", clause)
    if according := _ACCORDING.match(text, begin, end):
        return _according(text, according, end)
    for cue in cue_words(text, begin, end)[:3]:
        before = text[begin : cue.start()].strip()
        if not before:
            return _inverted(text, cue, end)
        source = _before_cue(text, begin, cue) or _anybody(text, begin, cue)
        if source is not None:
            return source
    if dash and (name := re.match(r"[A-Z][\w’'.-]+(?: [A-Z][\w’'.-]+){0,3}", text[begin:end])):
        return Source(begin, begin + name.end(), "—", begin, begin)
    return None


def before_quote(text: str, start: int, end: int) -> Source | None:
    """The attribution that leads up to an opening mark, from ``start`` (of its sentence)."""
    clause = text[start:end]
    if not clause.strip():
        return None
    if according := _ACCORDING.search(text, start, end):
        return _according(text, according, end)
    if saying := _SAYING.search(text, start, end):
        return subject_of(text, start, saying)
    cues = cue_words(text, start, end)
    for cue in reversed(cues):
        source = _before_cue(text, start, cue)
        if source is not None:
            return source
    return None


def subject_of(text: str, start: int, saying: re.Match[str]) -> Source | None:
    """The subject of a sentence that begins at ``start``, for a participle ("saying") that is the match's first group."""
    cue = (saying.group(1), saying.start(1), saying.end(1))
    beside = re.search(r"\bwith ((?:one|an?|the) [a-z-]+) $", text[start : saying.start()])
    if beside is not None:
        return Source(start + beside.start(1), start + beside.end(1), *cue)
    while start < saying.start() and not text[start].isalnum() and text[start] != "[":
        start += 1
    subject = _SUBJECT.match(text, start, saying.start())
    if subject is None or not _plausible(subject.group(1).strip()):
        return None
    return Source(subject.start(1), subject.start(1) + len(subject.group(1).rstrip()), *cue)


def speaking_clause(text: str, start: int, end: int, cue: re.Match[str]) -> Source | None:
    """The source of a cue within a sentence, before it or after it."""
    return _before_cue(text, start, cue) or _inverted(text, cue, end)


def according_to(text: str, start: int, end: int) -> Source | None:
    """The source of "according to …" in a sentence."""
    found = _ACCORDING.search(text, start, end)
    return _according(text, found, end) if found else None


def _according(text: str, match: re.Match[str], end: int) -> Source | None:
    rest = text[match.end() : end]
    stop = _AFTER_ACCORDING.search(rest)
    if stop is not None and stop.group() == "." and _initial(rest, stop.start()):
        stop = _AFTER_ACCORDING.search(rest, stop.end())
    length = stop.start() if stop else len(rest.rstrip(" ."))
    if stop is not None and stop.group() == "," and (apposed := _apposed_length(rest, stop.start())):
        length = apposed
    if name := _NAME_THEN_CLAUSE.match(rest[:length]):
        length = name.end(1)
    if length <= 0:
        return None
    finish = match.end() + length
    return Source(
        match.end(), finish, match.group().strip(), match.start(), match.start() + len(match.group().rstrip())
    )


#: "According to Moe the bridge is gone": no comma after the name.
_NAME_THEN_CLAUSE = re.compile(
    r"((?:[A-ZÀ-Þ][\w’'.-]*)(?: [A-ZÀ-Þ][\w’'.-]*){0,3}) (?:the|a|an|he|she|they|it|there|his|her|its|this|these|some|all)\s"
)
_AFTER_ACCORDING = re.compile(r",|\.(?=\s|$)|[;:\"“”()]|\s[-–—]\s|\s(?:who|which|that|on|in|and)\s(?!for\b)")


def _apposed_length(rest: str, comma: int) -> int | None:
    """Length of a source with an apposition: "the coach, Ann Moe, …", "Ann Moe, a spokeswoman for the firm, …"."""
    part = re.match(r",\s([^,.;:\"“”]{2,80}?)(?=,|\.?$|\.\s)", rest[comma:])
    if part is None:
        return None
    named = re.fullmatch(r"(?:[A-ZÀ-Þ][\w’'.-]*\s?){1,4}", part.group(1))
    if (named and _names_role(rest[:comma])) or (_APPOSED.match(part.group(1)) and _names_role(part.group(1))):
        return comma + part.end(1)
    return None


def _inverted(text: str, cue: re.Match[str], end: int) -> Source | None:
    """``said Lavrov``: the source follows the cue."""
    begin = cue.end()
    if cue.group().endswith("ing"):
        return None
    while begin < end and text[begin] == " ":
        begin += 1
    stop = SOURCE_ENDS.search(text, begin, end)
    finish = stop.start() if stop else end
    # "U.S. President Ann Moe": a full stop within an abbreviation does not end the source.
    while (
        stop
        and text[stop.start()] == "."
        and re.match(r"\.(?:[A-Z]\.|\s[A-Z])", text[stop.start() :])
        and _initial(text, stop.start())
    ):
        stop = SOURCE_ENDS.search(text, stop.end(), end)
        finish = stop.start() if stop else end
    source = text[begin:finish].rstrip()
    if not source or not _plausible(source):
        return None
    return Source(begin, begin + len(source), cue.group(), cue.start(), cue.end())


def _initial(text: str, stop: int) -> bool:
    word = re.search(r"[\w.]+$", text[:stop])
    if word is None:
        return False
    return len(word.group().replace(".", "")) <= 2 or word.group() in {
        "Mr",
        "Mrs",
        "Ms",
        "Dr",
        "Gen",
        "Lt",
        "Col",
        "Sen",
        "Rep",
        "Gov",
        "St",
        "Capt",
        "Sgt",
        "Prof",
        "Rev",
        "Hon",
    }


def _before_cue(text: str, start: int, cue: re.Match[str]) -> Source | None:
    """``Lavrov emphasized``: the source stands before the cue."""
    head = text[start : cue.start()].rstrip()
    words = head.split(" ")
    while words and _ADVERB.match(words[-1]):
        words.pop()
        head = " ".join(words).rstrip()
    if words and words[-1] in {"and", "but"}:
        return _elided(text, start, cue) if cue.group().endswith(("s", "d")) and cue.group() != "told" else None
    if quoted := _QUOTED_AS.search(head):
        begin = start + quoted.start(1)
        return Source(begin, begin + len(quoted.group(1)), cue.group(), cue.start(), cue.end())
    head = _without_insertion(head)
    begin = start + _clause_start(head)
    clause = head[begin - start :].rstrip(" ,")
    begin += len(clause) - len(clause.lstrip(" ,"))
    clause = clause.lstrip(" ,")
    joined = re.match(r"(?:and|but|so|yet|or)\s+", clause, re.IGNORECASE)
    if joined:
        begin, clause = begin + joined.end(), clause[joined.end() :]
    first, last = _named_part(clause)
    source = text[begin + first : begin + last]
    begin += first + len(source) - len(source.lstrip())
    source = source.strip()
    if not source or not _plausible(source):
        return None
    return Source(begin, begin + len(source), cue.group(), cue.start(), cue.end())


def _anybody(text: str, start: int, cue: re.Match[str]) -> Source | None:
    """Behind a quotation whoever is named right before the cue speaks: "the 54-year-old said", "a neighbour said"."""
    found = _ANYBODY.fullmatch(text, start, cue.start())
    return Source(found.start(1), found.end(1), cue.group(), cue.start(), cue.end()) if found else None


_ANYBODY = re.compile(
    r"((?:[Tt]he|[Aa]n?|[Oo]ne|[Hh]is|[Hh]er|[Tt]heir)(?: [\w-]+){1,3}?) (?:also |later |then |had |has )?"
)


def _elided(text: str, start: int, cue: re.Match[str]) -> Source | None:
    """``He praised the visit, which began on Sunday, and says …``: the subject of the sentence speaks."""
    subject = _SUBJECT.match(text, start, cue.start())
    if subject is None or not _plausible(subject.group(1).strip()):
        return None
    end = subject.start(1) + len(subject.group(1).rstrip())
    return Source(subject.start(1), end, cue.group(), cue.start(), cue.end())


def _without_insertion(head: str) -> str:
    """``The papers - released on Tuesday - say``: what stands between dashes is no part of the source."""
    if not re.search(r"\s(?:--?|[–—])$", head):
        return head
    dashes = list(re.finditer(r"\s(?:--?|[–—])\s", head))
    return head[: dashes[-1].start()] if dashes else head


def _clause_start(head: str) -> int:
    """Where the clause begins that ends in the source: after the last mark or conjunction that ends a clause before."""
    begin = 0
    for match in re.finditer(
        r"[;:\"“”]|\s[-–—]\s|\b(?:but|and|while|as|because|which|that|if|when|where|although|though|after|before|since|until|unless|whether)\s",
        head,
    ):
        word = match.group().strip()
        if word == "and":
            # It joins two names or two nouns of an apposition unless there was a verb before it.
            if not _VERB.search(head, begin, match.start()):
                continue
        elif word.isalpha() and word != "but" and "," in head[match.end() :]:
            continue  # a clause that ends before the source, or between source and cue
        begin = match.end()
    return begin


def _named_part(clause: str) -> tuple[int, int]:
    """``[start, end)`` of the source in the clause before a cue.

    A leading phrase in commas is left out ("On Monday, Lavrov said"), an apposition belongs to the source ("Lavrov, the
    foreign minister, said"), a phrase between source and cue does not ("Lavrov, in a statement, said").
    """
    parts, at = [], 0
    for match in re.finditer(r",\s", clause):
        parts.append((at, match.start()))
        at = match.end()
    parts.append((at, len(clause)))
    for index in range(max(len(parts) - 3, 0), len(parts)):
        first = clause[slice(*parts[index])]
        if _LEADING.match(first) or not _plausible(first) or _LAST_VERB.search(first):
            continue
        end = parts[index][1]
        for start, finish in parts[index + 1 :]:
            part = clause[start:finish]
            if _BETWEEN.match(part):
                return parts[index][0], end
            if _LAST_VERB.search(part) or not (
                _APPOSED.match(part) or _names_role(part) or (_names_role(first) and part[:1].isupper())
            ):
                break
            end = finish
        else:
            return parts[index][0], end
    return parts[-1]


def _names_role(words: str) -> bool:
    found = [word.lower() for word in _WORD.findall(words)]
    front = found[
        : next((at for at, word in enumerate(found) if word in {"of", "for", "at", "in", "with"}), len(found))
    ]
    return bool(front) and (is_head(front[-1]) or front[-1] in ROLE_NOUNS or front[-1].removesuffix("s") in ROLE_NOUNS)


def _plausible(source: str) -> bool:
    """Whether words can name a speaker: a pronoun, a name, or a noun of a role; not too long and no finite verb."""
    words = _WORD.findall(source)
    if not words or len(words) > _MAX_SOURCE_WORDS:
        return False
    lowered = [word.strip("[].’'").lower() for word in words]
    if len(words) == 1 and lowered[0] in PRONOUNS - {"him", "her"}:
        return True
    if _LAST_VERB.search(source) or any(word in CUES - _ALSO_NOUNS for word in lowered):
        return False
    if lowered[0] in {"to", "not", "be", "by", "of", "he", "she", "they", "it", "there"}:
        return False
    named = any(word[0].isupper() or word.startswith("[") for word in words[1:] or words) or words[0][0].isupper()
    role = any(
        word.removesuffix("'s").removesuffix("’s") in ROLE_NOUNS or word.rstrip("s") in ROLE_NOUNS for word in lowered
    )
    return role or (named and not (len(words) == 1 and lowered[0] in {"the", "this", "that", "what", "but", "and"}))
