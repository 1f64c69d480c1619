"""The jars of the local stack: downloaded once into the user's cache, and checked against the repository at each start.

``jars.tsv`` pins every jar by Maven coordinate, size and SHA-256. A jar that differs is never used: it is deleted and
downloaded again, and if it then still differs, the start fails. With all jars in the cache a start needs no network.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pipeline.events.errors import ConfigurationError
from pipeline.local.extra import require
from pipeline.settings.trust import system_trust

KAFKA_VERSION = "4.2.0"
ELASTICSEARCH_VERSION = "9.1.0"

PINS = Path(__file__).with_name("jars.tsv")


@dataclass(frozen=True)
class Jar:
    """A pinned jar.

    Attributes:
        set: name of the set that it belongs to: kafka, kafka-logging, elasticsearch, compiler.
        coordinate: ``group:artifact:version``.
        size: in bytes.
        sha256: in hexadecimal digits.
    """

    set: str
    coordinate: str
    size: int
    sha256: str

    @property
    def path(self) -> Path:
        """Where it is in a Maven repository, and in the cache."""
        group, artifact, version = self.coordinate.split(":")
        return Path(*group.split("."), artifact, version, f"{artifact}-{version}.jar")

    def matches(self, file: Path) -> bool:
        """Whether a file is this jar, by its content."""
        try:
            return file.stat().st_size == self.size and sha256(file) == self.sha256
        except FileNotFoundError:
            return False


@dataclass(frozen=True)
class Artifacts:
    """The files of each set, by set name."""

    sets: dict[str, tuple[Path, ...]]


#: Downloads jars into a directory.
Download = Callable[[Sequence[Jar], Path, Console], None]


def cache_directory() -> Path:
    """Where downloads are kept: the user's cache directory for wiredesk."""
    return Path(platformdirs.user_cache_dir("wiredesk", appauthor=False))


def pinned(pins: Path = PINS) -> tuple[Jar, ...]:
    """The jars that the repository pins."""
    rows = (line.split("\t") for line in pins.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return tuple(Jar(set_, coordinate, int(size), digest) for set_, coordinate, size, digest in rows)


def sha256(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def fetch(
    cache: Path | None = None,
    console: Console | None = None,
    *,
    jars: Sequence[Jar] | None = None,
    download: Download | None = None,
) -> Artifacts:
    """All jars, from the cache or by download; each has been compared with its pin.

    Args:
        cache: directory to keep them in; ``None``: the user's cache.
        console: where progress is shown; ``None``: standard error.
        jars: what is wanted; ``None``: what the repository pins.
        download: how they are downloaded; ``None``: from Maven's central repository.

    Raises:
        ConfigurationError: a jar is missing and cannot be downloaded, or what was downloaded is not the pinned jar.
    """
    root = (cache or cache_directory()) / "jars"
    jars = pinned() if jars is None else jars
    if missing := _missing(jars, root):
        console = console or Console(stderr=True)
        root.mkdir(parents=True, exist_ok=True)
        try:
            (download or _download)(missing, root, console)
        except ConfigurationError:
            raise
        except Exception as error:
            raise ConfigurationError(
                f"The jars of the local stack could not be downloaded to {root}: {error}.",
                hint="Check the network and start again: what has arrived is kept.",
            ) from error
        if wrong := _missing(missing, root):
            raise ConfigurationError(
                f"What was downloaded as {wrong[0].coordinate} is not the jar that Wiredesk pins "
                f"(SHA-256 {wrong[0].sha256}).",
                hint="Check the network: something between here and the repository changes downloads.",
            )
    names = dict.fromkeys(jar.set for jar in jars)
    return Artifacts({name: tuple(root / jar.path for jar in jars if jar.set == name) for name in names})


def _missing(jars: Iterable[Jar], root: Path) -> list[Jar]:
    """The jars that are not in the cache with their pinned content; a file that differs is deleted."""
    missing = []
    for jar in jars:
        if not jar.matches(root / jar.path):
            (root / jar.path).unlink(missing_ok=True)
            missing.append(jar)
    return missing


def _download(jars: Sequence[Jar], root: Path, console: Console, repositories: dict[str, str] | None = None) -> None:
    """Download jars from Maven repositories (name → address); ``None``: the central one."""
    require("jgo")
    wanted = list({jar.coordinate: jar for jar in jars}.values())
    with system_trust():
        from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - its HTTP client, imported under this trust

        progress = Progress(
            TextColumn("[bold]{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn(), console=console
        )
        with progress:
            task = progress.add_task(
                "Kafka and Elasticsearch: downloading (once)", total=sum(jar.size for jar in wanted)
            )
            resolver = PythonResolver(progress_callback=_into(progress, task))
            context = MavenContext(resolver=resolver, repo_cache=root, remote_repos=repositories, timeout=120)
            with ThreadPoolExecutor(8) as pool:
                for _ in pool.map(lambda jar: _resolve(context, jar), wanted):
                    pass


def _resolve(context: object, jar: Jar) -> None:
    group, artifact, version = jar.coordinate.split(":")
    context.project(group, artifact).at_version(version).artifact().resolve()  # type: ignore[attr-defined]


def _into(progress: Progress, task: TaskID) -> Callable[[str, int], AbstractContextManager[Callable[[int], None]]]:
    """Adds every file's bytes to one bar; files arrive on several threads."""
    lock = threading.Lock()

    @contextmanager
    def one_file(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        def advance(count: int) -> None:
            with lock:
                progress.advance(task, count)

        yield advance

    return one_file


def copy_into(paths: tuple[Path, ...], directory: Path) -> None:
    """Put files into a directory, by hard link where possible. Other jars are deleted, changed copies replaced."""
    directory.mkdir(parents=True, exist_ok=True)
    for old in set(directory.glob("*.jar")) - {directory / path.name for path in paths}:
        old.unlink()
    for path in paths:
        target = directory / path.name
        if target.exists() and (target.samefile(path) or sha256(target) == sha256(path)):
            continue
        target.unlink(missing_ok=True)
        try:
            target.hardlink_to(path)
        except OSError:
            shutil.copy2(path, target)
