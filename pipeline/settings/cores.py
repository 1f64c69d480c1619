"""How many processors this process may use."""

from __future__ import annotations

import math
import os
from pathlib import Path

#: Quota and period of a control group, in microseconds; "max" where there is no limit (Linux, cgroup v2).
_CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(limit: Path = _CGROUP_LIMIT) -> int:
    """Count the processors that this process may use: those of its affinity, within the limit of its container.

    Args:
        limit: file with the container's quota and period.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = limit.read_text(encoding="ascii").split()
        return max(1, min(cores, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError, ZeroDivisionError):
        return cores
