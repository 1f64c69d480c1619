"""The words by which quotations are recognised: verbs of saying, nouns of roles, marks."""

from __future__ import annotations

import re

_SAYING = """
accuse accused accuses acknowledge acknowledged acknowledges add added adds admit admitted admits advise advised advises
affirm affirmed affirms agree agreed agrees allege alleged alleges announce announced announces answer answered answers
argue argued argues ask asked asks assert asserted asserts assure assured assures believe believed believes boast boasted
caution cautioned cautions cite cited cites claim claimed claims comment commented comments complain complained complains
concede conceded concedes conclude concluded concludes confirm confirmed confirms contend contended contends continue
continued continues declare declared declares demand demanded demands deny denied denies describe described describes
disclose disclosed discloses emphasize emphasized emphasizes emphasise emphasised emphasises estimate estimated estimates
exclaim exclaimed expect expected expects explain explained explains express expressed feel felt hint hinted hope hoped
hopes indicate indicated indicates insist insisted insists joke joked jokes maintain maintained maintains mention
mentioned mentions note noted notes object objected observe observed observes pledge pledged pledges point pointed predict
predicted predicts proclaim proclaimed promise promised promises propose proposed proposes quip quipped recall recalled
recalls recommend recommended recommends remark remarked remarks remind reminded repeat repeated repeats reply replied
replies report reported reports respond responded responds retort retorted reveal revealed reveals said say saying says
shout shouted state stated states stress stressed stresses suggest suggested suggests tell telling tells testify testified
testifies think thinks thought told tweet tweeted tweets underline underlined underlines underscore underscored urge urged
urges vow vowed vows warn warned warns whisper whispered wonder wondered wonders worry worried write writes wrote
fear fears feared theorized theorised speculated speculates lamented laments reiterated reiterates clarified countered counters mused opined
posted pleaded chanted yelled vented blasted ruled rules elaborated enthused surmised stipulates stipulated gushed
"""
#: Forms of verbs of saying and thinking that introduce quotations.
CUES = frozenset(_SAYING.split())
#: Verbs that are often used otherwise: they introduce an indirect quotation only before "that".
WEAK_CUES = frozenset(
    "accuse accused accuses ask asked asks believe believed believes cite cited cites continue continued continues demand"
    " demanded demands describe described describes express expressed feel felt expect expected expects hope hoped hopes"
    " point pointed promise promised promises propose proposed proposes recommend recommended recommends report reports"
    " state states estimate estimates claim claims note notes object remark remarks comment comments repeat repeated"
    " pledge pledges vow vows urge urged urges think thinks thought wonder wondered observe observed agree agreed agrees"
    " deny denied denies mention mentioned mentions recall recalled answer answers worry worried maintain".split()
)

#: Nouns of offices, trades and bodies that can speak; the head of "the top diplomat", "the company".
ROLE_NOUNS = frozenset(
    "activist admiral adviser advisor agency aide ambassador analyst army artist assistant attorney author authorities"
    " bank banker bishop board body boss bureau cabinet campaigner candidate captain cardinal cardiologist chair chairman"
    " chairwoman chancellor chief clerk coach colonel commander commission commissioner committee company congressman"
    " congresswoman consul coordinator council councillor court critic deputy defendant department designer detective"
    " developer diplomat director doctor economist editor embassy engineer envoy executive expert farmer father"
    " firefighter firm forecaster founder general government governor group guard guide head historian inspector"
    " institute investigator journalist judge king lawmaker lawyer leader legislator lieutenant man manager mayor"
    " meteorologist minister ministry monarch mother negotiator nurse observer office officer official officials operator"
    " opposition organiser organization organizer owner panel parliament partner party pastor physician pilot player"
    " police policeman politician pope premier president priest principal prince princess producer professor prosecutor"
    " queen regulator report reporter representative researcher resident retailer scientist secretary senator sergeant"
    " service sheriff singer skipper speaker spokesman spokesperson spokeswoman staffer statement statesman student study"
    " surgeon survivor teacher team trader treasurer treasury tsar union union veteran victim villager witness witnesses"
    " woman worker writer post letter email e-mail document article paper memo website blog blogger poll survey indictment"
    " filing communique notice message poster user newspaper magazine source sources network station channel lawsuit"
    " complaint affidavit transcript broadcaster agencies media outlet publication posting study report statement release"
    " lawsuit ruling verdict judges police prosecutors activists protesters critics supporters opponents rebels militants"
    " woman worker writer lawmakers experts analysts scientists researchers residents doctors ministers economists".split()
)

PRONOUNS = frozenset(("he", "she", "they", "it", "i", "we", "who", "him", "her"))

#: Opening marks and the marks that close them.
PAIRS = {"“": "”", "„": "“”", "«": "»", "‹": "›", "‘": "’", "‚": "‘’", '"': '"', "'": "'"}
OPENING_DOUBLE = frozenset('“„«"')

#: What ends the source of an inverted attribution: "said Lavrov on Monday …".
SOURCE_ENDS = re.compile(
    r"[,;:.?!(–—\"“”]|\s-\s|\b(?:on|in|at|during|after|before|when|while|as|to|that|who|with|from|by|over|about|late|early|"
    r"earlier|yesterday|today|adding|via|through|following|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
)
