"""Transports: how a feed's bytes arrive. One module per transport, found by its ``type``.

A transport is a settings type with ``type``, its options and ``poll``. A payload is settled (moved, deleted) only after
everything in it is durable in Kafka. Another package adds a transport by the entry point group
``wiredesk.transports`` (type → class).
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Field

from connectors.transports.folder import FolderTransport
from connectors.transports.ftp import FtpTransport
from connectors.transports.http import HttpTransport
from connectors.transports.imap import ImapTransport
from connectors.transports.sftp import SftpTransport
from connectors.transports.webhook import WebhookTransport
from connectors.transports.websub import WebSubTransport
from pipeline.events.errors import ConfigurationError

BUILT_IN = (
    HttpTransport, FolderTransport, WebhookTransport, WebSubTransport, SftpTransport, FtpTransport, ImapTransport,
)  # fmt: skip


def _extensions() -> list[Any]:
    found = []
    for point in sorted(entry_points(group="wiredesk.transports"), key=lambda point: point.name):
        try:
            found.append(point.load())
        except Exception as error:
            raise ConfigurationError(
                f"The transport {point.name!r} ({point.value}) cannot be loaded: {type(error).__name__}: {error}."
            ) from error
    return found


if TYPE_CHECKING:
    AnyTransport = (
        HttpTransport | FolderTransport | WebhookTransport | WebSubTransport | SftpTransport | FtpTransport
        | ImapTransport
    )  # fmt: skip
else:
    AnyTransport = Annotated[Union[*BUILT_IN, *_extensions()], Field(discriminator="type")]
