"""Crumpled paper: flat facets that meet in sharp creases.

The squared distance to the nearest of a few scattered points differs from the squared distance to the nearest of a few
others by a function that is linear between creases, since the squares themselves cancel. So the difference of two
distance transforms is a sheet of facets.
"""

from __future__ import annotations

import attrs
import cv2
import numpy as np

from ecg_render.degradations.photograph import photograph
from ecg_render.degradations.relief_table import CELL_MM, SheetTable, sample_points_mm
from ecg_render.degradations.shading import Lamp, random_lamp
from ecg_render.page import Page

SPREAD_MM = 12.0
"""Stretch of paper over which a crease's loss of length is spread."""

TILTS_DEG = (3.0, 9.0)
FACETS_MM = (25.0, 60.0)
FACET_SIZES = ((1.0, 1.0), (0.45, 0.8), (0.2, 0.4))
"""Layers of facets, one over the other: size as a share of the greatest facets, and share in the slope."""

PATCHINESS = (0.35, 1.0)


@attrs.frozen(kw_only=True, eq=False)
class Crumple:
    """The shape of a crumpled sheet.

    Attributes:
        moved_mm: shift to the right and down, and height.
        rise: slope to the right and down.
    """

    moved_mm: SheetTable
    rise: SheetTable

    def displacement_mm(self, points_mm: np.ndarray) -> np.ndarray:
        return self.moved_mm.at(points_mm)

    def slope(self, points_mm: np.ndarray) -> np.ndarray:
        return self.rise.at(points_mm)


def degrade(page: Page, seed: int) -> Page:
    """Crumple a page, flatten it by hand and look at it from above."""
    rng = np.random.default_rng(seed)
    return wrinkle_page(page, random_lamp(rng), rng, tilt_deg=rng.uniform(*TILTS_DEG), facet_mm=rng.uniform(*FACETS_MM))


def wrinkle_page(page: Page, lamp: Lamp, rng: np.random.Generator, *, tilt_deg: float, facet_mm: float) -> Page:
    """A page of the same size after crumpling, seen from straight above; arguments as in `crumpled_sheet`."""
    return photograph(page, crumpled_sheet(page, rng, tilt_deg=tilt_deg, facet_mm=facet_mm), lamp)


def crumpled_sheet(page: Page, rng: np.random.Generator, *, tilt_deg: float, facet_mm: float) -> Crumple:
    """The shape of a crumpled sheet.

    Args:
        page: the page.
        rng: decides where the creases lie.
        tilt_deg: root mean square of the angle between the facets and the table.
        facet_mm: size of the greatest facets.
    """
    points_mm = sample_points_mm(page)
    rows, columns = points_mm.shape[:2]
    height_mm = np.zeros((rows, columns))
    for size, slope in FACET_SIZES:
        height_mm += slope * _facets(rows, columns, size * facet_mm, rng)
    height_mm *= _patchiness(rows, columns, rng)
    slope = np.sqrt(sum(np.mean(rise**2) for rise in np.gradient(height_mm, CELL_MM)))
    return _from_height(height_mm * np.tan(np.radians(tilt_deg)) / (slope or 1.0), points_mm[0, 0])


def _from_height(height_mm: np.ndarray, first_mm: np.ndarray) -> Crumple:
    """A shape from its heights; where the paper rises it covers less of the table."""
    rise_y, rise_x = np.gradient(height_mm, CELL_MM)
    shift_x = -np.cumsum(_spread(rise_x**2) / 2, axis=1) * CELL_MM
    shift_y = -np.cumsum(_spread(rise_y**2) / 2, axis=0) * CELL_MM
    moved_mm = np.stack((shift_x - shift_x.mean(), shift_y - shift_y.mean(), height_mm), axis=-1)
    return Crumple(
        moved_mm=SheetTable(values=moved_mm.astype(np.float32), first_mm=first_mm),
        rise=SheetTable(values=np.stack((rise_x, rise_y), axis=-1).astype(np.float32), first_mm=first_mm),
    )


def _facets(rows: int, columns: int, facet_mm: float, rng: np.random.Generator) -> np.ndarray:
    """Heights of a sheet of facets with slopes of about 1."""
    nearest, others = (_squared_distance(rows, columns, facet_mm, rng) for _ in range(2))
    return (nearest - others) / facet_mm


def _squared_distance(rows: int, columns: int, facet_mm: float, rng: np.random.Generator) -> np.ndarray:
    """Squared distance of each cell to the nearest of points scattered over the sheet and its surroundings.

    In cells it is a whole number; rounding to it undoes the last digit of OpenCV's root, which differs between runs.
    """
    margin = int(np.ceil(facet_mm / CELL_MM))
    shape = rows + 2 * margin, columns + 2 * margin
    num_points = max(2, round(shape[0] * shape[1] * (CELL_MM / facet_mm) ** 2))
    field = np.ones(shape, np.uint8)
    field[rng.integers(0, shape[0], num_points), rng.integers(0, shape[1], num_points)] = 0
    distance_cells = cv2.distanceTransform(field, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    squared = np.rint(distance_cells[margin:-margin, margin:-margin].astype(np.float64) ** 2)
    return np.asarray(squared * CELL_MM**2)


def _patchiness(rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """How strongly each part of the sheet is crumpled."""
    coarse = rng.uniform(*PATCHINESS, (4, 5))
    return cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)


def _spread(values: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(values, (0, 0), SPREAD_MM / CELL_MM, borderType=cv2.BORDER_REPLICATE)
