"""The grid of ECG paper, its lines placed to a fraction of a pixel."""

from __future__ import annotations

import attrs
import cv2
import numpy as np

from ecg_render.geometry import PageScale
from ecg_render.labels import HORIZONTAL, SHEET, SMALL_HORIZONTAL, SMALL_VERTICAL, VERTICAL
from ecg_render.sheet import Sheet
from ecg_render.style import PageStyle, Pattern, PrintOffset, Rgb

COVERAGE_LEVELS = 64
"""Rows whose lines cover them alike to 1 / 64 are coloured once: a difference below one of 255 levels."""

PATTERN_LEVELS = 8
"""Levels in the same sense of the share of a row that the dots of the vertical lines take."""

DOT_MM, DOT_EVERY_MM = 0.25, 0.5
DASH_MM, DASH_EVERY_MM = 0.6, 1.0
NO_OFFSET = PrintOffset()


@attrs.frozen(kw_only=True)
class _Lines:
    """One kind of line on the paper.

    Attributes:
        spacing_mm: distance of the lines; None stands for a frame around the grid.
        width_mm: of a line.
        pattern: how it is printed.
        rgb: its colour.
        bits: of `ecg_render.labels` for horizontal and vertical ones; 0 where they are none of a box.
    """

    spacing_mm: float | None
    width_mm: float
    pattern: Pattern
    rgb: Rgb
    bits: tuple[int, int] = (0, 0)


def _kinds_of_lines(scale: PageScale, style: PageStyle) -> list[_Lines]:
    """Every kind that the paper has, in the order of printing; those of the boxes are always named."""
    grid, paper = style.grid, scale.paper
    small_bits, large_bits = (SMALL_HORIZONTAL, SMALL_VERTICAL), (HORIZONTAL, VERTICAL)
    heavy_rgb, frame_rgb = grid.heavy_rgb or grid.major_rgb, grid.frame_rgb or grid.major_rgb
    kinds = [
        (paper.small_box_mm, grid.minor_line_mm, grid.minor_pattern, grid.minor_rgb, small_bits),
        (paper.large_box_mm, grid.major_line_mm, grid.major_pattern, grid.major_rgb, large_bits),
        (grid.heavy_every_mm, grid.heavy_line_mm, "solid", heavy_rgb, (0, 0)),
        (None, grid.frame_mm if grid.margins_mm else 0.0, "solid", frame_rgb, (0, 0)),
    ]
    return [
        _Lines(spacing_mm=spacing_mm, width_mm=width_mm, pattern=pattern, rgb=rgb, bits=bits)
        for number, (spacing_mm, width_mm, pattern, rgb, bits) in enumerate(kinds)
        if number < len((small_bits, large_bits)) or width_mm > 0
    ]


@attrs.frozen(eq=False)
class _Axis:
    """Shares of the pixels along one axis of the canvas, for each kind of line.

    Attributes:
        crossing: covered by lines that cross the axis: float32, shape (kinds, pixels).
        along: printed of lines that run along it; 1 where they are solid, 0 beyond the grid: the same shape.
        inside: within the grid: float32, shape (pixels,).
    """

    crossing: np.ndarray
    along: np.ndarray
    inside: np.ndarray

    @classmethod
    def of(cls, sheet: Sheet, kinds: list[_Lines], *, is_across: bool) -> _Axis:
        """The horizontal axis, which vertical lines cross, or the other one."""
        lines_px, length_px = (sheet.columns_px, sheet.width_px) if is_across else (sheet.rows_px, sheet.height_px)
        ends_px = sheet.extent_px and (sheet.extent_px[::2] if is_across else sheet.extent_px[1::2])
        crossing, along = [], []
        for kind in kinds:
            places_px = np.array(ends_px) if kind.spacing_mm is None else lines_px(kind.spacing_mm)
            coverage = line_coverage(places_px, kind.width_mm * sheet.scale.px_per_mm, length_px)
            crossing.append(_rounded(coverage, COVERAGE_LEVELS))
            along.append(_pattern(kind.pattern, sheet, places_px, length_px))
        inside = _inside(ends_px, length_px)
        return cls(np.stack(crossing), np.stack(along) * inside, inside)


def draw_paper(scale: PageScale, style: PageStyle) -> np.ndarray:
    """An empty sheet: uint8 RGB, shape (height, width, 3)."""
    sheet, kinds = Sheet.of_style(scale, style), _kinds_of_lines(scale, style)
    across = _Axis.of(sheet, kinds, is_across=True)
    down = _Axis.of(sheet, kinds, is_across=False)
    stacked = np.concatenate((down.crossing, down.along, down.inside[None]))
    rows, kind_of_row = np.unique(stacked, axis=1, return_inverse=True)
    number = len(kinds)
    distinct = _Axis(rows[:number, :, None], rows[number : 2 * number, :, None], rows[-1, :, None])
    colours = np.rint(_colour_rows(distinct, across, kinds, style)).astype(np.uint8)
    return _laid_on_page(np.take(colours, kind_of_row.ravel(), axis=0), sheet, cv2.INTER_CUBIC)


