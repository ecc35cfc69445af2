from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ecg_core.record import Record
from ecg_render import Page, PageStyle, SeparatorStyle, render_page
from ecg_render.style import NO_GRID

MakeRecord = Callable[..., Record]
DPI = 254.0


def page_of(record: Record, **separators: object) -> Page:
    style = PageStyle(grid=NO_GRID, footer="", separators=SeparatorStyle(**separators))
    return render_page(record, style=style, dots_per_inch=DPI)


def test_style_without_separators_has_none(flat_record: MakeRecord) -> None:
    assert render_page(flat_record(), dots_per_inch=60).separators == ()


def test_bars_stand_before_the_first_lead_and_behind_the_last(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), at_start=True, at_end=True)
    columns = sorted({round(bar.centre_px[0], 3) for bar in page.separators})
    times_s = (np.array(columns) - page.signal_start_px) / page.px_per_s
    np.testing.assert_allclose(times_s, [0, 2.5, 5, 7.5, 10], atol=1e-5)
    assert len(page.separators) == 9 + 4 + 4


def test_ticks_stand_above_the_trace_alone(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), height_mm=4, rise_mm=6, offset_mm=1)
    _left, top, _right, bottom = page.separators[0].box_px
    assert (page.baselines_px[0] - bottom) / page.px_per_mm == pytest.approx(4)
    assert (page.baselines_px[0] - top) / page.px_per_mm == pytest.approx(8)
    assert (page.separators[0].centre_px[0] - page.signal_start_px) / page.px_per_mm == pytest.approx(62.5 + 1)


def test_bars_leave_the_trace_free(flat_record: MakeRecord) -> None:
    page = page_of(flat_record(), height_mm=16, clearance_mm=6, width_mm=0.4)
    above, below = page.separators[:2]
    assert (page.baselines_px[0] - above.box_px[3]) / page.px_per_mm == pytest.approx(3)
    assert (below.box_px[1] - page.baselines_px[0]) / page.px_per_mm == pytest.approx(3)
    assert len(page.separators) == 18


@pytest.mark.parametrize(("through_long_rows", "last_row"), [(False, 2), (True, 3)])
def test_lines_run_through_all_rows(flat_record: MakeRecord, through_long_rows: bool, last_row: int) -> None:
    page = page_of(flat_record(), form="lines", height_mm=8, through_long_rows=through_long_rows)
    assert len(page.separators) == 3
    for line in page.separators:
        _left, top, _right, bottom = line.box_px
        assert (page.baselines_px[0] - top) / page.px_per_mm == pytest.approx(8)
        assert (bottom - page.baselines_px[last_row]) / page.px_per_mm == pytest.approx(8)


@pytest.mark.parametrize(("pattern", "every_mm"), [("dotted", 1.0), ("dashed", 2.0)])
def test_dotted_and_dashed_lines_are_broken(flat_record: MakeRecord, pattern: str, every_mm: float) -> None:
    page = page_of(flat_record(), form="lines", pattern=pattern, width_mm=0.3, rgb=(0, 0, 255))
    line = page.separators[0]
    column = page.image[:, round(line.centre_px[0])].astype(int)
    is_blue = (column[:, 2] - column[:, 0]) > 128
    starts = np.flatnonzero(np.diff(is_blue.astype(int)) == 1)
    assert np.median(np.diff(starts)) == pytest.approx(every_mm * page.px_per_mm, abs=0.6)
    assert not is_blue[: round(line.box_px[1]) - 1].any()
