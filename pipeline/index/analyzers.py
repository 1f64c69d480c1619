"""Which analyzer of the server reads the words of which language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

#: Written languages of Norway share one analyzer.
_WRITTEN_LIKE = {"nb": "no", "nn": "no"}


@cache
def analyzers() -> dict[str, str]:
    """The server's analyzer by ISO 639-1 code, English left out."""
    text = files("pipeline.index").joinpath("analyzers.tsv").read_text(encoding="utf-8")
    lines = (line.partition("\t") for line in text.splitlines() if not line.startswith("#"))
    return {code: analyzer for code, _, analyzer in lines}


def analyzed_language(tag: str | None) -> str | None:
    """The code under which a text's words are indexed; ``None``: English, or a language without an analyzer.

    Args:
        tag: BCP 47, such as ``de-AT``.
    """
    primary = (tag or "").replace("_", "-").split("-")[0].lower()
    code = _WRITTEN_LIKE.get(primary, primary)
    return code if code in analyzers() else None
