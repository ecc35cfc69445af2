"""How the processes that work side by side share the cores."""

from __future__ import annotations

import os
import sys

THREADS_VARIABLE = "OMP_NUM_THREADS"
"""What numeric libraries ask when they are imported, and `ecg_core.onnx` when it opens a network."""


def num_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_each(workers: int) -> int:
    """How many threads each of some processes may use so that together they use the cores once."""
    return max(1, num_cores() // max(workers, 1))


def threads_told() -> int | None:
    """How many threads this process was told to use; None where nothing was said."""
    told = os.environ.get(THREADS_VARIABLE, "")
    return int(told) if told.isdecimal() else None


def share_cores() -> None:
    """Keep OpenCV, which asks nobody, to the number of threads that this process was told to use."""
    told, cv2 = threads_told(), sys.modules.get("cv2")
    if cv2 is not None and told is not None:
        cv2.setNumThreads(told)
