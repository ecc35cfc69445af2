"""The paper, with the grid that is printed on it, under the print."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
import pytest

from ecg_core.paper import LAYOUT_3X4_1R, Layout, PaperSpec
from ecg_core.record import Record
from ecg_render import GridStyle, PageStyle, PrintOffset, column_targets, render_page
from ecg_render.geometry import PageScale
from ecg_render.labels import HORIZONTAL, VERTICAL
from ecg_render.sheet import Sheet

MakeRecord = Callable[..., Record]
DPI = 254.0  # ten pixels a millimetre
BLACK_LINES = GridStyle(minor_line_mm=0, major_rgb=(0, 0, 0), major_line_mm=0.4)


def sheet_of(layout: Layout = LAYOUT_3X4_1R, grid: GridStyle = BLACK_LINES, **offset: float) -> Sheet:
    scale = PageScale(layout=layout, paper=PaperSpec(), dots_per_inch=DPI)
    return Sheet(scale=scale, grid=grid, offset=PrintOffset(**offset))


def test_grid_lines_begin_at_the_edge_and_reach_the_other() -> None:
    np.testing.assert_allclose(sheet_of().rows_px(5.0), 50.0 * np.arange(44) - 0.5)  # 215.9 mm high


def test_grid_lies_where_the_layout_says() -> None:
    sheet = sheet_of(attrs.evolve(LAYOUT_3X4_1R, grid_left_mm=3.5, grid_top_mm=12.0))
    assert sheet.columns_px(5.0)[:2] == pytest.approx([34.5, 84.5])
    assert sheet.rows_px(5.0)[:2] == pytest.approx([19.5, 69.5])
    assert sheet.rows_px(1.0)[0] == pytest.approx(-0.5)


def test_shifted_and_scaled_paper_has_its_lines_there() -> None:
    sheet = sheet_of(shift_x_mm=1.3, shift_y_mm=2.0, scale_x=1.02)
    np.testing.assert_allclose(sheet.columns_px(5.0)[:3], [12.5, 63.5, 114.5])
    np.testing.assert_allclose(sheet.rows_px(5.0)[:2], [19.5, 69.5])


def test_turned_paper_turns_about_the_middle_of_the_page() -> None:
    """One degree counterclockwise as seen: to the right of the middle everything stands higher."""
    points = sheet_of(turn_deg=1.0).points_px()
    steps = np.diff(points[points.shape[0] // 2], axis=0)
    assert np.degrees(np.arctan2(-steps[:, 1], steps[:, 0])) == pytest.approx(1.0, abs=1e-6)
    down = np.diff(points[:, points.shape[1] // 2], axis=0)
    assert np.degrees(np.arctan2(down[:, 0], down[:, 1])) == pytest.approx(1.0, abs=1e-6)
    assert np.hypot(*steps.T) == pytest.approx(50.0)


def test_slanted_paper_leans_its_columns_alone() -> None:
    points = sheet_of(slant_deg=0.8).points_px()
    across, down = points[3, 4] - points[3, 3], points[4, 3] - points[3, 3]
    assert across[1] == pytest.approx(0)
    assert np.degrees(np.arctan2(down[0], down[1])) == pytest.approx(0.8)


@pytest.mark.parametrize(
    "offset",
    [
        PrintOffset(shift_x_mm=1.7, shift_y_mm=3.1),
        PrintOffset(scale_x=1.02, scale_y=0.98),
        PrintOffset(shift_x_mm=1.1, scale_x=0.985, turn_deg=0.9, slant_deg=-0.4),
    ],
    ids=["shifted", "scaled", "askew"],
)
def test_paper_moves_under_the_print_and_its_points_with_it(flat_record: MakeRecord, offset: PrintOffset) -> None:
    style = PageStyle(grid=BLACK_LINES, footer="")
    plain, page = (
        render_page(flat_record(0.4), style=each, dots_per_inch=DPI)
        for each in (style, attrs.evolve(style, offset=offset))
    )
    for before, after in zip(plain.pieces, page.pieces, strict=True):  # the print stays
        np.testing.assert_array_equal(before.y_px, after.y_px)
    np.testing.assert_array_equal(column_targets(plain).voltage_mv, column_targets(page).voltage_mv)
    points = page.grid_points_px.reshape(-1, 2)
    inside = points[((points > 3) & (points < np.array(page.image.shape[1::-1]) - 4)).all(axis=1)]
    assert len(inside) > 2000
    x, y = np.rint(inside).astype(int).T
    assert (page.image[y, x] < 90).all()  # black where lines cross ...
    between = np.rint(inside + 25).astype(int)
    between = between[(between < np.array(page.image.shape[1::-1])).all(axis=1)]
    assert np.median(page.image[between[:, 1], between[:, 0]]) == 255  # ... and bare between them
    assert (page.labels[y, x] & (HORIZONTAL | VERTICAL) == HORIZONTAL | VERTICAL).mean() > 0.99


def test_turned_paper_covers_the_whole_page(flat_record: MakeRecord) -> None:
    style = PageStyle(grid=BLACK_LINES, offset=PrintOffset(turn_deg=1.0), footer="")
    page = render_page(flat_record(), style=style, dots_per_inch=80)
    assert page.sheet_mask.all()
    for corner in (np.s_[:20, :20], np.s_[:20, -20:], np.s_[-20:, :20], np.s_[-20:, -20:]):
        assert page.grid_mask[corner].any()


def test_grid_with_margins_ends_on_lines_and_leaves_the_rest_bare(flat_record: MakeRecord) -> None:
    """Rows from 15 to 265 mm and from 90 to 195 mm, on a grid of 5 mm: the next lines outward are found."""
    grid = attrs.evolve(BLACK_LINES, margins_mm=(4, 12, 6, 12), ground_rgb=(255, 200, 200), frame_mm=0.4)
    page = render_page(flat_record(), style=PageStyle(grid=grid, footer=""), dots_per_inch=DPI)
    points = page.grid_points_px
    np.testing.assert_allclose(points[0, 0], [99.5, 749.5])
    np.testing.assert_allclose(points[-1, -1], [2749.5, 2099.5])
    assert (page.image[:740] == 255).all()
    assert (page.image[760, 120] == (255, 200, 200)).all()
    assert not page.grid_mask[:740].any()
    assert not page.grid_mask[:, 2760:].any()
    assert (page.image[749, 100:2749].max(axis=1) < 30).all()  # the frame


def test_points_are_printed_where_small_lines_would_cross(flat_record: MakeRecord) -> None:
    grid = GridStyle(minor_rgb=(0, 0, 0), minor_line_mm=0.3, minor_pattern="points", major_line_mm=0)
    page = render_page(flat_record(), style=PageStyle(grid=grid, footer=""), dots_per_inch=DPI)
    area = 255 - page.image[100:200, 200:300, 1].astype(int)
    assert area.sum() / 255 == pytest.approx(100 * 9, rel=0.02)  # a hundred points of 0.3 mm
    assert area[10, 10] > 200 or area[9, 9] > 200
    assert not area[5].any()


def test_heavier_lines_stand_at_their_distance(flat_record: MakeRecord) -> None:
    grid = GridStyle(minor_line_mm=0, major_line_mm=0, heavy_line_mm=0.5, heavy_every_mm=25, heavy_rgb=(0, 0, 0))
    page = render_page(flat_record(), style=PageStyle(grid=grid, footer=""), dots_per_inch=DPI)
    dark = np.flatnonzero(page.image[100, :, 1] < 60)
    assert sorted({round(place / 250) for place in dark}) == list(range(12))
    assert np.abs(dark - 250 * np.round(dark / 250)).max() <= 3
