"""The story alone in body and HTML: datelines, notes and credits go to the fields that they are of.

This happens after the item has its id, which therefore does not depend on it.
"""

from __future__ import annotations

import re
from typing import Any

from connectors.markup import clean_html, to_text
from connectors.parsers.figures import FIGURE
from connectors.parsers.rows import with_tabs
from connectors.wording.notes import Notes, take_notes
from connectors.wording.people import with_people
from connectors.wording.removal import without_removed
from pipeline.events.datelines.any_agency import find_any, place_of
from pipeline.events.datelines.strict import Dateline, place_name
from pipeline.events.datelines.words import is_agency, squeezed, words
from pipeline.events.item import Item

#: Prefix of the names under which ``Item.originals`` counts what was taken out of a text.
TAKEN = "taken out: "
_DATELINE_PARAGRAPHS = 4
_BYLINE = re.compile(
    r"(?:By|BY|by|Von|VON|Par|PAR|Por|POR|Di|DI|Door|DOOR|Av|Af)\s+"
    r"(?P<who>(?:[A-Z]\. ?){0,3}[^\W\d_a-zß-ÿ][^.:;!?\n]{2,90}"
    r"(?:\.[^.:;!?\n]{1,60}){0,2})"
)
_TITLE = re.compile(
    r"(?:(?:AP|AFP|Reuters|Associated Press|The Associated Press|The Canadian Press|Special to|For|Staff)\b.{0,40}|"
    r".{2,40}(?:[Ww]riter|[Cc]orrespondent|[Ee]ditor|[Rr]eporter|[Cc]olumnist|[Ss]taff))"
)
_BLOCK_TAG = re.compile(r"<(?:p|br|div|li|table|pre|h[1-6]|blockquote|section|article)\b", re.IGNORECASE)
#: Elements in which nothing is left.
_EMPTY = re.compile(
    r"<p>[\s\u00a0]{0,20}</p>\s?|<div>[\s\u00a0]{0,20}</div>\s?|<span>\s{0,20}</span>|<a [^<>]{0,600}>\s{0,20}</a>"
    r"|<figure>\s{0,20}</figure>"
)
_BYLINE_PARAGRAPHS = 3
_BYLINE_CHARS = 120
_TITLE_CHARS = 60
_HEADLINE_CHARS = 200
#: Formats whose headline stands above the text.
_PLAIN = frozenset({"text", "email"})
#: ``DEL12``, ``VALDORIA-BRIDGE`` above a headline.
_NUMBER_LINE = re.compile(r"[A-Z]{2,4}[ -]?\d{1,4}")
_SLUG_LINE = re.compile(r"[A-Z0-9][A-Za-z0-9]{0,30}(?:[-/][A-Za-z0-9]{1,30}){1,6}")
_MAX_ORIGINAL = 200
_MAX_NOTE = 2000
_MOST_REPETITIONS = 4
_MOST_COMPARED = 50
#: UK, UAE
_MOST_INITIALS = 3
#: A text of so many paragraphs is not a story.
_MOST_PARAGRAPHS = 20_000


