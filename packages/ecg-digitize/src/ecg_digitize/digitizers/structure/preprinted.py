"""Print on paper whose grid was there before: the print is a little longer or shorter than the grid has it.

Columns that makers print last 2.5 s, say; where they are not quite 62.5 mm long by the grid, their names stand as much
too near to each other or too far apart, and all rows are too short or too long by as much, time goes on at the print's
own speed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_digitize.digitizers.structure.time_axis import (
    COLUMN_DURATIONS_S,
    SAMPLE_INTERVAL_S,
    ColumnLength,
    TraceSpan,
    usual_length_mm,
)

LEAST_MM, LEAST_ROWS, MOST = 0.8, 3, 0.025
"""Rows are too long or too short by so much at least, so many of them say so closely, and by no more than the third as
a part of their length."""

CLOSE_MM, AS_USUAL_MM = 0.5, 0.3
"""Rows that differ by less say the same closely: in a photo their ends are read to a third of a millimetre; and a row
that is as long as the grid has it, but for so much, says that only the columns are packed."""

OF_WHAT_IS_OFF, OF_A_ROW = 1 / 3, 0.2
"""Names stand as far apart as the columns that were measured but for such a part of what those are off; and rows that
say it closely differ by such a part of what they are off."""


def as_printed(
    column: ColumnLength, rows: Sequence[TraceSpan], *, num_columns: int, pitch_mm: float | None, speed_mm_per_s: float
) -> ColumnLength:
    """The length of a column as it is on paper, where rows and names say together that the print has another scale.

    Where a column lasts no usual time by the grid, it does by the print, if that is so little longer or shorter.

    Args:
        column: its length as makers have it at the speed by the grid.
        rows: what of all rows has a trace, those of one lead among them.
        num_columns: columns of a row.
        pitch_mm: distance of the names of two columns; None where there is one column alone.
        speed_mm_per_s: paper speed by the grid.
    """
    usual_mm = usual_length_mm(rows)
    if pitch_mm is None or num_columns < 2 or usual_mm is None:
        return column
    measured_mm = (usual_mm + SAMPLE_INTERVAL_S * speed_mm_per_s) / num_columns
    duration_s = column.duration_s if column.is_usual else _usual_near(measured_mm / speed_mm_per_s)
    if duration_s is None:
        return column
    off_mm = measured_mm - duration_s * speed_mm_per_s
    lengths_mm = np.array([row.length_mm for row in rows])
    close = np.abs(lengths_mm - usual_mm) <= max(CLOSE_MM, OF_A_ROW * num_columns * abs(off_mm))
    is_off = LEAST_MM <= num_columns * abs(off_mm) <= MOST * num_columns * duration_s * speed_mm_per_s
    near_mm = OF_WHAT_IS_OFF * abs(off_mm)
    whole_mm = num_columns * duration_s * speed_mm_per_s - SAMPLE_INTERVAL_S * speed_mm_per_s
    none_is_usual = np.abs(lengths_mm - whole_mm).min() > AS_USUAL_MM
    rows_agree = close.sum() >= LEAST_ROWS and close.mean() >= 1 / 2 and none_is_usual
    agree = rows_agree and abs(pitch_mm - measured_mm) <= near_mm
    if not (is_off and agree):
        return column
    is_prolonged = num_columns * (measured_mm - pitch_mm) >= LEAST_MM  # by the foot of a pulse, which names are not
    return ColumnLength(pitch_mm if is_prolonged else measured_mm, duration_s, True)


def _usual_near(duration_s: float) -> float | None:
    """The duration of columns as makers print them that differs from one by so little; None where there is none."""
    near = [each_s for each_s in COLUMN_DURATIONS_S if abs(duration_s / each_s - 1) <= MOST]
    return near[0] if near else None
