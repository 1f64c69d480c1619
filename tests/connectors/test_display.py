"""Lists of connectors on a terminal."""

from __future__ import annotations

import io

from rich.console import Console

from connectors.display import connectors_table


def test_one_line_for_each_connector_at_80_columns() -> None:
    rows = [
        {
            "name": "a-name-that-is-longer-than-its-column", "state": "failing", "transport": "websub",
            "parser": "newsml_g2", "every_seconds": 86_400, "published": 12_345_678,
            "last_success": "2026-05-04T12:00:00+00:00", "failures": 3.5, "trouble": "HTTP 503",
        },
        {"name": "broken", "state": "broken", "trouble": "broken.yaml:3: no"},
    ]  # fmt: skip
    out = io.StringIO()
    Console(file=out, width=80, color_system=None).print(connectors_table(rows))
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert all(len(line.rstrip()) <= 80 for line in lines)
    for part in ("a-name-that-is-long…", "failing", "newsml_g2", "86400 s", "12,345,678", "05-04 12:00"):
        assert part in lines[1]
