"""Ink of traces that no reading took: the top of a wave that was cut short, a pacemaker's spike, a path gone astray."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ecg_digitize.markers import PX_PER_BOX
from ecg_digitize.neural.flat import MARGIN_BOXES, PX_PER_MM, FlatPage
from ecg_digitize.neural.reading import RowReading

INK = 0.5
"""Of the map of traces, from which on a pixel counts."""

READ = 0.3
"""Presence of a trace, from which on a column counts as read."""

TAKEN_MM = 3.0
"""Width of what a path takes: the pen, and what bends and blur add to it."""

WIDEST_MM = 20.0
"""Wider pieces are no part of a wave, but frames and lines of writing."""

AT_AN_END_MM = 3.0
"""At either end of a lead stand pulses and separators, which hang on the trace as well."""


class UnreadInk:
    """How tall the ink is that hangs on the path of a row, and that neither it nor another path takes.

    Args:
        flat: the page.
        readings: of its rows.
    """

    def __init__(self, flat: FlatPage, readings: Sequence[RowReading]) -> None:
        paths = [_taken(reading, flat.trace.shape) for reading in readings]
        left = ((flat.trace >= INK) & ~np.any(paths, axis=0)).astype(np.uint8)
        _, patches, stats, _ = cv2.connectedComponentsWithStats(left, connectivity=8)
        narrow = stats[:, cv2.CC_STAT_WIDTH] <= WIDEST_MM * PX_PER_MM
        narrow[0] = False  # what is no ink
        self._height_mm = np.zeros((len(readings), left.shape[1]))
        for row, path in enumerate(paths):
            beside = cv2.dilate(path.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            for patch in np.flatnonzero(np.bincount(patches[beside], minlength=len(stats)) * narrow):
                first = stats[patch, cv2.CC_STAT_LEFT]
                across = self._height_mm[row, first : first + stats[patch, cv2.CC_STAT_WIDTH]]
                np.maximum(across, stats[patch, cv2.CC_STAT_HEIGHT] / PX_PER_MM, out=across)

    def tallest_mm(self, row: int, first_mm: float, last_mm: float) -> float:
        """The tallest piece on a row's path between the two ends of a lead, in millimetres from the left edge."""
        inside = slice(*(max(round(end * PX_PER_MM), 0) for end in (first_mm + AT_AN_END_MM, last_mm - AT_AN_END_MM)))
        return float(self._height_mm[row, inside].max(initial=0.0))


def _taken(reading: RowReading, shape: tuple[int, ...]) -> np.ndarray:
    """What the path of a row takes of the flat page, bool."""
    taken = np.zeros(shape, np.uint8)
    boxes = reading.lattice_points(0, len(reading.columns.row_px))
    points = np.rint((boxes + MARGIN_BOXES) * PX_PER_BOX).astype(np.int32)
    there = np.concatenate(([False], reading.columns.presence >= READ, [False]))
    for first, last in np.flatnonzero(np.diff(there.astype(np.int8))).reshape(-1, 2):
        cv2.polylines(taken, [points[first:last]], False, 1, round(TAKEN_MM * PX_PER_MM))
    return taken > 0
