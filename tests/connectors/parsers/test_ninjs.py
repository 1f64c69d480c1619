from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.parsers import guess_parser
from pipeline.events.errors import ConfigurationError, ParseError

SCHEMAS = {"1.x_dev": "ninjs-schema-dev_0.2_v1.4.json", "2.x_dev": "ninjs-schema-dev_0.1_v2.0.json"}


def one(parse, entry, **options):
    (item,) = parse("ninjs", json.dumps({"uri": "u", **entry}), options=options).items
    return item


@pytest.mark.shared
def test_samples(shared_data, check_expected):
    folder = shared_data / "wire" / "ninjs" / "examples"
    files = [file for file in folder.rglob("*.json") if file.name != "extension-schema.json"]
    check_expected("ninjs", folder, files)


@pytest.mark.shared
@pytest.mark.parametrize("wanted", ["should_pass", "should_fail"])
def test_the_standards_own_suite(shared_data, parse, wanted):
    """Every case behaves as it is named: refused or warned of against its version's schema, or not."""
    folder = shared_data / "wire" / "ninjs"
    cases = sorted((folder / "test_suite").glob(f"*/{wanted}/*.json"))
    assert len(cases) > 40
    wrong = [str(case) for case in cases if bool(complaints(parse, folder, case)) != (wanted == "should_fail")]
    assert not wrong


def complaints(parse, folder: Path, case: Path) -> list[str]:
    version = case.parent.parent.name
    schema = folder / "specification" / SCHEMAS.get(version, f"ninjs-schema_{version}.json")
    try:
        schemas = [str(schema), str(folder / "test_suite" / "GeoJSON-schema.json")]
        parsed = parse("ninjs", case.read_bytes(), options={"schema": schemas}, timezone="UTC")
    except ParseError as error:
        return [str(error)]
    return [warning for item in parsed.items for warning in item.warnings] + [part.reason for part in parsed.rejected]


@pytest.mark.shared
def test_the_suite_is_read_without_a_schema_too(shared_data, parse):
    """Valid or not, whatever is JSON and has a uri is an item."""
    for case in (shared_data / "wire" / "ninjs" / "test_suite").glob("*/should_*/*.json"):
        data = case.read_bytes()
        try:
            document = json.loads(data)
        except ValueError:
            document = None
        if document and document.get("uri"):
            assert parse("ninjs", data).items[0].uri == " ".join(document["uri"].split()), case


