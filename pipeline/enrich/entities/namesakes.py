"""Namesakes: the table of an installation, and how names that several persons bear are found in an index."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.enrich.entities.identity import middle_of, person_key
from pipeline.events.errors import ConfigurationError

#: Stories that must show each of two namesakes before a name counts as that of several.
_ENOUGH = 3
_APART = ("middle", "country")
_MOST_BYTES = 10_000_000
_HINT = "A line is a key, a tab, and middle or country, as wiredesk index namesakes prints it."


def read_namesakes(path: Path | None) -> dict[str, str]:
    """The namesakes of an installation: by key, what tells the bearers apart.

    Args:
        path: of the table (``enrich.namesakes``); ``None``: there is none.

    Raises:
        ConfigurationError: the file cannot be read, or a line is wrong.
    """
    if path is None:
        return {}
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ConfigurationError(f"enrich.namesakes: {path} has more than {_MOST_BYTES:,} bytes.", hint=_HINT)
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        hint = "Write the file, readable for the workers, or set enrich.namesakes: null."
        raise ConfigurationError(f"enrich.namesakes: cannot read {path}: {error.strerror}.", hint=hint) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"enrich.namesakes: {path} is not UTF-8.", hint=_HINT) from error
    rows = ((place, line) for place, line in enumerate(lines, 1) if line.strip() and not line.startswith("#"))
    return dict(_row(line, f"{path}:{place}") for place, line in rows)


def _row(line: str, where: str) -> tuple[str, str]:
    key, _, apart = line.rstrip().partition("\t")
    if apart not in _APART:
        raise ConfigurationError(f"enrich.namesakes: {where}: {line!r} is not a row of namesakes.", hint=_HINT)
    right = person_key(key.replace("-", " "))
    if key != right:
        hint = f"Write {right!r}." if right else 'A key is what follows "person:" in an id, such as john-smith.'
        raise ConfigurationError(f"enrich.namesakes: {where}: {key!r} is not the key of a full name.", hint=hint)
    return key, apart


@dataclass(frozen=True)
class Observation:
    """What one story says of a person.

    Attributes:
        name: in full, as the story prints it.
        countries: ISO codes of the countries of the person's roles.
    """

    name: str
    countries: frozenset[str] = frozenset()


def namesakes(observed: Iterable[Observation]) -> dict[str, str]:
    """The keys that several persons bear, with what tells them apart.

    Middle names that contradict each other, or countries that are never said of one person together, each in
    several stories, are two persons. What is seen less often is left as it is.

    Args:
        observed: one for each story and person.
    """
    middles: dict[str, Counter[str]] = defaultdict(Counter)
    countries: dict[str, Counter[frozenset[str]]] = defaultdict(Counter)
    for one in observed:
        key = person_key(one.name)
        if key is None:
            continue
        if middle := middle_of(one.name):
            middles[key][middle] += 1
        if one.countries:
            countries[key][one.countries] += 1
    found = {key: "country" for key, seen in countries.items() if _conflict(seen)}
    return found | {key: "middle" for key, seen in middles.items() if _contradict(seen)}


def _conflict(seen: Counter[frozenset[str]]) -> bool:
    often = {next(iter(one)) for one, count in seen.items() if len(one) == 1 and count >= _ENOUGH}
    together = {frozenset((one, other)) for both in seen for one in both for other in both if one != other}
    return any(frozenset((one, other)) not in together for one in often for other in often if one < other)


def _contradict(seen: Counter[str]) -> bool:
    often = [one.split("-") for one, count in seen.items() if count >= _ENOUGH]
    return any(any(mine != its for mine, its in zip(one, other, strict=False)) for one in often for other in often)
