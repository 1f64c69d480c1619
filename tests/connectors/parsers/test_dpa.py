from __future__ import annotations

import json

import pytest

from pipeline.events.errors import ParseError
from pipeline.events.item import Item

ENTRY = {
    "format": "digitalwires@0.9.1", "urn": "urn:1", "version_created": "2024-09-25T10:37:24+02:00", "version": 2,
    "headline": "H", "article_html": "<section><p>One.</p><p>Two.</p></section>", "categories": [], "associations": [],
}  # fmt: skip
#: What the pairs share but each says in its own way: the oracle prints a picture's one rendition, repeats what
#: stands in ``ednotes`` as a notepad, numbers places of its own, and writes ``None`` where nothing is said.
APART = {"body_html", "media", "originals", "subjects", "links", "usageterms", "genre", "keywords"}


@pytest.mark.shared
def test_samples(shared_data, check_expected):
    folder = shared_data / "wire" / "dpa-digitalwires" / "tests" / "data" / "input"
    check_expected("dpa", folder, list(folder.glob("*.json")))


@pytest.mark.shared
def test_pairs_agree_with_their_oracle(shared_data, parse):
    folder = shared_data / "wire" / "dpa-digitalwires" / "tests" / "data"
    pairs = [(path, folder / "output" / f"{path.stem}.xml") for path in sorted((folder / "input").glob("*.json"))]
    pairs = [(entry, oracle) for entry, oracle in pairs if oracle.exists()]
    assert len(pairs) == 18
    for entry, oracle in pairs:
        (ours,) = parse("dpa", entry.read_bytes()).items
        (theirs,) = parse("newsml_g2", oracle.read_bytes()).items
        assert_agree(ours, theirs, entry.stem)


def assert_agree(ours: Item, theirs: Item, name: str) -> None:
    for field in Item.model_fields:
        if field not in APART:
            assert comparable(getattr(ours, field)) == comparable(getattr(theirs, field)), f"{name}: {field}"
    assert words(ours.usageterms) == words(theirs.usageterms if theirs.usageterms != "None" else None), name
    assert set(theirs.genre) <= set(ours.genre), name
    assert {word for word in theirs.keywords if word != "None"} == set(ours.keywords), name
    coded = {(subject.scheme, subject.code) for subject in theirs.subjects if subject.scheme}
    assert coded <= {(subject.scheme, subject.code) for subject in ours.subjects}, name
    assert {(link.href, link.uri) for link in theirs.links} == {(link.href, link.uri) for link in ours.links}, name
    assert {media.href for media in theirs.media} <= {media.href for media in ours.media}, name


def comparable(value):
    return words(value) if isinstance(value, str) else value


def words(text):
    return " ".join(text.split()) if text else text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pubstatus": "canceled"}, {"pubstatus": "canceled"}),
        ({"signal": "sig:update"}, {"signals": ("update",)}),
        ({"signal": "x:odd"}, {"originals": {"signal": "x:odd"}}),
        ({"dateline": "MADRID, 21 Nov. (EP) - "}, {"dateline": "MADRID, 21 Nov.", "located": "Madrid"}),
        ({"subhead": "S", "kicker": "K"}, {"subheadline": "S", "kicker": "K"}),
        ({"urgency": 77}, {"urgency": None, "originals": {"urgency": "77"}}),
        ({"version_created": "soon"}, {"versioncreated": None, "originals": {"versioncreated": "soon"}}),
        ({"article_html": "<p>A<script>b</script></p>"}, {"body_html": "<p>A</p>", "body_text": "A"}),
        (
            {"associations": [{"type": "image", "renditions": [{"url": "u"}]}], "article_html": None},
            {"type": "picture"},
        ),
    ],
)
def test_fields(parse, changes, expected):
    (item,) = parse("dpa", json.dumps({**ENTRY, **changes})).items
    assert {name: getattr(item, name) for name in expected} == expected


def test_a_list_and_an_answer_with_entries(parse):
    both = [ENTRY, {**ENTRY, "urn": "urn:2"}, {"no": "entry"}]
    for document in (both, {"entries": both}):
        parsed = parse("dpa", json.dumps(document))
        assert [item.uri for item in parsed.items] == ["urn:1", "urn:2"]
        assert parsed.rejected[0].position == "entry 3"


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'"x"', b"null", b"<a/>", b'{"urn": "\\ud800"}', b"[" * 5000]
)
def test_what_is_none(parse, data):
    with pytest.raises(ParseError):
        parse("dpa", data)


ENTRY_TEXT = (
    '{"urn":"%s","version":1,"version_created":"2024-01-01T00:00:00Z","headline":"h%s","article_html":"<p>t</p>"}'
)


@pytest.mark.parametrize("written", ["\x01", "\x00", "\n", "\t", "\\u0000", "\\u001b"])
def test_a_control_character_costs_no_other_entry(parse, written):
    document = f"[{ENTRY_TEXT % ('1', '')},{ENTRY_TEXT % ('2', written)},{ENTRY_TEXT % ('3', '')}]"
    items = parse("dpa", document).items
    assert [item.uri for item in items] == ["1", "2", "3"]
    assert items[1].headline.startswith("h")
    assert items[1].headline.isprintable()
