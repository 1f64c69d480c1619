"""One set of labels for all corpora.

Each corpus marks other things: the Groningen Meaning Bank has nationalities but calls them ``gpe`` and counts titles
into names; Universal NER and WikiGold have neither nationalities nor dates. What a corpus lacks is added by rule, the
same for all corpora, so that no corpus teaches that a date or a nationality is nothing; what it leaves open is
``missing`` and not taught.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from pipeline.enrich.gazetteer import known_names
from pipeline.enrich.training.sentence import Sentence, Span

_TITLES = frozenset(
    "mr mr. mrs mrs. ms ms. dr dr. prof prof. professor president vice deputy prime minister premier chancellor senator"
    " sen. sen representative rep. rep congressman congresswoman governor gov. gov general gen. gen lieutenant lt. lt"
    " colonel col. col major maj. captain capt. capt commander admiral adm. sergeant sgt. sgt. corporal cpl. private"
    " king queen prince princess sheikh sheik pope cardinal archbishop bishop father sister reverend rev. ayatollah"
    " imam mullah secretary secretary-general chief justice judge ambassador envoy spokesman spokeswoman spokesperson"
    " foreign defense defence interior finance state attorney former ex-president then-president incoming acting"
    " chairman chairwoman director coach actor actress singer star rock sir lord lady dame saint st. mayor lawmaker leader"
    " mp dictator emperor sultan emir crown opposition coordinator commissioner inspector director-general grand"
    " undersecretary administrator sheik councillor councilor barrister campaigner home agriculture education health treasury labor labour scientologist superintendent guard"
    " officer sheriff constable detective reverend pastor rabbi cleric archbishop patriarch".split()
)
_NATURAL = re.compile(
    r"\b(?:river|sea|ocean|gulf|strait|straits|lake|mountains?|mount|mt\.|desert|valley|peninsula|islands?|isle|coast|"
    r"bay|cape|canal|basin|plateau|delta|hills?|horn|triangle|continent|hemisphere|border|corridor|strip|heights|"
    r"forest|canyon|volcano|glacier|creek|falls|caribbean|balkans|caucasus|mediterranean|atlantic|pacific|arctic|"
    r"antarctica|africa|asia|europe|america|middle east|far east|west bank|gaza strip|himalayas?|sahel|sahara|"
    r"siberia|scandinavia|maghreb|eurasia|mars|moon|earth|jupiter|venus|saturn)$",
    re.IGNORECASE,
)
_STATES_OF_SUCH_NAMES = frozenset(
    "south africa|united states of america|central african republic|marshall islands|solomon islands|cayman islands|"
    "virgin islands|faroe islands|falkland islands|rhode island|long island|hong kong|tampa bay|guantanamo bay|"
    "green bay|ivory coast|beverly hills|salt lake|palm beach|gold coast|montego bay|sioux falls|niagara falls".split(
        "|"
    )
)
_GROUPS = frozenset(
    "arab arabs jew jews jewish muslim muslims moslem moslems islamic islamist islamists christian christians catholic"
    " catholics protestant protestants orthodox hindu hindus sikh sikhs buddhist buddhists sunni sunnis shiite shiites"
    " shi'ite shi'ites shia shi'a kurd kurds kurdish tamil tamils tibetan tibetans chechen chechens uighur uighurs"
    " uyghur uyghurs pashtun pashtuns tutsi tutsis hutu hutus serb serbs serbian croat croats bosniak bosniaks roma"
    " european europeans african africans asian asians american americans latin western republican republicans"
    " democrat democrats democratic communist communists palestinian palestinians cossack basque catalan scottish"
    " welsh english irish yazidi yazidis druze alawite maronite coptic copts mormon evangelical anglican lutheran"
    " methodist persian byzantine soviet yugoslav hispanic latino latinos caucasian baltic balkan nordic caribbean"
    " african-american african-americans sinhalese taliban-era korean koreans saudi saudis emirati qatari omani dutch"
    " british briton britons french german germans swiss danish danes swedish swedes polish poles finnish finns turk"
    " turks turkish greek greeks spanish spaniards portuguese chinese japanese taiwanese burmese lebanese sudanese"
    " thai thais malay filipino filipinos kashmiri punjabi bengali afghan afghans".split()
)
_NOT_GROUPS = frozenset({"democratic", "western", "latin", "orthodox"})


@cache
def _demonyms() -> frozenset[str]:
    known = {name.lower() for name, what in known_names().items() if what.label == "NORP"}
    return frozenset(known | _GROUPS)


@cache
def _countries() -> frozenset[str]:
    return frozenset(name.lower() for name, what in known_names().items() if what.label == "GPE")


def place_label(name: str) -> str:
    """LOC for seas, mountains, continents and regions; GPE for what is governed."""
    low = name.lower().removeprefix("the ")
    return "LOC" if _NATURAL.search(low) and low not in _STATES_OF_SUCH_NAMES and low not in _countries() else "GPE"


def unified(sentence: Sentence) -> Sentence:
    """The sentence with the project's labels; see the module."""
    text_of: Callable[[int, int], str] = lambda start, end: " ".join(sentence.words[start:end])  # noqa: E731
    spans: list[Span] = []
    missing: set[int] = set()
    for span in sentence.spans:
        made = _MAKERS.get(sentence.source, _projected_common)(sentence, span, text_of(span[0], span[1]))
        if made is None:
            missing |= set(range(span[0], span[1]))
        else:
            spans += [part for part in made if part[1] > part[0]]
    taken = {at for start, end, _ in spans for at in range(start, end)}
    for start, end, label in _by_rule(sentence):
        if not taken & set(range(start, end)):
            spans.append((start, end, label))
            taken |= set(range(start, end))
    return Sentence(
        sentence.words,
        sentence.spaces,
        tuple(sorted(spans)),
        tuple(sorted(missing - taken)),
        sentence.source,
        sentence.document,
    )


