"""Long straight lines among the ink of traces: the frame about the rows, mostly."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d

from ecg_core.curves import runs_of

LEAST_MM, INKED, WHOLE = 100.0, 0.5, 0.97
"""A line is straight that has ink, which the second tells, at one height over the first, in such a part of it at least; no
trace of several beats has."""

MOST_MM, BESIDE_PX = 0.75, 1
"""It is so thick at most; the blur of it reaches farther by the second."""


def without_straight_lines(trace: np.ndarray, px_per_mm: float) -> np.ndarray:
    """A map of traces without what lies at the height of a straight line, or a pixel beside it.

    Args:
        trace: ink of traces, 0 to 1, shape (height, width).
        px_per_mm: pixels a millimetre.
    """
    length = round(LEAST_MM * px_per_mm)
    if length > trace.shape[1]:
        return trace
    inked = (trace >= INKED).astype(np.float32)
    lines = runs_of((uniform_filter1d(inked, length, axis=1, mode="constant") >= WHOLE).any(axis=1))
    thin = [(first, stop) for first, stop in lines if stop - first <= MOST_MM * px_per_mm]
    if not thin:
        return trace
    without = trace.copy()
    for first, stop in thin:
        without[max(first - BESIDE_PX, 0) : stop + BESIDE_PX] = 0
    return without
