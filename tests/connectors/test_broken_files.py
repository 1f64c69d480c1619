"""Any fault of one connector file is that file's error: named with its line, and the other connectors go on."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connectors.config import load_connector, load_directory
from connectors.directory import ConnectorDirectory
from pipeline.events.errors import ConfigurationError

GOOD = "transport: {type: folder, path: /tmp/drop}\nprovider: Example\n"
TRANSPORT = "provider: X\ntransport: {type: folder, path: a}\n"

BROKEN = {
    "a date that is none": (TRANSPORT + "rights: 2026-13-45\nnonsense: 1\n", 4, "there is no such setting"),
    "a control character in a comment": ("# \x07\n" + TRANSPORT, 1, "character"),
    "a control character in a value": ("provider: 'a\x00b'\n", 1, "character"),
    "a C1 control character": (TRANSPORT + "rights: \x9bhello\n", 3, "character"),
    "a Python tag": (TRANSPORT + "rights: !!python/object/apply:os.system [x]\n", 3, "tags are not allowed"),
    "an unknown tag": (TRANSPORT + "rights: !secret x\n", 3, "tags are not allowed"),
    "a standard tag": (TRANSPORT + "priority: !!int x\n", 3, "tags are not allowed"),
    "a tag of a mapping": ("!x\n" + TRANSPORT, 1, "tags are not allowed"),
    "a huge integer": (TRANSPORT + "priority: " + "9" * 5000 + "\n", 3, "not a number"),
    "a huge hexadecimal integer": (TRANSPORT + "priority: 0x" + "f" * 5000 + "\n", 3, "not a number"),
    "a huge key": (TRANSPORT + "9" * 100 + ": 1\n", 3, "not a number"),
    "an infinite interval": (TRANSPORT + "schedule: {interval_seconds: .inf}\n", 3, "schedule.interval_seconds"),
    "an interval of ages": (TRANSPORT + "schedule: {interval_seconds: 1.0e+300}\n", 3, "schedule.interval_seconds"),
    "a negative infinite time": ("provider: X\ntransport: {type: folder, path: a, rest_seconds: .inf}\n", 2, "rest_seconds"),
    "deep flow nesting": (TRANSPORT + "rights: " + "[" * 5000 + "\n", 3, "nested"),
    "deep block nesting": (TRANSPORT + "".join(" " * n + "a:\n" for n in range(200)), 23, "nested"),
    "deep sequences": (TRANSPORT + "tags:\n" + "- " * 5000 + "x\n", 4, "nested"),
    "an alias bomb": (
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{n}: &{n} [{', '.join([f'*{chr(ord(n) - 1)}'] * 9)}]\n" for n in "bcdefghij"),
        2,
        "aliases are not allowed",
    ),
    "a merge key": ("a: &a {provider: X}\n<<: *a\n", 2, "aliases are not allowed"),
    "an alias to itself": ("provider: X\ntags: &t [*t]\n", 2, "aliases are not allowed"),
    "a list": ("- a\n- b\n", 1, "a mapping of sections is expected"),
    "a word": ("hello\n", 1, "a mapping of sections is expected"),
    "a mapping where text is expected": ("provider: {a: b}\ntransport: {type: folder, path: a}\n", 1, "provider"),
    "a transport that is text": ("provider: X\ntransport: folder\n", 2, "transport"),
    "a transport without a type": ("provider: X\ntransport: {}\n", 2, "transport"),
    "a type that is a list": ("provider: X\ntransport: {type: [folder]}\n", 2, "transport"),
    "a mapping file that is a folder": (TRANSPORT + "mapping: /\n", 3, "mapping"),
    "a mapping name with a null": (TRANSPORT + 'mapping: "a\\0b"\n', 3, "mapping"),
    "a mapping name without end": (TRANSPORT + f"mapping: {'x' * 5000}\n", 3, "mapping"),
    "an empty key": (TRANSPORT + "? \n: x\n", 3, "Keys should be strings"),
    "a list as a key": (TRANSPORT + "? [a, b]\n: x\n", 3, ""),
    "a number as a key": (TRANSPORT + "1: x\n", 3, "Keys should be strings"),
    "two documents": (TRANSPORT + "---\n" + TRANSPORT, 3, "one document"),
    "the same key twice": (TRANSPORT + "provider: Y\n", 3, "duplicate"),
    "a name that is a path": (TRANSPORT + "name: ../../etc\n", 3, "lower-case letters"),
    "too many values": (TRANSPORT + "tags: [" + "x," * 20_000 + "]\n", 3, "values"),
    "a tab": ("provider: X\n\ttransport: x\n", 2, "not YAML"),
    "a directive": ("%YAML 9.9\n---\n" + TRANSPORT, 1, ""),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_is_the_files_own_error_with_its_line(tmp_path: Path, fault: str) -> None:
    text, line, expected = BROKEN[fault]
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    (tmp_path / "good.yaml").write_text(GOOD)
    bad, good = load_directory(tmp_path)
    assert (good.error, bad.config) == (None, None)
    assert f"{path}:{line}: " in (bad.error or "")
    assert expected in (bad.error or "")
    assert len(bad.error or "") < 3000
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", bad.error or "")


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"\xff\xfeprovider", "not UTF-8"), (b"# " + b"x" * 65536 + GOOD.encode(), "more than 65,536 bytes"), (b"", "Field required")],
)  # fmt: skip
def test_bytes_that_are_no_small_text_file(tmp_path: Path, data: bytes, expected: str) -> None:
    (tmp_path / "bad.yaml").write_bytes(data)
    (file,) = load_directory(tmp_path)
    assert str(tmp_path / "bad.yaml") in (file.error or "")
    assert expected in (file.error or "")


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    os.mkfifo(tmp_path / "b.yaml")
    (tmp_path / "c.yaml").symlink_to("/dev/zero")
    (tmp_path / "d.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "e.yaml").write_text(GOOD)
    (tmp_path / "f.yaml").symlink_to(tmp_path / "e.yaml")  # as Kubernetes mounts files
    files = load_directory(tmp_path)
    assert [file.path.name for file in files if file.error is None] == ["e.yaml", "f.yaml"]
    assert all(str(file.path) in (file.error or "") for file in files[:4])


def test_dates_are_text(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD + "rights: 2026-11-24\n")
    assert load_connector(tmp_path / "a.yaml").rights == "2026-11-24"


def test_a_parser_that_fails_while_its_file_is_checked_is_that_files_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.config.load_mapping", lambda _name: 1 / 0)
    (tmp_path / "a.yaml").write_text(GOOD + "mapping: wire\n")
    with pytest.raises(ConfigurationError, match=r"a\.yaml"):
        load_connector(tmp_path / "a.yaml")


WRONG_MAPPINGS = {
    "an alias bomb": ("a: &a [x, x]\ncategories: [*a, *a]\n", 2, "aliases are not allowed"),
    "a tag": ("name: !!python/object/apply:os.system [x]\n", 1, "tags are not allowed"),
    "deep nesting": ("defaults: " + "[" * 5000 + "\n", 1, "nested"),
    "a huge integer": ("defaults: {urgency: " + "9" * 5000 + "}\n", 1, "not a number"),
    "a large file": ("# " + "x" * 65_536 + "\n", None, "more than 65,536 bytes"),
    "a control character": ("# \x07\n", 1, "character"),
    "a list": ("- a\n", 1, "a mapping of sections is expected"),
    "an unknown key": ("about: x\ncolour: red\n", 2, "there is no such setting"),
    "a field that items do not have": ("fields: {headline: model_dump}\n", 1, "model_dump"),
    "a value for no field": ("defaults: {__class__: x}\n", 1, "__class__"),
    "a value of another type": ("defaults: {urgency: often}\n", 1, "urgency"),
    "a pattern that is none": ("about: x\ntags:\n- match: '('\n", 3, "regular expression"),
    "itself as its base": ("extends: HERE\n", 1, "extends itself"),
}


@pytest.mark.parametrize("fault", WRONG_MAPPINGS)
def test_a_wrong_mapping_file_is_named_with_its_line_and_costs_only_its_connector(tmp_path: Path, fault: str) -> None:
    text, line, expected = WRONG_MAPPINGS[fault]
    mapping = tmp_path / "mapping.yml"
    mapping.write_text(text.replace("HERE", str(mapping)))
    folder = tmp_path / "connectors"
    folder.mkdir()
    (folder / "bad.yaml").write_text(f"{TRANSPORT}mapping: {mapping}\n")
    (folder / "good.yaml").write_text(GOOD)
    bad, good = load_directory(folder)
    assert (good.error, bad.config) == (None, None)
    assert f"{folder / 'bad.yaml'}:3: mapping: " in (bad.error or "")
    assert expected in (bad.error or "")
    assert str(mapping) + (f":{line}: " if line else "") in (bad.error or "")
    assert len(bad.error or "") < 3000


def test_a_mapping_file_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "a.yaml").write_text(f"{TRANSPORT}mapping: {tmp_path / 'pipe.yml'}\n")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        load_connector(tmp_path / "a.yaml")


@pytest.mark.parametrize("fault", BROKEN)
def test_running_connectors_go_on(tmp_path: Path, fault: str) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(GOOD)
    directory = ConnectorDirectory(tmp_path)
    directory.scan()
    (tmp_path / "bad.yaml").write_text(BROKEN[fault][0])
    (tmp_path / "good.yaml").write_text(GOOD + "rights: mine\n")
    with capture_logs() as logs:
        directory.scan()
        directory.scan()
    assert {name: config.rights for name, config in directory.configs.items()} == {"good": "mine", "bad": None}
    assert [(entry["event"], entry["kept"]) for entry in logs] == [("connector_file_broken", True)]


def test_a_directory_that_cannot_be_listed_stops_no_connector(tmp_path: Path) -> None:
    folder = tmp_path / "connectors"
    folder.mkdir()
    (folder / "good.yaml").write_text(GOOD)
    directory = ConnectorDirectory(folder)
    directory.scan()
    folder.rename(tmp_path / "away")
    with capture_logs() as logs:
        directory.scan()
        directory.scan()
    assert set(directory.configs) == {"good"}
    assert [entry["event"] for entry in logs] == ["connector_directory_unreadable"]
    assert set(directory.errors) == {folder}
    (tmp_path / "away").rename(folder)
    (folder / "good.yaml").unlink()
    directory.scan()
    assert (directory.configs, directory.errors) == ({}, {})
