"""Cores shared by processes that work side by side."""

from __future__ import annotations

import os
import sys

THREADS_VARIABLE = "OMP_NUM_THREADS"
"""What numeric libraries ask when they are imported, and `ecg_core.onnx` when it opens a network."""


def share_cores() -> None:
    """Keep OpenCV, which asks nobody, to the number of threads that this process was told to use."""
    told = os.environ.get(THREADS_VARIABLE, "")
    cv2 = sys.modules.get("cv2")
    if cv2 is not None and told.isdigit():
        cv2.setNumThreads(int(told))
