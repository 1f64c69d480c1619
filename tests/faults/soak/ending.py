"""The end of a run: wait until everything has arrived, read what there is, compare it with what must be."""

from __future__ import annotations

import time
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.topics import Topic, topics_of
from pipeline.events import DeadLetter, RawItem
from pipeline.events.errors import RejectError, UnreachableError
from pipeline.index.mapping import IndexNames
from pipeline.runtime.status import StatusReader
from pipeline.settings import Settings
from tests.faults.soak.differences import Differences, Indexed, compare
from tests.faults.soak.kinds import Surface
from tests.faults.soak.stories import Plan

#: So long nothing may wait anywhere.
_QUIET_SECONDS = 8.0
_POISON = b"poison "


class TopicReader:
    """Reads a topic on from where it has come to."""

    def __init__(self, settings: Settings, topic: Topic) -> None:
        self._consumer = KafkaConsumer(
            bootstrap_servers=settings.kafka.bootstrap_servers, group_id=None, enable_auto_commit=False,
            auto_offset_reset="earliest",
        )  # fmt: skip
        self._partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        self._consumer.assign(self._partitions)
        self._consumer.seek_to_beginning(*self._partitions)

    def read(self) -> list[bytes]:
        """The values of all new messages."""
        found: list[bytes] = []
        ends = self._consumer.end_offsets(self._partitions)
        while any(self._consumer.position(partition) < ends[partition] for partition in self._partitions):
            for records in self._consumer.poll(timeout_ms=200).values():
                found += [record.value for record in records]
        return found

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()


def wait_for_the_end(settings: Settings, plan: Plan, seconds: float) -> bool:
    """Wait until every version was published and no stage has had lag for a while.

    Returns:
        Whether it came to that in so many seconds.
    """
    missing = {(version.story, version.number) for version in plan.sent}
    raw = TopicReader(settings, topics_of(settings).raw)
    deadline, quiet_since = time.monotonic() + seconds, None
    try:
        while time.monotonic() < deadline:
            for value in raw.read():
                missing -= _version(value)
            now = time.monotonic()
            if missing or not _caught_up(settings):
                quiet_since = None
            else:
                quiet_since = quiet_since or now
                if now - quiet_since > _QUIET_SECONDS:
                    return True
            time.sleep(1)
    finally:
        raw.close()
    return False


def _version(value: bytes) -> set[tuple[str, int]]:
    try:
        item = RawItem.decode(value)
    except RejectError:
        return set()
    return {(item.item_id.rpartition(":")[2], int(item.item.version or 0))}


def _caught_up(settings: Settings) -> bool:
    try:
        reader = StatusReader(settings)
    except UnreachableError:
        return False
    try:
        return reader.read().caught_up
    except UnreachableError:
        return False
    finally:
        reader.close()


def differences(plan: Plan, surface: Surface) -> Differences:
    """What differs between the indices and dead letters, read from the servers themselves, and the inputs."""
    settings = surface.settings
    direct = settings.elasticsearch.model_copy(update={"url": surface.elasticsearch_url, "request_timeout_seconds": 30})
    names = IndexNames(direct.prefix)
    with elasticsearch_client(direct) as client:
        client.indices.refresh(index=f"{direct.prefix}*")

        def all_of(alias: str, *order: str) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = []
            after: dict[str, Any] = {}
            sort = ["story_id", *order]
            while hits := client.search(index=alias, size=10_000, sort=sort, **after)["hits"]["hits"]:
                found += [hit["_source"] for hit in hits]
                if len(hits) < 10_000:
                    break
                after = {"search_after": hits[-1]["sort"]}
            return found

        indexed = Indexed(
            all_of(names.alias("stories")),
            all_of(names.alias("stories-history"), "version_rank"),
            all_of(names.public("quotes"), "position"),
        )
    return compare(plan.expected(), indexed, _wrong_letters(surface))


def _wrong_letters(surface: Surface) -> list[str]:
    """Dead letters of sound messages, and poison without one."""
    reader = TopicReader(surface.settings, topics_of(surface.settings).dead)
    letters: dict[str, DeadLetter] = {}
    for value in reader.read():
        if not value.startswith(_POISON):  # poison in the dead letters themselves
            letter = DeadLetter.decode(value)
            letters[letter.id] = letter
    reader.close()
    originals = {letter.original for letter in letters.values()}
    known = {*surface.poison, *surface.more_poison}
    wrong = [f"{letter.stage}: {letter.error}: {letter.reason}" for letter in letters.values()
             if letter.original not in known]  # fmt: skip
    return wrong + [f"no dead letter of {value!r}" for value in surface.poison if value not in originals]
