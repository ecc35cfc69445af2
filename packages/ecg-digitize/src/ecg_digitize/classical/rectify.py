"""The page laid flat: upright, even, and scaled so that a millimetre of paper is always the same number of pixels."""

from __future__ import annotations

from typing import Self

import attrs
import cv2
import numpy as np

from ecg_digitize.classical.bend import Bend
from ecg_digitize.classical.grid import Lattice

PX_PER_MM = 10.0
"""Pixels a millimetre on every flat page; the whole of the classical method works at this scale."""
SHRINK_ABOVE = 1.5
"""Pages this much finer than the flat page are averaged down first, so that no detail turns into moiré."""
WHITE = 255


@attrs.frozen(kw_only=True)
class Flattening:
    """The map between a page and its flat version.

    Attributes:
        to_page: float64, shape (2, 3): (x, y, 1) of the even page to pixels of the original.
        size_px: width and height of the flat page.
        finest_scale: pixels of the original for one of the flat page, on the finer axis.
        bend: how the even page departs from a truly flat one, if that was measured.
    """

    to_page: np.ndarray
    size_px: tuple[int, int]
    finest_scale: float
    bend: Bend | None = None

    @classmethod
    def from_lattice(cls, lattice: Lattice, page_shape: tuple[int, ...]) -> Self:
        """The affine map that makes a grid upright and even.

        Args:
            lattice: the page's grid.
            page_shape: (height, width, …) of the page.
        """
        scale = lattice.mm_per_px * PX_PER_MM
        height, width = page_shape[:2]
        corners = np.array([(0, 0), (width, 0), (0, height), (width, height)]) @ scale.T
        origin = corners.min(axis=0)
        flat_width, flat_height = np.ceil(corners.max(axis=0) - origin).astype(int).tolist()
        forward = np.hstack([scale, (scale @ (0.5, 0.5) - 0.5 - origin)[:, None]])
        return cls(
            to_page=cv2.invertAffineTransform(forward),
            size_px=(flat_width, flat_height),
            finest_scale=min(lattice.px_per_mm_x, lattice.px_per_mm_y) / PX_PER_MM,
        )

    def unbent(self, bend: Bend) -> Self:
        """The same map with a bend taken out."""
        return attrs.evolve(self, bend=bend)

    def page_points(self, points_px: np.ndarray) -> np.ndarray:
        """Points of the flat page, shape (n, 2) as (x, y), in pixels of the original."""
        if self.bend is not None:
            points_px = np.stack(self.bend.displaced(*np.asarray(points_px, float).T), axis=1)
        return points_px @ self.to_page[:, :2].T + self.to_page[:, 2]

    def flatten(self, channel: np.ndarray) -> np.ndarray:
        """A channel of the page laid flat; what lies beyond the page is white.

        Args:
            channel: uint8, shape (height, width).
        """
        source, scale = _shrunken(channel, self.finest_scale)
        affine = self.to_page * scale
        affine[:, 2] += 0.5 * scale - 0.5
        if self.bend is None:
            return cv2.warpAffine(
                source,
                affine,
                self.size_px,
                flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=WHITE,
            )
        columns, rows = self._bent_raster()
        across, down = affine.astype(np.float32)
        return cv2.remap(
            source,
            across[0] * columns + across[1] * rows + across[2],
            down[0] * columns + down[1] * rows + down[2],
            interpolation=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=WHITE,
        )

    def _bent_raster(self) -> tuple[np.ndarray, np.ndarray]:
        """For every pixel of the flat page, its place on the even one; float32, shape (height, width) each.

        Displacements vary slowly, so they are worked out on a coarse raster and interpolated.
        """
        assert self.bend is not None, "only a bent page has a bent raster"
        width, height = self.size_px
        step = self.bend.cell_px / 2
        coarse_x, coarse_y = np.meshgrid(np.arange(0, width + step, step), np.arange(0, height + step, step))
        found_x, found_y = self.bend.displaced(coarse_x, coarse_y)
        shift_x, shift_y = (found_x - coarse_x).astype(np.float32), (found_y - coarse_y).astype(np.float32)
        x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
        fine_column, fine_row = (np.ascontiguousarray(plane, np.float32) for plane in np.meshgrid(x / step, y / step))
        shift_x = cv2.remap(shift_x, fine_column, fine_row, cv2.INTER_LINEAR)
        shift_y = cv2.remap(shift_y, fine_column, fine_row, cv2.INTER_LINEAR)
        return shift_x + x, shift_y + y[:, None]


def _shrunken(channel: np.ndarray, finest_scale: float) -> tuple[np.ndarray, float]:
    """The channel averaged down where it is much finer than the flat page, and by what factor."""
    if finest_scale <= SHRINK_ABOVE:
        return channel, 1.0
    height, width = channel.shape
    small = cv2.resize(
        channel, (round(width / finest_scale), round(height / finest_scale)), interpolation=cv2.INTER_AREA
    )
    return small, small.shape[1] / width
