"""How the paper departs from an even grid, place by place: uneven scanner feed, a curl, a slight perspective.

Demodulation: the darkness of the page times a wave of the grid's period, averaged over a cell of whole periods, is a
complex number whose angle says by what part of a period the lines are displaced there. The angles are smoothed, and
unwrapped from the clearest cell outwards (quality-guided path following, Ghiglia and Pritt, "Two-Dimensional Phase
Unwrapping", 1998, chapter 4), so that displacements may exceed a box as long as neighbours differ by less than half.
"""

from __future__ import annotations

import heapq

import attrs
import cv2
import numpy as np

from ecg_digitize.classical.grid import DARKNESS_CAP

CELL_BOXES = 5
"""Side of a cell in small boxes: whole periods of the small and of the large boxes."""
SMOOTHING_CELLS = (1.5, 6.0, 24.0)
FALLBACK = 0.05
"""Weight of each wider smoothing against the one before: it speaks where no grid is printed."""
MIN_COHERENCE = 0.8
"""Least agreement of neighbouring cells for a period's lines to be trusted."""
ROUNDS = 3


@attrs.frozen(kw_only=True)
class Bend:
    """Displacements on a coarse raster.

    Attributes:
        shift_px: float32, shape (2, rows, columns): by how much the paper at a cell is displaced across and down.
        cell_px: side of a cell.
        coherence: agreement of neighbouring cells, 0 to 1; 0 where no displacement could be measured.
    """

    shift_px: np.ndarray
    cell_px: int
    coherence: float

    @property
    def spread_px(self) -> float:
        """Size of the bend: nine tenths of the displacements lie within this range, on the axis where it is larger."""
        low, high = np.percentile(self.shift_px, (5, 95), axis=(1, 2))
        return float((high - low).max())

    def at(self, x_px: np.ndarray, y_px: np.ndarray) -> np.ndarray:
        """Displacement (across, down) at points, shape (2, *points), by straight lines between cells."""
        column = (x_px / self.cell_px - 0.5).astype(np.float32)
        row = (y_px / self.cell_px - 0.5).astype(np.float32)
        column, row = np.atleast_2d(column), np.atleast_2d(row)
        sampled = [
            cv2.remap(plane, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for plane in self.shift_px
        ]
        return np.stack(sampled).reshape(2, *np.shape(x_px))

    def displaced(self, x_px: np.ndarray, y_px: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where points of the even paper are found on the bent one, by fixed-point iteration."""
        found = np.stack([x_px, y_px])
        for _ in range(ROUNDS):
            found = np.stack([x_px, y_px]) + self.at(*found)
        return found[0], found[1]


def measure_bend(darkness: np.ndarray, box_px: int) -> Bend:
    """Displacement of the grid's lines on a page scaled to an even grid.

    Args:
        darkness: float32, shape (height, width), with grid lines visible.
        box_px: period of the small boxes; large ones are `CELL_BOXES` of them.
    """
    cell_px = CELL_BOXES * box_px
    capped = np.minimum(darkness, DARKNESS_CAP)
    planes = [_displacement(capped, cell_px, (box_px, cell_px)), _displacement(capped.T, cell_px, (box_px, cell_px))]
    shifts = np.stack([planes[0][0], planes[1][0].T]).astype(np.float32)
    return Bend(shift_px=shifts, cell_px=cell_px, coherence=min(planes[0][1], planes[1][1]))


def _displacement(darkness: np.ndarray, cell_px: int, periods_px: tuple[int, ...]) -> tuple[np.ndarray, float]:
    """Displacement across and its coherence, from the finest lines that are seen everywhere; zeros if none are."""
    for period_px in periods_px:
        phasor = _demodulated(darkness, cell_px, period_px)
        smooth = _smoothed(phasor)
        coherence = _coherence(phasor)
        if coherence >= MIN_COHERENCE:
            return -unwrap(smooth) / (2 * np.pi) * period_px, coherence
    return np.zeros(phasor.shape), 0.0


def _demodulated(darkness: np.ndarray, cell_px: int, period_px: int) -> np.ndarray:
    """Complex mean of every cell times a wave across; shape (rows, columns) of whole cells only."""
    rows, columns = (max(1, extent // cell_px) for extent in darkness.shape)
    whole = np.ascontiguousarray(darkness[: rows * cell_px, : columns * cell_px])
    angle = 2 * np.pi * np.arange(whole.shape[1]) / period_px
    parts = [
        cv2.resize(whole * wave.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
        for wave in (np.cos(angle), -np.sin(angle))
    ]
    return parts[0] + 1j * parts[1]


def _blurred(phasor: np.ndarray, sigma: float) -> np.ndarray:
    real, imaginary = (
        cv2.GaussianBlur(np.ascontiguousarray(part, np.float64), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        for part in (phasor.real, phasor.imag)
    )
    return real + 1j * imaginary


def _smoothed(phasor: np.ndarray) -> np.ndarray:
    blurred = [FALLBACK**level * _blurred(phasor, sigma) for level, sigma in enumerate(SMOOTHING_CELLS)]
    return np.sum(blurred, axis=0)


def _coherence(phasor: np.ndarray) -> float:
    """How well neighbours agree, weighted by how clearly each cell shows lines; 1 for a perfect grid."""
    amplitude = np.abs(phasor)
    agreeing = np.abs(_blurred(phasor, SMOOTHING_CELLS[0]))
    present = _blurred(amplitude, SMOOTHING_CELLS[0]).real
    return float((amplitude * agreeing).sum() / max((amplitude * present).sum(), 1e-12))


def unwrap(phasor: np.ndarray) -> np.ndarray:
    """Continuous angle of a field of complex numbers, in radians, from the largest outwards; shape as given."""
    angle, quality = np.angle(phasor), np.abs(phasor)
    unwrapped = np.full(phasor.shape, np.nan)
    seed = np.unravel_index(quality.argmax(), phasor.shape)
    queue = [(-quality[seed], *map(int, seed), float(angle[seed]))]
    while queue:
        _, row, column, reference = heapq.heappop(queue)
        if np.isfinite(unwrapped[row, column]):
            continue
        turns = round((reference - angle[row, column]) / (2 * np.pi))
        unwrapped[row, column] = angle[row, column] + 2 * np.pi * turns
        for near_row, near_column in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            inside = 0 <= near_row < phasor.shape[0] and 0 <= near_column < phasor.shape[1]
            if inside and np.isnan(unwrapped[near_row, near_column]):
                entry = (-quality[near_row, near_column], near_row, near_column, float(unwrapped[row, column]))
                heapq.heappush(queue, entry)
    return unwrapped
