"""A labelled stream of an agency's short bulletins, most of them from templates; the same seed gives the same stream.

Half of what an agency sends is written to a pattern: company results, dividends, market reports, money operations,
fixtures and scores, weather, tallies, programmes of the day. Two of them share most of their words and are two
stories. Others are sent again: with another headline, a word corrected, a paragraph added, a new dateline. A family
is a bulletin and what was sent of it again; the edit of a story is its template, or by what it came about from
another.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.cluster.generator import Story

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
_FIRST = "Alder Brann Corvin Delmar Estrel Farrow Garland Halden Iverness Jorvik Kestrel Lindel Marlow Norvaine Ostrava".split()
_LAST = "Industries Bancorp Mining Shipping Foods Oil Steel Airlines Paper Insurance Textiles Chemicals Motors Press".split()
_CITIES = "Ardelle Merrowby Tolva Solvik Kirkhaven Port-Lumen Vasterholm Ilmen Casterly Dunmore Ferrol Gravina".split()
_NAMES = "Ane Torvane|Ilka Solberg|Peter Marsh|Jon Vidal|Maria Lenz|Tomas Okoro|Lise Arvid|Nadia Corr|Karl Engel".split(
    "|"
)
_BANKS = "central bank|monetary authority|national bank|bank of issue".split("|")
_GOODS = "wheat maize copper cocoa sugar cotton rubber tin coffee soybeans".split()
_VERBS = "said told reporters announced confirmed added stated".split()
_TOPICS = (
    "talks on a fishing treaty|a rail strike|the budget debate|a port expansion|tariffs on steel|a cease-fire|wage rules|"
    "a visit of the foreign minister|flood relief|a bank merger|drilling rights|an airline sale|school reform"
).split("|")
_STUFF = (
    "committee minister proposal vote union harbour factory treaty court shares output exports loan border tax crew inquiry "
    "mayor region contract quarter pipeline farmers wages storm bridge tender airport exchange deficit reserves auction "
    "delegation protest election campaign shortage price dam railway licence merger appeal verdict opposition cabinet"
).split()
_LINKS = (
    "after before during despite because of together with in view of ahead of as part of following the end of without any"
).split()


@dataclass(frozen=True)
class Bulletin:
    """Headline, and paragraphs."""

    template: str
    headline: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join((self.headline, *self.paragraphs))


class Bulletins:
    """Makes the stream.

    Args:
        seed: of everything.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._day = 0
        self._templates: list[Callable[[], Bulletin]] = [
            self._results, self._dividend, self._shares, self._money, self._scores, self._weather, self._tally,
            self._programme, self._commodity, self._rate, self._stake, self._bulletin, self._bulletin, self._bulletin,
            self._bulletin,
        ]  # fmt: skip

    def stream(self, count: int) -> list[Story]:
        """``count`` bulletins over two weeks; one in twelve is sent again, once to three times, soon after."""
        placed: list[tuple[float, int, str, str, int]] = []
        family = 0
        while len(placed) < count:
            self._day = 14 * len(placed) // count
            family += 1
            position = len(placed) + self._random.random()
            bulletin = self._random.choice(self._templates)()
            placed.append((position, len(placed), bulletin.template, bulletin.text, family))
            if self._random.random() < 1 / 12:
                for edit, again in self._again(bulletin):
                    position += self._random.expovariate(1 / 50)
                    placed.append((position, len(placed), edit, again.text, family))
        step = timedelta(days=14) / count
        return [
            Story(f"b{number:06}", text, START + step * number, edit, frozenset({family}))
            for number, (_, _, edit, text, family) in enumerate(sorted(placed)[:count])
        ]

    # What is sent again

    def _again(self, bulletin: Bulletin) -> Iterator[tuple[str, Bulletin]]:
        for _ in range(self._random.choice((1, 1, 1, 2, 3))):
            edit = self._random.choice(("resent", "headline", "corrected", "added", "subedited", "dateline"))
            first, *rest = bulletin.paragraphs
            headline, paragraphs = bulletin.headline, bulletin.paragraphs
            match edit:
                case "headline":
                    headline = f"{self._words(6).capitalize()} ({self._random.choice(('LEAD', 'UPDATE', '2nd LD'))})"
                case "corrected":
                    wrong, right = self._random.choice(first.split()[4:]), self._random.choice(_STUFF)
                    paragraphs = (f"(Corrects a word in paragraph 1)\n{first.replace(wrong, right, 1)}", *rest)
                case "added":
                    paragraphs = (*paragraphs, self._sentence(), self._sentence())[
                        : len(paragraphs) + len(first) // 120 + 1
                    ]
                case "subedited":
                    words = first.split()
                    at = self._random.randrange(3, len(words))
                    words[at] = self._random.choice(_STUFF)
                    paragraphs = (" ".join(words), *rest)
                case "dateline":
                    paragraphs = (f"{self._pick(_CITIES).upper()}, March {self._day + 2} - {first}", *rest)
            bulletin = Bulletin(bulletin.template, headline, paragraphs)
            yield edit, bulletin

    # Templates

    def _pick(self, choices: list[str] | tuple[str, ...]) -> str:
        return self._random.choice(choices)

    def _number(self, low: float, high: float, digits: int = 0) -> str:
        return f"{self._random.uniform(low, high):,.{digits}f}"

    def _company(self) -> str:
        return f"{self._pick(_FIRST)} {self._pick(_LAST)}"

    def _words(self, count: int) -> str:
        return " ".join(self._pick(_STUFF) if at % 2 == 0 else self._pick(_LINKS) for at in range(count))

    def _sentence(self) -> str:
        words = self._words(self._random.randint(14, 26))
        return f"{words.capitalize()}, {self._pick(_NAMES)} {self._pick(_VERBS)} in {self._pick(_CITIES)}."

    def _bulletin(self) -> Bulletin:
        """A story in its own words, with the background of its subject below it."""
        topic = self._pick(_TOPICS)
        own = tuple(self._sentence() for _ in range(self._random.randint(2, 4)))
        known = f"The two sides have been at odds over {topic} since last autumn, when parliament adjourned early."
        return Bulletin("bulletin", self._words(7).capitalize(), (*own, known))

    def _results(self) -> Bulletin:
        company, quarter = self._company(), self._pick(("1st", "2nd", "3rd", "4th"))
        rows = [
            f"Shr {self._number(1, 99)} cts vs {self._number(1, 99)} cts",
            f"Net {self._number(1e5, 9e6)} vs {self._number(1e5, 9e6)}",
            f"Revs {self._number(1, 900, 1)} mln vs {self._number(1, 900, 1)} mln",
            f"Avg shrs {self._number(1e6, 9e7)} vs {self._number(1e6, 9e7)}",
        ]
        note = "NOTE: Results include a gain from the sale of a unit and are adjusted for a stock split."
        return Bulletin(
            "results",
            f"{company} {quarter} qtr net",
            ("\n".join(rows), *((note,) if self._random.random() < 0.5 else ())),
        )

    def _dividend(self) -> Bulletin:
        company, cents = self._company(), self._random.randint(3, 60)
        rows = (
            f"Qtly div {cents} cts vs {cents} cts prior\nPay April {self._random.randint(1, 30)}\n"
            f"Record March {self._random.randint(1, 31)}"
        )
        return Bulletin("dividend", f"{company} sets regular quarterly payout", (rows,))

    def _shares(self) -> Bulletin:
        city, way = self._pick(_CITIES), self._pick(("higher", "lower"))
        rows = (
            (
                f"{city.upper()}, March {self._day + 2} (Orbis) - Shares in {city} opened {way} on "
                f"{self._pick(('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'))}, tracking overnight moves abroad."
            ),
            (
                f"The benchmark index moved {self._number(1, 60, 2)} points, or {self._number(0, 3, 2)} percent, to "
                f"{self._number(900, 4000, 2)} in the first fifteen minutes of trading."
            ),
            (
                f"{self._company()} moved {self._number(0, 4, 1)} percent and {self._company()} {self._number(0, 4, 1)} percent. The "
                f"local currency was trading at {self._number(900, 1400, 1)} against the dollar, compared with the close of the "
                "session before."
            ),
        )
        return Bulletin("shares", f"{city} shares open {way}", rows)

    def _money(self) -> Bulletin:
        city, bank = self._pick(_CITIES), self._pick(_BANKS)
        rows = (
            (
                f"The {bank} said it had provided the money market with a further {self._number(20, 900)} mln of help in the "
                f"afternoon session. This brings its total help so far today to {self._number(300, 2000)} mln and compares with its "
                f"forecast of a shortage of {self._number(300, 2000)} mln."
            ),
            (
                f"It bought bank bills outright, {self._number(10, 99)} mln in band one at {self._number(9, 11, 2)} percent and "
                f"{self._number(10, 99)} mln in band two at {self._number(9, 11, 2)} percent."
            ),
        )
        return Bulletin("money", f"{city} money market given further help", rows)

    def _scores(self) -> Bulletin:
        cities = self._random.sample(_CITIES, 8)
        rows = [
            f"{cities[at]} {self._random.randint(0, 5)} {cities[at + 1]} {self._random.randint(0, 5)} "
            f"(halftime {self._random.randint(0, 2)}-{self._random.randint(0, 2)})"
            for at in range(0, 8, 2)
        ]
        head = "Results of matches played in the first division of the national football league on Saturday:"
        return Bulletin("scores", "National league football results", (head, "\n".join(rows)))

    def _weather(self) -> Bulletin:
        rows = [
            f"{city}: {self._pick(('sunny', 'cloudy', 'rain', 'fog', 'clear'))}, {self._random.randint(-5, 30)} to "
            f"{self._random.randint(-5, 30)}, chance of rain {10 * self._random.randint(0, 10)} percent"
            for city in self._random.sample(_CITIES, 6)
        ]
        return Bulletin(
            "weather",
            "Weather forecast",
            ("The following is the forecast of the weather for the coming day.", "\n".join(rows)),
        )

    def _tally(self) -> Bulletin:
        country = self._pick(_CITIES)
        rows = (
            (
                f"{country.upper()}, March {self._day + 2} (Orbis) - The district of {country} reported {self._number(100, 9000)} new "
                f"cases of the virus, including {self._number(100, 9000)} local infections, raising the total caseload to "
                f"{self._number(1e5, 9e5)}, the health agency said."
            ),
            (
                f"It added {self._random.randint(1, 90)} deaths. The number of critically ill patients stood at "
                f"{self._random.randint(100, 900)}, the agency said in its daily report."
            ),
        )
        return Bulletin("tally", f"{country} reports new cases of virus", rows)

    def _programme(self) -> Bulletin:
        rows = [f"{self._random.randint(8, 19)}:{self._pick(('00', '30'))} {self._sentence()}" for _ in range(4)]
        head = "The following are the main events scheduled for today. All times are local and may be changed at short notice."
        return Bulletin("programme", "Programme of the day", (head, *rows))

    def _commodity(self) -> Bulletin:
        good, country = self._pick(_GOODS), self._pick(_CITIES)
        rows = (
            (
                f"The agriculture department said private exporters reported sales of {self._number(20, 400)},000 tonnes of {good} to "
                f"{country} for delivery in the current season, which began on September 1."
            ),
        )
        return Bulletin("commodity", f"Exporters report {good} sale to {country}", rows)

    def _rate(self) -> Bulletin:
        company = self._company()
        rows = (
            (
                f"{company} said it raised its prime lending rate to {self._number(6, 12, 2)} percent from "
                f"{self._number(6, 12, 2)} percent, effective immediately, following similar moves by other banks."
            ),
        )
        return Bulletin("rate", f"{company} raises prime rate", rows)

    def _stake(self) -> Bulletin:
        buyer, target = self._company(), self._company()
        rows = (
            (
                f"A group led by {buyer} told the securities commission it raised its stake in {target} to {self._number(5, 30, 1)} "
                f"percent of the total outstanding, or {self._number(1e5, 9e6)} common shares, from {self._number(5, 30, 1)} percent."
            ),
            (
                f"The group said it bought {self._number(1e4, 9e5)} shares between March {self._random.randint(1, 15)} and "
                f"March {self._random.randint(16, 31)} at {self._number(5, 60, 2)} to {self._number(5, 60, 2)} dlrs a share as an investment."
            ),
        )
        return Bulletin("stake", f"{buyer} raises stake in {target}", rows)
