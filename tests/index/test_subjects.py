"""Subjects by IPTC's labels, with the topics above them, whatever vocabulary and language the feed uses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.events.item import Subject
from pipeline.index.subjects import codes, labels, topics

CASES = [
    (Subject(scheme="medtop", code="04000000", name="Wirtschaft"), ["economy, business and finance"]),
    (Subject(scheme="medtop", code="20000574"), ["election", "politics"]),
    (Subject(scheme="subj", code="11003000", name="Wahl"), ["election", "politics"]),
    (Subject(scheme="subj", code="11003999"), ["election", "politics"]),
    (Subject(scheme="subj", code="15999999"), ["sport"]),
    (Subject(scheme="house", code="04000000", name="Our economy"), ["Our economy"]),
    (Subject(code="04000000", name="Fourth"), ["Fourth"]),
    (Subject(scheme="medtop", code="99999999", name="Newer than we know"), ["Newer than we know"]),
    (Subject(scheme="medtop", code="99999999"), []),
    (Subject(name="Harbours"), ["Harbours"]),
]


@pytest.mark.parametrize(("subject", "expected"), CASES)
def test_labels(subject: Subject, expected: list[str]) -> None:
    assert labels([subject]) == expected


def test_what_several_share_is_there_once() -> None:
    several = [
        Subject(scheme="medtop", code="20000574"),
        Subject(scheme="subj", code="11000000"),
        Subject(name="politics"),
    ]
    assert labels(several) == ["election", "politics"]
    assert codes(several) == ["medtop:20000574", "subj:11000000", "medtop:11000000"]
    assert codes([Subject(code="x"), Subject(name="no code")]) == ["x"]


@given(st.builds(Subject, scheme=st.sampled_from(["medtop", "subj", None]), code=st.text(max_size=9), name=st.text()))
def test_whatever_a_feed_writes_comes_to_an_end(subject: Subject) -> None:
    assert len(labels([subject])) <= max(len(list(topics(subject))), 1)


@pytest.mark.shared
def test_the_table_is_what_the_vocabulary_says(shared_data: Path) -> None:
    vocabulary = json.loads((shared_data / "wire/mediatopics/cptall-x-all.json").read_text(encoding="utf-8"))
    label = {one["qcode"]: one["prefLabel"]["en-GB"].strip() for one in vocabulary["conceptSet"]}
    above = {one["qcode"]: f"medtop:{address.rstrip('/')[-8:]}" for one in vocabulary["conceptSet"]
             for address in one.get("broader", ())}  # fmt: skip
    for qcode in label:
        expected, at = [], qcode
        while at:
            expected.append((at, label[at]))
            at = above.get(at, "")
        found = list(topics(Subject(scheme="medtop", code=qcode.removeprefix("medtop:"))))
        assert [(f"medtop:{topic.code}", topic.label) for topic in found] == expected
    # Of two topics that claim an old code, the one still in use has it.
    claims = {
        address.rstrip("/")[-8:]: one["qcode"]
        for one in sorted(vocabulary["conceptSet"], key=lambda one: "retired" not in one)
        for address in one.get("exactMatch", ())
        if "/subjectcode/" in address
    }
    assert len(claims) > 800
    for code, qcode in claims.items():
        (first, *_) = topics(Subject(scheme="subj", code=code))
        assert first.label == label[qcode]
