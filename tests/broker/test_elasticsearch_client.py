"""What answers in Elasticsearch's place is a transport error, whatever status it gives."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from elasticsearch import NotFoundError, TransportError
from elasticsearch.serializer import NdjsonSerializer

from pipeline.broker.elasticsearch_client import LinesSerializer, async_elasticsearch_client, elasticsearch_client
from pipeline.settings import ElasticsearchSettings


class Answers(BaseHTTPRequestHandler):
    """Answers every request with what was set."""

    status: ClassVar[int] = 200
    headers_sent: ClassVar[dict[str, str]] = {}
    body: ClassVar[bytes] = b""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.status)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_POST = do_PUT = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def settings() -> Iterator[ElasticsearchSettings]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield ElasticsearchSettings(url=f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()
    thread.join()


def answer(status: int, body: bytes, **headers: str) -> None:
    Answers.status, Answers.body = status, body
    Answers.headers_sent = {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.mark.parametrize("status", [200, 400, 404])
def test_an_html_page_is_no_result_no_missing_index_and_no_refusal(
    settings: ElasticsearchSettings, status: int
) -> None:
    with elasticsearch_client(settings) as client:
        answer(200, b'{"docs": []}', Content_Type="application/json", X_Elastic_Product="Elasticsearch")
        assert client.mget(index="stories", ids=["a"])["docs"] == []
        answer(status, b"<html>Log in</html>", Content_Type="text/html")
        with pytest.raises(TransportError, match="is not Elasticsearch"):
            client.mget(index="stories", ids=["a"])
        answer(404, b'{"error": "no index"}', Content_Type="application/json", X_Elastic_Product="Elasticsearch")
        with pytest.raises(NotFoundError):
            client.mget(index="stories", ids=["a"])


def test_the_async_client_checks_as_well(settings: ElasticsearchSettings) -> None:
    async def ask() -> None:
        client = async_elasticsearch_client(settings)
        try:
            await client.options(ignore_status=404).bulk(operations=[{"delete": {"_id": "a"}}], index="stories")
        finally:
            await client.close()

    answer(200, b"<html>Log in</html>", Content_Type="text/html")
    with pytest.raises(TransportError, match="is not Elasticsearch"):
        asyncio.run(ask())


def test_bulk_requests_say_the_same_as_the_client_s_own_serializer() -> None:
    line = {"a": datetime(2026, 11, 28, 3, 4, 5, 6, UTC), "b": ("x", 1.5, None, True), "c": {"d": "\u2028\u00fc"}}
    lines = [{"index": {"_id": "1"}}, line, {**line, "half": "\ud800", "large": 2**70}]
    ours, theirs = LinesSerializer().dumps(lines), NdjsonSerializer().dumps(lines)
    assert ours == theirs


def test_both_clients_write_bulk_requests_quickly(settings: ElasticsearchSettings) -> None:
    kinds = ("application/x-ndjson", "application/vnd.elasticsearch+x-ndjson")
    with elasticsearch_client(settings) as client:
        found = [type(client.transport.serializers.get_serializer(kind)) for kind in kinds]
    assert found == [LinesSerializer, LinesSerializer]