def _without_titles(sentence: Sentence, start: int, end: int) -> int:
    while start < end and (sentence.words[start].lower() in _TITLES or sentence.words[start].lower() in _demonyms()):
        start += 1
    return start


_OFFICES = frozenset(
    "administrator president minister secretary professor commissioner sheriff governor senator ambassador spokesman"
    " spokeswoman mp director chairman chancellor".split()
)


def _after_offices(sentence: Sentence, start: int, end: int) -> int:
    """GUM's mentions hold the office and whose it is: "US President Barack Obama"; "NASA Administrator" is not a name."""
    return max((at + 1 for at in range(start, end) if sentence.words[at].lower() in _OFFICES), default=start)


def _projected_common(sentence: Sentence, span: Span, text: str) -> list[Span] | None:
    """Universal NER, WikiGold and GUM: PER, ORG, LOC; other names only where they are nationalities."""
    start, end, label = span
    if label == "PER":
        start = _without_titles(sentence, start, end)
        if sentence.source == "gum":
            start = _after_offices(sentence, start, end)
        # "Secretary of State": an office, no name.
        return [(start, end, "PERSON")] if start < end and sentence.words[start] != "of" else []
    if label == "ORG":
        return [(start, end, "GPE" if sentence.source == "gum" and text.lower() in _countries() else "ORG")]
    if label == "LOC":
        return [(start, end, "NORP" if text.lower() in _demonyms() else place_label(text))]
    if text.lower() in _demonyms():
        return [(start, end, "NORP")]
    return [(start, end, "EVENT")] if _EVENT.fullmatch(text) else []


def _projected_gmb(sentence: Sentence, span: Span, text: str) -> list[Span] | None:
    start, end, label = span
    start, end, text = _trimmed(sentence, start, end)
    low = text.lower()
    if start >= end:
        return []
    if label == "per":
        start = _without_titles(sentence, start, end)
        rest = " ".join(sentence.words[start:end])
        if not rest:
            return []
        if low in _demonyms():
            return [(start, end, "NORP")]
        return [(start, end, "PERSON")] if rest[:1].isupper() or rest.startswith(("al-", "bin ")) else None
    if low in _demonyms() - _NOT_GROUPS:
        return [(start, end, "NORP")]
    if label in {"org", "geo", "gpe"} and (low in _countries() or low in {"west bank", "gaza strip", "middle east"}):
        return [(start, end, place_label(text))]
    if label == "gpe":
        return None
    if label == "geo":
        if low in {"u.n.", "african union", "fatah", "european union", "hezbollah", "hamas"}:
            return [(start, end, "ORG")]
        return [(start, end, place_label(text))] if text[:1].isupper() else None
    if label == "org":
        while end > start and sentence.words[end - 1].lower() in _TITLES | {"justice"}:
            end -= 1
        if start == end or (low == "state" and start and sentence.words[start - 1] == "of"):
            return []
        text = " ".join(sentence.words[start:end])
        if text.lower() in _countries():
            return [(start, end, "GPE")]
        return [(start, end, "ORG")] if any(word[:1].isupper() for word in text.split()) else None
    if label in {"eve", "nat"}:
        return [(start, end, "EVENT")] if _EVENT.fullmatch(text) else None
    return None if label == "art" else []  # times come by rule, the same for all corpora


def _trimmed(sentence: Sentence, start: int, end: int) -> tuple[int, int, str]:
    """Marks, articles, possessives and words of direction at the edges do not belong to a name."""
    leading = {"the", "southern", "northern", "eastern", "western", "central", "-", "--", ",", "'s", "of", "and", '"'}
    trailing = {"-", "--", ",", "'s", "'", "and", "of", '"', ".", ";", ":", "("}
    while start < end and sentence.words[start] in leading | {"The"}:
        start += 1
    while end > start and sentence.words[end - 1] in trailing:
        end -= 1
    return start, end, " ".join(sentence.words[start:end])


