"""Columns of unequal length by their limb leads: the sums of these are zero only as far as their column goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np

from ecg_digitize.digitizers.structure.limb_timing import part_left, zero_sums
from ecg_digitize.digitizers.structure.long_rows import STEP_MM

HOLD, BREAK, TIMES_AS_MUCH = 0.35, 0.5, 2.0
"""Sums are zero where less is left, as part of the size of the leads, though rows may lean a little yet; they are not
where more than the second is, and so many times as much as elsewhere in their column."""

HOLD_AS_WELL, CLOSE = 1.5, 0.1
"""They are zero in a stretch, too, where no more than so many times as much is left, and the second."""

MOST = 0.75
"""Share of the sums that must say the same."""

ACTIVE = 0.4
"""Of a stretch that has less than so much of the waves of its column nothing is left in any case."""

FARTHEST_MM = 3.0
"""Columns are as long as each other, maybe, where the names say so but for this."""

BESIDE_MM = 0.75
"""So much beside a border is no matter: names stand so far askew."""


@attrs.frozen(eq=False)
class TracedRow:
    """A row with a lead in every column.

    Attributes:
        leads: its leads, from the left.
        height_mm: height of its trace, float, shape (samples,), `STEP_MM` apart; NaN where there is none.
        first_mm: where that begins, from where the row does.
    """

    leads: Sequence[str]
    height_mm: np.ndarray
    first_mm: float

    def between(self, first_mm: float, last_mm: float) -> np.ndarray:
        """Its heights between two places, which count from where it begins."""
        first, last = (max(round((place - self.first_mm) / STEP_MM), 0) for place in (first_mm, last_mm))
        return self.height_mm[first:last]


def do_names_tell_columns(rows: Sequence[TracedRow], names_mm: Sequence[float | None], *, row_mm: float) -> bool | None:
    """Whether columns are as long as their names stand apart, not alike, by limb leads; None where they do not tell it.

    What lies between where the names have a border, and where columns of equal length would, is of the column before
    it or of the one behind it: of limb leads where their sums are zero, of none where they are not.

    Args:
        rows: the rows with a lead in every column.
        names_mm: where the names of each column begin; None for one of which none was read.
        row_mm: length of a row.
    """
    known_mm = [place for place in names_mm if place is not None]
    if len(known_mm) < len(names_mm) or len(known_mm) < 2:
        return None
    column_mm = row_mm / len(known_mm)
    named_mm = np.subtract(known_mm[1:], known_mm[0]).tolist()
    votes = [
        vote
        for border, named in enumerate(named_mm)
        if abs(named - (border + 1) * column_mm) > FARTHEST_MM
        for vote in _votes(rows, border, named, column_mm)
    ]
    return next((side for side in (True, False) if votes and votes.count(side) >= MOST * len(votes)), None)


def _votes(rows: Sequence[TracedRow], border: int, named_mm: float, column_mm: float) -> Iterator[bool]:
    """Whether a border stands where the names have it, by each sum of limb leads before or behind it that tells it."""
    equal_mm = (border + 1) * column_mm
    first_mm, last_mm = sorted((named_mm, equal_mm))
    for column in (border, border + 1):
        is_its_own_by_names = (named_mm > equal_mm) == (column == border)
        within_mm = (last_mm - column_mm, first_mm) if column == border else (last_mm, first_mm + column_mm)
        for own in _sums(rows, column):
            within, between = (
                [part * row.between(start + BESIDE_MM, end - BESIDE_MM) for row, part in own]
                for start, end in (within_mm, (first_mm, last_mm))
            )
            usual, left = part_left(within), part_left(between)
            if not usual <= HOLD or _size(between) < ACTIVE * _size(within):  # not a number where nothing was read
                continue
            is_zero = left <= HOLD_AS_WELL * usual + CLOSE
            if is_zero or left >= max(BREAK, TIMES_AS_MUCH * usual):
                yield is_zero == is_its_own_by_names


def _size(leads: Sequence[np.ndarray]) -> float:
    """How large the waves of some leads are, root mean square; 0 where nothing is known."""
    known = [lead[np.isfinite(lead)] for lead in leads]
    return float(np.sqrt(np.mean([np.var(each) for each in known]))) if all(map(len, known)) else 0.0


def _sums(rows: Sequence[TracedRow], column: int) -> Iterator[list[tuple[TracedRow, float]]]:
    """The rows whose leads of a column sum up to zero, each with its part."""
    own = {row.leads[column]: row for row in rows}
    for parts in zero_sums(own):
        yield [(own[lead], part) for lead, part in parts.items()]
