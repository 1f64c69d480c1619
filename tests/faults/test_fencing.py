"""A worker that was suspended while another took over its partitions writes nothing of what it had in its hands."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition

from pipeline.broker.topics import topics_of

pytestmark = pytest.mark.stack


def written(lab: Any) -> list[int]:
    """What was written to the compacted topic, in order; compaction would keep the last one of each key."""
    topic = TopicPartition(topics_of(lab.settings).enriched.name, 0)
    consumer = KafkaConsumer(bootstrap_servers=lab.settings.kafka.bootstrap_servers, group_id=None,
                             enable_auto_commit=False)  # fmt: skip
    consumer.assign([topic])
    consumer.seek_to_beginning(topic)
    end, values = consumer.end_offsets([topic])[topic], []
    while consumer.position(topic) < end:
        for records in consumer.poll(timeout_ms=200).values():
            values += [int(record.value) for record in records]
    consumer.close()
    return values


def test_a_late_write_never_follows_the_newer_one(lab: Any) -> None:
    lab.feed({"n": 1, "do": "write", "key": "story", "seconds": 2}, partition=0)
    first = lab.start()
    time.sleep(1)
    first.send_signal(signal.SIGSTOP)
    second = lab.start()
    lab.feed({"n": 2, "do": "write", "key": "story"}, partition=0)
    lab.wait_for(lambda: written(lab)[-1:] == [2], 40, "the second worker took over")
    first.send_signal(signal.SIGCONT)
    lab.feed({"n": 3, "do": "pass"}, {"n": 4, "do": "pass"}, partition=0)
    lab.feed({"n": 5, "do": "pass"}, {"n": 6, "do": "pass"}, partition=1)
    lab.wait_passed({3, 4, 5, 6}, 40)
    time.sleep(3)
    assert written(lab)[-1] == 2
    assert lab.dead() == []
    assert lab.stop(first) == 0
    assert lab.stop(second) == 0
