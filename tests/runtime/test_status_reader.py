"""A reader of the status that cannot be opened leaves no connection behind: it is tried again and again."""

from __future__ import annotations

from typing import Any

import pytest
from kafka.errors import KafkaConnectionError

from pipeline.events.errors import UnreachableError
from pipeline.runtime import status
from pipeline.settings import Settings


class Client:
    """An admin client."""

    closed = False

    def close(self) -> None:
        self.closed = True


def test_what_was_opened_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: Any) -> None:
        raise KafkaConnectionError("refused")

    admin = Client()
    monkeypatch.setattr(status, "answers", lambda _: True)
    monkeypatch.setattr(status, "kafka_admin", lambda _: admin)
    monkeypatch.setattr(status, "open_consumer", refused)
    with pytest.raises(UnreachableError, match="refused"):
        status.StatusReader(Settings())
    assert admin.closed
