"""What makes two texts copies, and what only looks so: a table of the desk's own cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cluster.clusterer import Clusterer, StoryText
from pipeline.events import Cluster

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STORY = (
    "OSLO, May 4 (Orbis) - The ferry Solvik sank off the western coast on Monday after it hit a rock in thick fog, the "
    "harbour office said. All on board were taken to land by fishing boats within an hour.\n\n"
    '"We heard a loud bang and then the lights went out," said a passenger from Merrowby who had been asleep in her '
    "cabin. The ship lies on its side in shallow water, and divers are looking for leaks in its tanks.\n\n"
    "The company that owns the ferry said it would pay for hotels and for the journey home. It is the second accident "
    "on the route this year; in January another ship lost a propeller and drifted for a day before a tug reached it."
)
OTHER = (
    "LIMA, May 4 (Orbis) - The finance ministry presented a budget on Monday that cuts taxes on small firms and raises "
    "those on mining. Members of parliament will vote on it before the summer, the speaker said.\n\n"
    "Economists called the plan bold but doubted that it would bring in as much as the minister expects. The central "
    "bank, which meets next week, did not want to comment before it had read all of the two hundred pages."
)
FOOTER = (
    "\n\nSubscribers may use this text within the terms of their contract with the agency. For questions please contact "
    "the duty desk around the clock by telephone or by electronic mail. Photographs and video are on the server."
)


def numbers(seed: int) -> str:
    """A market table: the words of every day, the numbers of one."""
    return (
        "Closing prices of the exchange as supplied by the exchange itself after the end of trading today.\n"
        + "\n".join(
            f"The {name} index of all shares listed there closed at {(seed * 7919 + place * 104_729) % 9973}.{seed % 100:02} points "
            f"and was {(seed * 31 + place * 17) % 400 / 100:.2f} percent away from where it had been on the day before it."
            for place, name in enumerate(("leading", "broad", "technology", "banking", "small companies"))
        )
    )


def paragraphs(text: str, first: int, last: int | None = None) -> str:
    return "\n\n".join(text.split("\n\n")[first:last])


def placed(*stories: tuple[str, str | None, float]) -> list[Cluster]:
    """Clusters of (text, language, hours after noon)."""
    clusterer = Clusterer(1000, 14, 0.5, 0.8)
    return clusterer.place_all(
        StoryText(str(at), text, language, NOON + timedelta(hours=hours))
        for at, (text, language, hours) in enumerate(stories)
    )


COPIES = {
    "the same words": (STORY, STORY),
    "other line ends, quotes and case": (STORY, STORY.replace('"', "“").replace("\n\n", "\n").upper()),
    "another agency's dateline, byline and signature": (
        STORY,
        "By Ane Torvane\n\nMERROWBY (Tolva) - " + STORY.partition(" - ")[2] + "\n\ntlv/at/mb",
    ),
    "paragraphs appended": (paragraphs(STORY, 0, 1), STORY),
    "cut from the bottom": (STORY, paragraphs(STORY, 0, 1)),
    "a note of correction above": (STORY, "(Corrects name of ship in paragraph 1)\n\n" + STORY.replace("Solvik", "Solvig")),
    "sub-edited": (
        STORY,
        STORY.replace("thick fog", "dense fog").replace("loud bang", "bang").replace("would pay", "will pay"),
    ),
    "a new lead over the old story": (STORY, "Divers found no oil in the water around the wreck on Tuesday.\n\n" + STORY),
    "updated with the number of the saved": (STORY, STORY.replace("All on board", "All 214 people on board")),
    "a table sent again with one number corrected": (numbers(4), numbers(4).replace("was 1.24", "was 1.42")),
    "a bulletin of two sentences with one word changed": (
        ("The bridge over the Ardelle at Merrowby was closed to lorries on Monday after an inspection found cracks in two "
        "of its piers, the ministry of transport said."),
        ("The bridge over the Ardelle at Merrowby was closed to trucks on Monday after an inspection found cracks in two "
        "of its piers, the ministry of transport said."),
    ),
}  # fmt: skip

NO_COPIES = {
    "two stories": (STORY, OTHER),
    "two stories over one footer": (paragraphs(STORY, 0, 1) + FOOTER, paragraphs(OTHER, 0, 1) + FOOTER),
    "yesterday's table": (numbers(4), numbers(5)),
    "one paragraph in common": (STORY, OTHER + "\n\n" + paragraphs(STORY, 2)),
    "a flash and its story": ("Ferry sinks off western coast", STORY),
    "two equal headlines": ("Ferry sinks off western coast", "Ferry sinks off western coast"),
    "nothing": ("", ""),
    "scores of one league": (
        "Results of the national league: Rovers 2, United 1. City 0, Albion 3. Racing 1, Union 1. Dynamo 4, Olympic 2.",
        "Results of the national league: Rovers 1, United 3. City 2, Albion 2. Racing 0, Union 5. Dynamo 3, Olympic 1.",
    ),
    "one bank's rate, and another's": (
        (
            "Alder Bancorp said it raised its prime lending rate to 7.75 percent from 7.50 percent, effective immediately, "
            "following similar moves by other banks in the last days."
        ),
        (
            "Corvin Bancorp said it raised its prime lending rate to 8.25 percent from 8.00 percent, effective immediately, "
            "following similar moves by other banks in the last days."
        ),
    ),
    "a tally of two days": (
        ("SEOUL, May 4 (Orbis) - The country reported 12,345 new cases of the virus, including 12,298 local infections, "
        "which raised the total to 653,792, the agency for disease control said in its daily report."),
        ("SEOUL, May 4 (Orbis) - The country reported 11,873 new cases of the virus, including 11,790 local infections, "
        "which raised the total to 665,665, the agency for disease control said in its daily report."),
    ),
}  # fmt: skip


@pytest.mark.parametrize("hours", [0.1, 60])
@pytest.mark.parametrize("case", COPIES)
def test_copies(case: str, hours: float) -> None:
    first, second = placed((COPIES[case][0], "en", 0), (COPIES[case][1], "en", hours))
    assert first == Cluster(cluster_id="0")
    assert (second.cluster_id, second.duplicate_of) == ("0", "0")
    assert second.similarity is not None
    assert max(second.similarity, second.containment or 0) >= 0.5
    assert second.exact == (case in {"the same words", "other line ends, quotes and case"})


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("case", NO_COPIES)
def test_no_copies(case: str, turned: bool) -> None:
    one, other = NO_COPIES[case][::-1] if turned else NO_COPIES[case]
    assert placed((one, "en", 0), (other, "en", 0.5)) == [Cluster(cluster_id="0"), Cluster(cluster_id="1")]


@pytest.mark.parametrize(
    ("one", "other", "copies"),
    [("en", "de", False), ("en", "en-GB", True), ("EN_us", "en", True), ("en", None, True), ("und", "de", True), ("zh", "ja", False)],
)  # fmt: skip
def test_texts_of_two_languages_are_no_copies(one: str | None, other: str | None, copies: bool) -> None:
    _, second = placed((STORY, one, 0), (STORY, other, 1))
    assert (second.cluster_id == "0") == copies


@pytest.mark.parametrize(("days", "copies"), [(13.9, True), (14.1, False), (-13.9, True), (-14.1, False)])
def test_copies_are_at_most_the_window_apart(days: float, copies: bool) -> None:
    _, second = placed((STORY, "en", 0), (STORY, "en", 24 * days))
    assert (second.duplicate_of == "0") == copies


def test_a_digest_of_two_stories_joins_one_and_holds_nothing_together() -> None:
    """A merger is a copy of a story in it; the stories are none of one another."""
    digest = STORY + "\n\n" + OTHER
    first, second, merged = placed((STORY, "en", 0), (OTHER, "en", 1), (digest, "en", 2))
    assert merged.cluster_id in {"0", "1"}
    assert (first.cluster_id, second.cluster_id) == ("0", "1")
    leading, one, other = placed((digest, "en", 0), (STORY, "en", 1), (OTHER, "en", 2))
    assert (leading.cluster_id, one.cluster_id) == ("0", "0")
    assert other.cluster_id == "2", "it starts in the middle of the digest"
