"""Where on the paper time runs: where each row begins, and how long its columns are.

Every row says it twice, by its beginning and by its end. Makers print columns of a few usual durations; where none of
them fits, the paper itself is the measure. Preprinted paper may lie askew to the print: then the rows begin along a
slanted line.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

AGREED_MM, CLOSE_MM, SIDES_APART_MM, TOO_EARLY_MM = 2.0, 0.3, 0.8, 0.25
"""Rows whose beginnings differ by less agree; those that differ by still less say it closely. If beginnings and ends
differ by more than the third, one of the two is wrong, and if beginnings are earlier by the last, they are."""

COLUMN_DURATIONS_S = (2.5, 5.0, 3.0, 10 / 3, 4.0, 6.0, 2.0, 10.0, 10 / 6)
ROW_DURATIONS_S = (10.0, 12.0, 8.0, 6.0, 7.5, 5.0, 15.0, 20.0, 30.0)
"""Durations of columns, and of rows of a lead alone, as makers print them; the likeliest first."""

NEAR_MM, NEAR_OF_ROW_MM, NEAR_NAMES_MM, LIKELIER_MM = 2.5, 3.0, 1.5, 0.5
"""How far a row's length may lie from a usual one, and that of a row of one lead, of which only an end is off; and the
distance of two names from the length of a column, which may be so much nearer to what the rows' length says."""

PART = 0.3
"""A stretch of a trace is part of a row that has so much of the length of a column."""

FADED = 0.4
"""How much a row speaks for a length that is longer than its own, in rows of that length."""

PULSE_MM = 12.0
"""A row may seem so much longer than its columns are: a calibration pulse was taken for a part of it."""

SCALED, NOTICEABLE_S, HALF_NOTICEABLE_S = 0.025, 0.2, 0.1
"""Preprinted paper may be larger or smaller than its print by such a part; and rows that begin so much too late or too
early are told, half as much where the paper is preprinted and a usual duration is taken for granted."""

LATE_S = 0.13
"""Names and rows do not agree when the last column begins if they differ by more; letters of other widths may differ by
less."""

UNLIKE_NAMES = 0.04
"""Names stand as far apart as columns are long but for such a part of it: they are not equally wide, nor put there by
hand."""

SAMPLE_INTERVAL_S = 1 / 500
"""Most recordings have such samples. A trace ends with its last one, so much before the time that the layout gives."""

SLANTS = np.linspace(-0.02, 0.02, 41)
SLANT_MM, LEAST_GAIN, SLANT_COST = 0.3, 1.5, 0.5
"""Rows of a slant agree by so much; a slant is believed that brings so many more pairs of rows to agree, and what the
steepest one costs in pairs."""

FAVOUR_NAMES, FAVOUR_BEGINNINGS, NAMES_REACH_MM = 0.5, 0.3, 6.0
"""What it is worth, in rows, that the names begin there; and that beginnings say it, for ends are cut off oftener."""


@attrs.frozen
class TraceSpan:
    """What of a row has a trace.

    Attributes:
        y_mm: height of the row.
        first_mm: where its trace begins.
        last_mm: where it ends.
    """

    y_mm: float
    first_mm: float
    last_mm: float

    @property
    def length_mm(self) -> float:
        """Distance of its ends."""
        return self.last_mm - self.first_mm


@attrs.frozen
class ColumnLength:
    """How long a column is.

    Attributes:
        mm: its paper.
        duration_s: its time.
        is_usual: whether that is one of the durations that makers print; else it was measured.
    """

    mm: float
    duration_s: float
    is_usual: bool


@attrs.frozen
class TimeAxis:
    """Where time runs.

    Attributes:
        zeros_mm: for each row where its first lead begins, from the left edge.
        agreement: share of the rows that agree about it.
        slant: by how much farther right a row begins that lies lower, in parts of that.
    """

    zeros_mm: tuple[float, ...]
    agreement: float
    slant: float


