"""What each field of the indices means, from ``fields.yaml``, and the page of the documentation that lists them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from pipeline.index.mapping import BASES, Base, fields

#: Longest description that Kibana's own interface accepts for a field.
MAX_DESCRIPTION_CHARS = 300


class FieldDescription(BaseModel):
    """One field as people read about it.

    Attributes:
        label: short name for lists.
        about: what the value means.
        example: a KQL query that uses the field; ``None`` where the field cannot be searched.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str = Field(min_length=1)
    about: str = Field(min_length=1)
    example: str | None = None

    @property
    def with_example(self) -> str:
        """Meaning and example in one text, for Kibana's ``customDescription``."""
        return f"{self.about} Example: {self.example}" if self.example else f"{self.about} Shown, not searchable."


def field_descriptions(base: Base) -> dict[str, FieldDescription]:
    """The described fields of one index, in the order of its mapping.

    Raises:
        KeyError: a field of the mapping has no description.
    """
    described = _file()
    own, shared = described[base], described["shared"]
    return {name: own[name] if name in own else shared[name] for name in fields(base)}


def unused_descriptions() -> list[str]:
    """Entries of ``fields.yaml`` that describe no field of a mapping."""
    described = _file()
    everywhere = set().union(*(fields(base) for base in BASES))
    unused = [f"shared.{name}" for name in described["shared"] if name not in everywhere]
    unused += [f"{base}.{name}" for base in BASES for name in described[base] if name not in fields(base)]
    return unused


@cache
def _file() -> dict[str, dict[str, FieldDescription]]:
    text = files("pipeline.index").joinpath("fields.yaml").read_text(encoding="utf-8")
    content: dict[str, dict[str, Any]] = YAML(typ="safe").load(text)
    return {
        section: {name: FieldDescription.model_validate(entry) for name, entry in entries.items()}
        for section, entries in content.items()
    }


_TITLES: dict[Base, str] = {
    "stories": "Stories: the current version of each story",
    "stories-history": "History: every version of every story",
    "quotes": "Quotations",
}
_SUBFIELDS = {
    "plain": "the same words without stemming, in lower case and without accents",
    "raw": "the whole value, for sorting and exact matches",
    "words": "the words in lower case and without accents, for searching by a part",
}
_INTRODUCTION = """\
# Index fields

<!-- Generated: python -m pipeline.index > docs/index-fields.md -->

For searching in Kibana and for programs that read the indices. The first column is the field's name in queries; Kibana
shows the label in its lists of fields. Examples are in KQL, the language of Kibana's query bar. The same texts are the
descriptions in the data views that `wiredesk kibana install` creates.

Three indices hold everything, each under an alias with the prefix of the installation (`elasticsearch.prefix`). The
aliases with `-public` leave out what readers must not see: killed and withheld stories, stories under embargo,
advisories, tests.

| alias | one document is | id |
| --- | --- | --- |
| `stories`, `stories-public` | a story as it is now | `story_id` |
| `stories-history`, `stories-history-public` | one version of a story | `story_id:version_id` |
| `quotes`, `quotes-public` | one quotation | `story_id:position` |

A field that a story does not have is absent from its document: `expires: *` finds the stories that have one.
"""


def fields_page() -> str:
    """``docs/index-fields.md``."""
    lines = [_INTRODUCTION]
    for base in BASES:
        lines += [
            f"## {_TITLES[base]}",
            "",
            "| field | label | type | meaning | example |",
            "| --- | --- | --- | --- | --- |",
        ]
        lines += [_row(name, entry, fields(base)[name]) for name, entry in field_descriptions(base).items()]
        lines += ["", *_subfield_lines(base), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(name: str, entry: FieldDescription, definition: dict[str, Any]) -> str:
    example = f"`{entry.example}`" if entry.example else "shown, not searchable"
    return f"| `{name}` | {entry.label} | {definition['type']} | {entry.about} | {example} |".replace("\n", " ")


def _subfield_lines(base: Base) -> Iterator[str]:
    names: dict[str, list[str]] = {}
    for field, definition in fields(base).items():
        for sub in definition.get("fields", {}):
            names.setdefault(sub, []).append(f"`{field}.{sub}`")
    if names:
        yield "Other forms of the same value:"
        yield ""
    for sub, paths in names.items():
        yield f"- {', '.join(paths)}: {_SUBFIELDS[sub]}."
