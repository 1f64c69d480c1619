"""What agencies and sites really send: invented stories in files built as theirs are, read as a careful reader would.

``wire/NAME.PARSER.EXT`` is read by that parser with the mapping that its name begins with (``wire`` where there is no
such preset); ``NAME.PARSER.EXT.expected.json`` holds the items as ``wiredesk connectors parse --json`` gives them. After
a wanted change: ``WIREDESK_UPDATE_EXPECTED=1 pytest tests/connectors/test_wire.py``, and read the difference.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.mapping import preset_names
from connectors.parsers import BUILT_IN, guess_parser
from pipeline.cli.connectors import app

FOLDER = Path(__file__).parent / "wire"
FILES = sorted(path for path in FOLDER.iterdir() if not path.name.endswith(".expected.json"))


def parser_of(path: Path) -> str:
    return path.name.split(".")[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_field_is_as_a_careful_reader_expects(path: Path) -> None:
    agency = path.name.split("-")[0]
    mapping = agency if agency in preset_names() else "wire"
    result = CliRunner().invoke(app, ["parse", "-p", parser_of(path), "-m", mapping, "--json", str(path)])
    assert result.exit_code == 0, result.output
    items = [json.loads(line) for line in result.stdout.splitlines()]
    for item in items:
        assert item.pop("file") == str(path)
        for name in ("item_id", "uri"):  # the year of a dateline is that of the last such day
            if item.get(name, "").startswith("zczc:"):
                item[name] = re.sub(r":20\d\d-", ":YYYY-", item[name])
    expected = path.with_name(path.name + ".expected.json")
    if os.environ.get("WIREDESK_UPDATE_EXPECTED"):
        expected.write_text(json.dumps(items, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert items == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_format_is_told_from_the_bytes(path: Path) -> None:
    assert guess_parser(path.read_bytes(), None) == parser_of(path)


def test_every_parser_has_such_a_file() -> None:
    assert {parser_of(path) for path in FILES} | {"dpa"} == set(BUILT_IN)