def tidied(item: Item, parser: str, *, before: str | None = None, datelines: bool = True) -> Item:
    """The item with its story alone in the body.

    Args:
        item: as parser and mapping left it.
        parser: name of the format.
        before: the body as the parser left it, where the mapping has taken something out of it.
        datelines: look for one at the head of the body.
    """
    changes: dict[str, Any] = {}
    item, before = _with_paragraphs(item, before)
    paragraphs = [one for one in (item.body_text or "").split("\n\n") if one.strip()]
    counts: list[str] = []
    if paragraphs and len(paragraphs) <= _MOST_PARAGRAPHS:
        notes = take_notes(_without_repetitions(_without_captions(paragraphs, item), item), parser)
        notes.paragraphs = _without_repetitions(notes.paragraphs, item)
        found = _cut_dateline(notes, item, parser) if datelines else None
        # a note may stand after the dateline: "LONDON (Reuters) - (Adds quotes) Text"
        if found is not None:
            again = take_notes(notes.paragraphs, parser, top=True)
            _join(notes, again)
        counts += notes.counts
        changes |= _byline(item, notes)
        changes |= _fields(item, notes, found)
        body = "\n\n".join(with_tabs(notes.paragraphs))
        if body != (before or item.body_text):
            changes["body_text"] = body or None
            changes["body_html"] = without_removed(item.body_html, before or item.body_text, body)
    else:
        changes |= _checked_place(item)
    changes |= _lines_above(item) | _media(item)
    changes |= _description(item, parser, counts, changes.get("body_text", item.body_text))
    if counts:
        kept = {f"{TAKEN}{name}": str(counts.count(name)) for name in dict.fromkeys(counts)}
        changes["originals"] = {**item.originals, **changes.get("originals", {}), **kept}
    changes = {name: value for name, value in changes.items() if value != getattr(item, name)}
    item = with_people(Item.model_validate({**dict(item), **changes}) if changes else item)
    if item.body_html and _EMPTY.search(item.body_html):
        item = item.model_copy(update={"body_html": _EMPTY.sub("", _EMPTY.sub("", item.body_html)).strip() or None})
    located = (item.located or "").rstrip(".") if (item.located or "").count(".") == 1 else item.located
    if located and len(located) > _MOST_INITIALS:
        located = place_name(located) if located.isupper() else located
        item = item.model_copy(update={"located": located}) if located != item.located else item
    return item


def _with_paragraphs(item: Item, before: str | None) -> tuple[Item, str | None]:
    """The item whose markup has blank lines instead of paragraphs, as some editors keep it, with paragraphs."""
    markup = item.body_html or ""
    if "\n\n" not in markup or _BLOCK_TAG.search(markup) or "\n\n" in (item.body_text or ""):
        return item, before
    blocks = [block.strip() for block in markup.split("\n\n") if block.strip()]
    texts = [" ".join(to_text(block).split()) for block in blocks]
    text = "\n\n".join(one for one in texts if one)
    html = clean_html("".join(f"<p>{block}</p>" for block in blocks))
    return item.model_copy(update={"body_text": text, "body_html": html}), text


def _without_captions(paragraphs: list[str], item: Item) -> list[str]:
    """The paragraphs but for captions of the body's own pictures, which stand there where a site uses no figure."""
    captions = {medium.description for medium in item.media if medium.rendition == FIGURE and medium.description}
    left = [one for one in paragraphs if one not in captions] if captions else paragraphs
    return left or paragraphs


def _without_repetitions(paragraphs: list[str], item: Item) -> list[str]:
    """The paragraphs without those at the top that only say headline, subheadline, kicker, byline or slug again."""
    said = {squeezed(text) for text in (item.headline, item.subheadline, item.kicker, item.slugline) if text}
    written = squeezed(item.originals.get("headline", ""))
    index = 0
    while index < min(_MOST_REPETITIONS, len(paragraphs) - 1) and squeezed(paragraphs[index]) in {*said, written} - {
        ""
    }:
        index += 1
    return paragraphs[index:]


def taken_out(item: Item) -> list[str]:
    """The kinds of notes and credits that were taken out of an item's texts."""
    return [name for name in item.originals if name.startswith(TAKEN)]


def _join(notes: Notes, again: Notes) -> None:
    notes.paragraphs = again.paragraphs
    notes.authors += again.authors
    notes.signals += again.signals
    notes.counts += again.counts
    for name, texts in again.texts.items():
        notes.texts.setdefault(name, []).extend(texts)


