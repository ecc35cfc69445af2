from __future__ import annotations

import logging
from collections.abc import Callable

import attrs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecg_core.errors import DataError
from ecg_core.leads import STANDARD_LEADS
from ecg_core.paper import LAYOUT_3X4_1R, Layout, PaperSpec
from ecg_core.record import Record
from ecg_render import Page, PageStyle, render_page
from ecg_render.style import GridStyle, SeparatorStyle

MakeRecord = Callable[..., Record]
MM_PER_INCH = 25.4
BASELINE_BOXES = (18, 25, 32, 39)
LEADS_BY_ROW = ["I", "aVR", "V1", "V4", "II", "aVL", "V2", "V5", "III", "aVF", "V3", "V6", "II"]


def darkness(page: Page) -> np.ndarray:
    return 255 - page.image[..., 1].astype(np.float32)


def place_px(millimetres: float, dots_per_inch: float) -> float:
    """From the specification: so many millimetres from the edge, the first pixel's centre half a pixel from it."""
    return millimetres / MM_PER_INCH * dots_per_inch - 0.5


def ink_centre(page: Page, columns: slice, rows: slice) -> np.ndarray:
    ink = darkness(page)[rows, columns]
    return (ink * np.arange(rows.start, rows.stop)[:, None]).sum(axis=0) / ink.sum(axis=0)


def test_page_is_rgb_bytes_of_the_standard_size(flat_record: MakeRecord) -> None:
    page = render_page(flat_record())
    assert page.image.shape == (1700, 2200, 3)
    assert page.image.dtype == np.uint8
    assert page.image.flags.c_contiguous


def test_scale_and_rows_are_plain_attributes(flat_record: MakeRecord) -> None:
    page = render_page(flat_record())
    assert page.px_per_mm == pytest.approx(7.874, abs=5e-4)
    assert page.px_per_mv == pytest.approx(78.74, abs=5e-3)
    assert page.px_per_s == pytest.approx(196.85, abs=5e-3)
    assert page.baselines_px == pytest.approx([place_px(5 * boxes, 200) for boxes in BASELINE_BOXES])
    assert page.signal_start_px == pytest.approx(118.1 - 0.5, abs=0.05)
    assert page.signal_end_px == pytest.approx(118.1 + 1968.5 - 0.5, abs=0.05)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(level_mv=st.floats(-0.5, 1.5), dots_per_inch=st.floats(90, 240), gain=st.sampled_from([5.0, 10.0, 20.0]))
def test_flat_trace_lies_at_its_voltage(
    flat_record: MakeRecord, bare_style: PageStyle, level_mv: float, dots_per_inch: float, gain: float
) -> None:
    paper = PaperSpec(gain_mm_per_mv=gain)
    page = render_page(flat_record(level_mv), paper=paper, dots_per_inch=dots_per_inch, style=bare_style)
    for boxes in BASELINE_BOXES:
        expected = place_px(5 * boxes - gain * np.float32(level_mv), dots_per_inch)
        rows = slice(round(expected) - 6, round(expected) + 7)
        start, stop = (round(place_px(15 + 25 * second, dots_per_inch)) for second in (1.0, 2.0))
        assert ink_centre(page, slice(start, stop), rows) == pytest.approx(expected, abs=0.1)


def test_slow_wave_lies_at_its_voltage_at_every_instant(bare_style: PageStyle) -> None:
    time_s = np.arange(10_000) / 1000
    wave_mv = 0.8 * np.sin(2 * np.pi * 0.4 * time_s)
    record = Record(signal_mv=wave_mv[None], sampling_rate_hz=1000, lead_names=["II"])
    page = render_page(record, style=attrs.evolve(bare_style, names=attrs.evolve(bare_style.names, size_mm=0.01)))
    columns = np.arange(130, 2070)
    instant_s = (columns - place_px(15, 200)) / (25 / MM_PER_INCH * 200)
    expected = place_px(5 * 39 - 10 * 0.8 * np.sin(2 * np.pi * 0.4 * instant_s), 200)
    measured = ink_centre(page, slice(130, 2070), slice(1440, 1640))
    np.testing.assert_allclose(measured, expected, atol=0.1)


