"""Bars between the leads of a row, and lines between columns."""

from __future__ import annotations

from collections.abc import Iterator

from ecg_core.paper import Layout
from ecg_render.geometry import PageScale
from ecg_render.parts.words import corners
from ecg_render.scene import Separator
from ecg_render.style import PageStyle, SeparatorStyle


def place_separators(scale: PageScale, style: PageStyle, baselines_px: tuple[float, ...]) -> tuple[Separator, ...]:
    """All bars or lines of a page."""
    if style.separators is None:
        return ()
    places = _lines if style.separators.form == "lines" else _bars
    return tuple(places(scale, style.separators, baselines_px))


def _bars(scale: PageScale, style: SeparatorStyle, baselines_px: tuple[float, ...]) -> Iterator[Separator]:
    half_height_px = style.height_mm * scale.px_per_mm / 2
    bare_px = style.clearance_mm * scale.px_per_mm / 2
    for row, at_s in _columns_of_rows(scale.layout, style):
        y = baselines_px[row] - style.rise_mm * scale.px_per_mm
        if bare_px:
            yield _separator(scale, style, at_s, y - half_height_px, y - bare_px)
            yield _separator(scale, style, at_s, y + bare_px, y + half_height_px)
        else:
            yield _separator(scale, style, at_s, y - half_height_px, y + half_height_px)


def _lines(scale: PageScale, style: SeparatorStyle, baselines_px: tuple[float, ...]) -> Iterator[Separator]:
    """A line at every column, from above the first row that has it to below the last."""
    rows_of: dict[float, list[int]] = {}
    for row, at_s in _columns_of_rows(scale.layout, style):
        rows_of.setdefault(at_s, []).append(row)
    reach_px = style.height_mm * scale.px_per_mm
    for at_s, rows in rows_of.items():
        first, last = (0, len(baselines_px) - 1) if style.through_long_rows else (min(rows), max(rows))
        yield _separator(scale, style, at_s, baselines_px[first] - reach_px, baselines_px[last] + reach_px)


def _columns_of_rows(layout: Layout, style: SeparatorStyle) -> Iterator[tuple[int, float]]:
    """Row and place, in seconds of paper, of everything that is parted."""
    for segment in layout.segments:
        if segment.at_s > 0 or style.at_start:
            yield segment.row, segment.at_s
    if style.at_end:
        yield from ((row, layout.duration_s) for row in range(layout.num_rows))


def _separator(scale: PageScale, style: SeparatorStyle, at_s: float, top_px: float, bottom_px: float) -> Separator:
    x = scale.time_px(at_s) + style.offset_mm * scale.px_per_mm
    half_width_px = style.width_mm * scale.px_per_mm / 2
    return Separator(
        corners_px=corners(x - half_width_px, top_px, x + half_width_px, bottom_px),
        pattern=style.pattern,
        rgb=style.rgb,
    )
