"""The scale of a drawing: told by its grid, else that of the page."""

from __future__ import annotations

import math

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

DOT_MM = 0.8
DOTS_IN_LINE = 8
THIN_MM = 0.6
OTHER_PITCHES_MM = (2.0, 10.0)
"""Some grids have only such lines; taken for one where they fit the page's own millimetres."""
PAGE_OWN = 0.01


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
    """Scale of the grid, be it of lines, of thin bars or of dots; that of the page where there is none."""
    for find_places in (_line_places, _dot_places):
        across, down = (_px_per_mm(find_places(drawing, axis), drawing.px_per_mm) for axis in (0, 1))
        if across and down:
            return Scale(across, down)
    return Scale(drawing.px_per_mm, drawing.px_per_mm, has_grid=False)


def _line_places(drawing: Drawing, axis: int) -> np.ndarray:
    """Where the straight lines and thin bars stand that cross an axis at right angles, each place once."""
    least_px = drawing.px_per_mm * LEAST_LENGTH_MM
    lines = [float(each.points_px[0, axis]) for each in drawing.strokes if _is_straight(each, axis, least_px)]
    low, high = drawing.boxes_px[:, axis], drawing.boxes_px[:, axis + 2]
    long = drawing.boxes_px[:, 3 - axis] - drawing.boxes_px[:, 1 - axis] >= least_px
    bars = ((low + high) / 2)[long & (high - low <= THIN_MM * drawing.px_per_mm)]
    return _each_once(np.array([*lines, *bars]), drawing.px_per_mm)


def _dot_places(drawing: Drawing, axis: int) -> np.ndarray:
    """Where rows or columns of dots stand, each place once."""
    strokes = [np.concatenate((each.points_px.min(axis=0), each.points_px.max(axis=0))) for each in drawing.strokes]
    boxes = np.concatenate((drawing.boxes_px, np.array(strokes).reshape(-1, 4)))
    low, high = boxes[:, :2], boxes[:, 2:]
    middles = ((low + high) / 2)[((high - low) <= DOT_MM * drawing.px_per_mm).all(axis=1), axis]
    bins, counts = np.unique(np.rint(middles), return_counts=True)
    kept = middles[np.isin(np.rint(middles), bins[counts >= DOTS_IN_LINE])]
    return _each_once(kept, drawing.px_per_mm)


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


def _px_per_mm(places: np.ndarray, nominal: float) -> float | None:
    """Lines are a millimetre or a large box apart, whichever is nearer to the page's own size."""
    if len(places) < LEAST_LINES:
        return None
    pitch = float(np.median(np.diff(places)))
    lines = np.rint((places - places[0]) / pitch)
    pitch = float(np.polyfit(lines, places, 1)[0])
    for apart_mm in OTHER_PITCHES_MM:
        if abs(pitch / apart_mm / nominal - 1) <= PAGE_OWN:
            return pitch / apart_mm
    scales = [pitch / apart_mm for apart_mm in (SMALL_BOX_MM, LARGE_BOX_MM)]
    best = min(scales, key=lambda scale: abs(math.log(scale / nominal)))
    return best if abs(math.log(best / nominal)) <= math.log(GREATEST_SCALING) else None
