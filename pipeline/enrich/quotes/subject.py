"""Which words before a verb of saying name the one who speaks.

Lavrov, the foreign minister, repeatedly said      The mayor, in a statement, said
On Monday, a spokesman for the company said        The papers - released on Tuesday - say
"""

from __future__ import annotations

import re

from pipeline.enrich.quotes.phrases import FINITE, WORD, names_role, plausible
from pipeline.enrich.quotes.words import ANY_DAY, ANY_DOCUMENT, BASE_FORMS, CUES, STILL_TO

Offsets = tuple[int, int]

#: What may be between source and verb: adverbs, auxiliaries, days.
_ADVERB = re.compile(
    r"(?:also|since|there|then|later|once|first|never|always|already|long|simply|just|often|now|soon|again|still|even|both|all|each|has|have|had|did|does|do|would|will|was|were|is|are|may|might"
    rf"|further|instead|today|yesterday|too|(?!(?:fami|assemb|supp|ral|rep|al|monopo|bul|anoma|tal|fol)ly)[a-z]+ly|{ANY_DAY}|on|late|early|earlier)$"
)
#: "went on to say", "continues to insist", "was quick to add": the subject precedes.
_GOES_ON = re.compile(
    rf"\s(?:(?:went|goes|going) (?:on|(?:so|as) far(?: as)?)|{STILL_TO}|(?:was|were|is|are) quick|came (?:out|forward)"
    r"|used|(?:do|does|did)(?: not|n[’']t)?|(?:has|have) (?:come|chosen)) to$"
)
_CUE = re.compile(rf"\b(?:{'|'.join(sorted(CUES - BASE_FORMS - {'saying', 'read', 'quoth'}))})\b")
_NEGATED = re.compile(r"\s(?:do|does|did)(?:\snot|n[’']t)(?:\s\w+ly)?$")
#: What may be a finite verb; it needs no more to tell clauses from lists of nouns.
_VERB = re.compile(
    r"(?<!-)\b(?:is|are|was|were|has|have|had|will|would|can|could|be|been|do|does|did|may|might|must|should|went|came|made|took|left"
    r"|met|saw|got|gave|found|held|began|led|won|lost|put|sent|rose|fell|ran|kept|knew|grew|paid|set|brought|stood|shot|became|spoke|drew|flew|threw|wore|chose|broke|struck|fought|taught|caught|heard|sat|shook|hit|cut|spent|built|bought|sold"
    r"|used|died|sued|lied|owed|considers|regards|opposes|rejects|condemns|wants|comes|seems|appears|becomes|continues|contains|remains|said|says|told|[a-z]{3,}ed|[a-z]+n['’]t)\b"
)
#: A participle after these describes a noun: "one unnamed officer".
_BEFORE_NOUN = re.compile(r"\b(?:[Tt]he|[Aa]n?|[Oo]ne|[Aa]nother|[Ss]ome|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir)\s$")
#: A phrase that leads up to a subject and is none.
_LEADING = re.compile(
    r"(?:On|In|At|After|Before|During|For|With|By|From|Earlier|Late|Elsewhere|Separately|There|Here|Meanwhile|However|Later|Also|Then|Asked|Speaking|Under|Since"
    r"|Outside|Inside|Across|Near|Behind|Beyond|Among|Despite|Following|Last|This|Still|Now|To|Of|Yesterday|Today|As|When|While|If|Though|Although|Because|Even|Until"
    r"|Instead|Over|Through|Unlike|Like|Without|Upon|Amid|Besides|Given|Once|Yet|But|And|So|Nevertheless|Nonetheless|Moreover|Indeed|Perhaps"
    r"|(?!(?:Kell|Reill|Emil|Sall|Bill|Moll|Holl|Dal|Ital|Donnell|Connell|Connoll|Lill|Beverl|Kimberl)y)[A-Z][a-z]+ly$"
    r"|[A-Z]\w+day|[A-Z][a-z]+ing (?=in|on|at|to|about|from|with|for|the|an?|his|her|that|by|of)|[a-z]+ing|[a-z]+ly"
    r"|instead|in|on|at|after|before|during|for|with|by|from|as|when|while|if|though|although|because|even|until|since|to|of)\b"
)
#: What is between source and verb without being part of the source.
_BETWEEN = re.compile(
    r"(?:in|on|at|during|after|before|when|while|speaking|quoting|citing|who|which|whose|whom|through|via|by|with|following"
    r"|referring|addressing|asked|for|from|meanwhile|however|too|though|also|then|as|to|like|where|visibly|not|including|\d[\d,.]* (?:kilomet(?:er|re)s|miles|km)"
    r"|[a-z]+ing|(?:first )?(?!(?:accused|convicted|alleged|suspected|retired|disgraced|jailed|indicted|renowned) [^,]*[A-Z])[a-z]{3,}ed|[a-z]+ly)\b"
)
_APPOSED = re.compile(
    r"(?:the|a|an|his|her|its|their|one|former|now|then|also|head|chief|(?:Republican|Democrat|Independent)\b|[A-Z]{2,4}$|[A-Z]\.[A-Z]\.|[A-Z]-\w+|[DR]-|\d{1,3}$|Jr\.?$|Sr\.?$|I{2,3}$)"
)
_CLAUSE = re.compile(
    r"[;:\"“”\x01]|\s[-–—]+\s|\b(?:but|and|while|as|because|which|that|if|when|where|whom|although|though|after|before|since"
    r"|until|unless|whether|than|what|why|how|so|or)\s"
)
#: "…, who leads the panel, said": what the clause says of the source.
_RELATIVE = re.compile(r",\s(?:who|which|whose|whom|where)\b[^;:]*,[\"”’»]?$")
_LEADS_A_NAME = re.compile(
    r"This [a-z]|Under-? ?[Ss]ecretary|Over \d|[A-Z]\w+day(?:['’]s)? (?:[A-Z]|report|statement|announcement)"
)
#: "Finally a neighbor said", "shortly afterwards an officer said": no comma after the adverb.
ADVERB_LEADS = re.compile(
    r"(?:(?:[Ss]hortly |[Ss]oon )?[Aa]fterwards? |(?:Even|Finally|Eventually|Later|Then|Meanwhile|Earlier|Today|Yesterday|Recently|Once) )"
    r"(?=(?:the|an?|one|some|his|her|their|he|she|they|[A-Z][\w.’'-]*)\b)"
)
_PRONOUN_AT_END = re.compile(
    r"\b(?!(?:all|what|that|which|whom?|as|than|everything|nothing|anything|and|or|but)\b)[A-Za-z]+ (he|she|they|we|I|it)$"
)
_NAME_AT_END = re.compile(r"(?<= )[A-Z][\w’'.-]*(?: (?:[a-z]{2,3} )?[A-Z][\w’'.-]*){0,4}$")
#: "The agency cited a statement from the ministry that said"
_PAPER_THAT = re.compile(
    rf"\b((?:an?|the|its|his|her|their) (?:[a-z-]+ )?{ANY_DOCUMENT}\b (?:from|by|of|in)\b[^,;]*) (?:that|which)$"
)
#: "In a statement issued Saturday coalition forces said": no comma, and no name.
_ON_A_DAY = re.compile(rf"(?:In|At|During) (?:an?|its|their|his|her|the) (?:[a-z]+ ){{1,4}}(?:on )?{ANY_DAY} (?=\w)")
_PARTICIPLE = re.compile(r"(?<=[a-z]) (?:issued|released|published|conducted|obtained|broadcast|posted|filed)$")
_LEAD = re.compile(
    r"(?:(?:and|but|so|yet|or|that|however|meanwhile|still|now)\s+|as\s+(?=(?-i:[A-Z])(?-i:[a-z’'.-])+ (?-i:[A-Z])|the (?-i:[A-Z][\w’'.&-]*(?: (?:of|for|and|the|[A-Z][\w’'.&-]*))*)$)|(?:on|last|this|earlier|late|until|by|in|at|since|for|when|after)"
    r"\s(?:[\w’']+\s){1,10}?(?=(?:he|she|they|it|we|I)$)|(?:on|last|this|earlier|late)\s(?:last\s|this\s)?"
    rf"(?:{ANY_DAY}|week|month|year|spring|summer|fall|winter)\s+){{1,6}}",
    re.IGNORECASE,
)
#: "As the minister said, "…""
_AS = re.compile(r"[Aa]s (?=(?:the|an?|his|her|its|one) )")
_SHORT_MARKED = re.compile(r"(?<=[\w.] )[\"“]\x01{1,25}[\"”](?= \w)")
_PRONOUN = re.compile(r"(?:he|she|they|it|we|I)\b")


