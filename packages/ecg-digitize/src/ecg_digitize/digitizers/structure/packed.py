"""Columns that stand a little nearer to each other on paper than the time from one to the next.

Some programs leave out the last moments of every lead where the next one begins, and let its column begin that much
earlier. A row of one lead is as long as its time, then, and rows of several are shorter, all by the same; each lead is
drawn at the paper's own speed and begins when it would.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_digitize.digitizers.structure.time_axis import (
    CLOSE_MM,
    NEAR_MM,
    SAMPLE_INTERVAL_S,
    ColumnLength,
    TraceSpan,
    usual_length_mm,
)

LEAST_MM, LEAST_ROWS, AGREEING = 1.0, 2, 0.5
"""Rows of columns are shorter by so much at least, so many of them, and more than the third as a part of all by the
same: one may fade before its end, but none is longer."""

OF_NAMES_MM = 0.3
"""Columns whose names stand at the distance that they would have, but for so much, are not packed."""


def distance_of_columns_mm(
    of_columns: Sequence[TraceSpan],
    long_rows: Sequence[TraceSpan],
    column: ColumnLength,
    *,
    num_columns: int,
    pitch_mm: float | None,
    speed_mm_per_s: float,
) -> float:
    """From where one column begins to where the next one does; that of their time where nothing says otherwise.

    Args:
        of_columns: what of the rows of several leads has a trace.
        long_rows: the same of rows of one lead.
        column: how long a column is by its time.
        num_columns: columns of a row.
        pitch_mm: distance of the names of two columns; None where there is one column alone.
        speed_mm_per_s: paper speed.
    """
    sample_mm = SAMPLE_INTERVAL_S * speed_mm_per_s
    whole_mm, long_mm = (usual_length_mm(spans) for spans in (of_columns, long_rows))
    if num_columns < 2 or whole_mm is None or long_mm is None or not column.is_usual:
        return column.mm
    lengths_mm = np.array([span.length_mm for span in of_columns])
    of_time_mm = num_columns * column.mm - sample_mm
    agreeing = np.abs(lengths_mm - whole_mm) <= CLOSE_MM
    agree = agreeing.sum() >= LEAST_ROWS and agreeing.mean() > AGREEING and lengths_mm.max() <= whole_mm + CLOSE_MM
    is_shorter = min(of_time_mm, long_mm) - whole_mm >= LEAST_MM and of_time_mm - whole_mm <= NEAR_MM
    named_apart = pitch_mm is not None and abs(pitch_mm - column.mm) <= OF_NAMES_MM
    if not agree or not is_shorter or abs(long_mm - of_time_mm) > LEAST_MM or named_apart:
        return column.mm
    return (whole_mm + sample_mm) / num_columns


def unpacked(spans: Sequence[TraceSpan], levels_mm: Sequence[float], missing_mm: float) -> list[TraceSpan]:
    """Rows as long as they would be, were the columns as far from each other as their time says.

    Args:
        spans: what of the rows has a trace.
        levels_mm: heights of the rows of several leads.
        missing_mm: by how much those are shorter.
    """
    return [
        TraceSpan(span.y_mm, span.first_mm, span.last_mm + missing_mm) if span.y_mm in levels_mm else span
        for span in spans
    ]