Stretch = tuple[float, float]
"""Where a trace is seen without a gap: its beginning and its end in millimetres."""


def parts_of_row(stretches_mm: Sequence[Stretch], column_mm: float | None) -> list[Stretch]:
    """The stretches that are leads of a row, or pieces of its only one: those that are a good part of a column long.

    What is shorter is a word beside the row, or a pulse. Where no column is known the longest stretch tells what is.

    Args:
        stretches_mm: where a trace is seen in the row.
        column_mm: distance of two columns; None where there is one alone, or it is not known.
    """
    if not stretches_mm:
        return []
    longest_mm = max(last_mm - first_mm for first_mm, last_mm in stretches_mm)
    least_mm = PART * longest_mm if column_mm is None else min(PART * column_mm, longest_mm)
    return [(first_mm, last_mm) for first_mm, last_mm in stretches_mm if last_mm - first_mm >= least_mm]


def whole_span(stretches_mm: Sequence[Stretch], y_mm: float, column_mm: float | None) -> TraceSpan | None:
    """What of a row has a trace, from its first lead to its last one, gaps and pulses included; None without a trace.

    Args:
        stretches_mm: where a trace is seen in the row.
        y_mm: height of the row.
        column_mm: distance of two columns; None where there is one alone, or it is not known.
    """
    parts = parts_of_row(stretches_mm, column_mm)
    return TraceSpan(y_mm, parts[0][0], parts[-1][1]) if parts else None


def usual_length_mm(spans: Sequence[TraceSpan], named_mm: float | None = None) -> float | None:
    """Length of the rows that are whole: the one that most speak for; None where there are none.

    A row speaks for a length that it has, and a little for longer ones, for rows fade before their ends; to a shorter
    one something would have to be added that is no trace.

    Args:
        spans: what of the rows has a trace.
        named_mm: how long rows are by the distance of their names, which speak as a row does for one that is as long;
            None where they have no names to tell it.
    """
    if not spans:
        return None
    lengths = np.array([span.length_mm for span in spans])
    apart = lengths - lengths[:, None]
    votes = (np.abs(apart) <= AGREED_MM).sum(axis=1) + FADED * (apart < -AGREED_MM).sum(axis=1)
    votes += 0.0 if named_mm is None else np.abs(lengths - named_mm) <= AGREED_MM
    best_mm = lengths[votes >= votes.max() - 1e-9].max()
    return float(np.median(lengths[np.abs(lengths - best_mm) <= AGREED_MM]))


def column_length(
    num_columns: int,
    row_mm: float,
    pitch_mm: float | None,
    *,
    speed_mm_per_s: float,
    duration_s: float | None = None,
    are_even: bool = False,
) -> ColumnLength:
    """How long the columns of a page are.

    Names of all columns that stand equally far apart tell it where the rows are cut off, or something beyond their end
    was taken for a part of them.

    Args:
        num_columns: columns of a row.
        row_mm: length of the trace of a whole row.
        pitch_mm: distance of the names of two columns; None where there is one column alone.
        speed_mm_per_s: paper speed.
        duration_s: duration of a row, where the user told it.
        are_even: whether the names of all columns stand equally far apart.
    """
    if duration_s is not None:
        return ColumnLength(duration_s / num_columns * speed_mm_per_s, duration_s / num_columns, True)
    usual = COLUMN_DURATIONS_S if num_columns > 1 else ROW_DURATIONS_S
    whole_mm = row_mm + SAMPLE_INTERVAL_S * speed_mm_per_s
    off_mm = {each_s: abs(num_columns * each_s * speed_mm_per_s - whole_mm) for each_s in usual}
    best_s = min(usual, key=lambda each_s: off_mm[each_s])
    if off_mm[best_s] <= (NEAR_MM if num_columns > 1 else NEAR_OF_ROW_MM):
        return ColumnLength(best_s * speed_mm_per_s, best_s, True)
    measured_mm = whole_mm / num_columns
    if pitch_mm is not None:
        named_mm = min(NEAR_NAMES_MM, abs(measured_mm - pitch_mm) + LIKELIER_MM)
        for each_s in usual:
            beyond_mm = whole_mm - num_columns * each_s * speed_mm_per_s
            if abs(each_s * speed_mm_per_s - pitch_mm) <= named_mm and beyond_mm <= PULSE_MM:
                return ColumnLength(each_s * speed_mm_per_s, each_s, True)
        is_unlike = are_even and abs(measured_mm - pitch_mm) > UNLIKE_NAMES * pitch_mm
        if NEAR_MM < whole_mm - num_columns * pitch_mm <= PULSE_MM or is_unlike:
            measured_mm = pitch_mm
    return ColumnLength(measured_mm, measured_mm / speed_mm_per_s, False)


