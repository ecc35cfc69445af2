"""Rows that run straight all along: the line of a frame mostly, and once in a while a lead that was off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import median_filter

LEVEL_MM, PIECE_MM = 25.0, 40.0
"""The level of a trace is that of so much paper about; and in so much there is a beat."""

AWAY_MM, COMPLEX = 0.35, 0.025
"""In most pieces a beat takes a trace so far from its level, over so much of the piece, at least. Of a hundred rows of
real pages the lowest goes twice as far; lines of frames come to half of it as they are read."""

FRAME = "a line {y_mm:.0f} mm from the upper edge of the paper runs straight all along: it was taken for one of a frame"


def which_run_straight(rows_mm: Sequence[np.ndarray], step_mm: float) -> list[bool]:
    """Whether each row runs straight, where others have beats.

    Args:
        rows_mm: height of the trace of each row from the top; NaN where there is none.
        step_mm: distance of the places at which they are told.
    """
    straight = [_runs_straight(row_mm[np.isfinite(row_mm)], step_mm) for row_mm in rows_mm]
    return [not all(straight) and each for each in straight]


def doubts_of_straight_rows(straight: Sequence[bool]) -> list[str]:
    """What makes it uncertain that rows which run straight are rows."""
    return [
        f"row {number} from the top runs straight all along: it is the line of a frame, or a lead that was off; check "
        "the rows, or give them by --layout"
        for number, is_straight in enumerate(straight, start=1)
        if is_straight
    ]


def _runs_straight(row_mm: np.ndarray, step_mm: float) -> bool:
    number, about = int(len(row_mm) * step_mm / PIECE_MM), round(LEVEL_MM / step_mm)
    if number < 2:
        return False
    away_mm = np.abs(row_mm - median_filter(row_mm, about, mode="nearest"))
    return bool(np.median([np.quantile(piece, 1 - COMPLEX) for piece in np.array_split(away_mm, number)]) < AWAY_MM)
