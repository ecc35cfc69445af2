"""The structure of whole pages, from the picture to the times of their leads."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import attrs
import cv2
import numpy as np
import pytest

from ecg_core import Record, synthesize_record
from ecg_core.layout_text import layout_of_text
from ecg_core.layouts import LAYOUT_6X2
from ecg_core.paper import Layout, PaperSpec, Timing
from ecg_core.plugins.registry import registry
from ecg_digitize import Digitization, digitize
from ecg_digitize.digitizers.neural.page_measures import PageMeasures
from ecg_digitize.digitizers.neural.page_structure import _Rows, _scale_of
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_digitize.digitizers.structure.evidence import PrintedScale, PulseMark
from ecg_render import PageStyle, PulseStyle, render_page
from ecg_render.styles import style_by_name

RECORD = synthesize_record(seed=23, heart_rate_bpm=72)


def printed_in_a_book(timing: Timing, column_s: float, gap_s: float) -> Digitization:
    """Two columns, each of which begins with pulses of its own."""
    layout = attrs.evolve(LAYOUT_6X2, name="book", duration_s=2 * column_s + gap_s, column_gap_s=gap_s, timing=timing)
    style = style_by_name("textbook", np.random.default_rng(1))
    style = attrs.evolve(
        style,
        pulse=attrs.evolve(style.pulse, rows="every", every_column=True),
        names=attrs.evolve(style.names, template="{lead}", rise_mm=9.0, indent_mm=-10.0),
    )
    return digitize(render_page(RECORD, layout=layout, style=style).image)


def known_s(record: Record, lead: str) -> tuple[float, float]:
    """Between which seconds of a record a lead was read."""
    at = np.flatnonzero(np.isfinite(record.lead_mv(lead)))
    return float(at[0]) / record.sampling_rate_hz, float(at[-1] + 1) / record.sampling_rate_hz


@pytest.mark.parametrize("timing", ["simultaneous", "successive"])
@pytest.mark.parametrize(("column_s", "gap_s"), [(4.1, 0.5), (2.95, 0.42)])
def test_columns_with_pulses_of_their_own_keep_their_length_and_their_seconds(
    timing: Timing, column_s: float, gap_s: float
) -> None:
    """No lead takes a pulse or a name for signal, a part of its column for the whole, or, of the second kind, the
    distance of the names for a column of 3.33 s."""
    found = printed_in_a_book(timing, column_s, gap_s)
    for leads in LAYOUT_6X2.rows:
        for lead, start_s in zip(leads, (0.0, 0.0 if timing == "simultaneous" else column_s + gap_s), strict=True):
            first_s, last_s = known_s(found.record, lead)
            assert first_s == pytest.approx(start_s, abs=0.15), lead
            assert last_s - first_s == pytest.approx(column_s, abs=0.2), lead


def apart(name: str, gap_s: float, timing: Timing, *, column_s: float | None = None) -> Layout:
    """A layout with columns as long as makers have them, or as is said, and bare paper between them."""
    layout: Layout = registry().load("layouts", name)
    columns = len(layout.rows[0])
    column_s = 10 / columns if column_s is None else column_s
    return attrs.evolve(
        layout,
        name="apart",
        column_s=(column_s,) * columns,
        column_gap_s=gap_s,
        duration_s=columns * column_s + (columns - 1) * gap_s,
        timing=timing,
        page_width_mm=320.0,
    )


def assert_times(layout: Layout, found: Digitization) -> None:
    for segment in layout.segments:
        if not segment.is_rhythm and segment.lead not in layout.rhythm_leads:
            first_s, last_s = known_s(found.record, segment.lead)
            assert first_s == pytest.approx(segment.start_s, abs=0.05), segment.lead
            assert last_s == pytest.approx(segment.end_s, abs=0.05), segment.lead


@pytest.mark.parametrize("name", ["6x2", "3x4+1R"])
def test_paper_between_panels_takes_no_time(name: str) -> None:
    """Columns of 5 and 2.5 s stand 6 mm apart, as drawing tools have them; the next begins when the one before ends.

    The rhythm of the one page tells it, and the long row of the other.
    """
    layout = apart(name, 6 / 25, "end to end")
    found = digitize(render_page(RECORD, layout=layout, dots_per_inch=150).image)
    assert_times(layout, found)
    assert not any("nothing tells whether time goes on" in each for each in found.quality.warnings)


@pytest.mark.parametrize("timing", ["successive", "end to end"])
def test_long_row_tells_whether_time_goes_by_between_columns_of_any_length(timing: Timing) -> None:
    layout = apart("3x4+1R", 6 / 25, timing, column_s=2.2)
    found = digitize(render_page(RECORD, layout=layout, dots_per_inch=150).image)
    assert_times(layout, found)
    assert not any("nothing tells whether time goes on" in each for each in found.quality.warnings)


def test_nothing_tells_it_where_columns_of_any_length_have_few_beats() -> None:
    slow = synthesize_record(seed=23, heart_rate_bpm=40)
    layout = apart("3x4", 6 / 25, "successive", column_s=2.2)
    found = digitize(render_page(slow, layout=layout, dots_per_inch=150).image)
    assert any("that it goes on was taken for granted" in each for each in found.quality.warnings)
    usual = apart("3x4", 3 / 25, "successive", column_s=2.5 - 3 / 25)
    found = digitize(render_page(slow, layout=usual, dots_per_inch=150).image)
    assert not any("nothing tells whether time goes on" in each for each in found.quality.warnings)


def test_paper_between_panels_that_nothing_tells_of_is_told() -> None:
    """Two beats a panel are no rhythm."""
    slow = synthesize_record(seed=23, heart_rate_bpm=25)
    page = render_page(slow, layout=apart("6x2", 6 / 25, "end to end"), dots_per_inch=150)
    found = digitize(page.image)
    assert any("nothing tells whether time goes on" in each for each in found.quality.warnings)
    assert found.quality.verdict != "good"


def test_a_long_row_tells_that_time_goes_on_between_columns_of_a_usual_length() -> None:
    layout = apart("3x4+1R", 7 / 25, "successive")
    longer = synthesize_record(seed=23, heart_rate_bpm=72, duration_s=12)
    assert_times(layout, digitize(render_page(longer, layout=layout, dots_per_inch=150).image))


@pytest.mark.parametrize("footer", ["{speed} mm/s  {gain} mm/mV", ""])
def test_a_gain_that_nothing_tells_is_told_unless_the_user_does(footer: str) -> None:
    """A page that prints no pulse, and 5 mm/mV not legibly or not at all, is not called good at 10."""
    style = PageStyle(pulse=PulseStyle(rows="none"), footer=footer)
    page = render_page(RECORD, paper=PaperSpec(gain_mm_per_mv=5.0), style=style, dots_per_inch=200).image
    found = digitize(page)
    gain = found.quality.to_plain()["paper"]
    is_told = found.quality.verdict != "good" and any("gain of 10 mm/mV" in each for each in found.quality.warnings)
    assert gain["gain_mm_per_mv"] == 5 or is_told
    told = digitize(page, settings=PrintSettings(gain_mm_per_mv=5.0)).quality
    assert not any("gain" in each for each in told.warnings)


def test_columns_packed_by_what_each_lead_leaves_out_keep_their_seconds() -> None:
    """Every lead leaves out its last 20 ms, and the next column begins that much earlier; the long row is whole."""
    left_out_s = 0.02
    layout: Layout = registry().load("layouts", "3x4+1R")
    packed = attrs.evolve(layout, name="packed", column_s=(2.5 - left_out_s,) * 4)
    moved = RECORD.signal_mv.copy()
    for row in layout.rows:
        for column, lead in enumerate(row):
            place = RECORD.lead_names.index(lead)
            if lead not in layout.rhythm_leads:
                moved[place] = np.roll(moved[place], -round(column * left_out_s * RECORD.sampling_rate_hz))
    page = render_page(attrs.evolve(RECORD, signal_mv=moved), layout=packed, dots_per_inch=200).image
    found = digitize(page)
    for lead in ("V4", "V5", "V6"):
        first_s, last_s = known_s(found.record, lead)
        assert (first_s, last_s) == (pytest.approx(7.5, abs=0.02), pytest.approx(9.98, abs=0.02)), lead
        known = np.isfinite(found.record.lead_mv(lead))
        off_mv = (found.record.lead_mv(lead) - RECORD.lead_mv(lead))[known]
        assert np.std(off_mv) < 0.25 * np.std(RECORD.lead_mv(lead)[known]), lead


def test_a_lead_that_runs_straight_is_told() -> None:
    """It is the line of a frame for all that is seen, and has the name of a lead."""
    signal_mv = RECORD.signal_mv.copy()
    signal_mv[RECORD.lead_names.index("aVL")] = 0
    layout: Layout = registry().load("layouts", "12x1")
    quality = digitize(render_page(attrs.evolve(RECORD, signal_mv=signal_mv), layout=layout).image).quality
    assert quality.verdict != "good"
    assert [each for each in quality.warnings if each.startswith("row 5 ") and "straight" in each]


def test_a_line_without_a_name_that_runs_straight_is_no_row() -> None:
    """It is left out, and that is told."""
    signal_mv = RECORD.signal_mv.copy()
    signal_mv[RECORD.lead_names.index("V6")] = 0
    layout = layout_of_text("I / II / V6")
    page = render_page(attrs.evolve(RECORD, signal_mv=signal_mv), layout=layout)
    image = page.image.copy()
    corners_px = next(name.corners_px for name in page.lead_names if name.lead == "V6")
    cv2.fillPoly(image, [np.rint(corners_px).astype(np.int32)], (255, 255, 255))
    quality = digitize(image).quality
    assert quality.layout_rows == (("I",), ("II",))
    assert [each for each in quality.warnings if "the line of a frame" in each]


def test_chest_leads_that_are_printed_at_half_the_gain_come_back_in_millivolts() -> None:
    """Two gains stand in the foot of the page; that the second is that of the chest leads the page has to tell."""
    style = style_by_name("ge-muse", np.random.default_rng(0))
    page = render_page(RECORD, paper=PaperSpec(chest_gain_mm_per_mv=5.0), style=style, seed=4)
    assert {text.leads for text in page.scale_texts if text.kind == "gain"} == {"limb", "chest"}
    found = digitize(page.image)
    assert any("two gains are printed, 10 and 5 mm/mV" in warning for warning in found.quality.warnings)
    assert "good" not in {lead.verdict for lead in found.quality.leads.values()}
    for lead in ("II", "V2", "V5"):
        assert np.nanstd(found.record.lead_mv(lead)) == pytest.approx(RECORD.lead_mv(lead).std(), rel=0.15)


@pytest.mark.parametrize(("has_grid", "speed_mm_per_s"), [(True, 25.0), (False, 100.0)])
def test_the_length_of_rows_says_nothing_against_a_printed_speed_where_no_grid_tells_how_long_they_are(
    *, has_grid: bool, speed_mm_per_s: float
) -> None:
    """Such a page was made so large that its rows last ten seconds at the usual speed."""
    flat = SimpleNamespace(has_grid=has_grid, trace=np.zeros((400, 1200), np.float32))
    printed = [PrintedScale("speed", 100.0, 0.999)]
    page = SimpleNamespace(flat=flat, printed=printed, zeros_mm=[50.0], levels_mm=[50.0])
    axis = SimpleNamespace(zeros_mm=[10.0])
    measures = SimpleNamespace(row_mm=250.0, num_columns=1, pulses=[], timed=lambda *_: SimpleNamespace(axis=axis))
    rows = SimpleNamespace(page=page, heights=[])
    scale, _ = _scale_of(cast(PageMeasures, measures), cast(_Rows, rows), PrintSettings(), None)
    assert scale.speed_mm_per_s == speed_mm_per_s


def test_pulses_of_which_the_lower_half_was_marked_tell_the_gain_by_their_ink() -> None:
    trace = np.zeros((400, 1200), np.float32)
    trace[120:201, [40, 60]] = trace[120, 40:61] = 1.0
    flat = SimpleNamespace(has_grid=True, trace=trace)
    page = SimpleNamespace(flat=flat, printed=[], zeros_mm=[50.0], levels_mm=[50.0])
    half = PulseMark(left_mm=9.7, right_mm=15.3, top_mm=40.0, foot_mm=50.3, certainty=0.9)
    axis = SimpleNamespace(zeros_mm=[16.0])
    measures = SimpleNamespace(row_mm=250.0, num_columns=1, pulses=[half], timed=lambda *_: SimpleNamespace(axis=axis))
    rows = SimpleNamespace(page=page, heights=[])
    scale, _ = _scale_of(cast(PageMeasures, measures), cast(_Rows, rows), PrintSettings(), None)
    assert (scale.gain_mm_per_mv, scale.gain_from) == (20.0, "pulse")
