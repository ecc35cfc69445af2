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
    straight = [_runs_straight(row_mm, step_mm) for row_mm in rows_mm]
    return [not all(straight) and each for each in straight]


def doubts_of_straight_rows(straight: Sequence[bool]) -> list[str]:
    """What makes it uncertain that rows which run straight are rows."""
    return [
        f"row {number} from the top runs straight all along: it is the line of a frame, or a lead that was off; check "
        "the rows, or give them by --layout"
        for number, is_straight in enumerate(straight, start=1)
        if is_straight
    ]


def has_beats_throughout(row_mm: np.ndarray, step_mm: float) -> bool:
    """Whether a row goes away from its level in every piece, as traces do and the line of a frame with words on it does
    not.

    Args:
        row_mm: as of `which_run_straight`, of one row.
        step_mm: likewise.
    """
    beats_mm = _beats_mm(row_mm, step_mm)
    return len(beats_mm) > 1 and min(beats_mm) >= AWAY_MM


def _runs_straight(row_mm: np.ndarray, step_mm: float) -> bool:
    beats_mm = _beats_mm(row_mm, step_mm)
    return len(beats_mm) > 1 and bool(np.median(beats_mm) < AWAY_MM)


def _beats_mm(row_mm: np.ndarray, step_mm: float) -> list[float]:
    """How far a row goes away from its level in each piece; none where nothing of it is known."""
    known_mm = row_mm[np.isfinite(row_mm)]
    number, about = int(len(known_mm) * step_mm / PIECE_MM), round(LEVEL_MM / step_mm)
    if number == 0:
        return []
    away_mm = np.abs(known_mm - median_filter(known_mm, about, mode="nearest"))
    return [float(np.quantile(piece, 1 - COMPLEX)) for piece in np.array_split(away_mm, number)]
