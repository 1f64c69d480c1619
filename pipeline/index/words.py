"""What a person types into a search field, as a query of Elasticsearch. Pure; every input is a valid query.

    harbour fire          both words, in any form of theirs ("fires"), in any field; of four or more words, most
    "harbour fire"        these words in this order, as written, without regard to case and accents
    -arson  -"by arson"   not these
    harb*                 words that begin so

Whatever else stands there is read as words: there is no input that the server refuses. The story's id, its number with
the provider and its slug are found too, when they are all that is typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_MOST_CHARS = 512
_MOST_TERMS = 24
_TOKEN = re.compile(
    r'(?P<minus>(?<!\S)[-−–]\s?(?=[\w"“„«]))?(?:["“”„«»](?P<phrase>[^"“”„«»]*)["“”„«»]?|(?P<word>[^\s"“”„«»]+))'
)
_WORD_CHARACTER = re.compile(r"[^\W_]")
_QUESTION_WORDS = frozenset(
    "a about an and are at by did do does for from has have how in is it of on or said say says that the their there "
    "to was were what when where which who why will with".split()
)

#: Fields that the words are looked for in, with their weight against a word in the body.
STORY_FIELDS: dict[str, float] = {
    "headline": 5,
    "headline.plain": 3,
    "slugline.words": 3,
    "names": 2.5,
    "subheadline": 2,
    "subheadline.plain": 1.5,
    "kicker": 1.5,
    "description": 1.5,
    "description.plain": 1,
    "body": 1,
    "body.plain": 0.8,
    "byline": 1,
    "correction_note": 0.5,
}
#: A killed story is found by what it was called, not by what it said.
KILLED_FIELDS: dict[str, float] = {"headline": 5, "headline.plain": 3, "slugline.words": 3}
QUOTE_FIELDS: dict[str, float] = {
    "words": 3,
    "words.plain": 2,
    "speaker.words": 2,
    "role.words": 1.5,
    "source": 1,
    "headline": 1,
    "headline.plain": 0.8,
}


@dataclass(frozen=True)
class Words:
    """What was typed, taken apart.

    Attributes:
        terms: single words; stop words are among them only where there is nothing else.
        phrases: runs of words in quotation marks.
        prefixes: beginnings of words.
        excluded: words and phrases that must not be there.
        whole: all of it, trimmed: perhaps an id or a slug.
    """

    terms: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    whole: str = ""

    @property
    def empty(self) -> bool:
        return not (self.terms or self.phrases or self.prefixes or self.excluded)


def read_words(text: str) -> Words:
    """Take apart what was typed; what has no letter or digit in it is passed over."""
    text = "".join(character if character.isprintable() else " " for character in text[:_MOST_CHARS])
    terms: list[str] = []
    phrases: list[str] = []
    prefixes: list[str] = []
    excluded: list[str] = []
    for match in list(_TOKEN.finditer(text))[:_MOST_TERMS]:
        token = (match["phrase"] if match["phrase"] is not None else match["word"]).strip()
        if not _WORD_CHARACTER.search(token):
            continue
        if match["minus"]:
            excluded.append(token)
        elif match["phrase"] is not None:
            phrases.append(token)
        elif token.endswith("*") and _WORD_CHARACTER.search(token[:-1]):
            prefixes.append(token.rstrip("*"))
        else:
            terms.append(token)
    telling = [term for term in terms if term.casefold().strip("?!.,;:") not in _QUESTION_WORDS]
    return Words(tuple(telling or terms), tuple(phrases), tuple(prefixes), tuple(excluded), text.strip())


def _boosted(fields: dict[str, float]) -> list[str]:
    return [f"{name}^{weight:g}" for name, weight in fields.items()]


def _as_written(fields: dict[str, float]) -> list[str]:
    """The fields that keep words as they are: not stemmed."""
    return _boosted({name: weight for name, weight in fields.items() if f"{name}.plain" not in fields})


def _anywhere(text: str, fields: dict[str, float]) -> dict[str, Any]:
    return {"multi_match": {"query": text, "fields": _boosted(fields), "operator": "and", "tie_breaker": 0.2}}


def _phrase(text: str, fields: dict[str, float]) -> dict[str, Any]:
    return {"multi_match": {"query": text, "type": "phrase", "fields": _as_written(fields)}}


def _beginning(text: str, fields: dict[str, float]) -> dict[str, Any]:
    return {"multi_match": {"query": text, "type": "bool_prefix", "fields": _as_written(fields)}}


def words_query(words: Words, fields: dict[str, float]) -> dict[str, Any]:
    """The query for the words in the fields; everything matches where nothing was typed."""
    if words.empty:
        return {"match_all": {}}
    query: dict[str, Any] = {"must": [], "should": [], "must_not": [_phrase(text, fields) for text in words.excluded]}
    if words.terms:
        terms = [_anywhere(term, fields) for term in words.terms]
        query["must"].append({"bool": {"should": terms, "minimum_should_match": "3<75%"}})
    query["must"] += [_phrase(text, fields) for text in words.phrases]
    query["must"] += [_beginning(prefix, fields) for prefix in words.prefixes]
    if len(words.terms) > 1:
        together = " ".join(words.terms)
        query["should"] = [
            {"match_phrase": {name: {"query": together, "slop": 3, "boost": 2 * weight}}}
            for name, weight in fields.items()
            if name in {"headline", "names", "body", "words", "description"}
        ] + [{"match": {"headline": {"query": together, "operator": "and", "boost": 4}}}]
    return {"bool": query}


def marking_query(words: Words, fields: dict[str, float]) -> dict[str, Any]:
    """The query that only says what is to be marked in the fields: without what is left out and what only orders."""
    marked = [_anywhere(term, fields) for term in words.terms]
    marked += [_phrase(text, fields) for text in words.phrases]
    marked += [_beginning(prefix, fields) for prefix in words.prefixes]
    return {"bool": {"should": marked}}


def story_words_query(words: Words) -> dict[str, Any]:
    """The query over stories: words, or the id, or the slug; in killed and withheld ones only what they are called."""
    if words.empty:
        return {"match_all": {}}
    withdrawn = [{"term": {"killed": True}}, {"term": {"withheld": True}}]
    named = [
        {"term": {"story_id": {"value": words.whole, "boost": 100}}},
        {"term": {"item_id": {"value": words.whole, "boost": 100}}},
        {"term": {"slugline": {"value": words.whole, "boost": 50, "case_insensitive": True}}},
    ]
    usable = {"bool": {"must": [words_query(words, STORY_FIELDS)], "must_not": withdrawn}}
    killed = {"bool": {"must": [words_query(words, KILLED_FIELDS)], "filter": [{"bool": {"should": withdrawn}}]}}
    return {"dis_max": {"queries": [*named, usable, killed]}}
