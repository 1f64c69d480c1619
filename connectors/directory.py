"""The connectors' files in force: of a broken file the last good version."""

from __future__ import annotations

from pathlib import Path

import structlog

from connectors.config import ConnectorConfig, connector_files, load_directory

log = structlog.get_logger("wiredesk.connectors")


class ConnectorDirectory:
    """A directory of connectors' files that is read again when a file has changed.

    Args:
        path: of the directory; it need not exist yet.

    Attributes:
        configs: the connectors in force, by name.
        errors: what is wrong with each broken file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.configs: dict[str, ConnectorConfig] = {}
        self.errors: dict[Path, str] = {}
        self._good: dict[Path, ConnectorConfig] = {}
        self._stamps: list[tuple[Path, int, int]] = []

    def scan(self) -> None:
        """Read all files if one of them has changed; log each new error once."""
        try:
            stamps = self._current_stamps()
        except OSError as error:
            self._keep_all(error)
            return
        if stamps == self._stamps and self.path not in self.errors:
            return
        good: dict[Path, ConnectorConfig] = {}
        errors: dict[Path, str] = {}
        configs: dict[str, ConnectorConfig] = {}
        for file in load_directory(self.path):
            if file.config is not None:
                good[file.path] = configs[file.config.name] = file.config
                continue
            errors[file.path] = file.error or ""
            if self.errors.get(file.path) != file.error:
                log.error("connector_file_broken", reason=file.error, kept=file.path in self._good)
            if file.path in self._good:
                good[file.path] = self._good[file.path]
        for config in good.values():
            configs.setdefault(config.name, config)
        self.configs, self.errors, self._good, self._stamps = configs, errors, good, stamps

    def _keep_all(self, error: OSError) -> None:
        """Go on with what is in force: a directory that is unreachable for a while must not stop all feeds."""
        if self.path not in self.errors:
            log.error("connector_directory_unreadable", directory=str(self.path), reason=error.strerror)
        self.errors = {**self.errors, self.path: f"The directory {self.path} cannot be read: {error.strerror}."}

    def _current_stamps(self) -> list[tuple[Path, int, int]]:
        stamps: list[tuple[Path, int, int]] = []
        if not self._stamps and not self.path.exists():
            return stamps  # not created yet
        for path in connector_files(self.path):
            try:
                status = path.stat()
            except OSError:
                continue  # deleted at this moment, or a broken link: reading it reports the error
            stamps.append((path, status.st_mtime_ns, status.st_size))
        return stamps
