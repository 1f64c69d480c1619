"""Statements as American news reports them: a sentence a line, ⟦what was said⟧ and {who said it} marked.

Marks, commas and full stops at the edges of a span do not count.
"""

from __future__ import annotations

import pytest

from tests.enrich.marked_lines import said_and_sources

_STATEMENTS = """
{McConnell} called on ⟦Democrats to drop the filibuster⟧.
{Cruz} urged ⟦voters to reject the deal⟧.
{Mr. Harlan} said on Tuesday that ⟦the bill would die in committee unless leaders struck a deal by the weekend⟧.
⟦"We are not going to blink,"⟧ {Gov. Denise Archuleta} told reporters in Santa Fe. ⟦"Not now, and not next year."⟧
⟦"This is a bad deal,"⟧ said {Sen. Paul Whitcomb}, a Republican from Ohio who leads the panel, ⟦"and the voters know it."⟧
{The White House} said ⟦the president had not yet decided whether to sign the measure⟧.
⟦The company will cut 1,200 jobs in Ohio by the end of the year⟧, according to {two people briefed on the plan}.
According to {a Gallup poll released Monday}, ⟦nearly six in 10 Americans disapprove of the way Congress is handling its job⟧.
{Ms. Tolliver}, who has led the agency since 2011, declined to comment but said in an earlier interview that ⟦the rules were long overdue⟧.
⟦The senator would not seek a third term⟧, {his spokeswoman} said in a statement late Thursday.
{Mrs. Calloway} accused ⟦her opponent of lying about the tax returns⟧.
{Harlan} vowed ⟦to fight the ruling all the way to the Supreme Court⟧.
{The union} warned that ⟦thousands of members would strike if the airline imposed the new schedule⟧.
{Analysts} believe ⟦the Federal Reserve will raise interest rates in June⟧.
{Most economists} think ⟦growth slowed sharply in the second quarter⟧.
{Prosecutors} argue that ⟦Mr. Dunleavy knew the contracts were worthless when he signed them⟧.
{She} was quoted as saying that ⟦the vote had been rigged⟧.
{The mayor} called ⟦the decision "a slap in the face to every working family in this city"⟧.
{Mr. Reddick} said ⟦he was "deeply disappointed" by the verdict and would appeal⟧.
⟦"I've seen a lot of storms,"⟧ {the 72-year-old farmer} said, shaking his head. ⟦"Nothing like this."⟧
⟦The plan, which would cost $3.2 billion, has little chance of passing⟧, {lawmakers in both parties} say.
⟦The storm⟧, {forecasters} said, ⟦could reach the Gulf Coast by Friday morning⟧.
⟦"Look,"⟧ {he} said, ⟦"nobody is above the law."⟧
{Clay Burnham, the chief executive of Norvell Industries,} said in an interview that ⟦he expected profits to rise in the coming year⟧.
Asked about the report, {Harlan} said: ⟦"I don't read polls."⟧
{A spokesman for the Pentagon, Col. Wes Trammell}, said ⟦the strikes had destroyed two fuel depots⟧.
{Police} said ⟦the suspect, who was not identified, was taken to a hospital with minor injuries⟧.
⟦Mr. Whitcomb is lying⟧, {the campaign} said, adding that ⟦it would release the full tape on Wednesday⟧.
{The report} said that ⟦while exports rose in March, imports grew even faster⟧.
{The judge} ruled that ⟦the state had violated the rights of immigrant families⟧.
{Mr. Trask} tweeted: ⟦"The system is rigged against us."⟧
⟦"The system is rigged,"⟧ {Trask} tweeted on Sunday.
{Republicans} have complained that ⟦the administration is withholding documents⟧.
{The senator} said ⟦he believes the talks will succeed⟧.
{Critics} say ⟦the law will hurt small businesses⟧, but {supporters} say ⟦it will create jobs⟧.
In a speech on Monday in Iowa, {the candidate} promised ⟦to repeal the law on his first day in office⟧.
{She} told the crowd ⟦she would never stop fighting for them⟧.
{He} told CNN that ⟦the F.B.I. had interviewed three of his aides⟧.
{One former aide}, who spoke on the condition of anonymity, said ⟦the meeting had lasted less than 20 minutes⟧.
⟦"He's a con man,"⟧ {Burnham} says of his rival, ⟦"and a bad one."⟧
{The statement} said ⟦the U.S. would respond "at a time and place of our choosing."⟧
{Officials} say ⟦that is not enough⟧.
{Dr. Lena Whitfield of the University of Michigan} says ⟦the drug should be tested on more patients before it is approved⟧.
⟦Trump-style populism is here to stay⟧, {Mr. Vance} wrote in The Times.
{Mr. Ostrow} noted that ⟦the bank had passed the Fed's stress test in each of the last three years⟧.
⟦The deal is expected to close in the third quarter⟧, {the companies} said Monday.
{Senate Majority Leader Todd Renner} said ⟦Democrats "have no plan" and "no interest in finding one"⟧.
⟦"We think the market is overvalued,"⟧ says {Gail Prentiss}, a portfolio manager at Hobart Funds in Boston. ⟦"It's time to take some money off the table."⟧
{The president} also said ⟦he "absolutely" supports the bill⟧.
{Ms. Rudd} said ⟦her client "never set foot in that house."⟧
{The sheriff's office} confirmed Tuesday that ⟦a second deputy had been placed on leave⟧.
{The 24-year-old}, who asked not to be named because she feared losing her job, said ⟦managers had known about the leak for months⟧.
{Witnesses} told investigators that ⟦the driver had been texting⟧.
⟦A federal grand jury has concluded that there was not enough evidence to charge the officers⟧, {a person familiar with the case} said.
⟦"There is no there there,"⟧ {Senator Whitcomb of Ohio, the panel's top Democrat}, said of the inquiry.
⟦``The governor did not ask for this,''⟧ {Mr. Maviglio} said.
⟦``It is over,''⟧ said {Bill Rudd}, director of the "Freedom" institute in Boise. ⟦``We lost.''⟧
{The group's lawyer}, who worked in Germany and was responsible for the case, said that ⟦when the court tried to meet, the parties refused⟧.
I spoke with Gerald and {he} said ⟦there are a dozen people in the house⟧.
They sent someone {who} said ⟦he knew nothing about the deal⟧.
{American military officers in Kabul} say ⟦it is too early to say whether the talks will succeed⟧.
{A review of 65 cases} shows ⟦about a third were never investigated⟧.
On Monday {he} said ⟦the company would not pay⟧.
Last week {the board} said ⟦it would not pay⟧.
⟦The bridge is gone for good⟧, {Ann Moe, a spokeswoman for the county,} said Friday.
⟦The bridge is gone for good⟧, {the mayor, Ann Moe}, told reporters.
{A recently released prisoner} who had been a close associate of Mr. Dunn said that ⟦the gang spent a decade on the plan⟧.
{He} has always maintained that ⟦the money was his⟧.
The vote was close, and {Mr. Ruiz} said ⟦he would ask for a recount⟧.
WASHINGTON (AP) -- {The Treasury Department} said on Friday that ⟦the deficit narrowed in May⟧.
{Deputy Attorney General Ross Bell} has repeatedly said that ⟦he will not resign⟧.
⟦Mr. Pruitt, who took office in January, will visit the plant next week⟧, {his aides} said.
⟦"This,"⟧ {she} said, holding up the letter, ⟦"is what they sent me."⟧
{A top campaign official} said Thursday night that ⟦the ad buy would total $5 million⟧.
In his opening statement, {prosecutor Dana Wills} told jurors that ⟦the evidence would show a pattern of fraud⟧.
{The lawsuit} alleges that ⟦the bank opened accounts without customers' permission⟧.
{The study}, published in the journal Nature, found that ⟦bees prefer purple flowers⟧.
{Investors} worry that ⟦the rally has gone too far⟧.
{Sen. Rob Tull (R-Ky.)} said ⟦the bill was "a nonstarter."⟧
{Tull, R-Ky.,} said ⟦the bill was dead⟧.
When asked whether he would run, {Tull} replied, ⟦"Ask me tomorrow."⟧
⟦"He lied to us,"⟧ {one juror}, who declined to give her name, said as she left the courthouse.
{Gray} told The Associated Press in a telephone interview Sunday ⟦he had no regrets⟧.
{The Journal} reported Monday that ⟦the two companies were in talks to merge⟧.
⟦The economy will grow 3 percent this year⟧, {the bank} predicted.
{Clinton} said of Trump: ⟦"He's unqualified."⟧
⟦"He is not,"⟧ {she} added, ⟦"a serious person."⟧
{Trump}, speaking at a rally in Tampa on Saturday night, said ⟦the election was being stolen⟧.
{Aides to Mr. Ryan} said privately that ⟦the speaker was furious⟧.
On Tuesday night, as the returns came in, {Mr. Cobb} conceded that ⟦he had lost⟧.
⟦"Too many people are still out of work,"⟧ {Fed Chair Janet Yoder} said in testimony before Congress, adding that ⟦"the job is not done."⟧
{The governor's office} issued a statement saying ⟦the claims were false⟧.
{He} issued a statement that said ⟦the claims were false⟧.
{Two other officials}, speaking on condition of anonymity because they were not authorized to discuss the case, said ⟦the man had ties to a gang⟧.
{Fans} say ⟦the show, now in its 10th season, is better than ever⟧.
Democrats rejected {Mr. Trask}'s claim that ⟦the election was stolen⟧.
The two clashed over {the governor}'s assertion that ⟦crime had fallen⟧.
{Her lawyer} said ⟦the charges were false⟧.
{US officials} said ⟦the talks had failed⟧.
{The WHO report} said ⟦cancer would spread⟧.
{A health ministry report} issued Monday says ⟦the number will double⟧.
{U.S. officials} said ⟦the talks had failed⟧.
{The Obama administration} has argued that ⟦the states lack standing to sue⟧.
{Mr. Trump's lawyers} contend ⟦the subpoena is too broad⟧.
⟦The measure would cost taxpayers $2 billion over 10 years⟧, {the nonpartisan Congressional Budget Office} estimates.
{A person close to the campaign} said ⟦Mr. Pike had been "frustrated" with the ads⟧.
⟦"They know it, we know it,"⟧ {Mr. Ryan} said.
{Clinton} told supporters in Reno that ⟦Trump was "temperamentally unfit" to be president⟧.
{Pelosi} called ⟦the bill "a moral monstrosity."⟧
{The survey} found that ⟦52 percent of voters oppose the plan⟧.
⟦"I'm not going to answer that,"⟧ {Trump} said when asked about his taxes.
⟦"We will win,"⟧ {he} said to cheers. ⟦"Believe me."⟧
{Rep. Elijah Dodd, D-Md.}, said ⟦the panel would subpoena the records⟧.
{The Rev. Al Stokes} said in Harlem that ⟦the march would go on⟧.
In an email, {a company spokeswoman} said ⟦the firm does not comment on litigation⟧.
{Lawyers for the family} say ⟦officers ignored the man's pleas for help⟧.
⟦The senator⟧, {aides} said, ⟦has not decided whether to run⟧.
{Judge Amy Tran} wrote in her ruling that ⟦"the law plainly forbids it."⟧
⟦"You will regret this,"⟧ warned {Sen. Tull}.
In a statement {Ann Moe} said ⟦the bridge was gone⟧.
{He} noted that ⟦it was late that day⟧, and {Mr. Dell} added, ⟦"We are not done."⟧
{This reporter} said ⟦the bridge was gone⟧.
{The mayor} brushed off the dissent. ⟦"Reasonable people can differ."⟧
{Hollis} told the newspaper in March ⟦he would retire⟧.
{Mr. Donner} wrote on Facebook that ⟦he was "sick of the lies" and would leave the party⟧.
{Mrs. Lott} says ⟦she's ready⟧, and {her husband} thinks ⟦she will win⟧.
⟦It was⟧, {the coach} said, ⟦the best game he had ever seen⟧.
{Federal officials} acknowledged Wednesday ⟦they had erred⟧.
{The group}, which opposes the law, claims that ⟦it violates the Constitution⟧.
{Smith} testified ⟦he never saw the gun⟧.
⟦"I don't know,"⟧ said {Mr. Gray}.
{Ms. Roe} said ⟦the bill would die in the Senate⟧, adding, ⟦"We are done."⟧
{Ms. Roe} said ⟦the bill would die⟧ and added: ⟦"We are done."⟧
{Mr. Dell} called ⟦the plan "a disaster for the region,"⟧ adding: ⟦"We are done."⟧
⟦"We are done,"⟧ {Mr. Dell} said, adding that ⟦the bill would die in the Senate by Friday⟧.
⟦"We are done,"⟧ {Mr. Dell} said on Monday, and {he} predicted that ⟦the bill would die by Friday⟧.
{Mr. Dell} said ⟦output has been stepped up⟧, but {he} said ⟦"we live with what we have."⟧
{Ann Rudd of the gay rights organization, Stone Gate}, said ⟦the talks had failed⟧.
⟦The bill⟧, according to {Ms. Roe}, ⟦would cost jobs⟧.
{A senior aide}, speaking on the condition of anonymity, said ⟦no decision had been made⟧.
{Ms. Roe} said ⟦more troops were needed⟧.
{Ms. Roe} said ⟦nothing had been decided⟧.
{Ms. Roe} denied ⟦knowing about the payments⟧.
{Mr. Dell, 45,} acknowledged ⟦paying the woman⟧, but denied any wrongdoing.
{Mr. Dell} repeated the claim that ⟦the vote was rigged⟧.
{Mr. Dell} has rejected a suggestion that ⟦fresh talks be held⟧.
{Ms. Roe} expressed deep concern that ⟦the plan would cost jobs⟧.
⟦"It is not right,"⟧ {Senator Ann Moe, Republican of Maine}, said on television.
{He} pledged ⟦to appoint a prosecutor⟧ and said ⟦she should be in jail⟧.
{Mr. Dell} accused ⟦the firm of spreading lies⟧ and said ⟦he would sue it⟧.
{He} told the paper that ⟦the treaty was obsolete⟧, a view that alarmed allies.
{The speaker} said ⟦he was not there yet⟧ when asked about the nominee.
{Ms. Roe} asked ⟦whether the bill would pass⟧.
{Mr. Cobb} asked the panel ⟦why it had waited so long⟧.
{Mr. Moe} was quoted by The Guardian as saying that ⟦Britain would be at the back of the queue⟧.
{He} said ⟦there was no evidence of fraud⟧ and called ⟦the claim "a lie."⟧
⟦The bureau is investigating⟧, {two officials} said, though {one} cautioned that ⟦the inquiry was at an early stage⟧.
{Mr. Kerr's lawyer, Jamie Gore}, said ⟦her client "has offered to testify."⟧
{Mr. Flake} has been critical of the president, saying last week that ⟦the party had lost its way⟧.
According to the transcript, {Mr. Moe} said: ⟦"We need that tape."⟧
Asked about the tape, {Ms. Conrad} demurred: ⟦"I have not heard it."⟧
In a joint statement issued Friday, {Levin and Graham} said ⟦the claims would be investigated⟧.
{A spokesman for the board, John Dickey}, says ⟦it faces a great challenge⟧.
{Jim Sorley, a former priest,} says ⟦the excuse does not wash⟧. ⟦"We are shepherds,"⟧ {he} said.
{Spokesman Al Reed in Troy} says ⟦at least four people died Monday⟧.
{Washington} accuses ⟦Tehran of seeking a bomb⟧, a charge Tehran denies.
The plan was drawn up by the opposition party, {which} says that ⟦villagers were paid too little⟧.
⟦"We are done,"⟧ {Mr. Dell} said on Monday as he left the hearing, and went home.
{Dan Pruitt, of the dockers' union,} said ⟦the cranes had not been looked at in years⟧.
{Lead author Vera Holt, of the University of Harwick's school of mines}, said ⟦"it is fair to assume that the shafts are flooded as well."⟧
{The findings of the Harwick Coastal Survey printed in the Journal of Harbor Tides this week}, showed that ⟦the pier is sinking by an inch a year⟧.
As {Holt} told the Harwick Post, ⟦the mine closed after the second flood⟧.
{Clive Danner, a Harwick Liberal MP}, said ⟦the missing files raise doubts about the inquiry⟧.
According to {the Harwick Port Authority} ⟦over 40 boats have been lost in the gale⟧.
{The campaign} issued a statement calling ⟦the report "completely false."⟧
{Pruitt} attacked the plan on Sunday, calling ⟦it "a disaster for working people."⟧
Mr. Pruitt, {who} has called ⟦the inquiry "a witch hunt,"⟧ declined to comment.
For example, ⟦the harbor at Troy took in 40 boats in one night⟧, according to {harbormaster Jan Pell}.
⟦Smaller ports⟧, said {Pell}, ⟦are asked to list their boats every ten years⟧.
{Critics} say ⟦the rule disfavors smaller ports⟧, while {shippers} argue that ⟦it prevents fraud⟧.
{The Harwick mayor} has repeatedly said ⟦she opposed the dam from the start⟧, a claim engineers have called false.
{Holt} said ⟦although rain and tide had each been measured, "nobody has put the two together"⟧.
{Pruitt} said," ⟦[They] knew how the cranes had rusted⟧".
{The ministry's letter} reads "⟦we may close the smaller ports in due course⟧", but no list was drawn up.
{She} said ⟦at worst, it "means years of delay" for the town⟧.
{Ann Moe} told reporters Friday in Troy ⟦the plan can be saved⟧.
In a video, {the kidnappers} threaten ⟦to kill the crew unless the firm pays within two days⟧.
{General Moe} reminded U.S. troops that ⟦they must obey the law⟧.
{Ann Moe} told the U.N. Rights Council Tuesday that ⟦she remains concerned about the prisoners⟧.
{Gen. Jan Roe} reminded his forces in an open letter dated Thursday ⟦they had to win over the villagers⟧.
In an interview Sunday, {Senator Jan Roe} said ⟦this month will be remembered as a turning point⟧.
They linked hands to form what {they} called ⟦a "Wall of Hope,"⟧ holding photos of the missing.
{Hundreds of demonstrators} chanted ⟦"Death to tyrants,"⟧ burned tires and blocked a road.
{The crowd} shouted ⟦"Ferry out"⟧ and ⟦"Go home now"⟧ during the march.
In a statement issued Saturday {coalition forces} said ⟦the prisoners can go home⟧.
{He} said ⟦at the current rate, the army expects to reach its goal in May⟧.
{His doctor} says ⟦the operation was successful⟧, and expects Mr. Moe to recover.
{NATO} said ⟦as the army arrived in large numbers, the rebels were not able to hold the town⟧.
Also, ⟦several suspects were arrested after the attack⟧, {officials} said Monday.
{Jan Roe} writes in his memoir to be released on Monday that ⟦he is "saddened that nobody will say what everyone knows."⟧
{Mr. Roe} said in his weekly radio address Saturday ⟦some Democrats agree with him that taxing the rich is a priority⟧.
{He} said ⟦the rebels are driven by a vision that is, "backward and barbaric" and by hatred⟧.
{The group} has demanded ⟦those charges be dropped as a condition for any deal⟧.
{General Moe} promised ⟦"stern action" against those who print hate⟧.
Speaking to survivors, {he} called for ⟦"an examination of conscience" by builders and inspectors⟧.
{U.S. officials} have warned that ⟦the North may be preparing a test⟧, citing satellite photos.
{He} says ⟦in connection with that request, the rebels will propose an "alternative justice system"⟧.
Ms. Moe went free after {a judge} ruled ⟦her detention by the army was illegal⟧.
{He} said ⟦President Moe remains in stable condition, and is being treated for a cold⟧.
{The group} condemned the raid, referring to ⟦it as a "massacre."⟧
{Russian authorities} deny the charge, and insist ⟦the pipelines were sabotaged⟧.
{Some rights groups} rejected the changes, noting ⟦there is still no appeal to a court⟧.
{President Jan Roe} severed ties with the agency in 2005, claiming ⟦agents were involved in espionage⟧.
{Mr. Roe} said - quote - ⟦"It is almost like a dream."⟧
⟦"Beware of that man,"⟧ quoth {the swallow}.
{Officials} say ⟦they will clean up rivers, maintain forests, develop transport and save energy⟧.
Interviewed Sunday on the program "This Week," {Senator Jan Roe} said ⟦the minister should resign⟧.
The head of the group "Mothers Against War and Torture," {Ann Moe}, says ⟦the prisoner was shot at dawn⟧.
{Mr. Roe} expressed his opinion that ⟦"there have been a lot of failures."⟧
{The Harwick newspaper} says ⟦a private firm, Holt, has issued a report saying the arms were bought on the black market⟧.
{The Troy-controlled Duma} approved a statement saying that ⟦the raid "will not solve anything."⟧
When {I} replied that ⟦he was a recruiter⟧, the man smiled.
The council denounced the blasts, while {President Jan Roe} called ⟦the attacks "a conspiracy."⟧
{Mr. Roe} said in Troy Wednesday ⟦U.N. inspectors could visit the camp "within days."⟧
{He} also promised ⟦May's elections will be "free and fair,"⟧ after complaints about the last ones.
{Spokesman Al Reed} told the French News Agency, AFP, ⟦the talks were put off for lack of money⟧.
{The crowd} marched through the town, chanting ⟦"death to tyrants."⟧
The agency quoted {Mr. Roe} Friday as saying ⟦scorn had no weight⟧.
Speaking to reporters, {Mr. Roe} said ⟦the council condemns the use of force to, "push people around before the vote."⟧
{Tony Moe} thinks ⟦the show is too cruel⟧ - and said so to its judge.
{Spokesman Al Reed} said Thursday ⟦U.S. policy requires that workers be able to watch the ports⟧.
{Moreno} called ⟦the bridge "as Peruvian as the potato"⟧ - a phrase for what is at home there.
{General John J. "Jack" Roe, one of the three}, says ⟦the war can be won⟧.
{He} repeated U.S. claims that ⟦the rebels are "going back and forth."⟧
{The president of the club} says ⟦the team has agreed to play in May⟧, as it had promised.
{Mr. Roe} again rejected the plan, and said that ⟦it would harm the town⟧.
{Local reports} say ⟦the rites have not been held⟧.
{Official reports} say ⟦damage from the storm is put at two million⟧.
{Mr. Roe} said Wednesday that ⟦the firm is trying to mend its pumps⟧, but did not elaborate.
{Mr. Roe} was reported as saying ⟦he believes the town will use the army against it⟧.
Before he left, {Mr. Roe} remarked that ⟦"the strong rule the world by proxy,"⟧ setting off a storm of letters.
The agency cited {a statement from the Ministry of Justice} that said ⟦Jemua had killed three⟧.
{Al-Roe} accused ⟦Peru and Chile of, in his words, "keeping the peace for others"⟧.
{The envoy} told reporters in Vienna Monday that, in his words, ⟦"we want to give the town some room."⟧
{One resident of New Troy} said ⟦escaping from the storm was "hell"⟧.
However {Barno} insists ⟦the presence of his troops poses no threat⟧.
Increasingly, {analysts} are saying that ⟦the town has gone beyond what is safe⟧.
{The Washington Post} is reporting that ⟦the claim was based on one source⟧.
{The rebels} had pledged ⟦to disrupt the vote⟧, but the army has kept them away.
{I} said that ⟦the plan was bad⟧.
{Russian authorities} deny the charges, and insist ⟦the pipelines were sabotaged⟧.
{The panel} says ⟦there is a need to save power⟧, and is expected to say so in its report.
{Minister Jan Roe} made a televised address Thursday to say ⟦the foreign reports are not true⟧.
Although Jan Roe gave him money in July, {accused Troy plotter Paul Holt} told his judge that ⟦he had a task⟧.
{Senior officials} have been quoted in the press as saying that ⟦the search was in vain⟧.
Recently, {President Jan Roe} stated that ⟦the plant is for peace alone⟧, and pledged ⟦to help to build it⟧.
{Jan Moe} then told guards that ⟦her questions about planes may have been idle⟧.
Even {Holt's attorney in 1999} said that ⟦the men were likely to flee⟧.
{Bachelet} told reporters Monday ⟦the 10 men and 10 women represent a "great step" for the town⟧.
But {Friday's report} said ⟦the slump had been "less than feared."⟧
{President Jan Roe} caused an outcry by saying ⟦the port should be "wiped off the map."⟧
⟦"The rocks will soon crack the shell,"⟧ was {the crow}'s answer.
Roe spoke of what {she} described as ⟦"a basket of fools."⟧
Holt attacked Senator Crane, whom {he} has called ⟦"lying and low,"⟧ at a rally.
{Kane} said ⟦Holt was "unfit,"⟧ while {Pell} countered that ⟦Roe could not be trusted⟧.
{Roe} has said ⟦she regrets the letter⟧, but has insisted that ⟦nothing in it was secret⟧.
{Mr. Rubin} said ⟦it was time to move on⟧, and {he} urged ⟦his men to back the ticket⟧.
{Holt's manager, Kelly Conrad}, tried to play down the dispute, telling CNN that ⟦the two men had a good talk⟧.
{The governor} signaled that ⟦he was open to the idea⟧.
{The memo}, first reported by the Post, says ⟦the aides knew of the plan⟧.
{He} said ⟦his rival's plan "would be a disaster"⟧ — a claim economists dispute.
{Mr. Holt} dismissed ⟦the report as "fake,"⟧ saying ⟦he had never met the man⟧.
⟦"You're the puppet,"⟧ {Holt} shot back.
⟦"It's just words, folks,"⟧ {Mr. Holt} said of the speech, which {he} called ⟦"a total lie."⟧
{Roe} noted Holt's praise for the general and said ⟦he was "unfit" for the office⟧.
⟦What Mr. Holt is proposing⟧, {she} said, ⟦is un-American⟧.
{Mr. Pell} made clear that ⟦he disagreed with Mr. Holt⟧.
The death toll now stands at more than 54,000 people, and {officials} say ⟦rebuilding the ports will cost $5 billion⟧.
{Troy journalist Ann Moe} tells VOA ⟦national police are clearing the road⟧.
{Police} report that ⟦Jan Roe was attacked early Friday⟧.
{British media} report that ⟦two hostages are dead⟧.
Elsewhere, {police} say ⟦gunmen killed eight guards today⟧.
Meanwhile, in Hong Kong, {authorities} say ⟦a dead falcon was found⟧.
{Envoys familiar with the matter} say ⟦France and Britain were working overnight⟧.
{Veterinary experts meeting in Paris} say ⟦all countries must fight the flu⟧.
{It} says ⟦with the bank's backing, rebels kidnapped the envoy⟧.
{Opponents} accuse ⟦him of being under the sway of bankers⟧.
{Critics} call ⟦the plan "a joke."⟧
The media quote {Colonel Jan Roe, a spokesman for the missile forces}, as saying ⟦the missile was launched on Saturday⟧.
{Ann Moe} says ⟦she brought it up at a meeting this week⟧, but she does not give further details.
{Mr. Roe} says ⟦the state of the region is getting worse⟧, and he is calling for stronger action.
Late Saturday, {the army} said ⟦the town had been taken⟧.
{Officials} told BBC News ⟦every claim will be looked into⟧.
There, {the food agency} says ⟦five percent of children are underfed⟧.
{Human Rights Watch} accused ⟦politicians, local leaders, and businessmen of organizing attacks⟧.
{A federal inspector} says ⟦more than 96-million dollars earmarked for projects to rebuild ports can not be accounted for⟧.
The month is closing out what {experts} say ⟦will be the hottest June ever⟧.
{Troy's spokesmen} say ⟦negotiators have asked for more time⟧.
{Nicholas Holt} told reporters in Troy ⟦the pact has served its purpose⟧.
Meanwhile, the rebels posted footage on the Internet {it} says ⟦shows five hostages and a guard⟧.
The blaze comes one day after {a local group, the Movement for the Emancipation of Troy}, threatened ⟦to renew attacks⟧.
The stamp comes just weeks after {President Jan Roe} angered many by saying ⟦migrants are willing to do any job⟧.
{The envoy to Troy} says ⟦that country's minister has refused to meet him⟧.
{The premier} said ⟦the pullout will go forward⟧, but {he} also vowed ⟦to build more housing⟧.
The fate of the hostage remains unclear and {the Foreign Office} says ⟦all is being done⟧.
{Ali Muse}, who is head of the ambulance service, says ⟦at least 45 others were hurt⟧.
And in Vietnam, {public health officials} said ⟦a boy from the port had the flu⟧.
{Troy's new leaders} have stopped short of leaving, but say ⟦the plan could hurt their hopes⟧.
{Officials quoted in media reports} say ⟦the victim was a girl of 14⟧.
{A note found on the body} said ⟦anyone else would face the same fate⟧.
{Astronomers at the agency} are tracking it and say ⟦it may pass near Mars⟧.
{Firefighters battling a fast moving fire in Troy} say ⟦the blaze is now out⟧.
At a news conference Tuesday {NASA scientists} said ⟦the probe is in a valley⟧.
But {he and other Lebanese officials} say that ⟦the inquiry must respect the law⟧.
Cuba has given up the dollar, a move {Fidel Castro} says ⟦is in response to new rules⟧.
Warplanes hit the strip, in a campaign {Israel} says ⟦is aimed at rocket crews⟧.
They drew attention to an issue {they} say ⟦is hurting their trade⟧.
{Residents of Husaybah}, 320 kilometers northwest of Baghdad, say ⟦blasts shook the town as troops came in⟧.
{Analysts} say ⟦in spite of the storms, the market for labor is strong⟧.
{Egypt} has since said ⟦it will no longer wait⟧.
{Officials} there say ⟦the girl's death was the third⟧.
{Only 17 percent} said ⟦Israel should stop⟧.
{Police} believe ⟦the men rode the train to London⟧.
{Beijing} considers the island its own and says ⟦its moves would lead to war⟧.
{The attorney for one suspect} told reporters ⟦a U.S. attache has been named⟧.
{Forecasters} say ⟦as much as 20 centimeters of snow is expected⟧.
{Officials} said ⟦more frequent flooding and faster erosion in recent years has damaged houses⟧.
{Federal Bureau of Investigation officials} say ⟦there is no evidence of it⟧.
Forces killed 11 men who {NATO} says ⟦were planning an ambush⟧.
⟦Half of all residents are poor⟧, {the study} found.
⟦Most residents⟧, {the poll} showed, ⟦have no home and no work⟧.
{The assessment} found ⟦half of all residents are poor⟧.
{Records} show ⟦the company never paid the tax⟧.
{Emails} released Friday suggest ⟦aides knew of the breach as early as May⟧.
{The lawsuit} claims ⟦the firm hid the losses from investors⟧.
{The complaint} alleges ⟦the firm paid the men $40 a day⟧.
⟦The president will announce the plan on Tuesday⟧, {two officials familiar with the matter} told The Associated Press on condition of anonymity because they were not authorized to discuss it.
⟦The two sides are close⟧, said {three people with knowledge of the talks}.
⟦The two sides are close⟧, said {two officials familiar with the talks} on Monday.
{He} said ⟦that's why he ran⟧.
{She} wrote him that ⟦he should pay⟧.
{The court} ruled 5-4 that ⟦the law was void⟧.
{Mr. Holt} was quick to note that ⟦the plan had failed⟧.
{Mr. Holt} did say that ⟦the plan had failed⟧.
{Mr. Holt} seems to think ⟦the plan failed⟧.
{Mr. Holt} appeared to suggest that ⟦the plan had failed⟧.
⟦The plan failed⟧, {Mr. Holt} said in an interview on Monday with The Times.
⟦The plan failed⟧, said {Mr. Holt}, who runs the bank.
According to {Mr. Holt, who runs the bank}, ⟦the plan failed⟧.
{Her aides} had argued for days that ⟦the story would blow over⟧, and {some allies}, speaking on the condition of anonymity to avoid angering her, acknowledged that ⟦they had been caught off guard⟧.
{A federal judge} blocked the plan, calling ⟦it “arbitrary and capricious”⟧ and ordering officials to keep the office open.
Outside court, {Holt's lawyer, Alan Zeg}, said that ⟦the governor knew of it⟧.
⟦Ms. Kell, a mother of four, “will fight these charges,”⟧ {he} said.
{Mr. Wis} said ⟦the plea showed that “this was a conspiracy.”⟧
{He} referred to ⟦Ms. Roe as "a nasty woman."⟧
{She} went so far as to call ⟦the plan "a disgrace."⟧
{He} said, as he has before, that ⟦the vote was rigged⟧.
{He} has long argued ⟦the vote was rigged⟧, and on Monday {he} called for ⟦a new one⟧.
{Mr. Holt} said ⟦as president he would build a dam⟧.
(Harwick.com) ⟦Engineers will launch the boat on Monday⟧, according to {the Harwick Institute}.
They have held two men {the U.S. military} says ⟦may have ties to the Guards⟧.
"""


@pytest.mark.parametrize("line", _STATEMENTS.strip().split("\n"))
def test_statement(line):
    found, wanted = said_and_sources(line)
    assert found == wanted
