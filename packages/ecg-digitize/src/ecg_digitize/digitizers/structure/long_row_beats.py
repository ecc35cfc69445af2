"""Which seconds the columns of a page show, told by where the single beats of a long row stand.

Where nearly whole beats fit into a column, it runs alike with a long row at its beginning and at the column's own
place: each beat of the one stands little more than a millimetre from where that of the other would. Beats are placed
much more exactly than that, and those of columns that go on with time stand above the same beats of the long row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_digitize.digitizers.structure.beats import find_beats
from ecg_digitize.digitizers.structure.same_seconds import away_from_ends

LEAST_BEATS = 3
"""A column with fewer says nothing."""

EXACTLY_MM, ELSEWHERE_MM = 0.25, 0.75
"""Beats that are the same ones stand so near to each other, those of any column; and those that are not so far apart.
Leads that are steep where others are not have their beats little less than the second apart."""

NEARLY_MM, FAR_MM = 0.5, 1.25
"""On paper that is not quite flat they stand so near, and those that are not so far apart, in columns that all say it.
"""

IN_TURN_MM, ASIDE_MM = 0.3, 9.0
"""Beats that follow each other alike do so to the first; names may have all of a column off by the second."""

FOUND, FOUND_BETTER, FEW_FOUND_BETTER = 0.8, 0.25, 0.6
"""Share of the beats of columns found in a long row, and by how much it is more than elsewhere in it; noise and steps
look like a beat now and then. Of the fewest beats that tell it all but one are found nowhere else."""


def beats_show_beginning(
    columns: Sequence[np.ndarray], starts: Sequence[int], long_row: np.ndarray, step_mm: float
) -> bool | None:
    """Whether the beats of all columns are the first ones of a long row, and not those that stand below them.

    Args:
        columns: how steep the traces of each column are, over all its rows, float, shape (samples,) each.
        starts: where each column begins, in samples from the beginning of its row.
        long_row: how steep the trace of the long row is, of several the sum, float, shape (samples,).
        step_mm: distance of two samples.

    Returns:
        None where that is not clear.
    """
    apart = _apart_of_columns_mm(columns, starts, long_row, step_mm)
    if apart is None:
        return None
    first, below = apart
    if _are_told(first, below):
        return True
    return False if _are_told(below, first) else None


def intervals_show_beginning(
    columns: Sequence[np.ndarray], starts: Sequence[int], long_row: np.ndarray, step_mm: float
) -> bool | None:
    """Whether the beats of columns follow each other as the first ones of a long row do, and not as those below them,
    wherever the columns begin exactly; None where both do, as in a regular rhythm, or neither.

    Args:
        columns: as of `beats_show_beginning`.
        starts: likewise.
        long_row: likewise.
        step_mm: likewise.
    """
    long_mm = _beats_mm(long_row, step_mm)
    later = [
        (away_from_ends(_beats_mm(own, step_mm), len(own) * step_mm), start * step_mm)
        for own, start in zip(columns[1:], starts[1:], strict=True)
    ]
    fewest = min((len(beats_mm) for beats_mm, _ in later), default=0)
    if fewest < LEAST_BEATS:
        return None
    first, below = np.mean(
        [(_found_in_turn(own, long_mm), _found_in_turn(own + start_mm, long_mm)) for own, start_mm in later], axis=0
    )
    better = FEW_FOUND_BETTER if fewest == LEAST_BEATS else FOUND_BETTER
    if max(first, below) < FOUND or abs(first - below) < better:
        return None
    return bool(first > below)


def _found_in_turn(beats_mm: np.ndarray, long_mm: np.ndarray) -> float:
    """Share of some beats that are beats of a long row, all of them moved aside alike as fits best.

    Beats of the long row between them that they have not count against it.
    """
    aside_mm = (long_mm - beats_mm[:, None]).ravel()
    shares = [0.0]
    for moved_mm in beats_mm + aside_mm[np.abs(aside_mm) <= ASIDE_MM, None]:
        num_found = int((np.abs(_apart_mm(moved_mm, long_mm)) <= IN_TURN_MM).sum())
        ends_mm = moved_mm[0] - IN_TURN_MM, moved_mm[-1] + IN_TURN_MM
        num_between = int(((ends_mm[0] <= long_mm) & (long_mm <= ends_mm[1])).sum())
        shares.append(num_found / max(len(beats_mm), num_between))
    return max(shares)


def stand_beside_beats(
    columns: Sequence[np.ndarray], starts: Sequence[int], long_row: np.ndarray, step_mm: float
) -> bool:
    """Whether the beats of columns behind the first stand beside those of a long row, and as far apart as its first
    ones: they may be these, in columns that begin a little elsewhere.

    Args:
        columns: as of `beats_show_beginning`.
        starts: likewise.
        long_row: likewise.
        step_mm: likewise.
    """
    apart = _apart_of_columns_mm(columns, starts, long_row, step_mm)
    if apart is None or not _are_others(apart[1][1:]):
        return False
    spreads_mm = ((float(np.ptp(first)), float(np.ptp(below))) for first, below in zip(*apart, strict=True))
    return all(first_mm <= min(EXACTLY_MM, below_mm / 2) for first_mm, below_mm in list(spreads_mm)[1:])


def _apart_of_columns_mm(
    columns: Sequence[np.ndarray], starts: Sequence[int], long_row: np.ndarray, step_mm: float
) -> tuple[list[np.ndarray], list[np.ndarray]] | None:
    """How far the beats of each column stand from the first ones of a long row, and from those below them; None where
    there are too few.

    The first column, of which both are the same, tells how far from those of the long row the beats of a page stand.
    """
    long_mm = _beats_mm(long_row, step_mm)
    beats_mm = [away_from_ends(_beats_mm(own, step_mm), len(own) * step_mm) for own in columns]
    if len(columns) < 2 or min(map(len, [long_mm, *beats_mm])) < LEAST_BEATS:
        return None
    usual_mm = float(np.median(_apart_mm(beats_mm[0], long_mm)))
    first, below = (
        [
            _apart_mm(own + start * step_mm * is_below - usual_mm, long_mm)
            for own, start in zip(beats_mm, starts, strict=True)
        ]
        for is_below in (False, True)
    )
    return first, below


def _beats_mm(steep: np.ndarray, step_mm: float) -> np.ndarray:
    return find_beats(steep / max(float(steep.max()), 1e-9), step_mm) * step_mm


def _apart_mm(beats_mm: np.ndarray, long_mm: np.ndarray) -> np.ndarray:
    """How much farther right each beat stands than the nearest one of a long row."""
    apart = beats_mm[:, None] - long_mm
    return np.asarray(apart[np.arange(len(beats_mm)), np.abs(apart).argmin(axis=1)])


def _are_told(apart_mm: Sequence[np.ndarray], others_mm: Sequence[np.ndarray]) -> bool:
    """Whether the beats of columns are some of a long row, and not others; the first column has both in common."""
    is_exact = _are_the_same(apart_mm) and _are_others(others_mm[1:])
    return is_exact or _are_nearer(apart_mm[1:], others_mm[1:])


def _are_the_same(apart_mm: Sequence[np.ndarray]) -> bool:
    return all(float(np.abs(own).max()) <= EXACTLY_MM for own in apart_mm)


def _are_nearer(apart_mm: Sequence[np.ndarray], others_mm: Sequence[np.ndarray]) -> bool:
    """Whether the beats of every column stand nearly as some do, all of them alike, and far from others."""
    return all(
        float(np.abs(own).max()) <= FAR_MM / 2
        and abs(float(np.median(own))) <= NEARLY_MM
        and float(np.abs(other).min()) >= FAR_MM
        for own, other in zip(apart_mm, others_mm, strict=True)
    )


def _are_others(apart_mm: Sequence[np.ndarray]) -> bool:
    return all(abs(float(np.median(own))) >= ELSEWHERE_MM for own in apart_mm)
