"""Rows of rendered pages, found from their true ink and names as perfect networks would give them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np
import pytest

from ecg_core import synthesize_record
from ecg_core.errors import DataError
from ecg_core.leads import UNKNOWN_LEAD
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM, FlatPage, flatten_whole
from ecg_digitize.digitizers.neural.grid.mesh import Mesh
from ecg_digitize.digitizers.neural.markers.ink_rows import find_ink_rows
from ecg_digitize.digitizers.neural.markers.marks import FoundPulse, FoundScale, FoundSeparator, PageMarks
from ecg_digitize.digitizers.neural.markers.names import FoundName, NameHint
from ecg_digitize.digitizers.neural.markers.second_look import CLOSER
from ecg_digitize.digitizers.neural.markers.upright import (
    MOST_INK_ROWS,
    UprightPage,
    _is_long,
    in_likely_order,
    is_beyond_doubt,
    name_page,
    turn_upright,
    with_marks,
    with_small_names,
)
from ecg_digitize.digitizers.neural.orientation import NUM_ORIENTATIONS, oriented
from ecg_digitize.digitizers.segments import printed_rows
from ecg_render import EndlessPages, Page, PageRecipe, render_page
from ecg_render.labels import PULSE, TRACE, has_any

LAYOUTS: dict[str, Layout] = {
    entry.name: registry().load("layouts", entry.name) for entry in registry().entries("layouts")
}
MAX_ERROR_MM = 1.5
UPRIGHT = "ecg_digitize.digitizers.neural.markers.upright"


def no_network(*_: object) -> tuple[np.ndarray, ...]:
    raise AssertionError("no network is asked here")


def laid_flat(page: Page) -> FlatPage:
    mesh = Mesh(page.grid_points_px.astype(float))
    ink = 255 - 255 * has_any(page.labels, TRACE | PULSE)
    trace = 1 - flatten_whole(mesh, ink).astype(np.float32) / 255
    return FlatPage(mesh=mesh, paper=flatten_whole(mesh, page.image), trace=trace, found=1.0)


def laid_otherwise(flat: FlatPage, orientation: int) -> FlatPage:
    """A flat page that lies some other way."""
    return attrs.evolve(
        flat,
        mesh=Mesh(oriented(flat.mesh.points_px, orientation)),
        paper=oriented(flat.paper, orientation),
        trace=oriented(flat.trace, orientation),
    )


def place_mm(flat: FlatPage, points_px: np.ndarray) -> np.ndarray:
    """Places of the picture on the flat paper."""
    return np.vectorize(flat.mm_of_box)(flat.mesh.to_lattice(points_px))


def true_marks(page: Page, flat: FlatPage, names: slice = slice(None)) -> PageMarks:
    """Names as a perfect network would find them; of those that it does not read it sees that there is something."""
    found = []
    for name in page.lead_names:
        [[x_mm, y_mm]] = place_mm(flat, name.corners_px.mean(axis=0)[None])
        found.append(FoundName(name.lead.removeprefix("-"), (x_mm * PX_PER_MM, y_mm * PX_PER_MM), 0.95))
    hints = (NameHint(each.place_px, (16.0, 12.0), each.name, 0.0) for each in found)
    return PageMarks(names=tuple(found[names]), hints=tuple(hints))


def upright_page(
    page: Page, layouts: Mapping[str, Layout] = LAYOUTS, *, names: slice = slice(None), flat: FlatPage | None = None
) -> UprightPage:
    """The page with its true names, or some of them."""
    flat = flat or laid_flat(page)
    marks = true_marks(page, flat, names)
    found = name_page(flat, 0, lambda: marks, layouts)
    assert found is not None
    return found


def leads_of(page: UprightPage) -> list[tuple[str, ...]]:
    return [tuple(lead.removeprefix("-") for lead in row.leads) for row in page.named.naming.rows]


def printed(layout: Layout) -> list[tuple[str, ...]]:
    return [tuple(lead.removeprefix("-") for lead in row) for row in printed_rows(layout)]


def errors_mm(page: Page, found: UprightPage) -> np.ndarray:
    zeros_px = np.stack((np.full(len(page.baselines_px), page.width_px / 2), page.baselines_px), axis=1)
    return np.abs(np.array(found.zeros_mm) - place_mm(laid_flat(page), zeros_px)[:, 1])


def test_of_more_rows_than_pages_have_those_are_tried_of_which_the_most_ink_hangs_together() -> None:
    """Lines of a dark grid pass for rows by the dozen, of which every run would be tried as a block."""
    trace = np.zeros((1600, 1000), np.float32)
    whole = [60 + 60 * number for number in range(25)]
    across = np.arange(40, 960)
    for number, middle in enumerate(whole):
        down = np.rint(middle + 12 * np.sin(across / 6)).astype(int)
        shown = across < (960 if number < MOST_INK_ROWS else 700)
        for thick in range(-2, 3):
            trace[down[shown] + thick, across[shown]] = 1
    assert len(find_ink_rows(trace)) > MOST_INK_ROWS
    flat = attrs.evolve(laid_flat(render_page(synthesize_record(seed=3), dots_per_inch=60)), trace=trace)
    found = name_page(flat, 0, PageMarks, LAYOUTS)
    assert found is not None
    assert len(found.rows) == MOST_INK_ROWS
    assert max(row.y_mm for row in found.rows) < (whole[MOST_INK_ROWS] - 20) / PX_PER_MM


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_names_and_rows_of_a_page_are_found_by_its_names_and_ink(layout: str) -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS[layout], dots_per_inch=120)
    found = upright_page(page)
    assert leads_of(found) == printed(LAYOUTS[layout])
    assert errors_mm(page, found).max() < MAX_ERROR_MM


@pytest.mark.parametrize("layout", ["3x4", "3x4+1R", "6x2", "12x1"])
def test_a_layout_that_is_told_needs_no_names(layout: str) -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS[layout], dots_per_inch=120)
    found = upright_page(page, {layout: LAYOUTS[layout]}, names=slice(0))
    assert leads_of(found) == printed(LAYOUTS[layout])
    assert errors_mm(page, found).max() < MAX_ERROR_MM


def wandering(flat: FlatPage, y_mm: float, reach_mm: float = 15.0) -> FlatPage:
    """A flat page with one row that wanders up and down again and again."""
    first, last = (round((y_mm + side * reach_mm) * PX_PER_MM) for side in (-1, 1))
    trace = flat.trace.copy()
    for column in range(trace.shape[1]):
        phase = abs(column / PX_PER_MM / 60.0 % 1.0 - 0.5)
        shift = round((phase - 0.25) * 4 * (reach_mm - 2) * PX_PER_MM)
        trace[first:last, column] = np.roll(trace[first:last, column], shift)
    return attrs.evolve(flat, trace=trace)


def test_a_row_that_wanders_so_much_that_it_is_no_row_of_ink_is_told_by_its_name() -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["3x4+1R"], dots_per_inch=120)
    flat = laid_flat(page)
    whole = upright_page(page)
    wander = wandering(flat, whole.zeros_mm[-1])
    assert len(find_ink_rows(wander.trace)) == len(find_ink_rows(flat.trace)) - 1
    found = upright_page(page, flat=wander)
    assert leads_of(found) == printed(LAYOUTS["3x4+1R"])
    assert errors_mm(page, found).max() < 3.0
    assert [row.by_names for row in found.rows] == [False, False, False, True]
    assert not any(row.by_names for row in whole.rows)


def test_names_half_way_between_rows_tell_the_row_that_is_missing_at_the_end_and_not_all_of_them_one_row_off() -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["12x1"], dots_per_inch=120)
    flat = laid_flat(page)
    whole = upright_page(page)
    pitch_mm = float(np.median(np.diff(whole.zeros_mm)))
    wander = wandering(flat, whole.zeros_mm[-1], reach_mm=pitch_mm * 0.8)
    halfway = [
        FoundName(row.leads[0], (80.0, (zero_mm - 0.52 * pitch_mm) * PX_PER_MM), 0.7 if row.row == 0 else 0.95)
        for row, zero_mm in zip(whole.named.naming.rows, whole.zeros_mm, strict=True)
    ]
    found = name_page(wander, 0, lambda: PageMarks(names=tuple(halfway)), LAYOUTS)
    assert found is not None
    assert leads_of(found) == printed(LAYOUTS["12x1"])
    assert [row.by_names for row in found.rows] == [*[False] * 11, True]


@pytest.mark.parametrize("is_hidden", [True, False])
def test_the_name_that_was_not_read_is_one_that_words_hide_and_not_one_on_bare_paper(*, is_hidden: bool) -> None:
    """The names of a list half way between its rows; nothing tells their order, and one at an end was not read."""
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["12x1"], dots_per_inch=120)
    flat = laid_flat(page)
    zeros_mm = upright_page(page).zeros_mm
    pitch_mm = float(np.median(np.diff(zeros_mm)))
    leads = ("III", "aVR", "aVF", "V1", "V2", "V4", "V5", "V6", "V3R", "V4R", "V7")
    names = tuple(
        FoundName(lead, (180.0, (zero_mm + 0.48 * pitch_mm) * PX_PER_MM), 0.95)
        for lead, zero_mm in zip(leads, zeros_mm, strict=False)
    )
    paper = np.full_like(flat.paper, 250)
    at_px = round((zeros_mm[0] - 0.52 * pitch_mm) * PX_PER_MM)
    if is_hidden:
        paper[at_px - 6 : at_px + 6, 170:190] = 40
    found = name_page(attrs.evolve(flat, paper=paper), 0, lambda: PageMarks(names=names), LAYOUTS)
    assert found is not None
    rows = [*((lead,) for lead in leads)]
    assert leads_of(found) == ([("?",), *rows] if is_hidden else [*rows, ("?",)])


def test_bars_of_which_one_is_taken_for_a_name_tell_no_row() -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["12x1"], dots_per_inch=120)
    flat = laid_flat(page)
    whole = upright_page(page)
    true = true_marks(page, flat)
    x_px = true.names[0].place_px[0]
    below_px = (whole.zeros_mm[-1] + float(np.median(np.diff(whole.zeros_mm))) - 5) * PX_PER_MM
    bars = tuple(FoundSeparator(x_px, zero_mm * PX_PER_MM + 8, 20.0, 0.9) for zero_mm in whole.zeros_mm[:-1])
    stroke = FoundName("I", (x_px, below_px), 0.9)
    for separators, strays in ((bars, 0), ((), 1)):
        marks = attrs.evolve(true, names=(*true.names, stroke), separators=separators)
        found = with_marks(whole, marks, LAYOUTS)
        assert leads_of(found) == printed(LAYOUTS["12x1"])
        assert len(found.named.grid.strays) == strays


def test_rows_have_the_names_that_were_read_when_a_page_was_looked_at_again() -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["3x4+1R"], dots_per_inch=120)
    found = upright_page(page)
    others = {"V4": "V7", "V5": "V8", "V6": "V9"}
    names = tuple(attrs.evolve(name, name=others.get(name.name, name.name)) for name in found.marks.names)
    again = with_marks(found, attrs.evolve(found.marks, names=names), LAYOUTS)
    assert leads_of(again)[:3] == [("I", "aVR", "V1", "V7"), ("II", "aVL", "V2", "V8"), ("III", "aVF", "V3", "V9")]
    assert again.rows == found.rows


def test_a_name_that_is_read_when_a_page_is_looked_at_again_tells_a_row_that_no_ink_does() -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["3x4+1R"], dots_per_inch=120)
    wander = wandering(laid_flat(page), upright_page(page).zeros_mm[-1])
    found = upright_page(page, names=slice(12), flat=wander)
    assert leads_of(found) == printed(LAYOUTS["3x4"])
    assert leads_of(with_marks(found, true_marks(page, wander), LAYOUTS)) == printed(LAYOUTS["3x4+1R"])


def test_a_page_without_ink_has_no_rows() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=120)
    flat = laid_flat(page)
    blank = attrs.evolve(flat, trace=np.zeros_like(flat.trace))
    assert name_page(blank, 0, PageMarks, LAYOUTS) is None
    with pytest.raises(DataError, match="no row of a trace"):
        turn_upright(blank, page.image, lambda _paper: (), LAYOUTS)


@pytest.mark.parametrize("number", range(12))
def test_pages_of_any_layout_in_the_style_of_any_maker(number: int) -> None:
    """By true ink and names; a page that prints no name has rows that nobody can name."""
    recipe = PageRecipe(layouts=("random",), styles=("maker",), degradations=("none",), most_dots_per_inch=150.0)
    sample = EndlessPages([synthesize_record(seed=number, duration_s=12)], recipe, seed=7).sample(number)
    found = upright_page(sample.page)
    if sample.page.lead_names:
        known = [row for row in leads_of(found) if row != ("?",)]
        assert known == printed(sample.layout)[: len(known)]
        assert len(found.named.naming.rows) == sample.layout.num_rows
    else:
        assert set(leads_of(found)) == {("?",)}


def test_lines_of_the_grid_and_frames_are_no_rows() -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["3x4"], dots_per_inch=120)
    flat = laid_flat(page)
    trace = flat.trace.copy()
    for height_px in (60, len(trace) - 40):
        trace[height_px : height_px + 2, 60:-60] = 0.9
    found = upright_page(page, flat=attrs.evolve(flat, trace=trace))
    assert leads_of(found) == printed(LAYOUTS["3x4"])


def test_words_are_rows_of_ink_with_gaps() -> None:
    trace = np.zeros((400, 1200), np.float32)
    columns = np.arange(100, 1100)
    trace[np.rint(100 + 12 * np.sin(columns / 9)).astype(int), columns] = 1
    for first in range(100, 1100, 200):
        trace[98:102, first : first + 195] = 1  # the level, between complexes
    for word in range(100, 900, 100):
        trace[296:306, word : word + 55] = np.random.default_rng(word).random((10, 55)) > 0.4
    rows = find_ink_rows(trace)
    assert rows[0].y_mm == pytest.approx(25, abs=1)
    assert rows[0].coverage > 0.98
    assert rows[0].joined > 0.95
    assert all(row.coverage < 0.8 for row in rows[1:])


def test_words_on_the_line_of_a_frame_are_words_and_a_lead_of_small_waves_is_no_frame() -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["12x1"], dots_per_inch=120)
    trace = laid_flat(page).trace.copy()
    rows = find_ink_rows(trace)
    assert len(rows) == 12
    first_px, last_px = (round(end * PX_PER_MM) for end in (rows[0].first_mm, rows[0].last_mm))
    low = round((rows[-1].y_mm + 25) * PX_PER_MM)
    framed = np.pad(trace, ((0, 80), (0, 0)))
    framed[low : low + 2, first_px - 40 : last_px + 40] = 1
    for word in range(first_px, last_px - 200, 40):
        framed[low - 8 : low + 4, word : word + 24] = 1
    assert [row.y_mm for row in find_ink_rows(framed) if row.joined] == [row.y_mm for row in rows]
    flat = np.pad(trace, ((0, 80), (0, 0)))
    flat[low : low + 2, first_px:last_px] = 1
    assert len(find_ink_rows(flat)) == 13


@pytest.mark.parametrize("orientation", range(NUM_ORIENTATIONS))
def test_a_page_that_lies_some_other_way_is_turned_upright(orientation: int) -> None:
    """Turned back, paper, ink and mesh are those of the upright page, and the mesh still points into the picture."""
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    flat = laid_flat(page)
    lying = laid_otherwise(flat, orientation)
    np.testing.assert_allclose(flatten_whole(lying.mesh, page.image), lying.paper, atol=3)
    turned = lying.upright(orientation)
    np.testing.assert_array_equal(turned.paper, flat.paper)
    np.testing.assert_array_equal(turned.mesh.points_px, flat.mesh.points_px)


def test_of_eight_ways_the_one_counts_in_which_names_make_sense() -> None:
    """A reader of names that knows the upright paper: it reads nothing on any other."""
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    flat = laid_flat(page)

    def marks(paper: np.ndarray, _network: object) -> PageMarks:
        is_upright = paper.shape == flat.paper.shape and (paper == flat.paper).all()
        return true_marks(page, flat) if is_upright else PageMarks()

    lying = attrs.evolve(
        flat,
        mesh=Mesh(oriented(flat.mesh.points_px, 6)),
        paper=oriented(flat.paper, 6),
        trace=oriented(flat.trace, 6),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{UPRIGHT}.find_marks", marks)
        found = turn_upright(lying, page.image, lambda _paper: (), LAYOUTS)
    assert found.orientation == 6
    assert found.named.naming.agreement == 1
    assert leads_of(found) == printed(LAYOUTS["3x4+1R"])


def ways_tried(lying: FlatPage, page: Page, marks_as_it_lies: PageMarks) -> int:
    """How many ways up are tried of a page on which marks are found as it lies, and none in other ways."""
    tried: list[bool] = []

    def marks(paper: np.ndarray, _network: object) -> PageMarks:
        tried.append(paper.shape == lying.paper.shape and bool((paper == lying.paper).all()))
        return marks_as_it_lies if tried[-1] else PageMarks()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{UPRIGHT}.find_marks", marks)
        patch.setattr(f"{UPRIGHT}.look_closer", lambda *_looked_at: [])
        assert turn_upright(lying, page.image, no_network, LAYOUTS).orientation == 0
    return len(tried)


def test_no_other_way_up_is_tried_where_many_names_are_read_though_more_are_not() -> None:
    """The names of a layout of which seven of twelve are read are no certain ones; but in a wrong way hardly any is."""
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["3x4"], dots_per_inch=100)
    flat = laid_flat(page)
    few, many = (true_marks(page, flat, slice(number)) for number in (4, 8))
    upright = upright_page(page, names=slice(8))
    assert not is_beyond_doubt(upright)
    assert ways_tried(flat, page, many) == 1
    assert ways_tried(flat, page, few) > 1


def test_a_strip_is_not_tried_on_its_side_where_no_ink_hangs_together() -> None:
    """One lead is too little for its names to end the search."""
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["12x1"], dots_per_inch=100)
    flat = laid_flat(page)
    row = find_ink_rows(flat.trace)[5]
    trace = np.zeros_like(flat.trace)
    near = slice(round((row.y_mm - 4) * PX_PER_MM), round((row.y_mm + 4) * PX_PER_MM))
    trace[near] = flat.trace[near]
    assert ways_tried(attrs.evolve(flat, trace=trace), page, PageMarks()) == 4


@pytest.mark.parametrize(("read_mirrored", "orientation"), [(2, 0), (12, 4)])
def test_a_picture_is_taken_for_mirrored_only_by_more_than_a_name_or_two(read_mirrored: int, orientation: int) -> None:
    """A reader that reads one name of the page as it lies, and some were it mirrored."""
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    flat = laid_flat(page)
    one, some = (true_marks(page, flat, slice(number)) for number in (1, read_mirrored))

    def marks(paper: np.ndarray, _network: object) -> PageMarks:
        if paper.shape != flat.paper.shape:
            return PageMarks()
        return one if (paper == flat.paper).all() else some if (paper == flat.paper[:, ::-1]).all() else PageMarks()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ecg_digitize.digitizers.neural.markers.upright.find_marks", marks)
        patch.setattr("ecg_digitize.digitizers.neural.markers.upright.look_closer", lambda *_looked_at: [])
        found = turn_upright(flat, page.image, lambda _paper: (), LAYOUTS)
    assert found.orientation == orientation


def test_a_page_without_names_lies_as_its_rows_do_though_a_name_is_read_across_them() -> None:
    """One word is taken for a name where the rows run down, of a mirrored page."""
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["12x1"], dots_per_inch=100)
    flat = laid_flat(page)
    across = oriented(flat.paper, 5)

    def marks(paper: np.ndarray, _network: object) -> PageMarks:
        if paper.shape != across.shape or not (paper == across).all():
            return PageMarks()
        [first, *_] = find_ink_rows(oriented(flat.trace, 5))
        return PageMarks(names=(FoundName("I", (first.first_mm * PX_PER_MM, first.y_mm * PX_PER_MM), 0.95),))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{UPRIGHT}.find_marks", marks)
        found = turn_upright(laid_otherwise(flat, 0), page.image, lambda _paper: (), LAYOUTS)
    assert found.orientation % 2 == 0


def test_waves_across_a_strip_are_no_long_rows() -> None:
    """Seen along its shorter side, many a complex reaches over half of a strip."""
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["12x1"], dots_per_inch=100)
    flat = laid_flat(page)
    strip = attrs.evolve(flat, trace=flat.trace[:200], paper=flat.paper[:200])
    [row, *_] = find_ink_rows(flat.trace)
    tall = attrs.evolve(row, first_mm=5.0, last_mm=45.0, joined=1.0)
    assert not _is_long(tall, max(strip.trace.shape) / PX_PER_MM)
    assert _is_long(row, max(strip.trace.shape) / PX_PER_MM)


def test_rows_without_any_name_are_upright_as_their_pulses_are() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    flat = laid_flat(page)
    levels = [round(row.y_mm * PX_PER_MM) for row in find_ink_rows(flat.trace)]
    first_px = round(find_ink_rows(flat.trace)[0].first_mm * PX_PER_MM)
    pulses = tuple(FoundPulse(first_px, level - 40, 20, 41, 0.9) for level in levels)

    def marks(paper: np.ndarray, _network: object) -> PageMarks:
        is_upright = paper.shape == flat.paper.shape and (paper == flat.paper).all()
        return PageMarks(pulses=pulses) if is_upright else PageMarks()

    lying = attrs.evolve(flat, paper=oriented(flat.paper, 2), trace=oriented(flat.trace, 2))
    lying = attrs.evolve(lying, mesh=Mesh(oriented(flat.mesh.points_px, 2)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ecg_digitize.digitizers.neural.markers.upright.find_marks", marks)
        found = turn_upright(lying, page.image, lambda _paper: (), LAYOUTS)
    assert found.orientation == 2
    assert all(row.has_pulse for row in found.rows)


def test_rows_without_any_name_are_upright_as_printed_numbers_are_though_a_wave_is_read_as_a_name() -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["12x1"], dots_per_inch=100)
    flat = laid_flat(page)
    scales = {"speeds": (FoundScale(25.0, (90.0, 90.0), 0.9),), "gains": (FoundScale(10.0, (160.0, 90.0), 0.9),)}

    def marks(paper: np.ndarray, _network: object) -> PageMarks:
        if paper.shape == flat.paper.shape and (paper == flat.paper).all():
            return PageMarks(**scales)
        if paper.shape == flat.paper.shape and (paper == oriented(flat.paper, 2)).all():
            [first, *_] = find_ink_rows(oriented(flat.trace, 2))
            return PageMarks(names=(FoundName("I", (first.first_mm * PX_PER_MM, first.y_mm * PX_PER_MM), 0.9),))
        return PageMarks()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{UPRIGHT}.find_marks", marks)
        found = turn_upright(flat, page.image, lambda _paper: (), LAYOUTS)
        scales.clear()
        without = turn_upright(flat, page.image, lambda _paper: (), LAYOUTS)
    assert (found.orientation, without.orientation) == (0, 2)


@pytest.mark.parametrize("are_letters", [True, False])
def test_a_page_is_turned_over_only_for_names_that_letters_bear_out(*, are_letters: bool) -> None:
    """Waves of a strip without names that stands on its head are taken for a name in every row."""
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["3x4"], dots_per_inch=100)
    flat = laid_flat(page)
    rows = find_ink_rows(oriented(flat.trace, 2))
    waves = tuple(FoundName("V2", (row.first_mm * PX_PER_MM, row.y_mm * PX_PER_MM), 0.9) for row in rows)

    def marks(paper: np.ndarray, _network: object) -> PageMarks:
        is_over = paper.shape == flat.paper.shape and (paper == oriented(flat.paper, 2)).all()
        return PageMarks(names=waves) if is_over else PageMarks()

    def read(way: UprightPage) -> UprightPage:
        return way if are_letters else with_marks(way, attrs.evolve(way.marks, names=()), LAYOUTS)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{UPRIGHT}.find_marks", marks)
        found = turn_upright(flat, page.image, no_network, LAYOUTS, read=read)
    assert found.orientation == (2 if are_letters else 0)


@pytest.mark.parametrize("is_told", [True, False])
def test_a_page_is_not_turned_over_for_a_wave_against_the_speed_and_gain_below_its_grid(*, is_told: bool) -> None:
    """A wave of a strip without names is taken for one where it stands on its head."""
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["3x4"], dots_per_inch=100)
    flat = laid_flat(page)
    first = find_ink_rows(oriented(flat.trace, 2))[0]
    wave = FoundName("V1", (first.first_mm * PX_PER_MM, first.y_mm * PX_PER_MM), 0.9)
    speeds, gains = (FoundScale(25.0, (40.0, 900.0), 1.0),), (FoundScale(5.0, (80.0, 900.0), 1.0),)

    def marks(paper: np.ndarray, _network: object) -> PageMarks:
        is_over = paper.shape == flat.paper.shape and (paper == oriented(flat.paper, 2)).all()
        return PageMarks(names=(wave,) if is_over else ())

    def read_about(way: UprightPage) -> UprightPage:
        is_read = is_told and way.orientation == 0
        return with_marks(way, attrs.evolve(way.marks, speeds=speeds, gains=gains), LAYOUTS) if is_read else way

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{UPRIGHT}.find_marks", marks)
        found = turn_upright(flat, page.image, no_network, LAYOUTS, read_about=read_about)
    assert found.orientation == (0 if is_told else 2)


def test_as_it_lies_a_page_is_always_looked_at_closer_before_it_is_turned() -> None:
    """Two other ways hint at more names than the small ones that are there."""
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["3x4"], dots_per_inch=100)
    flat = laid_flat(page)

    def marks(paper: np.ndarray, _network: object) -> PageMarks:
        as_it_lies = paper.shape == flat.paper.shape and bool((paper == flat.paper).all())
        return PageMarks(hints=true_marks(page, flat).hints[: 1 if as_it_lies else 4])

    def closer(turned: FlatPage, *_: object) -> tuple[FoundName, ...]:
        return true_marks(page, flat).names if turned is flat else ()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{UPRIGHT}.find_marks", marks)
        patch.setattr(f"{UPRIGHT}.look_closer", closer)
        found = turn_upright(flat, page.image, no_network, LAYOUTS)
    assert found.orientation == 0
    assert are_all_read(found)


def are_all_read(page: UprightPage) -> bool:
    return all(all(row.is_read) for row in page.named.naming.rows)


def looked_at_closer(found: UprightPage, *names: FoundName) -> UprightPage:
    """A page with what a second look finds on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{UPRIGHT}.look_closer", lambda *_: names)
        return with_small_names(found, image=np.zeros((1, 1, 3), np.uint8), network=no_network, layouts=LAYOUTS)


