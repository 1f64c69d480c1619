"""Which words before a verb of saying name the one who speaks.

Lavrov, the foreign minister, repeatedly said      The mayor, in a statement, said
On Monday, a spokesman for the company said        The papers - released on Tuesday - say
"""

from __future__ import annotations

import re

from pipeline.enrich.patterns import patterns
from pipeline.enrich.quotes.phrases import FINITE, WORD, names_role, plausible
from pipeline.enrich.quotes.words import BASE_FORMS, CUES

_PATTERNS = patterns("quotes/subject", cues=CUES - BASE_FORMS - {"saying", "read", "quoth"})

Offsets = tuple[int, int]

#: What may be between source and verb: adverbs, auxiliaries, days.
_ADVERB = _PATTERNS["adverb"]
#: "went on to say", "continues to insist", "was quick to add": the subject precedes.
_GOES_ON = _PATTERNS["goes_on"]
_CUE = _PATTERNS["cue"]
_NEGATED = _PATTERNS["negated"]
#: What may be a finite verb; it needs no more to tell clauses from lists of nouns.
_VERB = _PATTERNS["verb"]
#: A phrase that leads up to a subject and is none.
_LEADING = _PATTERNS["leading"]
#: What is between source and verb without being part of the source.
_BETWEEN = _PATTERNS["between"]
_APPOSED = _PATTERNS["apposed"]
_CLAUSE = _PATTERNS["clause"]
#: "…, who leads the panel, said": what the clause says of the source.
_RELATIVE = _PATTERNS["relative"]
_LEADS_A_NAME = _PATTERNS["leads_a_name"]
#: "Finally a neighbor said", "shortly afterwards an officer said": no comma after the adverb.
ADVERB_LEADS = _PATTERNS["adverb_leads"]
_PRONOUN_AT_END = _PATTERNS["pronoun_at_end"]
_NAME_AT_END = re.compile(r"(?<= )[A-Z][\w’'.-]*(?: (?:[a-z]{2,3} )?[A-Z][\w’'.-]*){0,4}$")
#: "The agency cited a statement from the ministry that said"
_PAPER_THAT = _PATTERNS["paper_that"]
#: "In a statement issued Saturday coalition forces said": no comma, and no name.
_ON_A_DAY = _PATTERNS["on_a_day"]
_PARTICIPLE = _PATTERNS["participle"]
_LEAD = _PATTERNS["lead"]
#: "As the minister said, "…""
_AS = _PATTERNS["as"]
_SHORT_MARKED = re.compile(r"(?<=[\w.] )[\"“]\x01{1,25}[\"”](?= \w)")
_PRONOUN = _PATTERNS["pronoun"]


def subject_before(head: str) -> Offsets | None:
    """``[start, end)`` of the words that name the speaker, in what stands in a sentence before the verb of saying.

    Args:
        head: from the beginning of the sentence up to the verb.
    """
    # A short stretch between marks belongs to a name: 'The "History" section of the site'.
    head = _SHORT_MARKED.sub(lambda match: "X" * len(match.group()), head)
    head = _without_adverbs(head.rstrip())
    if who := _PATTERNS["relative_at_end"].search(head):
        return who.span()
    head = _RELATIVE.sub("", without_insertion(head))
    begin = _clause_start(head)
    clause = head[begin:].rstrip(" ,")
    begin += len(clause) - len(clause.lstrip(" ,“\"'‘("))
    clause = clause.lstrip(" ,“\"'‘(")
    if lead := _LEAD.match(clause):
        begin, clause = begin + lead.end(), clause[lead.end() :]
    elif (said_as := _AS.match(clause)) and names_role(clause[said_as.end() :]) and not _VERB.search(clause):
        begin, clause = begin + said_as.end(), clause[said_as.end() :]
    first, last = _named_part(clause)
    source = clause[first:last]
    if paper := _PAPER_THAT.search(source):
        first, source = first + paper.start(1), paper.group(1)
    if relative := _PATTERNS["before_relative"].match(source):
        source = relative.group(1)
    source = _PARTICIPLE.sub("", source)  # "a report issued Monday"
    if led := ADVERB_LEADS.match(source):
        first, source = first + led.end(), source[led.end() :]
    if pronoun := _PRONOUN_AT_END.search(source):
        # "when asked whether the firm had known he replied": no comma before who replied.
        first, source = first + pronoun.start(1), pronoun.group(1)
    if _LEADING.match(source) and not _LEADS_A_NAME.match(source):
        # "In a statement Ann Moe said": no comma after what leads up to the name.
        named = _ON_A_DAY.match(source) or _NAME_AT_END.search(source, 1)
        if named is None:
            return None
        begins = named.end() if named.re is _ON_A_DAY else named.start()
        first, source = first + begins, source[begins:]
    first += len(source) - len(source.lstrip())
    if not plausible(source.strip()) or (source.strip() in {"many", "much"} and head[: begin + first].endswith("how ")):
        return None
    return begin + first, begin + first + len(source.strip())


def first_verb(text: str, start: int, end: int) -> int | None:
    """Where the first word stands that may be a finite verb."""
    found = (_VERB.search(text, start, end), _CUE.search(text, start, end))
    return min((verb.start() for verb in found if verb), default=None)


