"""The words of offices and trades: what a title is made of, and which offices one descriptor can mean.

"the top diplomat" can be a foreign minister, an ambassador or an envoy; "the leader" a president or a premier.
"""

from __future__ import annotations

import re
from functools import lru_cache

#: Stripped from names; they say nothing of an office.
HONORIFICS = frozenset(
    "mr mrs ms miss mx dr sir dame lord lady madam madame mister monsieur señor señora herr frau messrs hon".split()
)
MALE = frozenset(
    "mr sir lord king prince emperor father brother pope chairman spokesman congressman councilman policeman businessman"
    " salesman fireman cameraman statesman alderman tsar sultan emir duke son husband actor monsieur herr señor imam"
    " assemblyman ayatollah grandfather uncle nephew widower boy man baron count salesman headmaster godfather".split()
)
FEMALE = frozenset(
    "mrs ms miss dame lady madam madame queen princess empress mother sister chairwoman spokeswoman congresswoman"
    " assemblywoman councilwoman policewoman businesswoman duchess daughter wife actress frau señora grandmother aunt niece widow girl"
    " woman baroness countess headmistress waitress".split()
)

_ABBREVIATED = {
    "sen": "senator", "rep": "representative", "gov": "governor", "gen": "general", "lt": "lieutenant",
    "col": "colonel", "maj": "major", "capt": "captain", "cmdr": "commander", "adm": "admiral", "sgt": "sergeant",
    "prof": "professor", "rev": "reverend", "fr": "father", "pres": "president", "st": "saint", "det": "detective",
    "supt": "superintendent", "insp": "inspector", "amb": "ambassador", "cpl": "corporal", "pvt": "private",
    "brig": "brigadier", "atty": "attorney", "sec": "secretary", "del": "delegate", "pm": "premier", "mp": "lawmaker",
    "dr": "doctor", "fm": "minister", "ald": "alderman", "cllr": "councillor", "dep": "deputy", "msgr": "monsignor",
    "spc": "specialist", "pfc": "private", "ofc": "officer", "dci": "detective",
}  # fmt: skip

#: Heads of roles: singular nouns of an office or trade.
HEADS = frozenset(
    "president premier minister chancellor secretary secretary-general senator representative congressman congresswoman"
    " councilman councilwoman councillor councilor governor mayor ambassador envoy commissioner chairman chairwoman"
    " chairperson chair chief director head leader spokesman spokeswoman spokesperson king queen prince princess emperor"
    " empress pope cardinal archbishop bishop ayatollah sheikh sheik imam rabbi cleric priest pastor vicar reverend saint"
    " judge justice attorney prosecutor sheriff officer captain lieutenant colonel major sergeant commander general"
    " admiral marshal brigadier corporal private professor doctor analyst economist lawyer barrister solicitor coach"
    " manager striker midfielder goalkeeper defender winger forward quarterback pitcher skipper batsman bowler player"
    " actor actress singer author writer novelist poet playwright ceo cfo coo cto boss founder co-founder lawmaker"
    " legislator parliamentarian deputy mp adviser advisor aide counsel editor correspondent reporter journalist columnist"
    " photographer activist campaigner scientist researcher physicist chemist biologist historian astronomer geologist"
    " seismologist meteorologist forecaster epidemiologist virologist psychologist sociologist anthropologist engineer"
    " expert specialist strategist diplomat candidate nominee speaker whip treasurer inspector superintendent constable"
    " detective agent trooper comptroller dictator strongman warlord militant rapper filmmaker producer champion winner"
    " veteran driver tycoon billionaire owner executive dean provost rector principal teacher student nurse surgeon"
    " physician defendant suspect teammate negotiator mediator coordinator rapporteur observer monitor inspector"
    " politician statesman stateswoman official dissident whistleblower hacker blogger banker trader broker investor"
    " businessman businesswoman entrepreneur designer architect artist painter musician composer conductor drummer"
    " guitarist comedian presenter anchor host pilot astronaut cosmonaut sailor farmer fisherman resident villager witness"
    " survivor victim mother father brother sister son daughter wife husband widow uncle aunt neighbour neighbor friend"
    " partner member vice-president vice-chairman president-elect prime-minister sultan emir duke duchess earl baron"
    " baroness count countess tsar shah caliph monarch pontiff patriarch lama premier-designate counsellor counselor"
    " secretary-treasurer attorney-general governor-general administrator clerk registrar curator librarian trustee"
    " superstar star legend swimmer runner sprinter cyclist golfer boxer wrestler gymnast skier referee umpire trainer"
    " developer programmer vet veterinarian ranger lobbyist consultant contractor operator organiser organizer pollster"
    " publisher creator inventor organizer broadcaster commentator critic scholar alderman alderwoman monsignor deacon coroner ombudsman"
    " assemblyman assemblywoman councilmember selectman undersecretary firefighter evangelist televangelist chef restaurateur"
    " cardiologist oncologist pediatrician pathologist toxicologist criminologist demographer ecologist botanist zoologist"
    " paleontologist archaeologist archeologist statistician paramedic dispatcher investigator attache consul operative protester"
    " demonstrator biochemist neuroscientist climatologist oceanographer immunologist ethicist linebacker cornerback shortstop"
    " goaltender outfielder infielder director-general choreographer screenwriter bassist vocalist violinist accountant bartender"
    " waiter waitress rancher retiree homeowner academic lecturer fellow theologian philosopher mathematician ideologue".split()
)

