r"""Regular expressions whose time grows with the text's length alone: RE2, with Python's meaning of the classes.

For patterns that are data (mappings, rules) and text from outside. RE2 has no look-around and no back-references; its
``\b`` knows ASCII letters only. ``\w``, ``\d`` and ``\s`` mean what they mean in Python: letters, digits and blanks
of all scripts.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import re2

_LETTERS = r"\p{L}\p{N}_"
_BLANKS = r"\t\n\v\f\r \x{85}\p{Z}"
_OUTSIDE = {
    "w": f"[{_LETTERS}]", "W": f"[^{_LETTERS}]", "d": r"\p{Nd}", "D": r"\P{Nd}", "s": f"[{_BLANKS}]",
    "S": f"[^{_BLANKS}]", "Z": r"\z",
}  # fmt: skip
_INSIDE = {"w": _LETTERS, "d": r"\p{Nd}", "D": r"\P{Nd}", "s": _BLANKS}
#: A class of letters only, as Python has to write it.
_LETTER = r"[^\W\d_]"
#: How much memory a pattern may take, in bytes, before the slower of RE2's linear algorithms is used.
_MAX_MEMORY = 4 * 1024 * 1024


@cache
def compile_linear(pattern: str) -> Any:
    """A pattern with the methods of ``re.Pattern``; positions of groups are given by number only.

    Args:
        pattern: in Python's syntax, flags written within: ``(?i)``.

    Raises:
        ValueError: not a regular expression, or one that RE2 cannot run; the message says why.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        return re2.compile(_translated(pattern), options)
    except re2.error as error:
        why = error.args[0] if error.args else "unknown"
        why = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        if "(?<" in pattern or "(?=" in pattern or "(?!" in pattern:
            why = "look-around ((?=…), (?!…), (?<=…), (?<!…)) is not supported, so that every search is fast"
        raise ValueError(f"not a regular expression that can be used here: {why}") from error


def _translated(pattern: str) -> str:
    """The pattern in RE2's syntax."""
    pattern = pattern.replace(_LETTER, r"\p{L}")
    parts: list[str] = []
    place, inside = 0, False
    while place < len(pattern):
        sign = pattern[place]
        if sign == "\\" and place + 1 < len(pattern):
            escaped = pattern[place + 1]
            width = {"u": 4, "U": 8}.get(escaped)
            if width:
                parts.append(f"\\x{{{pattern[place + 2 : place + 2 + width]}}}")
                place += 2 + width
                continue
            if inside and escaped in "WS":
                raise ValueError(f"\\{escaped} within [ ] is not supported; name the characters that are meant")
            plain = escaped if not escaped.isascii() else sign + escaped
            parts.append((_INSIDE if inside else _OUTSIDE).get(escaped, plain))
            place += 2
            continue
        if sign == "[" and inside:
            sign = r"\["
        elif sign == "[":
            inside = True
            if pattern[place + 1 : place + 2] == "^":
                sign, place = "[^", place + 1
            if pattern[place + 1 : place + 2] == "]":
                sign, place = sign + r"\]", place + 1
        elif sign == "]":
            inside = False
        parts.append(sign)
        place += 1
    return "".join(parts)
