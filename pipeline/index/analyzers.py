"""Which analyzer of the server reads the words of which language."""

from __future__ import annotations

from functools import cache

from pipeline.events.languages import primary_language
from pipeline.events.tables import table_rows

#: Written languages of Norway share one analyzer.
_WRITTEN_LIKE = {"nb": "no", "nn": "no"}


@cache
def analyzers() -> dict[str, str]:
    """The server's analyzer by ISO 639-1 code, English left out."""
    return dict(table_rows("pipeline.index", "analyzers.tsv"))


def analyzed_language(tag: str | None) -> str | None:
    """The code under which a text's words are indexed; ``None``: English, or a language without an analyzer.

    Args:
        tag: BCP 47, such as ``de-AT``.
    """
    primary = primary_language(tag)
    code = _WRITTEN_LIKE.get(primary, primary)
    return code if code in analyzers() else None
