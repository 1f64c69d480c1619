"""The words by which quotations are recognised, by what they do; the tables are in ``pipeline/enrich/lexicon``."""

from __future__ import annotations

from pipeline.enrich.lexicon import ENGLISH
from pipeline.enrich.patterns import patterns

_PATTERNS = patterns("quotes/words")

#: A statement follows these without "that": "he said the bridge was gone".
SAYING = ENGLISH.forms("says")
#: So do what people think, hope and fear.
THINKING = ENGLISH.forms("thinks")
#: The addressee follows the verb: "he told reporters that".
TELLING = ENGLISH.forms("tells")
#: What documents and bodies do rather than people, who find many things.
FINDING = ENGLISH.forms("finds")
#: A question follows these: "she asked whether the bill would pass".
ASKING = ENGLISH.forms("asks")
#: What somebody did may follow these in the gerund: "he denied knowing of it".
OF_DEEDS = ENGLISH.forms("deeds")
#: These report marked words only; as nouns they are within sources ("the press", "a text").
ONLY_MARKS = ENGLISH.forms("only_marks")
#: A promise is the statement: "he vowed to fight the ruling".
PROMISING = ENGLISH.forms("promises")
#: What is called, and what it is called, is the statement where marks are in it.
CALLING = ENGLISH.forms("calls", "bsd")
#: The same as participles: "…, calling it "a disaster"".
CALLING_IT = ENGLISH.forms("calls", "g")
#: Forms of verbs of saying and thinking that introduce quotations.
CUES = (
    SAYING | THINKING | TELLING | ENGLISH.forms("that") | ENGLISH.forms("marks") | ENGLISH.forms("doing") & {"saying"}
)
#: Whoever said something says more by these: "…, Moe said, and added that".
SAYING_MORE = frozenset(
    form for verb in ENGLISH.verbs if verb.uses.get("too") for forms in verb.forms.values() for form in forms
)
#: Cues that are nouns after an article or a preposition: "the state", "in remarks".
ALSO_NOUNS = ENGLISH.forms("noun")
#: Participles that are cues where somebody is doing it: "analysts are saying that".
PROGRESSIVE = ENGLISH.forms("doing")
#: Cues that may begin a sentence.
CAPITAL_CUES = frozenset(form.capitalize() for form in ENGLISH.forms("first"))
#: Those that need a subject in the plural: "officials say".
BASE_FORMS = frozenset(
    verb.lemma
    for verb in ENGLISH.verbs
    if (verb.lemma in CUES or verb.lemma in CALLING) and verb.lemma not in verb.forms["d"]
)

#: Nouns of offices, trades and bodies that can speak; the head of "the top diplomat", "the company".
ROLE_NOUNS = ENGLISH.nouns_that("speaks")
#: Nouns of what is written or published, so that it speaks for somebody.
DOCUMENTS = ENGLISH.nouns_that("document")


PRONOUNS = ENGLISH.function_words("pronoun")

#: What ends the source of an inverted attribution: "said Lavrov on Monday …".
SOURCE_ENDS = _PATTERNS["source_ends"]
