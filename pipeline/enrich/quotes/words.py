"""The words by which quotations are recognised: verbs of saying and thinking, nouns of roles."""

from __future__ import annotations

import re

_IRREGULAR = {
    "say": ("says", "said"), "tell": ("tells", "told"), "think": ("thinks", "thought"), "feel": ("feels", "felt"),
    "write": ("writes", "wrote", "written"), "find": ("finds", "found"), "show": ("shows", "showed", "shown"),
    "swear": ("swears", "swore"), "hold": ("holds", "held"), "begin": ("begins", "began"), "put": ("puts", "put"),
    "go": ("goes", "went"), "admit": ("admits", "admitted"), "quip": ("quips", "quipped"), "brag": ("brags", "bragged"),
    "regret": ("regrets", "regretted"), "rebut": ("rebuts", "rebutted"), "understand": ("understands", "understood"),
    "read": ("reads", "read"), "sing": ("sings", "sang"),
}  # fmt: skip
_PASTS = frozenset(form for forms in _IRREGULAR.values() for form in forms if form not in {"put", "read"})


def _forms(verbs: str) -> frozenset[str]:
    """The finite forms of regular and irregular verbs, the base form with them."""
    found: set[str] = set()
    for verb in verbs.split():
        found.add(verb)
        if verb in _IRREGULAR:
            found.update(_IRREGULAR[verb])
        elif verb.endswith("y") and verb[-2] not in "aeou":
            found.update((f"{verb[:-1]}ies", f"{verb[:-1]}ied"))
        else:
            found.add(f"{verb}es" if verb.endswith(("s", "sh", "ch", "x")) else f"{verb}s")
            found.add(f"{verb}d" if verb.endswith("e") else f"{verb}ed")
    return frozenset(found)


