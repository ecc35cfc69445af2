"""The grid of a page as a mesh of points in a picture: holes mended, outliers replaced, and the way back to flat paper.

A page that is bent or crumpled has no single map to flat paper, but around each box it is nearly flat: a homography
fitted to the crossings about it is exact enough, and sixteen crossings are better than the box's own four.
"""

from __future__ import annotations

from functools import cached_property
from typing import Self

import attrs
import cv2
import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.spatial import cKDTree

from ecg_digitize.digitizers.neural.grid.homography import (
    MIN_POINTS,
    apply_homographies,
    fit_homographies,
    flat_points,
)
from ecg_digitize.digitizers.neural.grid.smoothing import smooth_points

AROUND = 2
"""Crossings on each side that a missing one is judged by."""

TRUSTED_NEIGHBOURS = 7
"""So many known crossings around decide where one lies; fewer only where there is no more to be had."""

OUTLIER_BOXES = 0.15
"""A crossing so far from where its neighbours say is taken for another one, or for a stain."""

WORST = 0.01
"""Share of the crossings by which the unevenness of a mesh is told."""

LINES_BESIDE = 3
"""So many lines beside each other tell how large boxes are there."""

LEAST_OF_EDGE = 0.35
"""Share of the crossings of an outermost line that must be known for it to be one."""

CELL_SIDE = 4
"""Crossings across and down that the map of a box is fitted to."""

SMOOTHING, LEAST_SHRINKING = 0.4, 1.2
"""A picture that is to be so many times smaller, or more, is smoothed first by so much, in pixels."""

BESIDE_PX = 8
"""Pixels beside those that are looked up, for the resampling."""

NOWHERE_PX = -1e4
"""Beyond every picture: where a place is taken from that the mesh does not reach."""

SAMPLED = 16
"""One of so many pixels across and down is looked up to know the colour of the paper."""

COARSE_PX = 8
"""Distance of the pixels whose sources are worked out; those between are interpolated."""


FLAT_BOXES, FLAT_SHARE, FLAT_LEAST = 0.15, 0.98, 60
"""A page is flat where such a share of its crossings, so many at least, lie so near to where a homography has them."""


