"""Decides what a change of a mapping needs: nothing, a change in place, or a rebuild. Pure.

Elasticsearch accepts new fields and sub-fields, and some changed parameters, in a mapping that is in use; existing
documents keep what they were indexed with. Type, analyser, and whether a field is indexed or has doc values are
fixed for the life of an index ("Update mapping API" of the reference; the tests try each case on the real server).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Need = Literal["nothing", "in place", "rebuild"]

#: Parameters that the server changes in place.
_IN_PLACE = frozenset(
    {"ignore_above", "copy_to", "search_analyzer", "fields", "properties", "ignore_malformed", "coerce"}
)


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        field: its path; sub-fields after a dot.
        needs: what brings the index up to date.
        why: what differs, as a sentence.
    """

    field: str
    needs: Need
    why: str

    @property
    def text(self) -> str:
        """The change and what it needs, in one line."""
        remedy = {
            "nothing": "Nothing needs to be done.",
            "in place": "wiredesk index diff --apply changes it; existing documents get it with a rebuild.",
            "rebuild": "Run wiredesk index rebuild.",
        }
        return f"{self.field} {self.why}. {remedy[self.needs]}"


def compare(there: dict[str, Any], wanted: dict[str, Any], path: str = "") -> list[Change]:
    """The differences between the properties of an index and those of this release."""
    changes: list[Change] = []
    for name in sorted(wanted.keys() | there.keys()):
        field = f"{path}{name}"
        if name not in there:
            changes.append(Change(field, "in place", f"is new ({_type(wanted[name])})"))
        elif name not in wanted:
            changes.append(Change(field, "nothing", "is no longer written"))
        else:
            changes += _field(field, there[name], wanted[name])
    return changes


def _field(field: str, there: dict[str, Any], wanted: dict[str, Any]) -> Iterator[Change]:
    if _type(there) != _type(wanted):
        yield Change(field, "rebuild", f"is {_type(there)}, this release has {_type(wanted)}")
        return
    for inner in ("fields", "properties"):
        yield from compare(there.get(inner, {}), wanted.get(inner, {}), f"{field}.")
    for name in sorted((there.keys() | wanted.keys()) - {"type", "fields", "properties"}):
        before, after = there.get(name), wanted.get(name)
        if _listed(name, before) == _listed(name, after):
            continue
        needs: Need = "in place" if name in _IN_PLACE else "rebuild"
        yield Change(field, needs, f"has {name} {_shown(before)}, this release has {_shown(after)}")


def compare_analysis(there: dict[str, Any], wanted: dict[str, Any]) -> list[Change]:
    """The differences of analysers, which only a new index can get."""
    found = []
    for kind, parts in wanted.items():
        for name, definition in parts.items():
            before = there.get(kind, {}).get(name)
            if _plain(before) != _plain(definition):
                found.append(Change(f"{kind} {name}", "rebuild", "is defined differently" if before else "is new"))
    return found


def applicable(there: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The properties to put so that everything changes that can in place; fields that need a rebuild are left out."""
    chosen = {}
    for name, field in wanted.items():
        # An unchanged field may be put again; one that needs a rebuild would make the server refuse the whole request.
        if all(change.needs != "rebuild" for change in _field(name, there.get(name, field), field)):
            chosen[name] = field
    return chosen


def _type(field: dict[str, Any]) -> str:
    return str(field.get("type", "object"))


def _shown(value: object) -> str:
    return "its default" if value is None else repr(value)


def _listed(name: str, value: Any) -> Any:
    return [value] if name == "copy_to" and isinstance(value, str) else value


def _plain(value: Any) -> Any:
    """Settings in the form the server returns: every leaf is a string."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
