"""References to characters that XML does not have, also where taking one out makes another."""

from __future__ import annotations

import pytest

from connectors.parsers.xml import as_text, parse_xml


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a&#xD800;b", "ab"), ("a&#x0;b", "ab"), ("a&#xE9;b", "aéb"), ("a&#x&#x0;D800;b", "a\ufffdb"),
        ("a&#x&#x0;D&#x0;8&#x0;00;b", "a\ufffdb"), ("a&#55&#0;296;b", "a\ufffdb"), ("a&#999999999999;b", "ab"),
    ],
)  # fmt: skip
def test_no_reference_makes_a_document_unreadable(written: str, read: str) -> None:
    root = parse_xml(f"<r>{written}</r>".encode())
    assert "".join(root.itertext()) == read


def test_nested_references_take_linear_time() -> None:
    assert len(as_text(b"<r>" + b"&#x" * 200_000 + b"0;" * 200_000 + b"</r>")) > 0
