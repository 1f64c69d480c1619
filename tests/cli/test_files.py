"""Commands with a file that is empty, binary, a directory, or may not be read: what is wrong, and what to do."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest

from pipeline.cli import main

#: Nothing listens there.
AWAY = {"WIREDESK_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9", "WIREDESK_ELASTICSEARCH__URL": "http://127.0.0.1:9"}
FILES: dict[str, bytes | None] = {"empty": b"", "binary": b"\xff\xfe\x00<", "directory": None}
KIBANA = "kibana install --wait 0 --url http://127.0.0.1:9 --ca-file"
#: What a command says of each of these files, and its exit codes.
SAID: dict[str, tuple[tuple[str, int], tuple[str, int], tuple[str, int]]] = {
    "connectors list --config": (("127.0.0.1:9", 0), ("Save it as UTF-8", 2), ("is a directory", 2)),
    "try": (("the text is empty", 1), ("none of the formats known", 1), ("is a directory", 2)),
    "cluster": (("0 stories", 0), ("not JSON", 1), ("Is a directory", 2)),
    "connectors parse": (("the text is empty", 1), ("none of the formats known", 1), ("holds no files", 1)),
    "connectors check": (("Field required", 3), ("Save it as UTF-8", 3), ("Is a directory", 3)),
    "connectors import": (("Not an OPML file", 2), ("Not an OPML file", 2), ("Is a directory", 2)),
    "evaluate ner --gold": (("no gold sentences", 2), ("is not UTF-8", 2), ("no gold sentences", 2)),
    "evaluate quotes --gold": (("no .ann files", 2), ("no .ann files", 2), ("no .ann files", 2)),
    KIBANA: (("PEM file", 2), ("PEM file", 2), ("PEM file", 2)),
    "kibana generate --output": (("objects in", 0), ("objects in", 0), ("Name another path", 2)),
    "schema --out": (("Name another path", 2), ("Name another path", 2), ("schemas written", 0)),
}


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[str, object]:
    """What the command line prints, in one line, and its exit code."""
    for name, value in {**AWAY, "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["wiredesk", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    return " ".join((shown.out + shown.err).split()), ended.value.code or 0


@pytest.mark.parametrize("command", SAID)
def test_a_file_that_cannot_be_used_is_named_with_what_to_do(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for (name, data), (words, code) in zip(FILES.items(), SAID[command], strict=True):
        path = tmp_path / f"{name}.yaml"
        if data is None:
            path.mkdir()
        else:
            path.write_bytes(data)
        shown, ended = run(monkeypatch, capsys, *command.split(), str(path))
        assert words in shown, name
        assert ended == code, name
        assert path.name in shown or "0 stories" in shown or "127.0.0.1:9" in shown, name


def test_a_file_that_may_not_be_read_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "secret.xml"
    path.write_text("<x/>")

    def refuse(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)  # whoever tests may read everything
    shown, code = run(monkeypatch, capsys, "try", str(path))
    assert (shown, code) == (f"Error: {path}: Permission denied. Name another path, or change its permissions.", 2)


def test_a_condition_of_a_whole_file_has_no_empty_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "all.yaml").write_text("words: x\n")
    monkeypatch.setenv("WIREDESK_ALERTS__DIRECTORY", str(tmp_path))
    shown, code = run(monkeypatch, capsys, "alerts", "check")
    assert f"{tmp_path}/all.yaml:1: say where to send" in shown
    assert code == 2


def test_a_directory_without_connectors_says_how_to_write_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown, code = run(monkeypatch, capsys, "connectors", "check", "--directory", str(tmp_path / "none"))
    assert "0 connectors in" in shown
    assert "wiredesk connectors new" in shown
    assert code == 0
