"""Text typed into a search field, as an Elasticsearch query. Pure; every input is a valid query.

    harbour fire          both words, in any grammatical form ("fires"), in any field; of four or more words, most
    "harbour fire"        these words in this order, as written, without regard to case and accents
    -arson  -"by arson"   not these
    harb*                 words that begin with it

Everything else is read as words: the server refuses no input. A story's id, its number at the provider and its slug are
found too, when they are the whole text.
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

#: The words of stories that are not in English, each in its language's field.
BY_LANGUAGE = "by_language.*"
#: Fields that are searched, with their weight relative to the body.
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
    BY_LANGUAGE: 1.2,
    "byline": 1,
    "correction_note": 0.5,
}
#: A killed story is found by its headline and slug, not by its text.
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
class SearchText:
    """A search text, parsed.

    Attributes:
        terms: single words; stop words only if there is nothing else.
        phrases: words in quotation marks.
        prefixes: beginnings of words.
        excluded: words and phrases that must not occur.
        whole: the whole text, trimmed: it may be an id or a slug.
    """

    terms: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    whole: str = ""

    @property
    def empty(self) -> bool:
        return not (self.terms or self.phrases or self.prefixes or self.excluded)


def parse_search_text(text: str) -> SearchText:
    """Parse a search text; parts without a letter or digit are ignored."""
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
    significant = [term for term in terms if term.casefold().strip("?!.,;:") not in _QUESTION_WORDS]
    return SearchText(tuple(significant or terms), tuple(phrases), tuple(prefixes), tuple(excluded), text.strip())


def _boosted(fields: dict[str, float]) -> list[str]:
    return [f"{name}^{weight:g}" for name, weight in fields.items()]


def _as_written(fields: dict[str, float]) -> list[str]:
    """The fields that keep words unstemmed."""
    return _boosted(
        {name: weight for name, weight in fields.items() if f"{name}.plain" not in fields and name != BY_LANGUAGE}
    )


def _anywhere(text: str, fields: dict[str, float]) -> dict[str, Any]:
    return {"multi_match": {"query": text, "fields": _boosted(fields), "operator": "and", "tie_breaker": 0.2}}


def _phrase(text: str, fields: dict[str, float]) -> dict[str, Any]:
    return {"multi_match": {"query": text, "type": "phrase", "fields": _as_written(fields)}}


def _beginning(text: str, fields: dict[str, float]) -> dict[str, Any]:
    return {"multi_match": {"query": text, "type": "bool_prefix", "fields": _as_written(fields)}}


def excluded_queries(words: SearchText, fields: dict[str, float]) -> list[dict[str, Any]]:
    """The queries for what must not occur."""
    return [_phrase(text, fields) for text in words.excluded]


def words_query(words: SearchText, fields: dict[str, float]) -> dict[str, Any]:
    """The query for the words in the fields; an empty text matches everything."""
    if words.empty:
        return {"match_all": {}}
    query: dict[str, Any] = {"must": [], "should": [], "must_not": excluded_queries(words, fields)}
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


def marking_query(words: SearchText, fields: dict[str, float]) -> dict[str, Any]:
    """The query that only says what to highlight: without exclusions and scoring."""
    marked = [_anywhere(term, fields) for term in words.terms]
    marked += [_phrase(text, fields) for text in words.phrases]
    marked += [_beginning(prefix, fields) for prefix in words.prefixes]
    return {"bool": {"should": marked}}


def story_words_query(words: SearchText) -> dict[str, Any]:
    """The query for stories: words, or the id, or the slug; killed and withheld stories only by headline and slug."""
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
