"""Which agency sent an item: told by its ids, its names and its links, as each preset declares.

The address that something is fetched from says little: agencies are read through proxies, mirrors and folders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from connectors.mapping import Mapping, load_mapping, preset_names
from pipeline.events.datelines.any_agency import find_any
from pipeline.events.datelines.words import squeezed
from pipeline.events.item import Item
from pipeline.events.linear import compile_linear

#: The name of the preset for items of no known agency.
SHARED = "wire"
_ID, _PROVIDER, _HOST, _SIGNED = 3, 3, 2, 1
_LEAST_SCORE = 2
_MOST_ITEMS = 50


def recognise(items: Sequence[Item]) -> str:
    """The name of the preset of the agency that sent the items; ``wire`` where most of them are of none."""
    looked_at = items[:_MOST_ITEMS]
    found = Counter(name for item in looked_at if (name := recognise_item(item)))
    name, count = found.most_common(1)[0] if found else (SHARED, 0)
    return name if 2 * count > len(looked_at) else SHARED


def recognise_item(item: Item) -> str | None:
    """The name of the preset of the agency that sent an item; ``None`` where it is of none that we know."""
    dateline = find_any((item.body_text or "")[:400])
    signed = squeezed(dateline.agency) if dateline else ""
    scores = {name: _score(item, load_mapping(name), signed) for name in preset_names() if name != SHARED}
    name = max(scores, key=lambda one: scores[one], default=None)
    return name if name and scores[name] >= _LEAST_SCORE else None


def _score(item: Item, mapping: Mapping, signed: str) -> int:
    known = mapping.recognised_by
    names = {squeezed(name) for name in known.providers}
    score = 0
    if known.ids and item.uri and compile_linear(known.ids).search(item.uri):
        score += _ID
    if item.provider and squeezed(item.provider) in names:
        score += _PROVIDER
    if item.link and _is_of(item.link, known.hosts):
        score += _HOST
    if item.source and squeezed(item.source) in names:
        score += _SIGNED
    if signed and signed in names:
        score += _SIGNED
    return score


def _is_of(link: str, hosts: tuple[str, ...]) -> bool:
    try:
        host = (urlsplit(link).hostname or "").lower()
    except ValueError:
        return False
    return any(host == one or host.endswith(f".{one}") for one in hosts)
