"""The scale of a drawing: told by its grid, else that of the page."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import numpy as np

from ecg_core.paper import LARGE_BOX_MM, SMALL_BOX_MM
from ecg_digitize.pages.drawing import Drawing, Stroke

LEAST_LINES = 10
STRAIGHT_PX = 0.5
LEAST_LENGTH_MM = 20.0
SAME_LINE_MM = 0.2
GREATEST_SCALING = 2.2
"""Pages have their own size or are fitted to another sheet; beyond this a large box could be a small one."""

DASHES_APART, MOST_APART_MM = 2.5, 3.0
"""Dashes of one line are so many of their lengths apart, and no more than that."""

DOT_MM = 0.8
DOTS_IN_LINE = 8
THIN_MM = 0.6
OTHER_PITCHES_MM = (2.0, 10.0)
"""Some grids have only such lines; taken for one where they fit the page's own millimetres."""
PAGE_OWN = 0.01
SAME_PANEL_MM = 1.0
"""Lines of one grid begin and end together, as nearly as that."""
OFF_PITCH = 0.05
"""Lines that are not a whole number of boxes apart, but for this part of one, belong to two grids."""


@attrs.frozen
class Scale:
    """Pixels of the page's picture a millimetre of the ECG's paper, across and down.

    Attributes:
        across_px_per_mm: from left to right.
        down_px_per_mm: downwards.
        has_grid: whether a grid tells it; else it is that of the page itself.
    """

    across_px_per_mm: float
    down_px_per_mm: float
    has_grid: bool = True


def find_scale(drawing: Drawing) -> Scale:
    """Scale of the grid, be it of lines, of thin bars, of boxes or of dots; that of the page where there is none."""
    for find_grids in (_line_grids, _box_grids, _dot_grids):
        across, down = (_px_per_mm(find_grids(drawing, axis), drawing.px_per_mm) for axis in (0, 1))
        if across and down:
            return Scale(across, down)
    return Scale(drawing.px_per_mm, drawing.px_per_mm, has_grid=False)


def _line_grids(drawing: Drawing, axis: int) -> list[np.ndarray]:
    """Where the straight lines and thin bars of each grid stand that cross an axis at right angles, each place once.

    Some programs draw a grid for every lead, of which those of two rows are shifted against each other. Lines of one
    grid begin and end at the same heights; where hardly any do, all are those of one.
    """
    least_px = drawing.px_per_mm * LEAST_LENGTH_MM
    lines = [
        (each.points_px[0, axis], *sorted(each.points_px[:2, 1 - axis]))
        for each in drawing.strokes
        if _is_straight(each, axis, least_px)
    ]
    low, high = drawing.boxes_px[:, axis], drawing.boxes_px[:, axis + 2]
    first, last = drawing.boxes_px[:, 1 - axis], drawing.boxes_px[:, 3 - axis]
    bars = (last - first >= least_px) & (high - low <= THIN_MM * drawing.px_per_mm)
    all_lines = np.concatenate((np.array(lines).reshape(-1, 3), np.column_stack(((low + high) / 2, first, last))[bars]))
    ends, panels = np.unique(
        np.rint(all_lines[:, 1:] / (SAME_PANEL_MM * drawing.px_per_mm)), axis=0, return_inverse=True
    )
    grids = [_each_once(all_lines[panels == panel, 0], drawing.px_per_mm) for panel in range(len(ends))]
    return [grid for grid in grids if len(grid) >= LEAST_LINES] or [_each_once(all_lines[:, 0], drawing.px_per_mm)]


