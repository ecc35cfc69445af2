from __future__ import annotations

import attrs
import numpy as np
import pytest

from ecg_core import synthesize_record
from ecg_core.paper import LAYOUT_3X4_1R, PaperSpec, fitting
from ecg_digitize.digitizers.neural.grid.flattening import MARGIN_BOXES, PX_PER_MM, flatten_whole
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.waveform.pulse import find_pulse
from ecg_render import Page, PageStyle, render_page
from ecg_render.labels import PULSE, TRACE, has_any


def pulse_of(page: Page, *, off_mm: float = 0.0) -> tuple[float, float] | None:
    """The pulse found in the true ink of a page whose rows and time zero are known but for an error."""
    mesh = Mesh(page.grid_points_px.astype(float))
    trace = 1 - flatten_whole(mesh, 255 - 255 * has_any(page.labels, TRACE | PULSE)).astype(np.float32) / 255
    places = np.stack((np.full(len(page.baselines_px), page.signal_start_px), page.baselines_px), axis=1)
    places_mm = (mesh.to_lattice(places) + MARGIN_BOXES) * 5
    return find_pulse(trace, (places_mm[:, 1] + off_mm).tolist(), float(places_mm[0, 0]) + off_mm)


@pytest.mark.parametrize("speed", [25.0, 50.0])
@pytest.mark.parametrize("gain", [5.0, 10.0, 20.0])
@pytest.mark.parametrize("off_mm", [-1.0, 0.0, 1.0])
def test_width_and_height_are_those_of_a_millivolt_for_a_fifth_of_a_second(speed, gain, off_mm):
    paper = PaperSpec(speed_mm_per_s=speed, gain_mm_per_mv=gain)
    record = synthesize_record(seed=int(gain))
    page = render_page(record, layout=fitting(LAYOUT_3X4_1R, paper), paper=paper, dots_per_inch=150)
    assert pulse_of(page, off_mm=off_mm) == (0.2 * speed, gain)


@pytest.mark.parametrize("seed", range(6))
def test_where_there_is_none_none_is_found(seed):
    style = attrs.evolve(PageStyle(), pulse=attrs.evolve(PageStyle().pulse, rows="none"))
    assert pulse_of(render_page(synthesize_record(seed=seed), style=style, dots_per_inch=150)) is None


def test_an_empty_sheet_has_none():
    assert find_pulse(np.zeros((800, 1200), np.float32), (50.0, 100.0), 60.0) is None
    assert find_pulse(np.ones((800, 1200), np.float32), (50.0, 100.0), 60.0) is None
    assert find_pulse(np.zeros((800, 1200), np.float32), (1.0, 400.0 / PX_PER_MM), 2.0) is None


def drawn(*strokes_mm: tuple[float, float, float, float]) -> np.ndarray:
    """Ink of strokes from (x, y) to (x, y), across or down, on a sheet of 150 x 150 mm."""
    ink = np.zeros((round(150 * PX_PER_MM), round(150 * PX_PER_MM)), np.float32)
    for x, y, end_x, end_y in strokes_mm:
        left, top, right, bottom = (round(place * PX_PER_MM) for place in (x, y, end_x, end_y))
        ink[top - 1 : bottom + 2, left - 1 : right + 2] = 1
    return ink


def pulse_strokes(x_mm: float, foot_mm: float, width_mm: float, height_mm: float) -> list[tuple[float, ...]]:
    top, right = foot_mm - height_mm, x_mm + width_mm
    return [(x_mm, top, x_mm, foot_mm), (right, top, right, foot_mm), (x_mm, top, right, top)]


def test_a_complex_right_behind_time_zero_is_not_the_side_of_a_wider_pulse():
    rows_mm = (40.0, 75.0, 110.0)
    strokes = [stroke for row in rows_mm for stroke in pulse_strokes(31, row, 5, 5)]
    strokes += [(41, row - 8, 41, row) for row in rows_mm]
    assert find_pulse(drawn(*strokes), rows_mm, 40.0) == (5.0, 5.0)


@pytest.mark.parametrize(
    ("size_mm", "darkness", "found"),
    [((5.0, 10.0), 0.65, (5.0, 10.0)), ((5.0, 10.0), 0.5, None), ((5.0, 5.0), 0.65, None), ((10.0, 20.0), 0.65, None)],
)
def test_what_claims_an_unusual_scale_must_be_clear(size_mm, darkness, found):
    """A pulse two thirds as dark as the traces is taken for one only where it says what would be assumed anyway."""
    rows_mm = (60.0, 120.0)
    strokes = [stroke for row in rows_mm for stroke in pulse_strokes(25, row, *size_mm)]
    assert find_pulse(darkness * drawn(*strokes), rows_mm, 40.0) == found


@pytest.mark.parametrize("time_zero_mm", [-60.0, -5.0, -2.0, 0.0, 3.0, 299.0, 340.0, 400.0])
def test_a_signal_that_begins_at_an_edge_or_off_the_paper_has_none(time_zero_mm):
    blank = np.zeros((round(210 * PX_PER_MM), round(300 * PX_PER_MM)), np.float32)
    assert find_pulse(blank, [60.0, 100.0], time_zero_mm) is None
