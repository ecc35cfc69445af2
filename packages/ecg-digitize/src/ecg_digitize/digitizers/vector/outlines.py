"""Traces that are drawn as thin filled shapes: the line in the middle of such a shape."""

from __future__ import annotations

import numpy as np

THICKEST_MM = 1.2
BACKWARDS_MM = 0.5


def centre_line(points_px: np.ndarray, *, px_per_mm: float, least_width_mm: float) -> np.ndarray | None:
    """The middle of a long thin shape, from left to right; None where the shape is something else.

    Args:
        points_px: its outline, float64, shape (points, 2).
        px_per_mm: pixels a millimetre.
        least_width_mm: a trace is wider.
    """
    x = points_px[:, 0]
    if np.ptp(x) < least_width_mm * px_per_mm:
        return None
    ring = np.roll(points_px, -int(np.argmin(x)), axis=0)
    right = int(np.argmax(ring[:, 0]))
    sides = (ring[: right + 1], np.concatenate((ring[right:], ring[:1]))[::-1])
    if any(len(side) < 2 or np.diff(side[:, 0]).min() < -BACKWARDS_MM * px_per_mm for side in sides):
        return None
    at = np.unique(np.concatenate([side[:, 0] for side in sides]))
    heights = [np.interp(at, np.maximum.accumulate(side[:, 0]), side[:, 1]) for side in sides]
    if np.median(np.abs(heights[1] - heights[0])) > THICKEST_MM * px_per_mm:
        return None
    return np.column_stack((at, np.mean(heights, axis=0)))
