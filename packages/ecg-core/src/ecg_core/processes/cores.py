"""How many threads each of several processes may use."""

from __future__ import annotations

import os

THREADS_VARIABLE = "OMP_NUM_THREADS"
"""What numeric libraries ask when they are imported, and `ecg_core.onnx` when it opens a network."""


def threads_each(workers: int) -> int:
    """How many threads each of some processes may use so that together they use the cores once."""
    return max(1, num_cores() // max(workers, 1))


def num_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
