"""What is known of words, by language: the tables under ``lexicon/<language>/``, read once into typed values.

A table is a text file with tabs: comments that explain its columns, a line of column names, a line for each word. The
code asks for a *use* ("a statement follows without that") and gets the words that have it; no list of words is written
in the code.

    verbs.tsv           verbs that report what somebody says or thinks
    irregular_verbs.tsv  pasts of other verbs
    nouns.tsv           offices, trades, bodies, documents
    modifiers.tsv       what precedes an office: ranks, portfolios, parties
    honorifics.tsv      forms of address
    given_names.tsv     given names of one gender
    nicknames.tsv       short forms of given names
    spellings.tsv       spellings of one name in Latin letters
    common_words.tsv    words that are no part of a name, made from corpora
    abbreviations.tsv   abbreviations, and the titles that they abbreviate
    function_words.tsv  words of grammar
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from pipeline.events.errors import ConfigurationError
from pipeline.events.tables import file_of, table_rows, wrong_cells, wrong_entry

#: Forms of verbs: base, third person, past, participle (where it is not the past), gerund.
ALL_FORMS = "bsdng"
_VOWELS, _DOUBLED = "aeiou", "bdgklmnprtz"
_SIBILANTS = ("s", "sh", "ch", "x")


@dataclass(frozen=True)
class Verb:
    """A reporting verb.

    Attributes:
        forms: its forms by letter (``ALL_FORMS``).
        uses: which of them, as letters, have which use.
    """

    lemma: str
    forms: Mapping[str, tuple[str, ...]]
    uses: Mapping[str, str]


@dataclass(frozen=True)
class Noun:
    """A noun of an office, a trade, a body or a document.

    Attributes:
        uses: which numbers, "s" and "p" for singular and plural, have which use.
        name_type: the type of names that end in it, or empty.
        name_numbers: the numbers in which they do.
        called: what else its holder can be called.
    """

    singular: str
    plural: str
    uses: Mapping[str, str]
    gender: str
    name_type: str
    name_numbers: str
    called: tuple[str, ...]

    def words(self, numbers: str) -> Iterator[str]:
        """The noun in the given numbers, as written within a sentence."""
        if "s" in numbers:
            yield self.singular
        if "p" in numbers:
            yield self.plural

    def names(self, numbers: str) -> Iterator[str]:
        """The noun in the given numbers, as written in a name."""
        if "s" in numbers:
            yield capitalised(self.singular)
        if "p" in numbers:
            yield capitalised(self.plural)


@dataclass(frozen=True)
class Lexicon:
    """The tables of one language."""

    language: str

    @cached_property
    def verbs(self) -> tuple[Verb, ...]:
        """All reporting verbs.

        Raises:
            ConfigurationError: a row is wrong.
        """
        found = tuple(_verb(row) for row in _rows(self.language, "verbs"))
        for verb in found:
            if not verb.uses:
                hint = "Separate the columns by one tab each and fill in one of what a verb does."
                raise _wrong(self.language, "verbs", verb.lemma, "it does nothing", hint)
            for use, letters in verb.uses.items():
                if unknown := set(letters) - set(ALL_FORMS):
                    hint = f"Write the letters of its forms: {', '.join(ALL_FORMS)}."
                    raise _wrong(self.language, "verbs", verb.lemma, f"{min(unknown)!r} under {use} is no form", hint)
        return found

    @cached_property
    def nouns(self) -> tuple[Noun, ...]:
        """All nouns of offices, trades, bodies and documents."""
        return tuple(_noun(row) for row in _rows(self.language, "nouns"))

    @cached_property
    def honorifics(self) -> Mapping[str, str]:
        """Gender ("m", "f" or empty) of each form of address."""
        return {row["honorific"]: row["gender"] for row in _rows(self.language, "honorifics")}

    @cached_property
    def abbreviated_offices(self) -> Mapping[str, str]:
        """The title that an abbreviation stands for, by abbreviation without its full stop."""
        return {row["abbreviation"]: row["office"] for row in _rows(self.language, "abbreviations") if row["office"]}

    @cached_property
    def given_names(self) -> Mapping[str, str]:
        """Gender ("m" or "f") of given names that nearly all bearers share it of, in lower case and without accents."""
        return {row["name"]: row["gender"] for row in _rows(self.language, "given_names")}

    @cached_property
    def nicknames(self) -> Mapping[str, frozenset[str]]:
        """The given names that a short form stands for, in lower case."""
        return {row["nickname"]: frozenset(row["names"].split()) for row in _rows(self.language, "nicknames")}

    @cached_property
    def given_spellings(self) -> Mapping[str, str]:
        """The spelling of a given name that stands for all, by each of them, in lower case and without accents."""
        return {row["spelling"]: row["as"] for row in _rows(self.language, "spellings") if row["kind"] == "given"}

    @cached_property
    def surname_endings(self) -> tuple[tuple[str, str], ...]:
        """Ends of surnames that are spelt in several ways, with the spelling that stands for all, the longest first."""
        rows = [row for row in _rows(self.language, "spellings") if row["kind"] == "ending"]
        return tuple(sorted(((row["spelling"], row["as"]) for row in rows), key=lambda pair: (-len(pair[0]), pair[0])))

    @cached_property
    def common_words(self) -> frozenset[str]:
        """Words that hardly ever have a capital within a sentence, in lower case."""
        return frozenset(row["word"] for row in _rows(self.language, "common_words"))

    def forms(self, use: str, forms: str = ALL_FORMS) -> frozenset[str]:
        """The forms of verbs that have a use, all or those given by letter."""
        return frozenset(
            form
            for verb in self.verbs
            for letter in verb.uses.get(use, "")
            if letter in forms
            for form in verb.forms[letter]
        )

    def forms_of(self, lemma: str, letters: str = ALL_FORMS) -> tuple[str, ...]:
        """Forms of any verb, of one too that is in no table; ``letters`` as in ``ALL_FORMS``."""
        known = next((verb for verb in self.verbs if verb.lemma == lemma), None)
        past = self._irregular.get(lemma) or (f"{lemma}{lemma[-1]}ed" if _doubles(lemma) else "")
        verb = known or _verb({"lemma": lemma, "past": past, "participle": "", "gerund": ""})
        return tuple(form for letter in letters for form in verb.forms[letter])

    @cached_property
    def _irregular(self) -> Mapping[str, str]:
        return {row["verb"]: row["past"] for row in _rows(self.language, "irregular_verbs")}

    @cached_property
    def irregular_pasts(self) -> frozenset[str]:
        """Pasts that do not end in "ed", of reporting and of all other verbs."""
        reporting = {form for verb in self.verbs for form in verb.forms["d"] if not form.endswith("ed")}
        return frozenset(reporting | {row["past"] for row in _rows(self.language, "irregular_verbs")})

    def nouns_that(self, use: str) -> frozenset[str]:
        """The nouns, singular or plural, that have a use."""
        return frozenset(word for noun in self.nouns for word in noun.words(noun.uses.get(use, "")))

    def ends_of_names(self, name_type: str) -> frozenset[str]:
        """Words with a capital in which names of a type end."""
        return frozenset(
            word for noun in self.nouns if noun.name_type == name_type for word in noun.names(noun.name_numbers)
        )

    def names_that(self, use: str) -> frozenset[str]:
        """The nouns that have a use, with a capital."""
        return frozenset(word for noun in self.nouns for word in noun.names(noun.uses.get(use, "")))

    def called(self) -> Mapping[str, frozenset[str]]:
        """By what somebody can be called, the offices that somebody so called can hold."""
        names = {name for noun in self.nouns for name in noun.called}
        return {name: frozenset(noun.singular for noun in self.nouns if name in noun.called) for name in names}

    def gendered(self, gender: str) -> frozenset[str]:
        """Titles, trades and forms of address that say a gender."""
        nouns = {noun.singular for noun in self.nouns if noun.gender == gender}
        return frozenset(nouns | {word for word, its in self.honorifics.items() if its == gender})

    def modifiers(self, use: str) -> frozenset[str]:
        """Words before an office that have a use; nouns are among them."""
        plain = {row["word"] for row in _rows(self.language, "modifiers") if use in row["features"].split()}
        nouns = {noun.lower() for noun in self.nouns_that(use)}
        return frozenset(plain | nouns | self.function_words(use))

    def abbreviations(self, use: str) -> frozenset[str]:
        """Abbreviations that have a use, without their full stop."""
        rows = _rows(self.language, "abbreviations")
        return frozenset(row["abbreviation"] for row in rows if use in row["features"].split())

    def function_words(self, use: str) -> frozenset[str]:
        """Words of grammar that have a use, in lower case."""
        rows = _rows(self.language, "function_words")
        return frozenset(row["word"] for row in rows if use in row["features"].split())

    def capitals(self, use: str) -> frozenset[str]:
        """Words of grammar that have a use, with a capital."""
        return frozenset(capitalised(word) for word in self.function_words(use))


def any_of(words: frozenset[str]) -> str:
    """An expression that matches any of the words, the longest first; no group."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def capitalised(word: str) -> str:
    """A word as it begins a name; one that has capitals stays as it is."""
    return word if word != word.lower() else word[:1].upper() + word[1:]


