"""What a digitized page is: the record, how far it can be trusted, and where everything was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs
import numpy as np

from ecg_core.record import Record

Verdict = Literal["good", "doubtful", "refused"]


@attrs.frozen(kw_only=True, eq=False)
class LeadTrace:
    """One lead as it was found in one row.

    Attributes:
        lead: its name.
        row: number of its row, from the top.
        is_rhythm: whether it comes from a rhythm row.
        points_px: float, shape (points, 2): the curve as (x, y) in pixels of the original picture.
        confidence: 0 to 1.
    """

    lead: str
    row: int
    is_rhythm: bool
    points_px: np.ndarray = attrs.field(repr=lambda points: f"<{len(points)} points>")
    confidence: float


@attrs.frozen(kw_only=True, eq=False)
class PageGeometry:
    """Where a page's parts lie in the original picture.

    Attributes:
        px_per_mm_x: pixels a millimetre across.
        px_per_mm_y: pixels a millimetre down.
        rotation_deg: angle of the grid, positive where the page is turned clockwise.
        baselines_px: for each row the point (x, y) of 0 mV at time 0.
        traces: every lead in every row.
    """

    px_per_mm_x: float
    px_per_mm_y: float
    rotation_deg: float
    baselines_px: tuple[tuple[float, float], ...]
    traces: tuple[LeadTrace, ...]


@attrs.frozen(kw_only=True, eq=False)
class Digitization:
    """A page turned into a record.

    Attributes:
        image: the picture that was read, uint8 RGB, shape (height, width, 3).
        record: the twelve standard leads in mV; NaN where nothing was printed or read.
        quality: plain values, ready for JSON: ``verdict``, ``warnings``, ``confidence`` of each lead, ``method`` …
        geometry: where everything was found.
        sample_clarity: how clearly each sample was seen, float32 from 0 to 1, shape (12, samples); 0 where the record
            has none. It is no probability, as `confidence` is, but tells the clear parts of a lead from the others.
    """

    image: np.ndarray = attrs.field(repr=lambda image: f"<{image.shape[1]} x {image.shape[0]} px>")
    record: Record
    quality: Mapping[str, Any]
    geometry: PageGeometry
    sample_clarity: np.ndarray = attrs.field(repr=False)

    @property
    def verdict(self) -> Verdict:
        """``good``: use it; ``doubtful``: look at the overlay first; ``refused``: do not use it."""
        return self.quality["verdict"]

    @property
    def warnings(self) -> list[str]:
        return self.quality["warnings"]

    @property
    def confidence(self) -> Mapping[str, float]:
        """Of each lead, 0 to 1; 0 for one that is not printed."""
        return self.quality["confidence"]

    def overlay(self) -> np.ndarray:
        """What was read, drawn over the picture: uint8 RGB of its shape."""
        from ecg_digitize.outputs.overlay import draw_overlay

        return draw_overlay(self.image, self)
