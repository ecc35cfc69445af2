from __future__ import annotations

from collections import Counter
from itertools import pairwise

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.errors import PluginError
from ecg_core.layout_text import layout_of_text
from ecg_core.layouts import LAYOUT_6X2
from ecg_core.leads import CABRERA_LEADS, EXTRA_LEADS, STANDARD_LEADS
from ecg_core.paper import LAYOUT_3X4_1R, Layout, PaperSpec
from ecg_core.plugins.registry import registry
from ecg_render.grammar import layout_by_name, placed_anew, random_layout
from ecg_render.grammar.layout import WELL_KNOWN, grammar_layout

STANDARD = PaperSpec()
SEEDS = st.integers(0, 2**32 - 1)
SPEEDS = st.sampled_from([12.5, 25.0, 50.0, 100.0])
GAINS = st.sampled_from([2.5, 5.0, 10.0, 20.0])


def drawn(number: int, paper: PaperSpec = STANDARD) -> list[Layout]:
    return [grammar_layout(np.random.default_rng(seed), paper=paper) for seed in range(number)]


def shape_of(layout: Layout) -> str:
    """Rows and columns as in ``3x4+2R``; ``1x3`` is a strip over three rows."""
    rows = [*layout.rows, *((lead,) for lead in layout.rhythm_leads)]
    columns = max(map(len, layout.rows))
    num_rhythm = len({segment.row for segment in layout.segments if segment.is_rhythm})
    if layout.timing == "continued":
        return f"1x{len(rows)}"
    return f"{len(rows) - num_rhythm}x{columns}" + (f"+{num_rhythm}R" if num_rhythm else "")


@given(seed=SEEDS, speed=SPEEDS, gain=GAINS)
@settings(max_examples=150, deadline=None)
def test_every_layout_fits_on_its_sheet(seed: int, speed: float, gain: float) -> None:
    paper = PaperSpec(speed_mm_per_s=speed, gain_mm_per_mv=gain)
    layout = random_layout(np.random.default_rng(seed), paper=paper)
    assert layout.signal_start_mm >= 3
    assert layout.signal_start_mm + paper.width_mm(layout.duration_s) <= layout.page_width_mm + 1e-6
    assert min(layout.baselines_mm) > 0
    assert max(layout.baselines_mm) < layout.page_height_mm
    for segment in layout.segments:
        assert segment.at_s >= 0
        assert segment.at_s + segment.duration_s <= layout.duration_s + 1e-6
    assert 0 <= layout.grid_left_mm < 5
    assert layout.signal_end_mm is None or layout.signal_start_mm < layout.signal_end_mm <= layout.page_width_mm


@given(seed=SEEDS, speed=SPEEDS)
@settings(max_examples=150, deadline=None)
def test_rows_of_the_grammar_are_plausible(seed: int, speed: float) -> None:
    paper = PaperSpec(speed_mm_per_s=speed)
    layout = grammar_layout(np.random.default_rng(seed), paper=paper)
    assert 1 <= len(layout.lead_names) <= 15
    assert set(layout.lead_names) <= {*STANDARD_LEADS, *EXTRA_LEADS, *CABRERA_LEADS}
    body = [segment.lead for segment in layout.segments if not segment.is_rhythm]
    assert layout.timing == "continued" or len(set(body)) == len(body)  # a lead comes twice in rhythm rows alone
    assert layout.duration_s <= 12
    assert layout.duration_s >= 3 or paper.width_mm(layout.duration_s) == pytest.approx(290)
    distances = np.diff(layout.baselines_mm)
    assert ((distances >= 10 - 1e-6) & (distances <= 40 + 1e-6)).all()


@given(seed=SEEDS)
@settings(max_examples=60, deadline=None)
def test_leads_of_a_row_do_not_overlap(seed: int) -> None:
    layout = grammar_layout(np.random.default_rng(seed), paper=STANDARD)
    for row in range(layout.num_rows):
        segments = [segment for segment in layout.segments if segment.row == row]
        for segment, following in pairwise(segments):
            assert segment.at_s + segment.duration_s <= following.at_s + 1e-6


@given(seed=SEEDS, row_s=st.floats(3, 12))
@settings(max_examples=60, deadline=None)
def test_rows_last_as_long_as_asked_for(seed: int, row_s: float) -> None:
    layout = random_layout(np.random.default_rng(seed), paper=STANDARD, row_s=row_s)
    assert layout.duration_s == pytest.approx(row_s)
    assert layout.signal_start_mm + 25 * row_s <= layout.page_width_mm + 1e-6


def test_the_same_state_gives_the_same_layout() -> None:
    one, same, other = (random_layout(np.random.default_rng(seed), paper=STANDARD) for seed in (3, 3, 4))
    assert one == same
    assert one != other


