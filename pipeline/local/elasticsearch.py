"""One Elasticsearch node from the server's jars.

=====================================  ============  ==================================================
what                                   here          full distribution
=====================================  ============  ==================================================
index, bulk, get, mget, search         yes           yes
external versions, aliases, templates  yes           yes
terms, date_histogram, top_hits, ...   yes           yes
collapse, highlight, point in time     yes           yes
analysis: english, stemmers, folding   Wiredesk's    analysis-common
GET /                                  Wiredesk's    rest-root
ILM, data streams, reindex, by-query   no            yes
painless, percolator, ingest           no            yes
security                               no            yes
=====================================  ============  ==================================================

``wiredesk index init`` asks the server what it has, and leaves out what it lacks.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from pipeline.local.artifacts import ELASTICSEARCH_VERSION, Artifacts, copy_into
from pipeline.local.java import java

#: An argument of the node's command line that no other process has.
SIGN = "-Des.path.home={home}"

_LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.native.name = org.elasticsearch.nativeaccess
logger.native.level = error
"""

_DESCRIPTOR = """\
description=What a news index needs of analysis-common, and GET /
version=1
name=wiredesk-news
classname=NewsAnalysis
java.version=21
elasticsearch.version={version}
"""


def prepare(
    home: Path, artifacts: Artifacts, classes: Path, port: int, transport_port: int, *, heap: str = "1g"
) -> list[str]:
    """Lay out the node's home and return its command line.

    The jars go on the module path as in a distribution; the transport and our analysis are modules of their own, with
    the descriptors that the server asks for.
    """
    jars = artifacts.sets["elasticsearch"]
    transport = tuple(jar for jar in jars if jar.name.startswith(("netty-", "transport-netty4")))
    copy_into(tuple(jar for jar in jars if jar not in transport), home / "lib")
    for folder in ("config", "plugins", "data", "logs"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / "config" / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
    _transport_module(home / "modules" / "transport-netty4", transport)
    _analysis_module(home / "modules" / "wiredesk-news", classes)
    launcher = home / "launcher"
    copy_into(tuple(classes.glob("LocalElasticsearch*.class")), launcher)
    settings = {
        "path.data": home / "data",
        "path.logs": home / "logs",
        # Where repositories of snapshots may be.
        "path.repo": home / "snapshots",
        "http.port": port,
        "transport.port": transport_port,
        "network.host": "127.0.0.1",
        "discovery.type": "single-node",
        "node.name": "wiredesk-local",
        "cluster.name": "wiredesk-local",
        "cluster.routing.allocation.disk.threshold_enabled": "false",
        "http.max_content_length": "200mb",
    }
    return [
        java(), "-Xms256m", f"-Xmx{heap}", "-XX:+UseSerialGC", SIGN.format(home=home), "-Dlog4j2.disable.jmx=true",
        "--add-modules", "ALL-MODULE-PATH", "-p", str(home / "lib"), "-cp", str(launcher),
        "--enable-native-access=ALL-UNNAMED,org.apache.lucene.core", "--sun-misc-unsafe-memory-access=allow",
        "LocalElasticsearch", str(home), *(f"{key}={value}" for key, value in settings.items()),
    ]  # fmt: skip


def _transport_module(module: Path, jars: tuple[Path, ...]) -> None:
    copy_into(jars, module)
    own = next(jar for jar in jars if jar.name.startswith("transport-netty4"))
    with zipfile.ZipFile(own) as archive:
        for name in ("plugin-descriptor.properties", "entitlement-policy.yaml"):
            (module / name).write_bytes(archive.read(f"META-INF/es-plugins/transport-netty4/{name}"))


def _analysis_module(module: Path, classes: Path) -> None:
    module.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(module / "wiredesk-news.jar", "w") as jar:
        for compiled in sorted(classes.glob("NewsAnalysis*.class")):
            jar.write(compiled, compiled.name)
    descriptor = _DESCRIPTOR.format(version=ELASTICSEARCH_VERSION)
    (module / "plugin-descriptor.properties").write_text(descriptor, encoding="utf-8")
