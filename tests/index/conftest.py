"""Fixtures of the index's tests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.broker.elasticsearch_client import elasticsearch_client
from pipeline.broker.topics_admin import ensure_topics
from pipeline.index import admin
from pipeline.settings import ElasticsearchSettings, KafkaSettings, Settings
from tests.index.site import Site
from tests.indices import delete_all


@pytest.fixture
def site(stack: Any) -> Iterator[Site]:
    name = uuid.uuid4().hex[:8]
    settings = Settings(
        kafka=KafkaSettings(bootstrap_servers=stack.bootstrap, topic_prefix=f"t{name}", partitions=2,
                            max_message_bytes=1_000_000),
        elasticsearch=ElasticsearchSettings(url=stack.elasticsearch, prefix=f"t{name}-"),
    )  # fmt: skip
    ensure_topics(settings)
    with elasticsearch_client(settings.elasticsearch) as client:
        admin.init(client, settings.elasticsearch)
        site = Site(settings, client)
        yield site
        delete_all(client, site.names.prefix)