def test_spike_stands_at_its_time_and_reaches_its_height(bare_style: PageStyle) -> None:
    signal_mv = np.zeros((12, 5000))
    signal_mv[:, 3000] = 1.5  # at 6.0 s: lead II of the rhythm row, and V1, V2, V3
    record = Record(signal_mv=signal_mv, sampling_rate_hz=500, lead_names=STANDARD_LEADS)
    page = render_page(record, style=bare_style)
    column = place_px(15 + 25 * 6.0, 200)
    for boxes in BASELINE_BOXES:
        apex = place_px(5 * boxes - 15, 200)
        above = darkness(page)[round(apex) - 20 : round(apex) + 60, round(column) - 12 : round(column) + 13]
        inked = np.flatnonzero(above.max(axis=1) > 127)
        pen_radius = 0.35 / 2 / MM_PER_INCH * 200
        assert inked[0] + round(apex) - 20 == pytest.approx(apex - pen_radius, abs=1.0)
        middle = (above[20:40] * np.arange(25)).sum() / above[20:40].sum() + round(column) - 12
        assert middle == pytest.approx(column, abs=0.1)


def test_each_lead_prints_its_own_window(bare_style: PageStyle) -> None:
    """Lead n holds n / 12 mV in its own quarter of the ten seconds, and 1.2 mV in the others."""
    signal_mv = np.full((12, 5000), 1.2)
    for index in range(12):
        column = index // 3
        signal_mv[index, column * 1250 : (column + 1) * 1250] = index / 12
    record = Record(signal_mv=signal_mv, sampling_rate_hz=500, lead_names=STANDARD_LEADS)
    page = render_page(record, style=bare_style)
    for index, lead in enumerate(STANDARD_LEADS):
        column, row = divmod(index, 3)
        expected = place_px(5 * BASELINE_BOXES[row] - 10 * index / 12, 200)
        middle_px = round(place_px(15 + 25 * (2.5 * column + 1.25), 200))
        band = slice(round(expected) - 6, round(expected) + 7)
        assert ink_centre(page, slice(middle_px, middle_px + 100), band) == pytest.approx(expected, abs=0.1), lead
        ends = [round(place_px(15 + 25 * (2.5 * column + offset), 200)) for offset in (0.02, 2.46)]
        strip = darkness(page)[band, ends[0] : ends[1]]
        assert (strip.max(axis=0) > 200).all(), lead


def test_coordinates_give_the_signal_back() -> None:
    rng = np.random.default_rng(0)
    signal_mv = rng.normal(0, 0.5, (12, 2570)).cumsum(axis=1) * 0.05
    record = Record(signal_mv=signal_mv, sampling_rate_hz=257, lead_names=STANDARD_LEADS)
    page = render_page(record, paper=PaperSpec(gain_mm_per_mv=5), dots_per_inch=120)
    for piece in page.pieces:
        first = round(piece.start_s * 257)
        back_mv = (page.baselines_px[piece.row] - piece.y_px) / page.px_per_mv
        np.testing.assert_allclose(back_mv, record.lead_mv(piece.lead)[first : first + len(back_mv)], atol=1e-5)
        back_s = (piece.x_px - page.signal_start_px) / page.px_per_s
        np.testing.assert_allclose(back_s, (first + np.arange(len(back_s))) / 257, atol=1e-9)
    assert sum(len(piece.x_px) for piece in page.pieces) == 3 * 2570 + 2570


def test_calibration_pulse_is_10_mm_high_and_5_mm_wide(flat_record: MakeRecord, bare_style: PageStyle) -> None:
    dots_per_inch = 254.0  # ten pixels a millimetre
    page = render_page(flat_record(-2.0), dots_per_inch=dots_per_inch, style=bare_style)
    ink = darkness(page)[:, : round(place_px(14.5, dots_per_inch))] / 255
    for boxes in BASELINE_BOXES:
        baseline = place_px(5 * boxes, dots_per_inch)
        area = ink[round(baseline) - 130 : round(baseline) + 20]
        edges = np.flatnonzero(area[70] > 0.5)  # half-way up
        left, right = edges[edges < edges.mean()].mean(), edges[edges > edges.mean()].mean()
        assert right - left == pytest.approx(50, abs=1)
        roof = np.flatnonzero(area[:60, round((left + right) / 2)] > 0.5).mean()
        floor = np.flatnonzero(area[100:, round(left) - 7] > 0.5).mean() + 100
        assert floor - roof == pytest.approx(100, abs=1)
        assert floor + round(baseline) - 130 == pytest.approx(baseline, abs=1)  # the trace's own zero line


