"""What a connector's file says of a wrong path, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.config import load_connector
from pipeline.cli.connectors import app
from pipeline.events.errors import ConfigurationError

HEAD = 'transport: {type: http, url: "https://site.example/x"}\nprovider: X\n'


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("parser: json\n", "parser_options: fields: name at least one field with its path"),
        ("parser: json\nparser_options: {preset: wordpres}\n", "there is no preset 'wordpres' of the parser json; there are: bluesky, gdelt"),
        ("parser: json\nparser_options: {fields: {headline: 'a['}}\n", "fields.headline: 'a[' is not a JMESPath expression"),
        ("parser: json\nparser_options: {fields: {head: a}}\n", "there is no field 'head'; there are: author, body"),
        ("parser: json\nparser_options: {field: {headline: a}}\n", "field: there is no such option; there are: preset, list, fields"),
        ("parser: html\nparser_options: {fields: {headline: h2}}\n", "list: name the selector of the entries"),
        ("parser: html\nparser_options: {list: article, fields: {headline: 'h2 >'}}\n", "fields.headline: 'h2 >' is not a CSS selector"),
        ("parser: html\nparser_options: {list: article, fields: {link: 'a@'}}\n", "names no attribute after @"),
        ("parser: xml\nparser_options: {list: '//item', fields: {headline: 'title['}}\n", "is not an XPath expression"),
    ],
)  # fmt: skip
def test_a_wrong_path_is_named_with_its_line(tmp_path: Path, rest: str, message: str) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(HEAD + rest)
    with pytest.raises(ConfigurationError) as caught:
        load_connector(path)
    assert message in str(caught.value)
    line = 4 if "parser_options" in rest else 1
    assert str(caught.value).startswith(f"{path}:{line}: parser_options: ")


def test_files_are_parsed_by_the_paths_of_a_connector(tmp_path: Path) -> None:
    connector, data = tmp_path / "site.yaml", tmp_path / "x.json"
    connector.write_text(HEAD + "parser: json\nparser_options: {fields: {headline: t}}\n")
    data.write_text('[{"t": "Bridge opens"}]')
    shown = CliRunner().invoke(app, ["parse", "--parser", str(connector), str(data)])
    assert "headline: 1 of 1  t  Bridge opens" in shown.output
    refused = CliRunner().invoke(app, ["parse", "--parser", "json", str(data)])
    assert "--parser json: the paths are missing. Name a connector's file" in str(refused.exception)
