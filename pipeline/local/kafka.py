"""Kafka nodes in KRaft mode: broker and controller in one process, alone or several as a cluster."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from pipeline.events.errors import ConfigurationError
from pipeline.local.artifacts import Artifacts, copy_into
from pipeline.local.java import java

#: Fixed: it only has to be a valid id, and a data directory belongs to one node.
CLUSTER_ID = "d2lyZWRlc2stbG9jYWw"

#: An argument of the node's command line that no other process has.
SIGN = "-Dwiredesk.home={home}"

_PROPERTIES = """\
process.roles=broker,controller
node.id={node}
{quorum}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
num.partitions=1
auto.create.topics.enable=false
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=8
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={in_sync}
group.initial.rebalance.delay.ms=0
message.max.bytes=20000000
replica.fetch.max.bytes=20000000
socket.request.max.bytes=104857600
log.cleaner.dedupe.buffer.size=16777216
log.segment.bytes=134217728
"""

_LOGGING = """\
<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Appenders><Console name="out"><PatternLayout pattern="%d{ISO8601} %-5p %c{1} %m%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"""


def prepare(
    home: Path,
    artifacts: Artifacts,
    port: int,
    controller_port: int,
    *,
    node: int = 1,
    cluster: Mapping[int, int] | None = None,
    heap_megabytes: int = 640,
) -> list[str]:
    """Lay out a node's directory, format its storage the first time, and return its command line.

    Args:
        home: directory of the node.
        artifacts: the jars.
        port: of the broker.
        controller_port: of its controller.
        node: its number.
        cluster: controller ports of all nodes by number; ``None``: it is alone.
        heap_megabytes: largest heap of its Java process.

    Raises:
        ConfigurationError: the storage cannot be formatted.
    """
    libraries, data = home / "lib", home / "data"
    copy_into((*artifacts.sets["kafka"], *artifacts.sets["kafka-logging"]), libraries)
    properties = home / "server.properties"
    copies = min(len(cluster), 3) if cluster else 1
    text = _PROPERTIES.format(
        node=node, quorum=_quorum(cluster, controller_port), port=port, controller=controller_port, data=data,
        copies=copies, in_sync=2 if copies > 2 else 1,
    )  # fmt: skip
    properties.write_text(text, encoding="utf-8")
    (home / "log4j2.xml").write_text(_LOGGING, encoding="utf-8")
    common = [java(), f"-Xms{min(heap_megabytes, 128)}m", f"-Xmx{heap_megabytes}m", "-XX:+UseSerialGC"]
    common += [f"-Dlog4j2.configurationFile={home / 'log4j2.xml'}", "-cp", f"{libraries}/*"]
    if not (data / "meta.properties").exists():
        storage = [*common, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(properties)]
        alone = [] if cluster else ["--standalone"]
        run = subprocess.run([*storage, *alone], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise ConfigurationError(f"Kafka's storage in {data} cannot be formatted:\n{run.stdout}{run.stderr}")
    return [*common, SIGN.format(home=home), "kafka.Kafka", str(properties)]


def _quorum(cluster: Mapping[int, int] | None, controller_port: int) -> str:
    if not cluster:
        return f"controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}"
    return "controller.quorum.voters=" + ",".join(f"{node}@127.0.0.1:{port}" for node, port in cluster.items())
