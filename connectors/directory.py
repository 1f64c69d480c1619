"""The connectors' files as they are in force: of a broken file the last good one counts."""

from __future__ import annotations

from pathlib import Path

import structlog

from connectors.config import ConnectorConfig, connector_files, load_directory

log = structlog.get_logger("wiredesk.connectors")


class ConnectorDirectory:
    """A directory that is looked at again and again.

    Args:
        path: of the directory; it need not exist yet.

    Attributes:
        configs: what is in force, by the connectors' names.
        errors: what is wrong with files that are broken now.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.configs: dict[str, ConnectorConfig] = {}
        self.errors: dict[Path, str] = {}
        self._good: dict[Path, ConnectorConfig] = {}
        self._stamps: list[tuple[Path, int, int]] = []

    def scan(self) -> None:
        """Read all files if one of them has changed; a file that has become broken is told of once."""
        stamps = self._look()
        if stamps == self._stamps:
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

    def _look(self) -> list[tuple[Path, int, int]]:
        stamps = []
        for path in connector_files(self.path):
            try:
                found = path.stat()
            except OSError:
                continue  # it goes away at this moment, or is a link to nothing: reading it will tell
            stamps.append((path, found.st_mtime_ns, found.st_size))
        return stamps
