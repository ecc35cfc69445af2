"""From the outline of a stroke back to the curve that the pen drew.

A round pen of radius r that follows a curve inks the curve's dilation by a disc: the upper edge of the ink is the
curve's dilation by a half circle, the lower edge its erosion. Taking the middle of the ink instead would cut each R
wave by half of its stroke's height. Here the curve is fitted so that its dilation and erosion agree with both edges:
each edge point constrains the one place of the curve that shaped it, least squares give the curve, and the places are
found anew until they stay. A summit, however narrow, is shaped by the upper edge alone, and a dip by the lower one.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import solveh_banded

FINE = 6
"""Points of the curve a column; a pen is only a few columns wide."""
NUM_ROUNDS = 6
STIFFNESS = 0.05
"""Weight of the difference of neighbours; it draws a straight line where no edge constrains the curve."""
STEEP = 32.0
"""Slope at which an edge counts half: on a steep stroke its height is uncertain."""


def curve_from_outline(top_px: np.ndarray, bottom_px: np.ndarray, radius_px: float) -> np.ndarray:
    """Height of the drawn curve at every column.

    Args:
        top_px: float, shape (columns,), upper edge of the ink, in rows counted downwards; NaN where there is none.
        bottom_px: float, shape (columns,), lower edge.
        radius_px: half of the pen's thickness.

    Returns:
        float, shape (columns,), rows counted downwards; interpolated where there is no ink.
    """
    upper, lower = (-_refined(edge) for edge in (top_px, bottom_px))
    inked = np.isfinite(_refined(top_px, keep_gaps=True))
    weights = [inked / (1 + (np.gradient(edge) * FINE / STEEP) ** 2) for edge in (upper, lower)]
    pen = _half_circle(radius_px * FINE) / FINE
    curve = (upper + lower) / 2
    for _ in range(NUM_ROUNDS):
        shaped_by = _places(curve, pen), _places(-curve, pen)
        targets = upper - pen[shaped_by[0][1]], lower + pen[shaped_by[1][1]]
        curve = _fit([place for place, _ in shaped_by], targets, weights)
    return -curve[::FINE]


def _refined(edge: np.ndarray, *, keep_gaps: bool = False) -> np.ndarray:
    """An edge at `FINE` points a column, by straight lines."""
    columns = np.arange(len(edge))
    fine = np.arange((len(edge) - 1) * FINE + 1) / FINE
    if keep_gaps:
        return np.interp(fine, columns, edge)
    known = np.isfinite(edge)
    return np.interp(fine, columns[known], edge[known])


def _half_circle(radius: float) -> np.ndarray:
    reach = int(radius)
    offsets = np.arange(-reach, reach + 1)
    return np.sqrt(np.maximum(radius**2 - offsets**2, 0))


def _places(curve: np.ndarray, pen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which point of the curve shapes each point of its dilation, and by which part of the pen."""
    reach = len(pen) // 2
    padded = np.pad(curve, reach, constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(pen))
    part = (windows + pen).argmax(axis=1)
    return np.arange(len(curve)) + part - reach, part


def _fit(places: list[np.ndarray], targets: tuple[np.ndarray, ...], weights: list[np.ndarray]) -> np.ndarray:
    """The curve nearest to targets at places, by weighted least squares."""
    size = len(targets[0])
    diagonal, right = np.zeros(size), np.zeros(size)
    for place, target, weight in zip(places, targets, weights, strict=True):
        diagonal += np.bincount(place, weight, size)
        right += np.bincount(place, weight * target, size)
    bands = np.full((2, size), -STIFFNESS)
    bands[1] = diagonal + 2 * STIFFNESS
    bands[1, [0, -1]] -= STIFFNESS
    return solveh_banded(bands, right)