def subject_before(head: str) -> Offsets | None:
    """``[start, end)`` of the words that name the speaker, in what stands in a sentence before the verb of saying.

    Args:
        head: from the beginning of the sentence up to the verb.
    """
    # A short stretch between marks belongs to a name: 'The "History" section of the site'.
    head = _SHORT_MARKED.sub(lambda match: "X" * len(match.group()), head)
    head = _without_adverbs(head.rstrip())
    if who := re.search(r"\b[Ww]ho$|(?<=, )which$", head):
        return who.span()
    head = _RELATIVE.sub("", without_insertion(head))
    begin = _clause_start(head)
    clause, closed = head[begin:].rstrip(" ,"), head.rstrip().endswith(",")
    begin += len(clause) - len(clause.lstrip(" ,“\"'‘("))
    clause = clause.lstrip(" ,“\"'‘(")
    if lead := _LEAD.match(clause):
        begin, clause = begin + lead.end(), clause[lead.end() :]
    elif (said_as := _AS.match(clause)) and names_role(clause[said_as.end() :]) and not _VERB.search(clause):
        begin, clause = begin + said_as.end(), clause[said_as.end() :]
    first, last = _named_part(clause, led=lead is None and not closed and _LEADING.match(clause) is not None)
    source = clause[first:last]
    if paper := _PAPER_THAT.search(source):
        first, source = first + paper.start(1), paper.group(1)
    if relative := re.match(r"(.{3,60}?) (?:who|that|which|(?:claiming|believed|said|thought) to) ", source):
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
    verbs = (
        verb.start() for verb in _VERB.finditer(text, start, end) if not _BEFORE_NOUN.search(text, start, verb.start())
    )
    cue = _CUE.search(text, start, end)
    places = [place for place in (next(verbs, None), cue.start() if cue else None) if place is not None]
    return min(places, default=None)


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
_COMES = re.compile(r"\b(?:comes?|came|follow(?:s|ed)) (?:[\w-]+ ){0,4}after $")


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
_LAST_APPOSED = re.compile(r"(?:an?|the|former|one|now|head) [^,]+,")
#: "A student comes to class, and the teacher says": many words in lower case and a comma, so a clause without a known verb.
_LONG_CLAUSE = re.compile(r"\b[a-z]+(?: [a-z]+){2,}(?: [\w,.$%-]+)*, $")


