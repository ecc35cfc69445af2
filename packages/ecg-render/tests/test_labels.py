from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
import pytest

from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_render import PageStyle, render_page
from ecg_render.labels import (
    HORIZONTAL,
    PRINT,
    PULSE,
    SHEET,
    SMALL_HORIZONTAL,
    SMALL_VERTICAL,
    TRACE,
    VERTICAL,
    PageClass,
    class_mask,
    labels_from_classes,
)
from ecg_render.style import NO_GRID, GridStyle, NameStyle, SeparatorStyle

MakeRecord = Callable[..., Record]
FINE_DPI = 254.0
"""Ten pixels a millimetre, so that lines stand at whole multiples less half a pixel."""


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        (0, PageClass.BACKGROUND),
        (SHEET, PageClass.BACKGROUND),
        (SHEET | PRINT, PageClass.BACKGROUND),
        (HORIZONTAL, PageClass.HORIZONTAL),
        (VERTICAL, PageClass.VERTICAL),
        (HORIZONTAL | VERTICAL, PageClass.INTERSECTION),
        (HORIZONTAL | VERTICAL | TRACE, PageClass.WAVEFORM),
        (VERTICAL | PULSE, PageClass.WAVEFORM),
        (SMALL_HORIZONTAL | SMALL_VERTICAL, PageClass.BACKGROUND),
        (SMALL_HORIZONTAL | VERTICAL, PageClass.VERTICAL),
    ],
)
def test_waveform_over_intersection_over_lines(bits: int, expected: PageClass) -> None:
    assert class_mask(np.array([[bits]], np.uint8)).item() == expected


def test_small_boxes_count_when_asked_for() -> None:
    labels = np.array([[SMALL_HORIZONTAL, SMALL_VERTICAL, SMALL_HORIZONTAL | VERTICAL]], np.uint8)
    assert class_mask(labels, small_boxes=True).tolist() == [[1, 2, 3]]


def test_classes_survive_the_way_through_labels() -> None:
    classes = np.arange(5, dtype=np.uint8)[None]
    np.testing.assert_array_equal(class_mask(labels_from_classes(classes)), classes)
    assert (labels_from_classes(classes) & SHEET).all()


def test_large_box_lines_take_the_pixels_they_cover(flat_record: MakeRecord) -> None:
    """A line of 0.4 mm every 5 mm is 4 pixels every 50, centred on multiples of 50 less one half."""
    style = PageStyle(footer="", grid=GridStyle(major_line_mm=0.4))
    page = render_page(flat_record(), dots_per_inch=FINE_DPI, style=style)
    corner = page.class_mask[:300, :100]  # above every trace
    line = np.isin(np.arange(-2, 298) % 50, (46, 47, 48, 49))
    expected = np.where(line[:, None], 1, 0) + np.where(line[None, :100], 2, 0)
    np.testing.assert_array_equal(corner, expected)


@pytest.mark.parametrize("dots_per_inch", [60.0, 97.0, 200.0])
def test_every_line_is_marked_at_its_centre_whatever_the_resolution(
    flat_record: MakeRecord, dots_per_inch: float
) -> None:
    page = render_page(flat_record(), dots_per_inch=dots_per_inch)
    points = page.grid_points_px[1:-1, 1:-1]
    at = np.ceil(points - 0.5).astype(int)  # the pixel whose area holds the point
    bits = page.labels[at[..., 1], at[..., 0]]
    assert (bits & HORIZONTAL > 0).all()
    assert (bits & VERTICAL > 0).all()
    assert (page.grid_mask >= (page.labels & HORIZONTAL > 0)).all()


def test_page_without_lines_has_none_in_its_masks(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(), style=PageStyle(grid=NO_GRID), dots_per_inch=80)
    assert not page.grid_mask.any()
    assert set(np.unique(page.class_mask)) == {PageClass.BACKGROUND, PageClass.WAVEFORM}


@pytest.mark.parametrize("dots_per_inch", [60.0, 130.0, 200.0])
def test_trace_mask_is_what_the_pen_covers_by_half(dots_per_inch: float) -> None:
    style = PageStyle(trace_rgb=(0, 0, 0), footer="", grid=NO_GRID, names=NameStyle(size_mm=0.01))
    style = attrs.evolve(style, trace_width_mm=0.8, pulse=attrs.evolve(style.pulse, line_mm=0.8))
    page = render_page(synthesize_record(seed=1), style=style, dots_per_inch=dots_per_inch)
    black = page.image[..., 1] < 127
    inked = page.labels & (TRACE | PULSE) > 0
    certain = np.abs(page.image[..., 1].astype(int) - 127) > 40  # where two strokes meet, shares add up
    assert (black == inked)[certain].all()
    np.testing.assert_array_equal(page.class_mask == PageClass.WAVEFORM, inked)


def test_trace_mask_hangs_together_even_where_the_pen_is_finer_than_a_pixel(flat_record: MakeRecord) -> None:
    time_s = np.arange(5000) / 500
    wave = np.tile(0.4 * np.sin(2 * time_s), (12, 1)).astype(np.float32)
    page = render_page(attrs.evolve(flat_record(), signal_mv=wave), dots_per_inch=50)
    rows = slice(round(page.baselines_px[3]) - 15, round(page.baselines_px[3]) + 15)
    columns = slice(int(page.signal_start_px) + 2, int(page.signal_end_px) - 2)
    assert page.trace_mask[rows, columns].any(axis=0).all()


def test_trace_mask_leaves_out_pulses_and_print(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(), style=PageStyle(separators=SeparatorStyle()))
    assert not page.trace_mask[:, : int(page.signal_start_px) - 3].any()
    left, top, right, bottom = page.pulses[0].box_px
    assert page.class_mask[round(top), round((left + right) / 2)] == PageClass.WAVEFORM
    name = page.lead_names[0]
    left, top, right, bottom = (round(edge) for edge in name.box_px)
    assert (page.labels[top:bottom, left:right] & PRINT).any()
    assert not (page.class_mask[top:bottom, left:right] == PageClass.WAVEFORM).any()


def test_fresh_page_is_all_sheet(flat_record: MakeRecord) -> None:
    assert render_page(flat_record(), dots_per_inch=60).sheet_mask.all()
