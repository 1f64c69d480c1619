"""One Kafka node in KRaft mode: broker and controller in one process."""

from __future__ import annotations

import subprocess
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
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
num.partitions=1
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
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


def prepare(home: Path, artifacts: Artifacts, port: int, controller_port: int) -> list[str]:
    """Lay out the node's directory, format its storage the first time, and return its command line.

    Raises:
        ConfigurationError: the storage cannot be formatted.
    """
    libraries, data = home / "lib", home / "data"
    copy_into((*artifacts.sets["kafka"], *artifacts.sets["kafka-logging"]), libraries)
    properties = home / "server.properties"
    properties.write_text(_PROPERTIES.format(port=port, controller=controller_port, data=data), encoding="utf-8")
    (home / "log4j2.xml").write_text(_LOGGING, encoding="utf-8")
    common = [java(), "-Xms128m", "-Xmx640m", "-XX:+UseSerialGC", f"-Dlog4j2.configurationFile={home / 'log4j2.xml'}"]
    common += ["-cp", f"{libraries}/*"]
    if not (data / "meta.properties").exists():
        run = subprocess.run(
            [*common, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(properties), "--standalone"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if run.returncode != 0:
            raise ConfigurationError(f"Kafka's storage in {data} cannot be formatted:\n{run.stdout}{run.stderr}")
    return [*common, SIGN.format(home=home), "kafka.Kafka", str(properties)]
