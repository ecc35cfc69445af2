"""The scale of a drawing, told by the lines of its grid."""

from __future__ import annotations

import math

import attrs
import numpy as np

from ecg_core.paper import LARGE_BOX_MM
from ecg_digitize.pages.drawing import Drawing, Stroke

LEAST_LINES = 10
STRAIGHT_PX = 0.5
LEAST_LENGTH_MM = 20.0
SAME_LINE_MM = 0.2
GREATEST_SCALING = 1.7
"""Pages are printed at their own size, or fitted to a sheet of another."""


@attrs.frozen
class Scale:
    """Pixels of the page's picture a millimetre of the ECG's paper, across and down."""

    across_px_per_mm: float
    down_px_per_mm: float


def grid_scale(drawing: Drawing) -> Scale | None:
    """Scale of the grid; None where there are no lines that could be one."""
    across, down = (_px_per_mm(_places(drawing, axis), drawing.px_per_mm) for axis in (0, 1))
    return Scale(across, down) if across and down else None


def _places(drawing: Drawing, axis: int) -> np.ndarray:
    """Where the straight lines stand that cross an axis at right angles, each place once."""
    at = sorted(
        float(stroke.points_px[0, axis])
        for stroke in drawing.strokes
        if _is_straight(stroke, axis, drawing.px_per_mm * LEAST_LENGTH_MM)
    )
    if not at:
        return np.empty(0)
    places = np.array(at)
    return places[np.concatenate(([True], np.diff(places) > SAME_LINE_MM * drawing.px_per_mm))]


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
    scales = [pitch / apart_mm for apart_mm in (1.0, LARGE_BOX_MM)]
    best = min(scales, key=lambda scale: abs(math.log(scale / nominal)))
    return best if abs(math.log(best / nominal)) <= math.log(GREATEST_SCALING) else None