def _projected_re3d(sentence: Sentence, span: Span, text: str) -> list[Span] | None:
    """re3d marks every mention, pronouns too: only mentions that are names from end to end are taken."""
    start, end, label = span
    start, end, text = _trimmed(sentence, start, end)
    if text.lower() in {"i", "he", "we", "they", "it", "she", "his", "our", "their"}:
        return []
    if start >= end or not all(word[:1].isupper() or word in {"of", "for", "-"} for word in text.split()):
        return None if any(word[:1].isupper() for word in text.split()) else []
    if label == "Nationality" or text.lower() in _demonyms():
        return [(start, end, "NORP")]
    if label == "Person":
        start = _without_titles(sentence, start, end)
        return [(start, end, "PERSON")] if start < end else []
    if label == "Organisation":
        return [(start, end, "GPE" if text.lower() in _countries() else "ORG")]
    return [(start, end, place_label(text))] if label == "Location" else None


_MAKERS = {"gmb": _projected_gmb, "re3d": _projected_re3d}

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
_SURE_MONTH = r"(?:January|February|April|June|July|August|September|October|November|December)"
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_YEAR = r"(?:1[5-9]|20)\d\d"
_NUMBER = r"(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|several|few|many|[a-z]+teen)"
_UNIT = r"(?:days?|weeks?|months?|years?|decades?|centur(?:y|ies)|weekends?)"
_DATE = re.compile(
    rf"(?:(?:{_DAY} , )?(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?: , {_YEAR})?|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?: ,? ?{_YEAR})?|{_MONTH} (?:of )?{_YEAR})"
    rf"|(?:last |next |this |early |late |mid-)?(?:{_DAY}s?|{_SURE_MONTH})(?: (?:morning|afternoon|evening|night))?"
    rf"|(?:the )?(?:last|past|next|previous|coming|following) (?:{_NUMBER} )?(?:{_UNIT}|spring|summer|autumn|fall|winter|quarter)"
    rf"|this (?:week|month|year|weekend|spring|summer|autumn|fall|winter)"
    rf"|(?:the )?(?:early |late |mid-)?{_YEAR}s|(?<=\bin ){_YEAR}|(?<=\bsince ){_YEAR}|(?<=\bof ){_YEAR}"
    rf"|{_NUMBER} {_UNIT} (?:ago|earlier|later)|a (?:day|week|month|year|decade) (?:ago|earlier|later)"
    r"|today|yesterday|tomorrow|Today|Yesterday|Tomorrow|tonight"
    rf"|(?<=\bby ){_YEAR}|(?<=\bfrom ){_YEAR}|(?<=\bto ){_YEAR}|(?<=\buntil ){_YEAR})(?= |$)"
)
_MONEY = re.compile(
    r"(?:(?:(?:US|U\.S\.|A|C|HK|NZ) ?)?[$£€¥] ?\d[\d,.]*(?: (?:hundred|thousand|million|billion|trillion|m|bn))*|"
    r"\d[\d,.]*(?: (?:hundred|thousand|million|billion|trillion))* (?:US |U\.S\. )?(?:dollars?|euros?|pounds|yen|yuan|rubles|roubles|rupees|pesos|cents))"
    r"(?= |$)"
)
_PERCENT = re.compile(r"\d[\d,.]*(?: ?- ?\d[\d.]*)? ?(?:percent|per cent|%|percentage points?)(?= |$)")
_EVENT = re.compile(
    r"(?:.* )?(?:World War (?:I{1,2}|One|Two)|World Cup|(?:Summer |Winter )?Olympics?(?: Games)?|Olympic Games|"
    r"(?:Australian|French|U\.S\.|US) Open|Super Bowl|Cold War|Gulf War|Civil War|Korean War|Vietnam War|Holocaust|"
    r"Wimbledon|Grand Prix|Stanley Cup|World Series|Davis Cup|(?:Hurricane|Typhoon|Tropical Storm|Cyclone) (?!Cent)[A-Z]\w+)"
)
_EVENTS = re.compile(
    r"(?:World War (?:I{1,2}|One|Two)|World Cup|(?:Summer |Winter )Olympics(?: Games)?|Olympic Games|Olympics|Super Bowl|"
    r"Cold War|Gulf War|Korean War|Vietnam War|Holocaust|(?:Hurricane|Typhoon|Tropical Storm|Cyclone) (?!Cent)[A-Z]\w+)(?= |$)"
)
_RULES = (("MONEY", _MONEY), ("PERCENT", _PERCENT), ("DATE", _DATE), ("EVENT", _EVENTS))


def _by_rule(sentence: Sentence) -> list[Span]:
    """Dates, money, percentages, events and nationalities as they are printed."""
    text = " ".join(sentence.words)
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    at = 0
    for number, word in enumerate(sentence.words):
        starts[at] = number
        at += len(word)
        ends[at] = number + 1
        at += 1
    found: list[Span] = []
    for label, pattern in _RULES:
        for match in pattern.finditer(text):
            if match.start() in starts and match.end() in ends:
                found.append((starts[match.start()], ends[match.end()], label))
    for number, word in enumerate(sentence.words):
        if word[:1].isupper() and word.lower() in _demonyms() - _NOT_GROUPS:
            found.append((number, number + 1, "NORP"))
    return found
