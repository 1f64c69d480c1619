"""Datelines as agencies of many countries print them, and heads of paragraphs that are none."""

from __future__ import annotations

import pytest

from pipeline.events.datelines.any_agency import find_any, place_of

STORY = "Officials said on Tuesday that the bridge would open again next week."


@pytest.mark.parametrize(
    ("printed", "dateline", "located", "agency"),
    [
        ("ISLAMABAD: ", "ISLAMABAD", "Islamabad", ""),
        ("(New York, NY - October 21) ", "New York, NY, October 21", "New York", ""),
        (
            "MARLBOROUGH, Mass.--(BUSINESS WIRE)--Nov 5, 2026--",
            "MARLBOROUGH, Mass., Nov 5, 2026",
            "Marlborough",
            "BUSINESS WIRE",
        ),
        ("فريتاون, 26-11-2023 (أ ف ب) - ", "فريتاون, 26-11-2023", "فريتاون", "أ ف ب"),
        ("JERUSALEM — ", "JERUSALEM", "Jerusalem", ""),
        ("WASHINGTON - ", "WASHINGTON", "Washington", ""),
        ("MOSCOW. Nov 24. INTERFAX - ", "MOSCOW. Nov 24", "Moscow", "INTERFAX"),
        ("NEW DELHI, Nov 24 (PTI) ", "NEW DELHI, Nov 24", "New Delhi", "PTI"),
        ("NEW DELHI, Nov. 24 (PTI): ", "NEW DELHI, Nov. 24", "New Delhi", "PTI"),
        ("BEIJING, Nov. 24 (Xinhua) -- ", "BEIJING, Nov. 24", "Beijing", "Xinhua"),
        ("PARIS (AFP) - ", "PARIS", "Paris", "AFP"),
        ("Paris (AFP) – ", "Paris", "Paris", "AFP"),
        ("Paris, Nov 24, 2026 (AFP) - ", "Paris, Nov 24, 2026", "Paris", "AFP"),
        ("Paris, le 24 nov 2026 (AFP) - ", "Paris, le 24 nov 2026", "Paris", "AFP"),
        ("Berlin (dpa) - ", "Berlin", "Berlin", "dpa"),
        ("Berlin/Wien (dpa/APA) - ", "Berlin/Wien", "Berlin/Wien", "dpa/APA"),
        ("LONDON, Nov 24 (Reuters) - ", "LONDON, Nov 24", "London", "Reuters"),
        ("(Reuters) - ", "", "", "Reuters"),
        ("Nov 24 (Reuters) - ", "Nov 24", "", "Reuters"),
        ("WASHINGTON/BRUSSELS, Nov 24 (Reuters) - ", "WASHINGTON/BRUSSELS, Nov 24", "Washington/Brussels", "Reuters"),
        ("SYDNEY, Nov 24 AAP - ", "SYDNEY, Nov 24", "Sydney", "AAP"),
        ("CANBERRA, AAP - ", "CANBERRA", "Canberra", "AAP"),
        ("RIO DE JANEIRO, Brazil (AP) — ", "RIO DE JANEIRO, Brazil", "Rio de Janeiro", "AP"),
        ("ST. LOUIS (AP) _ ", "ST. LOUIS", "St. Louis", "AP"),
        ("PALM SPRINGS, Calif. (AP) — ", "PALM SPRINGS, Calif.", "Palm Springs", "AP"),
        ("PALM SPRINGS, Calif. — ", "PALM SPRINGS, Calif.", "Palm Springs", ""),
        ("MANILA, Philippines — ", "MANILA, Philippines", "Manila", ""),
        ("BEIRUT, Lebanon, June 2 — ", "BEIRUT, Lebanon, June 2", "Beirut", ""),
        ("BEIRUT, Lebanon, June 2 (UPI) — ", "BEIRUT, Lebanon, June 2", "Beirut", "UPI"),
        ("Madrid, 24 nov (EFE).- ", "Madrid, 24 nov", "Madrid", "EFE"),
        ("Madrid, 24 nov. (EFE).- ", "Madrid, 24 nov", "Madrid", "EFE"),
        ("BUENOS AIRES, 24 nov (Xinhua) -- ", "BUENOS AIRES, 24 nov", "Buenos Aires", "Xinhua"),
        ("(ANSA) - ROMA, 24 NOV - ", "ROMA, 24 NOV", "Roma", "ANSA"),
        ("(AGI) - Roma, 24 nov. - ", "Roma, 24 nov", "Roma", "AGI"),
        ("Roma, 24 nov. (Adnkronos) - ", "Roma, 24 nov", "Roma", "Adnkronos"),
        ("Lisboa, 24 nov 2026 (Lusa) – ", "Lisboa, 24 nov 2026", "Lisboa", "Lusa"),
        ("BRUXELLES 24/11 (BELGA) = ", "BRUXELLES 24/11", "Bruxelles", "BELGA"),
        ("BRUSSELS 24/11 (BELGA) ", "BRUSSELS 24/11", "Brussels", "BELGA"),
        ("AMSTERDAM (ANP) - ", "AMSTERDAM", "Amsterdam", "ANP"),
        ("Oslo (NTB): ", "Oslo", "Oslo", "NTB"),
        ("OSLO (NTB-AFP): ", "OSLO", "Oslo", "NTB-AFP"),
        ("København /ritzau/ ", "København", "København", "ritzau"),
        ("Warszawa, 24.11.2026 (PAP) - ", "Warszawa, 24.11.2026", "Warszawa", "PAP"),
        ("24.11. Warszawa (PAP) - ", "Warszawa, 24.11.", "Warszawa", "PAP"),
        ("Praha 24. listopadu (ČTK) - ", "Praha 24. listopadu", "Praha", "ČTK"),
        ("Budapest, 2026. november 24., kedd (MTI) - ", "Budapest, 2026. november 24., kedd", "Budapest", "MTI"),
        ("București, 24 nov. /Agerpres/ - ", "București, 24 nov", "București", "Agerpres"),
        ("SOFIA, November 24 (BTA) - ", "SOFIA, November 24", "Sofia", "BTA"),
        ("MOSCOW, November 24. /TASS/. ", "MOSCOW, November 24", "Moscow", "TASS"),
        ("МОСКВА, 24 ноября. /ТАСС/. ", "МОСКВА, 24 ноября", "Москва", "ТАСС"),
        ("МОСКВА, 24 ноя - РИА Новости. ", "МОСКВА, 24 ноя", "Москва", "РИА Новости"),
        ("МОСКВА, 24 ноя — РИА Новости. ", "МОСКВА, 24 ноя", "Москва", "РИА Новости"),
        ("Москва. 24 ноября. INTERFAX.RU - ", "Москва. 24 ноября", "Москва", "INTERFAX.RU"),
        ("KYIV. Nov 24 (Interfax-Ukraine) – ", "KYIV. Nov 24", "Kyiv", "Interfax-Ukraine"),
        ("ISLAMABAD, Nov 24 (APP): ", "ISLAMABAD, Nov 24", "Islamabad", "APP"),
        ("DHAKA, Nov 24, 2026 (BSS) - ", "DHAKA, Nov 24, 2026", "Dhaka", "BSS"),
        ("KUALA LUMPUR, Nov 24 (Bernama) -- ", "KUALA LUMPUR, Nov 24", "Kuala Lumpur", "Bernama"),
        ("Jakarta (ANTARA) - ", "Jakarta", "Jakarta", "ANTARA"),
        ("TOKYO, Nov. 24 (Kyodo) - ", "TOKYO, Nov. 24", "Tokyo", "Kyodo"),
        ("SEOUL, Nov. 24 (Yonhap) -- ", "SEOUL, Nov. 24", "Seoul", "Yonhap"),
        ("NEW YORK--(BUSINESS WIRE)--", "NEW YORK", "New York", "BUSINESS WIRE"),
        ("SANTA CLARA, Calif.--(BUSINESS WIRE)--", "SANTA CLARA, Calif.", "Santa Clara", "BUSINESS WIRE"),
        (
            "SANTA CLARA, Calif., Nov. 24, 2026 (GLOBE NEWSWIRE) -- ",
            "SANTA CLARA, Calif., Nov. 24, 2026",
            "Santa Clara",
            "GLOBE NEWSWIRE",
        ),
        ("NEW YORK, Nov. 24, 2026 /PRNewswire/ -- ", "NEW YORK, Nov. 24, 2026", "New York", "PRNewswire"),
        ("باريس (أ ف ب) – ", "باريس", "باريس", "أ ف ب"),
        ("دبي (رويترز) - ", "دبي", "دبي", "رويترز"),
        ("新华社北京11月24日电 ", "北京11月24日", "北京", "新华社"),
        ("【ワシントン共同】", "ワシントン", "ワシントン", "共同"),
        ("(서울=연합뉴스) ", "서울", "서울", "연합뉴스"),
        ("Helsinki 24.11. (STT) ", "Helsinki 24.11", "Helsinki", "STT"),
        ("NICE (France), 24 nov 2026 (AFP) - ", "NICE (France), 24 nov 2026", "Nice", "AFP"),
        ("Nice (France) (AFP) - ", "Nice (France)", "Nice", "AFP"),
        ("Berlin, 24. November 2026 – ", "Berlin, 24. November 2026", "Berlin", ""),
        ("UNITED NATIONS, Nov 24 (IPS) - ", "UNITED NATIONS, Nov 24", "United Nations", "IPS"),
        ("GENEVA — ", "GENEVA", "Geneva", ""),
        ("Geneva – ", "Geneva", "Geneva", ""),
        ("PORT-AU-PRINCE, Haiti (AP) — ", "PORT-AU-PRINCE, Haiti", "Port-au-Prince", "AP"),
        ("N'DJAMENA, Nov 24 (Reuters) - ", "N'DJAMENA, Nov 24", "N'Djamena", "Reuters"),
        ("TEL AVIV/GAZA (Reuters) - ", "TEL AVIV/GAZA", "Tel Aviv/Gaza", "Reuters"),
        ("Kabul, November 24, 2026 (AFP) – ", "Kabul, November 24, 2026", "Kabul", "AFP"),
        ("Rabat, 24/11/2026 (MAP) - ", "Rabat, 24/11/2026", "Rabat", "MAP"),
        ("Tunis, 24 nov. (TAP) - ", "Tunis, 24 nov", "Tunis", "TAP"),
        ("ANKARA, Nov 24 (AA) - ", "ANKARA, Nov 24", "Ankara", "AA"),
        ("WINDSOR, England (AP) — ", "WINDSOR, England", "Windsor", "AP"),
        ("JOHANNESBURG (AP) — ", "JOHANNESBURG", "Johannesburg", "AP"),
        ("São Paulo (Agência Brasil) - ", "São Paulo", "São Paulo", "Agência Brasil"),
    ],
)
def test_a_dateline_is_read_and_ends_where_the_story_begins(
    printed: str, dateline: str, located: str, agency: str
) -> None:
    found = find_any(printed + STORY)
    assert found is not None
    assert (found.text, found.located, found.agency) == (dateline, located, agency)
    assert (printed + STORY)[found.end :] == STORY


