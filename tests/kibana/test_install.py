"""The installation against a stand-in for Kibana's HTTP API. There is no Kibana here: only what we send is tested."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from pipeline.cli.kibana import app
from pipeline.events.errors import ConfigurationError, UnreachableError
from pipeline.kibana.install import KibanaInstaller
from pipeline.kibana.objects import ndjson, saved_objects
from pipeline.kibana.specification import load_specification

OBJECTS = ndjson(saved_objects(load_specification()))


@dataclass
class StandIn:
    """Answers as Kibana's documentation says; keeps what it was sent."""

    url: str = ""
    version: str = "9.1.0"
    not_ready: int = 0
    api_key: str | None = None
    refuse: set[str] = field(default_factory=set)
    spaces: set[str] = field(default_factory=set)
    imports: list[str] = field(default_factory=list)
    stored: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        if self.api_key and headers.get("Authorization") != f"ApiKey {self.api_key}":
            return 401, {"message": "[security_exception]"}
        if path == "/api/status":
            if self.not_ready:
                self.not_ready -= 1
                return 503, {"status": {"overall": {"level": "unavailable"}}}
            return 200, {"version": {"number": self.version}, "status": {"overall": {"level": "available"}}}
        if method == "POST" and not headers.get("kbn-xsrf"):
            return 400, {"message": "Request must contain a kbn-xsrf header."}
        if path.startswith("/api/spaces/space"):
            if method == "POST":
                self.spaces.add(json.loads(body)["id"])
                return 200, json.loads(body)
            name = path.rsplit("/", 1)[1]
            return (200, {"id": name}) if name in self.spaces else (404, {"message": "Not Found"})
        space, _, rest = path.removeprefix("/s/").partition("/") if path.startswith("/s/") else ("", "", path[1:])
        if rest != "api/saved_objects/_import?overwrite=true" or (space and space not in self.spaces):
            return 404, {"message": "Not Found"}
        return self._import(space, headers, body)

    def _import(self, space: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        form = message_from_bytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body)
        (part,) = form.get_payload()  # type: ignore[misc]
        name = part.get_filename()  # type: ignore[union-attr]
        if not name or not name.endswith(".ndjson"):
            return 415, {"message": f"Invalid file extension {name}"}
        self.imports.append(space)
        content: Any = part.get_payload(decode=True)  # type: ignore[union-attr]
        errors, taken = [], 0
        for line in content.splitlines():
            entry = json.loads(line)
            if entry["id"] in self.refuse:
                errors.append({"id": entry["id"], "type": entry["type"],
                               "error": {"type": "missing_references", "references": [{"id": "gone"}]}})  # fmt: skip
            else:
                self.stored[space, entry["type"], entry["id"]] = entry
                taken += 1
        return 200, {"success": not errors, "successCount": taken, **({"errors": errors} if errors else {})}


@pytest.fixture
def kibana() -> Iterator[StandIn]:
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, document = stand_in.answer(self.command, self.path, self.headers, body)
            data = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _serve  # noqa: N815 - the names are the library's

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    yield stand_in
    server.shutdown()
    server.server_close()
    thread.join()


def install(kibana: StandIn, objects: bytes = OBJECTS, **options: Any) -> Any:
    told: list[str] = []
    with httpx.Client(base_url=kibana.url) as client:
        return KibanaInstaller(client, told.append, sleep=lambda _: None).install(objects, **options)


def test_waits_until_ready_and_imports_everything_twice_the_same(kibana: StandIn) -> None:
    kibana.not_ready = 3
    done = install(kibana)
    assert (done.objects, done.version, done.space) == (13, "9.1.0", None)
    first = dict(kibana.stored)
    assert install(kibana).objects == 13
    assert kibana.stored == first
    assert kibana.imports == ["", ""]


def test_a_space_is_made_once(kibana: StandIn) -> None:
    assert install(kibana, space="news").space_created is True
    assert install(kibana, space="news").space_created is False
    assert kibana.imports == ["news", "news"]
    assert len(kibana.stored) == 13


def test_a_partial_import_is_a_failure(kibana: StandIn) -> None:
    kibana.refuse = {"wiredesk-dashboard-wire-today"}
    with pytest.raises(ConfigurationError, match=r"12 of 13[\s\S]*wire-today: missing_references gone"):
        install(kibana)


def test_success_with_too_few_objects_is_a_failure(kibana: StandIn) -> None:
    with httpx.Client(base_url=kibana.url) as client:
        installer = KibanaInstaller(client)
        with pytest.raises(ConfigurationError, match="3 of 12"):
            installer._imported(httpx.Response(200, json={"success": True, "successCount": 3}), 12)


@pytest.mark.parametrize("space", ["a/b", "News", "..", ""])
def test_an_invalid_space_id_is_refused(kibana: StandIn, space: str) -> None:
    with pytest.raises(ConfigurationError, match="not a valid space id"):
        install(kibana, space=space)


def test_too_old_never_ready_wrong_key(kibana: StandIn) -> None:
    kibana.version = "8.8.2"
    with pytest.raises(ConfigurationError, match="too old"):
        install(kibana)
    kibana.not_ready = 10**9
    with pytest.raises(UnreachableError, match="503 unavailable"):
        install(kibana, wait_seconds=0.05)
    kibana.api_key = "secret"
    with pytest.raises(ConfigurationError, match="--api-key-env"):
        install(kibana)


def test_no_server() -> None:
    with httpx.Client(base_url="http://127.0.0.1:9") as client, pytest.raises(UnreachableError, match="ConnectError"):
        KibanaInstaller(client, sleep=lambda _: None).install(OBJECTS, wait_seconds=0)


def test_the_command(kibana: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    kibana.api_key = "secret"
    monkeypatch.setenv("DESK_KEY", "secret")
    monkeypatch.setenv("WIREDESK_ELASTICSEARCH__PREFIX", "news-")
    result = CliRunner().invoke(app, ["install", "--url", kibana.url, "--space", "news", "--api-key-env", "DESK_KEY"])
    assert result.exit_code == 0, (result.output, result.exception)
    assert "13 objects in space news (new) of Kibana 9.1.0" in result.output
    assert "secret" not in result.output
    titles = {
        entry["attributes"]["title"] for (_, type_, _), entry in kibana.stored.items() if type_ == "index-pattern"
    }
    assert titles == {"news-stories", "news-stories-public", "news-quotes-public", "news-stories-history"}
    kibana.refuse = {"wiredesk-search-quotations"}
    failed = CliRunner().invoke(app, ["install", "--url", kibana.url, "--api-key-env", "DESK_KEY"])
    assert failed.exit_code != 0
    unset = CliRunner().invoke(app, ["install", "--url", kibana.url, "--api-key-env", "NOT_SET"])
    assert isinstance(unset.exception, ConfigurationError)
