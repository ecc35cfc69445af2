"""Where a lead really begins and ends: it does not jump to what stands beside it.

Beside a lead stand the next lead at another level, a separator, a pulse's edge, a name, or the row below. Where a lead
is said to end and its trace jumps just there, the jump belongs to none of the two, and what lies beyond it not to this
lead: nothing is read there for some milliseconds. A heartbeat that happens to lie at an end is no jump, and is told by
the other ones, which are as tall.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from ecg_core.curves import runs_of

NEAR_MM = 1.0
"""So near to an end of a lead a jump is looked for: 40 ms at 25 mm/s."""

STEEP = 6.0
"""Rise of a jump, in millimetres a millimetre, at least; most complexes do not end within this reach of an end."""

LEAST_MM = 1.5
"""A jump is so high, at least."""

TALLER = 1.3
"""A jump is that much taller than the lead's complexes; one that runs over the end itself need not be."""

ASIDE_PX = 2
"""Columns of the strip on either side of a jump that its ink still reaches to."""

STEP_PX = 5
"""A jump takes no more columns: its two sides are as steep as the pen is wide, those of a complex lean."""

BEYOND_PX = 8
"""What a trace jumps to is so long at least; a pen's line ends no earlier than half its width behind its last place."""


def hanging_together(
    row_px: np.ndarray, first_px: float, last_px: float, *, across_px_per_mm: float, down_px_per_mm: float
) -> tuple[float, float]:
    """The part of a lead that hangs together, in columns of its strip: without jumps at its ends.

    Args:
        row_px: row of the trace in every column of the strip; NaN where there is none.
        first_px: column at which the lead is said to begin.
        last_px: column at which it is said to end.
        across_px_per_mm: columns a millimetre.
        down_px_per_mm: rows a millimetre.
    """
    reach = round(NEAR_MM * across_px_per_mm)
    steep = STEEP * down_px_per_mm / across_px_per_mm
    least = LEAST_MM * down_px_per_mm
    first, last = round(first_px), round(last_px)
    tall = max(least, TALLER * _tallest(row_px[max(first + reach, 0) : max(last - reach, 0)], 2 * reach))

    def jumps_at(place: int) -> list[tuple[int, int]]:
        """The jumps near an end."""
        near = _steps(row_px, place - reach, place + reach, steep)
        return [
            (start, stop) for start, stop, height in near if height >= (least if _is_at(start, stop, place) else tall)
        ]

    begins, ends = jumps_at(first), jumps_at(last)
    start_px = max([first_px, *(stop + ASIDE_PX for _, stop in begins)])
    stop_px = min([last_px, *(start - ASIDE_PX for start, _ in ends)])
    return start_px, stop_px


def _is_at(start: int, stop: int, place: int) -> bool:
    """Whether a jump runs over a column."""
    return start <= place + ASIDE_PX and stop >= place - ASIDE_PX


def _tallest(row_px: np.ndarray, over_px: int) -> float:
    """How tall the tallest complex of a trace is, within so many columns."""
    known = row_px[np.isfinite(row_px)]
    if len(known) < over_px:
        return 0.0
    return float((maximum_filter1d(known, over_px) - minimum_filter1d(known, over_px)).max())


def _steps(row_px: np.ndarray, start: int, stop: int, steep: float) -> list[tuple[int, int, float]]:
    """First and last column of each step from trace to trace between two columns, and its height in rows."""
    start, stop = max(start, 0), min(stop, len(row_px))
    if stop - start < 3:
        return []
    rise = np.diff(row_px[start:stop])
    runs = [start + run for sign in (-1, 1) for run in runs_of(sign * rise >= steep)]
    return [
        (int(first), int(last), float(abs(row_px[last] - row_px[first])))
        for first, last in runs
        if last - first <= STEP_PX and np.isfinite(row_px[last : last + BEYOND_PX]).all()
    ]
