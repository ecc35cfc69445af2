"""Lines that were ruled, such as the frame of a page, and that were read in place of the trace beside them.

Where the rows of a page stand close, its outermost ones come as near to the frame as traces do to each other, and the
frame is the darkest and straightest of all. It is painted over in the strip of such a row, and that is read anew.
"""

from __future__ import annotations

import numpy as np

from ecg_digitize.digitizers.neural.waveform.columns import PRESENT, Columns

STRAIGHT_PX, STRAIGHT = 1.5, 0.6
"""What was read lies so near to its middle in so large a part of its columns; a trace has waves."""

AWAY_PX = 12.0
"""So far from the level of its row a trace is not all the time."""

WIDTH_PX = 8
"""Rows that a ruled line takes, and its blur."""

GOES_ON = 0.5
"""What is read without the line is a trace if there is one in so large a part of the columns that had the line."""


def ruled_line_px(columns: Columns, level_px: float) -> float | None:
    """Row of the line that was read in place of a trace; None where what was read may be a trace.

    Args:
        columns: what was read of a strip.
        level_px: row of the strip at which a trace is most of the time.
    """
    rows = columns.row_px[columns.presence > PRESENT]
    if not len(rows):
        return None
    middle = float(np.median(rows))
    straight = float(np.mean(np.abs(rows - middle) <= STRAIGHT_PX))
    return middle if straight >= STRAIGHT and abs(middle - level_px) >= AWAY_PX else None


def without_line(strip: np.ndarray, line_px: float) -> np.ndarray:
    """A strip whose line is painted over with what lies above and below it, so that a wave that crosses it stays.

    Args:
        strip: uint8 RGB, shape (rows, columns, 3).
        line_px: row of the line.
    """
    above = round(line_px) - WIDTH_PX // 2
    below = above + WIDTH_PX
    if above < 0 or below >= len(strip):
        return strip
    share = np.linspace(0, 1, WIDTH_PX + 1)[:, None, None]
    painted = strip.copy()
    painted[above : below + 1] = np.rint((1 - share) * strip[above] + share * strip[below])
    return painted


def is_trace_beside(without: Columns, line: Columns) -> bool:
    """Whether what was read without a line is a trace: it is seen along the line, which hid it.

    Args:
        without: what was read of the strip without the line.
        line: what was read in place of it.
    """
    return bool(np.mean(without.presence[line.presence > PRESENT] > PRESENT) >= GOES_ON)
