"""The providers' side: a feed that is polled, a folder that is filled, a webhook that is pushed to."""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx

from tests.faults.soak.stories import Version

SECRET = "a-secret-of-the-soak-test"
#: A feed shows its newest items only; the pollers come many times before one is pushed out.
_FEED_ITEMS = 600


class Providers:
    """Sends versions on their channels, as long as it takes; a context that ends its server.

    Args:
        folder: where files are dropped.
        push_url: of the webhook, or ``None`` while no process receives.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._feed: deque[Version] = deque(maxlen=_FEED_ITEMS)
        self._lock = threading.Lock()
        self._fed = self._files = 0
        providers = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                tag, body = providers.feed_body()
                known = self.headers.get("If-None-Match") == tag
                self.send_response(304 if known else 200)
                self.send_header("ETag", tag)
                if known:
                    self.end_headers()
                    return
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def connector_files(self, push_secret_file: Path) -> dict[str, str]:
        """The connectors' files that read these channels."""
        feed = f"http://127.0.0.1:{self._server.server_port}/feed"
        common = "provider: Orbis\nparser: ninjs\nmapping: wire\n"
        polled = "schedule: {interval_seconds: 0.5, adaptive: false}\n"
        return {
            "feed": f"{common}{polled}transport: {{type: http, url: '{feed}', allow_private_addresses: true}}\n",
            "folder": f"{common}{polled}transport: {{type: folder, path: '{self._folder}'}}\n",
            "push": f"{common}transport: {{type: webhook, secret: {{file: '{push_secret_file}'}}}}\n",
        }

    def feed_body(self) -> tuple[str, bytes]:
        """The feed as it is now: its tag, and a list of ninjs items, the newest last."""
        with self._lock:
            tag, items = f'"{self._fed}"', list(self._feed)
        return tag, json.dumps([version.ninjs() for version in items]).encode()

    def send(self, version: Version, push_ports: list[int], deadline: float) -> None:
        """Send one version; a push is repeated until a process answers that it is durable.

        Args:
            version: to send.
            push_ports: where processes may receive.
            deadline: monotonic seconds after which a push is given up.

        Raises:
            TimeoutError: nobody took a push in time.
        """
        if version.channel == "feed":
            with self._lock:
                self._feed.append(version)
                self._fed += 1
        elif version.channel == "folder":
            self._files += 1
            name = f"{self._files:06d}-{version.story}-{version.number}.json"
            temporary = self._folder / f".{name}"
            temporary.write_text(json.dumps(version.ninjs()), encoding="utf-8")
            temporary.rename(self._folder / name)
        else:
            self._push(json.dumps(version.ninjs()).encode(), push_ports, deadline)

    def _push(self, body: bytes, ports: list[int], deadline: float) -> None:
        signature = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}
        while True:
            for port in ports:
                try:
                    answer = httpx.post(f"http://127.0.0.1:{port}/push/push", content=body, headers=headers, timeout=20)
                except httpx.HTTPError:
                    continue
                if answer.status_code in {200, 202, 204}:
                    return
            if time.monotonic() > deadline:
                raise TimeoutError("no process took a push")
            time.sleep(0.3)