def test_missing_names_are_taken_from_a_closer_look() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    every = true_marks(page, laid_flat(page)).names
    few = upright_page(page, names=slice(0, 12, 3))
    assert few.named.naming.num_read == 4
    found = looked_at_closer(few, *every)
    assert are_all_read(found)
    assert leads_of(found) == printed(LAYOUTS["3x4+1R"])
    assert len(found.marks.names) == len(every)


def test_a_closer_look_that_makes_no_more_sense_changes_nothing() -> None:
    """Waves are taken for names in windows, too."""
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    few = upright_page(page, names=slice(0, 12, 3))
    found = looked_at_closer(few, FoundName("V6", (200.0, 30.0), 0.9), FoundName("I", (700.0, 150.0), 0.6))
    assert found is few


def test_a_page_is_looked_at_ever_closer_while_its_names_make_little_sense() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    every = true_marks(page, laid_flat(page)).names
    looks: list[float] = []

    def look(enough: float) -> UprightPage:
        def closer(*arguments: float) -> tuple[FoundName, ...]:
            looks.append(arguments[-1])
            return every if looks[-1] >= enough else ()

        looks.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(f"{UPRIGHT}.look_closer", closer)
            few = upright_page(page, names=slice(0, 2))
            return with_small_names(few, image=page.image, network=no_network, layouts=LAYOUTS)

    first, last = CLOSER[0], CLOSER[-1]
    assert are_all_read(look(enough=first))
    assert looks == [first]
    assert are_all_read(look(enough=last))
    assert looks == list(CLOSER) == sorted(CLOSER)
    assert not are_all_read(look(enough=2 * last))


