"""What is drawn on a page of a PDF: strokes and texts."""

from __future__ import annotations

import attrs
import numpy as np


@attrs.frozen(eq=False)
class Stroke:
    """A line from point to point.

    Attributes:
        points_px: float64, shape (points, 2), at least two: (x, y) in pixels of the page's picture.
        style: width, colour and whatever else its look depends on; strokes of one trace have the same.
        num_given: points that the file itself has for it, fewer than there are where curves became short pieces; None
            for all.
    """

    points_px: np.ndarray = attrs.field(repr=lambda points: f"<{len(points)} points>")
    style: tuple[float, ...] = ()
    num_given: int | None = None


@attrs.frozen
class Text:
    """A printed word or line.

    Attributes:
        text: as it reads.
        left_px: left edge of its box on the page's picture.
        middle_px: height of the box's middle, downwards.
        right_px: right edge of its box; None where it is not known.
    """

    text: str
    left_px: float
    middle_px: float
    right_px: float | None = None


def _no_boxes() -> np.ndarray:
    return np.empty((0, 4))


@attrs.frozen(eq=False)
class Drawing:
    """Strokes and texts of a page, in the order in which they are drawn.

    Attributes:
        strokes: every stroked line.
        texts: every text.
        px_per_mm: pixels of the page's picture a millimetre, were the page printed at its own size.
        outlines: outlines of wide filled shapes with many corners: some programs draw a trace as a thin shape.
        boxes_px: float64, shape (boxes, 4): left, top, right and bottom of every small filled shape and small picture,
            of which some programs make the dots and lines of a grid.
        has_picture: whether pictures are placed on the page that together are large enough to show an ECG.
    """

    strokes: tuple[Stroke, ...] = attrs.field(repr=lambda strokes: f"<{len(strokes)} strokes>")
    texts: tuple[Text, ...] = attrs.field(repr=lambda texts: f"<{len(texts)} texts>")
    px_per_mm: float
    outlines: tuple[Stroke, ...] = attrs.field(default=(), repr=lambda outlines: f"<{len(outlines)} outlines>")
    boxes_px: np.ndarray = attrs.field(factory=_no_boxes, repr=lambda boxes: f"<{len(boxes)} boxes>")
    has_picture: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether nothing on the page can be a trace: no large picture, no long filled shape, and hardly any lines but
        straight ones along the edges of the sheet."""
        bent_px = sum(map(_bent_px, self.strokes))
        return not self.has_picture and not self.outlines and bent_px < LEAST_TRACE_MM * self.px_per_mm


LEAST_TRACE_MM = 40.0
"""Lines that together are less wide are logos, not traces."""


def _bent_px(stroke: Stroke) -> float:
    """Width of a stroke without its level and upright pieces."""
    steps = np.abs(np.diff(stroke.points_px, axis=0))
    return float(steps[steps.min(axis=1) > 0.01, 0].sum())
