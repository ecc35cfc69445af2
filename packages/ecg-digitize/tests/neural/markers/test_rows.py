"""Rows of rendered pages, found from their true ink and names as perfect networks would give them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np
import pytest

from ecg_core import synthesize_record
from ecg_core.errors import DataError
from ecg_core.leads import STANDARD_LEADS
from ecg_core.paper import LARGE_BOX_MM, Layout
from ecg_core.plugins.registry import registry
from ecg_digitize.digitizers.neural.grid.flattening import MARGIN_BOXES, PX_PER_BOX, PX_PER_MM, FlatPage, flatten_whole
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.arrangement import Mark, arrange
from ecg_digitize.digitizers.neural.markers.classes import CLASSES
from ecg_digitize.digitizers.neural.markers.names import FoundName
from ecg_digitize.digitizers.neural.markers.rows import PageRows, find_rows
from ecg_digitize.digitizers.neural.markers.upright import UprightPage, in_likely_order, turn_upright
from ecg_digitize.digitizers.neural.orientation import NUM_ORIENTATIONS, oriented
from ecg_render import Page, render_page
from ecg_render.labels import PULSE, TRACE, has_any

LAYOUTS: dict[str, Layout] = {
    entry.name: registry().load("layouts", entry.name) for entry in registry().entries("layouts")
}
MAX_ERROR_MM = 1.5


def laid_flat(page: Page) -> FlatPage:
    mesh = Mesh(page.grid_points_px.astype(float))
    ink = 255 - 255 * has_any(page.labels, TRACE | PULSE)
    trace = 1 - flatten_whole(mesh, ink).astype(np.float32) / 255
    return FlatPage(mesh=mesh, paper=flatten_whole(mesh, page.image), trace=trace, found=1.0)


def place_mm(flat: FlatPage, points_px: np.ndarray) -> np.ndarray:
    """Places of the picture on the flat paper."""
    return np.vectorize(flat.mm_of_box)(flat.mesh.to_lattice(points_px))


def upright_page(
    page: Page, layouts: Mapping[str, Layout] = LAYOUTS, *, names: slice = slice(None), flat: FlatPage | None = None
) -> UprightPage:
    """The page with its true names, or some of them."""
    flat = flat or laid_flat(page)
    marks = []
    for name in page.lead_names[names]:
        [[x_mm, y_mm]] = place_mm(flat, name.corners_px.mean(axis=0)[None])
        marks.append(Mark(name.lead.removeprefix("-"), x_mm, y_mm))
    fits = arrange(marks, layouts, speed_mm_per_s=25)
    return UprightPage(flat=flat, orientation=0, marks=tuple(marks), fits=tuple(fits))


def errors_mm(page: Page, rows: PageRows) -> np.ndarray:
    zeros_px = np.stack((np.full(len(page.baselines_px), page.width_px / 2), page.baselines_px), axis=1)
    return np.abs(np.array(rows.zeros_mm) - place_mm(laid_flat(page), zeros_px)[:, 1])


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_layout_and_rows_of_a_page_are_found_by_its_names_and_ink(layout: str) -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS[layout], dots_per_inch=120)
    rows = find_rows(upright_page(page), LAYOUTS)
    assert LAYOUTS[rows.layout].segments == LAYOUTS[layout].segments
    assert errors_mm(page, rows).max() < MAX_ERROR_MM


@pytest.mark.parametrize("layout", ["3x4", "3x4+1R", "6x2", "12x1"])
def test_a_layout_that_is_told_needs_no_names(layout: str) -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS[layout], dots_per_inch=120)
    told = {layout: LAYOUTS[layout]}
    rows = find_rows(upright_page(page, told, names=slice(0)), told)
    assert errors_mm(page, rows).max() < MAX_ERROR_MM
    assert rows.time_zero_mm is None


def short_names(page: UprightPage) -> tuple[Mark, ...]:
    return page.marks[:12]


def with_marks(page: UprightPage, *marks: Mark) -> UprightPage:
    return attrs.evolve(page, marks=marks, fits=tuple(arrange(marks, LAYOUTS, speed_mm_per_s=25)))


@pytest.mark.parametrize("layout", ["3x4", "3x4+1R", "3x4+3R", "6x2", "6x2+1R"])
def test_long_rows_need_no_names_but_ink(layout: str) -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS[layout], dots_per_inch=120)
    known = upright_page(page)
    rows = find_rows(with_marks(known, *short_names(known)), LAYOUTS)
    assert LAYOUTS[rows.layout].segments == LAYOUTS[layout].segments
    assert errors_mm(page, rows).max() < MAX_ERROR_MM


@pytest.mark.parametrize("layout", ["3x4", "6x2"])
def test_a_word_below_is_no_long_row_without_ink(layout: str) -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS[layout], dots_per_inch=120)
    known = upright_page(page)
    short = short_names(known)
    stray = Mark("II", short[0].x_mm, max(mark.y_mm for mark in short) + 25)
    rows = find_rows(with_marks(known, *short, stray), LAYOUTS)
    assert LAYOUTS[rows.layout].segments == LAYOUTS[layout].segments
    assert errors_mm(page, rows).max() < MAX_ERROR_MM


@pytest.mark.parametrize("kind", ["grid", "text"])
def test_neither_lines_of_the_grid_nor_a_line_of_text_are_a_long_row(kind: str) -> None:
    """The former are as long as a row and are everywhere, the latter is as dark as one and short."""
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["3x4"], dots_per_inch=120)
    known = upright_page(page)
    trace = known.flat.trace.copy()
    lines = np.arange(MARGIN_BOXES * PX_PER_BOX, len(trace) - 1, PX_PER_BOX).astype(int)[:, None] + (-1, 0, 1)
    if kind == "grid":
        trace[lines] = np.maximum(trace[lines], 0.7)
    else:
        height = round((max(mark.y_mm for mark in known.marks) + 36) * PX_PER_MM)
        trace[height - 4 : height + 4, 150:500] = 0.6
    stray = Mark("II", known.marks[0].x_mm, max(mark.y_mm for mark in known.marks) + 35)
    page_of = attrs.evolve(known, flat=attrs.evolve(known.flat, trace=trace))
    assert find_rows(with_marks(page_of, *known.marks), LAYOUTS).layout == "3x4"
    assert find_rows(with_marks(page_of, *known.marks[1:], stray), LAYOUTS).layout == "3x4"


def test_a_name_seen_far_from_its_row_does_not_take_the_row_along() -> None:
    """What was read for III and for I stands in the header, 10 mm too high; the other ten rows say where theirs are."""
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["12x1"], dots_per_inch=120)
    known = upright_page(page)
    marks = [
        attrs.evolve(mark, y_mm=mark.y_mm - 10) if mark.name in ("I", "III") else mark for mark in short_names(known)
    ]
    fit = attrs.evolve(known.fit, row_of_mark=tuple(range(12)))
    assert [mark.name for mark in marks] == list(STANDARD_LEADS)
    rows = find_rows(attrs.evolve(known, marks=tuple(marks), fits=(fit,)), LAYOUTS)
    assert errors_mm(page, rows).max() < MAX_ERROR_MM


def test_half_of_the_names_are_enough() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=120)
    rows = find_rows(upright_page(page, names=slice(None, None, 2)), LAYOUTS)
    assert LAYOUTS[rows.layout].segments == LAYOUTS["3x4+1R"].segments
    assert errors_mm(page, rows).max() < MAX_ERROR_MM


def test_a_page_without_legible_names_asks_for_its_layout() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=120)
    with pytest.raises(DataError, match=r"not recognised.*--layout"):
        find_rows(upright_page(page, names=slice(0)), LAYOUTS)


def test_a_page_without_ink_has_its_rows_where_the_names_are() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=120)
    flat = laid_flat(page)
    blank = attrs.evolve(flat, trace=np.zeros_like(flat.trace))
    rows = find_rows(upright_page(page, flat=blank), LAYOUTS)
    assert np.all(np.diff(rows.zeros_mm) > 2 * LARGE_BOX_MM)


@pytest.mark.parametrize("orientation", range(NUM_ORIENTATIONS))
def test_a_page_that_lies_some_other_way_is_turned_upright(orientation: int) -> None:
    """Turned back, paper, ink and mesh are those of the upright page, and the mesh still points into the picture."""
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    flat = laid_flat(page)
    lying = attrs.evolve(
        flat,
        mesh=Mesh(oriented(flat.mesh.points_px, orientation)),
        paper=oriented(flat.paper, orientation),
        trace=oriented(flat.trace, orientation),
    )
    np.testing.assert_allclose(flatten_whole(lying.mesh, page.image), lying.paper, atol=3)
    turned = lying.upright(orientation)
    np.testing.assert_array_equal(turned.paper, flat.paper)
    np.testing.assert_array_equal(turned.mesh.points_px, flat.mesh.points_px)


def test_of_eight_ways_the_one_counts_in_which_names_make_a_layout() -> None:
    """A reader of names that knows the upright paper: it reads nothing on any other."""
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    known = upright_page(page)
    upright_paper = known.flat.paper

    def reader(paper: np.ndarray) -> tuple[np.ndarray, ...]:
        logits = np.zeros((1, len(CLASSES), *paper.shape[2:]), np.float32)
        logits[:, 0] = 8
        return (logits,)

    def names(paper: np.ndarray, _network: object) -> list[FoundName]:
        if paper.shape != upright_paper.shape or (paper != upright_paper).any():
            return []
        return [FoundName(mark.name, (mark.x_mm * PX_PER_MM, mark.y_mm * PX_PER_MM), 1.0) for mark in known.marks]

    lying = attrs.evolve(
        known.flat, mesh=Mesh(oriented(known.flat.mesh.points_px, 6)), paper=oriented(upright_paper, 6)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ecg_digitize.digitizers.neural.markers.upright.find_names", names)
        found = turn_upright(lying, reader, LAYOUTS, speed_mm_per_s=25)
    assert found.orientation == 6
    assert found.fit.score == pytest.approx(1, abs=0.05)
    assert turn_upright(lying, reader, LAYOUTS, speed_mm_per_s=25).orientation == 0


@pytest.mark.parametrize("layout", ["3x4+1R", "6x2", "12x1"])
def test_what_the_rows_say_of_the_orientation_is_tried_first(layout: str) -> None:
    trace = laid_flat(render_page(synthesize_record(seed=3), layout=LAYOUTS[layout], dots_per_inch=100)).trace
    for orientation in range(NUM_ORIENTATIONS):
        order = in_likely_order(oriented(trace, orientation))
        assert sorted(order) == list(range(NUM_ORIENTATIONS))
        assert order.index(orientation) in ((0, 1) if orientation < 4 else (4, 5))
