"""The Faust applications: one a stage, each with one agent, wired to the topics.

One application (and so one consumer group) for each stage, not one for all: Faust has one fetcher an application, and a
full buffer of the slow stage would hold up the others; a rebalance of one stage would stop all. One process may run any
number of stages (``wiredesk worker --stage``).

Settings that are not Faust's defaults are there for a measured reason: acknowledgement is the guard's alone
(``stream_wait_empty=False``, ``concurrency=1``), topics are created by our own command (``topic_allow_declare=False``),
buffers are short because stories are large, and the web server is off.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faust
from faust import SASLCredentials, SSLCredentials
from faust.types import TP

from pipeline.broker.delivery import Guard, Handler, stop_without_acknowledging
from pipeline.broker.membership import GroupMembership, coordinator_of, report_crash, stay_in_group
from pipeline.broker.messages import Delivery, OutgoingMessage
from pipeline.broker.rewinding import use_rewinding_consumer
from pipeline.broker.tls import ssl_context
from pipeline.broker.topics import Topic, topics_of
from pipeline.events import MessageRef, Stage
from pipeline.settings import KafkaSettings, Settings


@dataclass(frozen=True)
class StageShape:
    """How a stage reads: its topic, further topics, and how many messages it takes at a time."""

    stage: Stage
    source: Topic
    batch: int
    within_seconds: float
    also: tuple[Topic, ...] = ()


def faust_credentials(kafka: KafkaSettings) -> SASLCredentials | SSLCredentials | None:
    """The log-in in Faust's form. A TLS context is always passed: without one Faust sends the password unencrypted."""
    context = ssl_context(kafka.tls) if kafka.tls else None
    if kafka.sasl:
        return SASLCredentials(
            username=kafka.sasl.username,
            password=kafka.sasl.password.read(),
            mechanism=kafka.sasl.mechanism,
            ssl_context=context,
        )
    return SSLCredentials(context=context) if context else None


def faust_broker(kafka: KafkaSettings) -> list[str]:
    """The brokers as Faust wants them: one URL each, over aiokafka."""
    return [f"aiokafka://{server.strip()}" for server in kafka.bootstrap_servers.split(",")]


def make_app(settings: Settings, stage: Stage, state_directory: Path) -> faust.App:
    """A Faust application for one stage, without agents.

    Args:
        settings: of the installation.
        stage: names the consumer group, ``<group_prefix>-<stage>``.
        state_directory: Faust's data directory (it keeps nothing there that we need).
    """
    kafka = settings.kafka
    datadir = state_directory / "faust"
    datadir.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        f"{kafka.group_prefix}-{stage}",
        broker=faust_broker(kafka),
        broker_credentials=faust_credentials(kafka),
        datadir=str(datadir / stage),
        autodiscover=False,
        web_enabled=False,
        processing_guarantee="at_least_once",
        stream_wait_empty=False,
        stream_buffer_maxsize=256,
        broker_max_poll_records=256,
        broker_session_timeout=kafka.session_timeout_seconds,
        broker_heartbeat_interval=kafka.session_timeout_seconds / 6,
        broker_rebalance_timeout=120,
        broker_request_timeout=max(60.0, kafka.session_timeout_seconds),
        broker_max_poll_interval=900,
        broker_commit_interval=1,
        # A partition that a group did not see when it was formed is found within seconds, not within five minutes.
        consumer_metadata_max_age_ms=10_000,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=max(kafka.max_message_bytes, 1024 * 1024),
        topic_allow_declare=False,
        topic_disable_leader=True,
        producer_acks=-1,
        producer_linger=0.005,
        producer_max_batch_size=262_144,
        # Dead letters carry their original in base64: twice the limit of the others.
        producer_max_request_size=2 * kafka.max_message_bytes,
        producer_compression_type=None if kafka.compression == "none" else kafka.compression,
        producer_request_timeout=60,
        store="memory://",
        value_serializer="raw",
        key_serializer="raw",
    )
    use_rewinding_consumer(app)
    return app


