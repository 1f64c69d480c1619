"""Clients of Elasticsearch, built from the settings.

What answers at the address may be something else for a while: a proxy's error page with status 200, a portal that asks
for a log-in. Elasticsearch names itself in each answer (``X-Elastic-Product``); an answer without it that would be
taken for a result, for a missing index or for a refused document is a transport error instead.
"""

from __future__ import annotations

from typing import Any

from elastic_transport import AsyncTransport, Transport, TransportApiResponse, TransportError
from elasticsearch import AsyncElasticsearch, Elasticsearch, OrjsonSerializer
from elasticsearch.serializer import NdjsonSerializer

from pipeline.broker.tls import ssl_context
from pipeline.settings import ElasticsearchSettings
from pipeline.settings.trust import client_context


class LinesSerializer(NdjsonSerializer):
    """The bodies of bulk requests, by orjson: the client's own writes these by the much slower standard library."""

    def __init__(self) -> None:
        self._quick = OrjsonSerializer()

    def json_dumps(self, data: Any) -> bytes:
        """One line; what orjson refuses (halves of surrogate pairs, very large numbers) the slow way."""
        try:
            return self._quick.json_dumps(data)
        except TypeError:
            return super().json_dumps(data)


def elasticsearch_options(settings: ElasticsearchSettings) -> dict[str, Any]:
    """Options for both clients. Retries are the caller's: one layer of them, with waits, not two."""
    options: dict[str, Any] = {
        "hosts": [settings.url],
        "serializers": {one.mimetype: one for one in (OrjsonSerializer(), LinesSerializer())},
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


def _require_elasticsearch(answer: TransportApiResponse) -> TransportApiResponse:
    meta = answer.meta
    decides = 200 <= meta.status < 300 or meta.status in {400, 404}
    if decides and meta.headers.get("x-elastic-product") != "Elasticsearch":
        address = f"{meta.node.scheme}://{meta.node.host}:{meta.node.port}"
        kind = meta.headers.get("content-type", "no content type")
        raise TransportError(f"What answers at {address} is not Elasticsearch ({meta.status}, {kind})")
    return answer


class _CheckedTransport(Transport):
    def perform_request(self, *args: Any, **options: Any) -> TransportApiResponse:
        return _require_elasticsearch(super().perform_request(*args, **options))


class _CheckedAsyncTransport(AsyncTransport):
    async def perform_request(self, *args: Any, **options: Any) -> TransportApiResponse:  # type: ignore[override]
        return _require_elasticsearch(await super().perform_request(*args, **options))


def elasticsearch_client(settings: ElasticsearchSettings) -> Elasticsearch:
    """A blocking client, for commands and for the desk's threads."""
    return Elasticsearch(transport_class=_CheckedTransport, **elasticsearch_options(settings))


def async_elasticsearch_client(settings: ElasticsearchSettings) -> AsyncElasticsearch:
    """A client for the event loop of the workers."""
    return AsyncElasticsearch(transport_class=_CheckedAsyncTransport, **elasticsearch_options(settings))
