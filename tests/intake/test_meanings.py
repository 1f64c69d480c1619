"""Stories leave intake with the vector of what they say, where that is switched on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from pipeline.events import ClusteredStory, Content, EnrichedStory, StoryVersion
from pipeline.events.errors import ConfigurationError
from pipeline.intake.meanings import with_meanings
from pipeline.meaning import encoder
from pipeline.runtime.stages import build_stage
from pipeline.settings import Settings
from tests.intake.test_handler import KILL, NEW, OTHER, SETTINGS, TOPICS, Desk

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Lengths:
    """Stands for the model: a text's "vector" is its length."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def read(self, texts: Sequence[str]) -> list[str | None]:
        self.asked += texts
        return [str(len(text)) if text else None for text in texts]


def story(name: str, **facts: Any) -> StoryVersion:
    given = {"content": Content(headline="Bridge", body="It is open."), "version_rank": 1, "index_version": 1, **facts}
    times = dict.fromkeys(("first_seen", "first_created", "version_created", "received"), NOON)
    return StoryVersion(story_id=name, provider="Orbis", item_id=name, **times, **given)


def test_a_story_carries_its_vector_through_all_stages() -> None:
    reader = Lengths()
    stories = [story("a"), None, story("b", content=Content())]
    one, nothing, two = asyncio.run(with_meanings(reader, stories))
    assert one is not None
    assert two is not None
    assert (one.meaning, nothing, two.meaning) == ("18", None, None)
    assert reader.asked == ["Bridge\nIt is open.", ""]
    assert StoryVersion.decode(one.encode()) == one
    assert "meaning" in ClusteredStory.model_fields
    assert "meaning" in EnrichedStory.model_fields


@pytest.mark.parametrize("status", ["canceled", "withheld"])
def test_what_is_withdrawn_says_nothing(status: str) -> None:
    reader = Lengths()
    [found] = asyncio.run(with_meanings(reader, [story("a", pubstatus=status)]))
    assert found is not None
    assert found.meaning is None
    assert not reader.asked


def test_a_story_that_has_words_and_no_vector_is_told() -> None:
    class Broken(Lengths):
        async def read(self, texts: Sequence[str]) -> list[str | None]:
            return [None for _ in texts]

    with structlog.testing.capture_logs() as logged:
        asyncio.run(with_meanings(Broken(), [story("a"), story("empty", content=Content())]))
    assert logged == [{"event": "story_without_meaning", "story_id": "a", "headline": "Bridge", "log_level": "warning"}]


def test_a_reader_that_loses_a_vector_stops_the_batch() -> None:
    """So that no story gets the vector of another."""

    class Forgetful(Lengths):
        async def read(self, texts: Sequence[str]) -> list[str | None]:
            return (await super().read(texts))[1:]

    with pytest.raises(ValueError, match="shorter"):
        asyncio.run(with_meanings(Forgetful(), [story("a"), story("b")]))


def test_without_a_model_messages_are_as_they_were() -> None:
    stories = [story("a"), None]
    assert asyncio.run(with_meanings(None, stories)) == stories
    assert b"meaning" not in story("a").encode()


def test_intake_sends_the_vectors() -> None:
    desk = Desk()
    desk.handler._meanings = Lengths()
    desk.deliver(NEW, OTHER, KILL)
    assert [(one.item_id, one.meaning) for one in desk.stories()] == [
        ("bridge", "18"),
        ("other", "21"),
        ("bridge", None),
    ]


def test_a_worker_without_the_extra_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(encoder, "installed", lambda: False)
    on = Settings.model_validate({"meaning": {"enabled": True}})
    with pytest.raises(ConfigurationError, match=r"meaning\.enabled"):
        build_stage("intake", on, TOPICS, tmp_path)
    build_stage("intake", SETTINGS, TOPICS, tmp_path)