@pytest.mark.parametrize(("speed", "gain"), [(25.0, 5.0), (50.0, 20.0)])
def test_calibration_box_follows_speed_and_gain(flat_record: MakeRecord, speed: float, gain: float) -> None:
    layout = attrs.evolve(LAYOUT_3X4_1R, duration_s=4.0)
    page = render_page(flat_record(), layout=layout, paper=PaperSpec(speed_mm_per_s=speed, gain_mm_per_mv=gain))
    left, top, right, bottom = page.pulses[0].box_px
    assert (right - left) / page.px_per_mm == pytest.approx(0.2 * speed)
    assert (bottom - top) / page.px_per_mm == pytest.approx(gain)
    assert right < page.signal_start_px


def test_gap_is_left_blank_and_reported(
    flat_record: MakeRecord, bare_style: PageStyle, caplog: pytest.LogCaptureFixture
) -> None:
    signal_mv = flat_record().signal_mv.copy()
    signal_mv[1, 3000:3500] = np.nan  # II from 6 s to 7 s, printed in the rhythm row alone
    record = attrs.evolve(flat_record(), signal_mv=signal_mv, name="patient7")
    with caplog.at_level(logging.WARNING, "ecg_render"):
        page = render_page(record, style=bare_style)
    assert "patient7: gaps in II" in caplog.text
    rows = slice(round(place_px(190, 200)), round(place_px(200, 200)))
    columns = [round(place_px(15 + 25 * second, 200)) for second in (5.9, 6.05, 6.95, 7.1)]
    ink = darkness(page)[rows].max(axis=0)
    assert (ink[columns[1] : columns[2]] == 0).all()
    assert (ink[columns[0] - 20 : columns[0]] > 200).all()
    assert (ink[columns[3] : columns[3] + 20] > 200).all()
    assert np.isnan(page.pieces[-1].y_px).sum() == 500


def test_unprinted_gap_is_not_reported(flat_record: MakeRecord, caplog: pytest.LogCaptureFixture) -> None:
    signal_mv = flat_record().signal_mv.copy()
    signal_mv[0, 1250:] = np.nan  # lead I is printed up to 2.5 s
    render_page(attrs.evolve(flat_record(), signal_mv=signal_mv))
    assert not caplog.records


def test_short_record_prints_what_is_there(flat_record: MakeRecord, bare_style: PageStyle) -> None:
    page = render_page(flat_record(duration_s=3.0), style=bare_style)
    assert {piece.lead for piece in page.pieces} == {"I", "II", "III", "aVR", "aVL", "aVF"}
    rows = slice(round(place_px(190, 200)), round(place_px(200, 200)))
    end = round(place_px(15 + 25 * 3.0, 200))
    ink = darkness(page)[rows].max(axis=0)
    assert (ink[end - 40 : end - 5] > 200).all()
    assert (ink[end + 5 :] == 0).all()


def test_missing_leads_stay_empty_and_are_reported(
    flat_record: MakeRecord, bare_style: PageStyle, caplog: pytest.LogCaptureFixture
) -> None:
    record = flat_record().select(["I", "II", "V1"])
    page = render_page(record, style=bare_style)
    assert "no lead III, aVR, aVL, aVF, V2, V3, V4, V5, V6" in caplog.text
    assert [piece.lead for piece in page.pieces] == ["I", "V1", "II", "II"]
    row = slice(round(place_px(158, 200)), round(place_px(162, 200)))  # III, aVF, V3, V6
    assert (darkness(page)[row, round(place_px(15, 200)) :] == 0).all()


def test_record_without_any_lead_of_the_layout_is_an_error() -> None:
    record = Record(signal_mv=np.zeros((1, 500)), sampling_rate_hz=500, lead_names=["Pleth"], name="bed4")
    with pytest.raises(DataError, match=r"bed4.*none of the leads.*Pleth"):
        render_page(record)


def test_rows_that_do_not_fit_are_an_error(flat_record: MakeRecord) -> None:
    with pytest.raises(DataError, match=r"515 mm .* sheet 279\.4 mm wide.*at most 5\.29 s"):
        render_page(flat_record(), paper=PaperSpec(speed_mm_per_s=50))