def _cut_dateline(notes: Notes, item: Item, parser: str) -> Dateline | None:
    """The dateline of one of the first paragraphs, taken out of it."""
    for index, paragraph in enumerate(notes.paragraphs[:_DATELINE_PARAGRAPHS]):
        found = find_any(paragraph)
        if found is None:
            continue
        rest = paragraph[found.end :].lstrip()
        if not rest and index + 1 >= len(notes.paragraphs):
            return None
        dated = any(sign.isdigit() for sign in found.text)
        if index and not (found.agency or dated or found.text == item.dateline):
            return None  # further down a place alone begins a section
        notes.paragraphs[index] = rest
        if index and not item.headline and parser in _PLAIN:
            notes.paragraphs[:index] = _head(notes, notes.paragraphs[:index])
        notes.paragraphs = [one for one in notes.paragraphs if one]
        return found
    return None


def _byline(item: Item, notes: Notes) -> dict[str, Any]:
    """A byline above the story, with the writer's title below it: taken out unless the metadata names somebody else."""
    for index, paragraph in enumerate(notes.paragraphs[:_BYLINE_PARAGRAPHS]):
        found = _BYLINE.fullmatch(paragraph) if len(paragraph) <= _BYLINE_CHARS else None
        if found is None or index + 1 == len(notes.paragraphs):
            continue
        who = found["who"].strip(" ,")
        known = squeezed(item.byline or "")
        if known and squeezed(who.split(",")[0]) not in known and known not in squeezed(paragraph):
            return {}
        following = notes.paragraphs[index + 1]
        title = len(following) <= _TITLE_CHARS and (is_agency(following) or _TITLE.fullmatch(following) is not None)
        last = index + 2 if title and index + 2 < len(notes.paragraphs) else index + 1
        del notes.paragraphs[index:last]
        notes.counts.append("byline")
        return {} if item.byline else {"byline": who}
    return {}


def _head(notes: Notes, above: list[str]) -> list[str]:
    """The lines above a story that has no headline yet: slug, headline; gives back what is neither."""
    lines = [line.strip() for paragraph in above for line in paragraph.split("\n") if line.strip()]
    if not lines or any(len(line) > _HEADLINE_CHARS for line in lines):
        return above
    if any(_BYLINE.fullmatch(line) for line in lines):
        return above
    lines = [line for line in lines if not _NUMBER_LINE.fullmatch(line)]
    slugs = [line for line in lines if _SLUG_LINE.fullmatch(line)]
    plain = [line for line in lines if line not in slugs]
    if not plain:
        return above
    notes.texts["headline"] = [plain[0]]
    if slugs:
        notes.texts["slugline"] = [slugs[0]]
    return plain[1:]


def _fields(item: Item, notes: Notes, found: Dateline | None) -> dict[str, Any]:
    changes = _place(item, found) if found is not None and found.text else _checked_place(item)
    for name, texts in notes.texts.items():
        known = getattr(item, name)
        fresh = [text for text in texts if squeezed(text) not in squeezed(known or "")]
        if name == "ednote" and fresh:
            changes[name] = "\n".join(filter(None, (known, *fresh)))[:_MAX_NOTE]
        elif fresh and not known:
            changes[name] = fresh[0] if name == "headline" else fresh[0].strip("() ")
    if notes.authors:
        names = {squeezed(author.name) for author in item.authors}
        fresh_authors = [author for author in notes.authors if squeezed(author.name) not in names]
        changes["authors"] = tuple(dict.fromkeys((*item.authors, *fresh_authors)))
    if notes.signals:
        changes["signals"] = tuple(dict.fromkeys((*item.signals, *notes.signals)))
    return changes


def _place(item: Item, found: Dateline) -> dict[str, Any]:
    """The body's dateline against that of the metadata: it wins where they name different places or it says more."""
    known = place_of(item.dateline) if item.dateline else None
    same = known is not None and (
        not found.located or squeezed(known.located) == squeezed(found.located)
        or squeezed(found.text) in squeezed(item.dateline or "")
    )  # fmt: skip
    changes: dict[str, Any] = {}
    if not same or len(squeezed(found.text)) > len(squeezed(item.dateline or "")):
        changes["dateline"] = found.text
    if found.located and not (item.located and squeezed(item.located) == squeezed(found.located)):
        if item.located and squeezed(found.located.split("/")[0]) == squeezed(item.located):
            return changes
        changes["located"] = found.located
    if not found.located and not known:
        changes |= _checked_place(item.model_copy(update={"dateline": None}))
    originals = {
        f"{name} of the metadata": value[:_MAX_ORIGINAL]
        for name in ("dateline", "located")
        if changes.get(name) and (value := getattr(item, name)) and value != changes[name]
    }
    return {**changes, "originals": {**item.originals, **originals}} if originals else changes