@cache
def _rows(language: str, table: str) -> tuple[dict[str, str], ...]:
    head, *lines = table_rows("pipeline.enrich.lexicon", language, f"{table}.tsv")
    for line in lines:
        if len(line) > len(head):
            raise wrong_cells(_file(language, table), line[0], len(line), len(head))
    return tuple(dict(zip(head, [*line, *[""] * (len(head) - len(line))], strict=True)) for line in lines)


def _file(language: str, table: str) -> str:
    return file_of("pipeline.enrich.lexicon", language, f"{table}.tsv")


def _wrong(language: str, table: str, entry: str, problem: str, hint: str) -> ConfigurationError:
    return wrong_entry(_file(language, table), entry, problem, hint)


def _verb(row: Mapping[str, str]) -> Verb:
    lemma = row["lemma"]
    past = tuple((row["past"] or _past(lemma)).split("/"))
    forms = {
        "b": (lemma,),
        "s": (_third(lemma),),
        "d": past,
        "n": (row["participle"],) if row["participle"] else (),
        "g": tuple((row["gerund"] or _gerund(lemma, past[0])).split("/")),
    }
    columns = ("lemma", "past", "participle", "gerund")
    return Verb(lemma, forms, {use: cell for use, cell in row.items() if cell and use not in columns})


