"""Printed letters in several typefaces."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import attrs
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ecg_core.errors import ConfigError

FONTS = {
    "sans": None,
    "dejavu-sans": "DejaVuSans.ttf",
    "dejavu-sans-bold": "DejaVuSans-Bold.ttf",
    "dejavu-mono": "DejaVuSansMono.ttf",
    "dejavu-serif": "DejaVuSerif.ttf",
    "plotter": None,
}
"""Typefaces by name: `sans` is Pillow's own, `plotter` draws letters of single strokes, the others are files."""

PLOTTER = "plotter"
PLOTTER_HEIGHT_PX = 29
"""Height from ascenders to descenders of the plotter's letters at scale 1."""

PLOTTER_DRAWN_AT = 4
"""The plotter's letters are drawn so many times larger and then made smaller, for smooth edges."""


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


@lru_cache(maxsize=512)
def letters(text: str, size_px: int, font: str = "sans") -> Letters:
    """Draw a text that starts at the centre of a pixel.

    Args:
        text: one line.
        size_px: height of the font.
        font: a name of `FONTS`, or the path of a font file.

    Raises:
        ConfigError: no such font, or a file that is none.
    """
    coverage, left, top = _plotted(text, size_px) if font == PLOTTER else _typeset(text, _font(size_px, font))
    coverage.setflags(write=False)
    return Letters(left, top, coverage)


@lru_cache(maxsize=64)
def _font(size_px: int, font: str) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if font in FONTS and FONTS[font] is None:
        return ImageFont.load_default(size_px)
    try:
        if file := FONTS.get(font):
            with resources.as_file(resources.files("ecg_render.fonts").joinpath(file)) as path:
                return ImageFont.truetype(str(path), size_px)
        return ImageFont.truetype(font, size_px)
    except OSError as error:
        raise ConfigError(
            f"font {font}: neither one of {', '.join(FONTS)} nor a TrueType or OpenType file that can be read ({error})"
        ) from error


def _typeset(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> tuple[np.ndarray, int, int]:
    """Coverage of the ink, and its first column and row."""
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text, anchor="ls"))
    canvas = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), text, fill=255, font=font, anchor="ls")
    ink = canvas.getbbox() or (0, 0, 0, 0)
    coverage = np.asarray(canvas.crop(ink), np.float32) / np.float32(255)
    return coverage, left - 1 + ink[0], top - 1 + ink[1]


def _plotted(text: str, size_px: int) -> tuple[np.ndarray, int, int]:
    """Like `_typeset`, with letters of single strokes (Hershey 1967), as pen plotters write them."""
    scale = PLOTTER_DRAWN_AT * size_px / PLOTTER_HEIGHT_PX
    pen = max(1, round(PLOTTER_DRAWN_AT * size_px / 18))
    (width, rise), fall = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, pen)
    border = 2 * PLOTTER_DRAWN_AT
    columns, rows = (-(-(length + 2 * border) // PLOTTER_DRAWN_AT) for length in (width, rise + fall + pen))
    foot = border // PLOTTER_DRAWN_AT + -(-rise // PLOTTER_DRAWN_AT)
    canvas = np.zeros((rows * PLOTTER_DRAWN_AT, columns * PLOTTER_DRAWN_AT), np.uint8)
    start = border, foot * PLOTTER_DRAWN_AT
    cv2.putText(canvas, text, start, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, pen, cv2.LINE_AA)
    coverage = cv2.resize(canvas, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    inked_rows, inked_columns = (np.flatnonzero(coverage.any(axis=axis)) for axis in (1, 0))
    if not len(inked_rows):
        return np.zeros((0, 0), np.float32), 0, 0
    top, left = int(inked_rows[0]), int(inked_columns[0])
    ink = coverage[top : inked_rows[-1] + 1, left : inked_columns[-1] + 1].copy()
    return ink, left - border // PLOTTER_DRAWN_AT, top - foot
