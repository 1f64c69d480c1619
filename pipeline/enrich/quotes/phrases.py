"""Phrases that can name a speaker: a pronoun, a name, an office or body, and no clause."""

from __future__ import annotations

import re

from pipeline.enrich.entities.offices import is_head
from pipeline.enrich.quotes.words import CUES, PRONOUNS, ROLE_NOUNS

#: A word of a phrase, brackets and abbreviations with it.
WORD = re.compile(r"\[?[\w’'.\-&]*\w[\]’'.]*")
#: A name with what links its words: "the Bank of the West", without the article.
FULL_NAME = r"[A-ZÀ-Þ](?:[\w’'.&-]*\w)?(?:(?: (?:of|for|and))?(?: the)? [A-ZÀ-Þ](?:[\w’'.&-]*\w)?)*"
#: The credit that leads a reprinted text: "(Harwick Post)".
CREDIT = r"\([A-Z][\w.’' -]{2,40}\)"
#: Whose it is, without the genitive: "his", "the mayor", "Ann Moe".
OWNER = (
    r"(?:\b(?:[Hh]is|[Hh]er|[Tt]heir)\b|(?:\b[Tt]he [a-z-]+|(?:\b[A-Z][\w.-]+ )*\b[A-Z][\w.-]*\w)(?=['’]s? )"
    r"|\b[A-Z]\w+s(?=['’] ))"
)
_MAX_WORDS = 24
#: Forms of auxiliaries: where one stands, there is a clause.
FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|be|been|do|does|did|may|might|must|should)\b|n[’']t\b"
)
_ALONE = (PRONOUNS - {"him", "her"}) | {"many", "some", "others", "most", "few", "both", "you"}
_SUBJECT_START = frozenset(
    "the a an some many most several few all both other another one two three four five six seven eight nine ten dozens"
    " hundreds thousands no neither either each every any this these those his her its their our my your more critics people".split()
)
_NO_SUBJECT = frozenset(
    "to not be by of it's there there's please that what which where when why how if whether me us him them myself let and"
    " but or in on at for with from into about as than so yes ok oh well nor just only then finally afterwards".split()
)


def names_role(words: str) -> bool:
    """Whether the head of a phrase, before its first preposition, is a noun of an office, a trade or a body."""
    found = [word.lower() for word in WORD.findall(words)]
    stops = {"of", "for", "at", "in", "with", "from", "who", "on"}
    front = found[: next((at for at, word in enumerate(found) if word in stops), len(found))]
    return bool(front) and (is_head(front[-1]) or front[-1] in ROLE_NOUNS or front[-1].removesuffix("s") in ROLE_NOUNS)


_FINDERS = re.compile(
    r"\b(?:study|studies|reports?|polls?|surveys?|research|findings|results|researchers?|scientists?|investigations?|investigators?"
    r"|inquiry|inquest|courts?|judges?|jury|panel|commission|committee|analysis|assessments?|audits?|reviews?|data|figures|records"
    r"|documents|tests|experts|economists|auditors|coroner|tribunal|team)\b",
    re.IGNORECASE,
)


def finds(source: str) -> bool:
    """Whether papers or bodies are the source: they find, show and hold that something is so."""
    return _FINDERS.search(source) is not None


#: "he and other officials", "only 17 percent"
_WITH_OTHERS = re.compile(r"(?:he|she|they) and (?:other|several|some|two|three|his|her)\b", re.IGNORECASE)
_ONLY_SOME = re.compile(r"[Oo]nly (?:\d|one|two|three|a few|some)")
#: A name that begins with its article: "al-Sadr".
PARTICLED = re.compile(r"(?:a[ldnrstz]|as[hs]|el|ul|bin|ibn)-[A-Z]")
_DETERMINERS = frozenset("the this a an his its our my their your".split())


def plausible(source: str) -> bool:
    """Whether words can name a speaker: a pronoun, or a noun phrase without a finite verb."""
    words = WORD.findall(source)
    if not words or len(words) > _MAX_WORDS:
        return False
    # "US officials" and "IT experts" are neither "us" nor "it".
    lowered = [word if word.isupper() and len(words) > 1 else word.strip("[].’'").lower() for word in words]
    if len(words) == 1 and lowered[0] in _ALONE:
        return True
    if (lowered[0] in PRONOUNS - {"her"} and not _WITH_OTHERS.match(source)) or lowered == ["her"]:
        return False
    if (lowered[0] in _NO_SUBJECT and not _ONLY_SOME.match(source)) or FINITE.search(source) or "\x01" in source:
        return False
    # "Ali Muse", "Mr. Grant" are names.
    if any(word in CUES and word not in _NOUNS_TOO and not word.endswith("ed") for word in words):
        return False
    if len(words) == 1 and lowered[0] in _DETERMINERS:
        return False
    return (
        lowered[0] in _SUBJECT_START
        or any(word[0].isupper() or word[0] == "[" or PARTICLED.match(word) for word in words)
        or any(word.removesuffix("'s").removesuffix("’s") in ROLE_NOUNS for word in lowered)
        or (len(words) <= 5 and lowered[-1].endswith("s"))
        or source[0].isdigit()
    )


#: Verbs of saying that are nouns or participles as well, so that they can stand within a source.
_NOUNS_TOO = frozenset(
    "state states report reports claim claims comment comments note notes remark remarks estimate estimates answer answers"
    " object objects promise promises demand demands hope hopes repeat reply replies pledge pledges vow vows advice point"
    " points worry worries fear fears stress caution post posts forecast forecasts urge urges figure figures guess doubt"
    " doubts found suspect suspects threat show shows hold holds find finds disclose tweet tweets joke jokes boast recall quip reveal joke dispute"
    " disputes protest express wonder scream conclude counter read written".split()
)