def test_half_of_the_layouts_are_well_known() -> None:
    layouts = [random_layout(np.random.default_rng(seed), paper=STANDARD) for seed in range(300)]
    known = sum(layout in WELL_KNOWN for layout in layouts)
    assert 120 <= known <= 180


def test_every_layout_of_core_is_well_known() -> None:
    registered = {entry.name for entry in registry().entries("layouts") if entry.distribution == "ecg-core"}
    assert {layout.name for layout in WELL_KNOWN} == registered


def test_the_grammar_draws_what_real_pages_have() -> None:
    layouts = drawn(600)
    names = Counter(map(shape_of, layouts))
    for shape in (
        "3x4",
        "3x4+1R",
        "3x4+2R",
        "3x4+3R",
        "6x2",
        "6x2+1R",
        "12x1",
        "6x1",
        "4x3",
        "2x6",
        "3x5",
        "1x3",
        "1x1",
    ):
        assert names[shape], f"no page of {shape} among {dict(names)}"
    assert {layout.timing for layout in layouts} == {"successive", "end to end", "simultaneous", "continued"}
    assert all(layout.column_gap_s for layout in layouts if layout.timing == "end to end")
    assert {lead for layout in layouts for lead in layout.lead_names} >= {*STANDARD_LEADS, *EXTRA_LEADS, "-aVR"}
    rhythm = Counter(lead for layout in layouts for lead in layout.rhythm_leads)
    assert {lead for lead, _ in rhythm.most_common(3)} == {"II", "V1", "V5"}
    assert len(rhythm) > 6
    on_top = [layout for layout in layouts if len(layout.rows[0]) == 1 < max(map(len, layout.rows))]
    assert 0 < len(on_top) < 60
    assert any(layout.column_gap_s for layout in layouts)
    assert any(len(set(np.round(layout.column_s, 6))) > 1 for layout in layouts)
    assert any(layout.page_height_mm > layout.page_width_mm for layout in layouts)
    assert any(layout.page_height_mm <= 80 for layout in layouts)
    assert any(len(set(np.round(np.diff(layout.baselines_mm), 3))) > 1 for layout in layouts)
    assert any(set(layout.lead_names) == set(STANDARD_LEADS[6:]) for layout in layouts)


def test_a_layout_is_named_by_its_rows_as_text() -> None:
    for layout in drawn(60):
        named = layout_of_text(layout.name)
        assert [(each.lead, each.row) for each in named.segments] == [(each.lead, each.row) for each in layout.segments]
        assert (named.timing == "continued") == (layout.timing == "continued")


def test_rows_placed_anew_stay_the_same_rows() -> None:
    known = attrs.evolve(LAYOUT_6X2, timing="simultaneous")
    for seed in range(20):
        anew = placed_anew(known, np.random.default_rng(seed), paper=STANDARD, gap_s=0.2)
        assert (anew.rows, anew.timing, anew.column_gap_s) == (known.rows, "simultaneous", 0.2)
        assert anew.baselines_mm != known.baselines_mm


def test_high_speeds_shorten_the_rows() -> None:
    for layout in drawn(40, PaperSpec(speed_mm_per_s=50.0)):
        assert layout.duration_s <= 5.81


def test_a_layout_by_its_name_fits_the_paper() -> None:
    rng = np.random.default_rng(0)
    assert layout_by_name("3x4+1R", rng, paper=STANDARD) == LAYOUT_3X4_1R
    assert layout_by_name("3x4+1R", rng, paper=PaperSpec(speed_mm_per_s=50.0)).duration_s == 5
    assert layout_by_name("6x2", rng, paper=STANDARD, row_s=4.0).duration_s == 4
    assert layout_by_name("I / V7", rng, paper=STANDARD).lead_names == ("I", "V7")
    with pytest.raises(PluginError, match="nowhere"):
        layout_by_name("nowhere", rng, paper=STANDARD)


@pytest.mark.parametrize("gain", [5.0, 10.0, 20.0])
def test_pulses_of_neighbouring_rows_never_overlap(gain: float) -> None:
    """Twelve rows 15 mm apart, as the registered layout has them, are none to print at 20 mm/mV."""
    paper = PaperSpec(gain_mm_per_mv=gain)
    rng = np.random.default_rng(5)
    layouts = [random_layout(rng, paper=paper) for _ in range(150)]
    assert any(layout.rows == tuple((lead,) for lead in STANDARD_LEADS) for layout in layouts)
    for layout in layouts:
        assert all(below - above >= gain - 1e-6 for above, below in pairwise(layout.baselines_mm))
