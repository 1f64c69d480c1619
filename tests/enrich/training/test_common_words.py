"""Which words are common: in lower case often, hardly ever with a capital within a sentence."""

from __future__ import annotations

from pipeline.enrich.training.common_words import common_words


def test_a_word_that_is_a_name_as_often_is_not_common():
    sentences = [["Then", "the", "storm", "hit", "Rice"]] * 6 + [["We", "eat", "rice", "unlike", "you"]] * 6
    assert common_words(iter(sentences)) == ["eat", "hit", "storm", "the", "unlike", "you"]


def test_the_first_word_of_a_sentence_and_rare_words_do_not_count():
    assert common_words(iter([["storm", "hit"]] * 3 + [["storm"]] * 9)) == []
