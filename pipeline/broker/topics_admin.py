"""Creates the topics, and says where an existing one differs from what the settings ask for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from kafka.admin import NewTopic
from kafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError

from pipeline.broker.access import require_access
from pipeline.broker.kafka_clients import kafka_admin
from pipeline.broker.topics import Topic, topics_of
from pipeline.broker.watch import answers
from pipeline.events.errors import ConfigurationError
from pipeline.settings import Settings

_LEADER_SECONDS = 10.0


def topic_configs(topic: Topic, settings: Settings) -> dict[str, str]:
    """A topic's configuration. Dead letters carry their original in base64, so their limit is twice the others'."""
    limit = settings.kafka.max_message_bytes * (2 if topic.name.endswith(".dead") else 1)
    configs = {"cleanup.policy": topic.policy, "max.message.bytes": str(limit)}
    if topic.retention_ms is not None:
        configs["retention.ms"] = str(topic.retention_ms)
    else:
        # A compacted partition is cleaned once half of it is stale; large stories make that soon enough.
        configs["min.cleanable.dirty.ratio"] = "0.5"
    return configs


def ensure_topics(
    settings: Settings, *, wait_seconds: float = 0, on_wait: Callable[[str], None] | None = None
) -> list[str]:
    """Create the topics that are missing; returns the names of those created.

    Args:
        settings: names, partitions, replication.
        wait_seconds: how long to wait for a broker.
        on_wait: told once if it must be waited for.

    Raises:
        ConfigurationError: a topic exists with fewer partitions than it needs, a broker refuses the log-in, or none
            answers in time.
    """
    deadline = time.monotonic() + wait_seconds
    told = False
    while True:
        try:
            return _ensure(settings)
        except KafkaError as error:
            if time.monotonic() >= deadline:
                raise ConfigurationError(
                    f"Kafka does not answer at {settings.kafka.bootstrap_servers}: {error}.",
                    hint="Start it (wiredesk stack start), or set kafka.bootstrap_servers.",
                ) from error
            if on_wait and not told:
                on_wait(f"waiting for Kafka at {settings.kafka.bootstrap_servers}")
                told = True
            time.sleep(1)


def _ensure(settings: Settings) -> list[str]:
    if not answers(settings.kafka):  # the client itself would try for half a minute
        raise KafkaConnectionError("no connection")
    require_access(settings.kafka)
    admin = kafka_admin(settings.kafka)
    try:
        wanted = topics_of(settings).all()
        existing = set(admin.list_topics())
        missing = [topic for topic in wanted if topic.name not in existing]
        created = []
        for topic in missing:
            new = NewTopic(
                topic.name,
                topic.partitions,
                settings.kafka.replication_factor,
                topic_configs=topic_configs(topic, settings),
            )
            try:
                admin.create_topics([new])
                created.append(topic.name)
            except TopicAlreadyExistsError:
                continue
        _wait_for_leaders(admin, wanted)
        _check_partitions(admin, [topic for topic in wanted if topic.name in existing])
    finally:
        admin.close()
    return created


def _wait_for_leaders(admin: Any, topics: Sequence[Topic]) -> None:
    """Wait until the broker knows every partition with its leader.

    A consumer group that is formed before shares out what there is by then, and does not look again for minutes.
    """
    deadline = time.monotonic() + _LEADER_SECONDS
    while True:
        described = {entry["name"]: entry for entry in admin.describe_topics([topic.name for topic in topics])}
        ready = all(
            sum(part["leader_id"] >= 0 and part["error_code"] == 0 for part in described[topic.name]["partitions"])
            >= topic.partitions
            for topic in topics
            if topic.name in described
        )
        if ready or time.monotonic() > deadline:
            return
        time.sleep(0.1)


def _check_partitions(admin: Any, topics: list[Topic]) -> None:
    if not topics:
        return
    described = admin.describe_topics([topic.name for topic in topics])
    counts = {entry["name"]: len(entry["partitions"]) for entry in described}
    for topic in topics:
        if counts.get(topic.name, topic.partitions) != topic.partitions:
            raise ConfigurationError(
                f"Topic {topic.name} has {counts[topic.name]} partitions, the settings ask for {topic.partitions}.",
                hint="Set kafka.partitions to what is there: a message's partition follows from its key.",
            )
