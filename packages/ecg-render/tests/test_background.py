from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.errors import DataError
from ecg_core.paper import LAYOUT_3X4_1R, Layout, PaperSpec
from ecg_core.plugins.registry import registry
from ecg_core.record import Record
from ecg_render import PageStyle, render_page
from ecg_render.background import Background, find_background, read_background
from ecg_render.drawing.paper import draw_paper
from ecg_render.geometry import PageScale
from ecg_render.style import GridStyle, Note
from ecg_render.styles.named import GRAY, KIT, RED

MakeRecord = Callable[..., Record]
SHEET = LAYOUT_3X4_1R


def empty_sheet(dots_per_inch: float, *, left_mm: float = 0, top_mm: float = 0, style: PageStyle = RED) -> np.ndarray:
    layout = attrs.evolve(SHEET, grid_left_mm=left_mm, grid_top_mm=top_mm)
    return draw_paper(PageScale(layout=layout, paper=PaperSpec(), dots_per_inch=dots_per_inch), style)


@settings(max_examples=12, deadline=None)
@given(
    dots_per_inch=st.floats(100, 170),
    left_mm=st.floats(0, 5),
    top_mm=st.floats(0, 5),
    style=st.sampled_from([PageStyle(), RED, KIT, GRAY]),
    noise=st.sampled_from([0, 6]),
)
def test_pitch_and_origin_are_found(
    dots_per_inch: float, left_mm: float, top_mm: float, style: PageStyle, noise: int
) -> None:
    """The specification: boxes of 5 mm, lines at the given millimetres from the edge."""
    image = empty_sheet(dots_per_inch, left_mm=left_mm, top_mm=top_mm, style=style)
    if noise:
        grain = np.random.default_rng(0).normal(0, noise, image.shape)
        image = np.clip(cv2.GaussianBlur(image, (0, 0), 0.7) + grain, 0, 255).astype(np.uint8)
    found = find_background(image)
    px_per_mm = dots_per_inch / 25.4
    assert found.pitch_px == pytest.approx(5 * px_per_mm, rel=1e-3)
    for first, start_mm in zip(found.first_px, (left_mm, top_mm), strict=True):
        expected = start_mm * px_per_mm - 0.5
        off = (first - expected + found.pitch_px / 2) % found.pitch_px - found.pitch_px / 2
        assert abs(off) < 0.3


def test_only_large_boxes_are_told_from_only_small_ones_by_the_size_of_the_sheet() -> None:
    only_large = find_background(empty_sheet(120, style=PageStyle(grid=GridStyle(minor_line_mm=0))))
    only_small = find_background(
        empty_sheet(120, style=PageStyle(grid=GridStyle(major_line_mm=0, minor_rgb=(200, 90, 90))))
    )
    assert only_large.pitch_px == pytest.approx(5 * 120 / 25.4, rel=1e-3)
    assert only_small.pitch_px == pytest.approx(5 * 120 / 25.4, rel=1e-3)


def test_boxes_that_are_not_square_are_made_so() -> None:
    image = empty_sheet(150)
    flat = cv2.resize(image, None, fx=1, fy=0.9, interpolation=cv2.INTER_AREA)
    found = find_background(flat)
    assert found.pitch_px == pytest.approx(5 * 150 / 25.4, rel=1e-3)
    assert found.image.shape[0] == pytest.approx(image.shape[0], abs=2)


@pytest.mark.parametrize("layout", ["3x4+1R", "12x1", "3x4+1R-kit"])
def test_a_record_printed_on_it_lies_at_its_voltage_and_on_its_grid(layout: str, flat_record: MakeRecord) -> None:
    own: Layout = registry().load("layouts", layout)
    background = find_background(empty_sheet(150, left_mm=3.3, top_mm=1.7))
    style = PageStyle(trace_rgb=(0, 0, 0), footer="")
    page = render_page(flat_record(0.5), background=background, layout=own, style=style)
    px_per_mm = 150 / 25.4
    assert page.px_per_mv == pytest.approx(10 * px_per_mm, rel=1e-3)
    assert page.image.shape == background.image.shape
    row = page.baselines_px[0] - 0.5 * page.px_per_mv
    columns = slice(int(page.signal_start_px) + 20, int(page.signal_start_px) + 80)
    ink = 255 - page.image[round(row) - 3 : round(row) + 4, columns, 1].astype(float)
    assert (np.abs(ink.argmax(axis=0) - 3) <= 1).all()
    if layout != "3x4+1R-kit":
        off_mm = ((page.baselines_px[0] + 0.5) / px_per_mm - 1.7 + 2.5) % 5 - 2.5
        assert off_mm == pytest.approx(0, abs=0.05)
    points = page.grid_points_px[1:-1, 1:-1].reshape(-1, 2)
    at = np.rint(points).astype(int)
    darkness = 255 - background.image.min(axis=2).astype(int)
    assert darkness[at[:, 1], at[:, 0]].mean() > 2 * darkness.mean()
    assert page.grid_mask[at[:, 1], at[:, 0]].mean() > 0.95


def test_words_on_the_paper_do_no_harm(flat_record: MakeRecord) -> None:
    notes = tuple(Note(text="Department of Cardiology  ID 12345", left_mm=10, foot_mm=6 + 5 * row) for row in range(5))
    bare = PageStyle(notes=notes, trace_width_mm=0.2)
    image = render_page(flat_record(), style=bare, dots_per_inch=150).image
    assert find_background(image).pitch_px == pytest.approx(5 * 150 / 25.4, rel=1e-3)


def test_a_stated_pitch_is_taken() -> None:
    found = find_background(empty_sheet(150), pitch_px=5 * 150 / 25.4 * 1.002)
    assert found.pitch_px == pytest.approx(5 * 150 / 25.4, rel=1e-3)


@pytest.mark.parametrize(
    "image",
    [
        np.full((400, 600, 3), 230, np.uint8),
        np.random.default_rng(0).integers(0, 256, (400, 600, 3), np.uint8),
    ],
)
def test_a_picture_without_a_grid_says_what_to_do(image: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"paper\.png: .*flat, upright picture.*grid_pitch_px"):
        find_background(image, name="paper.png")


def test_unreadable_pictures_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"broken\.png.*PNG, JPEG, TIFF or BMP"):
        read_background(broken)
    with pytest.raises(DataError, match=r"absent\.png.*cannot be read"):
        read_background(tmp_path / "absent.png")


def test_paper_too_small_for_the_layout(flat_record: MakeRecord) -> None:
    image = empty_sheet(150)
    low = Background(image=image[:500], pitch_px=5 * 150 / 25.4, first_px=(-0.5, -0.5), name="strip.png")
    with pytest.raises(DataError, match=r"strip\.png: the rows of layout 3x4\+1R take 195 mm, this paper is 85 mm"):
        render_page(flat_record(), background=low)
    narrow = attrs.evolve(low, image=image[:, :700])
    with pytest.raises(DataError, match="wider sheet"):
        render_page(flat_record(), background=narrow)
