"""Which names belong to which rows of ink, and in which columns they stand.

By how much names stand above or below their trace depends on the maker, but is the same for most rows of a page; rows
of rhythm leads may have theirs elsewhere. Words of the page's head are taken for names now and then: they stand in no
column with others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs
import numpy as np

from ecg_core.curves import peaks_of
from ecg_digitize.digitizers.ordering import match_in_order
from ecg_digitize.digitizers.structure.axis_numbers import without_axis_numbers
from ecg_digitize.digitizers.structure.evidence import InkRow, NameMark

REACH_MM, REACH_OF_PITCH = 18.0, 0.5
"""How far names may stand above or below their row; and by the distance of two rows, where these are far apart."""

STEP_MM = 0.5
LIKELY = 0.5
"""What is less likely is a name only in a column with a likelier one, or in a line with several: else it is a number of
an axis, a wave, or a word."""

LINE_MM = 6.0
"""Names whose heights differ by less stand in one line."""

WANDER_MM, SPREAD_MM = 10.0, 3.0
"""How far a trace may wander from its row at most, and mostly."""

SCALE = 1000
NEARER = 0.01
"""What a millimetre between names and rows costs, in names: of two ways that fit alike the nearer one is meant."""

COLUMN_MM = 9.0
"""Names whose places differ by less stand in one column."""

ASIDE = 0.5
"""A name that stands as far as that from its column is so much less likely one of it."""

LEAST_PITCH_MM = 25.0
"""Columns are never nearer to each other: a second at 25 mm/s."""

LEAST_COLUMN_MM = 15.0
"""Nearer to the end of the rows no lead begins."""

SHIFTS_TRIED, MOST_NEEDED, MOST_COLUMNS = 3, 3, 6
"""So many places of names by their rows are tried, columns of at least one name up to so many, and so many columns; on
a page of many rows waves may be taken for as many names."""

HALF = 0.5

FARTHEST, FARTHEST_MM = 0.3, 40.0
"""The first column of names stands so much of the rows' length from their beginning at most, or so far."""

STRAY_MM = 10.0
"""How far from the first column a name may begin that stands elsewhere than those of the other rows."""

ANOTHER, SURELY_ANOTHER, SEVERAL_ROWS = 1.5, 1.65, 2
"""The rows go on behind the last column of names by so many times their distance where another one follows of which
none was read; up to the second it may be the last one that is longer, as names of so many rows tell at least."""

BETWEEN = 0.3
"""Names stand no whole number of columns apart where it is off by so much."""

EVEN, EVEN_OF = 0.05, 2
"""Distances of names that differ by such a part of them are the same; of so few columns they tell nothing."""

ALIGNED_MM = 1.0
"""Names that begin one below the other do so but for so much."""

HALVES = 0.012
"""Names of two columns stand half a row apart but for such a part of it where both are as long."""


