"""The tables of the documentation are those of the code, and every mark in them is true of some sample."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.parsers import BUILT_IN, get_parser
from connectors.parsers.table import ALWAYS, fields_table, names_table
from pipeline.events.item import Item, ParseContext

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "formats.md"
SAMPLES = Path(__file__).parents[1] / "wire"
EXPECTED = Path(__file__).parent / "expected"


def test_the_pages_show_what_the_code_declares():
    fields_page = (ROOT / "docs" / "formats-fields.md").read_text(encoding="utf-8")
    assert fields_page.endswith("\n\n" + fields_table()), "run: python -m connectors.parsers"
    assert PAGE.read_text(encoding="utf-8").endswith("\n\n" + names_table()), "run: python -m connectors.parsers names"


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_field_that_a_parser_declares_is_filled_by_a_sample(name):
    parser, filled = get_parser(name), set()
    context = ParseContext(now=datetime(2026, 11, 24, tzinfo=UTC), options={"identity": "slug"})
    for path in SAMPLES.glob(f"*.{name}.*"):
        if not path.name.endswith(".expected.json"):
            for item in parser.parse(path.read_bytes(), context).items:
                filled |= item.model_dump(exclude_defaults=True).keys()
    public = EXPECTED / f"{name}.json"
    for outcome in json.loads(public.read_text(encoding="utf-8")).values() if public.exists() else ():
        for item in outcome["items"] if isinstance(outcome, dict) else ():
            filled |= item.keys()
    assert parser.FIELDS - filled == set()


@pytest.mark.parametrize("name", BUILT_IN)
def test_declarations_name_fields_of_the_item(name):
    parser = get_parser(name)
    assert Item.model_fields.keys() > parser.FIELDS
    assert {"headline", "body_text"} <= parser.FIELDS or name == "sitemap"
    assert f"| `{name}` |" in PAGE.read_text(encoding="utf-8")


def test_every_field_of_the_item_is_filled_by_some_parser():
    filled = frozenset().union(*(get_parser(other).FIELDS for other in BUILT_IN)) | ALWAYS
    assert Item.model_fields.keys() == filled
