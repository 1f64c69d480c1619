"""What the elements of an RSS or Atom entry mean, as feedparser 6.0.14 reads them.

Each reader gets an entry's draft, the element's attributes (names in lower case) and its text. Only fields that items
are made of are kept. The order of elements matters in some places: that is feedparser's, and feeds count on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from feedparser.datetimes import _parse_date
from feedparser.mixin import _FeedParserMixin

from connectors.parsers.feed_markup import content_text, joined, repaired

Attributes = dict[str, str]
#: An element of an entry: its key (``media_content`` for ``media:content``), attributes, text; what is in an author.
Part = tuple[str, Attributes, str, list[tuple[str, str]] | None]

_parsed_date = lru_cache(1024)(_parse_date)
_ITUNES = "http://www.itunes.com/"
_BROKEN_QUERY = re.compile("&([A-Za-z0-9_]+);")


class UnsureError(Exception):
    """Something that only feedparser knows."""


class Draft:
    """An entry in the making, with what feedparser keeps in mind between its elements.

    Args:
        base: what relative addresses are relative to.
        lang: of the entry as a whole.
        atom: whether the feed is Atom.
    """

    def __init__(self, base: str, lang: str | None, *, atom: bool) -> None:
        self.found: dict[str, Any] = {}
        self.base, self.lang, self.atom = base, lang, atom
        self.has_title = False
        self.has_content = False

    def _get_context(self) -> dict[str, Any]:
        return self.found

    def _sync_author_detail(self, key: str = "author") -> None:
        _FeedParserMixin._sync_author_detail(self, key)  # noqa: SLF001 - the one truth about authors' names

    def save_author(self, key: str, value: str) -> None:
        """Add a name, an address or mail to the last author."""
        _FeedParserMixin._save_author(self, key, value)  # noqa: SLF001

    def absolute(self, address: str) -> str:
        """An address made absolute."""
        return joined(self.base, address)

    def content(self, attributes: Attributes, text: str, usual: str) -> tuple[str, str | None]:
        """The value of an element that may hold markup, and its language."""
        kind = _FeedParserMixin.map_content_type(attributes.get("type", usual))
        if kind not in {"text/plain", "text/html"} or attributes.get("mode", "escaped") != "escaped":
            raise UnsureError
        lang = attributes.get("xml:lang", attributes.get("lang", self.lang))
        value = content_text(text.strip(), kind, self.base, atom=self.atom)
        return value, lang.replace("_", "-") if lang else None

    def tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        """Add a category unless it is there."""
        tags = self.found.setdefault("tags", [])
        value = {"term": term, "scheme": scheme, "label": label}
        if (term or scheme or label) and value not in tags:
            tags.append(value)


Reader = Callable[[Draft, Attributes, str], None]


def _title(draft: Draft, attributes: Attributes, text: str) -> None:
    value, lang = draft.content(attributes, text, "text/plain")
    if not draft.has_title:
        draft.found["title"] = value
        draft.found["title_detail"] = {"language": lang}
        draft.has_title = bool(value)


def _content_as(usual: str) -> Reader:
    def read(draft: Draft, attributes: Attributes, text: str) -> None:
        draft.has_content = True
        value, lang = draft.content(attributes, text, usual)
        draft.found.setdefault("content", []).append({"value": value, "language": lang})
        draft.found.setdefault("summary", value)

    return read


_content = _content_as("text/plain")


def _summary_as(usual: str) -> Reader:
    def read(draft: Draft, attributes: Attributes, text: str) -> None:
        if "summary" in draft.found and not draft.has_content:
            _content(draft, attributes, text)
        else:
            draft.found["summary"] = draft.content(attributes, text, usual)[0]

    return read


def _abstract(draft: Draft, attributes: Attributes, text: str) -> None:
    draft.found["summary"] = draft.content(attributes, text, "text/plain")[0]


def _rights(draft: Draft, attributes: Attributes, text: str) -> None:
    draft.found["rights"] = draft.content(attributes, text, "text/plain")[0]


def _text_as(key: str) -> Reader:
    def read(draft: Draft, _: Attributes, text: str) -> None:
        draft.found[key] = repaired(text.strip())

    return read


def _time_as(key: str) -> Reader:
    def read(draft: Draft, _: Attributes, text: str) -> None:
        value = draft.found[key] = repaired(text.strip())
        draft.found[f"{key}_parsed"] = _parsed_date(value)

    return read


def _id(draft: Draft, attributes: Attributes, text: str) -> None:
    value = draft.found["id"] = repaired(text.strip())
    if attributes.get("ispermalink", "true") == "true":
        draft.found.setdefault("link", value)


def _with_href(attributes: Attributes) -> Attributes:
    found = dict(attributes)
    href = found.get("url", found.get("uri", found.get("href")))
    if href:
        found.pop("url", None)
        found.pop("uri", None)
        found["href"] = href
    return found


def _link(draft: Draft, attributes: Attributes, text: str) -> None:
    link = _with_href(attributes)
    link.setdefault("rel", "alternate")
    link.setdefault("type", "application/atom+xml" if link["rel"] == "self" else "text/html")
    draft.found.setdefault("links", []).append(link)
    if "href" in link:
        link["href"] = draft.absolute(link["href"])
        if (
            link["rel"] == "alternate"
            and _FeedParserMixin.map_content_type(link["type"]) in _FeedParserMixin.html_types
        ):
            draft.found["link"] = link["href"]
        return
    value = text.strip()
    value = repaired(draft.absolute(value) if value else value)
    if "&" in value:
        value = _BROKEN_QUERY.sub(r"&\g<1>", value.replace("&amp;", "&"))
    draft.found["link"] = value
    if value:
        link["href"] = value


def _enclosure(draft: Draft, attributes: Attributes, _: str) -> None:
    draft.found.setdefault("links", []).append({**_with_href(attributes), "rel": "enclosure"})


def _license(draft: Draft, _: Attributes, text: str) -> None:
    value = repaired(text.strip())
    draft.found.setdefault("links", []).append({"rel": "license", **({"href": value} if value else {})})


def _category(draft: Draft, attributes: Attributes, text: str) -> None:
    draft.tag(
        attributes.get("term"), attributes.get("scheme", attributes.get("domain")), attributes.get("label")
    )  # fmt: skip
    _category_text(draft, text)


def _category_text(draft: Draft, text: str) -> None:
    value = repaired(text.strip())
    tags = draft.found["tags"]
    if value and tags and not tags[-1]["term"]:
        tags[-1]["term"] = value
    elif value:
        draft.tag(value, None, None)


def _media_category(draft: Draft, attributes: Attributes, text: str) -> None:
    _category(draft, {"scheme": "http://search.yahoo.com/mrss/category_schema", **attributes}, text)


def _itunes_category(draft: Draft, attributes: Attributes, text: str) -> None:
    draft.tag(attributes.get("text"), _ITUNES, None)
    _category_text(draft, text)


def _itunes_keywords(draft: Draft, _: Attributes, text: str) -> None:
    for term in repaired(text.strip()).split(","):
        if term.strip():
            draft.tag(term.strip(), _ITUNES, None)


def _itunes_image(draft: Draft, attributes: Attributes, _: str) -> None:
    href = attributes.get("href") or attributes.get("url")
    if href:
        draft.found["image"] = {"href": href}


def _source(draft: Draft, _: Attributes, text: str) -> None:
    value = repaired(text.strip())
    draft.found["source"] = {"title": value} if value else {}
    draft.has_title = False


def _appended_to(key: str) -> Reader:
    def read(draft: Draft, attributes: Attributes, text: str) -> None:
        if key == "media_thumbnail" and text.strip():
            raise UnsureError
        draft.found.setdefault(key, []).append(dict(attributes))

    return read


def _media_credit(draft: Draft, attributes: Attributes, text: str) -> None:
    value = repaired(text.strip())
    draft.found.setdefault("media_credit", []).append({**attributes, **({"content": value} if value.strip() else {})})


def _of_medium(name: str) -> Reader:
    def read(draft: Draft, _: Attributes, text: str) -> None:
        contents, value = draft.found.get("media_content"), repaired(text.strip())
        if contents and value.strip():
            contents[-1].setdefault(name, value)

    return read


#: What is read of an entry and has only text in it.
LEAVES: dict[str, Reader] = {
    "title": _title, "dc_title": _title, "link": _link, "guid": _id, "id": _id,
    "description": _summary_as("text/html"), "dc_description": _summary_as("text/html"), "abstract": _abstract,
    "summary": _summary_as("text/plain"), "itunes_summary": _summary_as("text/plain"),
    "content": _content, "content_encoded": _content_as("text/html"), "excerpt_encoded": _text_as("excerpt_encoded"),
    "published": _time_as("published"), "pubdate": _time_as("published"), "issued": _time_as("published"),
    "dcterms_issued": _time_as("published"), "updated": _time_as("updated"), "modified": _time_as("updated"),
    "lastbuilddate": _time_as("updated"), "dc_date": _time_as("updated"), "dcterms_modified": _time_as("updated"),
    "category": _category, "keywords": _category, "dc_subject": _category, "media_category": _media_category,
    "itunes_category": _itunes_category, "itunes_keywords": _itunes_keywords, "itunes_image": _itunes_image,
    "itunes_duration": _text_as("itunes_duration"), "enclosure": _enclosure, "creativecommons_license": _license,
    "rights": _rights, "copyright": _rights, "dc_rights": _rights, "source": _source,
    "publisher": _text_as("publisher"), "dc_publisher": _text_as("publisher"), "webmaster": _text_as("publisher"),
    "language": _text_as("language"), "dc_language": _text_as("language"),
    "media_thumbnail": _appended_to("media_thumbnail"), "media_credit": _media_credit,
    "media_title": _of_medium("title"), "media_description": _of_medium("description"),
    "media_keywords": _text_as("media_keywords"), "podcast_transcript": _appended_to("podcast_transcripts"),
}  # fmt: skip
#: Elements that hold other elements of Media RSS.
MEDIA = frozenset({"media_group", "media_content"})
AUTHORS = frozenset({"author", "managingeditor", "dc_creator", "dc_author", "itunes_author", "contributor"})
#: What may be in an author.
OF_AUTHORS = frozenset({"name", "email", "uri", "url", "homepage"})
#: Elements that feedparser reads otherwise where they have attributes.
WITHOUT_ATTRIBUTES = frozenset({"excerpt_encoded", "itunes_duration", "itunes_keywords", "media_keywords", "publisher"})
#: Elements that feedparser knows and that no field of an item is made of.
WITHOUT_EFFECT = frozenset({
    "subtitle", "tagline", "itunes_subtitle", "generator", "created", "dcterms_created", "expirationdate",
    "dc_contributor", "media_rating", "media_player", "media_license", "media_restriction", "itunes_explicit",
    "itunes_block", "cloud", "wfw_comment", "wfw_commentrss",
})  # fmt: skip


def _author(draft: Draft, text: str, children: list[tuple[str, str]]) -> None:
    draft.found.setdefault("authors", []).append({})
    for key, written in children:
        value = written.strip()
        if key in {"name", "email"}:
            draft.save_author(key, value)
        else:
            draft.save_author("href", repaired(draft.absolute(value) if value else value))
    draft.found["author"] = repaired(text.strip())
    draft._sync_author_detail()  # noqa: SLF001 - feedparser's name for it


def entry_of(parts: list[Part], identifier: str | None, draft: Draft) -> dict[str, Any]:
    """The fields of an entry, under the names that feedparser gives them.

    Args:
        parts: the elements of the entry.
        identifier: ``rdf:about``.
        draft: a new one.

    Raises:
        UnsureError: something that only feedparser knows.
    """
    found = draft.found
    if identifier:
        found["id"] = identifier
    for key, attributes, text, children in parts:
        if key == "media_content":
            found.setdefault(key, []).append(dict(attributes))
        elif children is None:
            LEAVES[key](draft, attributes, text)
        elif key != "contributor":
            _author(draft, text, children)
    for missing, present in (("updated", "published"), ("updated_parsed", "published_parsed")):
        if missing not in found and present in found:
            found[missing] = found[present]
    if "links" in found:
        found["enclosures"] = [link for link in found["links"] if link["rel"] == "enclosure"]
    return found
