"""Remove secrets and control characters from everything that is written for people: messages, logs, stored states.

Three kinds of secrets are known: those that were read (:meth:`pipeline.settings.Secret.read` reports each), names and
passwords in addresses, and values of query parameters whose name or form says that they are a key.
"""

from __future__ import annotations

import re
import threading
from urllib.parse import quote, quote_plus

HIDDEN = "***"
#: A shorter value is not looked for: it would be found within ordinary words.
_MIN_CHARS = 6
_USERINFO = re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://)[^\s/?#@\"'<>]{1,500}@", re.IGNORECASE)
_PARAMETER = re.compile(r"([?&;]([^\s=&;#?\"'<>]{1,100})=)([^\s&;#\"'<>]{1,2000})")
_KEY_NAME = re.compile(
    r"key|token|secret|pass|pwd|auth|sig|signature|credential|session|api|hash|hmac|jwt|sid|code", re.IGNORECASE
)
_KEY_VALUE = re.compile(r"\A[\w.~%+/=-]{20,}\Z")
_DIGIT, _LETTER = re.compile(r"[0-9]"), re.compile(r"[A-Za-z]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class _Known:
    """The secrets that this process has read, as one pattern."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, value: str) -> None:
        if len(value) < _MIN_CHARS or value in self._values:
            return
        with self._lock:
            forms = {value, quote(value, safe=""), quote_plus(value), value.encode("unicode_escape").decode()}
            self._values |= forms
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def hide(self, text: str) -> str:
        return self._pattern.sub(HIDDEN, text) if self._pattern else text


_known = _Known()


def hide_from_now_on(secret: str) -> None:
    """Remove this value from every text that passes :func:`redact` from now on."""
    _known.add(secret)


def redact(text: str) -> str:
    """The text without secrets; harmless text is unchanged.

    Args:
        text: a message, an address, a line of a log.
    """
    text = _known.hide(text)
    if "://" in text:
        text = _USERINFO.sub(rf"\1{HIDDEN}@", text)
    return _PARAMETER.sub(_hide_value, text) if "=" in text else text


def _hide_value(found: re.Match[str]) -> str:
    if _KEY_NAME.search(found[2]) or _is_random(found[3]):
        return f"{found[1]}{HIDDEN}"
    return found[0]


def _is_random(value: str) -> bool:
    """Whether a value looks like a key: long, and of letters and digits."""
    return bool(_KEY_VALUE.search(value) and _DIGIT.search(value) and _LETTER.search(value))


def visible(text: str) -> str:
    """The text with control characters (C0 without tab and newline, DEL, C1) as escapes: a terminal obeys none."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def visible_json(text: str) -> str:
    """JSON whose control characters are escapes: JSON itself leaves DEL and C1 as they are."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
