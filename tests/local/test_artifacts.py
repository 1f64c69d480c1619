"""The jars of the local stack are what the repository pins, or they are not used."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.events.errors import ConfigurationError
from pipeline.local import extra
from pipeline.local.artifacts import Jar, copy_into, fetch, pinned

CONTENT = {"org.example:one:1.0": b"the first jar", "org.example:two:2.0": b"another jar.."}
JARS = tuple(Jar("kafka", name, len(data), hashlib.sha256(data).hexdigest()) for name, data in CONTENT.items())


class Repository:
    """Stands in for the download: serves ``CONTENT``, and remembers what was asked for."""

    def __init__(self, content: dict[str, bytes]) -> None:
        self.content, self.asked = content, list[str]()

    def download(self, jars: Sequence[Jar], root: Path, _console: Console) -> None:
        for jar in jars:
            self.asked.append(jar.coordinate)
            target = root / jar.path
            assert not target.exists(), "the resolver takes what is there as it is"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.content[jar.coordinate])


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(CONTENT)
    fetch(tmp_path, jars=JARS, download=repository.download)
    assert repository.asked == list(CONTENT)
    repository.asked.clear()
    return repository


def test_what_is_in_the_cache_is_not_downloaded_again(tmp_path: Path, repository: Repository) -> None:
    files = fetch(tmp_path, jars=JARS, download=repository.download).sets["kafka"]
    assert repository.asked == []
    assert [file.read_bytes() for file in files] == list(CONTENT.values())


def test_a_jar_of_equal_size_with_other_content_is_refused(tmp_path: Path, repository: Repository) -> None:
    file = tmp_path / "jars" / JARS[1].path
    file.write_bytes(b"X" * len(file.read_bytes()))
    files = fetch(tmp_path, jars=JARS, download=repository.download).sets["kafka"]
    assert repository.asked == ["org.example:two:2.0"]
    assert files[1].read_bytes() == CONTENT["org.example:two:2.0"]


def test_a_download_cut_off_half_way_is_downloaded_again(tmp_path: Path, repository: Repository) -> None:
    (tmp_path / "jars" / JARS[0].path).write_bytes(b"the fi")
    fetch(tmp_path, jars=JARS, download=repository.download)
    assert repository.asked == ["org.example:one:1.0"]


def test_a_download_that_is_not_the_pinned_jar_is_an_error_and_not_kept(tmp_path: Path) -> None:
    changed = Repository({**CONTENT, "org.example:two:2.0": b"changed jar.."})
    with pytest.raises(ConfigurationError, match=r"What was downloaded as org\.example:two:2\.0 is not the jar"):
        fetch(tmp_path, jars=JARS, download=changed.download)
    assert not (tmp_path / "jars" / JARS[1].path).exists()


def test_a_changed_copy_in_the_data_directory_is_replaced(tmp_path: Path, repository: Repository) -> None:
    files = fetch(tmp_path, jars=JARS, download=repository.download).sets["kafka"]
    lib = tmp_path / "lib"
    copy_into(files, lib)
    copy = lib / files[0].name
    copy.unlink()
    copy.write_bytes(b"X" * len(files[0].read_bytes()))
    (lib / "old-0.9.jar").write_bytes(b"of another version")
    copy_into(files, lib)
    assert copy.read_bytes() == files[0].read_bytes()
    assert not (lib / "old-0.9.jar").exists()


def test_every_jar_is_pinned_once_in_each_set() -> None:
    jars = pinned()
    assert {jar.set for jar in jars} == {"kafka", "kafka-logging", "elasticsearch", "compiler"}
    assert len({(jar.set, jar.path) for jar in jars}) == len(jars) > 90
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in jars)


def test_without_the_extra_the_message_says_which_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"need a Maven client \(jgo\).*pip install 'wiredesk\[local\]'"):
        fetch(tmp_path, Console(quiet=True))
