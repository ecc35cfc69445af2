"""Lines that were ruled, such as the frame of a page, and that were read in place of the trace beside them.

Where the rows of a page stand close, its outermost ones come as near to the frame as traces do to each other, and the
frame is the darkest and straightest of all. It is painted over in the strip of such a row, and that is read anew. Where
the trace is thin, only some stretches of the line are read in its place.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ecg_core.curves import runs_of
from ecg_digitize.digitizers.neural.waveform.columns import KNOWN, PRESENT, Columns

STRAIGHT_PX, STRAIGHT = 1.5, 0.6
"""What was read lies so near to its middle in so large a part of its columns; a trace has waves."""

AWAY_PX = 12.0
"""So far from the level of its row a trace is not all the time."""

WIDTH_PX = 8
"""Rows that a ruled line takes, and its blur."""

GOES_ON = 0.5
"""What is read without the line is a trace if one is seen in so large a part of the columns where it is elsewhere."""


STRETCH_PX, STEP_PX, DOUBTFUL = 8, 0.5, 0.8
"""So long a stretch of a line is at least, in columns, each of which differs from the next by no more; and what was
read there is less certain, for the trace is there as well: the plateau of a wave has no other."""

AS_DARK, MOSTLY, BESIDE_PX = 0.5, 0.75, 5
"""A line is so dark beside what was read, as a part of what it is there, in so large a part of the strip, by the paper
so many rows above and below."""


def ruled_line_px(columns: Columns, strip: np.ndarray, level_px: float) -> float | None:
    """Row of the line that was read in place of a trace, or of stretches of it; None where what was read may be one.

    Args:
        columns: what was read of a strip.
        strip: uint8 RGB, shape (rows, columns, 3).
        level_px: row of the strip at which a trace is most of the time.
    """
    whole_px = _read_all_along(columns, level_px)
    return _read_now_and_then(columns, strip, level_px) if whole_px is None else whole_px


def _read_all_along(columns: Columns, level_px: float) -> float | None:
    rows = columns.row_px[columns.presence > PRESENT]
    if not len(rows):
        return None
    middle = float(np.median(rows))
    straight = float(np.mean(np.abs(rows - middle) <= STRAIGHT_PX))
    return middle if straight >= STRAIGHT and abs(middle - level_px) >= AWAY_PX else None


def _read_now_and_then(columns: Columns, strip: np.ndarray, level_px: float) -> float | None:
    stretches = list(_straight_stretches(columns, level_px))
    heights = np.array([float(np.median(columns.row_px[stretch])) for stretch in stretches])
    as_high = np.abs(heights[:, None] - heights) <= STRAIGHT_PX
    for most in np.argsort(-as_high.sum(axis=0), kind="stable"):
        own = [stretch for stretch, is_own in zip(stretches, as_high[most], strict=True) if is_own]
        if _goes_through(strip, round(float(heights[most])), own):
            return float(heights[most])
    return None


def _straight_stretches(columns: Columns, level_px: float) -> Iterator[slice]:
    """Where what was read runs straight, away from the level of its row, and not surely."""
    is_straight = np.abs(np.gradient(columns.row_px)) <= STEP_PX
    is_away = np.abs(columns.row_px - level_px) >= AWAY_PX
    for first, end in runs_of(is_straight & is_away & (columns.presence > PRESENT)):
        if end - first >= STRETCH_PX and columns.certainty[first:end].mean() < DOUBTFUL:
            yield slice(first, end)


def _goes_through(strip: np.ndarray, row: int, stretches: list[slice]) -> bool:
    """Whether a line goes on at a height where other stretches were read, nearly as dark as within them."""
    if not BESIDE_PX + 1 <= row < len(strip) - BESIDE_PX - 1:
        return False
    gray = strip.astype(np.float32).mean(axis=2)
    paper = np.minimum(gray[row - BESIDE_PX], gray[row + BESIDE_PX])
    dark = paper - gray[row - 1 : row + 2].min(axis=0)
    is_inside = np.zeros(strip.shape[1], bool)
    for stretch in stretches:
        is_inside[stretch] = True
    if is_inside.all():
        return True
    inside = float(np.median(dark[is_inside]))
    return inside > 0 and bool(np.mean(dark[~is_inside] >= AS_DARK * inside) >= MOSTLY)


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
    """Whether what was read without a line is a trace: it is seen where the line was read, which hid it.

    Args:
        without: what was read of the strip without the line.
        line: what was read in place of it.
    """
    elsewhere = (line.presence > PRESENT) & (np.abs(line.row_px - without.row_px) >= AWAY_PX)
    is_seen = (without.presence > PRESENT) & (without.certainty >= KNOWN)
    return bool(elsewhere.any()) and bool(np.mean(is_seen[elsewhere]) >= GOES_ON)
