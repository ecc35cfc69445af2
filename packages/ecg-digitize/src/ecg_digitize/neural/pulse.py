"""The calibration pulses before the rows: how wide and tall they are tells speed and gain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy.ndimage import maximum_filter

from ecg_digitize.neural.flat import PX_PER_MM

WIDTHS_MM = (2.5, 5.0, 10.0, 20.0)
HEIGHTS_MM = (5.0, 10.0, 20.0)
BEFORE_MM, AFTER_MM = 10.0, 1.5
"""The right edge of a pulse stands so far before the signal at most, or behind where it was thought to begin."""

LEVEL_MM = 1.5
"""How far the foot of a pulse may lie from the level of its row."""

STEP_MM = 0.5
BLUR_MM = 0.5
LEAST_INK = 0.4
"""Mean ink along each side of a pulse, at least."""

LEAST_ROWS = 0.5
"""Share of the rows that must show one."""


def find_pulse(trace: np.ndarray, zeros_mm: Sequence[float], time_zero_mm: float) -> tuple[float, float] | None:
    """Width and height of the calibration pulses in millimetres; None where there are none.

    Args:
        trace: ink of traces and pulses on the flat, upright paper, 0 to 1, shape (height, width), `PX_PER_MM`.
        zeros_mm: height of the level of each row, from the upper edge.
        time_zero_mm: where the signal begins, from the left edge.
    """
    reach = 2 * round(BLUR_MM * PX_PER_MM) + 1
    ink = maximum_filter(trace, (reach, reach))
    clear = {
        size: share
        for size in product(WIDTHS_MM, HEIGHTS_MM)
        if (share := _share_of_rows(ink, zeros_mm, time_zero_mm, *size)) >= LEAST_ROWS
    }
    return max(clear, key=lambda size: (clear[size], size[1], size[0]), default=None)


def _share_of_rows(
    ink: np.ndarray, zeros_mm: Sequence[float], time_zero_mm: float, width_mm: float, height_mm: float
) -> float:
    """Share of the rows with a pulse of that size, all at the same place."""
    rights = np.arange(time_zero_mm - BEFORE_MM, time_zero_mm + AFTER_MM, STEP_MM)
    shares = [[_strength(ink, zero_mm, right, width_mm, height_mm) for right in rights] for zero_mm in zeros_mm]
    return float((np.array(shares) >= LEAST_INK).mean(axis=0).max())


def _strength(ink: np.ndarray, zero_mm: float, right_mm: float, width_mm: float, height_mm: float) -> float:
    """Mean ink along the faintest side of a pulse, its foot at the best height; less where its inside is inked too."""
    left, right = (round(place * PX_PER_MM) for place in (right_mm - width_mm, right_mm))
    if left < 0 or right >= ink.shape[1]:
        return 0.0
    best = 0.0
    for foot_mm in np.arange(zero_mm - LEVEL_MM, zero_mm + LEVEL_MM + STEP_MM, STEP_MM):
        top, foot = round((foot_mm - height_mm) * PX_PER_MM), round(foot_mm * PX_PER_MM)
        if top < 0 or foot >= ink.shape[0]:
            continue
        sides = ink[top:foot, left].mean(), ink[top:foot, right].mean(), ink[top, left : right + 1].mean()
        inside = ink[(top + foot) // 2, left : right + 1].min()
        best = max(best, float(min(sides) - inside))
    return best
