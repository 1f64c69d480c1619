"""Who speaks where the source is a body, its paper, or an officer by title: by kind, by country, by name."""

from __future__ import annotations

import pytest

from tests.enrich.speakers_of import speakers_of

#: A story, and the speaker of each quotation by its first words.
_STORIES: list[tuple[str, dict[str, str | None]]] = [
    (
        """It was Monday. "We are glad," the influential Human Rights Watch said.

"We are sad," the rights group Amnesty International said.

"We are mad," the Palestinian militant group Hamas said.

"We are here," software maker Microsoft said.

"We are there," a Human Rights Watch report said.

"We are ill," the Israeli government said.

"We are well," the Obama administration said.""",
        {
            "We are glad": "Human Rights Watch",
            "We are sad": "Amnesty International",
            "We are mad": "Hamas",
            "We are here": "Microsoft",
            "We are there": "Human Rights Watch",
            "We are ill": "Israeli government",
            "We are well": "Obama administration",
        },
    ),
    (
        """A report released by Amnesty International on Monday said the bridge was gone. The report said, "We are sad."

Human Rights Watch published a letter. The letter said: "We are glad."

A paper by nobody was found. The paper said: "We are mad." """,
        {"We are sad": "Amnesty International", "We are glad": "Human Rights Watch", "We are mad": None},
    ),
    (
        """Amnesty International sent a report. Aides showed Tom Reyes the report on Monday. The report said: "We are sad."

A letter from Iraq was found. The letter said: "We are glad." """,
        {"We are sad": "Amnesty International", "We are glad": None},
    ),
    (
        """Amnesty International, a rights group, said: "We are sad." Human Rights Watch, the largest of its kind, said: "We are glad." """,
        {"We are sad": "Amnesty International", "We are glad": "Human Rights Watch"},
    ),
    (
        """It was late. "We are sad," said Ald. Ann Moe.

"We are glad," Maj. Gen. Jan Roe said.

"We are mad," said Adm. Paul Holt.

"We are ill," said Dep. Tom Reyes. It rained. Assemblyman Todd Renner said: "We are here." """,
        {
            "We are here": "Todd Renner",
            "We are sad": "Ann Moe",
            "We are glad": "Jan Roe",
            "We are mad": "Paul Holt",
            "We are ill": "Tom Reyes",
        },
    ),
    (
        """The Harwick Times said on Monday that the bridge was gone. "We are sad," the newspaper added.""",
        {"We are sad": "Harwick Times"},
    ),
]


@pytest.mark.parametrize(("body", "speakers"), _STORIES, ids=range(len(_STORIES)))
def test_speakers(body, speakers):
    assert speakers_of(body, speakers) == speakers
