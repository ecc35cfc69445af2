"""Which lead a long row shows, told by its signal: at the seconds of a short print of the same lead both run alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

LAGS_MM = np.arange(-1.0, 1.01, 0.125)
"""So far apart the same moment may stand in two rows."""

STEP_MM = 0.125
PIECE_MM = 18.0
LEAST_MM = 25.0
"""So much of two rows must be there to compare them."""

SAME, NEXT = 0.4, 1.5
"""Two prints of a lead differ by less than so much of their size; and those of two leads by so many times more."""

APART, OTHER = 0.25, 0.8
"""Two prints that differ by more than the first are hardly of the same lead where another one runs alike; by more than
the second never."""


@attrs.frozen(eq=False)
class ShortPrint:
    """A lead as it is printed in a row of several.

    Attributes:
        lead: its name.
        x_mm: places along the paper, float, shape (samples,), `STEP_MM` apart.
        height_mm: height of the trace there; NaN where there is none.
    """

    lead: str
    x_mm: np.ndarray
    height_mm: np.ndarray


@attrs.frozen
class SignalMatch:
    """What a long row's signal says of its lead.

    Attributes:
        lead: the lead that it runs alike with; None where that is not clear.
        differences: by how much it differs from each lead, in parts of their size, by name.
    """

    lead: str | None
    differences: Mapping[str, float]


def match_signal(long_x_mm: np.ndarray, long_mm: np.ndarray, shorts: Sequence[ShortPrint]) -> SignalMatch:
    """The lead of a long row.

    Args:
        long_x_mm: places along the paper, rising, in the same millimetres as those of the short prints.
        long_mm: height of its trace there; NaN where there is none.
        shorts: the leads that are printed at the same seconds at the same places of other rows.
    """
    found: dict[str, float] = {}
    for short in shorts:
        difference = _difference(long_x_mm, long_mm, short)
        if difference is not None:
            found[short.lead] = min(difference, found.get(short.lead, np.inf))
    ranked = sorted(found, key=lambda lead: found[lead])
    is_clear = (
        bool(ranked) and found[ranked[0]] <= SAME and (len(ranked) == 1 or found[ranked[1]] >= NEXT * found[ranked[0]])
    )
    return SignalMatch(ranked[0] if is_clear else None, found)


def _difference(long_x_mm: np.ndarray, long_mm: np.ndarray, short: ShortPrint) -> float | None:
    """Root mean square difference at the best lag by the spread of the two; None where too little is there."""
    best: float | None = None
    for lag_mm in LAGS_MM:
        other = np.interp(short.x_mm + lag_mm, long_x_mm, long_mm, left=np.nan, right=np.nan)
        both = np.isfinite(other) & np.isfinite(short.height_mm)
        if both.sum() * STEP_MM < LEAST_MM:
            continue
        own, there = short.height_mm[both], other[both]
        value = _usual_spread(own - there) / max(_usual_spread(own, there), 1e-6)
        best = value if best is None else min(best, value)
    return best


def _usual_spread(*leads_mm: np.ndarray) -> float:
    """Root mean square height of leads about their means in most pieces of about a beat.

    One piece that was misread, or in which the baseline leaps, says nothing of a lead.
    """
    number = max(int(len(leads_mm[0]) * STEP_MM / PIECE_MM), 1)
    variances = [
        np.mean([piece.var() for piece in pieces])
        for pieces in zip(*(np.array_split(lead, number) for lead in leads_mm), strict=True)
    ]
    return float(np.sqrt(np.median(variances)))