def _named_part(clause: str, *, led: bool) -> Offsets:
    """``[start, end)`` of the source in the clause before a verb of saying.

    Read from the verb: an insertion is passed over ("Lavrov, in a statement, said"), an apposition belongs to the source
    together with what it is next to ("Lavrov, the foreign minister, said"), anything before is none of it ("On
    Monday, Lavrov said"). ``led``: another phrase leads up to a clause whose source no comma closes, so that it stands
    alone ("After talks with Lavrov, the Syrian leader said").
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
    if led and last and re.match(r"(?:[Tt]he|an?) ", clause[slice(*parts[last])]):
        return parts[last]
    while first > max(last - 3, 0) and _is_apposition(clause, parts[first - 1], parts[first]):
        first -= 1
    if first != last and not _leads_apposition(clause[slice(*parts[first])]):
        first = last
    return parts[first][0], parts[last][1]


#: "Ann Moe, 71, of Troy, N.Y.", "Ann Moe, of the University of Troy", "Ann Moe, of the union"
_OF_A_PLACE = re.compile(r"(?:of|in) (?:the )?[A-Z]|of (?:the|an?) ")
#: "Ann Moe, Member of Parliament for Troy"
_NAME = re.compile(r"[A-ZÀ-Þ][\w’'.-]*(?: [A-ZÀ-Þ][\w’'.-]*){1,3}")
#: "Ann Moe of the gay rights organization, Stonewall"
_OF_A_BODY = re.compile(
    r"^[A-ZÀ-Þ].* (?:of|from|for|with) (?:the|an?) .*\b(?:organi[sz]ation|group|party|charity|company|firm|union|newspaper|magazine"
    r"|agency|network|band|club|team|institute|campaign|website)$"
)
#: "Ann Moe, Jan Roe's step-mother"
_SOMEBODYS = re.compile(r"(?:[A-ZÀ-Þ][\w.-]* (?:[a-z]+ )?)*[A-ZÀ-Þ][\w.-]*['’]s?(?: [a-z][a-z-]+){1,3}")


def _is_apposition(clause: str, before: Offsets, part: Offsets) -> bool:
    one, other = clause[slice(*before)], clause[slice(*part)]
    if re.fullmatch(r"[a-z]+s|police", other):
        return False  # "Meanwhile, in Troy, officials say"
    leads = _LEADING.match(one) and (before[0] == 0 or not _OF_A_PLACE.match(one))
    if FINITE.search(one) or leads or FINITE.search(other):
        return False
    return bool(
        (_APPOSED.match(other) and not re.match(r"(?:one|the|a|an) (?:other|another)\b", other))
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
