"""The part of KQL, Kibana's query language, that the shipped objects and the documentation use, as queries.

As in Kibana: an unquoted value is a match, a quoted one a phrase, ``*`` alone asks whether the field exists, and ``*``
within an unquoted value is a wildcard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_TOKEN = re.compile(r"\s*(?:(?P<sign>[()]|<=|>=|<|>|:)|\"(?P<quoted>[^\"]*)\"|(?P<word>[^\s():<>=\"]+))")

Json = dict[str, Any]


@dataclass(frozen=True)
class _Token:
    text: str
    kind: str


class Kql:
    """``field: value``, ranges, and, or, not, brackets. Unknown syntax is an error."""

    def __init__(self, text: str) -> None:
        self.tokens: list[_Token] = []
        self.fields: set[str] = set()
        place = 0
        while place < len(text.rstrip()):
            match = _TOKEN.match(text, place)
            if match is None:
                raise ValueError(f"Not KQL: {text[place:]!r}")
            self.tokens.append(_Token(match[match.lastgroup or 0], match.lastgroup or ""))
            place = match.end()

    def parse(self) -> Json:
        if not self.tokens:
            return {"match_all": {}}
        tree = self._or()
        if self.tokens:
            raise ValueError(f"Not KQL: {self.tokens}")
        return tree

    def _or(self) -> Json:
        parts = [self._and()]
        while self._is("or"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else {"bool": {"should": parts, "minimum_should_match": 1}}

    def _and(self) -> Json:
        parts = [self._not()]
        while self._is("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else {"bool": {"filter": parts}}

    def _not(self) -> Json:
        return {"bool": {"must_not": [self._not()]}} if self._is("not") else self._term()

    def _term(self) -> Json:
        if self._is("("):
            tree = self._or()
            if not self._is(")"):
                raise ValueError("Not KQL: a bracket is open")
            return tree
        field, operator, value = self.tokens.pop(0), self.tokens.pop(0), self.tokens.pop(0)
        if field.kind != "word" or operator.kind != "sign" or value.kind == "sign":
            raise ValueError(f"Not KQL: {field} {operator} {value}")
        self.fields.add(field.text)
        if operator.text == ":":
            return _equals(field.text, value)
        name = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}[operator.text]
        return {"range": {field.text: {name: value.text}}}

    def _is(self, word: str) -> bool:
        if self.tokens and self.tokens[0].kind != "quoted" and self.tokens[0].text.lower() == word:
            self.tokens.pop(0)
            return True
        return False


def _equals(field: str, value: _Token) -> Json:
    if value.kind == "quoted":
        return {"match_phrase": {field: value.text}}
    if value.text == "*":
        return {"exists": {"field": field}}
    if "*" in value.text:
        return {"query_string": {"fields": [field], "query": value.text}}
    return {"match": {field: {"true": True, "false": False}.get(value.text, value.text)}}


def holds(query: Json, document: Json, now: datetime) -> bool:
    """Whether a document matches a query of whole values and ranges."""
    ((kind, body),) = query.items()
    if kind == "match_all":
        return True
    if kind == "match":
        ((field, value),) = body.items()
        there = document.get(field)
        return value in there if isinstance(there, list | tuple) else there == value
    if kind == "range":
        ((field, bounds),) = body.items()
        ((operator, bound),) = bounds.items()
        there = document.get(field)
        if there is None:
            return False
        limit = now if bound == "now" else float(bound)
        return {"lte": there <= limit, "gt": there > limit}[operator]
    if "must_not" in body:
        return not any(holds(inner, document, now) for inner in body["must_not"])
    if "should" in body:
        return any(holds(inner, document, now) for inner in body["should"])
    return all(holds(inner, document, now) for inner in body["filter"])
