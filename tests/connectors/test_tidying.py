"""The body and its HTML have the story alone; notes, credits and datelines go to their own fields."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.identity import stable_id
from connectors.wording.notes import credited, rules
from connectors.wording.removal import without_removed
from connectors.wording.tidying import taken_out, tidied
from pipeline.events.item import Item, Media

FIRST = "Officials said on Tuesday that the bridge would open again next week."
SECOND = "It had been closed since May, the ministry said."


def read(*paragraphs: str, parser: str = "rss", **fields: Any) -> Item:
    html = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return tidied(Item(body_text="\n\n".join(paragraphs), body_html=html, **fields), parser)


def assert_story_alone(item: Item) -> None:
    assert item.body_text == f"{FIRST}\n\n{SECOND}"
    assert (item.body_html or "").replace("\n", "") == f"<p>{FIRST}</p><p>{SECOND}</p>"


@pytest.mark.parametrize(
    ("note", "signal"),
    [
        ("(In Jan. 3 story, corrects spelling of name in paragraph 2)", "correction"),
        ("(In this Nov. 24 item, corrects day in paragraph 1 to Tuesday)", "correction"),
        ("(Corrects spelling in para 3)", "correction"),
        ("(This Nov. 24 story has been corrected to show the year in paragraph 5)", "correction"),
        ("This story has been corrected to show that the bridge opened in May.", "correction"),
        ("(Refiles to fix typographical error in headline)", "refile"),
        ("(Adds quotes, background)", "update"),
        ("(Recasts with vote, adds details throughout)", "update"),
        ("(Actualise avec réactions, détails)", "update"),
        ("(Actualiza con declaraciones)", "update"),
        ("(Rectifie le prénom au 3e paragraphe)", "correction"),
        ("(With photo)", None),
        ("Eds: Adds byline. With AP Photos.", None),
        ("EDITOR’S NOTE: The names were changed.", None),
    ],
)
def test_notes_at_the_top_go_to_the_note_for_editors(note: str, signal: str | None) -> None:
    item = read(note, FIRST, SECOND)
    assert_story_alone(item)
    assert item.ednote == note
    assert item.signals == ((signal,) if signal else ())


def test_a_note_after_the_dateline_and_before_the_story_in_one_paragraph() -> None:
    item = read(f"LONDON, Nov 24 (Reuters) - (Adds quotes) {FIRST}", SECOND)
    assert_story_alone(item)
    assert (item.dateline, item.located, item.ednote) == ("LONDON, Nov 24", "London", "(Adds quotes)")


@pytest.mark.parametrize(
    ("credit", "people"),
    [
        ("(Reporting by Jo Doe in Rome and Al Roe; Editing by Ida Poe)", {"Jo Doe": "reporting", "Al Roe": "reporting", "Ida Poe": "editing"}),
        ("(Additional reporting by Jo Doe, Al Roe and Ida Poe)", {"Jo Doe": "reporting", "Al Roe": "reporting", "Ida Poe": "reporting"}),
        ("(Reporting by Jo Doe in London and New York)", {"Jo Doe": "reporting"}),
        ("(Redacción de Jo Doe; Editado por Al Roe)", {"Jo Doe": "writing", "Al Roe": "editing"}),
        ("Reporting by Jo Doe; Editing by Al Roe", {"Jo Doe": "reporting", "Al Roe": "editing"}),
        ("Associated Press writer Jo Doe in Rome contributed to this report.", {"Jo Doe": "contributor"}),
        ("Jo Doe and Al Roe contributed reporting from Rome.", {"Jo Doe": "contributor", "Al Roe": "contributor"}),
    ],
)  # fmt: skip
def test_credits_at_the_end_go_to_the_authors(credit: str, people: dict[str, str]) -> None:
    for item in (read(FIRST, SECOND, credit), read(FIRST, f"{SECOND} {credit}") if credit[0] == "(" else None):
        if item is not None:
            assert_story_alone(item)
            assert {author.name: author.role for author in item.authors} == people


@pytest.mark.parametrize(
    "last",
    [
        "abc/de/fg", "bur-sg/wai", "ab/c", "HVS/RSA/", "ففف/ح س/كام", "AAP im", "AAP RTV jp/rl", "dpa abc xy n1 de", "PTI ABC DE",
        "(BRV, FIN, nl, pv)", "EFE", "— Reuters", "/ritzau/", "(ANSA).", "ABC/DEF 12-NOV-26 10:00 NNNN", "(Our editorial staff can be reached at a@b.example)",
        "Enditem", "-30-", "###", "ENDS", "* * *", "___",
        "The post Bridge opens appeared first on Harbour News.", "Der Beitrag Brücke erschien zuerst auf Hafen.",
        "L’article Pont est apparu en premier sur Le Port.", "La entrada Puente se publicó primero en Puerto.",
        "Continue reading...", "Continue reading Bridge opens →", "Read more", "Lire la suite »", "Weiterlesen …",
        "With inputs from agencies", "Roe and Poe reported from Port Ardelle.", "Source: Reuters", "© Thomson Reuters 2026", "All rights reserved.",
        "(This story has not been edited by our staff and is auto-generated from a syndicated feed.)",
        "Our Standards: The Thomson Reuters Trust Principles.", "((jo.doe@news.example; +44 20 5550 1234))",
    ],
)  # fmt: skip
def test_initials_signatures_and_footers_are_dropped_and_counted(last: str) -> None:
    item = read(FIRST, SECOND, last)
    assert_story_alone(item)
    assert len(taken_out(item)) == 1
    assert not item.authors


@pytest.mark.parametrize(
    "paragraph",
    [
        "He spoke of a scheme (Reporting by Age) that ended in May.",
        "The minister (who was in Rome) said so.",
        "The band AC/DC played.",
        "She contributed to the report that the bank published.",
        "The correction was small.",
        "Read more books, the minister said.",
        "This story began in May, when the bridge was closed.",
        "By Tuesday the water had gone.",
        "NATO: the allies met.",
        "The post was vacant, the minister said.",
        "End of the road, said the driver.",
        "Sid",
        "Jana Giovannini",
        "Map of the harbour",
    ],
)
def test_the_story_itself_is_never_taken_for_a_note(paragraph: str) -> None:
    for item in (read(FIRST, paragraph, SECOND), read(FIRST, SECOND, paragraph), read(paragraph, FIRST, SECOND)):
        assert paragraph in (item.body_text or "")
        assert paragraph in (item.body_html or "")
        assert not taken_out(item)


def test_a_message_that_is_one_note_stays_a_message() -> None:
    assert read("(Corrects spelling in para 3)").body_text == "(Corrects spelling in para 3)"
    assert read("abc/de/fg").body_text == "abc/de/fg"


def test_a_mail_ends_at_its_disclaimer_and_another_text_does_not() -> None:
    notice = "This e-mail and any attachments are confidential and intended for the addressee only."
    assert_story_alone(read(FIRST, SECOND, notice, "It was checked for viruses.", parser="email"))
    assert notice in (read(FIRST, SECOND, notice, parser="rss").body_text or "")


@pytest.mark.parametrize(
    ("above", "byline"),
    [
        (("By JANE DOE", "Associated Press"), "JANE DOE"), (("By Jane Doe and Al Roe",), "Jane Doe and Al Roe"),
        (("By JANE DOE, AP Business Writer",), "JANE DOE, AP Business Writer"), (("Von Jana Dohe, dpa",), "Jana Dohe, dpa"),
        (("Par Jeanne Dupont",), "Jeanne Dupont"), (("By J. R. Doe",), "J. R. Doe"),
    ],
)  # fmt: skip
def test_a_byline_above_the_story_is_taken_out(above: tuple[str, ...], byline: str) -> None:
    item = read(*above, f"ROME (AP) — {FIRST}", SECOND)
    assert_story_alone(item)
    assert item.byline == byline


def test_a_byline_of_somebody_else_than_the_metadata_names_stays() -> None:
    assert "By Jane Doe" in (read("By Jane Doe", FIRST, SECOND, byline="Al Roe").body_text or "")
    assert_story_alone(read("By Jane Doe", FIRST, SECOND, byline="Jane Doe"))


@pytest.mark.parametrize(
    ("metadata", "body", "dateline", "located"),
    [
        ({}, "LONDON, Nov 24 (Reuters) - ", "LONDON, Nov 24", "London"),
        ({"dateline": "Paris", "located": "Paris"}, "LONDON, Nov 24 (Reuters) - ", "LONDON, Nov 24", "London"),
        ({"dateline": "London", "located": "London"}, "LONDON, Nov 24 (Reuters) - ", "LONDON, Nov 24", "London"),
        ({"dateline": "LONDON, Nov 24", "located": "London"}, "LONDON (Reuters) - ", "LONDON, Nov 24", "London"),
        ({"dateline": "Nov 24", "located": "Nov 24"}, "LONDON (Reuters) - ", "LONDON", "London"),
        ({"dateline": "10:30", "located": "10:30"}, "", None, None),
        ({"located": "Various"}, "", None, None),
        ({"located": "Mexico City"}, "", None, "Mexico City"),
        ({"located": "Rome", "dateline": "ROME, Nov 24"}, "", "ROME, Nov 24", "Rome"),
        ({"located": "Rome"}, "Nov 24 (Reuters) - ", "Nov 24", "Rome"),
        ({}, "(Reuters) - ", None, None),
        ({"located": "LONDON", "dateline": "NORVAINE, Nov 24"}, "", "NORVAINE, Nov 24", "Norvaine"),
        (
            {"located": "LONDON", "dateline": "NORVAINE, Nov 24"},
            "NORVAINE, Nov 24 (Reuters) - ",
            "NORVAINE, Nov 24",
            "Norvaine",
        ),
        ({"located": "Canberra Aap", "dateline": "CANBERRA AAP"}, "", "CANBERRA", "Canberra"),
        (
            {"located": "Nice (France)", "dateline": "Nice (France), 12 juin 2015"},
            "",
            "Nice (France), 12 juin 2015",
            "Nice",
        ),
        ({"dateline": "Nov 24, 2026 10:30 GMT"}, "", None, None),
        ({"dateline": "東京", "located": "東京"}, "", "東京", "東京"),
        ({"located": "UAE"}, "", None, "UAE"),
        ({"located": "NORVAINE, Valdoria", "dateline": "NORVAINE, Valdoria"}, "", "NORVAINE, Valdoria", "Norvaine"),
    ],
)
def test_the_dateline_of_the_body_wins_and_leaves_it(
    metadata: dict[str, str], body: str, dateline: str | None, located: str | None
) -> None:
    item = read(f"{body}{FIRST}", SECOND, **metadata)
    assert_story_alone(item)
    assert (item.dateline, item.located) == (dateline, located)


def test_what_the_metadata_said_is_kept() -> None:
    item = read(f"LONDON (Reuters) - {FIRST}", dateline="Paris", located="Paris")
    assert item.originals == {"dateline of the metadata": "Paris", "located of the metadata": "Paris"}


def test_a_mapping_can_leave_datelines_in_the_body() -> None:
    item = Item(body_text=f"LONDON (Reuters) - {FIRST}")
    assert tidied(item, "rss", datelines=False).body_text == item.body_text


@pytest.mark.parametrize("line", ["FOR IMMEDIATE RELEASE", "Pressemitteilung", "PRESS RELEASE"])
def test_a_press_release_does_not_say_so_in_its_text(line: str) -> None:
    item = read(
        line, "Bridge opens in May", f"NORVAINE, Nov. 12, 2026 – {FIRST}", SECOND, headline="Bridge opens in May"
    )
    assert_story_alone(item)
    assert item.located == "Norvaine"


def test_a_place_further_down_begins_a_section() -> None:
    item = read(FIRST, f"LONDON: {SECOND}")
    assert item.located is None
    assert "LONDON" in (item.body_text or "")


@pytest.mark.parametrize(
    ("description", "kept"),
    [
        ("Bridge opens", None), ("harbour-bridge Bridge opens", None), ("HARBOUR-BRIDGE", None), ("The bridge is open.", "The bridge is open."),
        ("The bridge is open.\n\nThe post Bridge opens appeared first on Harbour.", "The bridge is open."),
        ("The bridge is… Continue reading Bridge opens →", "The bridge is…"),
    ],
)  # fmt: skip
def test_a_description_says_something(description: str, kept: str | None) -> None:
    item = read(FIRST, SECOND, headline="Bridge opens", slugline="harbour-bridge", description=description)
    assert item.description == kept


def test_the_id_of_an_item_without_one_is_the_same_before_and_after() -> None:
    """It is taken from the item as parser and mapping leave it; what is tidied comes afterwards."""
    item = Item(body_text=f"LONDON: {FIRST}\n\nabc/de/fg")
    assert stable_id(item) != stable_id(tidied(item, "text"))  # so the order matters: see connectors.reading


@pytest.mark.parametrize(
    ("markup", "before", "after", "expected"),
    [
        ("<p><b>ROME</b> (AP) — <i>Text</i> goes</p>", "ROME (AP) — Text goes", "Text goes", "<p><i>Text</i> goes</p>"),
        ("<div><p>abc</p><p>Text</p></div>", "abc\n\nText", "Text", "<div><p>Text</p></div>"),
        ("<p>Text <em>(AFP)</em></p><ul><li>abc</li></ul>", "Text (AFP)\n\nabc", "Text", "<p>Text </p>"),
        ("<p>Text</p><p><br>abc</p>", "Text\n\nabc", "Text", "<p>Text</p>"),
        ("<p>abc</p><p>Text</p><p>abc</p>", "abc\n\nText\n\nabc", "abc\n\nText", "<p>abc</p><p>Text</p>"),
        ("<p>Other</p>", "abc\n\nText", "Text", "<p>Other</p>"),
        ("<p>A &lt;b&gt; &amp; c</p><p>abc</p>", "A <b> & c\n\nabc", "A <b> & c", "<p>A &lt;b&gt; &amp; c</p>"),
    ],
)
def test_html_loses_what_its_text_has_lost(markup: str, before: str, after: str, expected: str) -> None:
    found = without_removed(markup, before, after) or ""
    assert found.replace("<br>", "").replace("<p></p>", "") == expected


@pytest.mark.parametrize(
    "initials",
    [
        " Read more",
        " Lire la suite »",
        " AAP jd",
        " AAP RTV jd/ar",
        " (BRV, FIN, nl, pv)",
        " EFE",
        " PTI AB CD",
        " (AFP)",
        " Enditem",
    ],
)
def test_signatures_at_the_end_of_the_last_paragraph_leave_it(initials: str) -> None:
    assert_story_alone(read(FIRST, SECOND + initials))


def test_blank_lines_in_markup_without_paragraphs_are_paragraphs() -> None:
    markup = f"{FIRST}\n\nIt had been <em>closed</em> since May, the ministry said."
    item = tidied(Item(body_text=f"{FIRST} {SECOND}", body_html=markup), "rss")
    assert item.body_text == f"{FIRST}\n\n{SECOND}"
    assert item.body_html == f"<p>{FIRST}</p><p>It had been <em>closed</em> since May, the ministry said.</p>"


def test_a_picture_of_the_body_that_is_among_the_media_is_there_once() -> None:
    figure = Media(href="https://x.example/a.jpg", description="Bridge", rendition="figure")
    known = Media(href="https://x.example/a.jpg", type="image/jpeg", rendition="original")
    other = Media(href="https://x.example/b.jpg", rendition="figure")
    item = tidied(Item(media=(figure, known, other)), "ninjs")
    assert item.media == (known.model_copy(update={"description": "Bridge"}), other)


def test_people_of_credits_have_two_names() -> None:
    assert [author.name for author in credited("(Reporting by Jo Doe, staff and Reuters)")] == ["Jo Doe"]


def test_every_rule_has_a_name_to_be_counted_by() -> None:
    assert all(rule.name and rule.match for rule in rules())
