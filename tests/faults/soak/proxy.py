"""A proxy in front of Elasticsearch that can do what networks and overloaded servers do."""

from __future__ import annotations

import json
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

import httpx

Mode = Literal["pass", "refuse", "delay", "hang", "429", "503", "half", "html", "document-errors", "unanswered"]
MODES: tuple[Mode, ...] = ("refuse", "delay", "hang", "429", "503", "half", "html", "document-errors", "unanswered")

_HTML = b"<html><body><h1>Maintenance</h1></body></html>"
_OWN = {"X-Elastic-Product": "Elasticsearch"}
_DROPPED = {"connection", "transfer-encoding", "content-length", "content-encoding", "host", "accept-encoding"}


class ElasticsearchProxy:
    """Passes requests on, or spoils a share of them; as a context it listens.

    Args:
        target: URL of the server.
        seed: of the choice which requests are spoilt.

    Attributes:
        mode: what happens to requests now.
        share: of the requests that it happens to.
        lie: share of the bulk requests that are acknowledged and not executed: what no server may do, to see it found.
        lies: how many were.
    """

    def __init__(self, target: str, seed: int = 0) -> None:
        self.mode: Mode = "pass"
        self.share = 1.0
        self.lie = 0.0
        self.lies = 0
        self._chance = random.Random(seed)
        self._client = httpx.Client(base_url=target, timeout=30)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                proxy.handle(self)

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815 - the base class asks for these names

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request as the mode says."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        if request.path.partition("?")[0].endswith("_bulk") and self._chance.random() < self.lie:
            self.lies += 1
            _reply(request, 200, _never_executed(body), "application/json")
            return
        mode = self.mode if self._chance.random() < self.share else "pass"
        if mode in {"refuse", "hang"}:
            if mode == "hang":
                self._hang()
            request.close_connection = True
            return
        if mode in {"429", "503"}:
            _reply(request, int(mode), b'{"error": "busy"}', "application/json", {})
            return
        if mode == "html":
            _reply(request, 200, _HTML, "text/html", {})  # it does not name itself as Elasticsearch does
            return
        if mode == "delay":
            time.sleep(self._chance.uniform(0.5, 3))
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _DROPPED}
        try:
            answer = self._client.request(request.command, request.path, content=body, headers=headers)
        except httpx.HTTPError:
            request.close_connection = True
            return
        content = answer.content
        if mode == "unanswered":
            request.close_connection = True
            return
        if mode == "document-errors":
            content = _with_document_errors(content)
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _DROPPED}
        _reply(request, answer.status_code, content, kept.pop("content-type", "application/json"), kept,
               half=mode == "half")  # fmt: skip

    def _hang(self) -> None:
        deadline = time.monotonic() + 20
        while self.mode == "hang" and time.monotonic() < deadline:
            time.sleep(0.1)


def _never_executed(body: bytes) -> bytes:
    """The answer to a bulk request all of whose actions succeed."""
    items = []
    lines = iter(body.splitlines())
    for line in lines:
        ((action, head),) = json.loads(line).items()
        if action != "delete":
            next(lines)
        done = {"_index": head.get("_index"), "_id": head.get("_id"), "_version": 1, "result": "created"}
        items.append({action: {**done, "_seq_no": 0, "_primary_term": 1, "status": 201}})
    return json.dumps({"took": 1, "errors": False, "items": items}).encode()


def _with_document_errors(content: bytes) -> bytes:
    """A bulk or multi-get answer of which every second document failed for now."""
    try:
        answer = json.loads(content)
    except ValueError:
        return content
    if not isinstance(answer, dict):
        return content
    error = {"type": "unavailable_shards_exception", "reason": "primary shard is not active"}
    for place, item in enumerate(answer.get("items") or []):
        if place % 2:
            for result in item.values():
                result.clear()
                result |= {"status": 503, "error": error}
            answer["errors"] = True
    docs = answer.get("docs") or []
    for place, document in enumerate(docs):
        if place % 2:
            docs[place] = {"_index": document.get("_index"), "_id": document.get("_id"), "error": error}
    return json.dumps(answer).encode()


def _reply(
    request: BaseHTTPRequestHandler,
    status: int,
    content: bytes,
    kind: str,
    headers: dict[str, str] | None = None,
    *,
    half: bool = False,
) -> None:
    try:
        request.send_response(status)
        for name, value in (_OWN if headers is None else headers).items():
            request.send_header(name, value)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content[: len(content) // 2] if half else content)
    except OSError:
        half = True
    if half:
        request.close_connection = True
