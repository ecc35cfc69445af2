"""Rows of rendered pages, found from their true ink and names as perfect networks would give them."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from ecg_core import synthesize_record
from ecg_core.errors import DataError
from ecg_core.paper import LARGE_BOX_MM, Layout
from ecg_core.plugins.registry import registry
from ecg_digitize.grid.mesh import Mesh
from ecg_digitize.markers import RHYTHM
from ecg_digitize.neural.flat import FlatPage, flat_trace
from ecg_digitize.neural.names import FoundName
from ecg_digitize.neural.rows import PageRows, find_rows
from ecg_render import Page, render_page
from ecg_render.labels import PULSE, TRACE, has_any

LAYOUTS: dict[str, Layout] = {
    entry.name: registry().load("layouts", entry.name) for entry in registry().entries("layouts")
}
MAX_ERROR_MM = 1.5


def laid_flat(page: Page) -> FlatPage:
    mesh = Mesh(page.grid_points_px.astype(float))
    trace, corner = flat_trace(mesh, has_any(page.labels, TRACE | PULSE).astype(np.float32))
    return FlatPage(mesh=mesh, trace=trace, corner_box=corner, found=1.0)


def names_of(page: Page) -> list[FoundName]:
    rhythm = {segment.row for segment in LAYOUTS[page.layout].segments if segment.is_rhythm}
    found = []
    for name in page.lead_names:
        lead = name.lead.removeprefix("-")
        marker = RHYTHM if lead == "II" and name.row in rhythm else lead
        found.append(FoundName(marker, tuple(name.corners_px.mean(axis=0)), 1.0))
    return found


def errors_mm(page: Page, flat: FlatPage, rows: PageRows) -> np.ndarray:
    zeros_px = np.stack((np.full(len(page.baselines_px), page.width_px / 2), page.baselines_px), axis=1)
    true_mm = flat.mm_of(flat.mesh.to_lattice(zeros_px))[:, 1]
    return np.abs(np.array(rows.zeros_mm) - true_mm)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_layout_and_rows_of_a_page_are_found_by_its_names_and_ink(layout: str) -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS[layout], dots_per_inch=120)
    flat = laid_flat(page)
    rows = find_rows(flat, names_of(page), LAYOUTS, speed_mm_per_s=25)
    assert LAYOUTS[rows.layout].segments == LAYOUTS[layout].segments
    assert errors_mm(page, flat, rows).max() < MAX_ERROR_MM


@pytest.mark.parametrize("layout", ["3x4", "3x4+1R", "6x2", "12x1"])
def test_a_layout_that_is_told_needs_no_names(layout: str) -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS[layout], dots_per_inch=120)
    flat = laid_flat(page)
    rows = find_rows(flat, [], {layout: LAYOUTS[layout]}, speed_mm_per_s=25)
    assert errors_mm(page, flat, rows).max() < MAX_ERROR_MM
    assert rows.time_zero_mm is None


def test_half_of_the_names_are_enough() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=120)
    flat = laid_flat(page)
    rows = find_rows(flat, names_of(page)[::2], LAYOUTS, speed_mm_per_s=25)
    assert LAYOUTS[rows.layout].segments == LAYOUTS["3x4+1R"].segments
    assert errors_mm(page, flat, rows).max() < MAX_ERROR_MM


def test_a_page_without_legible_names_asks_for_its_layout() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=120)
    with pytest.raises(DataError, match=r"not recognised.*--layout"):
        find_rows(laid_flat(page), [], LAYOUTS, speed_mm_per_s=25)


def test_a_page_without_ink_has_its_rows_where_the_names_are() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=120)
    flat = laid_flat(page)
    blank = attrs.evolve(flat, trace=np.zeros_like(flat.trace))
    rows = find_rows(blank, names_of(page), LAYOUTS, speed_mm_per_s=25)
    assert np.all(np.diff(rows.zeros_mm) > 2 * LARGE_BOX_MM)