def places_looked_at(found: UprightPage) -> list[tuple[float, float]]:
    """What the second look at a page is about."""
    places: list[tuple[float, float]] = []

    def closer(_flat: FlatPage, _image: np.ndarray, hints: list[NameHint], *_: object) -> tuple[FoundName, ...]:
        places.extend(hint.place_px for hint in hints)
        return ()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{UPRIGHT}.look_closer", closer)
        with_small_names(found, image=np.zeros((1, 1, 3), np.uint8), network=no_network, layouts=LAYOUTS)
    return places


def test_a_page_with_all_its_names_is_looked_at_nowhere_again() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    assert places_looked_at(upright_page(page)) == []


def test_a_page_is_looked_at_again_where_single_names_are_missing_or_unsure() -> None:
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    flat = laid_flat(page)
    every = true_marks(page, flat).names
    [v2, v5] = [name.place_px for name in every if name.name in ("V2", "V5")]
    rhythm = every[-1].place_px
    marks = [
        attrs.evolve(name, certainty=0.5) if name.place_px == rhythm else name
        for name in every
        if name.place_px not in (v2, v5)
    ]
    found = name_page(flat, 0, lambda: attrs.evolve(true_marks(page, flat), names=tuple(marks)), LAYOUTS)
    assert found is not None
    assert sorted(places_looked_at(found)) == sorted([v2, v5, rhythm])


