"""Names of packages that are imported when they are first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import pipeline.events
import pipeline.settings


@pytest.mark.parametrize("package", [pipeline.events, pipeline.settings])
def test_every_public_name_is_found(package: object) -> None:
    names: list[str] = package.__all__  # type: ignore[attr-defined]
    assert all(getattr(package, name) is not None for name in names)


def test_a_wrong_name_is_told_like_any_other() -> None:
    with pytest.raises(AttributeError, match=r"module 'pipeline.events' has no attribute 'Nothing'"):
        _ = pipeline.events.Nothing


def test_an_error_does_not_wait_for_the_messages() -> None:
    code = "import sys, pipeline.events.errors; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
