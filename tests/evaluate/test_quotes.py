"""brat stand-off folders and the scores of a quotation finder on them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from pipeline.enrich.quotes.extract import Found
from pipeline.errors import ConfigurationError
from pipeline.evaluate.brat import read_folder
from pipeline.evaluate.cli import app
from pipeline.evaluate.quotes import evaluate_quotes

TEXT = (
    '“We will stay,” Ana Ruiz said, “until it is over.”\nThe minister said that prices "will fall" soon.\nHe agreed.\n'
)
#                                                       51


def _span(part: str) -> str:
    start = TEXT.index(part)
    return f"{start} {start + len(part)}"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    mixed = _span('that prices "will fall" soon')
    content = f"{_span('“We will stay,”')};{_span('“until it is over.”')}"
    (tmp_path / "a.ann").write_text(
        f"T1\tContent {content}\tx\nT2\tSource {_span('Ana Ruiz')}\tAna Ruiz\nT3\tCue {_span('said')}\tsaid\n"
        f"E1\tAttribution:T3 Source:T2 Content:T1\n"
        f"T4\tContent {mixed}\tx\nT5\tSource {_span('The minister')}\tx\n"
        f"T6\tCue {TEXT.rindex('said')} {TEXT.rindex('said') + 4}\tsaid\nE2\tCue:T6 Source:T5 Content:T4\n"
        "#1\tAnnotatorNotes T1\ta note\n",
        encoding="utf-8",
    )
    return tmp_path


def test_reads_events_fragments_and_types(folder):
    [(name, text, attributions)] = read_folder(folder)
    assert (name, text) == ("a", TEXT)
    assert [one.type for one in attributions] == ["direct", "mixed"]
    assert len(attributions[0].content) == 2
    assert [TEXT[a:b] for a, b in attributions[1].source] == ["The minister"]


def test_a_stated_type_wins(folder):
    file = folder / "a.ann"
    file.write_text(file.read_text(encoding="utf-8") + "A1\tQuotation_type E2 Indirect\n", encoding="utf-8")
    [(_, _, attributions)] = read_folder(folder)
    assert [one.type for one in attributions] == ["direct", "indirect"]


def test_marks_and_stops_at_the_edges_do_not_count(folder):
    def find(text):
        start = text.index("We will stay")
        return [Found("direct", start, start + len("We will stay"), None)]

    scores = evaluate_quotes(folder, find=find)
    assert scores["content"].exact["all"].precision == 1
    assert scores["content"].exact["all"].recall == pytest.approx(1 / 3)
    assert scores["by_type"].exact["mixed"].recall == 0


def test_the_project_finder_finds_both(folder):
    scores = evaluate_quotes(folder)
    assert scores["by_type"].exact["direct"].f1 == 1
    assert scores["source"].exact["all"].recall == 1


def test_damage_is_named_with_its_place(folder):
    (folder / "b.txt").write_text("x", encoding="utf-8")
    (folder / "b.ann").write_text("T1\tContent three four\tx\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"b\.ann:1"):
        read_folder(folder)


def test_a_missing_text_is_named(folder):
    (folder / "a.txt").unlink()
    with pytest.raises(ConfigurationError, match=r"a\.txt"):
        read_folder(folder)
    with pytest.raises(ConfigurationError, match=r"no \.ann files"):
        read_folder(folder / "nothing")


def test_the_command_prints_json_and_tables(folder):
    plain = CliRunner().invoke(app, ["quotes", "--gold", str(folder), "--json"])
    assert plain.exit_code == 0
    assert json.loads(plain.stdout)["content"]["exact"]["all"]["gold"] == 3
    table = CliRunner().invoke(app, ["quotes", "--gold", str(folder)])
    assert table.exit_code == 0
    assert "direct" in table.stdout
