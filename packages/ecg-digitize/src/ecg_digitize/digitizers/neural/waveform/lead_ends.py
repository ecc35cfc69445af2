"""Where a lead really begins and ends: it does not jump to what stands beside it.

Beside a lead stand the next lead at another level, a separator, a pulse's edge, a name, or the row below. Where a lead
is said to end and its trace jumps just there, the jump belongs to none of the two, and what lies beyond it not to this
lead: nothing is read there for some milliseconds.
"""

from __future__ import annotations

import numpy as np

NEAR_MM = 1.0
"""So near to an end of a lead a jump is looked for: 40 ms at 25 mm/s."""

STEEP = 6.0
"""Rise of a jump, in millimetres a millimetre, at least; most complexes do not end within this reach of an end."""

LEAST_MM = 1.5
"""A jump is so high, at least."""

ASIDE_PX = 2
"""Columns of the strip on either side of a jump that its ink still reaches to."""


def hanging_together(
    row_px: np.ndarray, first_px: float, last_px: float, *, across_px_per_mm: float, down_px_per_mm: float
) -> tuple[float, float]:
    """The part of a lead that hangs together, in columns of its strip: without jumps at its ends.

    Args:
        row_px: row of the trace in every column of the strip.
        first_px: column at which the lead is said to begin.
        last_px: column at which it is said to end.
        across_px_per_mm: columns a millimetre.
        down_px_per_mm: rows a millimetre.
    """
    reach = round(NEAR_MM * across_px_per_mm)
    steep = STEEP * down_px_per_mm / across_px_per_mm
    least = LEAST_MM * down_px_per_mm
    first, last = round(first_px), round(last_px)
    begin = _jump(row_px, first - reach, first + reach, steep, least)
    end = _jump(row_px, last - reach, last + reach, steep, least)
    start_px = first_px if begin is None else max(first_px, begin[1] + ASIDE_PX)
    stop_px = last_px if end is None else min(last_px, end[0] - ASIDE_PX)
    return start_px, stop_px


def _jump(row_px: np.ndarray, start: int, stop: int, steep: float, least: float) -> tuple[int, int] | None:
    """First and last column of the jump between two columns; None where the trace goes on."""
    start, stop = max(start, 0), min(stop, len(row_px))
    if stop - start < 3:
        return None
    rise = np.diff(row_px[start:stop])
    jumping = np.flatnonzero(np.abs(rise) >= steep)
    if not len(jumping) or abs(row_px[start + jumping[-1] + 1] - row_px[start + jumping[0]]) < least:
        return None
    return start + int(jumping[0]), start + int(jumping[-1]) + 1
