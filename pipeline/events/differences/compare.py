"""The differences of some texts about one event. Pure; work is linear in their length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.events.differences.counts import Counted, counted
from pipeline.events.differences.sentences import Sentence, Slot, around, form_of, sentences

#: Differences told of one event, and statements of each.
_MOST_DIFFERENCES, _MOST_SAID = 20, 12
_ACRONYM = 4
#: Counts that are further apart are rather of different things: two of a television crew, seventy in a country.
_FAR_APART = 5


@dataclass(frozen=True)
class Text:
    """A text about the event: whose it is, since when (ISO 8601), and its words.

    Attributes:
        id: of its story.
        source: of the text, such as the agency.
    """

    id: str
    source: str
    time: str
    headline: str
    body: str


@dataclass(frozen=True)
class Said:
    """What a text says: ``value`` in its words, in this sentence."""

    id: str
    source: str
    time: str
    value: str
    sentence: str


@dataclass(frozen=True)
class Difference:
    """One thing on which texts differ; ``said``: the earliest text with each value, by source, in order of time.

    Attributes:
        kind: number or name.
        about: what it is about, in the words of a text: "dead", "people on board".
    """

    kind: str
    about: str
    said: tuple[Said, ...]


@dataclass(frozen=True)
class _Value:
    """A value, as compared, and who said it."""

    key: str
    said: Said


def differences(texts: Sequence[Text]) -> tuple[Difference, ...]:
    """On which numbers and names texts differ: counts first, then sentences that are the same but for one of them.

    Args:
        texts: English ones of one event; versions of one story are texts of their own.
    """
    ordered = sorted(texts, key=lambda text: (text.time, text.id))
    read = [(text, sentences(f"{text.headline}\n{text.body}")) for text in ordered]
    found = list(_of_counts(read))
    known = [frozenset(said.value.lower() for said in one.said) for one in found]
    for one in _of_forms(read):
        values = frozenset(said.value.lower() for said in one.said)
        if not any(values <= told for told in known):
            known.append(values)
            found.append(one)
    return tuple(found[:_MOST_DIFFERENCES])


def _of_counts(read: Sequence[tuple[Text, list[Sentence]]]) -> Iterable[Difference]:
    by_about: defaultdict[str, list[_Value]] = defaultdict(list)
    for text, parts in read:
        of_text: defaultdict[str, list[Counted]] = defaultdict(list)
        for part in parts:
            for one in counted(part):
                of_text[one.about].append(one)
        for about, some in of_text.items():
            # A text with two counts of the same may tell of two places.
            if len({one.value for one in some}) == 1:
                said = Said(text.id, text.source, text.time, some[0].words, some[0].sentence)
                by_about[about].append(_Value(f"{some[0].value:g}", said))
    for about, values in by_about.items():
        numbers = {float(value.key) for value in values}
        if len(numbers) > 1 and max(numbers) <= _FAR_APART * min(numbers):
            yield Difference("number", about, _told(values))


def _of_forms(read: Sequence[tuple[Text, list[Sentence]]]) -> Iterable[Difference]:
    by_form: defaultdict[str, list[tuple[Text, Sentence, tuple[Slot, ...]]]] = defaultdict(list)
    for text, parts in read:
        of_text: dict[str, list[tuple[Sentence, tuple[Slot, ...]]]] = defaultdict(list)
        for part in parts:
            if form := form_of(part):
                of_text[form[0]].append((part, form[1]))
        for key, some in of_text.items():
            # A text that repeats a form fills it in: a table, not a statement.
            if len({tuple(slot.value for slot in slots) for _, slots in some}) == 1:
                by_form[key].append((text, *some[0]))
    words = {text: _names(parts) for text, parts in read}
    for same in by_form.values():
        changed = {place for place in range(len(same[0][2])) if len({slots[place].value for _, _, slots in same}) > 1}
        if len(changed) == 1:
            (place,) = changed
            values = [_value(text, sentence, slots[place]) for text, sentence, slots in same]
            kind = same[0][2][place].kind
            if kind == "number" or _other_names(same, place, words):
                yield Difference(kind, around(same[0][1].words, same[0][2][place]), _told(values))


def _value(text: Text, sentence: Sentence, slot: Slot) -> _Value:
    return _Value(slot.value, Said(text.id, text.source, text.time, slot.words, sentence.text))


def _names(parts: Sequence[Sentence]) -> frozenset[str]:
    return frozenset(word.lower() for part in parts for word in part.words if word[0].isupper())


def _other_names(
    same: Sequence[tuple[Text, Sentence, tuple[Slot, ...]]], place: int, words: dict[Text, frozenset[str]]
) -> bool:
    """Whether the names are different ones, not longer and shorter forms of one or both known to both texts."""
    values: dict[str, list[Text]] = defaultdict(list)
    for text, _, slots in same:
        values[slots[place].value].append(text)
    names = {value: frozenset(value.split()) for value in values}
    # The first word of a sentence is capitalised whatever it is: "INS Sukanya" is "Warship Sukanya".
    if same[0][2][place].start == 0 and len({value.split()[0] for value in values}) > 1:
        return False
    for one, other in ((one, other) for one in names for other in names if one < other):
        if names[one] <= names[other] or names[other] <= names[one] or _short(one) or _short(other):
            return False
        if any(names[other] <= words[text] for text in values[one]) and any(
            names[one] <= words[text] for text in values[other]
        ):
            return False
    return True


def _short(name: str) -> bool:
    return " " not in name and len(name.replace(".", "")) < _ACRONYM


def _told(values: Sequence[_Value]) -> tuple[Said, ...]:
    """The earliest statement of each value by each source."""
    first: dict[tuple[str, str], Said] = {}
    for value in values:
        first.setdefault((value.said.source, value.key), value.said)
    return tuple(first.values())[:_MOST_SAID]