def _checked_place(item: Item) -> dict[str, Any]:
    """Without a dateline or a place of the metadata that names none: a time, a date, an agency."""
    changes: dict[str, Any] = {}
    originals: dict[str, str] = {}
    if item.dateline:
        known = place_of(item.dateline)
        if known is None:
            changes["dateline"] = None
            originals["dateline"] = item.dateline[:_MAX_ORIGINAL]
        else:
            changes |= _as_printed(item, known)
    if item.located and "located" not in changes and not is_place(item.located):
        changes["located"] = None
        originals["located"] = item.located[:_MAX_ORIGINAL]
        if item.dateline and changes.get("dateline", "") == "" and (named := place_of(item.dateline)):
            changes["located"] = named.located
    return {**changes, "originals": {**item.originals, **originals}} if originals else changes


def _as_printed(item: Item, known: Dateline) -> dict[str, Any]:
    """A dateline without the agency, and its place without agency and country: ``CANBERRA AAP``, ``Nice (France)``."""
    changes: dict[str, Any] = {"dateline": known.text} if known.agency and known.text != item.dateline else {}
    place = known.located
    one, other = squeezed(item.located or ""), squeezed(place)
    if not one or not other or one == other:
        return changes
    if one not in other and other not in one:
        changes["located"] = place  # where it was written, not where the desk is
    elif one.startswith(other) and (known.agency or any(sign in (item.located or "") for sign in "(,")):
        changes["located"] = place
    return changes


def is_place(text: str) -> bool:
    """Whether a text can be the name of a place: it is neither a time nor a date nor a word such as ``various``."""
    if squeezed(text) in words("not_places") or not any(letter.isalpha() for letter in text):
        return False
    return place_of(text) is not None or not any(letter.isdigit() for letter in text)


def _media(item: Item) -> dict[str, Any]:
    """Media without the body's pictures that are among them already."""
    known = {medium.href for medium in item.media if medium.rendition != FIGURE}
    own = [medium for medium in item.media if medium.rendition == FIGURE and medium.href in known]
    if not own:
        return {}
    captions = {medium.href: medium.description for medium in own}
    return {"media": tuple(
        medium if medium.description else medium.model_copy(update={"description": captions.get(medium.href)})
        for medium in item.media if medium not in own
    )}  # fmt: skip


def _lines_above(item: Item) -> dict[str, Any]:
    """A subheadline without the dateline that some print there."""
    found = find_any(item.subheadline) if item.subheadline else None
    if found is None or not item.subheadline or not (found.agency and found.text):
        return {}
    return {"subheadline": item.subheadline[found.end :].strip() or None}


def _description(item: Item, parser: str, counts: list[str], body: str | None) -> dict[str, Any]:
    """The description without what a site adds to it, and none where it only repeats headline and slug."""
    if not item.description:
        return {}
    notes = take_notes([one for one in item.description.split("\n\n") if one.strip()], parser, description=True)
    counts += notes.counts
    text = "\n\n".join(notes.paragraphs).strip()
    found = find_any(text)
    if found and found.agency and found.end < len(text):
        text = text[found.end :].strip()
    said = squeezed(text)
    headline, slug = squeezed(item.headline or ""), squeezed(item.slugline or "")
    if body and len(text) >= len(body) and all(paragraph in text for paragraph in body.split("\n\n")[:_MOST_COMPARED]):
        return {"description": None}  # the text again, with the captions of its pictures
    if said and said in {headline, slug, slug + headline, headline + slug} and (body or said != headline or slug):
        counts.append("headline as description")
        text = ""
    return {"description": text or None} if text != item.description else {}
