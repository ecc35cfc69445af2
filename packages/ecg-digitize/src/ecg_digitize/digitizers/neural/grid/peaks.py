"""Places of the peaks of a heat map, finer than its pixels."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.spatial import cKDTree

from ecg_core.curves import parabola_top

RADIUS_PX = 3
"""Two peaks are further apart."""

FLOOR = 1e-3
"""Added to the heat before its logarithm is taken."""

LEAST_BEND = 1e-6
"""Curvature of the logarithm's parabola below which a top is flat, and its peak lies in the middle."""


def find_peaks(heat: np.ndarray, *, threshold: float = 0.3) -> np.ndarray:
    """Peaks of a heat map of bells: the logarithm of a normal distribution is a parabola, whose top is known exactly.

    Args:
        heat: float32 from 0 to 1, shape (rows, columns).
        threshold: least height of a peak.

    Returns:
        float64, shape (n, 2): x and y.
    """
    side = 2 * RADIUS_PX + 1
    highest = cv2.dilate(heat, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    rows, columns = np.nonzero((heat >= threshold) & (heat == highest))
    around = np.arange(-1, 2)
    padded = np.pad(heat, 1, mode="edge").astype(np.float64)
    patches = padded[rows[:, None, None] + 1 + around[:, None], columns[:, None, None] + 1 + around]
    across, down = (np.log(patches.mean(axis=axis) + FLOOR) for axis in (1, 2))
    x, y = (
        place + parabola_top(*values.T, least_bend=LEAST_BEND) for place, values in ((columns, across), (rows, down))
    )
    return _apart(np.stack((x, y), axis=1))


def _apart(points: np.ndarray) -> np.ndarray:
    """The points without those that a flat top gives twice."""
    if not len(points):
        return points
    doubled = {later for _, later in cKDTree(points).query_pairs(RADIUS_PX)}
    return points[[index for index in range(len(points)) if index not in doubled]]
