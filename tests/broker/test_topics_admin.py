"""Where an existing topic differs from what the settings ask for."""

from __future__ import annotations

import pytest
from kafka.errors import InvalidReplicationFactorError, KafkaConnectionError, TopicAuthorizationFailedError

from pipeline.broker import topics_admin
from pipeline.broker.topics import Topic, topics_of
from pipeline.broker.topics_admin import ensure_topics, topic_configs, topic_differences
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.settings import KafkaSettings, Settings

SETTINGS = Settings(kafka=KafkaSettings(replication_factor=3, max_message_bytes=1_000_000))
TOPICS = topics_of(SETTINGS)


def actual(topic: Topic, **changes: str) -> dict[str, str]:
    return topic_configs(topic, SETTINGS) | {key.replace("_", "."): value for key, value in changes.items()}


def test_two_of_three_copies_must_have_a_message() -> None:
    assert {topic_configs(topic, SETTINGS)["min.insync.replicas"] for topic in TOPICS.all()} == {"2"}
    alone = Settings(kafka=KafkaSettings(replication_factor=1))
    assert topic_configs(TOPICS.raw, alone)["min.insync.replicas"] == "1"


@pytest.mark.parametrize("topic", TOPICS.all(), ids=lambda topic: topic.name)
def test_what_was_created_by_us_differs_in_nothing(topic: Topic) -> None:
    assert topic_differences(topic, actual(topic), SETTINGS) == []


@pytest.mark.parametrize(
    ("topic", "changes"),
    [
        (TOPICS.dead, {"max_message_bytes": "1000000"}),
        (TOPICS.enriched, {"cleanup_policy": "delete"}),
        (TOPICS.items, {"cleanup_policy": "compact,delete"}),
        (TOPICS.stories, {"retention_ms": "1000"}),
    ],
)
def test_what_loses_data_is_an_error_that_says_what_to_change(topic: Topic, changes: dict[str, str]) -> None:
    (difference,) = topic_differences(topic, actual(topic, **changes), SETTINGS)
    assert difference.loses_data
    key = next(iter(changes)).replace("_", ".")
    wanted = topic_configs(topic, SETTINGS)[key]
    assert f"--entity-name {topic.name} --add-config {key}={wanted}" in difference.text


@pytest.mark.parametrize(
    ("topic", "changes"),
    [(TOPICS.raw, {"retention_ms": "1000"}), (TOPICS.enriched, {"min_insync_replicas": "1"})],
)
def test_a_choice_of_the_operator_is_only_logged(topic: Topic, changes: dict[str, str]) -> None:
    (difference,) = topic_differences(topic, actual(topic, **changes), SETTINGS)
    assert not difference.loses_data


@pytest.mark.parametrize(
    "changes", [{"retention_ms": "-1"}, {"max_message_bytes": "99000000"}, {"min_cleanable_dirty_ratio": "0.1"}]
)
def test_more_than_was_asked_for_is_fine(changes: dict[str, str]) -> None:
    assert topic_differences(TOPICS.stories, actual(TOPICS.stories, **changes), SETTINGS) == []


@pytest.mark.parametrize(
    ("raised", "becomes", "says"),
    [
        (TopicAuthorizationFailedError("wire.raw"), ConfigurationError, "does not allow it"),
        (KafkaConnectionError("no connection"), UnreachableError, "does not answer"),
        (ConnectionRefusedError(), UnreachableError, "does not answer"),
        (InvalidReplicationFactorError("1 broker"), UnreachableError, "InvalidReplicationFactor"),
    ],
)
def test_what_kafka_refuses_is_a_message_never_a_traceback(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, becomes: type[Exception], says: str
) -> None:
    def refuse(_: Settings) -> list[str]:
        raise raised

    monkeypatch.setattr(topics_admin, "_ensure", refuse)
    with pytest.raises(becomes, match=says):
        ensure_topics(SETTINGS)


def test_a_broker_is_waited_for_until_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts, told = list[int](), list[str]()

    def refuse(_: Settings) -> list[str]:
        attempts.append(1)
        raise KafkaConnectionError("no connection")

    monkeypatch.setattr(topics_admin, "_ensure", refuse)
    with pytest.raises(UnreachableError):
        ensure_topics(SETTINGS, wait_seconds=float("inf"), on_wait=told.append, pause=lambda _: len(attempts) == 4)
    assert len(attempts) == 4
    assert told == [f"waiting for Kafka at {SETTINGS.kafka.bootstrap_servers}"]
