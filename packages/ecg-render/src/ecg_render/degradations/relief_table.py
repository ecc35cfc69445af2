"""Values at the points of a sheet, in a table that is quick to look up however many points there are."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_render.degradations.relief import Relief
from ecg_render.degradations.sampling import look_up
from ecg_render.page import Page

CELL_MM = 1.0


@attrs.frozen(kw_only=True, eq=False)
class SheetTable:
    """Values at points of a sheet; linear between samples, and level beyond its edge.

    Attributes:
        values: float32, shape (rows, columns, channels), `CELL_MM` apart.
        first_mm: x and y of the first sample, from the centre of the sheet.
    """

    values: np.ndarray
    first_mm: np.ndarray

    def at(self, points_mm: np.ndarray) -> np.ndarray:
        """Values at points of shape (points, 2): shape (points, channels)."""
        column, row = ((points_mm - self.first_mm) / CELL_MM).T
        return look_up(self.values, column, row)


def sample_points_mm(page: Page) -> np.ndarray:
    """Where the samples of a page's table lie, one beyond each edge: shape (rows, columns, 2)."""
    x_mm, y_mm = (
        (np.arange(count) - (count - 1) / 2) * CELL_MM
        for count in (
            int(np.ceil(length_px / page.px_per_mm / CELL_MM)) + 3 for length_px in (page.width_px, page.height_px)
        )
    )
    return np.stack(np.meshgrid(x_mm, y_mm), axis=-1)


def displacement_table(page: Page, relief: Relief) -> SheetTable:
    """Displacement of the points of a page from their places on a table: three channels in millimetres."""
    points_mm = sample_points_mm(page)
    displacement_mm = relief.displacement_mm(points_mm.reshape(-1, 2)).astype(np.float32)
    return SheetTable(values=displacement_mm.reshape(*points_mm.shape[:2], 3), first_mm=points_mm[0, 0])