def test_small_names_that_hint_at_nothing_are_sought_where_lines_begin_the_leads() -> None:
    page = render_page(synthesize_record(seed=3), layout=LAYOUTS["3x4"], dots_per_inch=100)
    flat = laid_flat(page)
    whole = upright_page(page, flat=flat)
    first_mm, last_mm = whole.rows[0].first_mm, whole.rows[0].last_mm
    starts_mm = np.linspace(first_mm, last_mm, 5)[:4]
    lines = tuple(
        FoundSeparator(x_mm * PX_PER_MM, (whole.zeros_mm[0] - 5) * PX_PER_MM, 100.0 * PX_PER_MM, 0.9)
        for x_mm in starts_mm[1:]
    )
    found = name_page(flat, 0, lambda: PageMarks(separators=lines), LAYOUTS)
    assert found is not None
    away_mm = [
        np.abs(np.divide(places_looked_at(found), PX_PER_MM) - (start_mm, y_mm)).max(axis=1).min()
        for start_mm in starts_mm
        for y_mm in whole.zeros_mm
    ]
    assert max(away_mm) < 3.0


@pytest.mark.parametrize(
    ("orientation", "names", "hinted"), [(6, slice(0, 12, 3), 13), (3, slice(0), 13), (2, slice(0, 2), 4)]
)
def test_a_page_of_small_names_is_turned_upright_by_a_closer_look(orientation: int, names: slice, hinted: int) -> None:
    """At the usual scale hardly any name is legible; upright, all of them are on a finer picture."""
    page = render_page(synthesize_record(seed=3), dots_per_inch=100)
    flat = laid_flat(page)
    lying = laid_otherwise(flat, orientation)

    def is_upright(paper: np.ndarray) -> bool:
        return paper.shape == flat.paper.shape and bool((paper == flat.paper).all())

    def marks(paper: np.ndarray, _network: object) -> PageMarks:
        found = true_marks(page, flat, names)
        return attrs.evolve(found, hints=found.hints[:hinted]) if is_upright(paper) else PageMarks()

    def closer(turned: FlatPage, *_: object) -> tuple[FoundName, ...]:
        return true_marks(page, flat).names if is_upright(turned.paper) else ()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{UPRIGHT}.find_marks", marks)
        patch.setattr(f"{UPRIGHT}.look_closer", closer)
        found = turn_upright(lying, page.image, no_network, LAYOUTS)
    assert found.orientation == orientation
    assert are_all_read(found)
    assert leads_of(found) == printed(LAYOUTS["3x4+1R"])


