"""Columns of unequal length, by all that marks their borders together: names, bars, and breaks of the traces.

Names begin alike beside where their columns do, mostly: they tell lengths to half a millimetre, if bars or breaks show
that they tell them. A bar at some of the rows says little by itself, for steep waves are taken for bars, and neither
does a break in some of the traces. So each place counts by how rarely one is marked as much anywhere along the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import attrs
import numpy as np
from scipy.ndimage import maximum_filter1d, median_filter, minimum_filter1d

from ecg_digitize.digitizers.structure.evidence import BarMark
from ecg_digitize.digitizers.structure.long_rows import STEP_MM
from ecg_digitize.digitizers.structure.parted import REACH_MM, UNEQUAL, PartedColumns
from ecg_digitize.digitizers.structure.time_axis import PART

ASIDE_MM, BESIDE_MM, AROUND_MM = 0.25, 1.0, 5.0
"""A trace steps within so much on either side; it is straight beside that for so much; and in the mean of so much,
which is more than a complex, it is at another level, too."""

LASTING = 0.3
"""Such a part of a step is left in the mean of what is around it."""

SMALL_MM = 0.25
"""Steps of this size are hardly told from what a pen and a reading leave."""

ROWS_APART_MM = 0.6
"""The same border may be seen so far apart in two rows."""

NEAR_MM, FARTHEST_MM = 1.0, 3.0
"""Borders are looked for so near to where names or equal lengths have them; the names may have them off by the second.
"""

OFF_MM, OFF_COST = np.arange(-12.0, FARTHEST_MM + 0.25, 0.5), 0.25
"""Where rows begin too early or too late all borders are off by as much, where the picture cuts off their beginning by
more; and what a millimetre of it costs."""

CLEAR, CLEARER = 3.0, 4.0
"""The borders of a page are so rare in the mean, by the logarithm; and all together by so much rarer where the names
have them than where columns of equal length would."""


@attrs.frozen(eq=False)
class BorderMarks:
    """How much every place along the rows of a page is marked as a border of columns.

    Attributes:
        first_mm: the first place.
        rarity: for each place, `STEP_MM` apart, the logarithm of how rarely a place is marked as much, from 0.
    """

    first_mm: float
    rarity: np.ndarray

    @classmethod
    def of(
        cls, rows_mm: Sequence[np.ndarray], first_mm: float, bars: Sequence[BarMark], levels_mm: Sequence[float]
    ) -> Self:
        """What bars mark, and where traces break.

        Args:
            rows_mm: height of the trace of each row of several leads along it, `STEP_MM` apart, float, shape (places,);
                NaN where there is none.
            first_mm: the first place.
            bars: the bars of the page.
            levels_mm: heights of those rows.
        """
        broken = np.array([_break(row) for row in rows_mm])
        crossed = np.zeros_like(broken)
        for bar in bars:
            at = round((bar.x_mm - first_mm) / STEP_MM)
            reached = [bar.top_mm - REACH_MM < y_mm < bar.foot_mm + REACH_MM for y_mm in levels_mm]
            if 0 <= at < len(broken[0]):
                crossed[np.flatnonzero(reached), at] = 1.0
        return cls(first_mm, _rarity(broken) + _rarity(crossed))

    def near(self, places_mm: Sequence[float] | np.ndarray) -> tuple[float, list[float]]:
        """How rarely the clearest places near some are marked as much, the sum of all; and where they are."""
        found = [self._clearest(place_mm) for place_mm in places_mm]
        return sum(rarity for rarity, _ in found), [place for _, place in found]

    def _clearest(self, place_mm: float) -> tuple[float, float]:
        first, last = ((place_mm - self.first_mm + off_mm) / STEP_MM for off_mm in (-NEAR_MM, NEAR_MM))
        around = np.arange(max(round(first), 0), min(round(last) + 1, len(self.rarity)))
        highest = float(self.rarity[around].max(initial=0.0))
        if highest <= 0:
            return 0.0, place_mm
        return highest, self.first_mm + STEP_MM * float(around[self.rarity[around] == highest].mean())


def columns_between_marks(
    marks: BorderMarks, names_mm: Sequence[float | None], *, zero_mm: float, row_mm: float
) -> PartedColumns | None:
    """The columns of a page that are not equally long, as names, bars and breaks tell together; None where they may be.

    Args:
        marks: what marks borders.
        names_mm: where the names of each column begin; None for one of which none was read.
        zero_mm: where its rows begin.
        row_mm: length of a row.
    """
    known_mm = [place for place in names_mm if place is not None]
    if len(known_mm) < len(names_mm) or len(known_mm) < 2:
        return None
    column_mm = row_mm / len(known_mm)
    equal_mm = zero_mm + column_mm * np.arange(1, len(known_mm))
    named_mm = zero_mm + np.subtract(known_mm[1:], known_mm[0])
    off_mm = max(OFF_MM, key=lambda each: marks.near(named_mm + each)[0] - OFF_COST * abs(each))
    rarity, found_mm = marks.near(named_mm + off_mm)
    rarity -= OFF_COST * abs(off_mm)
    borders_mm = named_mm + float(np.median(found_mm - named_mm))
    lengths_mm = np.diff([zero_mm, *borders_mm, zero_mm + row_mm])
    is_told = rarity >= CLEAR * len(equal_mm) and rarity - marks.near(equal_mm)[0] >= CLEARER
    may_be_equal = np.abs(named_mm - equal_mm).max() <= FARTHEST_MM or np.ptp(lengths_mm) < UNEQUAL * column_mm
    if not is_told or may_be_equal or lengths_mm.min() < PART * column_mm:
        return None
    return PartedColumns(tuple(lengths_mm.tolist()), 0.0, have_pulses=False)


def _rarity(by_row: np.ndarray) -> np.ndarray:
    """The logarithm of how rarely something is as strong in all rows as at each place; 0 where it is not there at all.

    Args:
        by_row: how strong it is, shape (rows, places).
    """
    near = 2 * round(ROWS_APART_MM / STEP_MM) + 1
    strength = maximum_filter1d(by_row, near, axis=1).mean(axis=0)
    as_strong = len(strength) - np.searchsorted(np.sort(strength), strength, side="left")
    return np.where(strength > 0, -np.log(as_strong / len(strength)), 0.0)


def _break(height_mm: np.ndarray) -> np.ndarray:
    """How much a trace breaks at every place: how far it steps beyond what it moves beside, by orders of size.

    A wave goes back to the level that it left, or takes time to go to another one; where a lead ends the trace steps to
    the next one at once, and stays there.
    """
    known = np.flatnonzero(np.isfinite(height_mm))
    if len(known) < 2:
        return np.zeros(len(height_mm))
    filled = np.interp(np.arange(len(height_mm)), known, height_mm[known])
    there = np.isfinite(height_mm).astype(float)
    close, beside, around = (round(mm / STEP_MM) for mm in (2 * ASIDE_MM, BESIDE_MM, AROUND_MM))
    levels = [_on_both_sides(median_filter(filled, width, mode="nearest"), width) for width in (close, around)]
    step, lasting = (behind - before for before, behind in levels)
    moved = maximum_filter1d(filled, beside) - minimum_filter1d(filled, beside)
    beyond = np.abs(step) - sum(_on_both_sides(moved, beside))
    is_seen = np.minimum(*_on_both_sides(minimum_filter1d(there, close), close)) > 0
    is_step = is_seen & (beyond > 0) & (step * lasting > 0) & (np.abs(lasting) > LASTING * np.abs(step))
    return np.where(is_step, np.log1p(np.maximum(beyond, 0.0) / SMALL_MM), 0.0)


def _on_both_sides(values: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """What is told by so many samples about each place, of those before it and of those behind it."""
    away = round(ASIDE_MM / STEP_MM) + width // 2
    padded = np.pad(values, away, mode="edge")
    return padded[: len(values)], padded[2 * away :]
