"""Search results as values: for the desk's pages, for the command line (``show``) and for programs (``to_json``).

Text from feeds stays plain text here: a highlighted text is a sequence of pieces, each matched or not, and whoever
renders it escapes each piece.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from rich.console import Console
from rich.text import Text

from pipeline.index.attribution import attribution
from pipeline.index.highlight import MARK_BEGIN, MARK_END
from pipeline.index.persons import spelling


@dataclass(frozen=True)
class Piece:
    """A piece of a text; ``matched``: the search matched it."""

    text: str
    matched: bool = False


def pieces(marked: str) -> tuple[Piece, ...]:
    """Split a marked text into its pieces."""
    result: list[Piece] = []
    for number, part in enumerate(marked.split(MARK_BEGIN)):
        inside, end, after = part.partition(MARK_END)
        if not number or not end:
            inside, after = "", part.replace(MARK_END, "")
        result += [Piece(text, matched) for text, matched in ((inside, True), (after, False)) if text]
    return tuple(result)


@dataclass(frozen=True)
class Copy:
    """Another story of the same group of copies."""

    story_id: str
    provider: str
    headline: str
    version_created: str
    leading: bool = False
    killed: bool = False


@dataclass(frozen=True)
class Hit:
    """One story; of a group of copies the leading one of those that match.

    Attributes:
        story: the document, without its body.
        headline: with the matches marked.
        snippets: passages of the text that match.
        lead: the beginning of the story: its description, or the beginning of its body.
        copies: the other stories of its group, the leading one first.
    """

    story: Mapping[str, Any]
    headline: tuple[Piece, ...]
    snippets: tuple[tuple[Piece, ...], ...] = ()
    lead: str = ""
    copies: tuple[Copy, ...] = ()
    score: float | None = None

    @property
    def story_id(self) -> str:
        return str(self.story["story_id"])

    @property
    def key(self) -> str:
        """Changes when the story does, or when another copy of it comes in."""
        return f"{self.story_id}@{self.story['index_version']}+{len(self.copies)}"

    @property
    def copy_killed(self) -> bool:
        """Whether a copy of this story was killed by its agency while this one was not."""
        return not self.story.get("killed") and any(copy.killed for copy in self.copies)


@dataclass(frozen=True)
class Count:
    """How many results have a value of a facet, or fall into a bar of the histogram (``value``: its first moment).

    Attributes:
        spelling: how most of them spell a person's name; empty where the value is shown as it is.
    """

    value: str
    count: int
    spelling: str = ""

    @property
    def shown(self) -> str:
        """The value for readers."""
        return self.spelling or self.value


def counted(bucket: Mapping[str, Any]) -> Count:
    """A value of a facet from its bucket in the answer."""
    return Count(str(bucket["key"]), bucket["doc_count"], spelling(bucket) if "spellings" in bucket else "")


@dataclass(frozen=True)
class Histogram:
    """Counts over time; ``width``: of a bar, in milliseconds."""

    width: int = 0
    bars: tuple[Count, ...] = ()


@dataclass(frozen=True)
class Results:
    """Stories that match. ``total`` counts stories, ``groups`` groups of copies (``total`` if not grouped)."""

    hits: tuple[Hit, ...]
    total: int
    groups: int
    took_ms: int
    facets: Mapping[str, tuple[Count, ...]] = field(default_factory=dict)
    histogram: Histogram = Histogram()

    def to_json(self) -> str:
        """For programs."""
        hits = [
            {
                **hit.story,
                "snippets": ["".join(piece.text for piece in snippet) for snippet in hit.snippets],
                "copies": [asdict(copy) for copy in hit.copies],
                "score": hit.score,
            }
            for hit in self.hits
        ]
        rest = {"total": self.total, "groups": self.groups, "took_ms": self.took_ms}
        return orjson.dumps({**rest, "hits": hits}, option=orjson.OPT_INDENT_2).decode()

    def show(self, console: Console) -> None:
        """For a terminal."""
        for hit in self.hits:
            console.print(Text.assemble(*_flag_words(hit.story), _text(hit.headline, "bold")))
            about = [hit.story.get("provider", ""), str(hit.story.get("version_created", ""))[:16].replace("T", " ")]
            if hit.copies:
                about.append("also from " + ", ".join(sorted({copy.provider for copy in hit.copies})))
            console.print(Text("  " + " · ".join([*about, hit.story_id]), style="dim"))
            for snippet in hit.snippets:
                console.print(Text.assemble("  … ", _text(snippet), " …"))
        what = "story" if self.total == 1 else "stories"
        if self.groups < self.total:
            what += f" in {self.groups:,} {'group' if self.groups == 1 else 'groups'} of copies"
        _summary(console, f"{self.total:,} {what}", len(self.hits) < self.groups, self.took_ms)


@dataclass(frozen=True)
class QuoteHit:
    """One quotation; ``words``: its text with the matches marked."""

    quote: Mapping[str, Any]
    words: tuple[Piece, ...]


@dataclass(frozen=True)
class QuoteResults:
    """Quotations that match."""

    hits: tuple[QuoteHit, ...]
    total: int
    took_ms: int
    facets: Mapping[str, tuple[Count, ...]] = field(default_factory=dict)
    histogram: Histogram = Histogram()

    def to_json(self) -> str:
        """For programs."""
        results = {"total": self.total, "took_ms": self.took_ms, "hits": [dict(hit.quote) for hit in self.hits]}
        return orjson.dumps(results, option=orjson.OPT_INDENT_2).decode()

    def show(self, console: Console) -> None:
        """For a terminal."""
        for hit in self.hits:
            quote = hit.quote
            said = ("“", _text(hit.words), "”") if quote.get("type") == "direct" else (_text(hit.words),)
            console.print(Text.assemble((f"{attribution(quote)}: ", "bold"), *said))
            time = str(quote.get("version_created", ""))[:16].replace("T", " ")
            about = [quote.get("provider", ""), time, quote.get("headline", ""), str(quote["story_id"])]
            console.print(Text("  " + " · ".join(about), style="dim"))
        what = "quotation" if self.total == 1 else "quotations"
        _summary(console, f"{self.total:,} {what}", len(self.hits) < self.total, self.took_ms)


@dataclass(frozen=True)
class StoryPage:
    """One story: its document, its versions (newest first), its quotations in order, its copies."""

    story: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]]
    quotes: Sequence[Mapping[str, Any]]
    copies: tuple[Copy, ...] = ()


_FLAGS = (("killed", "KILLED", "bold white on red"), ("withheld", "WITHHELD", "bold white on red"),
          ("correction", "CORRECTED", "black on yellow"), ("embargoed", "EMBARGOED", "black on yellow"),
          ("advisory", "ADVISORY", "black on white"), ("test", "TEST", "black on white"))  # fmt: skip


def _flag_words(story: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = [[(word, style), (" ", "")] for name, word, style in _FLAGS if story.get(name)]
    return [part for pair in pairs for part in pair]


def _text(parts: Sequence[Piece], style: str = "") -> Text:
    text = Text(style=style)
    for piece in parts:
        text.append(
            "".join(ch if ch.isprintable() else " " for ch in piece.text), "underline" if piece.matched else None
        )
    return text


def _summary(console: Console, total: str, more: bool, took_ms: int) -> None:
    hint = "; show more with --size" if more else ""
    console.print(Text(f"{total}, {took_ms} ms{hint}", style="dim"))
