"""HTML that is so simple that its safe form and its text are known without a reader of HTML.

Paragraphs without attributes, plain links and bold or italic words between characters that mean nothing in HTML: most
of what feeds carry. Anything else is not simple.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import NamedTuple

#: Characters that every reader and writer of HTML leaves as they are.
_CHARACTER = "[^<>&\x00-\x1f\x7f-\xa0\xad\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
_REFERENCE = (
    r"&(?:quot|[lr][sd]quo|[mn]dash|hellip|[aouAOU]uml|[aeiou]acute|szlig|euro|copy|"
    r"#(?:8[0-9]{3}|2[0-4][0-9]|19[2-9]));"
)
_NAMES = r'(?: (?:class|rel|target)="[a-z_ -]*+")*+'
_ADDRESS = r"https?://[A-Za-z0-9.-]++(?:/[A-Za-z0-9_.~/%+=,@-]*+)?+(?:\?[A-Za-z0-9_.~/%+=,@-]++)?+"
_LINK = rf'<a{_NAMES} href="{_ADDRESS}"{_NAMES}>'
#: What may be in a paragraph, but for the order of its tags.
_INLINE = re.compile(rf"\A(?:{_CHARACTER}|{_REFERENCE}|</?(?:b|strong|i|em)>|</a>|{_LINK})*+\Z")
_LINK_TAG = re.compile(rf'<a{_NAMES} href="(?P<href>[^"]*+)"{_NAMES}>')
_TAG = re.compile("<[^<>]*+>")
_SAFE_LINK = r'<a href="\g<href>" rel="noopener noreferrer nofollow">'
_MAX_CHARS = 200_000


class SimpleMarkup(NamedTuple):
    """What simple HTML is.

    Attributes:
        safe: HTML as the allow-list leaves it.
        text: one blank line between paragraphs.
    """

    safe: str
    text: str


@lru_cache(16)
def simple_markup(markup: str) -> SimpleMarkup | None:
    """The safe form and the text of HTML; ``None`` where it is not simple."""
    if len(markup) > _MAX_CHARS:
        return None
    inner = _paragraphs(markup) if "</p>" in markup else [markup]
    if inner is None or not all(_INLINE.match(part) and _are_paired(part) for part in inner):
        return None
    safe = _LINK_TAG.sub(_SAFE_LINK, markup) if "<a" in markup else markup
    texts = (" ".join(html.unescape(_TAG.sub("", part)).split()) for part in inner)
    return SimpleMarkup(html.unescape(safe).strip(), "\n\n".join(text for text in texts if text))


def _paragraphs(markup: str) -> list[str] | None:
    """What is in each paragraph; ``None`` where there is something else than paragraphs."""
    *parts, rest = markup.split("</p>")
    starts = [part.lstrip(" \n") for part in parts]
    if rest.strip(" \n") or not all(part.startswith("<p>") for part in starts):
        return None
    return [part[3:] for part in starts]


def _are_paired(part: str) -> bool:
    """Whether each tag is closed before the next one begins."""
    if "<" not in part:
        return True
    tags = _TAG.findall(part)
    return len(tags) % 2 == 0 and all(
        not opened.startswith("</") and closed == f"</{opened[1:-1].split(' ', 1)[0]}>"
        for opened, closed in zip(tags[::2], tags[1::2], strict=True)
    )
