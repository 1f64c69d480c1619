"""One person is one entry, two persons are two; headlines and credit lines add nobody whom the story does not name."""

from __future__ import annotations

from functools import cache

import pytest

from pipeline.enrich.analyse import Analyser
from pipeline.events import Content


@cache
def _analyser() -> Analyser:
    return Analyser({"en": "en_wire"})


def names(body: str, label: str = "PERSON", headline: str = "") -> set[str]:
    [found] = _analyser().analyse([Content(headline=headline or None, body=body, language="en")])
    return {entity.name for entity in found.entities if entity.label == label}


@pytest.mark.parametrize(
    "body",
    [
        "Volodymyr Zelensky met reporters. Volodymyr Zelenskyy said the talks would go on.",
        "Mayor Anton Verhovsky opened the pier. Anton Verhovskiy said it was safe.",
        "Timothy J. Sloan left the bank. Tim Sloan had led it since 2016.",
        "Katherine Roe resigned on Monday. Kate Roe said she was ill.",
        "Muhammad Yarnus spoke in Dhaka. Mohamed Yarnus said the polls would be held.",
        "Youssef Karam fled in May. Yusuf Karam was found in Oslo.",
        "Aleksei Orlov sued the firm. Alexey Orlov lost.",
        "Mikhail Khrushchov spoke. Mikhail Khrushchev waved.",
        "Tan Sri Lim Boon Keat opened the plant in Penang. Lim said it would employ 300 people.",
        "President of Mongolia U.Khurelsukh met miners. Khurelsukh said pay would rise.",
        "Dato' Sri Azman Ibrahim said the line was cut. Azman runs the firm.",
        "Pak Budi Santoso said the ferry sank at dawn. Budi was on board.",
        "Lt. Col. (Retd) Anwar Hossain said the camp was full. Anwar spoke in Dhaka.",
    ],
)
def test_one_person_in_two_spellings_is_one_entry(body: str) -> None:
    assert len(names(body)) == 1


@pytest.mark.parametrize(
    "body",
    [
        "The painter Robert Quaid Jr met Robert Quaid Sr in Calvessa.",
        "George W. Bush praised his father, George H. W. Bush.",
        "Donald Trump spoke in Iowa. Donald Trump Jr. spoke in Ohio.",
        "The novelist Ivan Petrovsky met the dancer Ivana Petrovskaya.",
        "The minister Vladimir Orlov met the envoy Volodymyr Orlov.",
        "The lawyer Hassan Karam met the judge Hussein Karam.",
    ],
)
def test_two_persons_are_two_entries(body: str) -> None:
    assert len(names(body)) == 2


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("Tan Sri Lim Boon Keat opened the plant in Penang.", "Lim Boon Keat"),
        ("Dato' Sri Azman Ibrahim said the line was cut.", "Azman Ibrahim"),
        ("Datuk Seri Rahim Salleh said the port would reopen.", "Rahim Salleh"),
        ("Pak Budi Santoso said the ferry sank at dawn.", "Budi Santoso"),
        ("Alhaji Musa Danjuma told reporters the vote was fair.", "Musa Danjuma"),
        ("Shri Anil Deshmane, the minister, said no trains would run.", "Anil Deshmane"),
        ("Reportedly Ann Berger left the firm.", "Ann Berger"),
        ("Apparently Karl Winter was late.", "Karl Winter"),
    ],
)
def test_what_stands_before_a_name_is_no_part_of_it(body: str, name: str) -> None:
    assert name in names(body)
    assert len(names(body)) == 1


CREDITS = [
    "(Reporting by Ann Moe in Oslo and Tom Reyes in Lima; Editing by Kim Sand)",
    "Reporting by Ann Moe; additional reporting by Tom Reyes",
    "Writing by Ann Moe, editing by Kim Sand",
    "(Photo by Lars Holm/Getty Images)",
    "Translated by Ann Moe",
]


@pytest.mark.parametrize("credit", CREDITS)
def test_who_is_named_in_a_credit_line_is_an_author(credit: str) -> None:
    body = f"Harbour minister Ilsa Marrowen opened the bridge.\n\n{credit}"
    assert names(body) == {"Ilsa Marrowen"}
    assert not names(body, "GPE")


def test_a_report_by_somebody_is_no_credit_line() -> None:
    assert names("The ferry sank.\n\nA report by Ann Moe said the hull was old.") == {"Ann Moe"}


@pytest.mark.parametrize(
    ("headline", "body", "label", "expected"),
    [
        ("Mayor Of Calvessa Opens New Bridge After Years Of Delay",
         "The mayor of Calvessa, Honor Tressillian, opened the bridge.", "GPE", {"Calvessa"}),
        ("Apple Workers Protest Over Pay In Cork Plant", "Workers of Apple protested in Cork.", "ORG", {"Apple"}),
        ("Ilsa Marrowen Opens Bridge Over River In Calvessa", "Ilsa Marrowen said it was safe.", "PERSON", {"Ilsa Marrowen"}),
        ("Norway Signs Gas Deal With Talvek After Long Talks", "The deal was signed on Monday.", "GPE", {"Norway"}),
    ],
)  # fmt: skip
def test_a_headline_in_title_case_names_only_what_the_text_names(
    headline: str, body: str, label: str, expected: set[str]
) -> None:
    assert names(body, label, headline) == expected
