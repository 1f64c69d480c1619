"""Puts the saved objects into a Kibana: waits until it is ready, makes the space, imports, believes no half success.

Kibana answers an import with 200 also where some objects were refused; ``success`` and the number of objects are
therefore checked. Importing twice overwrites what the first import made.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from pipeline.events.errors import ConfigurationError, UnreachableError

Tell = Callable[[str], None]
_OLDEST = (8, 9)
_SPACE = re.compile(r"[a-z0-9_-]+")


@dataclass(frozen=True)
class Installed:
    """What an installation came to."""

    version: str
    objects: int
    space: str | None
    space_created: bool


class KibanaInstaller:
    """One Kibana.

    Args:
        client: with base URL, TLS and log-in; the ``kbn-xsrf`` header is added here.
        tell: told in short lines what goes on.
        sleep: waits so many seconds.
    """

    def __init__(
        self, client: httpx.Client, tell: Tell = lambda _: None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._tell = tell
        self._sleep = sleep

    def install(self, objects: bytes, *, space: str | None = None, wait_seconds: float = 120) -> Installed:
        """Import saved objects.

        Args:
            objects: NDJSON.
            space: its id; made if it is not there. ``None``: the default space.
            wait_seconds: how long Kibana may take to become ready.

        Raises:
            UnreachableError: it did not become ready.
            ConfigurationError: it is too old, or refused the log-in, the space or any object.
        """
        if space is not None and not _SPACE.fullmatch(space):
            raise ConfigurationError(f"{space!r} is no id of a space.", hint="Use a-z, 0-9, _ and -.")
        version = self._wait(wait_seconds)
        self._require_version(version)
        created = self._ensure_space(space) if space else False
        path = f"/s/{space}" if space else ""
        answer = self._client.post(
            f"{path}/api/saved_objects/_import",
            params={"overwrite": "true"},
            headers={"kbn-xsrf": "wiredesk"},
            # Kibana looks at the end of the name, not at the type.
            files={"file": ("wiredesk.ndjson", objects, "application/ndjson")},
        )
        number = self._imported(answer, len(objects.splitlines()))
        return Installed(version, number, space, created)

    def _wait(self, seconds: float) -> str:
        """Wait until it is ready; returns its version."""
        deadline, told = time.monotonic() + seconds, False
        while True:
            reason = ""
            try:
                answer = self._client.get("/api/status", headers={"kbn-xsrf": "wiredesk"})
                if answer.status_code in {401, 403}:
                    raise ConfigurationError(
                        f"{self._url} refuses the log-in ({answer.status_code}).", hint="Pass --api-key-env NAME."
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
                    hint="Is the address right, with its base path? More patience: --wait.",
                )
            if not told:
                self._tell(f"waiting for Kibana at {self._url} ({reason})")
                told = True
            self._sleep(1)

    def _require_version(self, version: str) -> None:
        parts = version.split("-", maxsplit=1)[0].split(".")
        # Without a log-in a secured Kibana does not say its version; the import itself will tell.
        if len(parts) >= 2 and all(part.isdigit() for part in parts[:2]) and tuple(map(int, parts[:2])) < _OLDEST:
            raise ConfigurationError(f"Kibana {version} is too old.", hint="The dashboards need 8.9 or later.")

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
        raise ConfigurationError(f"The space {space!r} cannot be used: {answer.status_code} {_message(answer)}.")

    def _imported(self, answer: httpx.Response, wanted: int) -> int:
        document = _json(answer)
        if answer.status_code != 200:
            raise ConfigurationError(f"Kibana refuses the import: {answer.status_code} {_message(answer)}.")
        number = int(document.get("successCount", 0))
        if document.get("success") is not True or number != wanted:
            errors = document.get("errors") or []
            shown = "\n  ".join(_refusal(error) for error in errors[:20])
            raise ConfigurationError(f"Kibana took {number} of {wanted} objects.\n  {shown}")
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
