"""The roles in deploy/elasticsearch against what each part really asks of a server.

The local Elasticsearch has no access control, so every request of a run is recorded and looked up: each must be covered
by the part's role, and each privilege of the role must have been needed. Which privilege an API needs is from
Elasticsearch's reference, "Security privileges".
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import httpx
import pytest
from elastic_transport import AsyncTransport, Transport

from pipeline.alerts.config import Alert
from pipeline.alerts.service import AlertService
from pipeline.broker.elasticsearch_client import async_elasticsearch_client, elasticsearch_client
from pipeline.desk.server import desk_in_background
from pipeline.events import Cluster, Content, EnrichedStory, Enrichment, Quote
from pipeline.events.problem import Problem
from pipeline.index import admin
from pipeline.index.writer import Writer
from pipeline.settings import DeskSettings, IndexSettings, Settings
from tests.indices import own_indices

ROLES = Path(__file__).parents[2] / "deploy" / "elasticsearch"
NOW = datetime.now(UTC)

#: Method and path → where the privilege is granted, and its name.
PRIVILEGES = [
    (r"GET /_cluster/health.*", ("cluster", "monitor")),
    (r"(GET|HEAD) /", ("cluster", "monitor")),
    (r"(GET|HEAD|PUT) /_index_template/.*", ("cluster", "manage_index_templates")),
    (r"PUT /([^/_][^/]*)", ("index", "create_index")),
    (r"(GET|HEAD) /([^/_][^/]*)", ("index", "view_index_metadata")),
    (r"(GET|HEAD) (/[^/]+)?/_(alias|mapping|settings)(/.*)?", ("index", "view_index_metadata")),
    (r"(POST|PUT) (/[^/]+)?/(_aliases|_mapping|_settings|_alias/.*)", ("index", "manage")),
    (r"POST /[^/]+/_refresh", ("index", "maintenance")),
    (r"(GET|POST) (/[^/]+)?/_(search|msearch|mget|count|pit|doc/.*)(\?.*)?", ("index", "read")),
    (r"(POST|PUT) (/[^/]+)?/_bulk(\?.*)?", ("index", "write")),
]


def needed(request: str) -> tuple[str, str]:
    for pattern, privilege in PRIVILEGES:
        if re.fullmatch(pattern, request):
            return privilege
    raise AssertionError(f"no privilege is known for {request}")


def index_of(request: str) -> str:
    """The index, alias or pattern that a request names; empty: in its body."""
    path = request.split(" ")[1]
    return "" if path.startswith("/_") else path.split("/")[1].split("?")[0]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Method and path of every request to Elasticsearch."""
    seen: list[str] = []
    for kind in (Transport, AsyncTransport):
        real = kind.perform_request

        def record(self: Any, method: str, target: str, *args: Any, real: Any = real, **more: Any) -> Any:
            seen.append(f"{method} {target.partition('?')[0]}")
            return real(self, method, target, *args, **more)

        monkeypatch.setattr(kind, "perform_request", record)
    return seen


@pytest.fixture
def settings(stack: Any) -> Iterator[Settings]:
    with own_indices(stack.elasticsearch) as elasticsearch:
        yield Settings(elasticsearch=elasticsearch, desk=DeskSettings(port=0))


def story() -> EnrichedStory:
    return EnrichedStory(
        story_id="orbis-1", provider="Orbis", item_id="1", index_version=1, version_rank=1, first_seen=NOW,
        first_created=NOW, version_created=NOW, received=NOW,
        content=Content(headline="A bridge falls", body="A bridge fell. “Never again,” Moe said.", language="en"),
        cluster=Cluster(cluster_id="orbis-1"),
        enrichment=Enrichment(quotes=(Quote(type="direct", text="Never again", start=16, end=29, speaker="Moe"),)),
    )  # fmt: skip


def work_of_worker(settings: Settings) -> None:
    """Make the indices, write a story, write it again."""
    with elasticsearch_client(settings.elasticsearch) as client:
        admin.init(client, settings.elasticsearch)
        admin.init(client, settings.elasticsearch)
        client.cluster.health()

    async def write() -> None:
        client = async_elasticsearch_client(settings.elasticsearch)
        writer = Writer(client, settings.elasticsearch, IndexSettings())
        for _ in range(2):
            assert not (await writer.write([story()])).rejected
        await client.close()

    asyncio.run(write())


def work_of_desk(settings: Settings) -> None:
    # Searchable, so that each page asks for all that it needs.
    httpx.post(f"{settings.elasticsearch.url}/{settings.elasticsearch.prefix}*/_refresh").raise_for_status()
    stop = desk_in_background(settings)
    try:
        for page in ("", "quotes", "story/orbis-1", "story/orbis-1/changes", "stories.csv", "stories.rss",
                     f"arrivals?after={NOW.isoformat().replace('+', '%2B')}"):  # fmt: skip
            answer = httpx.get(stop.url.rstrip("/") + "/" + page)
            # No text of a version was written, and without one there is nothing to compare.
            assert answer.status_code == (503 if page.endswith("/changes") else 200), page
    finally:
        stop()


def work_of_alerts(settings: Settings) -> None:
    """Searches, and what needs a person, which is told by a receiver that does not answer."""
    old = f"{settings.elasticsearch.url}/{settings.elasticsearch.prefix}wiredesk-alerts"
    nowhere = {"webhook": {"url": "http://127.0.0.1:9/", "timeout_seconds": 1}}
    search = Alert.model_validate({"name": "bridges", "words": "bridge", **nowhere})
    watch = Alert.model_validate({"name": "ops", "watch": "installation", **nowhere})
    with elasticsearch_client(settings.elasticsearch) as client:
        service = AlertService(settings, client, [search, watch], lambda: (Problem("late", "index", "Waits."),))
        for alert in (search, watch):
            service.check(alert, NOW - timedelta(hours=1))
        # As an older release made it: fields are added.
        httpx.delete(old).raise_for_status()
        httpx.put(old, json={"mappings": {"properties": {"alert": {"type": "keyword"}}}}).raise_for_status()
        AlertService(settings, client, [search]).check(search, NOW)
        client.cluster.health()


@pytest.mark.stack
def test_each_role_is_what_its_part_needs_and_no_more(settings: Settings, requests: list[str]) -> None:
    prefix = settings.elasticsearch.prefix
    for part, work in (("worker", work_of_worker), ("desk", work_of_desk), ("alerts", work_of_alerts)):
        del requests[:]
        work(settings)
        role = json.loads((ROLES / f"wiredesk-{part}.json").read_text())
        used: set[tuple[str, str]] = set()
        for request in dict.fromkeys(requests):
            scope, privilege = needed(request)
            name = index_of(request).removeprefix(prefix)
            granted = (
                role["cluster"]
                if scope == "cluster"
                else [one for part_ in role["indices"] if not name or any(fnmatch(name, pattern) for pattern in part_["names"])
                      for one in part_["privileges"]]
            )  # fmt: skip
            assert privilege in granted, f"{part}: {request} needs {privilege}"
            used.add((scope, privilege))
        all_granted = {("cluster", one) for one in role["cluster"]}
        all_granted |= {("index", one) for given in role["indices"] for one in given["privileges"]}
        assert used == all_granted, f"{part}: granted and not needed: {all_granted - used}"


def test_the_roles_have_the_form_that_the_server_takes() -> None:
    for path in ROLES.glob("*.json"):
        role = json.loads(path.read_text())
        assert set(role) == {"description", "cluster", "indices"}
        assert all(set(given) == {"names", "privileges"} for given in role["indices"])
        assert "all" not in json.dumps(role)
