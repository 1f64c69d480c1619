"""A proxy with an authority of its own, known by SSL_CERT_FILE alone: feeds, webhooks and downloads all trust it."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.certificates import issued

ROOT = Path(__file__).parents[2]
JAR = b"not really a jar"
FEED = b'<rss version="2.0"><channel><title>T</title><item><guid>1</guid><title>One</title></item></channel></rss>'

POLL = """
from datetime import UTC, datetime
from connectors.transports.base import PollContext
from connectors.transports.http import HttpTransport
from pipeline.events import ConnectorState
transport = HttpTransport(type="http", url=url + "/feed.xml", allow_private_addresses=True)
context = PollContext(now=datetime.now(UTC), max_body_bytes=10_000, timeout_seconds=10, user_agent="Test")
poll = transport.poll(ConnectorState(connector="x"), context)
print(poll.error or poll.payloads[0].data.decode())
"""
WEBHOOK = """
import asyncio
from pipeline.alerts.delivery import webhook_client
async def read():
    async with webhook_client(10) as one:
        return (await one.get(url + "/feed.xml")).text
print(asyncio.run(read()))
"""
JARS = """
import hashlib, pathlib, tempfile
from rich.console import Console
from pipeline.local.artifacts import Jar, _download
root = pathlib.Path(tempfile.mkdtemp())
jar = Jar("kafka", "org.example:one:1.0", 16, "")
_download([jar], root, Console(quiet=True), {"local": url})
print((root / jar.path).read_text())
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(directory: Path, certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(directory)))
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A TLS server with a feed and a Maven repository, and the file of the authority that issued its certificate."""
    directory = tmp_path_factory.mktemp("site")
    issued(directory, "server", issued(directory, "authority"))
    content = directory / "content"
    jar = content / "org" / "example" / "one" / "1.0" / "one-1.0.jar"
    jar.parent.mkdir(parents=True)
    jar.write_bytes(JAR)
    jar.with_suffix(".jar.sha1").write_text(hashlib.sha1(JAR).hexdigest())
    (content / "feed.xml").write_bytes(FEED)
    with served(content, directory / "server.pem") as url:
        yield url, directory / "authority.crt"


def child(code: str, url: str, authority: Path | None) -> str:
    """What a process prints that knows of the authority by SSL_CERT_FILE, and by nothing else."""
    hidden = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"}
    if authority:
        environment["SSL_CERT_FILE"] = str(authority)
    run = subprocess.run(
        [sys.executable, "-c", f"url = {url!r}\n{code}"], capture_output=True, text=True, check=False, timeout=60,
        env=environment,
    )  # fmt: skip
    return run.stdout + run.stderr


@pytest.mark.parametrize(
    ("code", "answer"),
    [(POLL, FEED.decode()), (WEBHOOK, FEED.decode()), (JARS, JAR.decode())],
    ids=["feed", "webhook", "jar"],
)
def test_an_authority_known_by_ssl_cert_file_is_trusted(site: tuple[str, Path], code: str, answer: str) -> None:
    url, authority = site
    assert child(code, url, authority) == answer + "\n"


@pytest.mark.parametrize("code", [POLL, WEBHOOK, JARS], ids=["feed", "webhook", "jar"])
def test_an_authority_that_nobody_named_is_not_trusted(site: tuple[str, Path], code: str) -> None:
    shown = child(code, site[0], None).lower()
    assert "certificate" in shown
    assert "verify failed" in shown


def test_make_tells_the_pip_of_an_older_python(site: tuple[str, Path], tmp_path: Path) -> None:
    """It trusts a list of its own; the newer one, which installs everything else, trusts the operating system's."""
    authority = site[1]
    shown = subprocess.run(
        ["make", "-n", "install", f"VENV={tmp_path}"], capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, "SSL_CERT_FILE": str(authority)},
    ).stdout  # fmt: skip
    first, second = (line for line in shown.splitlines() if "-m pip install" in line)
    assert f'PIP_CERT="${{PIP_CERT:-{authority}}}"' in first
    assert '"pip>=25.1"' in first
    assert "PIP_CERT" not in second
    assert ".[local]" in second
