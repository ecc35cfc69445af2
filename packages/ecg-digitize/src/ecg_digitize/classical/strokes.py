"""What ink looks like column by column: runs of dark pixels with edges between pixels."""

from __future__ import annotations

import attrs
import cv2
import numpy as np

from ecg_digitize.classical.rectify import PX_PER_MM

INK_THRESHOLD = 0.45
"""Evidence from which on a pixel is ink."""
EDGE_LEVEL = 0.5
EDGE_DEPTH_PX = 3
"""How deep into a stroke its darkness is measured; its edge lies where the evidence has fallen to half of that."""
PAD_PX = 4
"""Rows of empty paper around the page, so that every stroke has an outside."""
MAX_CRACK_PX = 2
"""Widest crack in a stroke that is closed: where a grid line was taken off, a stroke may be split."""
MAX_PEN_MM = 1.2


@attrs.frozen(kw_only=True)
class Runs:
    """Vertical runs of ink, column after column, from top to bottom in each.

    Attributes:
        column: int, shape (runs,).
        top_px: float, shape (runs,), upper edge between pixels, in rows of the page.
        bottom_px: float, shape (runs,), lower edge.
        strength: float, shape (runs,), mean evidence within.
        is_suspect: bool, shape (runs,), whether it may belong to a printed word.
        starts: int, shape (columns + 1,); runs of column x are ``starts[x]:starts[x + 1]``.
    """

    column: np.ndarray
    top_px: np.ndarray
    bottom_px: np.ndarray
    strength: np.ndarray
    is_suspect: np.ndarray
    starts: np.ndarray

    @property
    def num_columns(self) -> int:
        return len(self.starts) - 1

    @property
    def centre_px(self) -> np.ndarray:
        return (self.top_px + self.bottom_px) / 2

    @property
    def height_px(self) -> np.ndarray:
        return self.bottom_px - self.top_px

    def select(self, keep: np.ndarray) -> Runs:
        """Only the runs of a boolean mask."""
        column = self.column[keep]
        return Runs(
            column=column,
            top_px=self.top_px[keep],
            bottom_px=self.bottom_px[keep],
            strength=self.strength[keep],
            is_suspect=self.is_suspect[keep],
            starts=np.searchsorted(column, np.arange(self.num_columns + 1)),
        )


def find_runs(evidence: np.ndarray) -> Runs:
    """Every vertical run of ink of a page.

    Args:
        evidence: float32, shape (height, width), 0 to about 1.
    """
    height, width = evidence.shape
    padded = np.zeros((width, height + 2 * PAD_PX), np.float32)
    padded[:, PAD_PX:-PAD_PX] = evidence.T
    ink = _closed(padded > INK_THRESHOLD)
    column, before = np.nonzero(ink[:, 1:] & ~ink[:, :-1])
    _, last = np.nonzero(ink[:, :-1] & ~ink[:, 1:])
    first = before + 1
    total = np.cumsum(padded, axis=1, dtype=np.float64)
    strength = (total[column, last] - total[column, first - 1]) / (last - first + 1)
    return Runs(
        column=column,
        top_px=first - PAD_PX - _edge_reach(padded, column, first, last, -1),
        bottom_px=last - PAD_PX + _edge_reach(padded, column, last, first, +1),
        strength=np.minimum(strength, 1.0),
        is_suspect=np.zeros(len(column), bool),
        starts=np.searchsorted(column, np.arange(width + 1)),
    )


def _edge_reach(
    padded: np.ndarray, column: np.ndarray, end: np.ndarray, other: np.ndarray, outwards: int
) -> np.ndarray:
    """How far beyond its last inked pixel's centre a run reaches: to half of the stroke's darkness near that end.

    Args:
        padded: evidence, shape (columns, rows).
        column: of each run.
        end: row of the run's last inked pixel at this end.
        other: row of its last inked pixel at the other end.
        outwards: -1 for the upper end, 1 for the lower.
    """
    length = np.abs(end - other)
    inside = [padded[column, end - outwards * np.minimum(step, length)] for step in range(EDGE_DEPTH_PX + 1)]
    half = EDGE_LEVEL * np.max(inside, axis=0)
    reach = np.full(len(column), float(PAD_PX - 1))
    for step in range(PAD_PX - 2, -EDGE_DEPTH_PX - 1, -1):
        near, far = (padded[column, end + outwards * (step + offset)] for offset in (0, 1))
        crosses = (near >= half) & (far < half)
        reach = np.where(crosses, step + (near - half) / np.maximum(near - far, 1e-6), reach)
    return reach


def _closed(ink: np.ndarray) -> np.ndarray:
    """Ink with gaps of up to `MAX_CRACK_PX` along the last axis filled."""
    kernel = np.ones((1, MAX_CRACK_PX + 1), np.uint8)
    closed = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, kernel).astype(bool)
    closed[:, [0, -1]] = False
    return closed


def pen_thickness_px(runs: Runs) -> float:
    """Thickness of the page's thin strokes: the median height of thin runs, each counted by its ink.

    Counting by ink keeps the many specks of a noisy scan from passing for a fine pen.
    """
    thin = runs.height_px <= MAX_PEN_MM * PX_PER_MM
    if not thin.any():
        return MAX_PEN_MM * PX_PER_MM
    heights = runs.height_px[thin]
    order = np.argsort(heights)
    ink = np.cumsum((heights * runs.strength[thin])[order])
    return float(heights[order][np.searchsorted(ink, ink[-1] / 2)])
