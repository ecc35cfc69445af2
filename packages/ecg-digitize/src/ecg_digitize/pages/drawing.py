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
    """

    points_px: np.ndarray = attrs.field(repr=lambda points: f"<{len(points)} points>")
    style: tuple[float, ...] = ()


@attrs.frozen
class Text:
    """A printed word or line.

    Attributes:
        text: as it reads.
        left_px: left edge of its box on the page's picture.
        middle_px: height of the box's middle, downwards.
    """

    text: str
    left_px: float
    middle_px: float


@attrs.frozen(eq=False)
class Drawing:
    """Strokes and texts of a page, in the order in which they are drawn.

    Attributes:
        strokes: every stroked line.
        texts: every text.
        px_per_mm: pixels of the page's picture a millimetre, were the page printed at its own size.
    """

    strokes: tuple[Stroke, ...] = attrs.field(repr=lambda strokes: f"<{len(strokes)} strokes>")
    texts: tuple[Text, ...] = attrs.field(repr=lambda texts: f"<{len(texts)} texts>")
    px_per_mm: float
