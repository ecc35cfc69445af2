"""Millimetres of paper to pixels of an image.

Pixel convention, everywhere in this package: the centre of the first pixel is (0, 0), x grows to the right and y down,
as in NumPy indices and OpenCV. The left and top edge of the sheet therefore lie at -0.5.
"""

from __future__ import annotations

from typing import TypeVar

import attrs
import numpy as np

from ecg_core.paper import Layout, PaperSpec, px_per_mm

EDGE_PX = -0.5
"""Coordinate of the sheet's left and top edge."""

LengthT = TypeVar("LengthT", float, np.ndarray)


@attrs.frozen(kw_only=True)
class PageScale:
    """How a sheet of a layout becomes pixels at a resolution.

    Attributes:
        layout: where things stand, in millimetres.
        paper: millimetres a second and a millivolt.
        dots_per_inch: pixels an inch.
    """

    layout: Layout
    paper: PaperSpec
    dots_per_inch: float = attrs.field(converter=float, validator=attrs.validators.gt(0))

    @property
    def px_per_mm(self) -> float:
        return px_per_mm(self.dots_per_inch)

    @property
    def px_per_mv(self) -> float:
        return self.paper.height_mm(1.0) * self.px_per_mm

    @property
    def px_per_s(self) -> float:
        return self.paper.width_mm(1.0) * self.px_per_mm

    @property
    def width_px(self) -> int:
        return round(self.layout.page_width_mm * self.px_per_mm)

    @property
    def height_px(self) -> int:
        return round(self.layout.page_height_mm * self.px_per_mm)

    def px_per_mv_of(self, lead: str) -> float:
        """Scale of the voltage of a lead, where the chest leads have a gain of their own."""
        return self.paper.gain_of(lead) * self.px_per_mm

    def position_px(self, position_mm: LengthT) -> LengthT:
        """Pixel coordinate of a place that is so many millimetres from the sheet's left or top edge."""
        return position_mm * self.px_per_mm + EDGE_PX

    def time_px(self, time_s: LengthT) -> LengthT:
        """Column of an instant of the record; 0 s stands at the layout's signal start."""
        return self.position_px(self.layout.signal_start_mm) + time_s * self.px_per_s

    @property
    def signal_end_mm(self) -> float:
        """Distance of the end of the rows from the sheet's left edge."""
        full_mm = self.layout.signal_start_mm + self.paper.width_mm(self.layout.duration_s)
        return full_mm if self.layout.signal_end_mm is None else min(full_mm, self.layout.signal_end_mm)

    @property
    def printed_s(self) -> float:
        """Time of the record at which the rows end."""
        return self.paper.duration_s(self.signal_end_mm - self.layout.signal_start_mm)
