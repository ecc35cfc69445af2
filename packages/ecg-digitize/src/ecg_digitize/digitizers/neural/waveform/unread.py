"""Ink of traces that no reading took: the top of a wave that was cut short, a pacemaker's spike, a path gone astray."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import cv2
import numpy as np

from ecg_core.curves import runs_of
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage
from ecg_digitize.digitizers.neural.waveform.row_reading import LEAST_PRESENCE, RowReading

INK = 0.5
"""Value of the map of traces from which on a pixel counts as ink."""

TAKEN_MM = 3.0
"""Width of what a path takes: the pen, and what bends and blur add to it."""

WIDEST_MM = 20.0
"""Wider pieces are no part of a wave, but frames and lines of writing."""

AT_AN_END_MM = 3.0
"""Separators stand so near to either end of a lead, and hang on the trace as well."""


@attrs.frozen
class Piece:
    """Some ink, in millimetres on the flat page."""

    left_mm: float
    width_mm: float
    height_mm: float

    def is_within(self, first_mm: float, last_mm: float) -> bool:
        """Whether it belongs to the lead between two places: what reaches beyond an end of it is a pulse, say."""
        middle_mm = self.left_mm + self.width_mm / 2
        inside = first_mm <= self.left_mm and self.left_mm + self.width_mm <= last_mm
        return inside and first_mm + AT_AN_END_MM <= middle_mm <= last_mm - AT_AN_END_MM


class UnreadInk:
    """The ink that hangs on the path of a row, and that neither it nor another path takes.

    Args:
        flat: the page.
        readings: the readings of its rows.
    """

    def __init__(self, flat: FlatPage, readings: Sequence[RowReading]) -> None:
        paths = [_taken(reading, flat) for reading in readings]
        ink = ((flat.trace >= INK) & ~np.any(paths, axis=0)).astype(np.uint8)
        _, patches, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
        boxes_mm = stats[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]] / PX_PER_MM
        self._pieces = [
            [Piece(*boxes_mm[patch]) for patch in _hanging_on(path, patches) if boxes_mm[patch, 1] <= WIDEST_MM]
            for path in paths
        ]

    def tallest_mm(self, row: int, first_mm: float, last_mm: float) -> float:
        """Height of the tallest piece on a row's path between the ends of a lead, given from the page's left edge."""
        pieces = (piece for piece in self._pieces[row] if piece.is_within(first_mm, last_mm))
        return max((float(piece.height_mm) for piece in pieces), default=0.0)


def _hanging_on(path: np.ndarray, patches: np.ndarray) -> np.ndarray:
    """Numbers of the patches that touch a path."""
    beside = cv2.dilate(path.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    numbers = np.unique(patches[beside])
    return numbers[numbers > 0]


def _taken(reading: RowReading, flat: FlatPage) -> np.ndarray:
    """What the path of a row takes of the flat page, bool."""
    taken = np.zeros(flat.trace.shape, np.uint8)
    lattice = reading.lattice_points(0, len(reading.columns.row_px))
    points = np.rint(flat.px_of_lattice(lattice)).astype(np.int32)
    for first, last in runs_of(reading.columns.presence >= LEAST_PRESENCE):
        cv2.polylines(taken, [points[first:last]], False, 1, round(TAKEN_MM * PX_PER_MM))
    return taken > 0
