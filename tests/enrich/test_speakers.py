"""Who speaks in whole stories: by name, "he", "the mayor", "the company"; nobody where it is not clear."""

from __future__ import annotations

import pytest

from tests.enrich.speakers_of import speakers_of

#: A story, and the speaker of each quotation by its first words.
_STORIES: list[tuple[str, dict[str, str | None]]] = [
    (
        """WASHINGTON (AP) — Senate Majority Leader Todd Renner on Tuesday rejected a House plan to cut spending, saying it would hurt veterans.

"This is not a serious proposal," Renner told reporters. "It is a press release."

The Ohio Republican has clashed for months with House Speaker Carla Dunning, who called the Senate bill "dead on arrival."

Dunning, in an interview on Fox News, said she had the votes to pass her plan. "We are ready," she said. "The Senate is not."

A spokesman for the White House, Neil Garrity, declined to comment.

"We don't negotiate through the press," he said.""",
        {
            "This is not a serious": "Todd Renner",
            "It is a press": "Todd Renner",
            "We are ready": "Carla Dunning",
            "The Senate is not": "Carla Dunning",
            "We don't negotiate": "Neil Garrity",
        },
    ),
    (
        """Maria Castellanos lost her house in the fire. Her brother, Hector Castellanos, lost his truck.

"We got out with the dog and the clothes on our backs," Castellanos said.

The fire chief, Dale Huff, said the cause was under investigation.

"It moved faster than anything I've seen," Huff said. "We had minutes."

He said 40 homes burned.""",
        {"We got out with": None, "It moved faster": "Dale Huff", "We had minutes": "Dale Huff"},
    ),
    (
        """Chief executive Ruth Alder told investors on a call that Brightline Foods would close two plants.

"These are hard choices," Alder said. "But they are the right ones."

Shares of the company fell 4 percent. The chief executive said the savings would reach $40 million a year.

"We will do this once, and do it well," she said.""",
        {"These are hard": "Ruth Alder", "But they are": "Ruth Alder", "We will do this": "Ruth Alder"},
    ),
    (
        """Harold Biggs and James Toole have been friends for 40 years.

"We never argue," he said with a smile.

Toole's wife, Anne, laughed. "They argue every day," she said.""",
        {"We never argue": None},
    ),
    (
        """The mayor of Dayton, Nan Whitlow, said Sunday that the city would need federal help.

"We cannot do this alone," the mayor said at a news conference.

The governor, Mike Dewhurst, toured the damage on Monday. "I have never seen anything like it," he said.

Mr. Dewhurst said the state would send 200 National Guard troops. He was joined by Ms. Whitlow.

"The people of Dayton are tough," the governor said.""",
        {"We cannot do": "Nan Whitlow", "I have never": "Mike Dewhurst", "The people of Dayton": "Mike Dewhurst"},
    ),
    (
        """Police in Tulsa arrested a 34-year-old man on Friday.

"He was cooperative," Sgt. Leah Brandt said. "There were no shots fired."

Neighbors said the man had lived alone. "He kept to himself," said Tina Voss, 61, who lives across the street. "You never know about people."

Brandt said the investigation was continuing. "We'll know more next week," she said.""",
        {
            "He was cooperative": "Leah Brandt",
            "There were no shots": "Leah Brandt",
            "He kept to": "Tina Voss",
            "You never know": "Tina Voss",
            "We'll know": "Leah Brandt",
        },
    ),
    (
        """President Barack Obama met with Israeli Prime Minister Benjamin Netanyahu on Monday. "We have a lot to talk about," the president said. "It is good to be back," the Israeli leader replied.

Obama's spokesman, Josh Earnest, said the two men talked for an hour. "It was a candid conversation," Earnest said.

Sen. John McCain, R-Ariz., was not impressed. "It's a photo op," the senator said.""",
        {
            "We have a lot": "Barack Obama",
            "It is good": "Benjamin Netanyahu",
            "It was a candid": "Josh Earnest",
            "It's a photo": "John McCain",
        },
    ),
    (
        """Facebook said on Wednesday it had removed 32 fake accounts. "We face determined adversaries who will never give up," the company said in a statement.

Sheryl Sandberg, the company's chief operating officer, said the work was not finished. "Security is an arms race," she told reporters.

"They are doing better than Twitter," said Renee Marsh, a researcher at Stanford University. Marsh studies propaganda. "But the bar is low," she added.""",
        {
            "We face determined": "Facebook",
            "Security is an": "Sheryl Sandberg",
            "They are doing": "Renee Marsh",
            "But the bar": "Renee Marsh",
        },
    ),
    (
        """Dr. Alan Kim has treated addicts in West Virginia since 1998. His clinic sees 60 patients a day.

"Every one of them is somebody's child," Kim says. "I try to remember that."

One of his patients, Brandy Lowe, has been clean for eight months.

"Dr. Kim saved my life," Lowe said. "I was done."

"She did the work," the doctor said. "I just opened the door."

Lowe is 27. She has a job at a bakery now. "I wake up and I'm not scared," she says.""",
        {
            "Every one of": "Alan Kim",
            "I try to": "Alan Kim",
            "Dr. Kim saved": "Brandy Lowe",
            "I was done": "Brandy Lowe",
            "She did the": "Alan Kim",
            "I just opened": "Alan Kim",
            "I wake up": "Brandy Lowe",
        },
    ),
    (
        """In an interview with Wikinews, Green Party candidate Tess Rowan talked about her campaign.

"I want to bring the voice of ordinary people to Parliament," Rowan said.

Asked about taxes, she replied: "The rich must pay their share."

Rowan also commented on the coalition: "We would not work with Labour again. They broke every promise."

"Our party is stronger than ever," she concluded.""",
        {
            "I want to": "Tess Rowan",
            "The rich must": "Tess Rowan",
            "We would not": "Tess Rowan",
            "Our party is": "Tess Rowan",
        },
    ),
    (
        """Astronomers at the European Southern Observatory announced the discovery of a planet on Thursday. Team leader Dr Guillem Escude of Queen Mary University said the planet could hold water.

"This is the nearest we will ever find", he explained. "It is next door."

Co-author Ansgar Reiners commented, "Many models exist. We need data."

According to Reiners, the star is active. "That matters for life", Reiners added.""",
        {
            "This is the nearest": "Guillem Escude",
            "It is next": "Guillem Escude",
            "Many models": "Ansgar Reiners",
            "That matters": "Ansgar Reiners",
        },
    ),
    (
        """The defendant's mother, Sarah Pike, wept in court. "He is a good boy," she said.

Judge Marcus Hale was not moved. "You had every chance," he told the defendant, Tyler Pike, before he sentenced him to 10 years.

"I'm sorry," Pike said.

His lawyer, Grace Onwudiwe, said he would appeal. "This sentence is excessive," she said outside the courthouse.""",
        {"He is a good": "Sarah Pike", "You had every": "Marcus Hale", "This sentence is": "Grace Onwudiwe"},
    ),
    (
        """"The fire was set on purpose, and we will find out by whom," a spokesman said on Sunday. The spokesman, Jan Roe, said two men had been seen near the barn.

Farmers in the valley are afraid. "Nobody sleeps at night now," one of them told a reporter.

A lawyer for Mr. Roe's office disagreed. "It may have been the wind," he said.""",
        {"The fire was": "Jan Roe", "Nobody sleeps": None, "It may have": None},
    ),
    (
        """SEATTLE (Reuters) - Software maker Halden Corp said it would buy a rival for $300 million.

"This brings together two teams that think alike," the company said in a statement.

"We expect to close the deal in June," it added.

The Federal Trade Commission declined to comment. "We do not discuss pending matters," the agency said.""",
        {"This brings": "Halden Corp", "We expect": "Halden Corp", "We do not": "Federal Trade Commission"},
    ),
    (
        """Governor Alicia Renfro spoke for an hour on Thursday about the dam.

"I walked through those houses myself. I saw the water marks on the walls.

"We owe these people an answer."

Her opponent, Dean Whitlock, shook his head. "She had the report on her desk."

"We [in the town] will wait." Whitlock said on the radio.""",
        {"I walked": "Alicia Renfro", "She had": "Dean Whitlock", "We [in": "Dean Whitlock"},
    ),
    (
        """BRUSSELS — The European Commission on Wednesday fined the chip maker Novatek Corp 300 million euros.

Novatek Corp said it would appeal. "The Commission has misread the facts," the company said.

District Attorney Ron Falk said he was disappointed.

One juror, who asked not to be identified, said the evidence was thin. "There was a can and a bad smell," she said.""",
        {"The Commission has": "Novatek Corp", "There was a can": None},
    ),
    (
        """Jan Roe, the negotiator for the rebels, told a reporter in Troy that the fighting was over. He insisted that the rebels would not surrender to Hamid Wolf, the new premier.

"They will surrender to the elders," he said.

A statement by the Harwick Bank was posted on Friday. It said "We are heartbroken over the loss of our friend."

A statement from the University of Troy said "all of the tests were done."

The Harwick Bank closed its branch in Troy, a step it says "nobody could avoid." A reporter asked Jan Roe if he would go. "I stay," he said.

The captain, Ann Lund, and the coach, Al Reed, spoke to reporters. "We lost the ball too often," Lund said. "We lost everything," the coach added.

Troy has bought land from the Harwick Bank, which said "not an acre was wasted."

"Nobody gains by this," said a senior Roe campaign official.

"The rate may fall again," a spokesman for the bank said. Harwick Bank's Ann Moe expects it in May. "The door is open," she said.""",
        {
            "They will": "Jan Roe",
            "We are heartbroken": "Harwick Bank",
            "all of the": "University of Troy",
            "I stay": "Jan Roe",
            "We lost the ball": "Ann Lund",
            "We lost everything": "Al Reed",
            "not an acre": "Harwick Bank",
            "Nobody gains": None,
            "The rate": None,
            "The door": "Ann Moe",
        },
    ),
    (
        """Mayor Ann Moe opened the bridge on Friday.

We had no more than a day to get out of there — Jan Roe, a farmer

"It has been a long year for the whole town, and a hard one."

Tim Lund, an engineer, led the work. "It will stand for a century," he said.""",
        {"We had no more": "Jan Roe", "It has been": None, "It will stand": "Tim Lund"},
    ),
    (
        """The Post spoke to critics such as lawyer Colm Yates, and campaigner Cath Bowell, with Bowell stating: "People in despair need an answer."

Interior Minister Ron Sanders defended the plan whilst promising a "formal review" of it is to come: "The mayor and I are working on it day and night."

Bishop Nunzio Galti has called the ruling "dangerous" and "blind":

"We face a wrong turn. They don't know what good the schools do."

Senator Jack Corran issued a statement on the choice of the port. "Like many here, I am let down by it."

Corran's statement added, "There is no question that the port should have stayed open." """,
        {
            "People in despair": "Cath Bowell",
            "The mayor and I": "Ron Sanders",
            "We face a wrong": "Nunzio Galti",
            "Like many here": "Jack Corran",
            "There is no question": "Jack Corran",
        },
    ),
    (
        """Dr. Kirsten Walden opened the show. With her came Dr. Lydia Buchtmann and Dr. Cathrin Bowers.

The guide names Dr. Kirstin Walden as well. "He wanted to be rich," Walden said.

"We have to get this right," Ms Bauchtman said. "Everybody knows the name," Bower said.""",
        {
            "He wanted to be": "Kirsten Walden",
            "We have to get": "Lydia Buchtmann",
            "Everybody knows": "Cathrin Bowers",
        },
    ),
    (
        """Supporters of the jailed leader Ann Moe said, "The court is deaf." Lawyers for Peru's president Jan Roe said, "He will win."

A senator answered critics, among them Congressman Paul Holt, who say "the war is lost for good." """,
        {"The court is": None, "He will win": None, "the war is lost": None},
    ),
    (
        """An investigating officer has cleared Captain Paul Holt of neglect. The captain led a unit of the reserve.

"The unit was never trained for this," the investigating officer said. Holt is the only officer who was charged.""",
        {"The unit was": None},
    ),
    (
        """A Harwick spokesman said Mayor Jan Roe was worried about the dam. "Nobody has looked at it for years," he said.

Forecasters said: "The rain will not end before Friday." Organizers said: "The race is off." """,
        {"Nobody has looked": None, "The rain will": None, "The race is": None},
    ),
    (
        """Senator Ann Moe of New Mexico said she would force a vote. The New Mexico Democrat added: "Everybody has to take a stand."

Analysts at Paul Bernstein said: "The outlook is poor." """,
        {"Everybody has": "Ann Moe", "The outlook": None},
    ),
    (
        """The World Health Organization issued a statement on the strike. The statement said, "We appeal to every driver." """,
        {"We appeal": "World Health Organization"},
    ),
    (
        """Pope Benedict spoke to pilgrims in Rome on Sunday. "Peace is a duty of every one of us," the pontiff said.""",
        {"Peace is a duty": "Pope Benedict"},
    ),
    (
        """Barak Holt cuts hair in Harwick. "I fear for my shop," Holt said.

"The inspectors may go in at last," the head of the nuclear agency said. "We are ready," the top commander in Troy said.""",
        {"I fear for": "Barak Holt", "The inspectors may": None, "We are ready": None},
    ),
    (
        """President Jan Roe has called for calm. He took the oath before guests, among them the Peruvian leader Paul Holt.

"We shall be one people," the 77-year-old leader said.""",
        {"We shall be": "Jan Roe"},
    ),
    (
        """President Jan Roe spoke to students in Troy. Intoning the words of the founder, the late Paul Holt, he said, "The sea is ours to keep."

In a letter to Mayor Ann Moe, he said: "Nobody will starve." """,
        {"The sea is ours": "Jan Roe", "Nobody will starve": "Jan Roe"},
    ),
    (
        """President Jan Roe spoke to students in Troy. Intoning the words of Father Paul Holt, he said, "The sea is ours to keep."

"The harbor is a trap," he said of the new port. Syrian President Hafez Doe said, "We wait." Speaking after talks with Iranian President Kamal Poe, the Syrian leader said, "They gave no reason." """,
        {"The sea is ours": "Jan Roe", "The harbor is": "Jan Roe", "They gave": "Hafez Doe"},
    ),
    (
        """Attorney General Paul Holt has confirmed that she is sought.

"She had no money for the tickets," the family's lawyer said.""",
        {"She had no money": None},
    ),
    (
        """The dam was built by Karl Moe for Jan Roe. "We are done for now," he said.

A letter to Karl Moe was found by Jan Roe. "It is late by now," he said.""",
        {"We are done": None, "It is late": None},
    ),
]


@pytest.mark.parametrize(("body", "speakers"), _STORIES, ids=range(len(_STORIES)))
def test_speakers(body, speakers):
    assert speakers_of(body, speakers) == speakers
