"""Rows of ink, on maps of traces that are drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ecg_digitize.digitizers.neural.grid.flattening import PX_PER_MM
from ecg_digitize.digitizers.neural.markers.ink_rows import find_ink_rows, ink_row_at

SIZE_PX = (1100, 600)
FIRST_MM, LAST_MM = 20.0, 250.0


def paper() -> np.ndarray:
    return np.zeros(SIZE_PX[::-1], np.float32)


def draw_trace(trace: np.ndarray, y_mm: float, *, deep_mm: float = 8.0, every_mm: float = 14.0) -> None:
    """A trace with a deep wave and a high one in every beat."""
    x_mm = np.arange(FIRST_MM, LAST_MM, 0.25)
    phase = (x_mm - FIRST_MM) % every_mm
    down = deep_mm * np.clip(1 - np.abs(phase - 3) / 2, 0, 1)
    up = 0.7 * deep_mm * np.clip(1 - np.abs(phase - 9) / 3, 0, 1)
    points = np.column_stack((x_mm, y_mm + down - up)) * PX_PER_MM
    cv2.polylines(trace, [np.rint(points).astype(np.int32)], False, 1.0, 2)


def draw_words(trace: np.ndarray, y_mm: float, *, every_mm: float = 3.0) -> None:
    for x_mm in np.arange(FIRST_MM, LAST_MM, every_mm):
        corner = round(x_mm * PX_PER_MM), round((y_mm - 1) * PX_PER_MM)
        cv2.rectangle(trace, corner, (corner[0] + 6, corner[1] + 8), 1.0, 1)


def test_a_trace_whose_waves_leave_its_row_hangs_together() -> None:
    trace = paper()
    draw_trace(trace, 80.0, deep_mm=12.0)
    [row] = find_ink_rows(trace)
    assert row.hangs_together
    assert (row.first_mm, row.last_mm) == (pytest.approx(FIRST_MM, abs=5), pytest.approx(LAST_MM, abs=5))


def test_words_do_not_hang_together_though_spikes_of_a_trace_cross_them() -> None:
    trace = paper()
    draw_trace(trace, 80.0, deep_mm=16.0)
    draw_words(trace, 100.0)
    *_, words = find_ink_rows(trace)
    assert words.y_mm == pytest.approx(100.0, abs=2)
    assert words.joined < 0.05


def test_words_just_above_a_trace_do_not_hide_it() -> None:
    """Words have more ink at their height than a trace that waves."""
    trace = paper()
    for y_mm in (40.0, 80.0, 120.0):
        draw_trace(trace, y_mm)
    draw_words(trace, 35.0, every_mm=2.0)
    rows = [row.y_mm for row in find_ink_rows(trace)]
    assert rows == [pytest.approx(y_mm, abs=1.5) for y_mm in (40.0, 80.0, 120.0)]


def test_words_beside_a_trace_are_none_of_what_hangs_together() -> None:
    trace, words = paper(), paper()
    draw_trace(trace, 80.0, deep_mm=3.0)
    draw_words(words, 80.0, every_mm=2.25)
    first_px, last_px = round(65 * PX_PER_MM), round(205 * PX_PER_MM)
    words[:, first_px:last_px] = trace[:, first_px:last_px]
    [row] = find_ink_rows(words)
    assert (row.first_mm, row.last_mm) == (pytest.approx(FIRST_MM, abs=5), pytest.approx(LAST_MM, abs=5))
    assert row.joined_mm == (pytest.approx(65.0, abs=1), pytest.approx(205.0, abs=1))


@pytest.mark.parametrize("slope", [0.0, 0.012, -0.03])
def test_frames_are_no_rows_though_they_lean(slope: float) -> None:
    trace = paper()
    for y_mm in (60.0, 90.0):
        draw_trace(trace, y_mm)
    rows = find_ink_rows(trace)
    for y_mm in (15.0, 135.0):
        ends = [(x_mm, y_mm + slope * (x_mm - 135.0)) for x_mm in (5.0, 265.0)]
        first, last = (tuple(round(PX_PER_MM * each) for each in point) for point in ends)
        cv2.line(trace, first, last, 1.0, 2)
    found = find_ink_rows(trace)
    assert [row.y_mm for row in found] == [row.y_mm for row in rows]


def test_a_straight_trace_ends_where_others_do_though_letters_of_a_hand_touch_it() -> None:
    trace = paper()
    for y_mm in (40.0, 120.0):
        draw_trace(trace, y_mm)
    level_px = round(80 * PX_PER_MM)
    cv2.line(trace, (round(FIRST_MM * PX_PER_MM), level_px), (round(LAST_MM * PX_PER_MM), level_px), 1.0, 2)
    without = [(row.y_mm, row.last_mm) for row in find_ink_rows(trace)]
    for x_mm in np.arange(LAST_MM - 20, LAST_MM + 11, 1.5):
        up = (round((x_mm + 3) * PX_PER_MM), round(70 * PX_PER_MM))
        cv2.line(trace, (round(x_mm * PX_PER_MM), round(77 * PX_PER_MM)), up, 1.0, 1)
    found = find_ink_rows(trace)
    assert [row.y_mm for row in found] == [pytest.approx(y_mm, abs=1.5) for y_mm in (40.0, 80.0, 120.0)]
    assert found[1].last_mm == pytest.approx(without[1][1], abs=1)


def test_a_row_goes_on_where_its_last_lead_lies_higher() -> None:
    trace = paper()
    for y_mm in (40.0, 80.0, 120.0):
        draw_trace(trace, y_mm, deep_mm=5.0)
    leads = np.zeros_like(trace)
    for y_mm in (33.0, 73.0, 113.0):  # 7 mm above the others
        draw_trace(leads, y_mm, deep_mm=5.0)
    border_px = round(190 * PX_PER_MM)
    trace[:, border_px:] = leads[:, border_px:]
    rows = find_ink_rows(trace)
    assert [row.y_mm for row in rows] == [pytest.approx(y_mm, abs=4) for y_mm in (40.0, 80.0, 120.0)]
    assert all(row.last_mm == pytest.approx(LAST_MM, abs=5) for row in rows)


def test_a_row_goes_on_where_its_last_lead_lies_lower_behind_a_gap() -> None:
    trace, leads = paper(), paper()
    for y_mm in (40.0, 80.0, 120.0):
        draw_trace(trace, y_mm, deep_mm=5.0)
        draw_trace(leads, y_mm + 7.0, deep_mm=5.0)
    first_px, last_px = (round(x_mm * PX_PER_MM) for x_mm in (185.0, 191.0))
    trace[:, first_px:last_px] = 0
    trace[:, last_px:] = leads[:, last_px:]
    rows = find_ink_rows(trace)
    assert [row.y_mm for row in rows] == [pytest.approx(y_mm, abs=4) for y_mm in (40.0, 80.0, 120.0)]
    assert all(row.last_mm == pytest.approx(LAST_MM, abs=5) for row in rows)


def test_a_row_does_not_go_on_to_what_is_shorter_than_a_lead_or_far_away() -> None:
    for first_mm, last_mm in ((191.0, 207.0), (200.0, LAST_MM)):
        trace, leads = paper(), paper()
        for y_mm in (40.0, 80.0, 120.0):
            draw_trace(trace, y_mm, deep_mm=5.0)
            draw_trace(leads, y_mm + 7.0, deep_mm=5.0)
        trace[:, round(185.0 * PX_PER_MM) :] = 0
        first_px, last_px = (round(x_mm * PX_PER_MM) for x_mm in (first_mm, last_mm))
        trace[:, first_px:last_px] = leads[:, first_px:last_px]
        assert all(row.last_mm == pytest.approx(185.0, abs=6) for row in find_ink_rows(trace))


def test_a_row_does_not_go_on_where_there_are_only_words() -> None:
    trace = paper()
    for y_mm in (40.0, 80.0, 120.0):
        draw_trace(trace, y_mm, deep_mm=5.0)
    trace[:, round(190 * PX_PER_MM) :] = 0
    words = np.zeros_like(trace)
    for y_mm in (33.0, 73.0, 113.0):
        draw_words(words, y_mm)
    trace[:, round(195 * PX_PER_MM) :] = words[:, round(195 * PX_PER_MM) :]
    assert all(row.last_mm == pytest.approx(190.0, abs=6) for row in find_ink_rows(trace) if row.hangs_together)


def test_a_row_that_something_else_tells_may_be_faint() -> None:
    trace = paper()
    draw_trace(trace, 80.0)
    faint = 0.12 * trace
    assert find_ink_rows(faint) == []
    clear, row, nothing = ink_row_at(trace, 80.0), ink_row_at(faint, 80.0), ink_row_at(faint, 30.0)
    assert clear is not None
    assert row is not None
    assert (row.first_mm, row.last_mm, row.coverage) == (clear.first_mm, clear.last_mm, clear.coverage)
    assert nothing is None


def test_rows_may_be_faint_where_all_ink_is() -> None:
    """Thin lines are hardly seen but where a wave is steep: no row shows, or none hangs together."""
    trace = paper()
    for y_mm in (40.0, 80.0, 120.0):
        draw_trace(trace, y_mm, every_mm=40.0)
    faint = 0.25 * trace
    faint[:, :: round(40 * PX_PER_MM)] *= 3
    assert [row.y_mm for row in find_ink_rows(faint) if row.hangs_together] == [
        row.y_mm for row in find_ink_rows(trace)
    ]


def test_faint_ink_is_no_row_where_a_row_is_clear() -> None:
    trace = paper()
    draw_trace(trace, 120.0)
    printed_through = paper()
    draw_trace(printed_through, 60.0)
    [row] = find_ink_rows(np.maximum(trace, 0.2 * printed_through))
    assert row.y_mm == pytest.approx(120.0, abs=1.5)
