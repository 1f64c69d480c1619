"""Clients of Elasticsearch, built from the settings."""

from __future__ import annotations

from typing import Any

from elasticsearch import AsyncElasticsearch, Elasticsearch, OrjsonSerializer

from pipeline.broker.tls import ssl_context
from pipeline.settings import ElasticsearchSettings
from pipeline.settings.trust import client_context


def elasticsearch_options(settings: ElasticsearchSettings) -> dict[str, Any]:
    """Options for both clients. Retries are the caller's: one layer of them, with waits, not two."""
    options: dict[str, Any] = {
        "hosts": [settings.url],
        "serializer": OrjsonSerializer(),
        "http_compress": settings.compress_requests,
        "request_timeout": settings.request_timeout_seconds,
        "max_retries": 0,
        "retry_on_timeout": False,
    }
    if settings.api_key:
        options["api_key"] = settings.api_key.read()
    elif settings.username and settings.password:
        options["basic_auth"] = (settings.username, settings.password.read())
    if settings.tls:
        options["ssl_context"] = ssl_context(settings.tls)
    elif settings.url.startswith("https:"):
        options["ssl_context"] = client_context()
    return options


def elasticsearch_client(settings: ElasticsearchSettings) -> Elasticsearch:
    """A blocking client, for commands and for the desk's threads."""
    return Elasticsearch(**elasticsearch_options(settings))


def async_elasticsearch_client(settings: ElasticsearchSettings) -> AsyncElasticsearch:
    """A client for the event loop of the workers."""
    return AsyncElasticsearch(**elasticsearch_options(settings))