def test_inverted_lead_is_printed_upside_down(flat_record: MakeRecord) -> None:
    layout = Layout(name="one", rows=(("-aVR",),), baselines_mm=(100,))
    piece = render_page(flat_record(0.7), layout=layout, dots_per_inch=100).pieces[0]
    assert piece.y_px == pytest.approx(place_px(100 + 7, 100))


def test_trace_that_leaves_the_sheet_is_cut_off(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(500.0), dots_per_inch=60)
    assert page.image.shape == (510, 660, 3)


def test_lead_names_stand_at_their_leads(flat_record: MakeRecord, bare_style: PageStyle) -> None:
    page = render_page(flat_record(), style=bare_style)
    assert [name.lead for name in page.lead_names] == LEADS_BY_ROW
    for name in page.lead_names:
        left, top, right, bottom = (round(edge + 0.5) for edge in name.box_px)
        ink = darkness(page)[top:bottom, left:right]
        assert ink.max() > 200
        around = darkness(page)[top - 4 : bottom + 4, left - 4 : right + 4].sum()
        assert around == pytest.approx(ink.sum())  # the box holds all of the name ...
        assert min(ink[0].max(), ink[-1].max(), ink[:, 0].max(), ink[:, -1].max()) > 0  # ... and nothing else
        assert name.centre_px[1] == pytest.approx(page.baselines_px[name.row] + 7 * page.px_per_mm, abs=20)


def test_footer_states_speed_and_gain(flat_record: MakeRecord) -> None:
    paper = PaperSpec(gain_mm_per_mv=5)
    assert [text.text for text in render_page(flat_record(), paper=paper).texts] == ["25 mm/s   5 mm/mV"]
    assert [text.text for text in render_page(flat_record(), style=PageStyle(footer="Ward 3")).texts] == ["Ward 3"]
    assert render_page(flat_record(), style=PageStyle(footer="")).texts == ()


def test_separators_stand_between_leads(flat_record: MakeRecord, bare_style: PageStyle) -> None:
    style = attrs.evolve(bare_style, separators=SeparatorStyle())
    page = render_page(flat_record(), style=style)
    assert len(page.separators) == 9
    plain = render_page(flat_record(), style=bare_style)
    extra = darkness(page) - darkness(plain)
    column = place_px(15 + 25 * 2.5, 200)
    row = round(place_px(90 - 2, 200))  # within the bar, off the trace
    strip = extra[row, round(column) - 10 : round(column) + 11]
    assert (strip * np.arange(21)).sum() / strip.sum() + round(column) - 10 == pytest.approx(column, abs=0.1)


def test_grid_points_lie_where_large_box_lines_cross(flat_record: MakeRecord) -> None:
    style = PageStyle(grid=GridStyle(minor_line_mm=0, major_rgb=(0, 0, 0), major_line_mm=0.4))
    page = render_page(flat_record(), dots_per_inch=254, style=style)
    assert page.grid_points_px.shape == (44, 56, 2)
    np.testing.assert_allclose(page.grid_points_px[2, 3], [149.5, 99.5])
    inner = page.grid_points_px[1:-1, 1:-1].reshape(-1, 2)
    assert (page.image[np.floor(inner[:, 1]).astype(int), np.floor(inner[:, 0]).astype(int)] < 30).all()


def test_baselines_jitter_within_reach_and_carry_their_pulse(flat_record: MakeRecord, bare_style: PageStyle) -> None:
    style = attrs.evolve(bare_style, baseline_jitter_boxes=0.25)
    offsets_mm = []
    for seed in range(8):
        page = render_page(flat_record(), style=style, seed=seed, dots_per_inch=80)
        nominal = [place_px(5 * boxes, 80) for boxes in BASELINE_BOXES]
        offsets_mm += list((np.array(page.baselines_px) - nominal) / page.px_per_mm)
        assert [pulse.box_px[3] for pulse in page.pulses] == pytest.approx(page.baselines_px)
        assert [piece.y_px[0] for piece in page.pieces] == pytest.approx(
            [page.baselines_px[piece.row] for piece in page.pieces]
        )
    assert np.abs(offsets_mm).max() <= 1.25
    assert np.ptp(offsets_mm) > 1.25


def test_same_seed_same_bytes(flat_record: MakeRecord) -> None:
    style = PageStyle(baseline_jitter_boxes=0.25)
    first, second, other = (render_page(flat_record(0.3), style=style, seed=seed) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first.image, second.image)
    assert (first.image != other.image).any()
