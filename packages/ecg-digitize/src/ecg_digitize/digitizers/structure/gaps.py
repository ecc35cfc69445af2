"""Columns that bare paper parts, such as panels of their own: how long each is, and whether the gaps take time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import attrs
import numpy as np

from ecg_digitize.digitizers.structure.pulses import PartedColumns
from ecg_digitize.digitizers.structure.scale import COLUMN_PLAUSIBLE
from ecg_digitize.digitizers.structure.time_axis import TraceSpan

LEAST_COLUMN_MM = 15.0
"""Shorter pieces of a trace are no column, but pulses, names and blots."""

GAP_MM = (3.0, 25.0)
"""How wide a gap between two columns is."""

AGREED_MM, LEAST_ROWS = 1.5, 0.5
"""Columns of all rows begin at one place, within the first; so large a part of the rows that have several shows it."""

USUAL = 0.01
"""A duration is a usual one of columns that differs from it by such a part."""


@attrs.frozen
class ColumnsApart:
    """Columns with bare paper between them.

    Attributes:
        parted: how long each is, and the gap.
        spans: what of each row has a trace, from its beginning to its end, gaps included.
    """

    parted: PartedColumns
    spans: tuple[TraceSpan, ...]

    @classmethod
    def of(cls, stretches: Sequence[Sequence[TraceSpan]], num_columns: int) -> Self | None:
        """The columns of a page; None where no gaps part them.

        Args:
            stretches: what of each row has a trace, as it hangs together, from left to right.
            num_columns: columns of its rows.
        """
        rows = [[each for each in row if each.length_mm >= LEAST_COLUMN_MM] for row in stretches]
        broken = [row for row in rows if len(row) > 1]
        whole = np.array([_ends(row) for row in broken if len(row) == num_columns])
        if num_columns < 2 or len(whole) < max(LEAST_ROWS * len(broken), 1):
            return None
        ends = np.median(whole, axis=0)
        agreed = (np.abs(whole - ends).max(axis=(1, 2)) <= AGREED_MM).sum()
        gaps_mm = ends[1:, 0] - ends[:-1, 1]
        if agreed < LEAST_ROWS * len(whole) or gaps_mm.min() < GAP_MM[0] or gaps_mm.max() > GAP_MM[1]:
            return None
        lengths_mm = tuple((ends[:, 1] - ends[:, 0]).tolist())
        spans = tuple(TraceSpan(row[0].y_mm, row[0].first_mm, row[-1].last_mm) for row in rows if row)
        return cls(PartedColumns(lengths_mm, float(gaps_mm.mean()), has_pulses=False), spans)


def _ends(row: Sequence[TraceSpan]) -> list[tuple[float, float]]:
    return [(each.first_mm, each.last_mm) for each in row]


def gaps_take_no_time(parted: PartedColumns, mm_per_s: float) -> bool:
    """Whether columns follow each other without the time that the paper between them would take.

    Then they last as makers have columns last. Else a column and its gap together do: the gap is a part of the lead
    that was not printed.
    """
    length_s = float(np.mean(parted.lengths_mm)) / mm_per_s
    return _off_usual(length_s) < min(_off_usual(length_s + parted.gap_mm / mm_per_s), USUAL)


def _off_usual(duration_s: float) -> float:
    return min(abs(duration_s / usual_s - 1) for usual_s in COLUMN_PLAUSIBLE)
