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
    "bitmap": "DejaVuSans.ttf",
    "bitmap-bold": "DejaVuSans-Bold.ttf",
}
"""Typefaces by name: `sans` is Pillow's own, `plotter` draws letters of single strokes, those of `bitmap` are made of
square dots, the others are files."""

BITMAP_HEIGHT_DOTS = 13
"""Height from ascenders to descenders of letters that are made of dots."""

BITMAP_INK = 0.4
"""Share of a dot from which on it is printed."""

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
    coverage, left, top = _drawn(text, size_px, font)
    coverage.setflags(write=False)
    return Letters(left, top, coverage)


def _drawn(text: str, size_px: int, font: str) -> tuple[np.ndarray, int, int]:
    """Coverage of the ink, and its first column and row."""
    if font == PLOTTER:
        return _plotted(text, size_px)
    if font.startswith("bitmap") and font in FONTS:
        return _dotted(text, size_px, font)
    return _typeset(text, _font(size_px, font))


def _dotted(text: str, size_px: int, font: str) -> tuple[np.ndarray, int, int]:
    """Like `_typeset`, with letters of square dots, as printers of few dots and old screens show them."""
    coarse, left, top = _typeset(text, _font(BITMAP_HEIGHT_DOTS, font))
    dots = (coarse > BITMAP_INK).astype(np.float32)
    if not dots.any():
        return np.zeros((0, 0), np.float32), 0, 0
    scale = size_px / BITMAP_HEIGHT_DOTS
    size = max(1, round(dots.shape[1] * scale)), max(1, round(dots.shape[0] * scale))
    drawn = cv2.resize(dots, size, interpolation=cv2.INTER_NEAREST if scale >= 1 else cv2.INTER_AREA)
    coverage, first_column, first_row = _cut_to_ink(np.asarray(drawn))
    return coverage, round(left * scale) + first_column, round(top * scale) + first_row


def _cut_to_ink(coverage: np.ndarray) -> tuple[np.ndarray, int, int]:
    """The inked part of a picture that has ink, and its first column and row."""
    rows, columns = (np.flatnonzero(coverage.any(axis=axis)) for axis in (1, 0))
    top, left = int(rows[0]), int(columns[0])
    return coverage[top : rows[-1] + 1, left : columns[-1] + 1].copy(), left, top


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
    if not coverage.any():
        return np.zeros((0, 0), np.float32), 0, 0
    ink, left, top = _cut_to_ink(coverage)
    return ink, left - border // PLOTTER_DRAWN_AT, top - foot
