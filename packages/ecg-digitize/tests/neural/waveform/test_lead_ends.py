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


def test_an_end_beyond_the_strip_is_no_fault() -> None:
    row_px = np.full(500, 200.0)
    assert ends(row_px, -200.0, 900.0) == (-200.0, 900.0)
