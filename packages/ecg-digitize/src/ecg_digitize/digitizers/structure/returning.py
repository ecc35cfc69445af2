"""Columns of the same seconds, wherever each begins, by intervals between beats that return in all of them.

No two beats of an irregular heart are equally far apart. Columns in which the same intervals follow each other show the
same seconds, also where columns that are not alike were taken to be; and their beats tell where each begins.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import fdtrc

NEAR_MM = 1.0
"""Beats that differ by less stand at the same place."""

LEAST_BEATS = 4
"""Fewer have too few intervals."""

MISPLACED = 0.1
"""A column begins no farther from where it was taken to, as a part of its length."""

PLACE_MM = 0.05
"""Beats are placed so exactly, at best."""

BY_CHANCE = 1e-3
"""How likely intervals may return by chance where they are taken for the same ones."""


def shifts_of_same_beats_mm(beats_mm: Sequence[np.ndarray], length_mm: float) -> np.ndarray | None:
    """How much farther right the same beats stand in each column than in the first; None where they are not the same.

    A rhythm that repeats itself, as one in which every other beat comes early does, tells nothing.

    Args:
        beats_mm: where the beats of each column stand, from its beginning, float, shape (beats,) each.
        length_mm: length of a column.
    """
    first, *others = beats_mm
    found = [_same_beats(first, other, MISPLACED * length_mm) for other in others]
    pairs = [pair for pair in found if pair is not None]
    if not pairs or len(pairs) < len(found):
        return None
    start = max(pair.start for pair, _ in pairs)
    stop = min(pair.stop for pair, _ in pairs)
    if stop - start < LEAST_BEATS:
        return None
    common = [
        first[start:stop],
        *(other[start - lag : stop - lag] for other, (_, lag) in zip(others, pairs, strict=True)),
    ]
    intervals = np.diff(common)
    if repeat_themselves(intervals.mean(axis=0)) or chance_of_returning(intervals) >= BY_CHANCE:
        return None
    return np.asarray(np.median(common - common[0], axis=1))


def chance_of_returning(intervals: np.ndarray) -> float:
    """How likely intervals are so much the same in all columns by chance, by an analysis of variance.

    Args:
        intervals: between beats that stand alike, in millimetres, float, shape (columns, intervals).
    """
    num_columns, num_intervals = intervals.shape
    between = num_columns * float(intervals.mean(axis=0).var(ddof=1))
    within = max(float(intervals.var(axis=0, ddof=1).mean()), PLACE_MM**2)
    return float(fdtrc(num_intervals - 1, num_intervals * (num_columns - 1), between / within))


def repeat_themselves(intervals: np.ndarray) -> bool:
    """Whether the intervals of a rhythm are alike, or those of every second or third beat are.

    Args:
        intervals: between beats that follow each other, in millimetres, float, shape (intervals,).
    """
    lags = range(1, len(intervals))
    return any(np.abs(intervals[lag:] - intervals[:-lag]).max() <= NEAR_MM for lag in lags)


def _same_beats(one: np.ndarray, other: np.ndarray, reach_mm: float) -> tuple[slice, int] | None:
    """Which beats of a column another one has, too, and by how many theirs come sooner; at either end one of them may
    have one more. None where that is not clear."""
    ways = []
    for lag in (-1, 0, 1):
        own = slice(max(lag, 0), min(len(one), len(other) + lag))
        beats = own.stop - own.start
        if beats < max(LEAST_BEATS, max(len(one), len(other)) - 1):
            continue
        apart = other[own.start - lag : own.stop - lag] - one[own]
        shift = float(np.median(apart))
        if abs(shift) <= reach_mm and np.abs(apart - shift).max() <= NEAR_MM:
            ways.append((own, lag))
    return ways[0] if len(ways) == 1 else None