def _without_adverbs(head: str) -> str:
    while True:
        shorter = head
        for ending in (_NEGATED, _GOES_ON):
            shorter = ending.sub("", shorter)
        front, _, last = shorter.rpartition(" ")
        if front and _ADVERB.match(last):
            shorter = front.rstrip()
        if shorter == head:
            return head
        head = shorter


def without_insertion(head: str) -> str:
    """``The papers - released on Tuesday - say``: what is between dashes is not a part of the source."""
    if not re.search(r"\s(?:--?|[–—])$", head):
        return head
    dashes = list(re.finditer(r"\s(?:--?|[–—])\s", head))
    return head[: dashes[-1].start()] if dashes else head


#: "The blaze comes one day after a local group, the Movement, threatened …"
_COMES = _PATTERNS["comes"]


def _clause_start(head: str) -> int:
    """Where the clause begins that ends in the source: after the last mark or conjunction that ends a clause before."""
    begin = 0
    for match in _CLAUSE.finditer(head):
        word = match.group().strip()
        if word in {"and", "or"}:
            # It joins two names or two nouns of an apposition unless there was a verb before it.
            # "In a paper issued Friday, Moe and Roe said": what leads up to the first name is none of it.
            led = begin if head[: match.start()].rstrip().endswith(",") else head.rfind(", ", begin, match.start()) + 1
            clause = _VERB.search(head, max(begin, led), match.start()) or _LONG_CLAUSE.search(
                head, begin, match.start()
            )
            if (not clause or _LAST_APPOSED.fullmatch(head, match.end())) and not _PRONOUN.match(head, match.end()):
                continue
        elif (
            word.isalpha() and word != "but" and "," in head[match.end() :] and not _COMES.search(head, 0, match.end())
        ):
            continue  # a clause that ends before the source, or between source and verb
        begin = match.end()
    return begin


#: "Ann Moe, elected in May and a former judge, said": no subject has a comma between itself and its verb.
_LAST_APPOSED = _PATTERNS["last_apposed"]
#: "A student comes to class, and the teacher says": many words in lower case and a comma, so a clause without a known verb.
_LONG_CLAUSE = re.compile(r"\b[a-z]+(?: [a-z]+){2,}(?: [\w,.$%-]+)*, $")


def _named_part(clause: str) -> Offsets:
    """``[start, end)`` of the source in the clause before a verb of saying.

    Read from the verb: an insertion is passed over ("Lavrov, in a statement, said"), an apposition belongs to the source
    together with what it is next to ("Lavrov, the foreign minister, said"), anything before is none of it ("On
    Monday, Lavrov said").
    """
    parts, at = [], 0
    for match in re.finditer(r",\s", clause):
        parts.append((at, match.start()))
        at = match.end()
    parts.append((at, len(clause)))
    last = len(parts) - 1
    while last > 0 and _BETWEEN.match(clause[slice(*parts[last])]):
        last -= 1
    first = last
    while first > max(last - 3, 0) and _is_apposition(clause, parts[first - 1], parts[first]):
        first -= 1
    if first != last and not _leads_apposition(clause[slice(*parts[first])]):
        first = last
    return parts[first][0], parts[last][1]


#: "Ann Moe, 71, of Troy, N.Y.", "Ann Moe, of the University of Troy", "Ann Moe, of the union"
_OF_A_PLACE = _PATTERNS["of_a_place"]
#: "Ann Moe, Member of Parliament for Troy"
_NAME = re.compile(r"[A-ZÀ-Þ][\w’'.-]*(?: [A-ZÀ-Þ][\w’'.-]*){1,3}")
#: "Ann Moe of the gay rights organization, Stonewall"
_OF_A_BODY = _PATTERNS["of_a_body"]
#: "Ann Moe, Jan Roe's step-mother"
_SOMEBODYS = _PATTERNS["somebodys"]


def _is_apposition(clause: str, before: Offsets, part: Offsets) -> bool:
    one, other = clause[slice(*before)], clause[slice(*part)]
    if _PATTERNS["plural_alone"].fullmatch(other):
        return False  # "Meanwhile, in Troy, officials say"
    leads = _LEADING.match(one) and (before[0] == 0 or not _OF_A_PLACE.match(one))
    if FINITE.search(one) or leads or FINITE.search(other):
        return False
    return bool(
        _APPOSED.match(other)
        or (names_role(one) and other[:1].isupper())
        or (names_role(other) and (not other[:1].isupper() or _NAME.fullmatch(one)))
        or (_OF_A_BODY.search(one) and other[:1].isupper())
        or _OF_A_PLACE.match(other)
        or _SOMEBODYS.fullmatch(other)
    )


def _leads_apposition(words: str) -> bool:
    """Whether what an apposition is next to is a name or a role: "the mayor, Ann Moe", "Ann Moe, the mayor"."""
    found = WORD.findall(words)
    capitals = [word for word in found if word[0].isupper() or word[0] == "["]
    return bool(found) and (len(capitals) * 2 >= len(found) or names_role(words) or bool(_OF_A_BODY.search(words)))
