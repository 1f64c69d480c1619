"""What looks like a statement and is none: a text a line."""

from __future__ import annotations

import pytest

from pipeline.enrich.quotes.extract import find_quotes

_NONE = """
The Movement, which routed the party, has claimed many attacks against the town and has denied nothing.
The minister spoke in response to published reports that the group would seek support.
The firms earned more than expected, giving them hope these gains will last.
A police report that the man fell was never written.
His call the next day for "peace in our time" was not heard.
The port grew worse in tandem with Nepal and Bhutan, and particularly in the northeastern Indian states of Manipur and Nagaland.
The Holt scandal threatens to swallow all that the party has won.
I think the plan is bad, and we believe it will fail.
I highly doubt it will look like the end of the world.
Oil prices rose Wednesday as Hurricane Rita, now a Category 5 storm, threatened to disrupt production in the Gulf.
The pact would end the non-interference of alleged Pakistani backed fighters.
The states boycotted the meeting over fears that it would become a circus.
For this purpose he assumed the character of a man and visited a sculptor in disguise.
The guards went to a village of the 2nd Infantry, 101st Airborne, on a mission to find suspected smugglers.
Britain has announced plans for a list of people who would face questioning and could be kept out.
The town grew fast; however, in 2010, under its new charter, the council published oil revenue figures for the first time.
The visit comes after marches in Troy and Harwick this week against the firm's alleged downplaying of the spill.
The widening deficit indicates rising demand by consumers - a sign the slump is coming to an end.
The film "The Long Road" opens Friday.
The blast claimed the lives of men who took the train.
The firm announced the deal signed the week before.
He recalled the day Roe left the house.
The group claims the land it took in the war.
The exhibit shows the coat he wore.
Mr. Holt, asked if the plan failed, left.
He was sure of the plan that had failed.
The plan is certain to fail.
The agency issued a travel warning that ordered all families to leave.
It is certain that the plan will fail.
Asked if she was concerned that the matter would hurt her, Mrs. Roe demurred.
Officials have confirmed the country's first human fatality caused by bird flu.
She asked them questions that nobody knew the answer to.
Rick "The Hammer" Boone won the race.
The so-called "nuclear option" would change the Senate's rules.
He said nothing to reporters as he left the courthouse.
Voters in western states were expected to focus on the economy.
Mr. Lee campaigned on pledges to take a tougher stance.
The officials have denied any wrongdoing.
He said no to the plan that was on the table.
She said more about the plan at the hearing.
The state report card was released Monday.
The candidate is expected to announce his plans next week.
"No comment," was all he would say.
A Justice Department spokeswoman would not comment.
"Secret harbor plan found in the rain" — Harwick Post, August 15, 2008
The town has not said how many suspected smugglers were on trial, or released details on the charges against them.
A newspaper, al-Nahar, has reported details that have not been confirmed by officials.
The camp holds at least 275 terror suspects captured in the hills.
The investigation announced Tuesday is the latest of three.
Mr. Roe plans to stop at a concert and a reception for his supporters called the "Black Tie and Boots Ball."
Ms. Moe also wrote "The Bridges of Troy," which looked at the history of the town.
People walk by a giant poster of President Jan Roe that says: "We support you, we pledge our allegiance to you."
Those who assume a character which does not belong to them only make themselves ridiculous.
Valley Mutual also added $18 million to loan reserves and eliminated $9.9 million of good will.
The crow envied the raven and always drew the eyes of men, who noted by its flight the course of events.
"""


@pytest.mark.parametrize("text", _NONE.strip().split("\n"))
def test_no_statement(text):
    assert find_quotes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        '"?" Moe said.',
        '"…," Moe said on Monday.',
        '"--," said Ann Moe.',
        'Moe said "!"',
        'Moe said: "…"',
        "According to the mayor: -",
        'According to the mayor, "!"',
        'Ann Moe was quoted as saying "—".',
        "According to - ",
    ],
)
def test_what_has_no_words_is_no_quotation(text):
    assert find_quotes(text) == []
