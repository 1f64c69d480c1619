"""What a story's terms are, what each weighs, and which sentences count for nothing; all of it bounded and stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import log, sqrt

import pytest

from pipeline.cluster import terms
from pipeline.cluster.clusterer import language_code
from pipeline.cluster.terms import Frequencies, Repeated, terms_of

GERMAN, ENGLISH = language_code("de"), language_code("en")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Storm hits Oslo. The storm hit Oslo.", {"storm": 2, "hits": 1, "^oslo": 2, "^the": 1, "hit": 1}),
        ("O’Brien-Smith's x STORM", {"^o’brien-smith's": 1, "^storm": 1}),
        ("rose 1,234.5 points to 12.", {"rose": 1, "1,234.5": 1, "points": 1, "to": 1, "12": 1}),
        ("Straße ÉTÉ été", {"^straße": 1, "été": 2}),
        ("北京首相 訪問 京", {"北京": 1, "京首": 1, "首相": 1, "訪問": 1, "京": 1}),
        ("Москва и Минск", {"^москва": 1, "^минск": 1}),
        ("", {}),
        ("ab " * 1333 + "c down", {"ab": 1333}),
    ],
)  # fmt: skip
def test_terms_are_words_numbers_and_pairs_of_characters(text: str, expected: dict[str, int]) -> None:
    """A name is written with a capital letter only; only the top of a text is read."""
    assert terms_of(text) == expected


def vector(weights: Mapping[str, float]) -> object:
    """The weights as a vector of length one."""
    length = sqrt(sum(weight**2 for weight in weights.values()))
    return pytest.approx({term: weight / length for term, weight in weights.items()})


def test_names_and_rare_and_frequent_terms_weigh_more() -> None:
    one = Frequencies()
    assert one.vector({"sturm": 1}, GERMAN) == {}, "nothing is rare yet"
    one.vector({"sturm": 3, "^hafen": 1}, GERMAN)
    one.vector({"sturm": 1, "schiff": 1}, GERMAN)
    assert one.vector({"sturm": 1, "hafen": 1, "^schiff": 1, "neu": 3, "^oslo": 1}, GERMAN) == vector(
        {"hafen": log(2), "^schiff": 2.5 * log(2), "neu": (1 + log(3)) * log(4), "^oslo": 2.5 * log(4)}
    ), "what all have weighs nothing; a name and a word count as one"


@pytest.mark.parametrize("language", [ENGLISH, 0])
def test_a_table_says_what_is_common_before_the_stream_does(language: int) -> None:
    one = Frequencies()
    for _ in range(2):
        one.vector({"the": 1, "ferry": 1}, language)
    assert one.vector({"the": 5, "^officials": 1, "ferry": 1, "zebra": 1}, language) == vector(
        {"^officials": 2.5 * log(1003 / (591 + 1)), "ferry": log(1003 / (0 + 2 + 1)), "zebra": log(1003)}
    )


def test_the_weightiest_hundred_terms_are_kept() -> None:
    one = Frequencies()
    words = [f"a{number:02}" for number in range(100)]
    assert list(one.vector({**dict.fromkeys(words, 1), "zebra": 2, "^oslo": 1}, ENGLISH)) == [
        "^oslo",
        "zebra",
        *words[:98],
    ]


def test_each_language_has_a_memory_until_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "_MOST_LANGUAGES", 2)
    one = Frequencies()
    for language, word in ((101, "a"), (102, "b"), (103, "c"), (104, "c"), (102, "b"), (101, "d")):
        one.vector({word: 1}, language)
    assert one.state() == {
        "stories": [[101, 2], [102, 2], [0, 2]],
        "having": [[101, {"a": 1, "d": 1}], [102, {"b": 2}], [0, {"c": 2}]],
    }


def test_older_stories_count_half_and_rare_words_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "_MEMORY", 7)
    one = Frequencies()
    for number in range(7):
        counted = one.state()["stories"]
        one.vector({"all": 1, "^two" if number < 2 else "all": 1, "one" if number < 1 else "all": 1}, GERMAN)
    assert counted == [[GERMAN, 6]]
    assert one.state() == {"stories": [[GERMAN, 3]], "having": [[GERMAN, {"all": 3, "two": 1}]]}


def test_words_of_one_story_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "_MOST_TERMS", 3)
    one = Frequencies()
    one.vector({"a": 1, "b": 1, "c": 1}, GERMAN)
    assert one.state()["having"] == [[GERMAN, {"a": 1, "b": 1, "c": 1}]]
    one.vector({"a": 1, "d": 1}, GERMAN)
    assert one.state()["having"] == [[GERMAN, {"a": 2}]]


def test_frequencies_go_on_after_a_restart() -> None:
    one, restored = Frequencies(), Frequencies()
    for language in (GERMAN, ENGLISH, GERMAN):
        one.vector({"hafen": 1, "^oslo": 2}, language)
    restored.restore(json.loads(json.dumps(one.state())))
    for language in (GERMAN, ENGLISH, language_code("fr")):
        assert restored.vector({"hafen": 1, "neu": 1}, language) == one.vector({"hafen": 1, "neu": 1}, language)
    assert restored.state() == one.state()


BACKGROUND = "The harbour of the old town was closed 12 times in the last year"
#: Of the first eight words of the sentence; they are stored, so that they must never change.
FINGERPRINT = 812757233083973579


def test_a_sentence_that_two_earlier_stories_have_is_left_out_and_a_form_is_empty() -> None:
    one = Repeated()
    text = f"Ferry sinks. {BACKGROUND}! All were saved"
    for _ in range(2):
        assert one.without(text) == f"Ferry sinks\n{BACKGROUND}\nAll were saved"
    other = BACKGROUND.upper().replace("12", "3") + " but one"
    assert one.without(f"Storm\n{other}\nTwo died") == "Storm\nTwo died", "however it is written, and whatever follows"
    assert one.without(f"{other}. Two died") == "", "the text opens with it"
    assert one.state() == [(FINGERPRINT, 4)]


def test_a_sentence_twice_in_a_text_counts_once() -> None:
    one = Repeated()
    assert one.without(f"Storm\n{BACKGROUND}\n{BACKGROUND}\nTwo died") == f"Storm\n{BACKGROUND}\nTwo died"
    assert one.state() == [(FINGERPRINT, 1)]


def test_short_sentences_and_what_is_far_down_are_not_remembered() -> None:
    one = Repeated()
    one.without("One two three four five six seven 8 9. Of the old town")
    one.without("x" * 4000 + "\n" + BACKGROUND)
    assert one.state() == []


def test_the_sentences_seen_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "_MOST_SENTENCES", 2)
    one, restored = Repeated(), Repeated()
    first, second, third = (f"Number {word} of the sentences that are told again" for word in ("one", "two", "three"))
    for text in (first, second, first, third):
        one.without(f"Storm\n{text}")
    restored.restore(json.loads(json.dumps(one.state())))
    for memory in (one, restored):
        assert memory.without(f"Storm\n{first}") == "Storm"
        assert [count for _, count in memory.state()] == [1, 3]
        assert memory.without(f"Storm\n{third}") == f"Storm\n{third}"
        assert [count for _, count in memory.state()] == [3, 2]
