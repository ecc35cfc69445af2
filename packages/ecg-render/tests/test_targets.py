from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
import pytest

from ecg_core.leads import STANDARD_LEADS
from ecg_core.paper import PaperSpec
from ecg_core.plugins.registry import registry
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_render import Page, PageStyle, PrintOffset, render_page
from ecg_render.style import GridStyle
from ecg_render.targets import NO_PIECE, boxes_of_paper, column_targets

MakeRecord = Callable[..., Record]
LAYOUTS = [entry.name for entry in registry().entries("layouts") if entry.distribution == "ecg-core"]
DURATION_S = {25.0: 10.0, 50.0: 5.0}


def drawn(record: Record, layout: str, speed: float, gain: float) -> Page:
    own = registry().load("layouts", layout)
    return render_page(
        record,
        layout=attrs.evolve(own, duration_s=min(own.duration_s, DURATION_S[speed])),
        paper=PaperSpec(speed_mm_per_s=speed, gain_mm_per_mv=gain),
        style=PageStyle(baseline_jitter_boxes=0.25),
        seed=3,
    )


def snr_db(truth: np.ndarray, estimate: np.ndarray) -> float:
    return float(10 * np.log10((truth**2).sum() / ((truth - estimate) ** 2).sum()))


@pytest.mark.parametrize("gain", [5.0, 10.0, 20.0])
@pytest.mark.parametrize("speed", [25.0, 50.0])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_signal_returns_from_coordinates_and_geometry(layout: str, speed: float, gain: float) -> None:
    """Reading samples at their instants from the drawn coordinates gives the record back, lead by lead."""
    record = synthesize_record(seed=5)
    page = drawn(record, layout, speed, gain)
    for piece in page.pieces:
        lead_mv = record.lead_mv(piece.lead.removeprefix("-")) * (-1 if piece.lead.startswith("-") else 1)
        time_s = (piece.x_px - page.signal_start_px) / page.px_per_s
        truth = np.interp(time_s, np.arange(len(lead_mv)) / record.sampling_rate_hz, lead_mv)
        back_mv = (page.baselines_px[piece.row] - piece.y_px) / page.px_per_mv
        assert snr_db(truth, back_mv) > 35, piece.lead


def test_columns_hold_the_voltage_at_their_instant() -> None:
    """A ramp of 0.1 mV a second, whose value at any instant is known without interpolation."""
    time_s = np.arange(5000) / 500
    record = Record(
        signal_mv=np.tile(0.1 * time_s, (12, 1)), sampling_rate_hz=500, lead_names=STANDARD_LEADS, name="ramp"
    )
    page = render_page(record, style=PageStyle(baseline_jitter_boxes=0.25), seed=1)
    targets = column_targets(page)
    instant_s = (np.arange(2200) - page.signal_start_px) / page.px_per_s
    expected = np.where((instant_s >= 0) & (instant_s <= 9.998), 0.1 * instant_s, np.nan)
    np.testing.assert_allclose(targets.voltage_mv[3], expected, atol=1e-5)
    np.testing.assert_allclose(targets.y_px[3], page.baselines_px[3] - expected * page.px_per_mv, atol=1e-3)


def test_columns_lie_in_the_middle_of_the_ink(flat_record: MakeRecord) -> None:
    style = PageStyle(footer="", trace_rgb=(0, 0, 0), grid=GridStyle(minor_line_mm=0, major_line_mm=0))
    time_s = np.arange(5000) / 500
    record = attrs.evolve(flat_record(), signal_mv=np.tile(0.5 * np.sin(3 * time_s), (12, 1)).astype(np.float32))
    page = render_page(record, style=style)
    targets = column_targets(page)
    ink = 255 - page.image[1480:1600, 300:1900, 1].astype(np.float64)
    middle = (ink * np.arange(1480, 1600)[:, None]).sum(axis=0) / ink.sum(axis=0)
    assert np.abs(middle - targets.y_px[3, 300:1900]).max() < 0.1


def test_each_column_names_its_piece(flat_record: MakeRecord) -> None:
    page = render_page(flat_record())
    targets = column_targets(page)
    at = [round(page.signal_start_px + second * page.px_per_s) for second in (1, 3, 6, 9)]
    names = [[page.pieces[index].lead for index in row[at]] for row in targets.piece]
    assert names == [["I", "aVR", "V1", "V4"], ["II", "aVL", "V2", "V5"], ["III", "aVF", "V3", "V6"], ["II"] * 4]
    assert (targets.piece[:, : int(page.signal_start_px)] == NO_PIECE).all()


def test_gaps_have_no_target(flat_record: MakeRecord) -> None:
    signal_mv = flat_record(0.2).signal_mv.copy()
    signal_mv[1, 3000:3500] = np.nan
    page = render_page(attrs.evolve(flat_record(), signal_mv=signal_mv))
    targets = column_targets(page)
    inside = slice(*(round(page.signal_start_px + second * page.px_per_s) for second in (6.01, 6.99)))
    assert np.isnan(targets.voltage_mv[3, inside]).all()
    assert (targets.piece[3, inside] == NO_PIECE).all()
    assert targets.voltage_mv[3, inside.stop + 5] == pytest.approx(0.2, abs=1e-5)


def test_columns_of_any_spacing(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(0.3), dots_per_inch=100)
    dense = np.arange(0, page.width_px, 0.25)
    targets = column_targets(page, dense)
    assert targets.voltage_mv.shape == (4, len(dense))
    assert np.nanmax(np.abs(targets.voltage_mv - 0.3)) < 1e-5


def test_mirrored_page_is_refused(flat_record: MakeRecord) -> None:
    page = render_page(flat_record(), dots_per_inch=60)
    with pytest.raises(ValueError, match="left to right"):
        column_targets(page.moved(lambda points: points * [-1.0, 1.0]))


def test_chest_leads_of_another_gain_come_back_in_millivolts() -> None:
    record = synthesize_record(seed=5)
    paper = PaperSpec(gain_mm_per_mv=10, chest_gain_mm_per_mv=5)
    page = render_page(record, paper=paper)
    assert {piece.lead: piece.px_per_mv / page.px_per_mm for piece in page.pieces}["V2"] == pytest.approx(5)
    assert page.px_per_mv / page.px_per_mm == pytest.approx(10)
    targets = column_targets(page)
    plain = column_targets(render_page(record))
    both = np.isfinite(targets.voltage_mv) & np.isfinite(plain.voltage_mv)
    np.testing.assert_allclose(targets.voltage_mv[both], plain.voltage_mv[both], atol=1e-4)
    v2 = next(piece for piece in page.pieces if piece.lead == "V2")
    expected_mv = record.lead_mv("V2")[round(v2.start_s * v2.sampling_rate_hz) :][: len(v2.y_px)]
    np.testing.assert_allclose((page.baselines_px[v2.row] - v2.y_px) / (5 * page.px_per_mm), expected_mv, atol=1e-6)


def test_pixels_become_boxes_of_the_paper_that_lies_askew() -> None:
    style = PageStyle(offset=PrintOffset(shift_x_mm=2, scale_x=1.01, turn_deg=0.7, slant_deg=0.2))
    page = render_page(synthesize_record(seed=0), style=style, dots_per_inch=80)
    to_boxes = boxes_of_paper(page)
    for row, column in ((0, 0), (3, 7), (20, 11)):
        point = np.append(page.grid_points_px[row, column], 1)
        np.testing.assert_allclose(to_boxes @ point, [column, row], atol=1e-6)