#: A statement follows these without "that": "he said the bridge was gone".
SAYING = _forms(
    "say add insist warn explain state reply testify swear argue contend maintain assert allege complain concede admit"
    " acknowledge caution stress emphasize emphasise note remark observe tweet write joke boast brag conclude declare"
    " confirm announce report claim predict estimate suggest reveal disclose indicate recall reiterate affirm tell rule"
)
#: So do what people think, hope and fear.
THINKING = _forms("think believe hope fear feel suspect reckon worry assume guess doubt") | {"figured"}
#: Whoever is told stands between the verb and the statement: "he told reporters that".
TELLING = _forms("tell inform assure remind warn advise notify convince persuade caution promise")
#: A statement follows these only after "that".
_THAT = _forms(
    "agree determine propose recommend demand pledge promise vow threaten deny dispute hint imply point stipulate"
    " speculate theorize theorise lament regret clarify counter muse opine proclaim underline underscore repeat mention"
    " comment calculate respond answer object decide advise inform assure remind notify convince persuade expect accuse"
    " find show hold urge post surmise elaborate forecast signal confess assess attest concur insinuate intimate profess protest reason reflect verify"
)
#: What papers and bodies do rather than people, who find many things.
FINDING = _forms("find show hold decide determine")
#: A question follows these: "she asked whether the bill would pass".
ASKING = _forms("ask wonder question")
#: What somebody did may follow these in the gerund: "he denied knowing of it".
OF_DEEDS = _forms("deny admit acknowledge recall regret recommend suggest")
#: These stand beside marks only.
_BESIDE_MARKS = _forms(
    "ask read shout exclaim whisper yell chant plead quip retort wonder continue vent gush enthuse blast mention describe express"
    " laugh chuckle smile grin sob remember disagree cite rebut sing scream sigh snap interject inquire enquire murmur mutter recount exhort interrupt grumble growl groan gripe moan sneer roar summarize summarise cry command"
)
#: So do these in the past: as nouns they stand within sources ("the press", "a text").
BESIDE_MARKS_PAST = frozenset(
    "emailed texted deadpanned offered thundered allowed ventured volunteered crowed scoffed fumed pressed chided intoned blurted"
    " bellowed shrugged marveled marvelled barked begged boomed chirped cracked drawled echoed fretted gasped hissed hollered"
    " huffed implored jeered jested nodded pronounced raged railed ranted recited scolded shrieked smirked snarled snorted squealed"
    " stammered stuttered taunted teased trumpeted uttered wailed whined whimpered bemoaned bristled prodded".split()
)
#: A promise is the statement: "he vowed to fight the ruling".
PROMISING = frozenset(
    "vow vowed vows pledge pledged pledges promise promised promises threaten threatened threatens".split()
)
#: What is called, and what it is called, is the statement where marks stand in it.
CALLING = frozenset(
    "call describe dismiss denounce praise accuse called calls described describes dismissed dismisses denounced denounces characterized characterizes characterised"
    " branded labeled labelled labels derided derides decried decries hailed hails praised praises slammed blasted"
    " criticized criticised ridiculed accused accuses likened portrayed cited".split()
)
#: The same as participles: "…, calling it "a disaster"".
CALLING_IT = frozenset(
    "calling describing dismissing denouncing condemning criticizing criticising praising slamming blasting branding"
    " labeling labelling hailing decrying deriding".split()
)
#: Forms of verbs of saying and thinking that introduce quotations.
CUES = SAYING | THINKING | TELLING | _THAT | _BESIDE_MARKS | BESIDE_MARKS_PAST | {"saying", "quoth"}
#: Cues that are nouns behind an article or a preposition: "the state", "in remarks".
ALSO_NOUNS = frozenset(
    "state states report reports claim claims comment comments note notes remark remarks estimate estimates answer answers"
    " object objects promise promises demand demands hope hopes repeat reply replies pledge pledges vow vows advice point"
    " points thought charge charges stress fear fears worry worries caution post posts forecast forecasts urge figure"
    " figures guess doubt doubts show shows hold holds find finds tweet tweets joke jokes recall dispute disputes"
    " wonder suspect suspects".split()
)
#: Participles that are cues where somebody is doing it: "analysts are saying that".
PROGRESSIVE = frozenset(
    "saying reporting warning arguing claiming predicting insisting suggesting alleging hoping".split()
)
#: Cues that may begin a sentence.
CAPITAL_CUES = frozenset(("Said", "Says", "Added", "Asked", "Wrote", "Explained", "Adds", "Told"))
#: Those that need a subject in the plural: "officials say".
BASE_FORMS = CUES - {
    form for form in CUES if form.endswith(("s", "ed")) or form in _PASTS or form in {"saying", "read"}
} | {"express", "guess", "call", "describe", "dismiss", "denounce", "praise"}

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
    " lawsuit ruling verdict judges police prosecutors activists protester supporter opponent rebels militants"
    " woman worker writer lawmakers experts analysts scientists researchers residents doctors ministers economists".split()
)

#: Nouns of what is written or published, so that it speaks for somebody.
PAPERS = frozenset(
    "statement letter memo memorandum email e-mail message note tweet report post release filing affidavit editorial op-ed"
    " sign study poll opinion complaint lawsuit ad advisory warning survey article paper document indictment website blog"
    " ruling transcript notice bulletin posting".split()
)

#: What "to say" may follow and say all the same: "continues to insist", "seemed to think", "likes to say".
STILL_TO = r"continue[sd]?|hastened|beg[au]n|seem(?:s|ed)|appear(?:s|ed)|likes|liked|loves|loved"

#: One of them.
ANY_PAPER = rf"(?:{'|'.join(sorted(PAPERS))})"
ANY_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"

PRONOUNS = frozenset(("he", "she", "they", "it", "i", "we", "who", "him", "her"))

#: What ends the source of an inverted attribution: "said Lavrov on Monday …".
SOURCE_ENDS = re.compile(
    r"[,;:.?!(–—\"“”]|\s-\s|\b(?:on|in|at|during|after|before|when|while|as|to|that|who|with|from|by|over|about|late|early|"
    rf"earlier|yesterday|today|adding|via|through|following|{ANY_DAY})\b"
)
