from __future__ import annotations

import attrs
import numpy as np
import pytest

from ecg_core import synthesize_record
from ecg_core.paper import LAYOUT_3X4_1R, PaperSpec
from ecg_digitize.grid.mesh import Mesh
from ecg_digitize.neural.flat import MARGIN_BOXES, PX_PER_MM, flatten_whole
from ecg_digitize.neural.pulse import find_pulse
from ecg_render import Page, PageStyle, render_page
from ecg_render.labels import PULSE, TRACE, has_any
from ecg_render.layouts import fitting


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
    style = attrs.evolve(PageStyle(), pulse_width_mm=0.0)
    assert pulse_of(render_page(synthesize_record(seed=seed), style=style, dots_per_inch=150)) is None


def test_an_empty_sheet_has_none():
    assert find_pulse(np.zeros((800, 1200), np.float32), (50.0, 100.0), 60.0) is None
    assert find_pulse(np.ones((800, 1200), np.float32), (50.0, 100.0), 60.0) is None
    assert find_pulse(np.zeros((800, 1200), np.float32), (1.0, 400.0 / PX_PER_MM), 2.0) is None
