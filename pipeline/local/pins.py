"""Writes ``jars.tsv``: ``python -m pipeline.local.pins``, after a change of version. Review what it changed.

What each server needs is resolved from its Maven coordinate; every jar is downloaded and pinned by its content.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.local.artifacts import ELASTICSEARCH_VERSION, KAFKA_VERSION, PINS, Jar, cache_directory, sha256
from pipeline.settings.trust import system_trust

#: What is resolved, by the name of the set.
COORDINATES = {
    "kafka": (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",),
    "elasticsearch": (
        f"org.elasticsearch:elasticsearch:{ELASTICSEARCH_VERSION}",
        f"org.elasticsearch.plugin:transport-netty4:{ELASTICSEARCH_VERSION}",
    ),
    "compiler": ("org.eclipse.jdt:ecj:3.43.0",),
}
#: Taken alone, without what it depends on. Without it Kafka logs nothing, not even why it ends.
ALONE = {"kafka-logging": "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3"}

_SCOPES = (None, "compile", "runtime")
_HEAD = (
    "# The jars of the local stack: set, Maven coordinate, size in bytes, SHA-256. "
    "Written by python -m pipeline.local.pins.\n"
)


def main() -> None:
    """Resolve, download and write."""
    with system_trust():
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - imported under this trust

        root = cache_directory() / "jars"
        context = MavenContext(resolver=PythonResolver(), repo_cache=root, timeout=120)
        jars = [
            _pin(name, part.artifact)  # type: ignore[attr-defined]
            for name, coordinates in COORDINATES.items()
            for part in _resolved(context, coordinates)
            if part.scope in _SCOPES  # type: ignore[attr-defined]
        ]
        jars += [_pin(name, context.create_dependency(coordinate).artifact) for name, coordinate in ALONE.items()]
    rows = (f"{jar.set}\t{jar.coordinate}\t{jar.size}\t{jar.sha256}\n" for jar in jars)
    PINS.write_text(_HEAD + "".join(rows), encoding="utf-8")


def _resolved(context: object, coordinates: tuple[str, ...]) -> list[object]:
    wanted = [context.create_dependency(coordinate) for coordinate in coordinates]  # type: ignore[attr-defined]
    direct, transitive = context.resolver.resolve(wanted)  # type: ignore[attr-defined]
    return [*direct, *transitive]


def _pin(name: str, artifact: object) -> Jar:
    file = Path(artifact.resolve())  # type: ignore[attr-defined]
    coordinate = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"  # type: ignore[attr-defined]
    return Jar(name, coordinate, file.stat().st_size, sha256(file))


if __name__ == "__main__":
    main()
