"""Lines of bars that part all rows of a page evenly: so many columns it has, whether or not their names were read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_digitize.digitizers.structure.chains import in_chains
from ecg_digitize.digitizers.structure.evidence import BarMark, InkRow

BAR_MM, REACH_MM = 1.0, 2.0
"""Bars of a line stand so nearly one below the other, and cross a row or end so near to it."""

MOSTLY = 0.6
"""A line crosses such a part of the rows."""

LEAST_LINES, LEAST_APART_MM = 2, 25.0
"""One line alone may be anything, complexes of all rows at one time say; columns are never nearer to each other."""

EVEN, AT_AN_END = 0.04, (0.8, 1.3)
"""The distances of lines differ by no more than such a part; and the rows begin before the first and end behind the
last one by such a part of it, for a pulse may stand there."""


def even_lines_mm(bars: Sequence[BarMark], rows: Sequence[InkRow]) -> tuple[float, ...]:
    """Where lines part the rows evenly, from the left; none where they do not.

    Lines that cross most rows in one piece are told from complexes that several rows have at one place.

    Args:
        bars: what stands between leads.
        rows: the rows of ink.
    """
    lines = [line for line in in_chains(bars, lambda bar: bar.x_mm, BAR_MM) if _share_crossed(line, rows) >= MOSTLY]
    whole = [line for line in lines if max(_share_crossed([bar], rows) for bar in line) >= MOSTLY]
    return _even(whole, rows) or _even(lines, rows)


def column_starts(lines_mm: Sequence[float]) -> tuple[float, ...]:
    """Where columns begin, by lines that part the rows evenly: the first so far before the first line; none without."""
    return (2 * lines_mm[0] - lines_mm[1], *lines_mm) if len(lines_mm) >= LEAST_LINES else ()


def _even(lines: Sequence[Sequence[BarMark]], rows: Sequence[InkRow]) -> tuple[float, ...]:
    """The places of some lines if they are even."""
    places_mm = np.array([float(np.median([bar.x_mm for bar in line])) for line in lines])
    if len(places_mm) < LEAST_LINES:
        return ()
    apart_mm = np.diff(places_mm)
    pitch_mm = float(apart_mm.mean())
    first_mm, last_mm = np.median([(row.first_mm, row.last_mm) for row in rows], axis=0)
    ends = np.array([places_mm[0] - first_mm, last_mm - places_mm[-1]]) / pitch_mm
    least, most = AT_AN_END
    is_even = np.ptp(apart_mm) <= EVEN * pitch_mm and bool(((least <= ends) & (ends <= most)).all())
    return tuple(places_mm.tolist()) if is_even and pitch_mm >= LEAST_APART_MM else ()


def _share_crossed(line: Sequence[BarMark], rows: Sequence[InkRow]) -> float:
    """Share of the rows that the bars of a line cross, or nearly do."""
    return float(
        np.mean([any(bar.top_mm - REACH_MM < row.level_mm < bar.foot_mm + REACH_MM for bar in line) for row in rows])
    )
