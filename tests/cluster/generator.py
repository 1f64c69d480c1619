"""A labelled stream of wire stories with the edits that real ones undergo; the same seed gives the same stream.

A *family* is a text and what a wire makes of it; two stories are copies by label if they have a family in common
(a merger of two stories has two). Every story says by which edit it came about:

    full, flash, urgent, update, correction, kill     one agency's running story
    swap                                              another agency's dateline, byline and closing lines
    cut                                               cut from the bottom
    subedit                                           words changed, a sentence dropped or moved
    merge                                             two stories made one
    event, weather, markets, sport, footer            hard negatives: each is a family of its own
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 6, tzinfo=UTC)

_CITIES = (
    "London Paris Moscow Berlin Cairo Lagos Nairobi Delhi Beijing Tokyo Sydney Lima Bogota Ottawa Oslo Rome".split()
)
_AGENCIES = "Reuters AP AFP TASS dpa ANSA EFE Kyodo Xinhua".split()
_NAMES = "John Maria Peter Anna Luis Chen Fatima Olga Kwame Ingrid".split()
_SURNAMES = "Smith Garcia Ivanov Mueller Okafor Tanaka Rossi Larsen Haddad Novak".split()
_TEAMS = "Rovers United Athletic City Dynamo Spartak Wanderers Olympic Racing Albion Sporting Union".split()
_SKIES = "sunny|partly cloudy|overcast with light rain|windy with showers|foggy in the morning|clear and cold".split(
    "|"
)
_FOOTERS = (
    (
        "This report is provided for information only and is not an offer to sell or a solicitation of an offer to buy "
        "any securities. Past performance is no guide to future results. Readers should obtain independent advice before "
        "making any investment decision. The publisher accepts no liability for any loss arising from the use of this "
        "report or its contents, and all rights are reserved in every country and in every form now known."
    ),
    (
        "The agency is the oldest news service of the region and has been serving newspapers and broadcasters for more "
        "than a century. Subscribers may use this text within the terms of their contract. For questions please contact "
        "the duty desk around the clock by telephone or by electronic mail. Photographs and video of this event are "
        "available on the picture server under the usual name and password given to every subscriber."
    ),
)


@dataclass(frozen=True)
class Story:
    """One generated story with its label."""

    id: str
    text: str
    time: datetime
    edit: str
    families: frozenset[int]

    @property
    def event(self) -> int:
        """Number of what it tells of: families of one event begin with the same."""
        return min(self.families) // FAMILIES_OF_EVENT


#: Families that one event can have.
FAMILIES_OF_EVENT = 8


class Generator:
    """Makes the stream.

    Args:
        sentences: of real texts.
        seed: of everything.
    """

    def __init__(self, sentences: list[str], seed: int) -> None:
        self._random = random.Random(seed)
        self._pool = sentences
        self._unused = self._random.sample(sentences, len(sentences))
        self._family = 0

    def stream(self, count: int) -> list[Story]:
        """``count`` stories in order of time; a family's stories lie close together, others between them."""
        placed: list[tuple[float, int, str, str, frozenset[int]]] = []
        while len(placed) < count:
            position = len(placed) + self._random.random()
            for edit, text, families in self._families():
                placed.append((position, len(placed), edit, text, families))
                position += self._random.expovariate(1 / 60)
        placed = sorted(placed)[:count]
        step = timedelta(days=12) / count
        return [
            Story(f"s{number:06}", text, START + step * number, edit, families)
            for number, (_, _, edit, text, families) in enumerate(placed)
        ]

    def _families(self) -> Iterator[tuple[str, str, frozenset[int]]]:
        makers: list[tuple[float, Callable[[], Iterator[tuple[str, str, frozenset[int]]]]]] = [
            (0.37, self._single),
            (0.14, self._running),
            (0.22, self._copies),
            (0.03, self._merged),
            (0.10, self._one_event),
            (0.10, self._templates),
            (0.04, self._footers),
        ]
        weights, choices = zip(*makers, strict=True)
        yield from self._random.choices(choices, weights)[0]()

    # Texts

    def _new(self, *, same_event: bool = False) -> frozenset[int]:
        """A family, of an event of its own or of the same as the last one."""
        self._family += 1 if same_event else FAMILIES_OF_EVENT - self._family % FAMILIES_OF_EVENT
        return frozenset({self._family})

    def _sentence(self) -> str:
        """A sentence of the pool, and when all are used one of them with many words exchanged."""
        return self._unused.pop() if self._unused else self._subedited(self._random.choice(self._pool), 0.4)

    def _base(self) -> list[str]:
        """A text; one sentence in eight is the background that other texts have, too."""
        length = min(int(self._random.lognormvariate(2.4, 0.5)) + 3, 45)
        known = [False, *(self._random.random() < 1 / 8 for _ in range(length - 1))]
        return [self._random.choice(self._pool) if again else self._sentence() for again in known]

    def _dressed(self, sentences: list[str]) -> str:
        """Dateline, paragraphs and closing lines of some agency."""
        pick = self._random.choice
        agency, city = pick(_AGENCIES), pick(_CITIES)
        day = f"March {self._random.randint(1, 28)}"
        dateline = pick(
            [f"{city.upper()}, {day} ({agency}) - ", f"{city.upper()}, {day}. /{agency}/. ", f"{city} - ", ""]
        )
        byline = pick([f"By {pick(_NAMES)} {pick(_SURNAMES)}\n\n", "", ""])
        close = pick(
            [
                f"\n\n(Reporting by {pick(_NAMES)} {pick(_SURNAMES)}; Editing by {pick(_NAMES)} {pick(_SURNAMES)})",
                f"\n\n{agency.lower()}/{pick(_NAMES)[:2].lower()}",
                "",
            ]
        )
        return byline + dateline + self._paragraphs(sentences) + close

    def _paragraphs(self, sentences: list[str]) -> str:
        size = self._random.randint(1, 3)
        return "\n\n".join(" ".join(sentences[at : at + size]) for at in range(0, len(sentences), size))

    def _subedited(self, text: str, rate: float) -> str:
        """Words left out, doubled, exchanged for others of the pool or moved, each with probability ``rate``."""
        words: list[str] = []
        for word in text.split():
            chance = self._random.random()
            if chance < rate / 3:
                continue
            words.append(self._random.choice(self._random.choice(self._pool).split()) if chance < rate else word)
        return " ".join(words)

    # Families

    def _single(self) -> Iterator[tuple[str, str, frozenset[int]]]:
        yield "full", self._dressed(self._base()), self._new()

    def _running(self) -> Iterator[tuple[str, str, frozenset[int]]]:
        family, base = self._new(), self._base()
        yield "flash", " ".join(base[0].split()[:12]), family
        yield "urgent", self._dressed(base[:3]), family
        yield "full", self._dressed(base), family
        for _ in range(self._random.randint(1, 2)):
            base = base + self._base()[: self._random.randint(2, 6)]
            yield "update", self._dressed(base), family
        if self._random.random() < 0.5:
            at = self._random.randrange(len(base))
            corrected = [*base[:at], self._subedited(base[at], 0.15), *base[at + 1 :]]
            note = f"(Corrects {self._random.choice(_SURNAMES)}'s title in paragraph {at + 1})\n\n"
            yield "correction", note + self._dressed(corrected), family
        if self._random.random() < 0.2:
            yield "kill", self._kill(base[0]), family

    def _kill(self, lead: str) -> str:
        words = " ".join(lead.split()[:12])
        return f'Kill the story "{words}". It is withdrawn; do not use. A substitute will not be sent.'

    def _copies(self) -> Iterator[tuple[str, str, frozenset[int]]]:
        family, base = self._new(), self._base()
        yield "full", self._dressed(base), family
        for _ in range(self._random.randint(1, 4)):
            kind = self._random.choice(["swap", "swap", "cut", "subedit"])
            if kind == "swap":
                yield kind, self._dressed(base), family
            elif kind == "cut":
                yield kind, self._dressed(base[: max(2, int(len(base) * self._random.uniform(0.25, 0.9)))]), family
            else:
                rate = self._random.uniform(0.01, 0.1)
                edited = [self._subedited(sentence, rate) for sentence in base]
                if len(edited) > 3 and self._random.random() < 0.5:
                    edited.insert(
                        self._random.randrange(len(edited)), edited.pop(self._random.randrange(1, len(edited)))
                    )
                yield kind, self._dressed(edited), family

    def _merged(self) -> Iterator[tuple[str, str, frozenset[int]]]:
        first, one = self._new(), self._base()
        yield "full", self._dressed(one), first
        second, other = self._new(), self._base()
        yield "full", self._dressed(other), second
        yield "merge", self._dressed(one + other), first | second

    def _one_event(self) -> Iterator[tuple[str, str, frozenset[int]]]:
        """One event told by two agencies: leads of their own, some of the background in the same words."""
        family, base = self._new(), self._base()
        yield "event", self._dressed(base), family
        for _ in range(self._random.randint(1, 2)):
            other, own = self._new(same_event=True), self._base()
            shared = base[-max(1, int(len(base) * self._random.uniform(0.1, 0.4))) :]
            yield "event", self._dressed([*own[: max(3, len(base) - len(shared))], *shared]), other

    def _templates(self) -> Iterator[tuple[str, str, frozenset[int]]]:
        kind = self._random.choice([self._weather, self._markets, self._sport])
        for _ in range(self._random.randint(1, 3)):
            yield kind.__name__.strip("_"), kind(), self._new()

    def _weather(self) -> str:
        number, pick = self._random.randint, self._random.choice
        cities = self._random.sample(_CITIES, 8)
        lines = [
            f"{city}: {pick(_SKIES)}, high {number(-9, 39)}, low {number(-19, 20)}, wind {number(2, 60)} kilometres an hour, "
            f"chance of rain {number(0, 100)} percent."
            for city in cities
        ]
        return "The weather in the capitals of the world today and the outlook for tomorrow. " + " ".join(lines)

    def _markets(self) -> str:
        number, pick = self._random.uniform, self._random.choice
        rows = [
            f"The {name} index of shares {pick(['rose', 'fell'])} {number(0, 4):.2f} percent to close at {number(900, 40000):,.2f} "
            f"points, after trading between {number(900, 40000):,.2f} and {number(900, 40000):,.2f} during the day in "
            "which turnover was close to the average of the last thirty sessions, dealers said."
            for name in ("leading", "broad", "technology", "banking", "small companies")
        ]
        return "Closing prices of the main indices of the exchange, as supplied by the exchange itself. " + " ".join(
            rows
        )

    def _sport(self) -> str:
        number, pick = self._random.randint, self._random.choice
        rows = []
        for _ in range(8):
            one, other = self._random.sample(_TEAMS, 2)
            rows.append(
                f"{pick(_CITIES)} {one} {number(0, 5)}, {pick(_CITIES)} {other} {number(0, 5)} (half-time {number(0, 2)}-{number(0, 2)}), "
                f"attendance {number(3000, 60000):,}."
            )
        return "Results of matches played in the premier division of the national league. " + " ".join(rows)

    def _footers(self) -> Iterator[tuple[str, str, frozenset[int]]]:
        footer = self._random.choice(_FOOTERS)
        for _ in range(self._random.randint(1, 4)):
            yield "footer", self._paragraphs(self._base()[: self._random.randint(1, 4)]) + "\n\n" + footer, self._new()
