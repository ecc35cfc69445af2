from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_diffusion.images.scalogram import amplitudes, scalogram

RATE_HZ = 500.0
TIMES_S = np.arange(5000) / RATE_HZ


@settings(deadline=None, max_examples=20)
@given(frequency_hz=st.floats(2, 60), amplitude=st.floats(0.1, 5))
def test_a_sine_has_its_amplitude_at_its_frequency(frequency_hz: float, amplitude: float) -> None:
    signal = amplitude * np.sin(2 * np.pi * frequency_hz * TIMES_S)
    grid = np.geomspace(60, 2, 200)
    found = amplitudes(signal, RATE_HZ, np.append(grid, frequency_hz))[:, 1500:3500]
    np.testing.assert_allclose(found[-1], amplitude, rtol=0.01)
    assert grid[found[:-1].mean(axis=1).argmax()] == pytest.approx(frequency_hz, rel=0.03)


def test_rows_rise_by_a_factor_and_columns_are_times() -> None:
    burst = np.sin(2 * np.pi * 20 * TIMES_S) * np.exp(-(((TIMES_S - 7.5) / 0.2) ** 2))
    image = scalogram(burst, RATE_HZ, lowest_hz=0.5, highest_hz=80)
    assert image.shape == (256, 256)
    row, column = np.unravel_index(image.argmax(), image.shape)
    assert abs(row - 255 * np.log(80 / 20) / np.log(80 / 0.5)) < 4
    assert abs(column - 0.75 * 256) < 3
    assert image.max() == 1


def test_a_level_signal_is_dark() -> None:
    assert not scalogram(np.full(5000, 3.0), RATE_HZ, lowest_hz=0.5, highest_hz=40).any()
