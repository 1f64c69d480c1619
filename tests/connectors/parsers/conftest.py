"""What the parsers' tests share: a fixed clock, and expected values kept beside the tests.

``expected/<parser>.json`` holds, for every sample, the items field by field. Long texts stand there as their length,
their first words and a hash, so that no sample's text is in the repository. After a wanted change:
``WIREDESK_UPDATE_EXPECTED=1 pytest tests/connectors/parsers`` and read the difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xxhash

from connectors.parsers import get_parser, guess_parser
from connectors.parsers.table import ALWAYS
from pipeline.events.errors import ParseError
from pipeline.events.item import ParseContext, Parsed

EXPECTED = Path(__file__).parent / "expected"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def context() -> ParseContext:
    return ParseContext(now=NOW)


@pytest.fixture(scope="session")
def parse(context: ParseContext) -> Callable[..., Parsed]:
    """``parse(name, data, **context)``: what a parser makes of bytes."""

    def run(name: str, data: bytes | str, **changes: Any) -> Parsed:
        raw = data.encode() if isinstance(data, str) else data
        parser = get_parser(name)
        parsed = parser.parse(raw, context.model_copy(update=changes))
        filled = {field for item in parsed.items for field in item.model_dump(exclude_defaults=True)}
        assert filled <= parser.FIELDS | ALWAYS, "a field is filled that the parser does not declare"
        return parsed

    return run


@pytest.fixture(scope="session")
def check_expected(parse: Callable[..., Parsed]) -> Callable[..., None]:
    """``check_expected(name, folder, files)``: every file gives what ``expected/<name>.json`` says."""

    def run(name: str, folder: Path, files: list[Path], **changes: Any) -> None:
        assert files, f"no samples in {folder}"
        found = {str(file.relative_to(folder)): _outcome(parse, name, file, changes) for file in sorted(files)}
        path = EXPECTED / f"{name}.json"
        if os.environ.get("WIREDESK_UPDATE_EXPECTED"):
            EXPECTED.mkdir(exist_ok=True)
            path.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
        expected = json.loads(path.read_text(encoding="utf-8"))
        assert found.keys() == expected.keys()
        for sample, outcome in found.items():
            assert outcome == expected[sample], sample
            if not isinstance(outcome, str):
                assert guess_parser((folder / sample).read_bytes(), None) == name, sample

    return run


def _outcome(parse: Callable[..., Parsed], name: str, file: Path, changes: dict[str, Any]) -> Any:
    try:
        parsed = parse(name, file.read_bytes(), **changes)
    except ParseError as error:
        return f"ParseError: {error}"
    items = [_short(item.model_dump(mode="json", exclude_defaults=True)) for item in parsed.items]
    rejected = [f"{part.position}: {part.reason}" for part in parsed.rejected]
    return {"items": items, **({"rejected": rejected} if rejected else {})}


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short(found) for key, found in value.items()}
    if isinstance(value, list):
        return [_short(found) for found in value]
    if isinstance(value, str) and len(value) > 160:
        return f"{value[:30]}… {len(value)} characters, {xxhash.xxh3_64_hexdigest(value.encode())}"
    return value