@pytest.mark.parametrize(
    "head",
    [
        "WASHINGTON POST: ",
        "UPDATE 1 - ",
        "NATO: ",
        "BREAKING: ",
        "BREAKING — ",
        "VIDEO: ",
        "OPINION — ",
        "JACKSON: ",
        "NATO Secretary General - ",
        "LIVE UPDATES: ",
        "APPLE — ",
        "Note: ",
        "John Smith (D) - ",
        "Smith (AP) said ",
        "EXCLUSIVE - ",
        "CEO: ",
        "Q: ",
        "PRESIDENT TRUMP: ",
        "The Hague court (ICC) - ",
        "May 24 - ",
        "Mon. Sept. 25 - ",
        "On October 1 - ",
        "Sunday, November 27 - ",
        "Updated Nov 24 - ",
        "(Filed: 19/11/2004) ",
        "Liverpool (England) - ",
        "Manchester United - ",
        "The United Nations (UN) – ",
        "Europe (and the rest) - ",
        "IBM (NYSE: IBM) - ",
        "In London, 24 November was a day: ",
        "U.S. SENATE: ",
        "US-China trade: ",
        "The company (Nasdaq: ABCD) - ",
    ],
)
def test_the_head_of_a_sentence_a_label_or_a_speaker_is_no_dateline(head: str) -> None:
    assert find_any(head + STORY) is None


