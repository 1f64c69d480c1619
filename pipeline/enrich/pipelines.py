"""spaCy pipelines for other languages: which there are, which are here, and how one is fetched safely.

Only the makers' own releases are known here, each by its checksum. Packages of the same names in package indexes may be
anybody's.
"""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

import httpx

from pipeline.enrich import world
from pipeline.enrich.others import words as others
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.events.tables import table_rows

_RELEASES = "https://github.com/explosion/spacy-models/releases/download"
_TIMEOUT_SECONDS = 60.0
#: More than any of the wheels has.
_MOST_BYTES = 100_000_000


@dataclass(frozen=True)
class Release:
    """A pipeline as its makers released it.

    Attributes:
        language: ISO 639-1.
        package: as Python imports it.
        version: of the package; its first two numbers are those of spaCy.
        licence: of the pipeline, as its makers state it.
        size: of the wheel in bytes.
        sha256: of the wheel.
    """

    language: str
    package: str
    version: str
    licence: str
    size: int
    sha256: str

    @property
    def wheel(self) -> str:
        """The file's name."""
        return f"{self.package}-{self.version}-py3-none-any.whl"

    @property
    def url(self) -> str:
        """Where its makers publish it."""
        return f"{_RELEASES}/{self.package}-{self.version}/{self.wheel}"


@dataclass(frozen=True)
class LanguageState:
    """What stories in a language get.

    Attributes:
        language: ISO 639-1.
        pipeline: that ``enrich.models`` names; ``None``: none.
        installed: the pipeline's version; ``None``: it is not installed.
        release: that can be installed; ``None``: none is known.
        gives: names, places, people with titles, quotations.
    """

    language: str
    pipeline: str | None
    installed: str | None
    release: Release | None
    gives: tuple[str, ...]


@cache
def releases() -> dict[str, Release]:
    """The known releases by language."""
    return {
        language: Release(language, package, number, licence, int(size), sha256)
        for language, package, number, licence, size, sha256 in table_rows("pipeline.enrich", "data", "pipelines.tsv")
    }


def installed_version(package: str) -> str | None:
    """The version of an installed pipeline; ``None``: it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def language_states(models: Mapping[str, str]) -> list[LanguageState]:
    """What each language gives here, those with a pipeline first.

    Args:
        models: ``enrich.models``.
    """
    languages = {*models, *releases(), *world.languages()}
    states = [_state(language, models.get(language)) for language in languages]
    return sorted(states, key=lambda state: (state.pipeline is None, state.release is None, state.language))


def _state(language: str, model: str | None) -> LanguageState:
    release = releases().get(language)
    bundled = model is not None and (files("pipeline.enrich") / "models" / model).is_dir()
    package = model or (release.package if release else None)
    there = "with Wiredesk" if bundled else installed_version(package) if package else None
    read = language == "en" or language in others.LANGUAGES
    names = ("names", "places") if model else ("places",) if language in world.languages() else ()
    titled = ("people with titles",) if read and not model else ()
    quotations = ("quotations",) if read else ()
    return LanguageState(language, model, there, release, (*names, *titled, *quotations))


def fetch(release: Release, folder: Path | None = None) -> bytes:
    """The wheel of a release, its checksum compared.

    Args:
        release: to fetch.
        folder: with the wheel in it, for machines without the internet; ``None``: from its makers.

    Raises:
        UnreachableError: it cannot be downloaded.
        ConfigurationError: it is not in the folder, or it is not the file that was released.
    """
    data = _read(release, folder) if folder else _download(release)
    if hashlib.sha256(data).hexdigest() != release.sha256:
        raise ConfigurationError(
            f"{release.wheel} is not the file that its makers released: its checksum differs. Nothing was installed."
        )
    return data


def _read(release: Release, folder: Path) -> bytes:
    try:
        return (folder / release.wheel).read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{folder / release.wheel} cannot be read: {error.strerror}.", hint=f"It is at {release.url}."
        ) from error


def _download(release: Release) -> bytes:
    parts, size = [], 0
    try:
        with httpx.stream("GET", release.url, follow_redirects=True, timeout=_TIMEOUT_SECONDS) as answer:
            answer.raise_for_status()
            for part in answer.iter_bytes():
                size += len(part)
                if size > _MOST_BYTES:
                    raise ConfigurationError(f"{release.url} is larger than it can be. Nothing was installed.")
                parts.append(part)
    except httpx.HTTPError as error:
        raise UnreachableError(
            f"{release.url} cannot be downloaded: {error or type(error).__name__}.",
            hint=f"Download it on another machine, copy it here and run: wiredesk languages install {release.language} "
            "--from FOLDER",
        ) from error
    return b"".join(parts)


def install(release: Release, wheel: bytes) -> None:
    """Install a wheel into this Python environment, without dependencies: spaCy is there.

    Raises:
        ConfigurationError: it cannot be installed here.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / release.wheel
        path.write_bytes(wheel)
        installer = [sys.executable, "-m", "pip"] if importlib.util.find_spec("pip") else ["uv", "pip"]
        try:
            run = subprocess.run(
                [*installer, "install", "--no-deps", "--quiet", str(path)], capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise ConfigurationError(
                f"There is neither pip nor uv in this environment: {error.strerror}.",
                hint=f"Install {release.wheel} as you installed Wiredesk.",
            ) from error
        if run.returncode:
            raise ConfigurationError(f"{release.wheel} could not be installed: {run.stderr.strip()[-500:]}")
