"""Which links of a feed may be kept and shown. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from pipeline.events.links import SCHEMES


def safe_link(link: object) -> str | None:
    """A link that a reader may follow: http, https or mailto; ``None`` for any other, such as ``javascript:``."""
    if not isinstance(link, str) or not link.isprintable():
        return None
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return None
    if parts.scheme not in SCHEMES:
        return None
    return link.strip() if parts.netloc or (parts.scheme == "mailto" and "@" in parts.path) else None
