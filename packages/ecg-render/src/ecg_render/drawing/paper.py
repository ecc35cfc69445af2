"""The grid of ECG paper, its lines placed to a fraction of a pixel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ecg_render.geometry import PageScale
from ecg_render.labels import HORIZONTAL, SHEET, SMALL_HORIZONTAL, SMALL_VERTICAL, VERTICAL
from ecg_render.style import PageStyle

COVERAGE_LEVELS = 64
"""Rows whose lines cover them alike to 1 / 64 are coloured once: a difference below one of 255 levels."""


LinesPx = Callable[[float], np.ndarray]
"""Positions along one axis of the lines of a spacing in millimetres."""


def draw_paper(scale: PageScale, style: PageStyle) -> np.ndarray:
    """An empty sheet: uint8 RGB, shape (height, width, 3)."""
    minor_x, major_x = (_rounded(line) for line in _coverages(scale, style, scale.column_lines_px, scale.width_px))
    levels = _coverages(scale, style, scale.row_lines_px, scale.height_px)
    kinds, kind_of_row = np.unique(_rounded(np.stack(levels)), axis=1, return_inverse=True)
    minor_yx = np.maximum(kinds[0][:, None], minor_x)[..., None]
    major_yx = np.maximum(kinds[1][:, None], major_x)[..., None]
    paper, minor, major = (np.array(rgb, np.float32) for rgb in (style.paper_rgb, style.minor_rgb, style.major_rgb))
    rows = paper + (minor - paper) * minor_yx
    rows += (major - rows) * major_yx
    return np.take(np.rint(rows).astype(np.uint8), kind_of_row.ravel(), axis=0)


def label_paper(scale: PageScale, style: PageStyle) -> np.ndarray:
    """Which pixels of an empty sheet its lines take: uint8 bits of `ecg_render.labels`, shape (height, width).

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


def _coverages(scale: PageScale, style: PageStyle, lines_px: LinesPx, length_px: int) -> tuple[np.ndarray, np.ndarray]:
    """Share of each pixel along one axis that small-box and large-box lines cover."""
    paper = scale.paper
    return (
        line_coverage(lines_px(paper.small_box_mm), style.minor_line_mm * scale.px_per_mm, length_px),
        line_coverage(lines_px(paper.large_box_mm), style.major_line_mm * scale.px_per_mm, length_px),
    )


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


def _rounded(coverage: np.ndarray) -> np.ndarray:
    return np.rint(coverage * COVERAGE_LEVELS) / np.float32(COVERAGE_LEVELS)