@attrs.frozen
class NameGrid:
    """Names by rows and columns.

    Attributes:
        cells: for each row and column the name that stands there; None where none was read.
        columns_mm: where the names of each column stand.
        shift_mm: how far below their row most names stand.
        strays: names that belong to no row or column.
        misfit_mm: how far the lines of names lie from where they would by that, the sum over all rows.
    """

    cells: tuple[tuple[NameMark | None, ...], ...]
    columns_mm: tuple[float, ...]
    shift_mm: float
    strays: tuple[NameMark, ...]
    misfit_mm: float = 0.0

    @property
    def pitch_mm(self) -> float | None:
        """Distance of two columns, by where their names begin if all were read; None where there is one alone.

        Of columns that stand evenly the first and the last tell it: what each letter is off counts once.
        """
        lefts_mm = [place for place in self.lefts_mm if place is not None]
        places_mm = lefts_mm if len(lefts_mm) == len(self.columns_mm) else self.columns_mm
        if len(places_mm) < 2:
            return None
        apart_mm = np.diff(places_mm)
        is_even = len(apart_mm) >= EVEN_OF and np.ptp(apart_mm) <= EVEN * apart_mm.mean()
        return float(apart_mm.mean() if is_even else np.median(apart_mm))

    @property
    def lefts_mm(self) -> list[float | None]:
        """Where the names of each column begin, however wide they are; None for one of which none was read.

        Most makers print them so far from where their leads begin.
        """
        columns = [[own[column] for own in self.cells if own] for column in range(len(self.columns_mm))]
        known = [[mark.left_mm for mark in own if mark is not None] for own in columns]
        return [float(np.median(own)) if own else None for own in known]

    @property
    def is_even(self) -> bool:
        """Whether names were read in every one of several columns, and begin, or are centred, equally far apart."""
        lefts_mm = [place for place in self.lefts_mm if place is not None]
        if len(lefts_mm) < len(self.columns_mm) or len(lefts_mm) <= EVEN_OF:
            return False
        return any(np.ptp(apart_mm) <= EVEN * apart_mm.mean() for apart_mm in map(np.diff, (lefts_mm, self.columns_mm)))

    @property
    def are_aligned(self) -> bool:
        """Whether the names of every column begin one below the other, as those of several rows say."""
        columns = [[own[column] for own in self.cells if own] for column in range(len(self.columns_mm))]
        known = [[mark.left_mm for mark in own if mark is not None] for own in columns]
        return all(len(own) > 1 and np.ptp(own) <= ALIGNED_MM for own in known)

    def halves(self, row_mm: float) -> bool:
        """Whether the names of two columns stand half a row apart, as those of equal columns do.

        Args:
            row_mm: length of a row.
        """
        if len(self.columns_mm) != 2 or None in self.lefts_mm:
            return False
        apart_mm = [float(np.ptp(np.array(places_mm, float))) for places_mm in (self.lefts_mm, self.columns_mm)]
        return any(abs(2 * own / row_mm - 1) <= HALVES for own in apart_mm)

    def column_of(self, mark: NameMark, within_mm: float) -> int | None:
        """The column above or below whose names a name stands, so near at most; None where it stands in none."""
        if not self.columns_mm:
            return None
        column, away_mm = _nearest(mark.x_mm, np.array(self.columns_mm))
        return column if away_mm <= within_mm else None


def grids_of_names(marks: Sequence[NameMark], rows: Sequence[InkRow]) -> list[NameGrid]:
    """Names put into rows and columns, in every way that may be meant.

    Args:
        marks: the names that were read.
        rows: the rows of ink, from the top.
    """
    marks = _likely(without_axis_numbers(marks))
    heights = np.array([row.level_mm for row in rows])
    lines = _lines(marks)
    grids: dict[NameGrid, None] = {}
    shifts_mm = _shifts(marks, heights)
    for shift_mm in shifts_mm:
        by_row = _lines_by_row(lines, heights, shift_mm)
        everywhere_mm = np.full(len(rows), shift_mm)
        elsewhere = _long_rows_elsewhere(by_row, lines, heights, shift_mm, shifts_mm)
        for own, own_shifts_mm in [(by_row, everywhere_mm), *elsewhere]:
            for columns_mm in _possible_columns([mark for line in own for mark in line], rows):
                grids.setdefault(_grid(marks, own, heights, shift_mm, own_shifts_mm, columns_mm))
    return list(grids)


def _long_rows_elsewhere(
    by_row: Sequence[Sequence[NameMark]],
    lines: Sequence[Sequence[NameMark]],
    heights: np.ndarray,
    shift_mm: float,
    shifts_mm: Sequence[float],
) -> list[tuple[list[list[NameMark]], np.ndarray]]:
    """The names of each row, and how far below it they stand, where all long rows have theirs at another distance.

    Args:
        by_row: the names of each row at the distance ``shift_mm``.
        lines: all lines of names, from the top.
        heights: of the rows.
        shift_mm: the distance of the names of short rows.
        shifts_mm: other distances that may be meant.
    """
    last = max((row for row in range(len(by_row)) if _num_columns_shared(by_row, row) > 1), default=None)
    if last is None or last == len(heights) - 1:
        return []
    below = [line for line in lines if _height_mm(line) > _height_mm(by_row[last])]
    found = []
    for other_mm in shifts_mm:
        own = _lines_by_row(below, heights[last + 1 :], other_mm)
        if other_mm != shift_mm and all(
            line and abs(_height_mm(line) - other_mm - height) <= SPREAD_MM
            for line, height in zip(own, heights[last + 1 :], strict=True)
        ):
            distances_mm = np.repeat([shift_mm, other_mm], [last + 1, len(own)])
            found.append(([*map(list, by_row[: last + 1]), *own], distances_mm))
    return found


