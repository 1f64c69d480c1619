"""The desk's page of feeds: how each connector is, those that need a person first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from kafka.errors import KafkaError

from connectors.condition import Condition, condition
from connectors.config import ConnectorFile, load_directory
from connectors.state import read_states
from connectors.usual_rate import items_of_day
from pipeline.broker.topics import topics_of
from pipeline.broker.watch import answers
from pipeline.events import ConnectorState
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.desk")

_FRESH_SECONDS = 10.0
_READ_SECONDS = 10.0


@dataclass(frozen=True)
class Feed:
    """One connector as the page shows it.

    Attributes:
        name: of the connector, or of its file where that cannot be read.
        provider: who sends it.
        state: ok, new, failing, quiet, disabled, gone, broken, or unknown: Kafka does not answer.
        reason: why, in a sentence; empty where nothing is wrong.
        published: items published so far.
        new_items: of this hour and the 23 before it.
        usual_items: how many usually come in that time; ``None``: not known yet.
        last_item: when it last brought something new.
        last_success: when a poll last succeeded.
    """

    name: str
    provider: str = ""
    state: str = "unknown"
    reason: str = ""
    published: int = 0
    new_items: int | None = None
    usual_items: float | None = None
    last_item: datetime | None = None
    last_success: datetime | None = None

    @property
    def needs_person(self) -> bool:
        """Whether somebody should look at it."""
        return self.state in {"failing", "quiet", "gone", "broken"}


@dataclass(frozen=True)
class Feeds:
    """All connectors, those that need a person first; ``error``: why their states are not known."""

    feeds: Sequence[Feed]
    error: str = ""


#: Reads the newest state of every connector.
ReadStates = Callable[[], Mapping[str, ConnectorState]]


class FeedsReader:
    """Reads connectors' files and states, every ten seconds at most.

    Args:
        settings: of the installation.
        states: reads the states; ``None``: from Kafka.
    """

    def __init__(self, settings: Settings, states: ReadStates | None = None) -> None:
        self._settings = settings
        self._states = states or self._from_kafka
        self._lock = threading.Lock()
        self._known = Feeds(())
        self._at = -_FRESH_SECONDS

    def __call__(self) -> Feeds:
        """The feeds of at most ten seconds ago."""
        with self._lock:
            if time.monotonic() - self._at >= _FRESH_SECONDS:
                self._known = self._read(datetime.now(UTC))
                self._at = time.monotonic()
            return self._known

    def _read(self, now: datetime) -> Feeds:
        files = load_directory(self._settings.connectors.directory)
        try:
            states: Mapping[str, ConnectorState] | None = self._states()
            error = ""
        except (KafkaError, OSError) as raised:
            log.warning("connector_states_unreadable", error=str(raised))
            states, error = None, f"Kafka does not answer, so the states of the feeds are not known: {raised}."
        feeds = [_feed(file, states, now) for file in files]
        return Feeds(
            sorted(feeds, key=lambda feed: (not feed.needs_person, feed.state == "disabled", feed.name)), error
        )

    def _from_kafka(self) -> Mapping[str, ConnectorState]:
        if not answers(self._settings.kafka):  # the clients themselves would try for half a minute
            raise OSError(f"nothing answers at {self._settings.kafka.bootstrap_servers}")
        topic = topics_of(self._settings).connectors.name
        return read_states(self._settings.kafka, topic, None, _READ_SECONDS)


def _feed(file: ConnectorFile, states: Mapping[str, ConnectorState] | None, now: datetime) -> Feed:
    config = file.config
    if config is None:
        return Feed(file.path.stem, state="broken", reason=file.problem)
    if states is None:
        return Feed(config.name, config.provider, "unknown" if config.enabled else "disabled")
    state = states.get(config.name)
    found: Condition = condition(config, state)
    if state is None:
        return Feed(config.name, config.provider, found.name, found.reason)
    return Feed(
        config.name,
        config.provider,
        found.name,
        found.reason,
        state.items_published,
        *items_of_day(state.usual_rate, now),
        state.usual_rate.last_item,
        state.last_success,
    )