#: Words within a role that say neither which office nor whose.
_GENERIC = frozenset(
    "the a an his her their its our former ex acting deputy vice assistant associate senior junior top first second chief"
    " then outgoing incoming interim late new newly elected longtime veteran leading lead main high highest ranking of"
    " for and in to at on de facto general no who is was country nation state federal government national".split()
)
#: Lower-case words that can stand before the head of a role.
MODIFIERS = _GENERIC - frozenset("a an his her their its our of for and in to at on no who is was".split()) | frozenset(
    "prime foreign defense defence finance interior justice health education trade economy energy oil environment labor"
    " labour agriculture transport culture sports press police army military navy naval air force intelligence security"
    " party opposition rebel union church human rights political policy public medical legal business campaign congressional"
    " parliamentary presidential republican democratic conservative liberal socialist communist nationalist far-right"
    " left-wing right-wing centrist moderate hardline reformist independent supreme district county city town village"
    " regional provincial local special nuclear climate weather space science research executive managing marketing sales"
    " financial technical sporting football soccer cricket tennis basketball baseball rugby hockey boxing film movie pop"
    " rock opera jazz folk hip-hop fashion technology internet software media television tv radio newspaper magazine book"
    " crime murder rape fraud police fire coast guard border customs immigration civil criminal defense trial appeals"
    " constitutional district assembly house senate state co- under- permanent visiting ruling exiled jailed detained"
    " ousted slain disgraced retired professional amateur american-born french-born russian-born fellow lead spiritual"
    " religious tribal clan guerrilla insurgent separatist secular home exterior external internal international"
    " commerce industry development housing welfare water water-resources information communications telecommunications"
    " planning works immigration women's youth tourism fisheries forestry mining budget tax treasury market economic"
    " portfolio investment bank banking equity currency commodity research relief aid humanitarian peace peacekeeping"
    " un eu nato u.n. u.s. uk emeritus team family school crew staff committee council cabinet university college hospital city union major company group organization majority minority floor".split()
)

_GROUPS: dict[str, frozenset[str]] = {
    "diplomat": frozenset("foreign-minister ambassador envoy secretary-of-state foreign-secretary consul diplomat".split()),
    "leader": frozenset(
        "president premier chancellor king queen emperor leader chairman chairwoman chair chief head emir sultan prince"
        " secretary-general president-elect prime-minister sheikh dictator strongman taoiseach governor mayor".split()
    ),
    "official": frozenset(
        "minister secretary spokesman spokeswoman spokesperson director commissioner deputy adviser advisor aide official"
        " chief head ambassador envoy coordinator inspector administrator prosecutor foreign-minister superintendent"
        " negotiator chairman chairwoman secretary-general diplomat".split()
    ),
    "politician": frozenset(
        "president premier minister chancellor senator representative congressman congresswoman governor mayor lawmaker"
        " leader candidate nominee deputy prime-minister secretary legislator councillor mp politician".split()
    ),
    "lawmaker": frozenset(
        "senator representative congressman congresswoman lawmaker legislator deputy mp parliamentarian speaker delegate"
        " whip".split()
    ),
    "chief": frozenset("director chief head ceo chairman chairwoman commissioner commander general secretary-general president"
                       " executive leader coach admiral superintendent governor".split()),
    "executive": frozenset("ceo cfo coo cto chairman chairwoman president director executive founder co-founder chief manager".split()),
    "premier": frozenset(("premier", "prime-minister")),
    "spokesman": frozenset(("spokesman", "spokesperson")),
    "spokeswoman": frozenset(("spokeswoman", "spokesperson")),
    "spokesperson": frozenset(("spokesman", "spokeswoman", "spokesperson")),
    "lawyer": frozenset("attorney lawyer counsel solicitor barrister prosecutor".split()),
    "attorney": frozenset("attorney lawyer counsel".split()),
    "officer": frozenset("captain lieutenant colonel major sergeant commander general admiral officer constable detective"
                         " inspector superintendent sheriff trooper brigadier marshal".split()),
    "commander": frozenset("captain lieutenant colonel major commander general admiral brigadier marshal chief".split()),
    "doctor": frozenset("doctor surgeon physician professor".split()),
    "physician": frozenset("doctor surgeon physician".split()),
    "scientist": frozenset("professor doctor researcher scientist physicist chemist biologist astronomer geologist"
                           " seismologist meteorologist epidemiologist virologist".split()),
    "researcher": frozenset("professor doctor researcher scientist analyst fellow".split()),
    "academic": frozenset("professor doctor lecturer scholar academic historian fellow".split()),
    "expert": frozenset("expert professor analyst researcher scientist specialist economist historian".split()),
    "analyst": frozenset("analyst economist strategist".split()),
    "economist": frozenset(("economist", "analyst")),
    "coach": frozenset(("coach", "manager", "trainer", "boss")),
    "manager": frozenset(("coach", "manager", "boss")),
    "boss": frozenset("coach manager ceo chairman chief head boss director leader".split()),
    "player": frozenset("striker midfielder goalkeeper defender winger forward quarterback pitcher skipper captain player"
                        " batsman bowler".split()),
    "skipper": frozenset(("skipper", "captain")),
    "pontiff": frozenset(("pope",)),
    "cleric": frozenset("bishop archbishop cardinal imam ayatollah rabbi priest pastor cleric sheikh pope".split()),
    "monarch": frozenset("king queen emperor empress sultan emir tsar shah".split()),
    "author": frozenset("author writer novelist poet".split()),
    "musician": frozenset("singer rapper guitarist drummer musician composer conductor".split()),
    "star": frozenset("actor actress singer striker star superstar player champion quarterback rapper".split()),
    "journalist": frozenset("journalist reporter correspondent editor columnist photographer".split()),
    "founder": frozenset(("founder", "co-founder")),
    "politburo": frozenset(),
}  # fmt: skip