def test_a_schema_that_is_not_there(parse):
    with pytest.raises(ConfigurationError, match=r"nowhere\.json"):
        one(parse, {}, schema="nowhere.json")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"version": 3}, {"version": "3"}),
        ({"pubstatus": "canceled"}, {"pubstatus": "canceled"}),
        ({"pubStatus": "withheld"}, {"pubstatus": "withheld"}),
        ({"pubstatus": "embargoed", "embargoed": "2099-01-01T00:00:00Z"}, {"signals": ("embargo",)}),
        ({"urgency": 4, "priority": 6}, {"urgency": 4, "priority": 6}),
        ({"urgency": 0.1}, {"urgency": None, "originals": {"urgency": "0.1"}}),
        ({"headline": "A &amp; B"}, {"headline": "A & B"}),
        ({"headlines": [{"role": "sub", "value": "S"}, {"role": "main", "value": "M"}]}, {"headline": "M", "subheadline": "S"}),
        ({"title": "T"}, {"headline": "T"}),
        ({"body_html": "<p>A</p><p>B</p>"}, {"body_text": "A\n\nB", "body_html": "<p>A</p><p>B</p>"}),
        ({"body_html": "<p>A</p><script>x</script>", "body_text": "A"}, {"body_text": "A", "body_html": "<p>A</p>"}),
        ({"bodies": [{"role": "main", "contentType": "text/html", "value": "<p>A</p>"}]}, {"body_text": "A"}),
        ({"bodies": [{"role": "x", "contenttype": "text/plain", "value": "A\nB"}]}, {"body_text": "A\n\nB"}),
        ({"body_nitf": "<nitf><body><body.content><p>A</p></body.content></body></nitf>"}, {"body_text": "A"}),
        ({"headline": "H", "body_text": "H\nText."}, {"body_text": "Text."}),
        ({"subject": [{"code": "15000000", "scheme": "http://cv.iptc.org/newscodes/subjectcode/", "name": "sport"}]},
         {"subjects": ({"code": "15000000", "scheme": "subj", "name": "sport"},)}),
        ({"subjects": [{"uri": "http://cv.iptc.org/newscodes/mediatopic/20000762", "name": "n"}]},
         {"subjects": ({"code": "20000762", "scheme": "medtop", "name": "n"},)}),
        ({"subject": [{"code": "04005004", "name": "n"}]}, {"subjects": ({"code": "04005004", "scheme": "subj", "name": "n"},)}),
        ({"type": "advisory"}, {"type": "other", "signals": ("advisory",)}),
        ({"genre": [{"name": "Analysis"}]}, {"genre": ("Analysis",)}),
        ({"keywords": ["a", "b", "a"]}, {"keywords": ("a", "b")}),
        ({"usageterms": ["One", "Two"]}, {"usageterms": "One\nTwo"}),
        ({"copyrightholder": "X"}, {"copyrightnotice": "Copyright X"}),
        ({"evolvedfrom": "old"}, {"evolvedfrom": "old"}),
        ({"signals": ["newscontent"]}, {"originals": {"signal": "newscontent"}}),
        ({"versioncreated": "Last Tuesday"}, {"versioncreated": None, "originals": {"versioncreated": "Last Tuesday"}}),
        ({"eventDetails": {}}, {"type": "event"}),
        ({"type": "picture", "renditions": {"main": {"href": "h", "width": 3}}},
         {"type": "picture", "media": ({"href": "h", "width": 3, "rendition": "main"},)}),
        ({"associations": [{"name": "story", "uri": "v", "headlines": [{"value": "T"}]}]},
         {"links": ({"rel": "story", "uri": "v", "title": "T"},)}),
    ],
)  # fmt: skip
def test_fields(parse, entry, expected):
    item = one(parse, entry)
    plain = {name: getattr(item, name) for name in expected}
    for name, value in plain.items():
        if isinstance(value, tuple) and value and hasattr(value[0], "model_dump"):
            plain[name] = tuple(part.model_dump(exclude_none=True) for part in value)
    assert plain == expected


@pytest.mark.parametrize(
    "document",
    [
        [{"uri": "a"}, {"uri": "b"}],
        {"items": [{"uri": "a"}, {"uri": "b"}], "next": "https://x.example/2"},
        {"_items": [{"uri": "a"}, {"uri": "b"}]},
        {"total": 2, "item": [{"uri": "a"}, {"uri": "b"}]},
        {"data": {"items": [{"item": {"altids": {"itemid": "a"}}}, {"item": {"uri": "b"}}]}},
        [{"uri": "a"}, 7, {"x": 1}, {"uri": "b"}],
    ],
)
def test_many_items(parse, document):
    parsed = parse("ninjs", json.dumps(document))
    assert [item.uri for item in parsed.items] == ["a", "b"]
    if isinstance(document, list) and len(document) == 4:
        assert [part.position for part in parsed.rejected] == ["item 2", "item 3"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{}",
        b"[]",
        b"1",
        b"null",
        b'"x"',
        b'{"uri": 1e999}',
        b'{"uri": ""}',
        b"{" * 9999,
        b'{"uri":"\\ud800"}',
    ],
)
def test_what_is_no_ninjs(parse, data):
    with pytest.raises(ParseError):
        parse("ninjs", data)


@pytest.mark.parametrize("data", [b'{"uri": "x", "headline": "y"}', b'[{"uri": "x", "bodies": []}]'])
def test_is_guessed(data):
    assert guess_parser(data, None) == "ninjs"
