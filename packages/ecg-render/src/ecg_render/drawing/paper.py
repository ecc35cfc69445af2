"""The grid of ECG paper, its lines placed to a fraction of a pixel."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from ecg_render.geometry import PageScale
from ecg_render.labels import HORIZONTAL, SHEET, SMALL_HORIZONTAL, SMALL_VERTICAL, VERTICAL
from ecg_render.style import PageStyle

COVERAGE_LEVELS = 64
"""Rows whose lines cover them alike to 1 / 64 are coloured once: a difference below one of 255 levels."""

PATTERN_LEVELS = 8
"""Levels in the same sense of the share of a row that the dots of the vertical lines take."""

DOT_MM, DOT_EVERY_MM = 0.25, 0.5
DASH_MM, DASH_EVERY_MM = 0.6, 1.0

LinesPx = Callable[[float], np.ndarray]
"""Positions along one axis of the lines of a spacing in millimetres."""


def draw_paper(scale: PageScale, style: PageStyle) -> np.ndarray:
    """An empty sheet: uint8 RGB, shape (height, width, 3)."""
    across = _Axis.of_columns(scale, style)
    down = _Axis.of_rows(scale, style)
    kinds, kind_of_row = np.unique(np.stack(attrs.astuple(down)), axis=1, return_inverse=True)
    rows = _colour_rows(_Axis(*(values[:, None] for values in kinds)), across, style)
    return np.take(np.rint(rows).astype(np.uint8), kind_of_row.ravel(), axis=0)


@attrs.frozen(eq=False)
class _Axis:
    """Shares of the pixels along one axis: covered by lines that cross it, and by the dots of lines that run along it.

    Attributes:
        minor: by small-box lines that cross the axis.
        major: by large-box lines that cross the axis.
        minor_dots: printed of small-box lines that run along it; 1 where they are solid.
        major_dots: printed of large-box lines that run along it.
    """

    minor: np.ndarray
    major: np.ndarray
    minor_dots: np.ndarray
    major_dots: np.ndarray

    @classmethod
    def of_columns(cls, scale: PageScale, style: PageStyle) -> _Axis:
        """The horizontal axis, which vertical lines cross."""
        return cls._of(scale, style, scale.column_lines_px, scale.width_px)

    @classmethod
    def of_rows(cls, scale: PageScale, style: PageStyle) -> _Axis:
        """The vertical axis, which horizontal lines cross."""
        return cls._of(scale, style, scale.row_lines_px, scale.height_px)

    @classmethod
    def _of(cls, scale: PageScale, style: PageStyle, lines_px: LinesPx, length_px: int) -> _Axis:
        minor, major = (
            line_coverage(lines_px(spacing_mm), line_mm * scale.px_per_mm, length_px)
            for spacing_mm, line_mm in (
                (scale.paper.small_box_mm, style.minor_line_mm),
                (scale.paper.large_box_mm, style.major_line_mm),
            )
        )
        dots = (_dots(pattern, scale, length_px) for pattern in (style.minor_pattern, style.major_pattern))
        return cls(_rounded(minor, COVERAGE_LEVELS), _rounded(major, COVERAGE_LEVELS), *dots)


def _colour_rows(down: _Axis, across: _Axis, style: PageStyle) -> np.ndarray:
    """Colours of rows of each kind: float32, shape (kinds, width, 3)."""
    minor_columns, major_columns = down.minor_dots * across.minor, down.major_dots * across.major
    minor_rows, major_rows = down.minor * across.minor_dots, down.major * across.major_dots
    if style.rows_on_top:
        layers = [(minor_columns, False), (major_columns, True), (minor_rows, False), (major_rows, True)]
    else:
        layers = [(np.maximum(minor_columns, minor_rows), False), (np.maximum(major_columns, major_rows), True)]
    minor, major = (np.array(rgb, np.float32) for rgb in (style.minor_rgb, style.major_rgb))
    rows = np.array(style.paper_rgb, np.float32)
    for coverage, is_major in layers:
        rows = rows + ((major if is_major else minor) - rows) * coverage[..., None]
    return rows


def _dots(pattern: str, scale: PageScale, length_px: int) -> np.ndarray:
    """Share of each pixel along a line that its pattern prints: float32, shape (length,)."""
    if pattern == "solid":
        return np.ones(length_px, np.float32)
    dot_mm, every_mm = (DOT_MM, DOT_EVERY_MM) if pattern == "dotted" else (DASH_MM, DASH_EVERY_MM)
    centres_px = scale.position_px(np.arange(0, length_px / scale.px_per_mm + every_mm, every_mm))
    return _rounded(line_coverage(centres_px, dot_mm * scale.px_per_mm, length_px), PATTERN_LEVELS)


def label_paper(scale: PageScale, style: PageStyle) -> np.ndarray:
    """Labels of an empty sheet with its lines: uint8 bits of `ecg_render.labels`, shape (height, width).

    A line takes the pixels whose centres it covers, and at least the one that holds its own centre.
    """
    down = _line_bits(scale, style, scale.row_lines_px, scale.height_px, HORIZONTAL, SMALL_HORIZONTAL)
    across = _line_bits(scale, style, scale.column_lines_px, scale.width_px, VERTICAL, SMALL_VERTICAL)
    return np.bitwise_or(down[:, None], across | np.uint8(SHEET))


def _line_bits(
    scale: PageScale, style: PageStyle, lines_px: LinesPx, length_px: int, large_bit: int, small_bit: int
) -> np.ndarray:
    """Bits of the lines that cross one axis, uint8, shape (length_px,)."""
    bits = np.zeros(length_px, np.uint8)
    paper = scale.paper
    for spacing_mm, line_mm, bit in (
        (paper.small_box_mm, style.minor_line_mm, small_bit),
        (paper.large_box_mm, style.major_line_mm, large_bit),
    ):
        if line_mm > 0:
            half_px = max(line_mm * scale.px_per_mm, 1) / 2
            centres_px = lines_px(spacing_mm)
            first = np.ceil(centres_px - half_px).astype(np.intp)
            last = np.ceil(centres_px + half_px).astype(np.intp) - 1
            for offset in range(int((last - first).max()) + 1):
                pixel = (first + offset)[first + offset <= last]
                bits[pixel[(pixel >= 0) & (pixel < length_px)]] |= np.uint8(bit)
    return bits


def line_coverage(centres_px: np.ndarray, width_px: float, length_px: int) -> np.ndarray:
    """Share of each of ``length_px`` pixels covered by parallel lines, float32, shape (length_px,)."""
    coverage = np.zeros(length_px, np.float32)
    first = np.floor(centres_px - width_px / 2 + 0.5).astype(np.intp)
    for step in range(int(np.ceil(width_px)) + 1):
        pixel = first + step
        overlap = np.minimum(pixel + 0.5, centres_px + width_px / 2) - np.maximum(
            pixel - 0.5, centres_px - width_px / 2
        )
        inside = (pixel >= 0) & (pixel < length_px)
        np.add.at(coverage, pixel[inside], np.clip(overlap, 0, 1)[inside].astype(np.float32))
    return np.minimum(coverage, 1)


def _rounded(coverage: np.ndarray, levels: int) -> np.ndarray:
    return np.rint(coverage * levels) / np.float32(levels)
