from __future__ import annotations

from pathlib import Path

import pytest

from connectors.item import Item
from connectors.parsers import BUILT_IN, get_parser
from connectors.parsers.table import ALWAYS, fields_table

PAGE = Path(__file__).parents[3] / "docs" / "formats.md"


def test_the_page_shows_what_the_parsers_declare():
    assert PAGE.read_text(encoding="utf-8").endswith("\n\n" + fields_table()), "run: python -m connectors.parsers"


@pytest.mark.parametrize("name", BUILT_IN)
def test_declarations_name_fields_of_the_item(name):
    parser = get_parser(name)
    assert Item.model_fields.keys() > parser.FIELDS
    assert {"headline", "body_text"} <= parser.FIELDS or name == "sitemap"
    assert f"| `{name}` |" in PAGE.read_text(encoding="utf-8")


def test_every_field_of_the_item_is_filled_by_some_parser():
    filled = frozenset().union(*(get_parser(other).FIELDS for other in BUILT_IN)) | ALWAYS
    assert Item.model_fields.keys() == filled
