"""What a request is, other than its address: the body of a POST, the proxy that it takes, whom TLS trusts."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import httpcore
import orjson
from pydantic import Field, field_validator, model_validator

from connectors.safety import ForbiddenAddressError, allowed_addresses
from connectors.transports.credentials import trusted_by
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Secret, Section


def secret_text(value: str | Secret) -> str:
    """A value of a connector's file, read where it is a secret."""
    return value.read() if isinstance(value, Secret) else value


class PostBody(Section):
    """What is sent with POST: one of ``graphql``, ``data``, ``form`` and ``text``."""

    graphql: str | None = Field(None, description="A GraphQL query; sent as JSON with its variables.")
    variables: dict[str, Any] = Field(default_factory=dict, description="Of the GraphQL query.")
    data: dict[str, Any] | list[Any] | None = Field(None, description="Sent as JSON.")
    form: dict[str, str | Secret] | None = Field(None, description="Sent as a form; a value may be a secret.")
    text: str | None = Field(None, description="Sent as it is.")
    content_type: str = Field("text/plain; charset=utf-8", description="Of the text.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in ("graphql", "data", "form", "text") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("name one of graphql, data, form and text")
        if self.variables and self.graphql is None:
            raise ValueError("variables belong to graphql")
        return self

    def encoded(self) -> tuple[bytes, str]:
        """The body and its content type.

        Raises:
            ConfigurationError: a secret cannot be read.
        """
        if self.graphql is not None:
            return orjson.dumps({"query": self.graphql, "variables": self.variables}), "application/json"
        if self.data is not None:
            return orjson.dumps(self.data), "application/json"
        if self.form is not None:
            pairs = {name: secret_text(value) for name, value in self.form.items()}
            return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        return (self.text or "").encode(), self.content_type


class Proxy(Section):
    """An HTTP proxy; it connects to the feed, and must itself refuse what is not public."""

    url: str = Field(description="http or https address of the proxy.")
    username: str | None = Field(None, description="User name at the proxy.")
    password: Secret | None = Field(None, description="Password at the proxy.")

    @field_validator("url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
            raise ValueError("an http or https address is expected, without user name and password")
        return value

    def pool(self, context: ssl.SSLContext, backend: httpcore.NetworkBackend) -> httpcore.HTTPProxy:
        """Connections through the proxy.

        Raises:
            ConfigurationError: the password cannot be read.
        """
        login = (self.username or "", self.password.read() if self.password else "")
        return httpcore.HTTPProxy(
            self.url,
            proxy_auth=login if any(login) else None,
            ssl_context=context,
            max_connections=1,
            network_backend=backend,
        )


def check_target(url: str, *, allow_private: bool) -> None:
    """Check an address that a proxy will connect to, as far as its name can be resolved here.

    Raises:
        ForbiddenAddressError: it is not public.
    """
    parts = urlsplit(url)
    try:
        allowed_addresses(parts.hostname or "", parts.port or 443, allow_private=allow_private)
    except ForbiddenAddressError:
        raise
    except OSError:
        return  # only the proxy can resolve it


@lru_cache(maxsize=64)
def trusting(ca_file: Path, _changed: float) -> ssl.SSLContext:
    """As :func:`trusted_by`, remembered."""
    return trusted_by(ca_file)


def own_authority(ca_file: Path) -> ssl.SSLContext:
    """As :func:`trusting`, and read again once the file has changed.

    Raises:
        ConfigurationError: it cannot be read.
    """
    try:
        changed = ca_file.stat().st_mtime
    except OSError as error:
        raise ConfigurationError(f"transport.ca_file: {ca_file}: {error.strerror}.") from error
    return trusting(ca_file, changed)