@attrs.frozen(eq=False, slots=False)
class Mesh:
    """Where the crossings of a page's large-box lines lie.

    Lattice coordinates count boxes: (2, 5) is where the third vertical line crosses the sixth horizontal one.

    Attributes:
        points_px: float64, shape (horizontal lines, vertical lines, 2): x and y; NaN where not found.
    """

    points_px: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """Whether each crossing is known, shape (horizontal lines, vertical lines)."""
        return np.asarray(np.isfinite(self.points_px).all(axis=-1))

    @cached_property
    def box_px(self) -> float:
        """Median side of a box."""
        return float(np.nanmedian(np.concatenate([self._sides_px(axis).ravel() for axis in (0, 1)])))

    def _sides_px(self, axis: int) -> np.ndarray:
        """Heights of all boxes, or their widths: from each crossing to the next along an axis."""
        return np.asarray(np.linalg.norm(np.diff(self.points_px, axis=axis), axis=-1))

    @cached_property
    def irregularity(self) -> float:
        """Median distance of the crossings from where their neighbours say, by the side of a box."""
        off_px, _ = self._off
        return float(np.nanmedian(off_px)) / self.box_px

    @property
    def unevenness(self) -> float:
        """The same distance of the worst hundredth of the crossings that have neighbours on all sides."""
        off_px, is_judged = self._off
        return float(np.quantile(off_px[is_judged], 1 - WORST)) / self.box_px if is_judged.any() else 0.0

    @cached_property
    def growth(self) -> float:
        """How many times as large as the smallest boxes the largest ones are, in some lines beside each other, by their
        height or their width: perspective makes those at one end of a page larger."""
        ratios = [1.0]
        for axis in (0, 1):
            sides_px = self._sides_px(axis)
            known = np.isfinite(sides_px).any(axis=1 - axis)
            of_lines = np.nanmedian(sides_px.compress(known, axis=axis), axis=1 - axis)
            if len(of_lines) > LINES_BESIDE:
                near = uniform_filter1d(of_lines, LINES_BESIDE)[LINES_BESIDE // 2 : -(LINES_BESIDE // 2)]
                ratios.append(float(near.max() / max(float(near.min()), 1e-9)))
        return max(ratios)

    def trimmed(self) -> Self:
        """The mesh without outermost lines of which too little is known: strays beyond the paper, mostly."""
        kept = known_lines(self.found, LEAST_OF_EDGE, fewest=CELL_SIDE)
        return attrs.evolve(self, points_px=self.points_px[kept])

    def without_outliers(self) -> Self:
        """The mesh without the crossings that lie where their neighbours would not have them."""
        off_px, is_judged = self._off
        wrong = is_judged & (off_px > OUTLIER_BOXES * self.box_px)
        return attrs.evolve(self, points_px=np.where(wrong[..., None], np.nan, self.points_px))

    def repaired(self) -> Self:
        """The mesh with every hole filled from the crossings around it, the surest first; on a flat page from all.

        From neighbour to neighbour a large hole is filled with ever larger errors, and no page that is flat wherever it
        is seen bends where it is not.
        """
        flat = self._of_flat_page()
        if flat is not None:
            return attrs.evolve(self, points_px=np.where(self.found[..., None], self.points_px, flat))
        mesh = self
        for needed in (TRUSTED_NEIGHBOURS, MIN_POINTS + 1):
            while True:
                expected, judges = mesh._expected(~mesh.found)
                fill = ~mesh.found & (judges >= needed) & np.isfinite(expected).all(axis=-1)
                if not fill.any():
                    break
                mesh = attrs.evolve(mesh, points_px=np.where(fill[..., None], expected, mesh.points_px))
        return mesh

    def _of_flat_page(self) -> np.ndarray | None:
        """Where one homography has all crossings, shape of `points_px`; None where the page is not flat."""
        found = self.found
        if found.sum() < FLAT_LEAST:
            return None
        points = flat_points(self.points_px, found.astype(float))
        off = np.linalg.norm(points - self.points_px, axis=-1)[found]
        return points if np.mean(off <= FLAT_BOXES * self.box_px) >= FLAT_SHARE else None

    def smoothed(self) -> Self:
        """The mesh without holes, its crossings moved to where all together say that they are."""
        return attrs.evolve(self, points_px=smooth_points(self.points_px))

    def to_picture(self, lattice: np.ndarray) -> np.ndarray:
        """Points of the lattice, shape (n, 2), column first, in pixels of the picture.

        Each goes by the map of its box; beyond the mesh, by that of the nearest one.
        """
        rows, columns = self._maps.shape[:2]
        column, row = (
            np.clip(np.floor(values), 0, last - 1).astype(int)
            for values, last in zip(lattice.T, (columns, rows), strict=True)
        )
        return apply_homographies(self._maps[row, column], lattice)

    def to_lattice(self, points_px: np.ndarray) -> np.ndarray:
        """The reverse of `to_picture`, by the map of the box at the nearest crossing."""
        rows, columns = self._maps.shape[:2]
        known = np.flatnonzero(self.found.ravel())
        _, nearest = cKDTree(self.points_px.reshape(-1, 2)[known]).query(points_px)
        row, column = np.divmod(known[nearest], columns + 1)
        maps = self._maps[np.minimum(row, rows - 1), np.minimum(column, columns - 1)]
        return apply_homographies(np.linalg.inv(maps), points_px)

    def flatten(
        self,
        image: np.ndarray,
        *,
        px_per_box: tuple[float, float],
        corner: tuple[float, float],
        size: tuple[int, int],
        resampling: int = cv2.INTER_LANCZOS4,
    ) -> np.ndarray:
        """The paper laid flat.

        Args:
            image: uint8, shape (height, width) or (height, width, 3).
            px_per_box: scale of the result, across and down.
            corner: lattice coordinates of the centre of its first pixel.
            size: its width and height.
            resampling: how, one of OpenCV's; small letters are read best by Lanczos.

        Returns:
            What lies beyond the picture has the colour of the paper, as if nothing were printed there.
        """
        width, height = size
        coarse_x, coarse_y = (np.arange(0, length + COARSE_PX, COARSE_PX) for length in (width, height))
        grid = np.stack(np.meshgrid(coarse_x, coarse_y), axis=-1).reshape(-1, 2)
        sources = self.to_picture(grid / np.asarray(px_per_box) + corner).reshape(len(coarse_y), len(coarse_x), 2)
        fine = np.array([[1 / COARSE_PX, 0, 0], [0, 1 / COARSE_PX, 0]])
        x, y = (
            cv2.warpAffine(plane, fine, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
            for plane in np.nan_to_num(np.moveaxis(sources, -1, 0), nan=NOWHERE_PX).astype(np.float32)
        )
        part, (left, top) = _around(image, x, y)
        smooth = self._smoothed(part, px_per_box)
        fill = _usual(image, x, y)
        return cv2.remap(smooth, x - left, y - top, resampling, borderMode=cv2.BORDER_CONSTANT, borderValue=fill)

    def _smoothed(self, image: np.ndarray, px_per_box: tuple[float, float]) -> np.ndarray:
        """A picture with what a coarser scale cannot show taken out, so that it does not come back as moiré."""
        spreads = [0.0, 0.0]  # across and down the picture
        for axis, scale in zip((1, 0), px_per_box, strict=True):
            step = np.abs(np.nanmedian(np.diff(self.points_px, axis=axis), axis=(0, 1)))
            shrinking = np.hypot(*step) / scale
            if shrinking > LEAST_SHRINKING:
                spreads[int(step.argmax())] = SMOOTHING * float(np.sqrt(shrinking**2 - 1))
        if not any(spreads):
            return image
        return cv2.GaussianBlur(image, (0, 0), max(spreads[0], 1e-3), sigmaY=max(spreads[1], 1e-3))

    @cached_property
    def _maps(self) -> np.ndarray:
        """Homographies from lattice to picture, shape (boxes down, boxes across, 3, 3)."""
        rows, columns = (length - 1 for length in self.points_px.shape[:2])
        row, column = (axis.ravel() for axis in np.mgrid[:rows, :columns])
        offsets = np.arange(CELL_SIDE) - (CELL_SIDE - 2) // 2
        first_row, first_column = (
            np.clip(start + offsets[0], 0, max(length + 1 - CELL_SIDE, 0))
            for start, length in ((row, rows), (column, columns))
        )
        down, across = (np.arange(min(CELL_SIDE, length + 1)) for length in (rows, columns))
        rows_of = (first_row[:, None, None] + down[:, None]).repeat(len(across), axis=2).reshape(len(row), -1)
        columns_of = (first_column[:, None, None] + across).repeat(len(down), axis=1).reshape(len(row), -1)
        lattice = np.stack((columns_of, rows_of), axis=-1).astype(float)
        target = self.points_px[rows_of, columns_of]
        weights = np.isfinite(target).all(axis=-1).astype(float)
        return fit_homographies(lattice, target, weights).reshape(rows, columns, 3, 3)

    @cached_property
    def _off(self) -> tuple[np.ndarray, np.ndarray]:
        """How far each crossing lies from where those around it say, and whether they are enough to say it."""
        expected, judges = self._expected(self.found)
        off_px = np.linalg.norm(expected - self.points_px, axis=-1)
        return off_px, self.found & (judges >= TRUSTED_NEIGHBOURS)

    def _expected(self, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where each crossing should lie by those around it, and how many these are; NaN and 0 but for those asked."""
        shape = self.points_px.shape[:2]
        asked = np.nonzero(where)
        padded = np.pad(self.points_px, ((AROUND, AROUND), (AROUND, AROUND), (0, 0)), constant_values=np.nan)
        span = 2 * AROUND + 1
        windows = np.lib.stride_tricks.sliding_window_view(padded, (span, span), axis=(0, 1))[asked]
        target = np.moveaxis(windows, 1, -1).reshape(len(asked[0]), span * span, 2)
        steps = np.arange(span) - AROUND
        lattice = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2).astype(float)
        weights = np.isfinite(target).all(axis=-1) / (1 + (lattice**2).sum(axis=1))
        weights[:, span * span // 2] = 0
        fitted = fit_homographies(np.broadcast_to(lattice, target.shape), target, weights)
        expected, judges = np.full((*shape, 2), np.nan), np.zeros(shape, int)
        expected[asked] = apply_homographies(fitted, np.zeros((len(fitted), 2)))
        judges[asked] = (weights > 0).sum(axis=1)
        return expected, judges


def known_lines(known: np.ndarray, least: float, *, fewest: int) -> tuple[slice, slice]:
    """Rows and columns of a lattice without outermost ones of which too little is known, the barest first.

    Args:
        known: whether each crossing is known, shape (rows, columns).
        least: share of an outermost line that must be.
        fewest: so many lines stay, whatever is known of them.
    """
    top, left = 0, 0
    bottom, right = known.shape
    while bottom - top > fewest and right - left > fewest:
        inner = known[top:bottom, left:right]
        shares = [inner[0].mean(), inner[-1].mean(), inner[:, 0].mean(), inner[:, -1].mean()]
        if min(shares) >= least:
            break
        side = int(np.argmin(shares))
        top, bottom = top + (side == 0), bottom - (side == 1)
        left, right = left + (side == 2), right - (side == 3)
    return slice(top, bottom), slice(left, right)


def _usual(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> list[float]:
    """Median of each channel at some places, as far as they lie within the picture; white where none does."""
    column, row = (np.rint(places[::SAMPLED, ::SAMPLED]).astype(int).ravel() for places in (x, y))
    inside = (column >= 0) & (column < image.shape[1]) & (row >= 0) & (row < image.shape[0])
    if not inside.any():
        return [255.0] * 3
    return np.atleast_1d(np.median(image[row[inside], column[inside]], axis=0)).tolist()


def _around(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """The part of a picture that holds some places, and its first column and row; one pixel at least."""
    slices, firsts = [], []
    for places, length in ((y, image.shape[0]), (x, image.shape[1])):
        first = int(np.clip(np.floor(places.min()) - BESIDE_PX, 0, length - 1))
        last = int(np.clip(np.ceil(places.max()) + BESIDE_PX + 1, first + 1, length))
        slices.append(slice(first, last))
        firsts.append(first)
    return image[slices[0], slices[1]], (firsts[1], firsts[0])
