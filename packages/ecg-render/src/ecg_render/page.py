"""A drawn page."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_render.scene import Scene


@attrs.frozen(kw_only=True, eq=False)
class Page(Scene):
    """A picture of a page, with the coordinates of everything on it.

    Attributes:
        image: uint8 RGB, shape (height, width, 3).
    """

    image: np.ndarray = attrs.field(repr=lambda image: f"<{image.shape} uint8>")
