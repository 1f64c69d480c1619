"""A small web server for the sample feeds, as a real agency's would answer: validators, 304, a second edition.

``NAME-2.xml`` next to ``NAME.xml`` is its second edition: after ``next_edition`` it is what ``/NAME.xml`` answers.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent / "samples"

_TYPES = {".xml": "application/xml; charset=utf-8", ".txt": "text/plain; charset=utf-8", ".json": "application/json"}


@dataclass
class SampleServer:
    """A running server.

    Attributes:
        url: where it answers, without a slash at the end.
        directory: what it serves.
        edition: 1, or 2 after ``next_edition``.
        answers: status codes given so far.
    """

    url: str
    directory: Path
    edition: int = 1
    changed: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    answers: list[int] = field(default_factory=list)

    def next_edition(self) -> None:
        """From now on feeds that have a second edition answer with it."""
        self.edition = 2
        self.changed = datetime.now(UTC).replace(microsecond=0)

    def file(self, name: str) -> Path | None:
        """The file that an address names in the edition in force; ``None``: there is none."""
        path = self.directory / name
        if path.suffix not in _TYPES or path.name != name or not path.is_file():
            return None
        second = path.with_stem(f"{path.stem}-2")
        return second if self.edition == 2 and second.is_file() else path


@contextmanager
def serve(directory: Path = SAMPLES, port: int = 0) -> Iterator[SampleServer]:
    """Serve the files of a directory on this machine while the context lasts.

    Args:
        directory: with ``.xml``, ``.json`` and ``.txt`` files.
        port: 0: a free one.
    """
    httpd = _Server(("127.0.0.1", port), _Handler)
    httpd.daemon_threads = True
    server = SampleServer(f"http://127.0.0.1:{httpd.server_address[1]}", directory)
    httpd.samples = server  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, args=(0.05,), name="samples", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        samples: SampleServer = self.server.samples  # type: ignore[attr-defined]
        path = samples.file(self.path.partition("?")[0].removeprefix("/"))
        if path is None:
            self._answer(HTTPStatus.NOT_FOUND, b"There is no such sample.\n", {"Content-Type": "text/plain"})
            return
        data = path.read_bytes()
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        validators = {"ETag": etag, "Last-Modified": format_datetime(samples.changed, usegmt=True)}
        if self._unchanged(etag, samples.changed):
            self._answer(HTTPStatus.NOT_MODIFIED, b"", validators)
        else:
            self._answer(HTTPStatus.OK, data, {**validators, "Content-Type": _TYPES[path.suffix]})

    def _unchanged(self, etag: str, changed: datetime) -> bool:
        """RFC 9110, 13.2.2: a date counts only where no tag is given."""
        given = self.headers.get("If-None-Match")
        if given is not None:
            return etag in {tag.strip().removeprefix("W/") for tag in given.split(",")}
        try:
            return changed <= parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except (ValueError, TypeError):
            return False

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.server.samples.answers.append(int(status))  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: requests are counted in ``answers``."""
