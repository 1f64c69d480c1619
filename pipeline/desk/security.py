"""Access to the desk, and the security headers of its pages.

Bound to the loopback the desk serves the users of its machine; it answers only requests whose Host is the loopback, so
that a foreign page cannot reach it by DNS rebinding. Bound to another address it needs a token: once in the URL
(``?token=…``) or in the form, then kept as a cookie, or ``Authorization: Bearer …`` for programs. The headers of every
answer forbid what the pages do not need: no inline script or style, nothing from other origins.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import time
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.events.errors import ConfigurationError
from pipeline.settings import DeskSettings

log = structlog.get_logger("wiredesk.desk")

COOKIE = "wiredesk"
_COOKIE_SECONDS = 30 * 24 * 3600
_MOST_FORM_BYTES = 4096

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine only."""
    if host.casefold() in {"localhost", "localhost."}:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def required_token(settings: DeskSettings) -> str | None:
    """The token that requests must carry; ``None``: the desk is on the loopback and has none.

    Raises:
        ConfigurationError: the desk would be open to the network without a token.
    """
    token = settings.token.read() if settings.token else None
    if token is None and not is_loopback(settings.host):
        raise ConfigurationError(
            f"desk.host is {settings.host}: the desk would be open to the network without a token.",
            hint="Set desk.token (env: or file:), or desk.host: 127.0.0.1.",
        )
    if token is not None and len(token) < 16:
        raise ConfigurationError("desk.token is shorter than 16 characters.", hint="Create one: openssl rand -hex 24")
    return token


@dataclass
class WrongTokens:
    """Counts wrong tokens by address: the delay doubles with each, and is forgotten after ten quiet minutes."""

    first_seconds: float = 0.5
    most_seconds: float = 8.0
    forget_seconds: float = 600.0
    most_addresses: int = 1000
    _known: dict[str, tuple[int, float]] = field(default_factory=dict)

    def failed(self, address: str, now: float) -> tuple[int, float]:
        """Count one; returns the attempts of this address and the seconds to wait before the answer."""
        count, last = self._known.pop(address, (0, now))
        count = 1 if now - last > self.forget_seconds else count + 1
        self._known[address] = (count, now)  # the last of the dictionary: the first ones are forgotten first
        while len(self._known) > self.most_addresses:
            del self._known[next(iter(self._known))]
        return count, min(self.first_seconds * 2 ** min(count - 1, 10), self.most_seconds)


class Guard:
    """Middleware: checks who may enter and sets the headers of every answer."""

    def __init__(self, app: ASGIApp, token: str | None, sign_in: ASGIApp, *, https: bool = False) -> None:
        self._app = app
        self._token = token
        self._sign_in = sign_in
        self._https = https
        self._attempts = WrongTokens()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        answer = await self._refusal(scope, receive)
        await (answer or self._app)(scope, receive, send_with_headers)

    async def _refusal(self, scope: Scope, receive: Receive) -> ASGIApp | None:
        """The answer instead of the page; ``None``: the page."""
        headers = Headers(scope=scope)
        if self._token is None:
            here = is_loopback(_host_name(headers.get("host", "")))
            return (
                None
                if here
                else PlainTextResponse("This desk answers on the loopback only. Use http://127.0.0.1.", 421)
            )
        if scope["path"].startswith("/static/"):
            return None
        if scope["method"] == "POST" and scope["path"] == "/enter":
            return await self._enter(Request(scope, receive))
        given = _bearer(headers)
        if (given is not None and self._is_token(given)) or self._is_cookie(headers.get("cookie", "")):
            return None
        if given is not None:
            return await self._wrong(scope)
        return await self._by_address(scope)

    async def _by_address(self, scope: Scope) -> ASGIApp | None:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = next((value for name, value in pairs if name == "token"), None)
        if given is not None and self._is_token(given):
            if "." in scope["path"].rpartition("/")[2]:
                return None  # a feed reader: it keeps no cookies and sends the token with every request
            rest = urlencode([pair for pair in pairs if pair[0] != "token"])
            return self._welcome(scope, scope["path"] + ("?" + rest if rest else ""))
        return self._sign_in if given is None else await self._wrong(scope)

    async def _enter(self, request: Request) -> ASGIApp:
        """Read the sign-in form: one small urlencoded body."""
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
            return PlainTextResponse("Not a sign-in form.", 400)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_FORM_BYTES:
                return PlainTextResponse("The form is too large.", 413)
        try:
            pairs = parse_qsl(body.decode("ascii"), max_num_fields=5)
        except ValueError:
            return PlainTextResponse("Not a sign-in form.", 400)
        given = dict(pairs).get("token", "")
        return self._welcome(request.scope, "/") if self._is_token(given) else await self._wrong(request.scope)

    async def _wrong(self, scope: Scope) -> ASGIApp:
        """Log a wrong token and delay the answer; more and more if the same address goes on."""
        address = (scope.get("client") or ("unknown",))[0]
        count, seconds = self._attempts.failed(address, time.monotonic())
        log.warning("token_refused", address=address, path=scope["path"], attempts=count)
        await asyncio.sleep(seconds)
        return self._sign_in

    def _welcome(self, scope: Scope, path: str) -> Response:
        answer = RedirectResponse("/" + path.lstrip("/"), 303)
        answer.set_cookie(
            COOKIE,
            self._cookie_value(),
            max_age=_COOKIE_SECONDS,
            httponly=True,
            samesite="lax",
            secure=self._https or scope.get("scheme") == "https",
        )
        return answer

    def _cookie_value(self) -> str:
        """A value that proves the token without revealing it."""
        return hmac.new((self._token or "").encode(), b"wiredesk desk cookie", hashlib.sha256).hexdigest()

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self._token or "").encode())

    def _is_cookie(self, header: str) -> bool:
        try:
            morsel = SimpleCookie(header).get(COOKIE)
        except CookieError:
            return False
        return morsel is not None and hmac.compare_digest(morsel.value.encode(), self._cookie_value().encode())


def _bearer(headers: Headers) -> str | None:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.casefold() == "bearer" else None


def _host_name(host: str) -> str:
    """A Host header without its port."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
