"""The jars of the local stack: resolved once from Maven coordinates, kept in the user's cache, checked at each start.

A manifest with size and SHA-256 of every file is written when all are there; with it a start needs no network and no
resolution. A file that is missing or damaged is fetched again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pipeline.events.errors import ConfigurationError

KAFKA_VERSION = "4.2.0"
ELASTICSEARCH_VERSION = "9.1.0"

#: What is fetched, by the name of the set it belongs to.
COORDINATES = {
    "kafka": (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",),
    # Without it Kafka logs nothing, not even why it ends.
    "kafka-logging": ("org.apache.logging.log4j:log4j-slf4j-impl:2.25.3",),
    "elasticsearch": (
        f"org.elasticsearch:elasticsearch:{ELASTICSEARCH_VERSION}",
        f"org.elasticsearch.plugin:transport-netty4:{ELASTICSEARCH_VERSION}",
    ),
    "compiler": ("org.eclipse.jdt:ecj:3.43.0",),
}

_RUNTIME_SCOPES = (None, "compile", "runtime")


@dataclass(frozen=True)
class Artifacts:
    """The files of each set, by set name."""

    sets: dict[str, tuple[Path, ...]]


def cache_directory() -> Path:
    """Where downloads are kept: the user's cache directory for wiredesk."""
    return Path(platformdirs.user_cache_dir("wiredesk", appauthor=False))


def fetch(cache: Path | None = None, console: Console | None = None) -> Artifacts:
    """All jars, from the cache or by download.

    Args:
        cache: directory to keep them in; ``None``: the user's cache.
        console: where progress is shown; ``None``: standard error.

    Raises:
        ConfigurationError: something is missing and cannot be downloaded.
    """
    root = (cache or cache_directory()) / "jars"
    manifest = root / f"manifest-{_fingerprint()}.json"
    known = _read(manifest, root)
    if known is not None:
        return known
    console = console or Console(stderr=True)
    try:
        sets = _download(root, console)
    except Exception as error:
        raise ConfigurationError(
            f"The jars of the local stack could not be downloaded to {root}: {error}.",
            hint="Check the network and start again: what has arrived is kept.",
        ) from error
    _write(manifest, root, sets)
    return Artifacts(sets)


def _fingerprint() -> str:
    return hashlib.sha256(json.dumps(COORDINATES, sort_keys=True).encode()).hexdigest()[:12]


def _read(manifest: Path, root: Path) -> Artifacts | None:
    """The sets that the manifest lists, if every file is there with its size; else ``None``."""
    try:
        listed: dict[str, list[dict[str, object]]] = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    for entries in listed.values():
        for entry in entries:
            path = root / str(entry["path"])
            if not path.is_file() or path.stat().st_size != entry["size"]:
                path.unlink(missing_ok=True)
                return None
    return Artifacts({name: tuple(root / str(entry["path"]) for entry in entries) for name, entries in listed.items()})


def _write(manifest: Path, root: Path, sets: dict[str, tuple[Path, ...]]) -> None:
    listed = {
        name: [
            {"path": str(path.relative_to(root)), "size": path.stat().st_size, "sha256": _sha256(path)}
            for path in paths
        ]
        for name, paths in sets.items()
    }
    temporary = manifest.with_suffix(".tmp")
    temporary.write_text(json.dumps(listed, indent=1), encoding="utf-8")
    temporary.replace(manifest)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(root: Path, console: Console) -> dict[str, tuple[Path, ...]]:
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - seconds of import, needed once

    root.mkdir(parents=True, exist_ok=True)
    progress = Progress(
        TextColumn("[bold]{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn(), console=console
    )
    with progress:
        bytes_task = progress.add_task("Kafka and Elasticsearch: looking up what they need", total=None)
        context = MavenContext(
            resolver=PythonResolver(progress_callback=_into(progress, bytes_task)), repo_cache=root, timeout=120
        )
        wanted = {name: _resolve(context, coordinates) for name, coordinates in COORDINATES.items()}
        progress.update(bytes_task, description="Kafka and Elasticsearch: downloading (once)")
        _drop_partial(root)
        with ThreadPoolExecutor(8) as pool:
            sets = {name: tuple(pool.map(_resolved_path, parts)) for name, parts in wanted.items()}
    (root / ".complete").touch()
    return sets


def _drop_partial(root: Path) -> None:
    """A download that was cut off leaves a short file: without a finished run, no jar is trusted."""
    if not (root / ".complete").exists():
        for jar in root.rglob("*.jar"):
            if not (jar.parent / f"{jar.name}.whole").exists():
                jar.unlink()


def _resolve(context: object, coordinates: tuple[str, ...]) -> list[object]:
    inputs = [context.create_dependency(coordinate) for coordinate in coordinates]  # type: ignore[attr-defined]
    direct, transitive = context.resolver.resolve(inputs)  # type: ignore[attr-defined]
    return [part.artifact for part in (*direct, *transitive) if part.scope in _RUNTIME_SCOPES]


def _resolved_path(artifact: object) -> Path:
    path = Path(artifact.resolve())  # type: ignore[attr-defined]
    (path.parent / f"{path.name}.whole").touch()
    return path


def _into(progress: Progress, task: TaskID) -> Callable[[str, int], AbstractContextManager[Callable[[int], None]]]:
    """Adds every file's bytes to one bar; files arrive on several threads."""
    lock = threading.Lock()

    @contextmanager
    def one_file(_name: str, size: int) -> Iterator[Callable[[int], None]]:
        with lock:
            total = progress.tasks[task].total
            progress.update(task, total=(total or 0) + size)

        def advance(count: int) -> None:
            progress.advance(task, count)

        yield advance

    return one_file


def copy_into(paths: tuple[Path, ...], directory: Path) -> None:
    """Put files into a directory, by hard link where the file system can; jars of another version go."""
    directory.mkdir(parents=True, exist_ok=True)
    for old in set(directory.glob("*.jar")) - {directory / path.name for path in paths}:
        old.unlink()
    for path in paths:
        target = directory / path.name
        if target.exists():
            continue
        try:
            target.hardlink_to(path)
        except OSError:
            shutil.copy2(path, target)