def _num_columns_shared(by_row: Sequence[Sequence[NameMark]], row: int) -> int:
    """Places at which a row has a name as other rows have: a wave or a word that was taken for one stands alone."""
    others_mm = [mark.x_mm for other, own in enumerate(by_row) if other != row for mark in own]
    shared = [mark for mark in by_row[row] if any(abs(mark.x_mm - x_mm) <= COLUMN_MM for x_mm in others_mm)]
    return len(_clusters(_from_left(shared)))


def _height_mm(line: Sequence[NameMark]) -> float:
    return float(np.mean([mark.y_mm for mark in line]))


def _from_left(marks: Iterable[NameMark]) -> list[NameMark]:
    return sorted(marks, key=lambda mark: mark.x_mm)


def _likely(marks: Sequence[NameMark]) -> list[NameMark]:
    """Names without those that are hardly any, where no clear one in a column, or several in a line, bear them out."""
    clear = [mark for mark in marks if mark.certainty >= LIKELY]

    def is_borne_out(mark: NameMark) -> bool:
        is_in_a_column = any(abs(mark.x_mm - other.x_mm) <= COLUMN_MM for other in clear)
        return is_in_a_column or sum(abs(mark.y_mm - other.y_mm) <= LINE_MM for other in clear) > 1

    return [mark for mark in marks if mark.certainty >= LIKELY or is_borne_out(mark)]


def _lines(marks: Sequence[NameMark]) -> list[list[NameMark]]:
    """Names that stand at one height, from the top."""
    lines: list[list[NameMark]] = []
    for mark in sorted(marks, key=lambda mark: mark.y_mm):
        if not lines or mark.y_mm - _height_mm(lines[-1]) > LINE_MM:
            lines.append([])
        lines[-1].append(mark)
    return lines


def _lines_by_row(lines: Sequence[Sequence[NameMark]], heights: np.ndarray, shift_mm: float) -> list[list[NameMark]]:
    """The names of each row: lines of names are matched with rows in order; traces wander, names do not."""
    y_mm = np.array([_height_mm(line) for line in lines])
    weight = np.array([sum(mark.certainty for mark in line) for line in lines])
    away = y_mm[:, None] - shift_mm - heights if len(lines) else np.zeros((0, len(heights)))
    near = np.where(np.abs(away) <= WANDER_MM, np.exp(-((away / SPREAD_MM) ** 2) / 2), 0.0)
    by_row: list[list[NameMark]] = [[] for _ in heights]
    for line, row in match_in_order(np.rint(SCALE * weight[:, None] * near).astype(int)):
        by_row[row] = list(lines[line])
    return by_row


def _grid(
    marks: Sequence[NameMark],
    by_row: Sequence[Sequence[NameMark]],
    heights: np.ndarray,
    shift_mm: float,
    shifts_mm: np.ndarray,
    columns_mm: Sequence[float],
) -> NameGrid:
    """Names of rows put into columns; ``shifts_mm`` has how far below each row its own ones stand."""
    cells = [_row_of_cells(own, columns_mm) for own in by_row]
    in_place = {id(mark) for own in cells for mark in own}
    left_over = [mark for mark in marks if id(mark) not in in_place]
    strays = _name_the_nameless(cells, left_over, heights, columns_mm)
    away_mm = [
        abs(float(np.median([mark.y_mm for mark in row if mark is not None])) - own_mm - height)
        for row, height, own_mm in zip(cells, heights, shifts_mm, strict=True)
        if any(row)
    ]
    return NameGrid(tuple(map(tuple, cells)), tuple(columns_mm), shift_mm, tuple(strays), sum(away_mm))