def doubts_of_strip(
    row: ColumnLength, num_rows: int, *, slant: float = 0.0, measured_s: float | None = None
) -> list[str]:
    """What makes it uncertain when the rows of a strip begin that goes on from one to the next.

    A print that lies askew to its grid is on preprinted paper, and that may be larger or smaller than the print.

    Args:
        row: how long a row is.
        num_rows: its rows.
        slant: by how much farther right a row begins that lies lower, in parts of that.
        measured_s: how long its trace lasts, where that was measured.
    """
    if row.is_usual:
        off_s = 0.0 if measured_s is None else abs(row.duration_s - measured_s)
        if slant == 0 and off_s <= NEAR_MM / row.mm * row.duration_s:
            return []  # traces fade before their end
        if off_s * (num_rows - 1) < HALF_NOTICEABLE_S:
            return []
        return [
            f"the rows follow each other and are taken to last {row.duration_s:g} s, as makers print them, but measure "
            f"{measured_s:.2f} s: what is off adds up from row to row (--duration tells how long a row lasts)"
        ]
    off_s = min(abs(row.duration_s - each_s) for each_s in ROW_DURATIONS_S)
    is_nearly_usual = off_s <= SCALED * row.duration_s
    if not is_nearly_usual:
        off_s = SCALED * row.duration_s if slant != 0 else 0.0
    if off_s * (num_rows - 1) < NOTICEABLE_S:
        return []
    unusual = "nearly but not quite" if is_nearly_usual else "not"
    return [
        f"the rows follow each other and last {row.duration_s:.2f} s as measured, {unusual} as makers print them: what "
        "is off adds up from row to row (--duration tells how long a row lasts)"
    ]


def doubts_of_columns(column: ColumnLength, pitch_mm: float, measured_mm: float, num_columns: int) -> list[str]:
    """What makes it uncertain how long the columns of a page are that do not last as long as makers have them.

    Args:
        column: how long a column is.
        pitch_mm: distance of the names of two columns.
        measured_mm: how long a column is by the length of the rows.
        num_columns: columns of a row; the last of many begins noticeably elsewhere by a little in each.
    """
    noticeable_mm = LATE_S * column.mm / column.duration_s / max(num_columns - 1, 1)
    if column.is_usual or abs(measured_mm - pitch_mm) <= min(UNLIKE_NAMES * pitch_mm, noticeable_mm):
        return []
    return [
        f"the names of the columns stand {pitch_mm:.1f} mm apart, but the rows are as long as columns of "
        f"{measured_mm:.1f} mm: an end of the rows may be cut off (--duration tells how long a row lasts)"
    ]


