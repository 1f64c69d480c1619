"""The templates and their filters. The template engine escapes all text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from pipeline.desk.changes import is_part
from pipeline.desk.events import event_path, spark
from pipeline.desk.export import html_text, rss_date, rss_title, xml_text
from pipeline.events.html import safe_html, too_deep
from pipeline.index.attribution import attribution
from pipeline.index.links import safe_link
from pipeline.index.persons import person_name
from pipeline.index.results import Histogram, QuoteResults, Results

#: A text that is more than paragraphs.
_LAYOUT = re.compile(r"<(?:table|pre|[uod]l|h[1-6])[\s>]", re.IGNORECASE)
STATIC = Path(__file__).parent / "static"

#: In the order in which they are shown next to the results.
FACET_TITLES = {
    "speaker": "Speaker",
    "role": "Role",
    "provider": "Agency",
    "person": "People",
    "organisation": "Organisations",
    "place": "Places",
    "nationality": "Nationalities",
    "subject": "Subjects",
    "language": "Language",
    "urgency": "Urgency (1 is highest)",
    "type": "Kind",
}
KIND_WORDS = {
    "new": "first version",
    "update": "update",
    "correction": "correction",
    "refile": "refile",
    "kill": "kill",
    "withhold": "withhold",
    "release": "release",
    "advisory": "advisory",
    "test": "test",
    "tombstone": "kill of an unknown story",
}

LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "nb": "Norwegian", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def kind_words(version: Mapping[str, Any]) -> str:
    """What a version is, in words."""
    words = KIND_WORDS[version["kind"]]
    if not is_part(version):
        return words
    return "part" if version["kind"] in {"new", "update"} else f"{words} of a part"


@dataclass(frozen=True)
class Flag:
    """A label next to a headline; ``style``: stop, warn or note."""

    word: str
    style: str


def flags(story: Mapping[str, Any]) -> list[Flag]:
    """What an editor must know before using a story, the most serious first."""
    found = [
        Flag(word, style)
        for name, word, style in (
            ("killed", "Killed", "stop"),
            ("withheld", "Withheld", "stop"),
            ("correction", "Corrected", "warn"),
            ("advisory", "Advisory", "note"),
            ("test", "Test", "note"),
        )
        if story.get(name)
    ]
    embargo = story.get("embargoed")
    if embargo and datetime.fromisoformat(embargo) > datetime.now(UTC):
        found.append(Flag(f"Embargoed until {clock(embargo)}", "warn"))
    if story.get("update_count") and not story.get("killed"):
        found.append(Flag(f"Update {story['update_count']}", "note"))
    if story.get("urgency") in {1, 2} and not story.get("killed"):
        found.append(Flag("Urgent", "note"))
    return found


def clock(iso: str | None) -> str:
    """A time for people, in UTC."""
    return datetime.fromisoformat(iso).astimezone(UTC).strftime("%-d %b %Y %H:%M") if iso else ""


def short_clock(iso: str | None) -> str:
    """The same for rows of a list: without the current year."""
    if not iso:
        return ""
    time = datetime.fromisoformat(iso).astimezone(UTC)
    return time.strftime("%-d %b %H:%M" if time.year == datetime.now(UTC).year else "%-d %b %Y %H:%M")


def story_path(story_id: str) -> str:
    """The path of a story's page."""
    return "/story/" + quote(story_id, safe="")


_WIDTH_WORDS = {300_000: "five minutes", 3_600_000: "an hour", 21_600_000: "six hours", 86_400_000: "a day",
                604_800_000: "a week", 2_592_000_000: "30 days", 31_536_000_000: "a year"}  # fmt: skip


def scale(histogram: Histogram) -> str:
    """The scale of a histogram: the count of its tallest bar and the width of a bar."""
    most = max((bar.count for bar in histogram.bars), default=0)
    return f"up to {most:,} in {_WIDTH_WORDS[histogram.width]}"


@dataclass(frozen=True)
class Bar:
    """One bar of the histogram in SVG units, with its span of time."""

    x: float
    width: float
    height: float
    since: str
    until: str
    title: str


def bars(histogram: Histogram, *, width: float = 600, height: float = 48) -> list[Bar]:
    """The bars of a histogram in SVG units."""
    if not histogram.bars:
        return []
    most = max(bar.count for bar in histogram.bars)
    step = width / len(histogram.bars)
    result = []
    for number, bar in enumerate(histogram.bars):
        begin = datetime.fromisoformat(bar.value).astimezone(UTC)
        end = begin + timedelta(milliseconds=histogram.width)
        tall = 0 if not bar.count else max(2.0, height * bar.count / most)
        title = f"{clock(begin.isoformat())} to {clock(end.isoformat())}: {bar.count:,}"
        result.append(
            Bar(
                round(number * step, 2),
                round(min(step * 0.86, 60), 2),
                round(tall, 2),
                _stamp(begin),
                _stamp(end),
                title,
            )
        )
    return result


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def spelt(found: Results | QuoteResults | None, name: str, value: str) -> str:
    """A value of a filter for readers: of a person the spelling of most results.

    Args:
        found: the results; ``None``: they are not counted by person.
        name: of the filter in the address.
        value: of the filter.
    """
    counts = found.facets.get({"speakers": "speaker"}.get(name, name), ()) if found else ()
    return next((one.shown for one in counts if one.value == value), value)


def static_version() -> str:
    """A hash of the static files, so that browsers may cache them."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def laid_out(body_html: Mapping[str, Any] | None) -> Markup | None:
    """The HTML of a story whose text has tables, lists or headings, cleaned again; ``None`` for plain paragraphs."""
    written = (body_html or {}).get("html") or ""
    if not _LAYOUT.search(written) or too_deep(written):
        return None
    return Markup(safe_html(written))  # noqa: S704 # nosec B704 - cleaned by an allow-list


def make_environment(title: str) -> Environment:
    """The template environment; everything is escaped, and absent fields are empty."""
    environment = Environment(
        loader=PackageLoader("pipeline.desk"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "site": title,
        "static_version": static_version(),
        "flags": flags,
        "story_path": story_path,
        "event_path": event_path,
        "spark": spark,
        "LANGUAGES": LANGUAGES,
        "safe_link": safe_link,
        "bars": bars,
        "scale": scale,
        "FACET_TITLES": FACET_TITLES,
        "kind_words": kind_words,
    }
    environment.filters |= {
        "attribution": attribution,
        "clock": clock,
        "spelt": spelt,
        "speaker_name": lambda quote: person_name(quote.get("speaker"), quote.get("speaker_id")),
        "laid_out": laid_out,
        "short_clock": short_clock,
        "xml_text": xml_text,
        "html_text": html_text,
        "rss_title": rss_title,
        "rss_date": rss_date,
    }
    return environment
