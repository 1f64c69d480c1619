"""Makes this folder's generator importable as ``tests.cluster.generator``, and reads the real texts once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))


@pytest.fixture(scope="session")
def sentences(shared_data: Path) -> list[str]:
    """Sentences of real texts."""
    from tests.cluster.texts import gmb, gum

    return [*gmb(shared_data), *gum(shared_data)]
