"""Where an existing topic differs from what the settings ask for."""

from __future__ import annotations

import pytest

from pipeline.broker.topics import Topic, topics_of
from pipeline.broker.topics_admin import topic_configs, topic_differences
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
