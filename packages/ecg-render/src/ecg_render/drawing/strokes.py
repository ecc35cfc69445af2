"""Coverage of pixels by a pen stroke along a curve that runs from left to right.

A stroke is what a round pen covers. Where the curve is a function of x, every vertical line cuts the stroke in one
interval, whose ends are the curve's upper and lower envelope under a disc (grey dilation and erosion). The intervals
of a few lines a pixel column, each measured exactly against the pixels, give the coverage: exact vertically, to
1 / (2 * LINES_PER_PX) pixel horizontally, for any width, and without a canvas larger than the page.
"""

from __future__ import annotations

import attrs
import numpy as np

LINES_PER_PX = 8


@attrs.frozen
class Patch:
    """Ink on a rectangle of the page.

    Attributes:
        left: first column.
        top: first row.
        coverage: float32 from 0 to 1, shape (height, width): share of each pixel that is inked.
    """

    left: int
    top: int
    coverage: np.ndarray


def stroke_patch(x_px: np.ndarray, y_px: np.ndarray, width_px: float, page_shape: tuple[int, int]) -> Patch | None:
    """Coverage by a round pen drawn along a polyline.

    Args:
        x_px: float, shape (points,), never decreasing; equal neighbours make a vertical edge.
        y_px: float, shape (points,), finite.
        width_px: diameter of the pen.
        page_shape: height and width of the page; what lies outside is cut off.

    Returns:
        The patch, None where nothing of the stroke lies on the page.
    """
    height, width = page_shape
    radius = width_px / 2
    y_px = np.clip(y_px, -width_px - 1, height + width_px)
    left = max(0, int(np.floor(x_px[0] - radius + 0.5)))
    right = min(width, int(np.floor(x_px[-1] + radius + 0.5)) + 1)
    if left >= right:
        return None
    reach = int(radius * LINES_PER_PX)
    highest, lowest = _curve_extent(x_px, y_px, left, right, reach)
    upper, lower = _envelopes(highest, lowest, radius, reach)
    return _fill_intervals(upper, lower, left, height)


def _curve_extent(
    x_px: np.ndarray, y_px: np.ndarray, left: int, right: int, reach: int
) -> tuple[np.ndarray, np.ndarray]:
    """The least and greatest y of the curve around each vertical line, within ``reach`` lines on either side.

    Where the curve is absent they are +inf and -inf.
    """
    num_lines = (right - left) * LINES_PER_PX + 2 * reach
    first_edge = left - 0.5 - reach / LINES_PER_PX
    edges = first_edge + np.arange(num_lines + 1) / LINES_PER_PX
    at_edges = np.interp(edges, x_px, y_px, left=np.nan, right=np.nan)
    least = np.nan_to_num(np.fmin(at_edges[:-1], at_edges[1:]), nan=np.inf)
    greatest = np.nan_to_num(np.fmax(at_edges[:-1], at_edges[1:]), nan=-np.inf)
    line = np.floor((x_px - first_edge) * LINES_PER_PX).astype(np.intp)
    inside = (line >= 0) & (line < num_lines)
    np.minimum.at(least, line[inside], y_px[inside])
    np.maximum.at(greatest, line[inside], y_px[inside])
    return least, greatest


def _envelopes(least: np.ndarray, greatest: np.ndarray, radius: float, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Upper and lower end of the stroke on each line: extent dilated by a disc."""
    num_lines = len(least) - 2 * reach
    upper = np.full(num_lines, np.inf)
    lower = np.full(num_lines, -np.inf)
    for offset in range(-reach, reach + 1):
        half_chord = np.sqrt(radius**2 - (offset / LINES_PER_PX) ** 2)
        window = slice(reach + offset, reach + offset + num_lines)
        np.minimum(upper, least[window] - half_chord, out=upper)
        np.maximum(lower, greatest[window] + half_chord, out=lower)
    return upper, lower


def _fill_intervals(upper: np.ndarray, lower: np.ndarray, left: int, page_height: int) -> Patch | None:
    """Turn the intervals on the lines into coverage of pixels.

    An edge at e covers pixel j of everything below it by clip(j + 0.5 - e, 0, 1). Only two steps of that ramp differ
    from zero, so the steps of all edges are added up first and then summed down the columns.
    """
    inked = np.flatnonzero((lower > upper) & (lower > -0.5) & (upper < page_height - 0.5))
    if not len(inked):
        return None
    upper = np.clip(upper[inked], -0.5, page_height - 0.5)
    lower = np.clip(lower[inked], -0.5, page_height - 0.5)
    top = int(np.floor(upper.min() + 0.5))
    num_rows = min(page_height, int(np.floor(lower.max() + 0.5)) + 1) - top
    column = inked // LINES_PER_PX
    num_columns = int(column[-1]) + 1
    steps = np.zeros((num_rows + 2) * num_columns)
    for edge, sign in ((upper, 1.0), (lower, -1.0)):
        row = np.floor(edge + 0.5)
        share = row + 0.5 - edge
        index = (row - top).astype(np.intp) * num_columns + column
        steps += np.bincount(index, sign * share, len(steps))
        steps += np.bincount(index + num_columns, sign * (1 - share), len(steps))
    coverage = np.cumsum(steps.reshape(num_rows + 2, num_columns)[:num_rows], axis=0) / LINES_PER_PX
    return Patch(left, top, np.clip(coverage, 0, 1).astype(np.float32))