_WORD = re.compile(r"[\w’'.-]*\w")


def role_words(role: str) -> list[str]:
    """The words of a role, lower case, abbreviations of titles written out."""
    words = [word.lower().replace("’", "'").removesuffix("'s").removesuffix("s'") for word in _WORD.findall(role)]
    words = [word.removesuffix("-designate").removesuffix("-elect") for word in words]
    return [_ABBREVIATED.get(word, word) for word in words]


def is_abbreviated(word: str) -> bool:
    """Whether a word is a title that is written with a full stop: "Gen", "Ald", "Mr"."""
    return not word.isupper() and (word.lower() in _ABBREVIATED or word.lower() in HONORIFICS)


def is_head(word: str) -> bool:
    """Whether a word is a noun of an office or trade, singular."""
    lowered = word.lower().strip(".").removesuffix("-designate").removesuffix("-elect")
    bare = lowered.removeprefix("ex-").removeprefix("co-")
    return lowered in HEADS or lowered in _ABBREVIATED or bare in HEADS


@lru_cache(maxsize=4096)
def heads_of(role: str) -> frozenset[str]:
    """The offices that a role names: "Russian Foreign Minister" → minister, foreign-minister."""
    words = role_words(role)
    heads = {word.removeprefix("ex-") for word in words if word.removeprefix("ex-") in HEADS}
    joined = " ".join(words)
    if "foreign minister" in joined or "minister of foreign" in joined or "minister for foreign" in joined:
        heads.add("foreign-minister")
    if "foreign secretary" in joined:
        heads.add("foreign-secretary")
    if "secretary of state" in joined:
        heads.add("secretary-of-state")
    if "prime minister" in joined or "premier" in heads:
        heads |= {"prime-minister", "premier"}
        if "foreign-minister" not in heads and joined.count("minister") <= 1:
            heads.discard("minister")
    return frozenset(heads)


def portfolio(role: str) -> frozenset[str]:
    """What an office is for: "Deputy Defence Minister" → defence."""
    words = {"defense" if word == "defence" else word for word in role_words(role)}
    return frozenset(word for word in words if word not in _GENERIC and word not in HEADS)


def can_be_called(descriptor: str, heads: frozenset[str]) -> bool:
    """Whether somebody with these offices can be called so: the top diplomat, a foreign minister."""
    return any(head in heads or bool(_GROUPS.get(head, frozenset()) & heads) for head in heads_of(descriptor))


def gender_of(role: str) -> str | None:
    """Gender, "m" or "f", where a title or trade says so; ``None`` everywhere else: names tell nothing."""
    words = {word.lower().strip(".") for word in re.findall(r"[\w.-]+", role)}
    if words & MALE and not words & FEMALE:
        return "m"
    if words & FEMALE and not words & MALE:
        return "f"
    return None
