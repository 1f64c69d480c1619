"""The connectors' files in force: of a broken file the last good version."""

from __future__ import annotations

from pathlib import Path

import structlog

from connectors.config import ConnectorConfig, ConnectorFile, connector_files, load_file, with_own_names

log = structlog.get_logger("wiredesk.connectors")

#: When a file was written, in nanoseconds, and its size.
_Stamp = tuple[int, int]
_UNKNOWN: _Stamp = (-1, -1)


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
        self._stamps: dict[Path, _Stamp] = {}
        self._read: dict[Path, tuple[_Stamp, ConnectorFile]] = {}

    @property
    def is_complete(self) -> bool:
        """Whether all files have been read as they were at the last ``scan``."""
        return all(path in self._read and self._read[path][0] == stamp for path, stamp in self._stamps.items())

    def scan(self, most: int | None = None) -> None:
        """Read the files that are new or have changed; log each new error once.

        Args:
            most: of several thousand files read so many at most, so that their connectors can begin; call it again
                until ``is_complete``.
        """
        try:
            stamps = self._current_stamps()
        except OSError as error:
            self._keep_all(error)
            return
        if stamps == self._stamps and self.path not in self.errors and self.is_complete:
            return
        known = {path: found for path, found in self._read.items() if path in stamps}
        if stamps != self._stamps:  # what a broken file refers to may be right now: it is read again
            known |= {path: (_UNKNOWN, file) for path, (_, file) in known.items() if file.config is None}
        pending = [path for path, stamp in stamps.items() if path not in known or known[path][0] != stamp]
        for path in pending[:most]:
            known[path] = (stamps[path], load_file(path))
        self._read, self._stamps = known, stamps
        self._apply(with_own_names([known[path][1] for path in stamps if path in known]))

    def _apply(self, files: list[ConnectorFile]) -> None:
        good: dict[Path, ConnectorConfig] = {}
        errors: dict[Path, str] = {}
        configs: dict[str, ConnectorConfig] = {}
        for file in files:
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
        self.configs, self.errors, self._good = configs, errors, good

    def _keep_all(self, error: OSError) -> None:
        """Go on with what is in force: a directory that is unreachable for a while must not stop all feeds."""
        if self.path not in self.errors:
            log.error("connector_directory_unreadable", directory=str(self.path), reason=error.strerror)
        self.errors = {**self.errors, self.path: f"The directory {self.path} cannot be read: {error.strerror}."}

    def _current_stamps(self) -> dict[Path, _Stamp]:
        stamps: dict[Path, _Stamp] = {}
        if not self._stamps and not self.path.exists():
            return stamps  # not created yet
        for path in connector_files(self.path):
            try:
                status = path.stat()
            except OSError:
                continue  # deleted at this moment, or a broken link: reading it reports the error
            stamps[path] = status.st_mtime_ns, status.st_size
        return stamps
