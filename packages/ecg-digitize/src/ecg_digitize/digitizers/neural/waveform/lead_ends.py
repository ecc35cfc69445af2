"""Where a lead really begins and ends: it does not jump to what stands beside it.

In the gap between two leads, or before a pulse, there is no trace, but names, separators and waves of the row below,
which a path that has to go somewhere takes. The network is less sure there that there is a trace; a complex that
happens to end a lead is as sure as any other part of it.
"""

from __future__ import annotations

import numpy as np

from ecg_core.curves import runs_of

NEAR_MM = 0.4
"""So near to where one lead is said to end and the next to begin lies some of the gap between them."""

LONGEST_MM = 1.5
"""A gap reaches so far into a lead at most."""

SURE = 0.8
"""Probability of a trace below which a column lies in a gap."""


def gap_about(presence: np.ndarray, place_px: float, *, across_px_per_mm: float) -> tuple[float, float] | None:
    """First and last column of the gap between two leads; None where the trace goes on from one to the other.

    Args:
        presence: probability of a trace in every column of the strip.
        place_px: column at which one lead is said to end and the next to begin.
        across_px_per_mm: columns a millimetre.
    """
    near, longest = (round(length_mm * across_px_per_mm) for length_mm in (NEAR_MM, LONGEST_MM))
    place = round(place_px)
    start, stop = max(place - longest, 0), min(place + longest + 1, len(presence))
    gaps = start + runs_of(presence[start:stop] < SURE) if stop > start else np.zeros((0, 2), int)
    close = [(first, last - 1) for first, last in gaps if first <= place + near and last - 1 >= place - near]
    return (float(close[0][0]), float(close[-1][1])) if close else None
