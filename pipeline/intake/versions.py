"""The set of an item's versions: how a version is added, the order of versions, and which of them are effective.

Everything here is a function of the set. What would make the result depend on the order of arrival (dropping a
repetition before the versions between are known) is done when the set is read, not when an item arrives.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.events import KnownVersion
from pipeline.events.item import Signal
from pipeline.events.text import beginning
from pipeline.intake.bounds import LINE_CHARS
from pipeline.intake.identity import body_hash, version_number
from pipeline.intake.takes import is_part, parts_of

#: Of versions with the same time and number these are above all others, so that nothing withdrawn is shown again.
_WITHDRAWS = {"withhold": 1, "kill": 2}
#: Order of versions of one time, number and arrival.
_SEVERITY = {"test": 0, "advisory": 1, "new": 2, "update": 2, "refile": 3, "correction": 4}
_LAST = float("inf")


def union(versions: Sequence[KnownVersion], other: Sequence[KnownVersion]) -> tuple[KnownVersion, ...]:
    """The set with more versions added; the same set, unchanged, if they add nothing new.

    Of versions with the same content the first and the last in time are kept: a feed that dates the same words anew
    with every poll adds nothing, and words that return after others are a version again. The same version from
    another feed adds the name of that feed.
    """
    known = list(versions)
    for version in other:
        known = _with(known, version)
    return tuple(known)


def _with(versions: list[KnownVersion], version: KnownVersion) -> list[KnownVersion]:
    same = [known for known in versions if known.content_hash == version.content_hash]
    for known in same:
        if _moment(known) == _moment(version):
            return [_joined(known, version) if one is known else one for one in versions]
    group = sorted([*same, version], key=_moment)
    kept = [group[0], group[-1]] if len(group) > 2 else group
    if not any(one is version for one in kept):
        return versions
    others = [known for known in versions if known.content_hash != version.content_hash]
    return [*others, *kept]


def _moment(known: KnownVersion) -> float:
    return (known.versioncreated or known.received).timestamp()


def _joined(known: KnownVersion, again: KnownVersion) -> KnownVersion:
    """One version that was received twice: the feeds it came from, and when it came first."""
    joined = {
        "connectors": tuple(sorted({*known.connectors, *again.connectors})),
        "tags": tuple(sorted({*known.tags, *again.tags})),
        "received": min(known.received, again.received),
        # The same words may be read as another part by another release or connector.
        "take": min((take for take in (known.take, again.take) if take is not None), default=None),
        "keeps_parts": known.keeps_parts and again.keeps_parts,
        "replaces": min((place for place in (known.replaces, again.replaces) if place), default=None),
    }
    if all(getattr(known, name) == value for name, value in joined.items()):
        return known
    return known.model_copy(update=joined)


def bounded(versions: tuple[KnownVersion, ...], limit: int, version_order: str) -> tuple[KnownVersion, ...]:
    """At most ``limit`` versions: the first, those that the text is made of, and the newest ones."""
    if len(versions) <= limit:
        return versions
    in_order = ordered(versions, version_order)
    parts = parts_of(effective(versions, version_order))
    wanted = [in_order[-1], parts.base, in_order[0], *parts.all, *reversed(in_order)]
    kept = set(list(dict.fromkeys(map(id, wanted)))[:limit])
    return tuple(known for known in in_order if id(known) in kept)


def ordered(versions: Sequence[KnownVersion], version_order: str) -> list[KnownVersion]:
    """The versions in the order of the wire, lowest first.

    Many sites keep the publication time of a page that they edit, so versions of the same time and number are
    ordered by when each was first received; the content hash decides only between those received together.
    """
    numbers = [version_number(known.version) for known in versions]
    by_number = version_order == "version" or (
        version_order == "auto" and None not in numbers and any(known.versioncreated is None for known in versions)
    )

    def key(known: KnownVersion) -> tuple[float, float, int, bool, float, int, str]:
        number = version_number(known.version)
        timed = known.versioncreated.timestamp() if known.versioncreated else None
        received = known.received.timestamp()
        if known.kind == "kill" and number is None and (timed is None or by_number):
            first, second = _LAST, 0.0
        elif by_number:
            first, second = float(number if number is not None else -1), timed or 0.0
        else:
            # Text wires tell times in minutes and number their leads only: of one minute the lead is first.
            after_all = number is None and (is_part(known) or known.kind in _WITHDRAWS)
            first, second = timed if timed is not None else received, _LAST if after_all else float(number or 0)
        withdraws = _WITHDRAWS.get(known.kind, 0)
        return first, second, withdraws, is_part(known), received, _SEVERITY.get(known.kind, 2), known.content_hash

    return sorted(versions, key=key)


def effective(versions: Sequence[KnownVersion], version_order: str) -> list[KnownVersion]:
    """The versions that change the story, lowest first: without repetitions and without mere resends."""
    words = {_words(known) for known in versions if Signal.RESEND not in known.signals}
    real = [known for known in versions if Signal.RESEND not in known.signals or _words(known) not in words]
    result: list[KnownVersion] = []
    for known in ordered(real, version_order):
        if not result or result[-1].content_hash != known.content_hash:
            result.append(known)
    return result


def _words(known: KnownVersion) -> tuple[str, str]:
    return beginning(known.content.headline or "", LINE_CHARS), known.body_hash or body_hash(known.content)
