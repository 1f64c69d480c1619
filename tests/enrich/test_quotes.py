"""Kinds of quotations: a case a line, with the words, the source and who is meant."""

from __future__ import annotations

import pytest

from pipeline.enrich.analyse import Analyser
from pipeline.events import Content, Quote

# (what it shows, text, [(type, words, source, speaker)])
_CASES: list[tuple[str, str, list[tuple[str, str, str | None, str | None]]]] = [
    ("straight marks", 'The talks "will go on until Friday," Foreign Minister Anna Berg said.', [
        ("mixed", 'The talks "will go on until Friday,"', "Foreign Minister Anna Berg", "Anna Berg")]),
    ("curly marks", "“The talks will go on until Friday,” Foreign Minister Anna Berg said.", [
        ("direct", "The talks will go on until Friday", "Foreign Minister Anna Berg", "Anna Berg")]),
    ("guillemets", "«The talks will go on until Friday», said Foreign Minister Anna Berg.", [
        ("direct", "The talks will go on until Friday", "Foreign Minister Anna Berg", "Anna Berg")]),
    ("German marks", "„The talks will go on until Friday“, said Foreign Minister Anna Berg.", [
        ("direct", "The talks will go on until Friday", "Foreign Minister Anna Berg", "Anna Berg")]),
    ("single marks", "'The talks will go on until Friday, and I won't leave,' said Foreign Minister Anna Berg.", [
        ("direct", "The talks will go on until Friday, and I won't leave", "Foreign Minister Anna Berg", "Anna Berg")]),
    ("curly single marks", "‘The talks will go on until Friday, and I won’t leave,’ Foreign Minister Anna Berg said.", [
        ("direct", "The talks will go on until Friday, and I won’t leave", "Foreign Minister Anna Berg", "Anna Berg")]),
    ("several paragraphs without closing mark",
     ('"We have lost everything in the flood," Mayor Tom Reyes said.\n\n"The bridge is gone. The school is gone.\n\n'
      '"But we will rebuild both of them."'), [
        ("direct", "We have lost everything in the flood", "Mayor Tom Reyes", "Tom Reyes"),
        ("direct", 'The bridge is gone. The school is gone.\n\n"But we will rebuild both of them.', "Mayor Tom Reyes", "Tom Reyes")]),
    ("split", '"We have lost everything," Mayor Tom Reyes said, "but we will rebuild the bridge."', [
        ("direct", "We have lost everything", "Mayor Tom Reyes", "Tom Reyes"),
        ("direct", "but we will rebuild the bridge.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("inverted", '"We have lost everything in the flood," said Mayor Tom Reyes on Monday.', [
        ("direct", "We have lost everything in the flood", "Mayor Tom Reyes", "Tom Reyes")]),
    ("colon", 'Mayor Tom Reyes said: "We have lost everything in the flood."', [
        ("direct", "We have lost everything in the flood.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("colon and a new paragraph", 'Mayor Tom Reyes told reporters:\n\n"We have lost everything in the flood."', [
        ("direct", "We have lost everything in the flood.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("according to, leading", "According to Mayor Tom Reyes, the flood has destroyed the bridge.", [
        ("indirect", "the flood has destroyed the bridge", "Mayor Tom Reyes", "Tom Reyes")]),
    ("according to, trailing", "The flood has destroyed the bridge, according to Mayor Tom Reyes.", [
        ("indirect", "The flood has destroyed the bridge", "Mayor Tom Reyes", "Tom Reyes")]),
    ("in a statement", '"The flood has destroyed the bridge," Mayor Tom Reyes said in a statement on Monday.', [
        ("direct", "The flood has destroyed the bridge", "Mayor Tom Reyes", "Tom Reyes")]),
    ("in a statement, between", 'Mayor Tom Reyes, in a statement, said "the flood has destroyed the bridge."', [
        ("direct", "the flood has destroyed the bridge.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("dash and name", '"We have lost everything in the flood." - Tom Reyes', [
        ("direct", "We have lost everything in the flood.", "Tom Reyes", "Tom Reyes")]),
    ("a mark that is never closed", 'Mayor Tom Reyes said: "We have lost everything in the flood.\n\nThe rain stopped.', [
        ("direct", "We have lost everything in the flood.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("adjacent, one speaker", '"We have lost the bridge," Mayor Tom Reyes said. "The school is gone as well."', [
        ("direct", "We have lost the bridge", "Mayor Tom Reyes", "Tom Reyes"),
        ("direct", "The school is gone as well.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("that", "Mayor Tom Reyes said on Monday that the flood had destroyed the bridge.", [
        ("indirect", "the flood had destroyed the bridge", "Mayor Tom Reyes", "Tom Reyes")]),
    ("no that", "Mayor Tom Reyes said the flood had destroyed the bridge.", [
        ("indirect", "the flood had destroyed the bridge", "Mayor Tom Reyes", "Tom Reyes")]),
    ("trailing", "The flood has destroyed the bridge, Mayor Tom Reyes said.", [
        ("indirect", "The flood has destroyed the bridge", "Mayor Tom Reyes", "Tom Reyes")]),
    ("mixed", 'Mayor Tom Reyes said the flood was "the worst thing in a hundred years" for the town.', [
        ("mixed", 'the flood was "the worst thing in a hundred years" for the town', "Mayor Tom Reyes", "Tom Reyes")]),
    ("nested", '"He told me \'run for your life\' and then we ran," said Mayor Tom Reyes.', [
        ("direct", "He told me 'run for your life' and then we ran", "Mayor Tom Reyes", "Tom Reyes")]),
    ("editorial brackets", '"We have lost [the old bridge] in the flood," Mayor Tom Reyes said.', [
        ("direct", "We have lost [the old bridge] in the flood", "Mayor Tom Reyes", "Tom Reyes")]),
    ("apposition", '"We have lost the bridge," said Tom Reyes, the mayor of the town.', [
        ("direct", "We have lost the bridge", "Tom Reyes", "Tom Reyes")]),
    ("a body speaks", "The Kremlin said the talks would go on.", [
        ("indirect", "the talks would go on", "The Kremlin", "Kremlin")]),
    ("a question", '"Who is going to pay for the bridge?" asked Mayor Tom Reyes.', [
        ("direct", "Who is going to pay for the bridge?", "Mayor Tom Reyes", "Tom Reyes")]),
    ("nobody named", "A senior official said the talks would go on.", [
        ("indirect", "the talks would go on", "A senior official", None)]),
    ("a spokesman of somebody", "A spokesman for President Anna Berg said the talks would go on.", [
        ("indirect", "the talks would go on", "A spokesman for President Anna Berg", None)]),
    ("words within a clause", 'Mayor Tom Reyes said "nobody is more dedicated" to the bridge than the school board.', [
        ("mixed", '"nobody is more dedicated" to the bridge than the school board', "Mayor Tom Reyes", "Tom Reyes")]),
    ("a clause begun before the marks", 'Mayor Tom Reyes opened the bridge on Monday, saying the town is "proud of every stone."', [
        ("mixed", 'the town is "proud of every stone."', "Mayor Tom Reyes", "Tom Reyes")]),
    ("a verb of speech without comma", 'Mayor Tom Reyes shouted "Stop the trains at once" as the water rose.', [
        ("direct", "Stop the trains at once", "Mayor Tom Reyes", "Tom Reyes")]),
    ("a full stop instead of the comma", '"We have lost everything." Mayor Tom Reyes told reporters.', [
        ("direct", "We have lost everything.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("a colon behind what somebody did", 'Mayor Tom Reyes was blunt: "We have lost everything."', [
        ("direct", "We have lost everything.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("a name and a colon", 'Mayor Tom Reyes: "We have lost everything in the flood."', [
        ("direct", "We have lost everything in the flood.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("quoted by others", '"We have lost everything," Mayor Tom Reyes was quoted as saying by the Post.', [
        ("direct", "We have lost everything", "Mayor Tom Reyes", "Tom Reyes")]),
    ("quoted by another", 'Spokesman Al Hahn quoted Mayor Tom Reyes as saying "We have lost everything."', [
        ("direct", "We have lost everything.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("a clause leads up", 'Though he was tired, Mayor Tom Reyes smiled and said: "We have lost everything."', [
        ("direct", "We have lost everything.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("whose manager", '"The goal was the best I have seen," said Harwick manager Tom Reyes.', [
        ("direct", "The goal was the best I have seen", "Harwick manager Tom Reyes", "Tom Reyes")]),
    ("role, then name", '"We need machines and men," said the head of the fire brigade, Tom Reyes.', [
        ("direct", "We need machines and men", "the head of the fire brigade, Tom Reyes", "Tom Reyes")]),
    ("as he put it", 'As Mayor Tom Reyes put it, "Nobody saw the water come."', [
        ("direct", "Nobody saw the water come.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("as he put it, behind", '"Nobody saw the water come," as Mayor Tom Reyes put it.', [
        ("direct", "Nobody saw the water come", "Mayor Tom Reyes", "Tom Reyes")]),
    ("in his words", 'Mayor Tom Reyes walked along the river. In his words, "Nobody saw the water come."', [
        ("direct", "Nobody saw the water come.", "his", "Tom Reyes")]),
    ("in his words, within a clause", 'Mayor Tom Reyes hopes the talks will lead to, in his words, "a solution for the town."', [
        ("direct", "a solution for the town.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("the verb first", 'Said Mayor Tom Reyes: "Nobody saw the water come."', [
        ("direct", "Nobody saw the water come.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("age and home", 'Tom Reyes, 71, of Troy, N.Y., who was there, said, "Nobody saw the water come."', [
        ("direct", "Nobody saw the water come.", "Tom Reyes, 71, of Troy, N.Y.", "Tom Reyes")]),
    ("a mark forgotten before the attribution", '"Nobody saw the water come, Mayor Tom Reyes said.\n\n"The bridge is gone," he said.', [
        ("direct", "Nobody saw the water come", "Mayor Tom Reyes", "Tom Reyes"),
        ("direct", "The bridge is gone", "he", "Tom Reyes")]),
    ("a question led up to", 'Mayor Tom Reyes asked: "Who saw the water come?" Then he left the room.', [
        ("direct", "Who saw the water come?", "Mayor Tom Reyes", "Tom Reyes")]),
    ("no comma before who said it", '"I was searched at the gate" Mayor Tom Reyes noted online.', [
        ("direct", "I was searched at the gate", "Mayor Tom Reyes", "Tom Reyes")]),
    ("a paragraph without marks", "In a statement Mayor Tom Reyes said:\n\nWe had a day to get out of there, and no more.\n\nIt rained.", [
        ("direct", "We had a day to get out of there, and no more.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("a paragraph that is signed", "We had no more than a day to get out of there — Tom Reyes, mayor of Troy\n\nIt rained.", [
        ("direct", "We had no more than a day to get out of there", "Tom Reyes, mayor of Troy", "Tom Reyes")]),
    ("an adverb without comma", 'Finally a neighbour said to them, "You will not get out of there."', [
        ("direct", "You will not get out of there.", "a neighbour", None)]),
    ("a clause without comma before who answered", 'Mayor Tom Reyes came late. Asked whether the town had known he replied: "We live here."', [
        ("direct", "We live here.", "he", "Tom Reyes")]),
    ("a clause with a verb in the present before", 'A flood comes to town, and Mayor Tom Reyes says, "We live here."', [
        ("direct", "We live here.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("whose step-mother", 'Anna Berg, Tom Reyes\'s step-mother, said: "We have lost everything."', [
        ("direct", "We have lost everything.", "Anna Berg, Tom Reyes's step-mother", "Anna Berg")]),
    ("a paper reads", '"Boats should stay at sea," read a warning by the Harwick Coast Guard.', [
        ("direct", "Boats should stay at sea", "a warning by the Harwick Coast Guard", "Harwick Coast Guard")]),
    ("a paper that somebody wrote", '"The price is too high," read one letter written by Mayor Tom Reyes.', [
        ("direct", "The price is too high", "one letter written by Mayor Tom Reyes", "Tom Reyes")]),
    ("behind a semicolon", 'Mayor Tom Reyes said he was not worried; "It is only water."', [
        ("indirect", "he was not worried", "Mayor Tom Reyes", "Tom Reyes"),
        ("direct", "It is only water.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("as somebody told", 'As Tom Reyes, a sailor and the mayor of Troy, told the Post: "It is only water."', [
        ("direct", "It is only water.", "Tom Reyes, a sailor and the mayor of Troy", "Tom Reyes")]),
    ("a role with capitals behind the name", 'Tom Reyes, Chairman of the Council for Troy, said: "It is only water."', [
        ("direct", "It is only water.", "Tom Reyes, Chairman of the Council for Troy", "Tom Reyes")]),
    ("a name behind a role with a body in it", 'Director of Savers for Peace, Tom Reyes, shook his head. "It is only water."', [
        ("direct", "It is only water.", "Director of Savers for Peace, Tom Reyes", "Tom Reyes")]),
    ("a chain of appositions", 'Tom Reyes, a sailor, elected in May and a former judge, wrote on Facebook, "It is only water."', [
        ("direct", "It is only water.", "Tom Reyes, a sailor", "Tom Reyes")]),
    ("an adverb before whoever acts", 'Finally Mayor Tom Reyes looked at the bridge: "It is only water."', [
        ("direct", "It is only water.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("a middle name", 'Mayor Tom Reyes Lund came late. "It is only water," Mr. Reyes said.', [
        ("direct", "It is only water", "Mr. Reyes", "Tom Reyes Lund")]),
    ("went so far as to say", 'Mayor Tom Reyes even went so far as to say, "It is only water."', [
        ("direct", "It is only water.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("an office of state", 'U.S. Secretary of State Tom Reyes said: "It is only water."', [
        ("direct", "It is only water.", "U.S. Secretary of State Tom Reyes", "Tom Reyes")]),
    ("the body after what it is called", 'A doctor working for the relief agency Harwick Hands said: "It is only water."', [
        ("direct", "It is only water.", "A doctor working for the relief agency Harwick Hands", None)]),
    ("one of several", '"It is only water," said one of the organisers, Tom Reyes.', [
        ("direct", "It is only water", "one of the organisers, Tom Reyes", "Tom Reyes")]),
    ("was the reply", '"It is only water" was the reply from Mayor Tom Reyes.', [
        ("direct", "It is only water", "Mayor Tom Reyes", "Tom Reyes")]),
    ("a name, speaking, and a colon", 'Mayor Tom Reyes, speaking after the flood: "It is only water."', [
        ("direct", "It is only water.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("two speak", '"It is only water," Mayor Tom Reyes of Troy and President Anna Berg of the bank said.', [
        ("direct", "It is only water", "Mayor Tom Reyes of Troy and President Anna Berg of the bank", None)]),
    ("over sentences that are paragraphs", 'Mayor Tom Reyes said, "It is only water.\n\nNobody saw it come.\n\nWe live here."\n\nIt rained.', [
        ("direct", "It is only water.\n\nNobody saw it come.\n\nWe live here.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("closed by a single mark", 'Mayor Tom Reyes said, "It is only water.\'\n\nIt rained.', [
        ("direct", "It is only water.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("and doing something", 'Mayor Tom Reyes stood up, and raising his hand, said, "It is only water."', [
        ("direct", "It is only water.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("cried out", 'Mayor Tom Reyes cried out "stop the trains at once."', [
        ("direct", "stop the trains at once.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("somebody beside asks", 'The council met on Monday, with one member asking, "Who saw the water come?"', [
        ("direct", "Who saw the water come?", "one member", None)]),
    ("that, and nothing but marked words", 'Mayor Tom Reyes told reporters on Monday that "the flood took everything we had."', [
        ("direct", "the flood took everything we had.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("that, and more than marked words", 'Mayor Tom Reyes said that "the flood took everything" in the town.', [
        ("mixed", '"the flood took everything" in the town', "Mayor Tom Reyes", "Tom Reyes")]),
    ("shouted, as somebody says", 'Mayor Tom Reyes said the crowd shouted "Ferry out" during the march.', [
        ("mixed", 'the crowd shouted "Ferry out" during the march', "Mayor Tom Reyes", "Tom Reyes"),
        ("direct", "Ferry out", "the crowd", None)]),
    ("signed, and on what", '"It is only water." — Reyes, on whether the Arab states of the Gulf will help.', [
        ("direct", "It is only water.", "Reyes", "Reyes")]),
    ("last words", 'It was Tom Reyes who gasped his last words, "I cannot breathe," in May. They repeat Reyes\'s dying words, "I cannot breathe."', [
        ("direct", "I cannot breathe", "his", "Tom Reyes"),
        ("direct", "I cannot breathe.", "Reyes", "Tom Reyes")]),
    ("who said it before the marks and who behind", 'Mayor Tom Reyes said, "The name means something," and that, as Anna Berg said, "it changed us."', [
        ("direct", "The name means something", "Mayor Tom Reyes", "Tom Reyes"),
        ("direct", "it changed us.", "Anna Berg", "Anna Berg")]),
    ("one name behind an office", 'Anna Berg leads them. The chief ideologue, Berg, sniffed at it, saying that "a way must be found at home."', [
        ("direct", "a way must be found at home.", "The chief ideologue, Berg", "Anna Berg")]),
    ("commanded", 'The Post reported that Mayor Tom Reyes commanded his council, "Let heads roll!"', [
        ("mixed", 'Mayor Tom Reyes commanded his council, "Let heads roll!"', "The Post", None),
        ("direct", "Let heads roll!", "Mayor Tom Reyes", "Tom Reyes")]),
    ("backticks beside double marks", "The \"case\" was closed. Mayor Tom Reyes wrote: `The state knew of it,' concluding `honesty comes hard to it.'", [
        ("direct", "The state knew of it", "Mayor Tom Reyes", "Tom Reyes"),
        ("direct", "honesty comes hard to it.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("a closing mark behind a space", 'The video "How To Save A Bridge "was seen by many. Mayor Tom Reyes said: "It is only water."', [
        ("direct", "It is only water.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("marks of one shape within each other", 'Mayor Tom Reyes said: "If we knew, it would not be called "research", would it?" It rained.', [
        ("direct", 'If we knew, it would not be called "research", would it?', "Mayor Tom Reyes", "Tom Reyes")]),
    ("single marks beside double ones", 'Mayor Tom Reyes wrote "No." People ask me. They say, \'Are you the mayor, sir?\' and they laugh.', [
        ("direct", "No.", "Mayor Tom Reyes", "Tom Reyes"),
        ("direct", "Are you the mayor, sir?", "They", None)]),
    ("attributed to", 'There is a quote attributed to Tom Reyes — "If we knew what we did, we would stop."', [
        ("direct", "If we knew what we did, we would stop.", "Tom Reyes", "Tom Reyes")]),
    ("a name in lower case", '"Let them count on us," al-Sadr said during a prayer.', [
        ("direct", "Let them count on us", "al-Sadr", "al-Sadr")]),
    ("another verb before", 'Mayor Tom Reyes presents the case for a dam and says, "We are resolved that the town must not flood."', [
        ("direct", "We are resolved that the town must not flood.", "Mayor Tom Reyes", "Tom Reyes")]),
    ("states", "The appeal makes the case for a dam and states, “We are resolved that the town must not flood.”", [
        ("direct", "We are resolved that the town must not flood.", "The appeal", None)]),
    ("replies", 'Mayor Tom Reyes replies "a most singular and choice name," and leaves the room.', [
        ("direct", "a most singular and choice name", "Mayor Tom Reyes", "Tom Reyes")]),
    ("laughs", '"We have lost everything," laughs Mayor Tom Reyes.', [
        ("direct", "We have lost everything", "Mayor Tom Reyes", "Tom Reyes")]),
    ("remembers telling", '"We have lost everything," Tom Reyes remembers telling his mother.', [
        ("direct", "We have lost everything", "Tom Reyes", "Tom Reyes")]),
    ("likes to say", '"We have lost everything," Tom Reyes likes to say.', [
        ("direct", "We have lost everything", "Tom Reyes", "Tom Reyes")]),
    ("disagrees", 'Tom Reyes disagrees: "We have lost nothing."', [
        ("direct", "We have lost nothing.", "Tom Reyes", "Tom Reyes")]),
    ("with the words", 'Tom Reyes ended his speech with the words "the bridge is gone and we loved it."', [
        ("direct", "the bridge is gone and we loved it.", "Tom Reyes", "Tom Reyes")]),
    ("somebody's reply", 'Tom Reyes\'s reply: "We have lost nothing."', [
        ("direct", "We have lost nothing.", "Tom Reyes", "Tom Reyes")]),
    ("quotes", 'The Harwick Times quotes Tom Reyes: "We have lost nothing."', [
        ("direct", "We have lost nothing.", "Tom Reyes", "Tom Reyes")]),
    ("to quote", 'To quote Tom Reyes, "the bridge is gone and we loved it."', [
        ("direct", "the bridge is gone and we loved it.", "Tom Reyes", "Tom Reyes")]),
    ("for somebody the choice is clear", 'For Tom Reyes, the choice was clear: "We must rebuild the bridge."', [
        ("direct", "We must rebuild the bridge.", "Tom Reyes", "Tom Reyes")]),
    ("somebody's officer, by name", '"We have lost nothing," said Berg\'s campaign manager, Tom Reyes.', [
        ("direct", "We have lost nothing", "Berg's campaign manager, Tom Reyes", "Tom Reyes")]),
    ("one of many, by name", '"We have lost nothing," said one resident, Tom Reyes of Harwick.', [
        ("direct", "We have lost nothing", "one resident, Tom Reyes", "Tom Reyes")]),
    ("an abbreviation first", '"We have lost nothing," said U.N. envoy Tom Reyes.', [
        ("direct", "We have lost nothing", "U.N. envoy Tom Reyes", "Tom Reyes")]),
    ("as a body writes", 'As the National Association of Bridge Keepers writes, "the bridge is gone and we loved it."', [
        ("direct", "the bridge is gone and we loved it.", "the National Association of Bridge Keepers", "National Association of Bridge Keepers")]),
    ("as a paper says", 'As the flood report concluded, "the bridge is gone and nobody counted them."', [
        ("direct", "the bridge is gone and nobody counted them.", "the flood report", None)]),
    ("as somebody says", 'As the minister said, "the bridge is gone and nobody counted them."', [
        ("direct", "the bridge is gone and nobody counted them.", "the minister", None)]),
    ("behind a credit", '(Harwick Post) "We are not happy with the bridge," Tom Reyes said.', [
        ("direct", "We are not happy with the bridge", "Tom Reyes", "Tom Reyes")]),
    ("sings", 'Tom Reyes sings, "We are not happy with the bridge," and leaves.', [
        ("direct", "We are not happy with the bridge", "Tom Reyes", "Tom Reyes")]),
    ("single marks at the end of a quotation", '"He said \'no,\'" Tom Reyes said.', [
        ("direct", "He said 'no,'", "Tom Reyes", "Tom Reyes")]),
    ("honorific and colon", 'Mr. Reyes: "We have lost nothing."', [
        ("direct", "We have lost nothing.", "Mr. Reyes", "Reyes")]),
    ("behind the name of a programme", 'Tom Reyes said Sunday on Channel 4\'s "Face the Town," "We have lost nothing."', [
        ("direct", "We have lost nothing.", "Tom Reyes", "Tom Reyes")]),
    ("in a book of one word", 'Tom Reyes wrote in his book, "Winning," that he had lost.', [
        ("indirect", "he had lost", "Tom Reyes", "Tom Reyes")]),
    ("heard saying", '"We have lost nothing," Tom Reyes could be heard saying on the tape.', [
        ("direct", "We have lost nothing", "Tom Reyes", "Tom Reyes")]),
    ("scoffed", '"We have lost nothing," Tom Reyes scoffed.', [
        ("direct", "We have lost nothing", "Tom Reyes", "Tom Reyes")]),
    ("emailed", '"We have lost nothing," Tom Reyes emailed.', [
        ("direct", "We have lost nothing", "Tom Reyes", "Tom Reyes")]),
    ("wholly in marks behind a second verb", 'Tom Reyes called the ruling "outrageous" and said that "an issue of this size must go through the council."', [
        ("mixed", 'the ruling "outrageous"', "Tom Reyes", "Tom Reyes"),
        ("direct", "an issue of this size must go through the council.", "Tom Reyes", "Tom Reyes")]),
    ("one of them, by name", '"I am telling my clients to wait," said one, Tom Reyes, of Harwick.', [
        ("direct", "I am telling my clients to wait", "one, Tom Reyes", "Tom Reyes")]),
    ("somebody's lawyer", "Anna Berg's lawyer said the talks would go on.", [
        ("indirect", "the talks would go on", "Anna Berg's lawyer", None)]),
]  # fmt: skip

_NO_QUOTATIONS = [
    ("a title", 'The film "Gone with the Wind" was shown on Monday in the town hall.'),
    ("a nickname", 'Robert "Big Bob" Miller won the race on Monday.'),
    ("a scare quote", 'The so-called "people\'s republic" has no government that anybody recognises.'),
    (
        "a title behind a comma",
        'Mayor Tom Reyes proposed to her before their favorite painting, "Joan of Arc", in May.',
    ),
    ("a title in a list", 'Tom Reyes. "Inside the Flood: How We Lost the Bridge." Harwick Post. April 16.'),
    ("signs", 'Buses brought protesters to the town, carrying signs saying, "We just want to live in peace."'),
    ("a dash and a name in a sentence", "The town opened its third bridge on Monday — Harwick has two."),
    ("a list behind a colon", "Mayor Tom Reyes said:\n\n- the bridge is gone\n\n- the school is gone as well."),
    ("a plain sentence", "The flood destroyed the bridge and the school on Monday."),
    ("a state", "The state of emergency in the capital was extended on Monday."),
    ("marks only", '"""" "" " “„”'),
]


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser({"en": "blank-gazetteer"})


def _quotes(analyser: Analyser, body: str) -> tuple[Quote, ...]:
    return analyser.analyse([Content(body=body, language="en")])[0].quotes


@pytest.mark.parametrize(("text", "wanted"), [case[1:] for case in _CASES], ids=[case[0] for case in _CASES])
def test_kind(analyser, text, wanted):
    quotes = _quotes(analyser, text)
    assert [(quote.type, quote.text, quote.source, quote.speaker) for quote in quotes] == wanted
    for quote in quotes:
        assert text[quote.start : quote.end] == quote.text
        assert quote.resolved == (quote.speaker is not None)


@pytest.mark.parametrize("text", [text for _, text in _NO_QUOTATIONS], ids=[name for name, _ in _NO_QUOTATIONS])
def test_no_quotation(analyser, text):
    assert _quotes(analyser, text) == ()


def test_unresolved_is_surer_never(analyser):
    """A quotation whose speaker is not clear counts for less than one whose speaker is named."""
    named, unclear = _quotes(analyser, "Tom Reyes said the bridge was gone.\n\nAn official said the school was gone.")
    assert named.confidence > unclear.confidence