def _laid_on_page(canvas: np.ndarray, sheet: Sheet, interpolation: int) -> np.ndarray:
    """The part of the canvas that the page shows."""
    if not sheet.is_turned:
        return canvas
    size = (sheet.scale.width_px, sheet.scale.height_px)
    return np.asarray(
        cv2.warpAffine(canvas, sheet.onto_page, size, flags=interpolation, borderMode=cv2.BORDER_REPLICATE)
    )


def _colour_rows(down: _Axis, across: _Axis, kinds: list[_Lines], style: PageStyle) -> np.ndarray:
    """Colours of rows of each kind: float32, shape (kinds of rows, width, 3)."""
    columns = [down.along[number] * across.crossing[number] for number in range(len(kinds))]
    rows = [down.crossing[number] * across.along[number] for number in range(len(kinds))]
    for number, kind in enumerate(kinds):
        if kind.pattern == "points":
            columns[number] = rows[number] = down.crossing[number] * across.crossing[number]
    if style.grid.rows_on_top:
        layers = [*zip(columns, kinds, strict=True), *zip(rows, kinds, strict=True)]
    else:
        layers = [(np.maximum(*pair), kind) for *pair, kind in zip(columns, rows, kinds, strict=True)]
    colours = np.array(style.paper_rgb, np.float32)
    if style.grid.margins_mm:
        ground = np.array(style.grid.ground_rgb or style.paper_rgb, np.float32)
        colours = colours + (ground - colours) * (down.inside * across.inside)[..., None]
    for coverage, kind in layers:
        colours = colours + (np.array(kind.rgb, np.float32) - colours) * coverage[..., None]
    return colours


def _inside(ends_px: tuple[float, ...] | None, length_px: int) -> np.ndarray:
    """Whether each pixel lies between the ends of the grid, 0 or 1: float32, shape (length,)."""
    if not ends_px:
        return np.ones(length_px, np.float32)
    centres = np.arange(length_px)
    return ((centres >= ends_px[0] - 0.5) & (centres <= ends_px[1] + 0.5)).astype(np.float32)


def _pattern(pattern: Pattern, sheet: Sheet, places_px: np.ndarray, length_px: int) -> np.ndarray:
    """Share of each pixel along a line that its pattern prints: float32, shape (length,)."""
    if pattern in ("solid", "points"):
        return np.ones(length_px, np.float32)
    dot_mm, every_mm = (DOT_MM, DOT_EVERY_MM) if pattern == "dotted" else (DASH_MM, DASH_EVERY_MM)
    px_per_mm = sheet.scale.px_per_mm
    every_px = every_mm * px_per_mm
    centres_px = sheet.scale.position_px(np.arange(0, length_px / px_per_mm + every_mm, every_mm))
    if sheet.offset != NO_OFFSET and len(places_px):
        centres_px = centres_px - every_px + (places_px[0] - centres_px[0]) % every_px
    return _rounded(line_coverage(centres_px, dot_mm * px_per_mm, length_px), PATTERN_LEVELS)


def label_paper(scale: PageScale, style: PageStyle) -> np.ndarray:
    """Labels of an empty sheet with its lines: uint8 bits of `ecg_render.labels`, shape (height, width).

    A line takes the pixels whose centres it covers, and at least the one that holds its own centre.
    """
    sheet, kinds = Sheet.of_style(scale, style), _kinds_of_lines(scale, style)
    down = _line_bits(sheet, kinds, is_across=False)
    across = _line_bits(sheet, kinds, is_across=True)
    if sheet.extent_px is None:
        labels = np.bitwise_or(down[:, None], across | np.uint8(SHEET))
    else:
        is_column, is_row = (
            _inside(ends_px, length_px) > 0
            for ends_px, length_px in ((sheet.extent_px[::2], sheet.width_px), (sheet.extent_px[1::2], sheet.height_px))
        )
        labels = np.outer(down, is_column) | np.outer(is_row, across) | np.uint8(SHEET)
    return _laid_on_page(labels, sheet, cv2.INTER_NEAREST)


def _line_bits(sheet: Sheet, kinds: list[_Lines], *, is_across: bool) -> np.ndarray:
    """Bits of the lines that cross one axis, uint8, shape (length_px,)."""
    lines_px, length_px = (sheet.columns_px, sheet.width_px) if is_across else (sheet.rows_px, sheet.height_px)
    bits = np.zeros(length_px, np.uint8)
    for kind in kinds:
        bit = kind.bits[is_across]
        if bit and kind.spacing_mm and kind.width_mm > 0:
            half_px = max(kind.width_mm * sheet.scale.px_per_mm, 1) / 2
            centres_px = lines_px(kind.spacing_mm)
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
