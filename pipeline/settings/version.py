"""The version of Wiredesk; pyproject.toml is the only place where it is written."""

from __future__ import annotations

from functools import cache
from importlib import metadata


@cache  # every request says it, and it is read from a file
def version() -> str:
    """The version of the installed package, such as ``0.2.0``."""
    return metadata.version("wiredesk")


def user_agent(contact: str) -> str:
    """What every request to a feed says of itself (RFC 9110, 10.1.5).

    Args:
        contact: how a publisher reaches whoever runs this installation.
    """
    return f"Wiredesk/{version()} ({contact})"