def _noun(row: Mapping[str, str]) -> Noun:
    uses = {use: "s" if row[use] == "x" else row[use] for use in ("office", "speaks", "body", "document") if row[use]}
    for feature in row["features"].split():
        use, _, numbers = feature.partition(":")
        uses[use] = numbers or "s"
    name_type, _, numbers = row["name"].partition(":")
    singular = row["noun"]
    called = tuple(row["called"].split())
    plural = row["plural"] or _plural(singular)
    return Noun(singular, plural, uses, row["gender"], name_type, numbers or "s", called)


def _ends_in_consonant_and_y(word: str) -> bool:
    return word.endswith("y") and word[-2:-1] not in {"a", "e", "o", "u"}


def _third(lemma: str) -> str:
    if _ends_in_consonant_and_y(lemma):
        return f"{lemma[:-1]}ies"
    return f"{lemma}es" if lemma.endswith(_SIBILANTS) else f"{lemma}s"


_plural = _third


def _doubles(lemma: str) -> bool:
    """Whether a verb of one syllable doubles its last letter: chipped, quipping."""
    sounds = lemma.replace("qu", "q")
    vowels = [letter in _VOWELS for letter in sounds]
    return sounds[-1:] in _DOUBLED and vowels[-2:] == [True, False] and sum(vowels) == 1


def _past(lemma: str) -> str:
    if _ends_in_consonant_and_y(lemma):
        return f"{lemma[:-1]}ied"
    return f"{lemma}d" if lemma.endswith("e") else f"{lemma}ed"


def _gerund(lemma: str, past: str) -> str:
    if lemma.endswith("e") and not lemma.endswith(("ee", "ye", "oe")):
        return f"{lemma[:-1]}ing"
    return f"{lemma}{lemma[-1]}ing" if past == f"{lemma}{lemma[-1]}ed" else f"{lemma}ing"


#: English.
ENGLISH = Lexicon("en")
