"""Transports: how a feed's bytes arrive. One module a transport, found by its ``type``.

A transport has options (a settings type with ``type``) and ``poll``: look once, give what there is. What it gives is
settled only after everything in it is durable in Kafka.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from connectors.transports.folder import FolderTransport
from connectors.transports.http import HttpTransport

AnyTransport = Annotated[HttpTransport | FolderTransport, Field(discriminator="type")]
