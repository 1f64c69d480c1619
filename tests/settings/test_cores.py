"""How many processors a process may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.settings import EnrichSettings
from pipeline.settings.cores import usable_cores


@pytest.mark.parametrize(
    ("written", "cores"),
    [("200000 100000\n", 2), ("150000 100000\n", 2), ("50000 100000\n", 1), ("max 100000\n", 12), ("", 12), (None, 12)],
)
def test_the_limit_of_a_container_counts(
    written: str | None, cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(12)), raising=False)
    file = tmp_path / "cpu.max"
    if written is not None:
        file.write_text(written)
    assert usable_cores(file) == cores


def test_analysis_processes_are_as_many_as_cores_and_eight_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.settings.stages.usable_cores", lambda: 3)
    assert EnrichSettings().process_count() == 3
    assert EnrichSettings(processes=20).process_count() == 20
    monkeypatch.setattr("pipeline.settings.stages.usable_cores", lambda: 64)
    assert EnrichSettings().process_count() == 8
