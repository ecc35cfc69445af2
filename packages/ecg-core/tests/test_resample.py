from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.resample import resample_signal

RATES_HZ = [100, 125, 250, 256, 257, 360, 400, 500, 512, 1000, 1025]


def sine(rate_hz: float, num_samples: int, frequency_hz: float, phase: float) -> np.ndarray:
    return np.sin(2 * np.pi * frequency_hz * np.arange(num_samples) / rate_hz + phase)


@settings(max_examples=60, deadline=None)
@given(
    from_hz=st.sampled_from(RATES_HZ),
    to_hz=st.sampled_from(RATES_HZ),
    share_of_band=st.floats(0.02, 0.4),
    phase=st.floats(-3, 3),
    start=st.integers(0, 300),
)
def test_a_sine_below_the_band_limit_keeps_its_shape_and_phase(
    from_hz: int, to_hz: int, share_of_band: float, phase: float, start: int
) -> None:
    """Sample k stands at k / rate before and after, wherever the run begins."""
    frequency_hz = share_of_band * min(from_hz, to_hz)
    signal = sine(from_hz, start + 2 * from_hz, frequency_hz, phase)
    signal[:start] = np.nan
    resampled = resample_signal(signal[None], from_hz, to_hz)[0]
    expected = sine(to_hz, len(resampled), frequency_hz, phase)
    edge = round(0.15 * to_hz)
    inside = slice(round(start / from_hz * to_hz) + edge, len(resampled) - edge)
    np.testing.assert_allclose(resampled[inside], expected[inside], atol=0.006)


@settings(max_examples=60, deadline=None)
@given(
    from_hz=st.sampled_from(RATES_HZ),
    to_hz=st.sampled_from(RATES_HZ),
    start=st.integers(0, 200),
    length=st.integers(0, 400),
)
def test_a_gap_keeps_its_place_in_time(from_hz: int, to_hz: int, start: int, length: int) -> None:
    """A new sample is recorded exactly when its instant falls in the time that old samples stand for."""
    signal = np.full((1, 700), np.nan)
    signal[0, start : start + length] = 1.5
    resampled = resample_signal(signal, from_hz, to_hz)[0]
    assert len(resampled) == round(700 * to_hz / from_hz)
    steps = np.arange(len(resampled)) * from_hz
    expected = (steps >= start * to_hz) & (steps < (start + length) * to_hz)
    np.testing.assert_array_equal(np.isfinite(resampled), expected)


@settings(max_examples=40, deadline=None)
@given(
    from_hz=st.sampled_from(RATES_HZ),
    to_hz=st.sampled_from(RATES_HZ),
    offset=st.floats(-5, 5),
    slope=st.floats(-5, 5),
    start=st.integers(0, 40),
)
def test_a_straight_line_stays_one_up_to_its_ends(
    from_hz: int, to_hz: int, offset: float, slope: float, start: int
) -> None:
    time_s = np.arange(300) / from_hz
    signal = offset + slope * time_s
    signal[:start] = np.nan
    resampled = resample_signal(signal[None], from_hz, to_hz)[0]
    expected = offset + slope * np.arange(len(resampled)) / to_hz
    finite = np.isfinite(resampled)
    np.testing.assert_allclose(resampled[finite], expected[finite], atol=1e-4)


def test_what_the_lower_rate_cannot_hold_is_filtered_out() -> None:
    signal = sine(500, 5000, 90, 0)[None]
    assert np.abs(resample_signal(signal, 500, 100)[0, 20:-20]).max() < 0.01


def test_a_rate_that_is_no_simple_ratio() -> None:
    resampled = resample_signal(sine(500, 5000, 5, 0.4)[None], 500, 333.3333)[0]
    np.testing.assert_allclose(resampled[50:-50], sine(333.3333, len(resampled), 5, 0.4)[50:-50], atol=0.006)


def test_leads_do_not_touch_each_other() -> None:
    signal = np.stack([np.zeros(100), np.full(100, np.nan), np.ones(100)])
    resampled = resample_signal(signal, 500, 250)
    np.testing.assert_allclose(resampled[0], 0, atol=1e-6)
    assert np.isnan(resampled[1]).all()
    np.testing.assert_allclose(resampled[2], 1, atol=1e-6)
    assert resampled.dtype == np.float32


@pytest.mark.parametrize("to_hz", [1e-9, 1e9])
def test_rates_too_far_apart_are_refused(to_hz: float) -> None:
    with pytest.raises(ValueError, match="too far apart"):
        resample_signal(np.zeros((1, 10)), 500, to_hz)
