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
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.events.errors import ConfigurationError
from pipeline.settings import DeskSettings

COOKIE = "wiredesk"
_COOKIE_SECONDS = 30 * 24 * 3600
_WRONG_TOKEN_SECONDS = 0.5

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
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


class Guard:
    """Middleware: checks who may enter and sets the headers of every answer."""

    def __init__(self, app: ASGIApp, token: str | None, sign_in: ASGIApp) -> None:
        self._app = app
        self._token = token
        self._sign_in = sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
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
        return await self._by_address(scope)

    async def _by_address(self, scope: Scope) -> ASGIApp | None:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = next((value for name, value in pairs if name == "token"), None)
        if given is not None and self._is_token(given):
            if "." in scope["path"].rpartition("/")[2]:
                return None  # a feed reader: it keeps no cookies and sends the token with every request
            rest = urlencode([pair for pair in pairs if pair[0] != "token"])
            return self._welcome(scope, scope["path"] + ("?" + rest if rest else ""))
        if given is not None:
            await asyncio.sleep(_WRONG_TOKEN_SECONDS)
        return self._sign_in

    async def _enter(self, request: Request) -> ASGIApp:
        form = await request.form(max_files=0, max_fields=5)
        if self._is_token(str(form.get("token", ""))):
            return self._welcome(request.scope, "/")
        await asyncio.sleep(_WRONG_TOKEN_SECONDS)
        return self._sign_in

    def _welcome(self, scope: Scope, path: str) -> Response:
        answer = RedirectResponse("/" + path.lstrip("/"), 303)
        answer.set_cookie(
            COOKIE,
            self._cookie_value(),
            max_age=_COOKIE_SECONDS,
            httponly=True,
            samesite="lax",
            secure=scope.get("scheme") == "https",
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
