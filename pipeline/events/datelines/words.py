"""The words by which datelines are recognised, from the data files next to this module."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from pipeline.events.tables import yaml_table

_PARTNERS = re.compile(r"[/,;]| - ")
_SIGNS = re.compile(r"[\W_]")


@cache
def _data(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml_table("pipeline.events.datelines", f"{name}.yaml")
    return document


def squeezed(text: str) -> str:
    """A name as it is compared: letters and digits only, without regard to case."""
    return _SIGNS.sub("", text.casefold())


def _listed(written: str) -> Iterable[str]:
    return (part.strip() for part in written.split("|"))


@cache
def agencies() -> frozenset[str]:
    """Names of agencies, squeezed."""
    return frozenset(squeezed(name) for name in _listed(_data("datelines")["agencies"]))


@cache
def words(kind: str) -> frozenset[str]:
    """One list of small words of ``datelines.yaml``, in lower case."""
    return frozenset(str(_data("datelines")[kind]).casefold().split())


@cache
def places(kind: str) -> frozenset[str]:
    """One list of ``places.yaml``, squeezed."""
    return frozenset(squeezed(name) for name in _listed(_data("places")[kind]))


def is_agency(name: str) -> bool:
    """Whether a name is an agency's, also with a service or a partner: ``Reuters Health``, ``AP/dpa``."""
    parts = [part for part in _PARTNERS.split(name) if part.strip()]
    if squeezed(name) in agencies():
        return True
    hyphened = [squeezed(part) for part in name.split("-")]
    if len(hyphened) > 1 and all(part in agencies() for part in hyphened):
        return True
    return bool(parts) and any(squeezed(part) in agencies() or _first_word(part) in agencies() for part in parts[:3])


def _first_word(part: str) -> str:
    found = part.split()
    return squeezed(found[0]) if found and (len(found) <= 3) else ""
