"""brat stand-off folders and the scores of a quotation finder on them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from pipeline.cli.evaluate import app
from pipeline.enrich.quotes.quotation import Quotation
from pipeline.evaluate.brat import read_folder
from pipeline.evaluate.quotes import evaluate_quotes
from pipeline.events.errors import ConfigurationError

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
    [document] = read_folder(folder).documents
    attributions = document.attributions
    assert (document.name, document.text) == ("a", TEXT)
    assert [one.type for one in attributions] == ["direct", "mixed"]
    assert len(attributions[0].content) == 2
    assert [TEXT[a:b] for a, b in attributions[1].source] == ["The minister"]


def test_a_stated_type_wins(folder):
    file = folder / "a.ann"
    file.write_text(file.read_text(encoding="utf-8") + "A1\tQuotation_type E2 Indirect\n", encoding="utf-8")
    [document] = read_folder(folder).documents
    assert [one.type for one in document.attributions] == ["direct", "indirect"]


def test_marks_and_stops_at_the_edges_do_not_count(folder):
    def find(text):
        start = text.index("We will stay")
        return [Quotation("direct", start, start + len("We will stay"), None, "marks_alone")]

    scores = evaluate_quotes(folder, find=find).scores
    assert scores["content"].exact["all"].precision == 1
    assert scores["content"].exact["all"].recall == pytest.approx(1 / 3)
    assert scores["by_type"].exact["mixed"].recall == 0


def test_the_project_finder_finds_both(folder):
    scores = evaluate_quotes(folder).scores
    assert scores["by_type"].exact["direct"].f1 == 1
    assert scores["by_type"].exact["mixed"].f1 == 1, "a leading that does not count"
    assert scores["source"].exact["all"].recall == 1


def test_damage_is_named_with_its_place(folder):
    (folder / "b.txt").write_text("x", encoding="utf-8")
    (folder / "b.ann").write_text("T1\tContent three four\tx\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"b\.ann:1"):
        read_folder(folder)


def test_a_missing_text_is_left_out_and_named(folder):
    (folder / "below").mkdir()
    (folder / "below/b.ann").write_text("T1\tContent 0 1\tx\n", encoding="utf-8")
    gold = read_folder(folder)
    assert [document.name for document in gold.documents] == ["a"]
    assert [path.name for path in gold.without_text] == ["b.ann"]
    shown = CliRunner().invoke(app, ["quotes", "--gold", str(folder)])
    assert "b.ann" in shown.stdout


def test_a_folder_without_texts_or_annotations_is_refused(folder):
    (folder / "a.txt").unlink()
    with pytest.raises(ConfigurationError, match=r"a\.txt"):
        read_folder(folder)
    with pytest.raises(ConfigurationError, match=r"no \.ann files"):
        read_folder(folder / "nothing")


def test_folders_within_folders_and_texts_elsewhere(folder, tmp_path_factory):
    """Files of the same name in two folders each have their own text."""
    texts = tmp_path_factory.mktemp("texts")
    for part, text in (("one", "“Stay,” she said."), ("two", "He said: “Go now.”")):
        (folder / part).mkdir()
        (texts / part).mkdir()
        start = text.index("“")
        bound = f"T1\tContent {start} {text.index('”') + 1}\tx\nT2\tAttribution {text.index('said')} {text.index('said') + 4}\tsaid\n"
        (folder / part / "x.ann").write_text(f"{bound}E1\tAttribution:T2 Content:T1\n", encoding="utf-8")
        (texts / part / "x.txt").write_text(text, encoding="utf-8")
    (texts / "a.txt").write_text(TEXT, encoding="utf-8")
    documents = read_folder(folder, texts).documents
    assert [document.name for document in documents] == ["a", "one/x", "two/x"]
    for document in documents[1:]:
        [one] = document.attributions
        assert document.text[slice(*one.content[0])].startswith("“")
        assert [document.text[slice(*cue)] for cue in one.cue] == ["said"], "an event's own words are its cue"


def test_several_sources_and_nested_attributions(tmp_path):
    text = "Ruiz and Berg said Moe thinks prices will fall."
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")

    def bound(name, label, words):
        start = text.index(words)
        return f"{name}\t{label} {start} {start + len(words)}\t{words}\n"

    (tmp_path / "a.ann").write_text(
        bound("T1", "Source", "Ruiz")
        + bound("T2", "Source", "Berg")
        + bound("T3", "Cue", "said")
        + bound("T4", "Content", "Moe thinks prices will fall")
        + bound("T5", "Source", "Moe")
        + bound("T6", "Cue", "thinks")
        + bound("T7", "Content", "prices will fall")
        + "E1\tAttribution:T3 Source:T1 Source2:T2 Content:T4\nE2\tAttribution:T6 Source:T5 Content:T7\n"
        + "E3\tAttribution:T3 Source:T1 Content:E2\n*\tEquiv T1 T2\n",
        encoding="utf-8",
    )
    [document] = read_folder(tmp_path).documents
    words = [[text[a:b] for a, b in one.content] for one in document.attributions]
    assert words == [["Moe thinks prices will fall"], ["Moe thinks prices will fall"], ["prices will fall"]]
    assert max(len(one.source) for one in document.attributions) == 2


@pytest.mark.parametrize("count_both", [True, False])
def test_line_ends_of_windows_are_counted_as_the_annotations_count_them(tmp_path, count_both):
    text = "First line.\r\nHe said that prices will fall.\r\n"
    counted = text if count_both else text.replace("\r\n", "\n")
    start = counted.index("prices")
    (tmp_path / "a.txt").write_bytes(text.encode())
    (tmp_path / "a.ann").write_bytes(
        f"T1\tContent {start} {start + 16}\tprices will fall\r\nE1\tContent:T1\r\n".encode()
    )
    [document] = read_folder(tmp_path).documents
    assert document.text[slice(*document.attributions[0].content[0])] == "prices will fall"


def test_annotations_of_another_text_are_refused(folder):
    (folder / "a.txt").write_text("short", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="lies outside"):
        read_folder(folder)


def test_the_command_prints_json_and_tables(folder):
    plain = CliRunner().invoke(app, ["quotes", "--gold", str(folder), "--json"])
    assert plain.exit_code == 0
    found = json.loads(plain.stdout)
    assert (found["documents"], found["without_text"]) == (1, [])
    assert found["content"]["exact"]["all"]["gold"] == 3
    table = CliRunner().invoke(app, ["quotes", "--gold", str(folder)])
    assert table.exit_code == 0
    assert "direct" in table.stdout


def test_a_model_scores_the_quotations_of_the_whole_analysis(folder):
    plain = evaluate_quotes(folder)
    whole = evaluate_quotes(folder, model="blank-gazetteer")
    assert whole.scores["content"].as_dict() == plain.scores["content"].as_dict()
    assert whole.scores["source"].as_dict() == plain.scores["source"].as_dict()
    assert whole.scores["cue"].as_dict() == plain.scores["cue"].as_dict()
    with pytest.raises(ConfigurationError, match="no_such_pipeline"):
        evaluate_quotes(folder, model="no_such_pipeline")


def test_each_rule_is_counted(folder):
    rules = evaluate_quotes(folder).rules
    assert {name: (counts.found, counts.exact) for name, counts in rules.items()} == {
        "marks_name_verb": (1, 1),
        "name_verb_marks": (1, 1),
        "name_verb_statement": (1, 1),
    }


def test_speakers_are_scored_with_a_model(folder):
    file = folder / "a.ann"
    named = f"T9\tSpeaker {_span('Ana Ruiz')}\tAna Ruiz\n"
    gold = file.read_text(encoding="utf-8").replace("Content:T1", "Content:T1 Speaker:T9")
    file.write_text(gold + named, encoding="utf-8")
    assert evaluate_quotes(folder).speakers is None
    speakers = evaluate_quotes(folder, model="blank-gazetteer").speakers
    assert (speakers.gold, speakers.right, speakers.wrong) == (1, 1, 0)
    shown = CliRunner().invoke(app, ["quotes", "--gold", str(folder), "--model", "blank-gazetteer", "--by-rule"])
    assert "1 of 1 right, 0 wrong" in shown.output
    assert "marks_name_verb" in shown.output