def _box_grids(drawing: Drawing, axis: int) -> list[np.ndarray]:
    """Where the long lines stand that the sides of stroked rectangles and short strokes make, each place once.

    Some programs draw a grid box by box, and some its dashes one by one.
    """
    steps = [
        np.concatenate((each.points_px[:-1], each.points_px[1:]), axis=1)
        for each in drawing.strokes
        if len(each.points_px) == 2 or _is_rectangle(each.points_px)
    ]
    sides = np.concatenate([np.empty((0, 4)), *steps])
    along = 1 - axis
    sides = sides[np.abs(sides[:, axis + 2] - sides[:, axis]) <= STRAIGHT_PX]
    sides = sides[np.argsort(sides[:, axis])]
    place, number = sides[:, axis], np.cumsum(np.diff(sides[:, axis], prepend=-np.inf) > STRAIGHT_PX)
    low, high = np.sort(sides[:, [along, along + 2]], axis=1).T
    order = np.lexsort((low, number))
    place, number, low, high = place[order], number[order], low[order], high[order]
    if not len(place):
        return [place]
    gap_px = np.maximum(STRAIGHT_PX, np.minimum(DASHES_APART * (high - low)[:-1], MOST_APART_MM * drawing.px_per_mm))
    first = np.flatnonzero(np.concatenate(([True], (np.diff(number) != 0) | (low[1:] > high[:-1] + gap_px))))
    is_long = np.maximum.reduceat(high, first) - low[first] >= LEAST_LENGTH_MM * drawing.px_per_mm
    return [_each_once(place[first[is_long]], drawing.px_per_mm)]


def _is_rectangle(points: np.ndarray) -> bool:
    if len(points) != 5 or np.abs(points[0] - points[-1]).max() > STRAIGHT_PX:
        return False
    return bool((np.abs(np.diff(points, axis=0)).min(axis=1) <= STRAIGHT_PX).all())


def _dot_grids(drawing: Drawing, axis: int) -> list[np.ndarray]:
    """Where rows or columns of dots stand, each place once."""
    strokes = [np.concatenate((each.points_px.min(axis=0), each.points_px.max(axis=0))) for each in drawing.strokes]
    boxes = np.concatenate((drawing.boxes_px, np.array(strokes).reshape(-1, 4)))
    low, high = boxes[:, :2], boxes[:, 2:]
    middles = ((low + high) / 2)[((high - low) <= DOT_MM * drawing.px_per_mm).all(axis=1), axis]
    bins, counts = np.unique(np.rint(middles), return_counts=True)
    kept = middles[np.isin(np.rint(middles), bins[counts >= DOTS_IN_LINE])]
    return [_each_once(kept, drawing.px_per_mm)]


def _each_once(places: np.ndarray, px_per_mm: float) -> np.ndarray:
    if not len(places):
        return places
    places = np.sort(places)
    return places[np.concatenate(([True], np.diff(places) > SAME_LINE_MM * px_per_mm))]


def _is_straight(stroke: Stroke, axis: int, least_px: float) -> bool:
    if len(stroke.points_px) > 2:
        return False
    extent = np.abs(stroke.points_px[1] - stroke.points_px[0])
    return bool(extent[axis] <= STRAIGHT_PX and extent[1 - axis] >= least_px)


def _px_per_mm(grids: Sequence[np.ndarray], nominal: float) -> float | None:
    """Lines are a millimetre or a large box apart, whichever is nearer to the page's own size."""
    if sum(map(len, grids)) < LEAST_LINES:
        return None
    pitch = _pitch_px(grids, float(np.median(np.concatenate([np.diff(grid) for grid in grids]))))
    for apart_mm in OTHER_PITCHES_MM:
        if abs(pitch / apart_mm / nominal - 1) <= PAGE_OWN:
            return pitch / apart_mm
    scales = [pitch / apart_mm for apart_mm in (SMALL_BOX_MM, LARGE_BOX_MM)]
    best = min(scales, key=lambda scale: abs(math.log(scale / nominal)))
    return best if abs(math.log(best / nominal)) <= math.log(GREATEST_SCALING) else None


def _pitch_px(grids: Sequence[np.ndarray], usual_px: float) -> float:
    """Distance of two lines by all of them: one line through places against numbers, with an origin for every grid."""
    numbers, places = [], []
    for grid in grids:
        off = np.diff(grid) / usual_px
        for part in np.split(grid, np.flatnonzero(np.abs(off - np.rint(off)) > OFF_PITCH) + 1):
            own = np.rint((part - part[0]) / usual_px)
            numbers.append(own - own.mean())
            places.append(part - part.mean())
    all_numbers, all_places = np.concatenate(numbers), np.concatenate(places)
    return float(all_numbers @ all_places / max(float(all_numbers @ all_numbers), 1e-9)) or usual_px
