"""Addresses from outside: only those that are safe to follow are kept."""

from __future__ import annotations

import re

#: Schemes of addresses that a reader may follow.
SCHEMES = frozenset({"http", "https", "mailto"})
#: Schemes of files that belong to a message: RFC 2392.
_OWN_FILES = frozenset({"cid"})
#: Schemes that a browser would run or open.
_RUN = frozenset({"javascript", "data", "vbscript", "file", "blob", "filesystem"})
#: Parameters that campaigns and networks add to addresses.
_TRACKING = frozenset(
    "fbclid gclid gclsrc dclid wbraid gbraid msclkid yclid twclid ttclid igshid mc_cid mc_eid _hsenc _hsmi _openstat "
    "mkt_tok vero_id oly_anon_id oly_enc_id wickedid __twitter_impression".split()
)
_TRACKING_PREFIXES = ("utm_", "at_campaign", "at_medium", "at_custom", "at_link", "pk_campaign", "pk_kwd", "mtm_")
_SCHEME = re.compile(r"\A(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30}):")
#: Browsers ignore these within an address, so that they could hide its scheme.
_IGNORED = re.compile("[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")


def safe_address(address: str | None, *, own_files: bool = False) -> str | None:
    """An address as it is, or ``None`` where its scheme is not http, https or mailto.

    Args:
        address: absolute or relative.
        own_files: ``cid:`` addresses of files within a message are kept as well.
    """
    name = _scheme(address)
    allowed = name is None or name in SCHEMES or (own_files and name in _OWN_FILES)
    return address or None if allowed else None


def safe_identifier(identifier: str | None) -> str | None:
    """An identifier as it is (``urn:…``, ``agency:123``), or ``None`` where a browser would run it as an address."""
    return None if _scheme(identifier) in _RUN else identifier


def without_tracking(address: str | None) -> str | None:
    """A web address without the parameters that only say where a reader came from; all else is left as written."""
    if not address or "?" not in address or _scheme(address) not in {"http", "https"}:
        return address
    address, sign, fragment = address.partition("#")
    base, _, query = address.partition("?")
    parameters = query.split("&")
    kept = [parameter for parameter in parameters if not _is_tracking(parameter.partition("=")[0])]
    if len(kept) == len(parameters):
        return f"{address}{sign}{fragment}"
    return f"{base}{'?' if kept else ''}{'&'.join(kept)}{sign}{fragment}"


def _is_tracking(name: str) -> bool:
    name = name.lower().removeprefix("amp;")
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _scheme(address: str | None) -> str | None:
    found = _SCHEME.match(_IGNORED.sub("", address[:200])) if address else None
    return found["scheme"].lower() if found else None
