"""Codes of controlled vocabularies, as formats write them: ``medtop:04000000``, or as the address of the concept.

IPTC's own vocabularies are known by their short names whichever way they are written; those of others keep the name
that the feed gives them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.events.item import Signal, Subject

_SHORT = {
    "mediatopic": "medtop", "subjectcode": "subj", "genre": "genre", "pubstatusg2": "stat", "ninature": "ninat",
    "signal": "sig", "worldregion": "wldreg", "productgenre": "pgenre", "rendition": "rnd", "itemrelation": "irel",
}  # fmt: skip
_IPTC = re.compile(r"^https?://(?:www\.)?cv\.iptc\.org/newscodes/(?P<scheme>[^/]{1,99})(?:/(?P<code>[^/]*))?/?\Z")
_EIGHT_DIGITS = re.compile(r"\d{8}")
#: Below the top level the old subject codes and the Media Topics cannot be confused: those begin with a 2.
_OLD_SUBJECT = re.compile(r"(?!\d\d000000)[01]\d{7}")
_ITEM_TYPES = {
    "text": "text", "picture": "picture", "image": "picture", "photo": "picture", "photograph": "picture",
    "graphic": "graphic", "animated": "graphic", "animation": "graphic", "illustration": "graphic", "logo": "graphic",
    "audio": "audio", "video": "video", "composite": "composite", "package": "composite", "component": "other",
    "event": "event", "planning": "event", "interactive": "other",
}  # fmt: skip
_SIGNALS = {
    "update": Signal.UPDATE, "updated": Signal.UPDATE, "append-major-content": Signal.UPDATE,
    "correction": Signal.CORRECTION, "correct": Signal.CORRECTION, "corrected": Signal.CORRECTION,
    "rectify": Signal.CORRECTION, "refile": Signal.REFILE, "kill": Signal.KILL, "delete": Signal.KILL,
    "withdraw": Signal.KILL, "withdrawal": Signal.KILL, "withhold": Signal.WITHHOLD, "hold": Signal.WITHHOLD,
    "release": Signal.RELEASE, "advisory": Signal.ADVISORY, "resend": Signal.RESEND, "repeat": Signal.RESEND,
    "flash": Signal.FLASH, "urgent": Signal.URGENT, "test": Signal.TEST, "lead": Signal.LEAD,
    "writethru": Signal.LEAD, "embargo": Signal.EMBARGO, "embargoed": Signal.EMBARGO, "take": Signal.TAKE,
}  # fmt: skip


def split_code(written: str) -> tuple[str | None, str]:
    """Vocabulary and code of a QCode or of a concept's address; no vocabulary where none is named."""
    address = _IPTC.match(written)
    if address and address["code"]:
        return _SHORT.get(address["scheme"], address["scheme"]), _bare(address["code"])
    if "://" in written:
        scheme, _, code = written.rstrip("/").rpartition("/")
        return scheme or None, code
    scheme, colon, code = written.partition(":")
    return (scheme, _bare(code)) if colon else (None, written)


def scheme_name(written: str | None) -> str | None:
    """A vocabulary's short name where it is IPTC's, else as written."""
    if not written:
        return None
    address = _IPTC.match(written)
    return _SHORT.get(address["scheme"], address["scheme"]) if address else written


def tail(written: str) -> str:
    """The code alone: ``usable`` of ``stat:usable`` and of its address."""
    return split_code(written.strip())[1].strip() if written else ""


def subject(written: str, name: str = "", scheme: str | None = None) -> Subject | None:
    """A subject from its code as written and its name; ``None`` where it has neither."""
    found, code = split_code(written.strip()) if written else (None, "")
    if not code and not name:
        return None
    scheme = scheme or found
    if scheme is None and _OLD_SUBJECT.fullmatch(code):
        scheme = "subj"
    return Subject(code=code or None, scheme=scheme, name=name or None)


def iptc_subject(number: str, name: str = "") -> Subject | None:
    """A subject of the old 8-digit IPTC code."""
    return subject(number, name, "subj" if _EIGHT_DIGITS.fullmatch(number) else None)


def item_type(written: str) -> str | None:
    """What an item is, in the words of ``Item.type``; ``None`` where nothing is said."""
    word = tail(written).lower()
    return _ITEM_TYPES.get(word, "other") if word else None


def signals(written: Iterable[str]) -> tuple[list[Signal], list[str]]:
    """What codes or words say about a version, and those that no standard defines (an agency's mapping may)."""
    known: list[Signal] = []
    unknown: list[str] = []
    for code in written:
        scheme, word = split_code(code.strip())
        found = _SIGNALS.get(word.lower()) or _SIGNALS.get((scheme or "").lower())
        if found:
            known.append(found)
        elif word and word.lower() != "atomic":
            unknown.append(code.strip())
    return known, unknown


def _bare(code: str) -> str:
    """IPTC's own QCodes carry their vocabulary's letter in some feeds: ``subj:04000000``, ``medtop:medtop:…``."""
    return code.rsplit(":", 1)[-1] if _EIGHT_DIGITS.fullmatch(code.rsplit(":", 1)[-1]) else code
