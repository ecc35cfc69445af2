"""A drawn page."""

from __future__ import annotations

from typing import Any, Self

import attrs
import numpy as np

from ecg_render.labels import LINES, SHEET, TRACE, class_mask, has_any
from ecg_render.scene import PointMap, Scene


def _shape_and_type(array: np.ndarray) -> str:
    return f"<{array.shape} {array.dtype}>"


@attrs.frozen(kw_only=True, eq=False)
class Page(Scene):
    """A picture of a page, with the coordinates of everything on it and what each pixel shows.

    Attributes:
        image: uint8 RGB, shape (height, width, 3).
        labels: uint8, shape (height, width): bits of `ecg_render.labels`.
    """

    image: np.ndarray = attrs.field(repr=_shape_and_type)
    labels: np.ndarray = attrs.field(repr=_shape_and_type)

    @classmethod
    def from_scene(cls, scene: Scene, *, image: np.ndarray, labels: np.ndarray) -> Self:
        """A scene as drawn."""
        fields: dict[str, Any] = {field.name: getattr(scene, field.name) for field in attrs.fields(Scene)}
        return cls(image=image, labels=labels, **fields)

    @property
    def class_mask(self) -> np.ndarray:
        """The five classes of `PageClass`, uint8, shape (height, width); lines are those of the large boxes."""
        return class_mask(self.labels)

    @property
    def trace_mask(self) -> np.ndarray:
        """1 on the traces of the leads, pulses not included; uint8, shape (height, width)."""
        return has_any(self.labels, TRACE)

    @property
    def grid_mask(self) -> np.ndarray:
        """1 on every line of the grid, under the ink too; uint8, shape (height, width)."""
        return has_any(self.labels, LINES)

    @property
    def sheet_mask(self) -> np.ndarray:
        """1 on the sheet, 0 on what lies around or over it; uint8, shape (height, width)."""
        return has_any(self.labels, SHEET)

    def redrawn(self, image: np.ndarray, *, labels: np.ndarray | None = None) -> Self:
        """The same page with another picture in which everything stays where it is."""
        return attrs.evolve(self, image=image, labels=self.labels if labels is None else labels)

    def warped(self, point_map: PointMap, *, image: np.ndarray, labels: np.ndarray) -> Self:
        """The page after everything moved: coordinates by the map, picture and labels as given, of any size."""
        height, width = labels.shape
        return attrs.evolve(self.moved(point_map), image=image, labels=labels, height_px=height, width_px=width)
