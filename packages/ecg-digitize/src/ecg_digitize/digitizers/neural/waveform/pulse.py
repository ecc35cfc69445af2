"""The calibration pulses before the rows: how wide and tall they are tells speed and gain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import ceil

import numpy as np
from scipy.ndimage import maximum_filter, minimum_filter1d

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM

WIDTHS_MM = (2.5, 5.0, 10.0, 20.0)
HEIGHTS_MM = (5.0, 10.0, 20.0)
BEFORE_MM, AFTER_MM = 10.0, 1.5
"""The right edge of a pulse stands so far before the signal at most, or behind where it was thought to begin."""

LEVEL_MM = 1.5
"""How far the foot of a pulse may lie from the level of its row."""

STEP_MM = 0.5
BLUR_MM = 0.5
USUAL_MM = (5.0, 10.0)
LEAST_INK, LEAST_OF_UNUSUAL = 0.6, 0.7
"""Mean ink along each side of a pulse, at least; on photos it is 0.8 and more, mostly, and what only looks like a pulse
comes to 0.65. One that says 25 mm/s and 10 mm/mV may be a little fainter: it claims no more than would be assumed."""

FAVOUR = 0.1
"""Another pulse must be clearer by so much than the usual one; part of a pulse is also a smaller one."""

LEAST_ROWS = 0.5
"""Share of the rows that must show one."""


def find_pulse(trace: np.ndarray, zeros_mm: Sequence[float], time_zero_mm: float) -> tuple[float, float] | None:
    """Width and height of the calibration pulses in millimetres; None where there are none.

    Args:
        trace: ink of traces and pulses on the flat, upright paper, 0 to 1, shape (height, width), `PX_PER_MM`.
        zeros_mm: height of the level of each row, from the upper edge.
        time_zero_mm: where the signal begins, from the left edge.
    """
    first_px = max(round((time_zero_mm - BEFORE_MM - max(WIDTHS_MM)) * PX_PER_MM), 0)
    reach = 2 * round(BLUR_MM * PX_PER_MM) + 1
    last_px = round((time_zero_mm + AFTER_MM) * PX_PER_MM) + reach
    if first_px >= min(last_px, trace.shape[1]):
        return None  # the signal begins off the paper
    ink = maximum_filter(trace[:, first_px:last_px], (reach, reach))
    rights_mm = np.arange(time_zero_mm - BEFORE_MM, time_zero_mm + AFTER_MM, STEP_MM) - first_px / PX_PER_MM
    feet_mm = np.asarray(zeros_mm)[:, None] + np.arange(-LEVEL_MM, LEVEL_MM + STEP_MM / 2, STEP_MM)
    needed = ceil(LEAST_ROWS * len(feet_mm))
    clear = {}
    for size in product(WIDTHS_MM, HEIGHTS_MM):
        of_rows = np.sort(_strengths(ink, feet_mm, rights_mm, *size), axis=0)
        strength = float(of_rows[-needed].max())
        if strength >= (LEAST_INK if size == USUAL_MM else LEAST_OF_UNUSUAL):
            clear[size] = strength + FAVOUR * (size == USUAL_MM)
    return max(clear, key=lambda size: clear[size], default=None)


def _strengths(
    ink: np.ndarray, feet_mm: np.ndarray, rights_mm: np.ndarray, width_mm: float, height_mm: float
) -> np.ndarray:
    """How clear a pulse of that size is, by row and place.

    It is the mean ink along its faintest side, its foot at the best height; less where its inside is inked too.

    Args:
        ink: shape (height, width).
        feet_mm: heights at which the foot of a pulse of each row may stand, shape (rows, heights).
        rights_mm: where its right side may stand.

    Returns:
        Shape (rows, places); 0 where a pulse would not lie on the paper.
    """
    num_rows, num_columns = ink.shape
    foot, top = (np.rint(heights * PX_PER_MM).astype(int)[:, None] for heights in (feet_mm, feet_mm - height_mm))
    right, left = (np.rint(places * PX_PER_MM).astype(int)[:, None] for places in (rights_mm, rights_mm - width_mm))
    on_paper = (top >= 0) & (foot < num_rows) & (left >= 0) & (right < num_columns)
    top, foot = (rows.clip(0, num_rows - 1) for rows in (top, foot))
    left, right = (columns.clip(0, num_columns - 1) for columns in (left, right))
    down = np.pad(np.cumsum(ink, axis=0, dtype=np.float64), ((1, 0), (0, 0)))
    across = np.pad(np.cumsum(ink, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    tall, wide = np.maximum(foot - top, 1), right - left + 1
    sides = [(down[foot, column] - down[top, column]) / tall for column in (left, right)]
    roof = (across[top, right + 1] - across[top, left]) / wide
    width_px = round(width_mm * PX_PER_MM) + 1
    faintest = minimum_filter1d(ink, width_px, axis=1, mode="nearest", origin=-(width_px // 2))
    inside = faintest[(top + foot) // 2, left]
    strengths = np.where(on_paper, np.minimum.reduce([*sides, roof]) - inside, 0.0)
    return np.asarray(strengths.max(axis=-1))
