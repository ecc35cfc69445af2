"""Printed letters, in the typeface that Pillow brings along."""

from __future__ import annotations

from functools import lru_cache

import attrs
import numpy as np
from PIL import Image, ImageDraw, ImageFont


@attrs.frozen(eq=False)
class Letters:
    """The ink of a text.

    Attributes:
        left: first inked column, from where the text starts.
        top: first inked row, from the line that the text stands on.
        coverage: float32 from 0 to 1, shape (height, width), read-only: share of each pixel that is inked.
    """

    left: int
    top: int
    coverage: np.ndarray


@lru_cache(maxsize=64)
def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size_px)


@lru_cache(maxsize=256)
def letters(text: str, size_px: int) -> Letters:
    """Draw a text that starts at the centre of a pixel.

    Args:
        text: one line.
        size_px: height of the font.
    """
    left, top, right, bottom = (round(edge) for edge in _font(size_px).getbbox(text, anchor="ls"))
    canvas = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), text, fill=255, font=_font(size_px), anchor="ls")
    ink = canvas.getbbox() or (0, 0, 0, 0)
    coverage = np.asarray(canvas.crop(ink), np.float32) / np.float32(255)
    coverage.setflags(write=False)
    return Letters(left - 1 + ink[0], top - 1 + ink[1], coverage)