@pytest.mark.parametrize(
    "text",
    [
        "LIVERPOOL - ARSENAL 2-1 (1-0)", "PARIS: THE CITY OF LIGHT", "London — a short line", "LONDON: ", "", " ", "(",
        "(Reuters)", "(Paris, 24 Mai", "LONDON (Reuters)", "/", "—", "Nov 24", "LONDON,", "ROME/",
    ],
)  # fmt: skip
def test_tables_titles_and_fragments_are_no_datelines(text: str) -> None:
    found = find_any(text)
    assert found is None or found.end == len(text)


@pytest.mark.parametrize(
    ("written", "located"),
    [
        ("LONDON, Nov 24 (Reuters)", "London"), ("Paris", "Paris"), ("Rome, Italy", "Rome"), ("MOSCOW, November 24.", "Moscow"),
        ("Kabul (AFP) -", "Kabul"), ("10:30", None), ("Nov 24", None), ("2026-11-24T10:00:00Z", None), ("24.11.2026", None),
        ("Various", None), ("AFP", None), ("", None), ("--", None), ("undated", None),
    ],
)  # fmt: skip
def test_a_dateline_of_the_metadata_names_a_place_or_is_none(written: str, located: str | None) -> None:
    found = place_of(written)
    assert (found.located if found else None) == located
