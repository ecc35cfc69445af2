"""A drawn page."""

from __future__ import annotations

from typing import Any, Self

import attrs
import numpy as np

from ecg_core.paper import px_per_mm
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

    @classmethod
    def of_picture(cls, image: np.ndarray, labels: np.ndarray, *, dots_per_inch: float = 200.0) -> Self:
        """A picture of which nothing is known but its labels: a crop, say. Degradations take it like any page.

        Args:
            image: uint8 RGB, shape (height, width, 3).
            labels: uint8, shape (height, width).
            dots_per_inch: of which lengths in millimetres are taken.
        """
        height, width = labels.shape
        mm = px_per_mm(dots_per_inch)
        return cls(
            name="picture",
            layout="",
            dots_per_inch=dots_per_inch,
            width_px=width,
            height_px=height,
            px_per_mm=mm,
            px_per_mv=10 * mm,
            px_per_s=25 * mm,
            baselines_px=(),
            signal_start_px=0.0,
            signal_end_px=0.0,
            pieces=(),
            pulses=(),
            lead_names=(),
            texts=(),
            separators=(),
            grid_points_px=np.zeros((0, 0, 2)),
            image=image,
            labels=labels,
        )

    @property
    def class_mask(self) -> np.ndarray:
        """The five classes of `PageClass`, uint8, shape (height, width); lines are those of the large boxes."""
        return class_mask(self.labels)

    @property
    def trace_mask(self) -> np.ndarray:
        """A mask that is 1 on the traces of the leads, pulses not included; uint8, shape (height, width)."""
        return has_any(self.labels, TRACE)

    @property
    def grid_mask(self) -> np.ndarray:
        """A mask that is 1 on every line of the grid, under the ink too; uint8, shape (height, width)."""
        return has_any(self.labels, LINES)

    @property
    def sheet_mask(self) -> np.ndarray:
        """A mask that is 1 on the sheet, 0 on what lies around or over it; uint8, shape (height, width)."""
        return has_any(self.labels, SHEET)

    def redrawn(self, image: np.ndarray, *, labels: np.ndarray | None = None) -> Self:
        """The same page with another picture in which everything stays where it is."""
        return attrs.evolve(self, image=image, labels=self.labels if labels is None else labels)

    def warped(self, point_map: PointMap, *, image: np.ndarray, labels: np.ndarray) -> Self:
        """The page after everything moved: coordinates by the map, picture and labels as given, of any size."""
        height, width = labels.shape
        return attrs.evolve(self.moved(point_map), image=image, labels=labels, height_px=height, width_px=width)
