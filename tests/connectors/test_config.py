"""Connectors' files: what is wrong is named with file, line and what is allowed; the last good one stays in force."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectors.config import json_schema, load_connector
from connectors.directory import ConnectorDirectory
from connectors.transports.table import options_tables
from pipeline.events.errors import ConfigurationError

GOOD = "transport: {type: folder, path: /tmp/drop}\nprovider: Example\n"


def write(path: Path, text: str) -> None:
    path.write_text(text)
    # Two writes within one tick of the file system's clock must be told apart here as they are in practice.
    stamp = write.__dict__["tick"] = write.__dict__.get("tick", 1_000) + 1
    os.utime(path, (stamp, stamp))


def test_the_name_is_the_files(tmp_path: Path) -> None:
    write(tmp_path / "example.yaml", GOOD)
    config = load_connector(tmp_path / "example.yaml")
    assert (config.name, config.parser, config.mapping, config.interval_seconds) == ("example", "auto", "wire", 2)


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("provider: X\ntransport: {type: folder, path: a}\nparsr: rss\n", 3, "parsr: there is no such setting"),
        ("provider: X\nparser: rss3\ntransport: {type: folder, path: a}\n", 2, "there is no such parser; there are: auto"),
        ("provider: X\nmapping: nobody\ntransport: {type: folder, path: a}\n", 2, "presets:"),
        ("provider: X\ntransport:\n  type: folder\n  path: a\n  patern: x\n", 5, "there is no such setting"),
        ("provider: X\ntransport:\n  type: htp\n", 2, "'http'"),
        ("provider: X\ntransport:\n  type: http\n  url: ftp://a/\n", 4, "no http or https address"),
        ("provider: X\n", 1, "transport: Field required"),
        ("transport: {type: folder, path: a}\n", 1, "provider: Field required"),
        ("provider: X\nname: Not Good\ntransport: {type: folder, path: a}\n", 2, "lower-case letters"),
        ("provider: X\nschedule:\n  interval_seconds: 0\ntransport: {type: folder, path: a}\n", 3, "greater than or equal"),
        ("provider: [X\n", 2, "this is not YAML"),
        ("- a\n", 1, "a mapping of sections is expected"),
    ],
)  # fmt: skip
def test_errors_name_file_line_and_what_is_allowed(tmp_path: Path, text: str, line: int, expected: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_connector(path)
    assert f"{path}:{line}: " in str(caught.value)
    assert expected in str(caught.value)


def test_files_added_changed_and_removed(tmp_path: Path) -> None:
    directory = ConnectorDirectory(tmp_path / "connectors")
    directory.scan()
    assert directory.configs == {}
    (tmp_path / "connectors").mkdir()
    write(tmp_path / "connectors" / "a.yaml", GOOD)
    write(tmp_path / "connectors" / "b.yml", GOOD + "name: other\n")
    directory.scan()
    assert set(directory.configs) == {"a", "other"}
    write(tmp_path / "connectors" / "a.yaml", GOOD + "rights: mine\n")
    (tmp_path / "connectors" / "b.yml").unlink()
    directory.scan()
    assert {name: config.rights for name, config in directory.configs.items()} == {"a": "mine"}


def test_of_a_broken_file_the_last_good_one_stays_in_force(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    write(path, GOOD + "name: example\n")
    directory = ConnectorDirectory(tmp_path)
    directory.scan()
    write(path, GOOD + "name: example\nnonsense: 1\n")
    for _ in range(2):
        directory.scan()
        assert set(directory.configs) == {"example"}
        assert "nonsense" in directory.errors[path]
    write(path, GOOD + "name: renamed\n")
    directory.scan()
    assert (set(directory.configs), directory.errors) == ({"renamed"}, {})


def test_a_file_broken_from_the_start_runs_nothing_and_a_removed_one_ends(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    write(path, "nonsense: 1\n")
    directory = ConnectorDirectory(tmp_path)
    directory.scan()
    assert directory.configs == {}
    path.unlink()
    directory.scan()
    assert directory.errors == {}


def test_two_files_of_one_name_are_an_error_of_the_second(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", GOOD + "name: same\n")
    write(tmp_path / "b.yaml", GOOD + "name: same\n")
    directory = ConnectorDirectory(tmp_path)
    directory.scan()
    assert list(directory.errors) == [tmp_path / "b.yaml"]
    assert "taken by" in directory.errors[tmp_path / "b.yaml"]


def test_the_schema_describes_every_option() -> None:
    schema = json_schema()
    assert "name" not in schema["required"]
    assert {"transport", "provider"} <= set(schema["required"])
    for part in [schema, *schema["$defs"].values()]:
        if "properties" in part:
            assert part["additionalProperties"] is False
            for name, option in part["properties"].items():
                assert option.get("description") or "const" in option or part.get("title") == "Secret", name


def test_the_page_shows_the_options_as_they_are() -> None:
    page = Path(__file__).parents[2] / "docs" / "connectors.md"
    assert page.read_text(encoding="utf-8").endswith("\n\n" + options_tables()), (
        "run: python -m connectors.transports.table"
    )


def test_of_many_files_the_first_begin_before_the_last_are_read(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path / f"{number}.yaml", GOOD + f"name: feed-{number}\n")
    directory = ConnectorDirectory(tmp_path)
    known = []
    while not directory.is_complete or not known:
        directory.scan(2)
        known.append(sorted(directory.configs))
    assert [len(names) for names in known] == [2, 4, 5]
    write(tmp_path / "1.yaml", GOOD + "name: feed-1\nrights: mine\n")
    before = directory.configs["feed-0"]
    directory.scan(2)
    assert directory.is_complete
    assert directory.configs["feed-1"].rights == "mine"
    assert directory.configs["feed-0"] is before


def test_a_broken_file_is_read_again_when_another_changes(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", GOOD + "name: a\nmapping: mine.yaml\n")
    directory = ConnectorDirectory(tmp_path)
    directory.scan()
    broken = dict(directory.errors)
    write(tmp_path / "b.yaml", GOOD + "name: b\n")
    directory.scan()
    assert directory.is_complete
    assert set(directory.configs) >= {"b"}
    assert directory.errors == broken
