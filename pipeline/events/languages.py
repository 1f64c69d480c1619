"""Language tags (BCP 47), as feeds write them."""

from __future__ import annotations


def primary_language(tag: str | None) -> str:
    """A language without its region and script: ``en`` of ``en-GB`` and ``EN_us``; empty without a tag."""
    return (tag or "").replace("_", "-").split("-")[0].lower()
