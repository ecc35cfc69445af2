"""Whether the columns of a page show the same seconds, or one follows the other, told by where beats stand in them.

All leads of the same seconds have their beats at the same places of their columns. By chance beats stand so where
columns follow each other, too: then the rhythm goes on over the end of a column, as it does not where both begin anew.
It may seem to go on nevertheless, where nearly whole beats fit into a column. But no two beats of a heart are equally
far apart: intervals that differ within a column, and return in every other one, are the same ones (`returning`).
Columns with pulses of their own do not touch; there it is enough that the beats stand alike. A long row, which shows
all seconds, tells it best: it runs alike with a column either where that stands, or at its own beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ecg_digitize.digitizers.structure.beats import find_beats
from ecg_digitize.digitizers.structure.returning import (
    BY_CHANCE,
    chance_of_returning,
    repeat_themselves,
    shifts_of_same_beats_mm,
)

NEAR_MM, NEAR_APART_MM = 1.0, 1.5
"""Beats that differ by less stand at the same place; the second where each column has a beginning of its own."""

STRETCHED = 0.015
"""A page that is laid flat by its outline may be stretched so much more on one side than on the other: beats of long
columns that differ by no more of its length may stand at the same place."""

EDGE_MM = 3.0
"""So near to an end of such a column the remains of a pulse look like a beat, and one column may have a beat alone."""

BORDER_MM = 1.5
"""So near to the border of two columns what leads from one lead to the next looks like a beat."""

LEAST_BEATS = 2
LEAST_ALIKE, MOSTLY_ALIKE = 0.85, 0.75
"""Share of the beats that must have one at the same place of the other columns; and where intervals return that are
not alike."""

ELSEWHERE = 0.5
"""Rows of which no more of the beats have one at the same place of the next row show other seconds; by chance about
half of them have one where beats are close."""

REGULAR = 0.12
"""An interval goes on with the rhythm that differs from it by such a part of it, or less."""

EVENLY, BROKEN = 0.06, 0.2
"""Intervals of an even rhythm differ by such a part of it at most; and it does not go on over the end of a column where
that is off by such a part of one."""

MOST_GOING_ON = 0.34
"""Share of the ends of columns over which the rhythm may go on, at most."""

EXACTLY_MM, PUT_OFF_MM = 0.25, 0.5
"""Beats of the same seconds stand so exactly at the same places of their columns; and a rhythm is put off that goes on
so much too early or too late."""

NEARLY_MM, FAR_OFF = 0.5, 4.0
"""Where they stand so exactly, a rhythm is put off that goes on by so many times as much too early or too late as its
intervals differ."""

NOT_BY_CHANCE = 0.05
"""Intervals that return no better than is likely do not return; what lies between says nothing."""

CLEAR_COLUMNS = 2
"""So many columns at least have no other beats than those that all of them have; one, where these stand exactly alike.
"""

VARIED_MM = 0.3
"""Intervals that vary so much would return if they were the same ones."""

LEAST_INTERVALS = 4
"""So many distances of beats tell how evenly they follow each other, whether in two columns or one in each of many."""

STEADY, UNSTEADY = 0.03, 0.07
"""Beats follow each other as evenly, as a part of their distance, at best; less even ones than the second do not tell
where the next would stand."""

MOSTLY_STEADY, LEAST_STEADY = 0.7, 6
"""Such a part of the intervals, and so many, tell how evenly beats follow each other where the others are off: a wave
was taken for a beat of its own, or a beat comes early."""

FITS, FITS_NOT = 1.5, 3.0
"""A beat of the next column stands where the rhythm has it, or not, if it is off by fewer, or by more, such spreads."""

CLEARLY = 0.2
"""By how much more the beginning of a long row must run alike with the columns than what stands below them, or the
other way round."""


def show_beginning(
    columns: Sequence[np.ndarray], starts: Sequence[int], long_row: np.ndarray, step_mm: float
) -> bool | None:
    """Whether columns show the first seconds of a long row, each of them, and not those that stand at their place; None
    where they run alike with both, as those of a regular rhythm may.

    Args:
        columns: how steep the traces of each column are, over all its rows, float, shape (samples,) each.
        starts: where each column begins, in samples from the beginning of its row; the first, which begins there, says
            nothing.
        long_row: how steep the trace of the long row is, of several the sum, float, shape (samples,).
        step_mm: distance of two samples.
    """
    later = [(column, start) for column, start in zip(columns, starts, strict=True) if start > 0]
    gains = [
        _correlation(column, long_row, 0, step_mm) - _correlation(column, long_row, start, step_mm)
        for column, start in later
    ]
    gain = float(np.mean(gains)) if gains else -1.0
    return None if abs(gain) < CLEARLY else gain > 0


def run_better(
    columns: Sequence[np.ndarray],
    starts: Sequence[int],
    others: Sequence[int],
    long_row: np.ndarray,
    step_mm: float,
) -> bool | None:
    """Whether columns begin at some places of a long row rather than at others; None where that is not clear.

    Args:
        columns: as of `show_beginning`.
        starts: where each column may begin, in samples from the beginning of the long row.
        others: where else it may begin.
        long_row: as of `show_beginning`.
        step_mm: distance of two samples.
    """
    gains = [
        _correlation(column, long_row, start, step_mm) - _correlation(column, long_row, other, step_mm)
        for column, start, other in zip(columns, starts, others, strict=True)
        if start != other
    ]
    gain = float(np.mean(gains)) if gains else 0.0
    return None if abs(gain) < CLEARLY else gain > 0


def rhythm_goes_on(
    columns: Sequence[np.ndarray], starts: Sequence[int], others: Sequence[int], step_mm: float
) -> bool | None:
    """Whether the rhythm goes on from column to column if these begin at some places rather than at others; None where
    that is not clear.

    Args:
        columns: as of `show_beginning`.
        starts: when each column may begin, in samples from the beginning of the first.
        others: when else it may begin.
        step_mm: distance of two samples.
    """
    beats = [away_from_ends(find_beats(column, step_mm), len(column), BORDER_MM / step_mm) for column in columns]
    if len(columns) < 2 or min(map(len, beats)) < LEAST_BEATS:
        return None
    intervals = [np.diff(own) for own in beats]
    every = np.concatenate(intervals)
    if len(every) < LEAST_INTERVALS:
        return None
    spread = _spread_of(every)
    steady = every[np.abs(every / np.median(every) - 1) <= UNSTEADY]
    is_mostly_steady = len(steady) >= max(LEAST_STEADY, MOSTLY_STEADY * len(every))
    if spread > UNSTEADY and not is_mostly_steady:
        return None
    usual_of_all = float(np.median(steady)) if spread > UNSTEADY else None
    spread = max(_spread_of(steady) if spread > UNSTEADY else spread, STEADY)

    def off(begin: Sequence[int]) -> float:
        """By how many spreads the first beats of columns stand elsewhere than the rhythm of both sides has them; one of
        several may come early."""
        usual = [usual_of_all or (own[-1] + after[0]) / 2 for own, after in pairwise(intervals)]
        last = [start + own[-1] for start, own in zip(begin, beats, strict=True)]
        first = [start + own[0] for start, own in zip(begin, beats, strict=True)]
        beats_on = (np.array(first[1:]) - last[:-1]) / usual
        return float(np.median(np.abs(beats_on - np.maximum(np.rint(beats_on), 1)))) / spread

    here, there = off(starts), off(others)
    return here < there if min(here, there) < FITS and max(here, there) > FITS_NOT else None


def _spread_of(intervals: np.ndarray) -> float:
    """By how much intervals differ from their median, root mean square, as a part of it."""
    return float(np.sqrt(np.mean((intervals / np.median(intervals) - 1) ** 2)))


def away_from_ends(beats_mm: np.ndarray, length_mm: float, border_mm: float = BORDER_MM) -> np.ndarray:
    """Beats of a column without what stands too near to one of its ends to be one.

    Args:
        beats_mm: where they stand, from the beginning of the column.
        length_mm: of the column.
        border_mm: how near to an end is too near.
    """
    return beats_mm[(beats_mm > border_mm) & (beats_mm < length_mm - border_mm)]


def _correlation(column: np.ndarray, long_row: np.ndarray, start: int, step_mm: float) -> float:
    """How alike a column runs with the part of a long row that begins there, or a little before or behind; up to 1."""
    reach = round(NEAR_MM / step_mm)
    best = 0.0
    for at in range(max(start - reach, 0), start + reach + 1):
        below = long_row[at : at + len(column)]
        own = column[: len(below)]
        if len(below) >= len(column) / 2 and own.std() > 0 and below.std() > 0:
            best = max(best, float(np.corrcoef(own, below)[0, 1]))
    return best


def show_same_seconds(columns: Sequence[np.ndarray], step_mm: float, *, apart: bool = False) -> bool | None:
    """Whether columns show the same seconds; None where their beats stand alike, and nothing tells it.

    The step or bar from one lead to the next may look like a beat. Where only what stands so near to the ends of the
    columns tells that the beats do not stand alike, nothing tells it either.

    Args:
        columns: how steep the traces of each column are, over all its rows, float, shape (samples,) each, from its
            beginning to its end.
        step_mm: distance of two samples.
        apart: whether every column has a pulse of its own. A rate at which whole beats fit into a column goes on
            over it even so, and a pacemaker's spikes are seen in some leads alone.
    """
    beats_mm = [find_beats(column, step_mm) * step_mm for column in columns]
    if len(columns) < 2 or min(map(len, beats_mm)) < LEAST_BEATS:
        return False
    if apart:
        length_mm = min(map(len, columns)) * step_mm
        return min(_found_again(beats_mm[0], other, length_mm) for other in beats_mm[1:]) >= LEAST_ALIKE
    lengths_mm = [len(column) * step_mm for column in columns]
    told = _told_by_beats(beats_mm, lengths_mm)
    inner_mm = [away_from_ends(own, length) for own, length in zip(beats_mm, lengths_mm, strict=True)]
    if told is False and (
        _is_told_by_the_clear(beats_mm, lengths_mm)
        or shifts_of_same_beats_mm(inner_mm, min(lengths_mm)) is not None
        or _do_most_return(beats_mm, lengths_mm)
    ):
        told = True
    enough = min(map(len, inner_mm)) >= LEAST_BEATS
    inner_told = _told_by_beats(inner_mm, lengths_mm) if enough else False
    if told is not True and inner_told and _are_steps(beats_mm, inner_mm):
        told = True
    if told is not False:
        return told
    if _are_nearly_alike(beats_mm, lengths_mm) or _does_an_even_rhythm_break(beats_mm, lengths_mm):
        return None
    return None if enough and (inner_told or _are_nearly_alike(inner_mm, lengths_mm)) else False


def _are_steps(beats_mm: Sequence[np.ndarray], inner_mm: Sequence[np.ndarray]) -> bool:
    """Whether what stands too near to the ends of columns to be a beat comes too early for one, in an even rhythm."""
    intervals_mm = np.concatenate([np.diff(own) for own in inner_mm])
    usual_mm = float(np.median(intervals_mm))
    if len(intervals_mm) < LEAST_INTERVALS or np.abs(intervals_mm - usual_mm).max() > EVENLY * usual_mm:
        return False
    pairs = zip(beats_mm, inner_mm, strict=True)
    return all(
        float(np.abs(inner - beat).min()) < (1 - BROKEN) * usual_mm
        for own, inner in pairs
        for beat in np.setdiff1d(own, inner)
    )


def _are_nearly_alike(beats_mm: Sequence[np.ndarray], lengths_mm: Sequence[float]) -> bool:
    """Whether only a page that is not quite flat may be why the beats of its columns do not stand alike."""
    near_mm = STRETCHED * min(lengths_mm)
    least, stretched = (min(_alike(beats_mm[0], other, each) for other in beats_mm[1:]) for each in (NEAR_MM, near_mm))
    return least < LEAST_ALIKE <= stretched and _begins_anew(beats_mm, lengths_mm)


def show_other_seconds(rows: Sequence[np.ndarray], step_mm: float) -> bool:
    """Whether no two rows that follow each other show the same seconds: the beats of one stand elsewhere in the next.

    Args:
        rows: how steep the trace of each row is, float, shape (samples,) each, from where all of them begin.
        step_mm: distance of two samples.
    """
    beats_mm = [find_beats(row, step_mm) * step_mm for row in rows]
    if len(rows) < 2 or min(map(len, beats_mm)) <= LEAST_BEATS:
        return False
    return max(_alike(one, other) for one, other in pairwise(beats_mm)) <= ELSEWHERE


def _told_by_beats(beats_mm: Sequence[np.ndarray], lengths_mm: Sequence[float]) -> bool | None:
    """As of `show_same_seconds`, by all beats of columns so long."""
    if min(_alike(beats_mm[0], other) for other in beats_mm[1:]) < LEAST_ALIKE:
        return False
    begins_anew = _begins_anew(beats_mm, lengths_mm) or _is_put_off(beats_mm, lengths_mm)
    return True if begins_anew else _do_intervals_return(beats_mm)


def _is_told_by_the_clear(beats_mm: Sequence[np.ndarray], lengths_mm: Sequence[float]) -> bool:
    """Whether all beats of clear columns stand in every other one, too, and the rhythm does not go on with them.

    Low leads have noise and steps beside their beats that look like more of them.
    """
    fewest = min(beats_mm, key=len)
    common = [[own[np.abs(own - beat).argmin()] for own in beats_mm] for beat in fewest]
    apart_mm = float(np.abs(np.array(common) - fewest[:, None]).max())
    num_clear = sum(len(own) == len(fewest) for own in beats_mm)
    if len(fewest) < LEAST_BEATS or apart_mm > NEAR_MM or (num_clear < CLEAR_COLUMNS and apart_mm > EXACTLY_MM):
        return False
    over, _ = _intervals_over_ends(list(np.array(common).T), lengths_mm)
    return float(np.mean(np.abs(over - np.rint(over)) <= REGULAR)) <= MOST_GOING_ON


def _is_put_off(beats_mm: Sequence[np.ndarray], lengths_mm: Sequence[float]) -> bool:
    """Whether an even rhythm is put off at every end of a column, while the beats of all stand exactly alike.

    Columns that follow each other by nearly whole beats have each beat as much farther left or right as is missing.
    """
    if len(set(map(len, beats_mm))) > 1:
        return False
    apart_mm = float(np.ptp(np.array(beats_mm), axis=0).max())
    over, usual_mm = _intervals_over_ends(beats_mm, lengths_mm)
    off_mm = usual_mm * float(np.abs(over - np.rint(over)).min())
    if apart_mm <= EXACTLY_MM:
        return off_mm >= PUT_OFF_MM
    differ_mm = float(np.std(np.diff(beats_mm)))
    return apart_mm <= NEARLY_MM and off_mm >= max(FAR_OFF * differ_mm, 2 * PUT_OFF_MM)


def _does_an_even_rhythm_break(beats_mm: Sequence[np.ndarray], lengths_mm: Sequence[float]) -> bool:
    """Whether an even rhythm, which would go on over the ends of columns that follow each other, goes on over none, and
    the beats of all columns stand nearly alike."""
    over, usual_mm = _intervals_over_ends(beats_mm, lengths_mm)
    intervals_mm = np.concatenate([np.diff(own) for own in beats_mm])
    is_even = bool(np.abs(intervals_mm - usual_mm).max() <= EVENLY * usual_mm)
    are_near = min(_alike(beats_mm[0], other, EDGE_MM) for other in beats_mm[1:]) == 1.0
    return is_even and are_near and float(np.abs(over - np.rint(over)).min()) >= BROKEN


def _begins_anew(beats_mm: Sequence[np.ndarray], lengths_mm: Sequence[float]) -> bool:
    """Whether the rhythm does not go on over the ends of most columns."""
    over, _ = _intervals_over_ends(beats_mm, lengths_mm)
    return float(np.mean(np.abs(over - 1) <= REGULAR)) <= MOST_GOING_ON


def _intervals_over_ends(beats_mm: Sequence[np.ndarray], lengths_mm: Sequence[float]) -> tuple[np.ndarray, float]:
    """Distance of the last beat of each column and the first of the next, in usual ones; and how long those are."""
    usual_mm = float(np.median(np.concatenate([np.diff(own) for own in beats_mm])))
    ends = zip(lengths_mm, beats_mm, beats_mm[1:], strict=False)
    return np.array([length_mm - own[-1] + after[0] for length_mm, own, after in ends]) / usual_mm, usual_mm


def _do_intervals_return(beats_mm: Sequence[np.ndarray]) -> bool | None:
    """Whether the columns have the same intervals, by an analysis of variance; None where all intervals are alike."""
    intervals = _common_intervals(beats_mm)
    if intervals.shape[1] < LEAST_BEATS:
        return None
    chance = chance_of_returning(intervals)
    if chance < BY_CHANCE:
        return True
    return False if chance > NOT_BY_CHANCE and float(intervals.std()) >= VARIED_MM else None


def _do_most_return(beats_mm: Sequence[np.ndarray], lengths_mm: Sequence[float]) -> bool:
    """Whether most beats stand alike, the same uneven intervals lie between them, and the rhythm does not go on.

    A wide complex is steep where it rises and where it falls, each in other leads: some of its beats stand elsewhere.
    """
    if min(_alike(beats_mm[0], other) for other in beats_mm[1:]) < MOSTLY_ALIKE:
        return False
    intervals = _common_intervals(beats_mm)
    if intervals.shape[1] < LEAST_INTERVALS or repeat_themselves(intervals.mean(axis=0)):
        return False
    return chance_of_returning(intervals) < BY_CHANCE and _begins_anew(beats_mm, lengths_mm)


def _common_intervals(beats_mm: Sequence[np.ndarray]) -> np.ndarray:
    """Intervals between beats that stand alike in all columns and follow each other, shape (columns, intervals).

    Over a beat that one column has elsewhere, or not at all, there is none: it would be twice as long in all columns.
    """
    common = np.array([[other[np.abs(other - beat).argmin()] for beat in beats_mm[0]] for other in beats_mm])
    is_common = np.ptp(common, axis=0) <= NEAR_MM
    return np.asarray(np.diff(common, axis=1)[:, is_common[:-1] & is_common[1:]])


def _found_again(one_mm: np.ndarray, other_mm: np.ndarray, length_mm: float) -> float:
    """Share of the beats of the column with fewer, away from its ends, that the other has, too."""
    few, many = sorted((one_mm, other_mm), key=len)
    inner = away_from_ends(few, length_mm, EDGE_MM)
    return float((np.abs(inner[:, None] - many).min(axis=1) <= NEAR_APART_MM).mean()) if len(inner) else 0.0


def _alike(one_mm: np.ndarray, other_mm: np.ndarray, near_mm: float = NEAR_MM) -> float:
    """Share of the beats of both that have one of the other at the same place."""
    apart = np.abs(one_mm[:, None] - other_mm)
    return float(np.concatenate((apart.min(axis=1) <= near_mm, apart.min(axis=0) <= near_mm)).mean())
