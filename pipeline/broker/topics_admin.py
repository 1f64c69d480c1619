"""Creates the topics, and says where an existing one differs from what the settings ask for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
)

from pipeline.broker.access import require_access
from pipeline.broker.kafka_clients import kafka_admin
from pipeline.broker.retry import RetryPolicy, until_reached_blocking
from pipeline.broker.topics import Topic, topics_of
from pipeline.broker.watch import answers
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.settings import Settings

log = structlog.get_logger("wiredesk.topics")

_LEADER_SECONDS = 10.0
_NOT_ALLOWED = (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def topic_configs(topic: Topic, settings: Settings) -> dict[str, str]:
    """A topic's configuration. Dead letters carry their original in base64, so their limit is twice the others'."""
    limit = settings.kafka.max_message_bytes * (2 if topic.name.endswith(".dead") else 1)
    # With three copies a message counts as written only once two have it: one broker may be lost at any moment.
    in_sync = 2 if settings.kafka.replication_factor >= 3 else 1
    configs = {
        "cleanup.policy": topic.policy,
        "max.message.bytes": str(limit),
        "min.insync.replicas": str(in_sync),
    }
    if topic.retention_ms is not None:
        configs["retention.ms"] = str(topic.retention_ms)
    else:
        # A compacted partition is cleaned once half of it is stale; large stories make that soon enough.
        configs["min.cleanable.dirty.ratio"] = "0.5"
    return configs


def ensure_topics(
    settings: Settings,
    *,
    wait_seconds: float = 0,
    on_wait: Callable[[str], None] | None = None,
    pause: Callable[[float], bool] = _sleep,
) -> list[str]:
    """Create the topics that are missing; returns the names of those created.

    Args:
        settings: names, partitions, replication.
        wait_seconds: how long to wait for a broker.
        on_wait: told once if it must be waited for.
        pause: waits so many seconds; ``True``: give up.

    Raises:
        ConfigurationError: a topic differs from the settings in a way that loses data, or a broker refuses the log-in.
        UnreachableError: no broker answers in time.
    """
    told = False

    def tell(_: UnreachableError) -> None:
        nonlocal told
        if on_wait and not told and wait_seconds:
            on_wait(f"waiting for Kafka at {settings.kafka.bootstrap_servers}")
        told = True

    return until_reached_blocking(
        lambda: _attempt(settings), RetryPolicy(0.5, 5), "startup", seconds=wait_seconds, pause=pause, on_failure=tell
    )


def _attempt(settings: Settings) -> list[str]:
    servers = settings.kafka.bootstrap_servers
    try:
        return _ensure(settings)
    except _NOT_ALLOWED as error:
        raise ConfigurationError(
            f"Kafka at {servers} does not allow it: {type(error).__name__}: {error}.",
            hint="Give this user the rights to describe and create the topics and to read their configuration.",
        ) from error
    except (KafkaError, OSError) as error:
        raise UnreachableError(
            f"Kafka does not answer at {servers}: {type(error).__name__}: {error}.",
            hint="Start it (wiredesk stack start), or set kafka.bootstrap_servers.",
            system="kafka",
        ) from error


def _ensure(settings: Settings) -> list[str]:
    if not answers(settings.kafka):  # the client itself would try for half a minute
        raise KafkaConnectionError("no connection")
    require_access(settings.kafka)
    admin = kafka_admin(settings.kafka)
    try:
        wanted = topics_of(settings).all()
        existing = set(admin.list_topics())
        created = [topic.name for topic in wanted if topic.name not in existing and _create(admin, topic, settings)]
        _wait_for_leaders(admin, wanted)
        present = [topic for topic in wanted if topic.name in existing]
        _check_partitions(admin, present)
        _check_configs(admin, present, settings)
    finally:
        admin.close()
    return created


def _create(admin: Any, topic: Topic, settings: Settings) -> bool:
    """Create a topic; ``False``: another process was quicker."""
    new = NewTopic(
        topic.name, topic.partitions, settings.kafka.replication_factor, topic_configs=topic_configs(topic, settings)
    )
    try:
        admin.create_topics([new])
    except TopicAlreadyExistsError:
        return False
    return True


def _wait_for_leaders(admin: Any, topics: Sequence[Topic]) -> None:
    """Wait until the broker knows every partition with its leader.

    A consumer group that is formed before shares out what there is by then, and does not check again for minutes.
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
                hint="Set kafka.partitions to the existing number: a message's partition follows from its key.",
            )


def _check_configs(admin: Any, topics: list[Topic], settings: Settings) -> None:
    """Compare the configuration of existing topics; what loses data is an error, anything else a line in the log."""
    if not topics:
        return
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    described = admin.describe_configs(resources, config_filter="all")
    by_name = next(iter(described.values()))
    problems = list[str]()
    for topic in topics:
        actual = {key: str(entry["value"]) for key, entry in by_name[topic.name].items()}
        for difference in topic_differences(topic, actual, settings):
            if difference.loses_data:
                problems.append(difference.text)
            else:
                log.warning("topic_differs", topic=topic.name, difference=difference.text)
    if problems:
        raise ConfigurationError("\n".join(problems), hint="Change the topics, or the settings, and start again.")


@dataclass(frozen=True)
class TopicDifference:
    """Where a topic's configuration differs from what the settings ask for."""

    text: str
    loses_data: bool


def topic_differences(topic: Topic, actual: Mapping[str, str], settings: Settings) -> list[TopicDifference]:
    """Where an existing topic keeps or takes less than it should. Pure.

    Args:
        topic: as it should be.
        actual: the topic's configuration as Kafka describes it.
        settings: limits and replication.
    """
    found = []
    for key, wanted in topic_configs(topic, settings).items():
        value = actual.get(key)
        if value is None or not _falls_short(key, value, wanted):
            continue
        loses_data = key in {"cleanup.policy", "max.message.bytes"} or (
            # The cluster stage restores its window from this topic.
            key == "retention.ms" and topic.name == topics_of(settings).stories.name
        )
        change = f"kafka-configs.sh --alter --entity-type topics --entity-name {topic.name} --add-config {key}={wanted}"
        text = f"Topic {topic.name} has {key}={value}, the settings need {wanted}: {change}"
        found.append(TopicDifference(text, loses_data))
    return found


def _falls_short(key: str, value: str, wanted: str) -> bool:
    if key == "cleanup.policy":
        return set(value.split(",")) != set(wanted.split(","))
    if key == "min.cleanable.dirty.ratio":
        return False
    if key == "retention.ms" and int(value) < 0:  # for ever
        return False
    return int(value) < int(wanted)
