"""Corrections of feedparser 6.0.14 (the pinned version) for feeds that are in use.

It takes no other handlers, so those of its classes are replaced, once, when this module is imported:

- the description of a picture (Media RSS) becomes the text of the entry where that is shorter;
- of several transcripts of a podcast's episode only the last is kept;
- keywords of Media RSS are mixed with the categories;
- an id that is relative to nothing (``story-17``) is made an address of the feed's server;
- of an address such as ``news@paper.media (A. Writer)`` the end of the domain, beyond its fourth letter, becomes the
  author's name; its search for an address takes time that grows with the square of the field's length.
"""

from __future__ import annotations

import re
from typing import Any

from feedparser.mixin import _FeedParserMixin
from feedparser.namespaces import mediarss

#: Lengths as RFC 5321 (4.5.3.1) limits them, so that the search is linear.
_ADDRESS = re.compile(
    r"<?\s{0,9}(?:mailto:)?([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9})\s{0,9}>?(?:\?subject=\S{1,200})?"
)
#: A longer author field holds no name and no address of one author.
_MAX_AUTHOR = 1000
_sync_author_detail = _FeedParserMixin._sync_author_detail  # noqa: SLF001 - see above


def _start_media_description(self: Any, _attributes: Any) -> None:
    self.push("media_description", 1)


def _end_media_description(self: Any) -> None:
    _of_medium(self, "description", self.pop("media_description"))


def _start_media_title(self: Any, _attributes: Any) -> None:
    self.push("media_title", 1)


def _end_media_title(self: Any) -> None:
    _of_medium(self, "title", self.pop("media_title"))


def _of_medium(self: Any, name: str, value: str | None) -> None:
    """A picture's text belongs to the last picture named before it."""
    contents = self._get_context().get("media_content")
    if contents and value and value.strip():
        contents[-1].setdefault(name, value)


def _start_podcast_transcript(self: Any, attributes: Any) -> None:
    self._get_context().setdefault("podcast_transcripts", []).append(dict(attributes))


def _end_media_keywords(self: Any) -> None:
    context = self._get_context()
    context["media_keywords"] = self.pop("media_keywords") or ""


def _author_detail(self: Any, key: str = "author") -> None:
    context = self._get_context()
    detail = context.get(f"{key}s", [{}])[-1]
    written = context.get(key) or ""
    if len(written) > _MAX_AUTHOR:
        if not detail:
            detail["name"] = written[:_MAX_AUTHOR]
            context[f"{key}_detail"] = detail
        return
    address = _ADDRESS.search(written) if not detail else None
    if address is None:
        _sync_author_detail(self, key)
        return
    name = (written[: address.start()] + written[address.end() :]).strip(" ,;\t\n")
    name = name[1:-1].strip() if name.startswith("(") and name.endswith(")") else name
    detail["email"] = address[1]
    if name and name != "()":
        detail["name"] = name
    context[f"{key}_detail"] = detail


def apply() -> None:
    """Replace the handlers. Doing it twice changes nothing."""
    for handler in (
        _start_media_description, _end_media_description, _start_media_title, _end_media_title, _end_media_keywords,
    ):  # fmt: skip
        setattr(mediarss.Namespace, handler.__name__, handler)
    _FeedParserMixin._start_podcast_transcript = _start_podcast_transcript  # noqa: SLF001
    _FeedParserMixin._sync_author_detail = _author_detail  # noqa: SLF001
    _FeedParserMixin.can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}