def find_time_axis(
    spans: Sequence[TraceSpan],
    heights_mm: Sequence[float],
    *,
    traced_mm: float,
    names_mm: float | None,
    pulse_lines_mm: Sequence[np.ndarray] = (),
) -> TimeAxis:
    """Where the rows of a page begin.

    Args:
        spans: what of the rows has a trace.
        heights_mm: heights of all rows.
        traced_mm: length of the trace of a whole row, from its first sample to its last.
        names_mm: where the names of the first column stand; None where none was read.
        pulse_lines_mm: pulses that stand one below the other, each an array of the places of their right edges and of
            the heights of their feet, shape (pulses, 2). Rows and pulses share their slant.
    """
    if not spans:
        return TimeAxis((0.0 if names_mm is None else names_mm,) * len(heights_mm), 0.0, 0.0)
    y_mm = np.array([span.y_mm for span in spans])
    middle_mm = float(y_mm.mean())
    claims = np.array([(span.first_mm, span.last_mm - traced_mm) for span in spans])
    sides = [np.column_stack((side, y_mm)) for side in claims.T]
    slant = find_slant([*sides, *pulse_lines_mm])
    straight = claims - slant * (y_mm - middle_mm)[:, None]
    agreed = _agreed(straight, names_mm)
    zero_mm = _between(*(_close(straight[agreed[:, side], side]) for side in (0, 1)))
    zeros = zero_mm + slant * (np.asarray(heights_mm, float) - middle_mm)
    return TimeAxis(tuple(zeros.tolist()), float(agreed.any(axis=1).sum()) / len(heights_mm), slant)


def find_slant(lines_mm: Sequence[np.ndarray]) -> float:
    """The slant that most marks which stand one below the other have; 0 where no slant says it clearly better.

    Args:
        lines_mm: marks along each line: beginnings of rows, their ends, edges of pulses. Each is an array of their
            places along the rows and their heights, shape (marks, 2).
    """
    agree = np.sum([_agreeing_pairs(line) for line in lines_mm], axis=0)
    worth = agree - SLANT_COST * np.abs(SLANTS) / SLANTS[-1]
    best = int(worth.argmax())
    straight = int(np.abs(SLANTS).argmin())
    return float(SLANTS[best]) if worth[best] >= worth[straight] + LEAST_GAIN else 0.0


def _agreeing_pairs(line_mm: np.ndarray) -> np.ndarray:
    """How many pairs of marks agree with each of the slants."""
    first, second = np.triu_indices(len(line_mm), 1)
    apart, down = (line_mm[first] - line_mm[second]).T
    return np.exp(-(((apart - SLANTS[:, None] * down) / SLANT_MM) ** 2)).sum(axis=1)


def _agreed(claims: np.ndarray, names_mm: float | None) -> np.ndarray:
    """Which beginnings and which ends agree with where most of them have the rows begin, shape (rows, 2)."""
    places = claims.ravel()
    votes = (np.abs(places[:, None] - places) <= AGREED_MM).sum(axis=1).astype(float)
    votes += FAVOUR_NAMES if names_mm is None else FAVOUR_NAMES * (np.abs(places - names_mm) < NAMES_REACH_MM)
    votes += np.tile((FAVOUR_BEGINNINGS, 0.0), len(claims))
    return np.asarray(np.abs(claims - places[int(votes.argmax())]) <= AGREED_MM)


def _close(places_mm: np.ndarray) -> np.ndarray:
    """Those of some places that agree closely; a few a little off, of rows that fade before their end, are left out."""
    for _ in range(2):  # the second time about a middle that those have no part in
        near = places_mm[np.abs(places_mm - np.median(places_mm)) <= CLOSE_MM] if len(places_mm) else places_mm
        places_mm = near if len(near) else places_mm
    return places_mm


def _between(beginnings_mm: np.ndarray, ends_mm: np.ndarray) -> float:
    """The middle between what beginnings and what ends say, however many they are.

    A thin or blurred pen seems to begin late and to end early by as much. One that seems to begin early follows on a
    calibration pulse. Where the two sides are far apart, the one that more rows say, or say more closely, counts alone.
    """
    sides = [side for side in (beginnings_mm, ends_mm) if len(side)]
    means = [float(side.mean()) for side in sides]
    apart_mm = means[0] - means[-1]
    if abs(apart_mm) > SIDES_APART_MM:
        return float(max(sides, key=lambda side: (len(side), -side.std())).mean())
    return means[-1] if apart_mm < -TOO_EARLY_MM else sum(means) / len(means)
