"""Columns that pulses or bare paper part: they tell themselves how long each is, and where it begins."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from ecg_digitize.digitizers.structure.evidence import PulseMark
from ecg_digitize.digitizers.structure.pulses import AT_AN_END, are_in_column, middle_mm
from ecg_digitize.digitizers.structure.time_axis import Stretch, parts_of_row

FOOT_MM = 0.5
"""A pulse has a foot of so much on either side, at least."""

GAP_MM = 2.0
"""Columns stand so far apart where bare paper parts them; what is narrower a bar or an unread stroke may leave, too."""

AGREED_MM = 1.5
"""Columns of several rows that begin nearer to each other begin at one place."""


@attrs.frozen
class PartedColumns:
    """Columns that do not touch, from the beginning of a row.

    Attributes:
        lengths_mm: how long each column is.
        gap_mm: paper from the end of one to the beginning of the next, the mean of all.
        have_pulses: whether a pulse stands before each.
    """

    lengths_mm: tuple[float, ...]
    gap_mm: float
    have_pulses: bool

    @property
    def row_mm(self) -> float:
        """Length of a row."""
        return sum(self.lengths_mm) + self.gap_mm * (len(self.lengths_mm) - 1)


def columns_between_pulses(
    pulses: Sequence[PulseMark], *, num_columns: int, num_rows: int, zero_mm: float, row_mm: float
) -> PartedColumns | None:
    """The columns of a page on which every lead has a pulse of its own; None where they have not.

    Args:
        pulses: its calibration pulses.
        num_columns: columns of its rows.
        num_rows: its rows.
        zero_mm: where its rows begin.
        row_mm: length of a row.
    """
    inner = sorted(
        (pulse for pulse in pulses if AT_AN_END * row_mm < middle_mm(pulse) - zero_mm < (1 - AT_AN_END) * row_mm),
        key=middle_mm,
    )
    groups: list[list[PulseMark]] = []
    for pulse in inner:
        if not groups or not are_in_column(groups[-1][-1], pulse):
            groups.append([])
        groups[-1].append(pulse)
    groups = [group for group in groups if len(group) >= num_rows / 2]
    if not groups or len(groups) != num_columns - 1:
        return None
    edges = [np.median([(pulse.left_mm, pulse.right_mm) for pulse in group], axis=0) - zero_mm for group in groups]
    starts = [0.0, *(float(right) + FOOT_MM for _left, right in edges)]
    ends = [*(float(left) - FOOT_MM for left, _right in edges), row_mm]
    gap_mm = float(np.mean([start - end for start, end in zip(starts[1:], ends, strict=False)]))
    return PartedColumns(tuple(end - start for start, end in zip(starts, ends, strict=True)), gap_mm, have_pulses=True)


def columns_between_gaps(
    rows: Sequence[Sequence[Stretch]], *, num_columns: int, pitch_mm: float, zero_mm: float
) -> PartedColumns | None:
    """The columns of a page on which bare paper follows on every lead; None where the rows do not agree about it.

    Args:
        rows: where each row of several leads has a trace, beginning and end of each stretch.
        num_columns: columns of its rows.
        pitch_mm: distance of the names of two columns.
        zero_mm: where its rows begin.
    """
    whole = [parts for row in rows if len(parts := parts_of_row(row, pitch_mm)) == num_columns]
    if num_columns < 2 or len(whole) < max(len(rows) / 2, 2):
        return None
    starts, ends = np.median(np.array(whole), axis=0).T - zero_mm
    off_mm = np.abs(np.array(whole)[:, 1:, 0] - zero_mm - starts[1:])
    gaps_mm = starts[1:] - ends[:-1]
    if gaps_mm.min() < GAP_MM or np.median(off_mm, axis=0).max() > AGREED_MM:
        return None
    starts[0] = 0.0
    return PartedColumns(tuple((ends - starts).tolist()), float(gaps_mm.mean()), have_pulses=False)