def _shifts(marks: Sequence[NameMark], heights: np.ndarray) -> list[float]:
    """How far below their rows the names may stand: where most of them meet a row, the likeliest first."""
    if not len(marks) or not len(heights):
        return [0.0]
    pitch_mm = float(np.median(np.diff(heights))) if len(heights) > 1 else 0.0
    reach_mm = max(REACH_MM, REACH_OF_PITCH * pitch_mm)
    shifts = np.arange(-reach_mm, reach_mm + STEP_MM / 2, STEP_MM)
    y_mm, weight = np.array([(mark.y_mm, mark.certainty) for mark in marks]).T
    away = np.abs(y_mm[None, :, None] - shifts[:, None, None] - heights).min(axis=-1)
    support = (weight * np.exp(-((away / SPREAD_MM) ** 2))).sum(axis=1) - NEARER * np.abs(shifts)
    peaks = peaks_of(np.pad(support, 1, constant_values=-np.inf), apart=LINE_MM / STEP_MM)
    likely = sorted(peaks - 1, key=lambda place: -support[place])
    return [float(shifts[place]) for place in likely[:SHIFTS_TRIED]]


def _nearest(place_mm: float, places_mm: np.ndarray) -> tuple[int, float]:
    """Number of the nearest of some places, and how far away it is."""
    away = np.abs(places_mm - place_mm)
    nearest = int(away.argmin())
    return nearest, float(away[nearest])


def _possible_columns(marks: Sequence[NameMark], rows: Sequence[InkRow]) -> list[tuple[float, ...]]:
    """Where the columns of names may stand: where names of enough rows do, with those missing between or without, for
    columns may be of unequal length; and at even parts of the rows' length."""
    clusters = _clusters(_from_left(marks))
    half = round(HALF * max(map(_rows_named, clusters), default=0))
    varied = [own for own in clusters if len({mark.name for mark in own}) > 1]  # numbers of an axis are one again
    named = [_columns(clusters, rows, least) for least in (*range(1, MOST_NEEDED + 1), max(half, 1))]
    named += [_columns(varied, rows, SEVERAL_ROWS)] if 1 < len(varied) < len(clusters) else []
    found = [*(_completed(places, rows) for places in named), *filter(_are_of_unequal_columns, named)]
    found.append(_completed(_columns(clusters, rows, max(half, SEVERAL_ROWS)), rows, SURELY_ANOTHER))
    if clusters:
        length_mm = float(np.median([row.length_mm for row in rows]))
        enough = HALF * max(map(_weight, clusters))
        starts_mm = min(_place(own) for own in clusters if _weight(own) >= enough)
        found += [
            [starts_mm + column * length_mm / count for column in range(count)] for count in range(1, MOST_COLUMNS + 1)
        ]
    first_mm, length_mm = np.median([(row.first_mm, row.length_mm) for row in rows], axis=0)
    likely = [
        columns for columns in found if not columns or columns[0] - first_mm <= max(FARTHEST * length_mm, FARTHEST_MM)
    ]
    return list(dict.fromkeys(tuple(columns) for columns in likely)) or [()]


def _columns(clusters: Sequence[Sequence[NameMark]], rows: Sequence[InkRow], least: int) -> list[float]:
    """Where columns of names stand, at so many rows at least.

    Of places too near to each other the one that more names speak for is a column, the other one is stray words. Rows
    that wander seem to end early: the one that ends last tells where names may stand.
    """
    kept: list[float] = []
    last_mm = max(row.last_mm for row in rows)
    for own in sorted(clusters, key=_weight, reverse=True):
        is_apart = all(abs(_place(own) - other) >= LEAST_PITCH_MM for other in kept)
        if _rows_named(own) >= least and is_apart and _place(own) <= last_mm - LEAST_COLUMN_MM:
            kept.append(_place(own))
    return sorted(kept)


