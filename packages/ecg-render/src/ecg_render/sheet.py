"""How the sheet, with the grid that is printed on it, lies under the print of a machine."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np

from ecg_render.geometry import PageScale
from ecg_render.style import GridStyle, PageStyle, PrintOffset

ON_LINE = 1e-6
"""Fraction of a pixel by which a line at the very end of a grid may miss it."""


@attrs.frozen(kw_only=True, eq=False)
class Sheet:
    """Lines of a grid in pixels of a canvas on which they stand upright, and how the canvas lies on the page.

    The canvas is the page itself, or a larger one where the paper is turned against the print.

    Attributes:
        scale: of the print.
        grid: lines of the paper.
        offset: how the paper lies under the print.
    """

    scale: PageScale
    grid: GridStyle
    offset: PrintOffset

    @classmethod
    def of_style(cls, scale: PageScale, style: PageStyle) -> Sheet:
        return cls(scale=scale, grid=style.grid, offset=style.offset)

    @property
    def is_turned(self) -> bool:
        return bool(self.offset.turn_deg or self.offset.slant_deg)

    @cached_property
    def border_px(self) -> int:
        """Width of the canvas beyond each edge of the page."""
        if not self.is_turned:
            return 0
        steepest_deg = abs(self.offset.turn_deg) + abs(self.offset.slant_deg)
        return int(np.ceil(np.tan(np.radians(steepest_deg)) * max(self.scale.width_px, self.scale.height_px))) + 2

    @property
    def width_px(self) -> int:
        return self.scale.width_px + 2 * self.border_px

    @property
    def height_px(self) -> int:
        return self.scale.height_px + 2 * self.border_px

    @cached_property
    def onto_page(self) -> np.ndarray:
        """Takes places on the canvas to the page: float64, shape (2, 3)."""
        turn, slant = np.radians((self.offset.turn_deg, self.offset.slant_deg))
        turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        linear = turned @ np.array([[1.0, np.tan(slant)], [0.0, 1.0]])
        middle = np.array([self.scale.width_px - 1, self.scale.height_px - 1]) / 2
        return np.column_stack((linear, middle - linear @ (middle + self.border_px)))

    def columns_px(self, spacing_mm: float) -> np.ndarray:
        """Columns of the canvas where vertical lines of a spacing stand."""
        return _within(self._all_columns_px(spacing_mm), self.extent_px and self.extent_px[::2])

    def rows_px(self, spacing_mm: float) -> np.ndarray:
        """Rows of the canvas where horizontal lines of a spacing stand."""
        return _within(self._all_rows_px(spacing_mm), self.extent_px and self.extent_px[1::2])

    def points_px(self) -> np.ndarray:
        """Where the large boxes' lines cross on the page: float64, shape (horizontal lines, vertical lines, 2)."""
        box_mm = self.scale.paper.large_box_mm
        points = np.stack(np.meshgrid(self.columns_px(box_mm), self.rows_px(box_mm)), axis=-1)
        return points @ self.onto_page[:, :2].T + self.onto_page[:, 2] if self.is_turned else points

    @cached_property
    def extent_px(self) -> tuple[float, float, float, float] | None:
        """Left, top, right and bottom line of a grid that does not cover the sheet; None where it does."""
        if self.grid.margins_mm is None:
            return None
        scale, layout = self.scale, self.scale.layout
        left_mm, top_mm, right_mm, bottom_mm = self.grid.margins_mm
        columns, rows = (lines(scale.paper.large_box_mm) for lines in (self._all_columns_px, self._all_rows_px))
        across_mm = layout.signal_start_mm - left_mm, scale.signal_end_mm + right_mm
        down_mm = layout.baselines_mm[0] - top_mm, layout.baselines_mm[-1] + bottom_mm
        left, right = _lines_around(columns, *(scale.position_px(each) + self.border_px for each in across_mm))
        top, bottom = _lines_around(rows, *(scale.position_px(each) + self.border_px for each in down_mm))
        return left, top, right, bottom

    def _all_columns_px(self, spacing_mm: float) -> np.ndarray:
        known_mm = self.scale.layout.grid_left_mm + self.offset.shift_x_mm
        return self._lines_px(known_mm, spacing_mm * self.offset.scale_x, self.scale.layout.page_width_mm)

    def _all_rows_px(self, spacing_mm: float) -> np.ndarray:
        known_mm = self.scale.layout.grid_top_mm + self.offset.shift_y_mm
        return self._lines_px(known_mm, spacing_mm * self.offset.scale_y, self.scale.layout.page_height_mm)

    def _lines_px(self, known_mm: float, spacing_mm: float, extent_mm: float) -> np.ndarray:
        border_mm = self.border_px / self.scale.px_per_mm
        first_mm = known_mm % spacing_mm - spacing_mm * np.floor(border_mm / spacing_mm)
        count = int(np.floor((extent_mm + border_mm - first_mm) / spacing_mm + 1e-9)) + 1
        return self.scale.position_px(first_mm + np.arange(count) * spacing_mm) + self.border_px


def _within(places_px: np.ndarray, ends_px: tuple[float, ...] | None) -> np.ndarray:
    if ends_px is None:
        return places_px
    return places_px[(places_px >= ends_px[0] - ON_LINE) & (places_px <= ends_px[1] + ON_LINE)]


def _lines_around(places_px: np.ndarray, first_px: float, last_px: float) -> tuple[float, float]:
    """The nearest lines outside a stretch, or the last ones that there are."""
    before = places_px[places_px <= first_px + ON_LINE]
    after = places_px[places_px >= last_px - ON_LINE]
    return float(before[-1] if len(before) else places_px[0]), float(after[0] if len(after) else places_px[-1])