def attach(
    app: faust.App,
    shape: StageShape,
    handler: Handler,
    settings: Settings,
    on_movement: Callable[[set[int]], None] = lambda _: None,
) -> Guard:
    """Give the application its one agent, run by the guard; returns the guard with its monitor.

    Args:
        app: as :func:`make_app` makes it.
        shape: what the stage reads.
        handler: its work.
        settings: of the installation.
        on_movement: called with the partitions that are taken from the stage, and with those that are given to it: a
            batch of the time before may still have been at work in between.
    """

    async def publish(send: OutgoingMessage) -> Awaitable[int]:
        partition = send.partition
        future = await app.producer.send(send.topic, send.key, send.value, partition, None, None)

        async def offset() -> int:
            return int((await future).offset)

        return offset()

    guard = Guard(shape.stage, handler, publish, topics_of(settings).dead.name, settings.worker)
    source = app.topic(
        shape.source.name,
        *(topic.name for topic in shape.also),
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        internal=False,
    )

    async def work(stream: Any) -> None:
        batches = stream.noack_take(shape.batch, within=shape.within_seconds)
        await guard.run(batches, _delivery, stream.ack)

    app.agent(source, name=f"{shape.stage}", concurrency=1)(work)
    membership = GroupMembership(app, shape.source.name)
    guard.membership = membership

    _follow_movements(app, shape.source.name, guard, membership, on_movement)
    app.task(stay_in_group)
    app.task(lambda app: report_crash(app, lambda error: stop_without_acknowledging(shape.stage, error)))
    topics = (shape.source.name, *(topic.name for topic in shape.also))
    guard.monitor.consumer = FaustConsumerView(app, topics)
    return guard


def _follow_movements(
    app: faust.App, topic: str, guard: Guard, membership: GroupMembership, on_movement: Callable[[set[int]], None]
) -> None:
    async def on_revoked(_app: Any, /, *args: Any, signal: Any = None, **_: Any) -> None:  # noqa: ARG001 - Faust's form
        (revoked,) = args
        partitions = partitions_of(topic, list(revoked))
        membership.revoked()
        guard.monitor.revoked(partitions)
        on_movement(partitions)

    async def on_assigned(_app: Any, /, *args: Any, signal: Any = None, **_: Any) -> None:  # noqa: ARG001 - Faust's form
        (assigned,) = args
        on_movement(partitions_of(topic, list(assigned)))

    app.on_partitions_revoked.connect(on_revoked, weak=False)
    app.on_partitions_assigned.connect(on_assigned, weak=False)


class FaustConsumerView:
    """What probes ask of a stage's consumer: read from other threads, so nothing here waits or changes anything.

    Args:
        app: the stage's application.
        topics: that it reads.
    """

    def __init__(self, app: faust.App, topics: Sequence[str]) -> None:
        self._app = app
        self._topics = frozenset(topics)

    def assigned(self) -> set[tuple[str, int]]:
        """The topics and partitions that it holds."""
        return {(pair.topic, pair.partition) for pair in self._app.consumer.assignment() if pair.topic in self._topics}

    def end(self, topic: str, partition: int) -> int | None:
        """The offset after the last message, as last heard from the broker; ``None`` before the first answer."""
        end = self._app.consumer.highwater(TP(topic, partition))
        return None if end is None else int(end)

    def committed(self, topic: str, partition: int) -> int | None:
        """The next offset to process, as last committed; ``None``: none was yet."""
        consumer: Any = self._app.consumer
        offset = consumer._committed_offset.get(TP(topic, partition))  # noqa: SLF001 - there is no public way
        return None if offset is None else int(offset)

    def is_member(self) -> bool:
        """Whether it is in its group; a consumer that has not started is not."""
        coordinator = coordinator_of(self._app)
        return coordinator is not None and getattr(coordinator, "generation", 0) > 0


def _delivery(event: Any) -> Delivery:
    message = event.message
    return Delivery(
        MessageRef(topic=message.topic, partition=message.partition, offset=message.offset),
        message.key,
        message.value,
        message.timestamp,
    )


def partitions_of(topic: str, pairs: Sequence[Any]) -> set[int]:
    """The partitions of one topic among Faust's topic-partition pairs."""
    return {pair.partition for pair in pairs if pair.topic == topic}
