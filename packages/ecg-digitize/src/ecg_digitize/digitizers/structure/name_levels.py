"""Rows by the names that stand where no row of ink was found: each name is printed at the same height above its row.

Traces that wander or cross each other leave their ink all over the paper, and no height has enough of it for a row.
Their names stand one below the other with the others all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np

from ecg_digitize.digitizers.structure.chains import in_chains
from ecg_digitize.digitizers.structure.evidence import STROKE, InkRow, NameMark
from ecg_digitize.digitizers.structure.name_rows import NameGrid

CLEARLY, ALONE = 0.75, 0.85
"""How certainly names of several columns must be read to tell a row, in the mean of two; and that of the first one."""

SAME_COLUMN_MM, SAME_LINE_MM = 4.0, 3.0
"""Names of a column, and those of a row, stand so near to each other."""

EXACTLY_MM = 1.5
"""A stroke, which bars between leads are taken for as well, is a name if it stands in line with the others, by its left
edge or its middle, but for so much."""

LEAST_CERTAINTY = 0.6
"""What is less certain says nothing of rows: waves and words are taken for such names."""

NEAR = 0.6
"""Rows lie so far apart at least, in parts of the distance of those that were found."""

MOST_NEW = 4
"""So many rows at most are told so: where more are missing, the others are none."""


def rows_with_names(
    rows: Sequence[InkRow], grid: NameGrid, ink_at: Callable[[float], InkRow | None]
) -> list[InkRow] | None:
    """The rows of a page with those that only their names tell; None where there are none.

    Args:
        rows: the rows that were found, from the top.
        grid: their names; those of the other rows are among its strays.
        ink_at: the row of ink about a height in millimetres, of whatever strength; None where there is hardly any.
    """
    named = [row for row, own in zip(rows, grid.cells, strict=True) if any(own)]
    clear = [mark for mark in grid.strays if mark.certainty >= LEAST_CERTAINTY]
    in_columns = [mark for mark in clear if _stands_in_a_column(mark, grid)]
    if len(named) < 2 or not in_columns:
        return None
    lines = in_chains(in_columns, lambda mark: mark.y_mm, SAME_LINE_MM)
    levels = [_height_mm(line) - grid.shift_mm for line in lines if _tell_a_row(line, grid)]
    told = [attrs.evolve(inked, y_mm=level, by_names=True) for level in levels if (inked := ink_at(level)) is not None]
    apart_mm = NEAR * min(_pitch_mm(named), _pitch_mm([*rows, *told]))
    new: list[InkRow] = []
    for row in told:
        if all(abs(row.y_mm - other.level_mm) >= apart_mm for other in (*rows, *new)):
            new.append(_as_long(row, named))
    return sorted([*rows, *new], key=lambda row: row.level_mm) if 0 < len(new) <= MOST_NEW else None


def _stands_in_a_column(mark: NameMark, grid: NameGrid) -> bool:
    """Whether a name stands below or above others: one of a stroke, which bars and waves are, too, exactly."""
    column = grid.column_of(mark, SAME_COLUMN_MM)
    if column is None or mark.name != STROKE:
        return column is not None
    left_mm = grid.lefts_mm[column]
    off_mm = [abs(mark.x_mm - grid.columns_mm[column]), *([] if left_mm is None else [abs(mark.left_mm - left_mm)])]
    return min(off_mm) <= EXACTLY_MM


def _tell_a_row(line: Sequence[NameMark], grid: NameGrid) -> bool:
    """Whether names that stand in one line are those of a row: that of its first lead, or those of several columns."""
    by_certainty = sorted(line, key=lambda mark: mark.certainty)
    by_column = {grid.column_of(mark, SAME_COLUMN_MM): mark.certainty for mark in by_certainty}
    if len(by_column) > 1:
        return sum(by_column.values()) >= 2 * CLEARLY
    return by_column.get(0, 0.0) >= ALONE


def _height_mm(line: Sequence[NameMark]) -> float:
    return float(np.median([mark.y_mm for mark in line]))


def _pitch_mm(rows: Sequence[InkRow]) -> float:
    """Distance of rows that follow each other."""
    return float(np.median(np.diff(sorted(row.level_mm for row in rows))))


def _as_long(row: InkRow, others: Sequence[InkRow]) -> InkRow:
    """A row that reaches from where others begin to where they end, at least."""
    first_mm, last_mm = np.median([(other.first_mm, other.last_mm) for other in others], axis=0)
    return attrs.evolve(row, first_mm=min(row.first_mm, float(first_mm)), last_mm=max(row.last_mm, float(last_mm)))
