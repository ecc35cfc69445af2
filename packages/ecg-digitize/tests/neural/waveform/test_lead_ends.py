from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_digitize.digitizers.neural.waveform.lead_ends import NEAR_MM, hanging_together

ACROSS, DOWN = 16.0, 6.0


def ends(row_px: np.ndarray, first_px: float, last_px: float) -> tuple[float, float]:
    return hanging_together(row_px, first_px, last_px, across_px_per_mm=ACROSS, down_px_per_mm=DOWN)


@given(off_px=st.integers(-12, 12), height_mm=st.floats(2, 24), sign=st.sampled_from([-1, 1]))
def test_a_step_to_the_next_lead_belongs_to_neither(off_px: int, height_mm: float, sign: int) -> None:
    """Wherever the step lies near the end, all that is kept lies on the lead's own side of it."""
    row_px = np.full(2000, 200.0)
    row_px[1000 + off_px :] += sign * height_mm * DOWN
    first, last = ends(row_px, 100, 1000)
    assert first == 100
    assert last <= 1000 + min(off_px, 0)
    assert last >= 1000 - 20 + min(off_px, 0)
    start, _ = ends(row_px, 1000, 1900)
    assert start >= 1000 + max(off_px, 0)
    assert np.ptp(row_px[round(start) : 1900]) == 0


def test_the_edge_of_a_pulse_at_the_end_is_left_out() -> None:
    row_px = np.full(2000, 200.0)
    row_px[995:1080] -= 10 * DOWN
    _, last = ends(row_px, 100, 1000)
    assert last < 995


@pytest.mark.parametrize("slope_mm_per_mm", [0.0, 1.0, 4.0])
def test_waves_that_run_over_an_end_are_kept(slope_mm_per_mm: float) -> None:
    row_px = 200 + slope_mm_per_mm * DOWN / ACROSS * np.arange(2000)
    assert ends(row_px, 100, 1000) == (100, 1000)


def test_a_complex_farther_inside_is_kept() -> None:
    row_px = np.full(2000, 200.0)
    away = round(2.5 * NEAR_MM * ACROSS)
    row_px[1000 - away : 1000 - away + 8] -= 15 * DOWN
    assert ends(row_px, 100, 1000) == (100, 1000)


def beating(height_mm: float, *, last_mm: float) -> np.ndarray:
    """A lead of 1000 columns with complexes 20 mm apart, of which the last one begins so far before column 1000."""
    row_px = np.full(2000, 200.0)
    for begin in range(1000 - round(last_mm * ACROSS), 0, -round(20 * ACROSS)):
        row_px[begin : begin + 10] -= height_mm * DOWN
    return row_px


@pytest.mark.parametrize("last_mm", [0.35, 0.5, 0.8])
@pytest.mark.parametrize("height_mm", [5.0, 12.0, 25.0])
def test_a_heartbeat_at_the_end_is_kept(height_mm: float, last_mm: float) -> None:
    """The time is up in the midst of it, and the next lead begins."""
    row_px = beating(height_mm, last_mm=last_mm)
    if last_mm * ACROSS < 10:
        row_px[1000:] = 200 - height_mm * DOWN
    assert ends(row_px, 100, 1000) == (100, 1000)


def test_a_heartbeat_in_which_the_paper_ends_is_kept() -> None:
    row_px = beating(10.0, last_mm=10.0)
    row_px[994:1000] -= DOWN * np.linspace(1, 6, 6)
    row_px[1000:] = np.nan
    assert ends(row_px, 100, 1000) == (100, 1000)


def test_a_jump_that_is_taller_than_its_heartbeats_is_left_out() -> None:
    row_px = beating(8.0, last_mm=10.0)
    row_px[990:] += 14 * DOWN
    _, last = ends(row_px, 100, 1000)
    assert 980 < last < 990


def test_a_step_at_the_end_itself_is_left_out_however_tall_the_heartbeats_are() -> None:
    row_px = beating(20.0, last_mm=10.0)
    row_px[999:] += 4 * DOWN
    _, last = ends(row_px, 100, 1000)
    assert 990 < last < 999


def test_an_end_beyond_the_strip_is_no_fault() -> None:
    row_px = np.full(500, 200.0)
    assert ends(row_px, -200.0, 900.0) == (-200.0, 900.0)
