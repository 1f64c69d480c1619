"""What answers of the server mean, the size of requests, and registers: without a server."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.events.errors import UnreachableError
from pipeline.index.bulk import BulkSize, answer_items
from pipeline.index.outcomes import ItemOutcome, classify
from pipeline.index.registers import Register, read_register
from pipeline.index.writer import read_documents

OUTCOMES = [
    ("index", 201, ItemOutcome.DONE),
    ("index", 200, ItemOutcome.DONE),
    ("delete", 200, ItemOutcome.DONE),
    ("delete", 404, ItemOutcome.DONE),
    ("index", 409, ItemOutcome.STALE),
    ("delete", 409, ItemOutcome.STALE),
    ("index", 429, ItemOutcome.RETRY),
    ("index", 503, ItemOutcome.RETRY),
    ("index", 400, ItemOutcome.REJECT),
    ("index", 413, ItemOutcome.REJECT),
    ("index", 404, ItemOutcome.FATAL),
    ("index", 403, ItemOutcome.FATAL),
    ("index", 418, ItemOutcome.FATAL),
]
REASONS = [
    (400, "mapper_parsing_exception: failed to parse", ItemOutcome.REJECT),
    (400, "strict_dynamic_mapping_exception: introduction of [x]", ItemOutcome.FATAL),
    (400, "require_alias is true", ItemOutcome.FATAL),
    (403, "security_exception: unauthorized", ItemOutcome.FATAL),
    (403, "cluster_block_exception: index read-only", ItemOutcome.RETRY),
    (429, "cluster_block_exception: disk usage exceeded flood-stage watermark", ItemOutcome.RETRY),
]


MISSING = "document_missing_exception: [a]: document missing"


@pytest.mark.parametrize(
    ("action", "status", "reason", "outcome"),
    [
        ("update", 404, MISSING, ItemOutcome.STALE),
        ("update", 404, "index_not_found_exception: no such index", ItemOutcome.FATAL),
        ("index", 404, MISSING, ItemOutcome.FATAL),
        ("update", 400, MISSING, ItemOutcome.REJECT),
        ("update", 500, MISSING, ItemOutcome.RETRY),
    ],
)
def test_only_a_document_that_is_gone_is_stale_and_not_an_index(
    action: str, status: int, reason: str, outcome: ItemOutcome
) -> None:
    assert classify(action, status, reason) is outcome


@pytest.mark.parametrize(("status", "reason", "outcome"), REASONS)
def test_what_the_installation_lacks_is_not_the_documents_fault(status: int, reason: str, outcome: ItemOutcome) -> None:
    assert classify("index", status, reason) is outcome


@pytest.mark.parametrize("answer", ["<html>proxy</html>", {}, {"items": None}, None, {"docs": 1}])
def test_an_answer_of_something_else_is_waited_for(answer: Any) -> None:
    with pytest.raises(UnreachableError, match="Not an answer of Elasticsearch"):
        answer_items(answer)
    with pytest.raises(UnreachableError, match="Not an answer of Elasticsearch"):
        read_documents(answer, 1)


def test_a_register_never_forgets_a_place() -> None:
    register = Register()
    for version, places in ((5, 3), (7, 0), (6, 4)):
        register = register.announcing(version, places)
    assert (register.version, register.places) == (7, 4)
    assert register.condition().absent
    read = {"found": True, "_source": register.document("a"), "_seq_no": 3, "_primary_term": 1}
    assert read_register(read) == register
    assert read_register(read).condition().header() == {"if_seq_no": 3, "if_primary_term": 1}
    assert read_register({"found": False}, places_without=2).places == 2


@pytest.mark.parametrize(("action", "status", "outcome"), OUTCOMES)
def test_what_the_answer_to_one_line_means(action: str, status: int, outcome: ItemOutcome) -> None:
    assert classify(action, status) is outcome


def test_a_bulk_is_as_large_as_the_server_is_quick() -> None:
    size = BulkSize(400, 500)
    size.answered(0.1)
    assert size.items == 500
    size.answered(0.1)
    assert size.items == 500, "never more than allowed"
    size.answered(0.8)
    assert size.items == 500, "neither slow nor quick"
    for _ in range(4):
        size.answered(3.0)
    assert size.items == 31
    for _ in range(9):
        size.smaller()
    assert size.items == 1, "never none"
    for _ in range(3):
        size.answered(0.1)
    assert size.items == 4
