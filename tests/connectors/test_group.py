"""A process of connectors keeps its place in the consumer group, whatever the client forgets."""

from __future__ import annotations

import time
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.coordinator.consumer import ConsumerCoordinator

from pipeline.broker.topics import topics_of
from tests.connectors.running import over_http, running, wait_for, write_connector

pytestmark = pytest.mark.stack

#: Longer than one wait of the main loop for the client.
_LONGER_THAN_A_ROUND = 1.5


def test_a_leader_whose_round_ends_between_joining_and_its_assignment_is_back_in_the_group(
    broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client asks "must I join?" once a round, and its own assignment is what made the answer no."""
    assigned: list[int] = []
    assign = ConsumerCoordinator._perform_assignment

    def slowly(coordinator: Any, *arguments: Any) -> Any:
        result = assign(coordinator, *arguments)
        if not assigned:
            time.sleep(_LONGER_THAN_A_ROUND)
        assigned.append(1)
        return result

    write_connector(broker, "feed", over_http("http://127.0.0.1:9/feed"))
    with running(broker) as service:
        wait_for(lambda: not service.obstacles())
        monkeypatch.setattr(ConsumerCoordinator, "_perform_assignment", slowly)
        add_partition(broker)
        # The leader finds the new partition and asks the group to share all of them out again.
        wait_for(lambda: assigned, seconds=30)
        wait_for(lambda: not service.obstacles(), seconds=30)
        assert service.health()


def add_partition(broker: Any) -> None:
    topic = topics_of(broker.settings).connectors
    admin = KafkaAdminClient(bootstrap_servers=broker.settings.kafka.bootstrap_servers)
    try:
        admin.create_partitions({topic.name: broker.settings.kafka.partitions + 1})
    finally:
        admin.close()
