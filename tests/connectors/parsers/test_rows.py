"""Tables keep rows and cells, in text and HTML; prose does not become a table; ids of a hash do not change by it."""

from __future__ import annotations

import pytest

from connectors.parsers.content import html_body, paragraphs
from connectors.parsers.rows import on_one_line, with_tabs
from pipeline.intake.content import clean_text

TABLE = (
    "<p>Intro</p><table><caption>Results</caption><thead><tr><th></th><th>Seats</th><th colspan='2'>Share</th></tr></thead>"
    "<tbody><tr><td>Reds</td><td>10</td><td>20 %</td></tr><tr><td>Blues</td><td></td><td><b>5</b> %</td></tr></tbody></table><p>After</p>"
)  # fmt: skip


def body(markup: str) -> str:
    return "\n\n".join(with_tabs(html_body(markup)[1].split("\n\n")))


def test_a_table_keeps_rows_and_cells() -> None:
    assert body(TABLE) == "Intro\n\nResults\n\n\tSeats\tShare\nReds\t10\t20 %\nBlues\t\t5 %\n\nAfter"
    html = html_body(TABLE)[0] or ""
    assert '<th colspan="2">Share</th>' in html
    assert html.count("<tr>") == 3


def test_the_cells_reach_the_story() -> None:
    assert clean_text("A\u00a0b \t c\nd\te", tables=True) == "A b \t c\nd\te"
    assert clean_text("A\tb") == "A b"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<table><tr><td><p>One</p><p>Two</p></td></tr></table>", "One\n\nTwo"),  # a table for layout
        ("<table><tr><td>x</td><td><table><tr><td>One</td></tr></table></td></tr></table>", "x\n\nOne"),
        ("<table><tr><td><p>A</p></td><td><p>B</p><p>C</p></td></tr></table>", "A\tB C"),
        ("<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>", "a\n\nb\n\nc"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a\n\nb"),
        ("<pre>Team     W   L\nReds     9   1\nBlues   18   2\n</pre>", "Team\tW\tL\nReds\t9\t1\nBlues\t18\t2"),
        ("<pre>a line that goes\non here</pre>", "a line that goes on here"),
        ("<nitf-table><table><tr><td>a</td><td>b</td></tr></table></nitf-table>", "a\tb"),
    ],
)
def test_layouts(markup: str, text: str) -> None:
    assert body(markup) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("One\ntwo\n\nTeam     W   L\nReds     9   1\n\nEnd.", "One two\n\nTeam\tW\tL\nReds\t9\t1\n\nEnd."),
        ("One.\nTeam     W   L\nReds     9   1\nEnd.", "One.\n\nTeam\tW\tL\nReds\t9\t1\n\nEnd."),
        ("One.\n\nTeam\tW\tL\nReds\t9\t1\n\nEnd.", "One.\n\nTeam\tW\tL\nReds\t9\t1\n\nEnd."),
        ("He said.  Then he went.\nShe stayed.  All was well.\n\nEnd.", "He said. Then he went. She stayed. All was well.\n\nEnd."),
    ],
)  # fmt: skip
def test_a_table_in_a_text_keeps_its_lines(written: str, text: str) -> None:
    assert "\n\n".join(with_tabs(paragraphs(written).split("\n\n"))) == text


@pytest.mark.parametrize(
    ("markup", "before"),
    [
        (TABLE, "Intro\n\nResults\n\nSeats Share\n\nReds 10 20 %\n\nBlues 5 %\n\nAfter"),
        ("<table><tr><td><p>A</p></td><td><p>B</p><p>C</p></td></tr></table>", "A\n\nB\n\nC"),
        ("<pre>Team     W   L\nReds     9   1\n</pre>", "Team W L Reds 9 1"),
        ("<p>a b</p><p>c</p>", "a b\n\nc"),
    ],
)
def test_a_hash_of_a_text_is_made_from_what_it_was(markup: str, before: str) -> None:
    assert on_one_line(html_body(markup)[1], as_written=False) == before


def test_a_table_between_tabs_in_anpa_stands_line_by_line(parse) -> None:
    message = (
        "\x16\x16\x01s1234\x1f\nr s BC-Table-Results 03-14 0040\n\x02^BC-Table-Results<\n^Results of Friday<\n"
        "\tPORT ARDELLE (AP) _ The standings:\n\tTeam      W   L<\n\tReds      9   1<\n\tBlues     8   2<\n\tThat is all.\n\x03"
    )
    (item,) = parse("anpa1312", message).items
    assert item.body_text == "The standings:\n\nTeam  W  L\nReds  9  1\nBlues  8  2\n\nThat is all."


def test_a_table_in_a_wire_text_stands_line_by_line(parse) -> None:
    text = "Results of Friday\n\nPORT ARDELLE (ABC) - The standings:\n\nTeam      W   L\nReds      9   1\n\nThat is\nall.\n"
    (item,) = parse("text", text).items
    assert item.body_text == "The standings:\n\nTeam      W   L\nReds      9   1\n\nThat is all."


RESULTS = (
    "Racing results\n\nPORT ARDELLE (ABC) - Results of the meeting at Port Ardelle on a fine and dry afternoon, with the\n"
    "track rated good and a wind from the west all day:\n\nRace 1, 1200 metres\n1 Harbour Light (J Doe) 2.40\n2 Old Bridge 5.10\n3 Quarry 11.00\n\n"
    "The next meeting is on Sunday, when the cup will be run over two miles in front of a crowd that\nmay be the largest for years.\n"
)  # fmt: skip


def test_a_list_in_a_wire_text_stands_line_by_line(parse) -> None:
    (item,) = parse("text", RESULTS).items
    assert item.body_text.split("\n\n")[1] == (
        "Race 1, 1200 metres\n1 Harbour Light (J Doe) 2.40\n2 Old Bridge 5.10\n3 Quarry 11.00"
    )
    assert item.body_text.count("\n") == 2 * 2 + 3
    assert on_one_line(item.body_text, as_written=True).count("\n") == 2 * 2


def test_lines_that_end_with_the_sign_of_a_line_end_stay_lines_in_anpa(parse) -> None:
    message = (
        "\x16\x16\x01s1234\x1f\nr s BC-Table-Results 03-14 0040\n\x02^BC-Table-Results<\n^Results of Friday<\n"
        "\tAt Port Ardelle<\nReds 9, Blues 1<\nGreens 3, Greys 2<\n\tThat is\nall.\n\x03"
    )
    (item,) = parse("anpa1312", message).items
    assert item.body_text == "At Port Ardelle\nReds 9, Blues 1\nGreens 3, Greys 2\n\nThat is all."