def _are_of_unequal_columns(places: Sequence[float]) -> bool:
    """Whether names stand so that no whole number of columns fits between some of them."""
    if len(places) < 3:
        return False
    gaps = np.diff(places) / _pitch(np.diff(places))
    return bool(np.abs(gaps - np.rint(gaps)).max() > BETWEEN)


def _pitch(gaps: np.ndarray) -> float:
    """Distance of names of columns next to each other, by all distances."""
    return float(np.median(gaps[gaps < 1.5 * gaps.min()]))


def _place(cluster: Sequence[NameMark]) -> float:
    return float(np.median([mark.x_mm for mark in cluster]))


def _rows_named(cluster: Sequence[NameMark]) -> int:
    return len({round(mark.y_mm / LINE_MM) for mark in cluster})


def _weight(cluster: Sequence[NameMark]) -> float:
    return sum(mark.certainty for mark in cluster)


def _clusters(marks: Sequence[NameMark]) -> list[list[NameMark]]:
    clusters: list[list[NameMark]] = []
    for mark in marks:
        if not clusters or mark.x_mm - float(np.mean([each.x_mm for each in clusters[-1]])) > COLUMN_MM:
            clusters.append([])
        clusters[-1].append(mark)
    return clusters


def _completed(places: list[float], rows: Sequence[InkRow], another: float = ANOTHER) -> list[float]:
    """Columns with those between, before and behind them of which no name was read.

    Args:
        places: where names stand.
        rows: the rows of ink.
        another: so many times their distance the rows go on behind the last where another one follows.
    """
    if len(places) < 2:
        return places
    gaps = np.diff(places)
    pitch = _pitch(gaps)
    filled = [places[0]]
    for place, gap in zip(places[1:], gaps, strict=True):
        missing = round(gap / pitch) - 1
        filled += [filled[-1] + gap * (number + 1) / (missing + 1) for number in range(missing)] + [place]
    first_mm, last_mm = np.median([(row.first_mm, row.last_mm) for row in rows], axis=0)
    while filled[0] - first_mm > 0.9 * pitch:
        filled.insert(0, filled[0] - pitch)
    while last_mm - filled[-1] > another * pitch:
        filled.append(filled[-1] + pitch)
    return filled


def _row_of_cells(own: Sequence[NameMark], columns_mm: Sequence[float]) -> list[NameMark | None]:
    """The surest name at each column of a row; one that stands aside counts for less."""
    cells: list[NameMark | None] = [None] * len(columns_mm)
    best = [0.0] * len(columns_mm)
    for mark in own:
        column, away_mm = _nearest(mark.x_mm, np.array(columns_mm)) if columns_mm else (0, np.inf)
        worth = mark.certainty * (1 - ASIDE * away_mm / COLUMN_MM)
        if away_mm <= COLUMN_MM and worth > best[column]:
            cells[column], best[column] = mark, worth
    return cells


def _name_the_nameless(
    cells: list[list[NameMark | None]], left_over: list[NameMark], heights: np.ndarray, columns_mm: Sequence[float]
) -> list[NameMark]:
    """Give rows without a name the nearest one at the first column that no other row has, in place; the rest.

    A row that has one name alone, elsewhere than at the first column, is as good as without: it is a word of the foot
    mostly. A surer one takes its place.
    """
    rest = list(left_over)
    for row, own in enumerate(cells):
        has = [mark for mark in own if mark is not None]
        if own[:1] != [None] or len(has) > 1:
            continue
        surer = max((mark.certainty for mark in has), default=0.0)
        near = [
            mark
            for mark in rest
            if mark.certainty > surer
            and abs(mark.x_mm - columns_mm[0]) <= STRAY_MM
            and abs(mark.y_mm - heights[row]) <= REACH_MM
            and _nearest(mark.y_mm, heights)[0] in (row, row - 1, row + 1)
        ]
        if near:
            best = min(near, key=lambda mark: abs(mark.y_mm - heights[row]))
            own[:] = [best, *[None] * (len(own) - 1)]
            rest.remove(best)
            rest += has
    return rest
