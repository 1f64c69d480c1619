"""Imports the saved objects into a Kibana: waits until it is ready, creates the space, checks that all were accepted.

Kibana answers an import with 200 even when it refuses some of the objects; ``success`` and the number of objects are
therefore checked. A second import overwrites the objects of the first.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from pipeline.events.errors import ConfigurationError, UnreachableError

Report = Callable[[str], None]
_OLDEST_VERSION = (8, 9)
_SPACE = re.compile(r"[a-z0-9_-]+")


@dataclass(frozen=True)
class Installation:
    """The result: Kibana's version, the number of imported objects, the space and whether it was created."""

    version: str
    objects: int
    space: str | None
    space_created: bool


class KibanaInstaller:
    """Installs into one Kibana.

    Args:
        client: HTTP client with base URL, TLS and authentication; the ``kbn-xsrf`` header is added here.
        report: called with a line of text when the installer waits.
        sleep: waits for a number of seconds.
    """

    def __init__(
        self, client: httpx.Client, report: Report = lambda _: None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._report = report
        self._sleep = sleep

    def install(self, objects: bytes, *, space: str | None = None, wait_seconds: float = 120) -> Installation:
        """Import saved objects.

        Args:
            objects: NDJSON.
            space: id of a Kibana space, created if it does not exist. ``None``: the default space.
            wait_seconds: seconds to wait for Kibana to become ready.

        Returns:
            What was imported, and where.

        Raises:
            UnreachableError: Kibana did not become ready in time.
            ConfigurationError: Kibana is too old, or refused the credentials, the space or an object.
        """
        if space is not None and not _SPACE.fullmatch(space):
            raise ConfigurationError(f"{space!r} is not a valid space id.", hint="Use only a-z, 0-9, _ and -.")
        version = self._wait(wait_seconds)
        self._require_version(version)
        created = self._ensure_space(space) if space else False
        path = f"/s/{space}" if space else ""
        answer = self._client.post(
            f"{path}/api/saved_objects/_import",
            params={"overwrite": "true"},
            headers={"kbn-xsrf": "wiredesk"},
            # Kibana checks the extension of the file name, not the media type.
            files={"file": ("wiredesk.ndjson", objects, "application/ndjson")},
        )
        number = self._imported(answer, len(objects.splitlines()))
        return Installation(version, number, space, created)

    def _wait(self, seconds: float) -> str:
        """Wait until Kibana is ready and return its version."""
        deadline, reported = time.monotonic() + seconds, False
        while True:
            reason = ""
            try:
                answer = self._client.get("/api/status", headers={"kbn-xsrf": "wiredesk"})
                if answer.status_code in {401, 403}:
                    raise ConfigurationError(
                        f"Kibana at {self._url} refused the credentials ({answer.status_code}).",
                        hint="Pass --api-key-env NAME.",
                    )
                document = _json(answer)
                level = document.get("status", {}).get("overall", {}).get("level")
                if answer.status_code == 200 and level == "available":
                    return str(document.get("version", {}).get("number", ""))
                reason = f"{answer.status_code} {level or 'no status'}"
            except httpx.TransportError as error:
                reason = f"{type(error).__name__}: {error}"
            if time.monotonic() >= deadline:
                raise UnreachableError(
                    f"Kibana at {self._url} was not ready within {seconds:g} s: {reason}.",
                    hint="Check the address and its base path, or wait longer with --wait.",
                )
            if not reported:
                self._report(f"Waiting for Kibana at {self._url} ({reason}).")
                reported = True
            self._sleep(1)

    def _require_version(self, version: str) -> None:
        parts = version.split("-", maxsplit=1)[0].split(".")
        # A Kibana with security gives no version to anonymous requests; the import then shows whether it fits.
        if (
            len(parts) >= 2
            and all(part.isdigit() for part in parts[:2])
            and tuple(map(int, parts[:2])) < _OLDEST_VERSION
        ):
            raise ConfigurationError(f"Kibana {version} is too old.", hint="Use Kibana 8.9 or later.")

    def _ensure_space(self, space: str) -> bool:
        answer = self._client.get(f"/api/spaces/space/{space}", headers={"kbn-xsrf": "wiredesk"})
        if answer.status_code == 200:
            return False
        if answer.status_code == 404:
            answer = self._client.post(
                "/api/spaces/space", headers={"kbn-xsrf": "wiredesk"}, json={"id": space, "name": space}
            )
            if answer.status_code in {200, 409}:
                return answer.status_code == 200
        raise ConfigurationError(f"Cannot use the Kibana space {space!r}: {answer.status_code} {_message(answer)}.")

    def _imported(self, answer: httpx.Response, expected: int) -> int:
        document = _json(answer)
        if answer.status_code != 200:
            raise ConfigurationError(f"Kibana refused the import: {answer.status_code} {_message(answer)}.")
        number = int(document.get("successCount", 0))
        if document.get("success") is not True or number != expected:
            errors = document.get("errors") or []
            shown = "\n  ".join(_refusal(error) for error in errors[:20])
            raise ConfigurationError(f"Kibana imported {number} of {expected} objects.\n  {shown}")
        return number

    @property
    def _url(self) -> str:
        return str(self._client.base_url).rstrip("/")


def _refusal(error: dict[str, Any]) -> str:
    reason = error.get("error") or {}
    detail = reason.get("message") or ", ".join(str(entry.get("id")) for entry in reason.get("references", []))
    return f"{error.get('type')} {error.get('id')}: {reason.get('type')} {detail}".rstrip()


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _message(answer: httpx.Response) -> str:
    return str(_json(answer).get("message") or answer.text[:200])
