"""Columns that pulses, bare paper or bars part: they tell themselves how long each is, and where it begins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Self

import attrs
import numpy as np

from ecg_digitize.digitizers.structure.chains import in_chains
from ecg_digitize.digitizers.structure.evidence import BarMark, PulseMark
from ecg_digitize.digitizers.structure.pulses import AT_AN_END, columns_of_pulses, middle_mm
from ecg_digitize.digitizers.structure.time_axis import COLUMN_DURATIONS_S, PART, Stretch, parts_of_row

FOOT_MM = 0.5
"""A pulse has a foot of so much on either side, at least."""

GAP_MM, NARROW_MM = 2.0, 0.8
"""Columns stand so far apart where bare paper parts them; what is narrower than the first a bar or an unread stroke may
leave, too."""

BAR_MM, UNEQUAL = 1.0, 0.08
"""Bars of one line differ by less; and columns by so much, in parts of their mean, where bars say that they are not
alike: on crumpled paper equal ones seem to differ by 0.055."""

MOSTLY, REACH_MM, NAME_MM, AS_LONG = 0.5, 2.0, 5.0, 0.6
"""A line of bars crosses more than such a part of the rows, or ends so near to their zero lines; the bars of names
stand so near to it; and a line of such a part of its length is nearly as long."""

LIKE_NAMES_MM = 8.0
"""Names of all columns stand alike beside where these begin, but for so much."""

UNEVEN_NAMES, UNEVEN_ALIGNED, FEWEST_NAMED = 0.2, 0.15, 3
"""Names of equal columns stand as far apart as each other but for so much of it, however wide they are and wherever
they stand; for the second where all rows have them begin one below the other; and so many tell it."""

WIDEST_MM, NAMES_OFF_MM = 5.0, 1.0
"""Paper between columns that takes no time is no wider, and names stand as far apart as columns with it, but for so
much."""

AGREED_MM = 1.5
"""Columns of several rows that begin nearer to each other begin at one place."""

EVENLY, FEWEST_LATER = 0.02, 3
"""Names of so many columns at least stand as far apart as equal columns are long, but for such a part of it."""

SPEEDS_MM_PER_S = (25.0, 50.0)
"""Speeds that makers print at mostly."""

NEARLY, EACH_NEARLY = 0.01, 0.025
"""Columns last as makers have them where their mean differs from that by less, as a part of it, and each by less."""

FEWEST_WITH_INNER = 4
"""Of so many columns those between others tell how long all are."""


@attrs.frozen
class PartedColumns:
    """Columns that do not touch, from the beginning of a row.

    Attributes:
        lengths_mm: how long each column is.
        gap_mm: paper from the end of one to the beginning of the next, the mean of all.
        have_pulses: whether a pulse stands before each.
        by_names: whether only the places of the names tell it.
    """

    lengths_mm: tuple[float, ...]
    gap_mm: float
    have_pulses: bool
    by_names: bool = False

    @property
    def row_mm(self) -> float:
        """Length of a row."""
        return sum(self.lengths_mm) + self.gap_mm * (len(self.lengths_mm) - 1)

    @property
    def _whole_mm(self) -> tuple[float, ...]:
        """Lengths of the columns between others, of several; a pulse or a step is read as a part of those at an end."""
        return self.lengths_mm[1:-1] if len(self.lengths_mm) >= FEWEST_WITH_INNER else self.lengths_mm

    def end_to_end(self, mm_per_s: float) -> Self | None:
        """The columns where each begins when the one before ends, as long as makers have them; None where it does not.

        Most makers leave a part of a lead out between two columns, so that a column and the paper behind it together
        last as columns do. Where the columns by themselves do, that paper takes no time.

        Args:
            mm_per_s: paper speed.
        """
        if self.have_pulses or not self.last_as_usual(mm_per_s):
            return None
        usual_mm = mm_per_s * _usual_s(float(np.mean(self._whole_mm)) / mm_per_s)
        gap_mm = self.gap_mm + float(np.mean(self.lengths_mm[:-1])) - usual_mm
        return attrs.evolve(self, lengths_mm=(usual_mm,) * len(self.lengths_mm), gap_mm=gap_mm)

    def stand_as_usual(self, mm_per_s: float) -> bool:
        """Whether a column and the paper behind it last as makers have columns: then a part of each lead is left out.

        Args:
            mm_per_s: paper speed.
        """
        return _off_usual((float(np.mean(self._whole_mm)) + self.gap_mm) / mm_per_s) <= NEARLY

    def last_as_usual(self, mm_per_s: float) -> bool:
        """Whether the columns last as makers have them, rather than with the paper behind each.

        Args:
            mm_per_s: paper speed.
        """
        lengths_s = np.array(self._whole_mm) / mm_per_s
        mean_s = float(lengths_s.mean())
        if self.gap_mm < NARROW_MM or np.abs(lengths_s / _usual_s(mean_s) - 1).max() > EACH_NEARLY:
            return False
        return _off_usual(mean_s) <= min(NEARLY, _off_usual(mean_s + self.gap_mm / mm_per_s))


def _usual_s(duration_s: float) -> float:
    """The nearest duration that makers print columns of."""
    return min(COLUMN_DURATIONS_S, key=lambda each_s: abs(duration_s / each_s - 1))


def _off_usual(duration_s: float) -> float:
    """By which part of it a duration differs from the nearest one that makers print columns of."""
    return abs(duration_s / _usual_s(duration_s) - 1)


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
    first_mm, last_mm = AT_AN_END * row_mm, (1 - AT_AN_END) * row_mm
    inner = [pulse for pulse in pulses if first_mm < middle_mm(pulse) - zero_mm < last_mm]
    groups = [group for group in columns_of_pulses(inner) if len(group) >= num_rows / 2]
    if not groups or len(groups) != num_columns - 1:
        return None
    edges = [np.median([(pulse.left_mm, pulse.right_mm) for pulse in group], axis=0) - zero_mm for group in groups]
    starts = [0.0, *(float(right) + FOOT_MM for _left, right in edges)]
    ends = [*(float(left) - FOOT_MM for left, _right in edges), row_mm]
    gap_mm = float(np.mean([start - end for start, end in zip(starts[1:], ends, strict=False)]))
    if min(end - start for start, end in zip(starts, ends, strict=True)) <= 0:
        return None
    return PartedColumns(tuple(end - start for start, end in zip(starts, ends, strict=True)), gap_mm, have_pulses=True)


def columns_between_gaps(
    rows: Sequence[Sequence[Stretch]],
    *,
    num_columns: int,
    pitch_mm: float,
    zero_mm: float,
    least_mm: float = GAP_MM,
) -> PartedColumns | None:
    """The columns of a page on which bare paper follows on every lead; None where the rows do not agree about it.

    Args:
        rows: where each row of several leads has a trace, beginning and end of each stretch.
        num_columns: columns of its rows.
        pitch_mm: distance of the names of two columns.
        zero_mm: where its rows begin.
        least_mm: what is narrower is no paper that parts columns.
    """
    whole = [parts for row in rows if len(parts := parts_of_row(row, pitch_mm)) == num_columns]
    if num_columns < 2 or len(whole) < max(len(rows) / 2, 2):
        return None
    places_mm = np.array(whole) - zero_mm
    starts, ends = np.median(places_mm, axis=0).T
    off_mm = np.abs(places_mm[:, 1:, 0] - starts[1:])
    gaps_mm = starts[1:] - ends[:-1]
    if gaps_mm.min() < least_mm or np.median(off_mm, axis=0).max() > AGREED_MM:
        return None
    starts[0] = 0.0
    if (ends - starts).min() <= 0:
        return None  # rows do not begin where most of them were taken to
    return PartedColumns(tuple((ends - starts).tolist()), float(gaps_mm.mean()), have_pulses=False)


def columns_between_narrow_gaps(
    rows: Sequence[Sequence[Stretch]], *, num_columns: int, pitch_mm: float, zero_mm: float
) -> PartedColumns | None:
    """The columns of a page that stand a little apart, as the columns by themselves tell; None where they do not.

    A bar between columns that touch leaves bare paper, too. There is some where the columns last as makers have them
    without it, at a speed that they print at, rather than with it.

    Args:
        rows: where each row of several leads has a trace, narrow gaps left out.
        num_columns: columns of its rows.
        pitch_mm: distance of the names of two columns.
        zero_mm: where its rows begin.
    """
    found = columns_between_gaps(rows, num_columns=num_columns, pitch_mm=pitch_mm, zero_mm=zero_mm, least_mm=NARROW_MM)
    return found if found is not None and any(map(found.last_as_usual, SPEEDS_MM_PER_S)) else None


def columns_between_bars(
    bars: Sequence[BarMark],
    *,
    names_mm: Sequence[float | None],
    levels_mm: Sequence[float],
    zero_mm: float,
    row_mm: float,
) -> PartedColumns | None:
    """The columns of a page on which bars stand between the leads; None where there are none, or all are as long.

    Of two lines side by side the longer one parts the columns: names may have bars of their own ("|V1"). Complexes of
    all rows at one time may seem to be a line, too; so all columns are as long where lines nearly as long say it, and
    names stand as far apart as the lines do. The last column says nothing of it, for a pulse at the end of the rows may
    seem to be a part of it; unless it is shorter, for the edge of the picture cuts it off.

    Args:
        bars: its bars.
        names_mm: where the names of each column stand; None for one of which none was read.
        levels_mm: heights of its rows of several leads.
        zero_mm: where its rows begin.
        row_mm: length of a row.
    """
    num_columns = len(names_mm)
    first_mm, last_mm = (share * row_mm / num_columns for share in (PART, num_columns - PART))
    inner = [bar for bar in bars if first_mm < bar.x_mm - zero_mm < last_mm]
    lines = [
        line for line in in_chains(inner, lambda bar: bar.x_mm, BAR_MM) if _share_crossed(line, levels_mm) > MOSTLY
    ]
    places = _side_by_side(lines)
    if len(places) != num_columns - 1:
        return None
    lengths_mm, *others_mm = (np.diff([zero_mm, *sorted(of_each), zero_mm + row_mm]) for of_each in product(*places))
    are_alike = any(map(_are_alike, [lengths_mm, *others_mm])) and not _is_cut_off(lengths_mm)
    if lengths_mm.min() < PART * lengths_mm.mean() or are_alike:
        return None
    starts_mm = zero_mm + np.cumsum([0.0, *lengths_mm[:-1]])
    behind_mm = [place - start for place, start in zip(names_mm, starts_mm, strict=True) if place is not None]
    is_alone = len(places) == 1 and not _is_cut_off(lengths_mm)
    if (behind_mm and np.ptp(behind_mm) > LIKE_NAMES_MM) or (is_alone and len(behind_mm) < num_columns):
        return None
    return PartedColumns(tuple(lengths_mm.tolist()), 0.0, have_pulses=False)


def columns_of_usual_length(
    row_mm: float, *, num_columns: int, pitch_mm: float, mm_per_s: float
) -> PartedColumns | None:
    """Columns as makers have them that stand a little apart, where the names stand so and a row is as long.

    Traces and names may bridge the paper between them; that there is any, a long row must tell.

    Args:
        row_mm: length of a row.
        num_columns: its columns.
        pitch_mm: distance of the names of two columns.
        mm_per_s: paper speed.

    Returns:
        None where no usual columns fit.
    """
    for column_mm in (mm_per_s * each_s for each_s in COLUMN_DURATIONS_S):
        gap_mm = (row_mm - num_columns * column_mm) / max(num_columns - 1, 1)
        if NARROW_MM <= gap_mm <= WIDEST_MM and abs(column_mm + gap_mm - pitch_mm) <= NAMES_OFF_MM:
            return PartedColumns((column_mm,) * num_columns, gap_mm, have_pulses=False)
    return None


def columns_from(starts_mm: Sequence[float], row_mm: float) -> PartedColumns | None:
    """Columns that touch and begin at some places; None where one of them would have no room.

    Args:
        starts_mm: where each begins, from the beginning of a row; that of the first is where the row begins.
        row_mm: length of a row.
    """
    lengths_mm = np.diff([0.0, *starts_mm[1:], row_mm])
    if lengths_mm.min() < PART * lengths_mm.mean():
        return None
    return PartedColumns(tuple(lengths_mm.tolist()), 0.0, have_pulses=False)


def columns_by_names(
    names_mm: Sequence[float | None], row_mm: float, *, are_told: bool = False, are_aligned: bool = False
) -> PartedColumns | None:
    """The columns of a page whose names stand so unevenly that its columns cannot be alike; None where they may be.

    Args:
        names_mm: where the names of each column stand; None for one of which none was read.
        row_mm: length of a row.
        are_told: whether something else tells that columns are as long as their names stand apart.
        are_aligned: whether the names of each column begin one below the other.
    """
    known_mm = [place for place in names_mm if place is not None]
    if len(known_mm) < len(names_mm) or len(known_mm) < (2 if are_told else FEWEST_NAMED):
        return None
    apart_mm = np.diff(known_mm)
    uneven = UNEVEN_ALIGNED if are_aligned else UNEVEN_NAMES
    if not are_told and np.ptp(apart_mm) < uneven * apart_mm.mean():
        return None
    if not are_told and _is_only_the_first_off(apart_mm, row_mm / len(known_mm)):
        return None
    found = columns_from(np.subtract(known_mm, known_mm[0]).tolist(), row_mm)
    return None if found is None else attrs.evolve(found, by_names=not are_told)


def _is_only_the_first_off(apart_mm: np.ndarray, equal_mm: float) -> bool:
    """Whether the names behind the first one stand as far apart as equal columns are long: then what was read as the
    first is a wave of its row, and its column is as long as the others."""
    later_mm = apart_mm[1:]
    return len(later_mm) >= FEWEST_LATER - 1 and bool(np.abs(later_mm / equal_mm - 1).max() <= EVENLY)


def _side_by_side(lines: Sequence[Sequence[BarMark]]) -> list[list[float]]:
    """Places where columns may be parted, the longest line first; with each those of lines beside it nearly as long."""
    places: list[list[float]] = []
    longest_mm: list[float] = []
    for line in sorted(lines, key=_length_mm, reverse=True):
        at_mm = float(np.mean([bar.x_mm for bar in line]))
        beside = [number for number, place in enumerate(places) if abs(at_mm - place[0]) <= NAME_MM]
        if not beside:
            places.append([at_mm])
            longest_mm.append(_length_mm(line))
        elif _length_mm(line) > AS_LONG * longest_mm[beside[0]]:
            places[beside[0]].append(at_mm)
    return places


def _are_alike(lengths_mm: np.ndarray) -> bool:
    """Whether columns are as long as each other but for the last, at which a row may be cut or seem to go on.

    Of two columns the first says nothing alone: the second may be a little longer or shorter.
    """
    whole_mm = lengths_mm[:-1]
    if len(whole_mm) == 1:
        return bool(np.ptp(lengths_mm) < UNEVEN_NAMES * lengths_mm.mean())
    return bool(np.ptp(whole_mm) < UNEQUAL * whole_mm.mean())


def _is_cut_off(lengths_mm: np.ndarray) -> bool:
    """Whether the last column is shorter than the others."""
    return bool(lengths_mm[-1] < (1 - UNEQUAL) * lengths_mm[:-1].mean())


def _share_crossed(line: Sequence[BarMark], levels_mm: Sequence[float]) -> float:
    """Share of the rows that a line of bars crosses, or nearly does; traces and names may break it in between."""
    top_mm, foot_mm = min(bar.top_mm for bar in line), max(bar.foot_mm for bar in line)
    spans = [(bar.top_mm, bar.foot_mm) for bar in line]
    if _length_mm(line) > MOSTLY * (foot_mm - top_mm):
        spans = [(top_mm, foot_mm)]
    return float(np.mean([any(top - REACH_MM < y_mm < foot + REACH_MM for top, foot in spans) for y_mm in levels_mm]))


def _length_mm(line: Sequence[BarMark]) -> float:
    """How long the bars of a line are together."""
    return sum(bar.foot_mm - bar.top_mm for bar in line)
