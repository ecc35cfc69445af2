"""Which layout a page has, by where the printed names of its leads stand to one another.

Names stand beside the beginning of their lead, above or below, by how much depends on the printer. So only what all
printers share is used: which names stand in one row, in what order the rows come, and how far apart in time the names
of a row begin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from ecg_core.paper import Layout, Segment
from ecg_digitize.digitizers.ordering import match_in_order

ROWS_APART_MM = 6.0
"""Names whose heights differ by less stand in one row."""

REACH_MM = 8.0
"""How far a name may stand from where the others of the page would have it."""

EXTRA_WEIGHT = 0.2
MOST_EXTRA = 15
"""A name too many counts so much of one that is missing, and beyond so many no more: other words on a page, and the
waves of a restless trace, are taken for names more easily."""

PLACES_TRIED = 6
"""So many places for time zero are tried, those that most names speak for."""


@attrs.frozen
class Mark:
    """A printed name that was found.

    Attributes:
        name: one of `ecg_digitize.digitizers.neural.markers.classes.NAMES`.
        x_mm: place of its middle on the flat paper, from any left edge.
        y_mm: the same, downwards.
    """

    name: str
    x_mm: float
    y_mm: float


@attrs.frozen
class Arrangement:
    """A layout that fits the names of a page.

    Attributes:
        layout: name of the layout.
        score: share of the segments whose names were found where they belong, less a little for each name too many;
            1 is perfect.
        time_zero_mm: where a name that begins at 0 s stands.
        row_of_mark: row of the layout that each mark stands in; None for one that does not fit.
    """

    layout: str
    score: float
    time_zero_mm: float
    row_of_mark: tuple[int | None, ...]


def arrange(marks: Sequence[Mark], layouts: Mapping[str, Layout], *, speed_mm_per_s: float) -> list[Arrangement]:
    """Every layout with how well it fits, the best first; of equal ones the first that was given.

    Args:
        marks: the names found; some may be missing, some may be none.
        layouts: the layouts to choose from, by name.
        speed_mm_per_s: paper speed.
    """
    fits = [_best_fit(marks, name, layout, speed_mm_per_s) for name, layout in layouts.items()]
    return sorted(fits, key=lambda fit: -fit.score)


def _rows_of(marks: Sequence[Mark], chosen: Sequence[int]) -> list[list[int]]:
    """Some of the marks, by their numbers, in printed rows from the top."""
    rows: list[list[int]] = []
    above_mm = -np.inf
    for index in sorted(chosen, key=lambda index: marks[index].y_mm):
        if marks[index].y_mm - above_mm > ROWS_APART_MM:
            rows.append([])
        rows[-1].append(index)
        above_mm = marks[index].y_mm
    return rows


def _best_fit(marks: Sequence[Mark], name: str, layout: Layout, speed_mm_per_s: float) -> Arrangement:
    """The fit of a layout at the time zero where most names belong to a segment."""
    zeros = [
        mark.x_mm - segment.at_s * speed_mm_per_s
        for mark in marks
        for segment in layout.segments
        if _is_name_of(mark, segment)
    ]
    fits = (_fit(marks, name, layout, zero, speed_mm_per_s) for zero in _dense_places(zeros))
    return max(fits, key=lambda fit: fit.score, default=Arrangement(name, 0.0, float("nan"), (None,) * len(marks)))


def _fit(marks: Sequence[Mark], name: str, layout: Layout, zero_mm: float, speed_mm_per_s: float) -> Arrangement:
    """The fit at a time zero: printed rows and rows of the layout are matched in order, either may have some more.

    Marks that stand where the layout has no such name are left out first, or they would join one row to the next.
    """
    possible = [
        index
        for index, mark in enumerate(marks)
        if any(_stands_for(mark, segment, zero_mm, speed_mm_per_s) for segment in layout.segments)
    ]
    rows = _rows_of(marks, possible)
    belonging = [
        [_belonging(marks, printed, row, layout, zero_mm, speed_mm_per_s) for row in range(layout.num_rows)]
        for printed in rows
    ]
    row_of_mark: dict[int, int] = {}
    matched = 0
    for printed, row in match_in_order(np.array([[len(each) for each in line] for line in belonging])):
        matched += len(belonging[printed][row])
        row_of_mark |= dict.fromkeys(belonging[printed][row].values(), row)
    return Arrangement(
        layout=name,
        score=matched / (len(layout.segments) + EXTRA_WEIGHT * min(len(marks) - matched, MOST_EXTRA)),
        time_zero_mm=zero_mm,
        row_of_mark=tuple(row_of_mark.get(index) for index in range(len(marks))),
    )


def _belonging(
    marks: Sequence[Mark],
    printed: Sequence[int],
    row: int,
    layout: Layout,
    zero_mm: float,
    speed_mm_per_s: float,
) -> dict[float, int]:
    """A mark of a printed row for each segment of a row of the layout, by the segment's start, where there is one."""
    found = {}
    for segment in (each for each in layout.segments if each.row == row):
        for index in printed:
            if _stands_for(marks[index], segment, zero_mm, speed_mm_per_s):
                found[segment.at_s] = index
    return found


def _stands_for(mark: Mark, segment: Segment, zero_mm: float, speed_mm_per_s: float) -> bool:
    """Whether a mark is the name of a segment and stands at its beginning."""
    expected_mm = zero_mm + segment.at_s * speed_mm_per_s
    return _is_name_of(mark, segment) and abs(mark.x_mm - expected_mm) <= REACH_MM


def _is_name_of(mark: Mark, segment: Segment) -> bool:
    """Whether a name may be that of a segment."""
    return segment.lead.lstrip("-") == mark.name


def _dense_places(values: Sequence[float]) -> list[float]:
    """Medians of the values that lie together, of the densest places."""
    if not values:
        return []
    every = np.array(values)
    close = np.abs(every[:, None] - every) <= REACH_MM
    places = {float(np.median(every[close[index]])) for index in np.argsort(-close.sum(axis=1))[:PLACES_TRIED]}
    return sorted(places)