@pytest.mark.parametrize("layout", ["3x4+1R", "6x2", "12x1"])
def test_as_a_page_lies_is_tried_first_and_then_what_its_rows_say_of_the_orientation(layout: str) -> None:
    trace = laid_flat(render_page(synthesize_record(seed=3), layout=LAYOUTS[layout], dots_per_inch=100)).trace
    for orientation in range(NUM_ORIENTATIONS):
        order = in_likely_order(oriented(trace, orientation))
        assert sorted(order) == list(range(NUM_ORIENTATIONS))
        assert order[0] == 0
        assert order.index(orientation) in ((0, 1, 2) if orientation < 4 else (4, 5))


def test_a_row_that_only_names_tell_may_show_where_all_names_stand() -> None:
    """Each name stands at its row. The second row is faint; as a tenth row has no name, all names but one might stand
    above rows of theirs, too."""
    levels_mm = (33.5, 47.4, 56.2, 68.5, 79.2, 89.0, 99.8, 114.0, 124.2, 136.2)
    x_mm = np.arange(30.0, 280.0, 1 / PX_PER_MM)
    trace = np.zeros((round(200 * PX_PER_MM), round(300 * PX_PER_MM)), np.float32)
    for number, y_mm in enumerate(levels_mm):
        rows = np.rint((y_mm + np.sin(x_mm)) * PX_PER_MM).astype(int)
        for row in (rows, rows + 1):
            trace[row, np.rint(x_mm * PX_PER_MM).astype(int)] = 0.2 if number == 1 else 1.0
    limbs, chest = ("I", "II", "III", "aVR", "aVL", "aVF"), ("V1", "V2", "V3", "V4", "V5", "V6")
    printed = [(lead, 31.0) for lead in (*limbs, "II", "I", "V6")], [(lead, 157.0) for lead in chest]
    names = tuple(
        FoundName(lead, (at_mm * PX_PER_MM, (y_mm + 1.5) * PX_PER_MM), 0.95)
        for column in printed
        for (lead, at_mm), y_mm in zip(column, levels_mm, strict=False)
    )
    mesh = Mesh(np.stack(np.meshgrid(np.arange(61.0), np.arange(41.0)), axis=-1) * 20)
    flat = FlatPage(mesh=mesh, paper=np.zeros((*trace.shape, 3), np.uint8), trace=trace, found=1.0)
    found = name_page(flat, 0, lambda: PageMarks(names=names), LAYOUTS)
    assert found is not None
    assert leads_of(found) == [*zip(limbs, chest, strict=True), ("II",), ("I",), ("V6",), (UNKNOWN_LEAD,)]
    assert np.abs(np.subtract(found.zeros_mm, levels_mm)).max() < MAX_ERROR_MM


