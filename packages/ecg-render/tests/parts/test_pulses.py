from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
import pytest

from ecg_core.paper import LAYOUT_3X4_1R, Layout, PaperSpec
from ecg_core.record import Record
from ecg_render import Page, PageStyle, PulseStyle, render_page
from ecg_render.labels import PULSE
from ecg_render.scene import NO_ROW
from ecg_render.style import NO_GRID

MakeRecord = Callable[..., Record]
DPI = 254.0


def page_of(record: Record, layout: Layout = LAYOUT_3X4_1R, paper: PaperSpec | None = None, **pulse: object) -> Page:
    style = PageStyle(grid=NO_GRID, footer="", pulse=PulseStyle(**pulse))
    return render_page(record, style=style, layout=layout, paper=paper or PaperSpec(), dots_per_inch=DPI)


@pytest.mark.parametrize("speed", [25.0, 50.0])
def test_width_is_that_of_the_machine_at_any_speed(flat_record: MakeRecord, speed: float) -> None:
    layout = attrs.evolve(LAYOUT_3X4_1R, duration_s=4.0)
    page = page_of(flat_record(), layout, PaperSpec(speed_mm_per_s=speed), width_mm=3.3)
    left, top, right, bottom = page.pulses[0].box_px
    assert (right - left) / page.px_per_mm == pytest.approx(3.3)
    assert (bottom - top) / page.px_per_mm == pytest.approx(10)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [("every", [0, 1, 2, 3]), ("first", [0]), ("last", [3]), ("none", []), ("middle", [NO_ROW]), ("below", [NO_ROW])],
)
def test_rows_with_a_pulse(flat_record: MakeRecord, rows: str, expected: list[int]) -> None:
    page = page_of(flat_record(), rows=rows)
    assert [pulse.row for pulse in page.pulses] == expected
    assert bool((page.labels & PULSE).any()) == bool(expected)
    for pulse in page.pulses:
        foot_px = pulse.box_px[3]
        if rows == "middle":
            assert page.baselines_px[1] < foot_px < page.baselines_px[2]
        elif rows == "below":
            assert foot_px > page.baselines_px[3]
        else:
            assert foot_px == pytest.approx(page.baselines_px[pulse.row])


def test_pulse_at_the_right_end_stands_behind_the_signal(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), side="right", gap_mm=2, foot_mm=1, width_mm=5, left_mm=None)
    assert (page.pulses[0].box_px[0] - page.signal_end_px) / page.px_per_mm == pytest.approx(3)
    mask = page.labels & PULSE
    assert not mask[:, : round(page.signal_end_px)].any()


def test_edge_of_the_sheet_cuts_a_pulse(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), left_mm=-2.0, width_mm=5.0, foot_mm=1.0)
    left, top, right, _bottom = page.pulses[0].box_px
    assert left == pytest.approx(-20.5)
    assert right == pytest.approx(29.5)
    roof = page.labels[round(top), :40] & PULSE > 0
    assert roof[:29].all()
    assert not roof[35:].any()


def test_trapezoid_has_its_corners(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), form="trapezoid", slope_mm=1.0, width_mm=5.0, line_mm=0.3)
    corners = page.pulses[0].corners_px
    assert corners[1, 0] - corners[0, 0] == pytest.approx(30)
    assert corners[2, 0] - corners[3, 0] == pytest.approx(50)
    half_way = round(corners[:, 1].mean())
    edges = np.flatnonzero(page.labels[half_way, :140] & PULSE)
    assert edges[0] == pytest.approx(corners[3, 0] + 5, abs=2.5)
    assert edges[-1] == pytest.approx(corners[2, 0] - 5, abs=2.5)


def test_bar_of_one_millivolt(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), form="bar", width_mm=2.0, line_mm=0.3)
    left, top, right, bottom = page.pulses[0].box_px
    assert bottom - top == pytest.approx(100)
    half_way = np.flatnonzero(page.labels[round((top + bottom) / 2), :140] & PULSE)
    assert half_way.mean() == pytest.approx((left + right) / 2, abs=0.6)
    assert len(half_way) <= 4
    assert len(np.flatnonzero(page.labels[round(top), :140] & PULSE)) >= 20


def test_tick_stands_behind_the_right_foot(flat_record: MakeRecord) -> None:
    with_tick, without = (page_of(flat_record(), tick_mm=tick_mm, foot_mm=1.5) for tick_mm in (2.0, 0.0))
    extra = (with_tick.labels & PULSE) & ~(without.labels & PULSE)
    rows, columns = np.nonzero(extra[:1000])
    right, bottom = with_tick.pulses[0].box_px[2:]
    assert columns.mean() == pytest.approx(right + 15, abs=1)
    assert bottom - rows.min() == pytest.approx(20, abs=3)


def test_second_pulse_stands_in_the_gap_before_a_column(flat_record: MakeRecord) -> None:
    layout = attrs.evolve(LAYOUT_3X4_1R, column_gap_s=0.3)
    page = page_of(flat_record(), layout, every_column=True, width_mm=5.0)
    starts = {(piece.lead, piece.row): piece.x_px[0] for piece in page.pieces}
    ends = {(piece.lead, piece.row): piece.x_px[-1] for piece in page.pieces}
    later = page.pulses[4:]
    assert [pulse.row for pulse in later] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    left, _top, right, _bottom = later[0].box_px
    assert ends["I", 0] < left - later[0].foot_px
    assert right + later[0].foot_px < starts["aVR", 0]
    assert right - left == pytest.approx(50)
    without_gap = page_of(flat_record(), every_column=True, width_mm=5.0)
    assert len(without_gap.pulses) == 4  # no room, no pulse


def test_pulse_may_stand_above_its_baseline_in_another_ink(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), rise_mm=4, rgb=(0, 0, 255), line_mm=0.4, rows="first")
    _left, top, _right, bottom = page.pulses[0].box_px
    assert (page.baselines_px[0] - bottom) / page.px_per_mm == pytest.approx(4)
    inked = page.image[page.labels & PULSE > 0]
    assert inked[inked[:, 0].argmin()].tolist() == [0, 0, 255]
    assert bottom - top == pytest.approx(100)


def test_pulse_has_the_gain_of_its_row(flat_record: MakeRecord) -> None:
    layout = Layout(name="two", rows=(("II",), ("V2",)), baselines_mm=(60, 120))
    page = page_of(flat_record(), layout, PaperSpec(chest_gain_mm_per_mv=5))
    heights_mm = [(pulse.box_px[3] - pulse.box_px[1]) / page.px_per_mm for pulse in page.pulses]
    assert heights_mm == pytest.approx([10, 5])