def test_words_above_the_rows_are_none_where_only_names_by_another_distance_would_tell_a_row_there() -> None:
    """A list whose first name hides among words, the others stand half way between rows, and the last one lower."""
    limbs, chest = ("I", "II", "III", "aVR", "aVL", "aVF"), ("V1", "V2", "V3", "V4", "V5", "V6")
    levels_mm = 36.25 + 10.5 * np.arange(13)
    x_mm = np.arange(9.0, 196.0, 1 / PX_PER_MM)
    trace = np.zeros((round(200 * PX_PER_MM), round(240 * PX_PER_MM)), np.float32)
    for y_mm in (25.75, *levels_mm):
        rows = np.rint((y_mm + np.sin(x_mm)) * PX_PER_MM).astype(int)
        letters = 1.0 if y_mm in levels_mm else 0.4 * (x_mm % 1.4 < 1.1)
        for row in (rows, rows + 1):
            trace[row, np.rint(x_mm * PX_PER_MM).astype(int)] = letters
    places = [*zip((*limbs, *chest)[1:], levels_mm[1:12] - 6.0, strict=True), ("V1", levels_mm[12] + 4.5)]
    names = tuple(FoundName(lead, (21.0 * PX_PER_MM, y_mm * PX_PER_MM), 0.95) for lead, y_mm in places)
    mesh = Mesh(np.stack(np.meshgrid(np.arange(49.0), np.arange(41.0)), axis=-1) * 20)
    paper = np.full((*trace.shape, 3), 250, np.uint8)
    paper[:, 72:96:4] = 40  # something is printed wherever a name may hide
    flat = FlatPage(mesh=mesh, paper=paper, trace=trace, found=1.0)
    found = name_page(flat, 0, lambda: PageMarks(names=names), LAYOUTS)
    assert found is not None
    assert leads_of(found) == [*((lead,) for lead in (*limbs, *chest)), ("V1",)]
    assert not any(row.by_names for row in found.rows)
