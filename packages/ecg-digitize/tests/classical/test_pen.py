"""The curve that a round pen drew, from the outline of its ink."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_digitize.classical.pen import curve_from_outline

COLUMNS = np.arange(400)
FINE_STEP = 0.02


def inked_by_a_round_pen(curve, radius_px: float) -> tuple[np.ndarray, np.ndarray]:
    """Top and bottom of the ink (rows counted downwards) at every column, by brute force over fine points."""
    offsets = np.arange(-radius_px, radius_px + FINE_STEP / 2, FINE_STEP)
    reach = np.sqrt(np.maximum(radius_px**2 - offsets**2, 0))
    heights = curve(COLUMNS[:, None] + offsets[None, :])
    return (heights - reach).min(axis=1), (heights + reach).max(axis=1)


def spike(height_px: float, width_px: float):
    """A Gaussian wave up from row 300; rows are counted downwards."""
    return lambda x: 300 - height_px * np.exp(-0.5 * ((x - 200) / width_px) ** 2)


@settings(max_examples=20, deadline=None)
@given(height_px=st.floats(20, 200), width_px=st.floats(2.5, 20), radius_px=st.floats(1, 3))
def test_a_wave_keeps_its_height_however_thick_the_pen(height_px, width_px, radius_px):
    curve = spike(height_px, width_px)
    found = curve_from_outline(*inked_by_a_round_pen(curve, radius_px), radius_px)
    assert found[200] == pytest.approx(300 - height_px, abs=0.02 * height_px + 0.3)
    error = found - curve(COLUMNS)
    assert np.sqrt(np.mean(error**2)) < 0.02 * height_px + 0.2


def test_the_middle_of_the_ink_would_cut_the_wave_short():
    """What the method is there to avoid, and hence a check that the test above can fail."""
    top, bottom = inked_by_a_round_pen(spike(100, 3), 2.5)
    assert (top[200] + bottom[200]) / 2 > 200 + 10


def test_a_flat_line_is_found_to_a_hundredth_of_a_pixel():
    top, bottom = np.full(400, 99.25), np.full(400, 102.25)
    np.testing.assert_allclose(curve_from_outline(top, bottom, 1.5), 100.75, atol=0.01)


def test_a_gap_is_bridged_by_a_straight_line():
    curve = lambda x: 100 + 0.1 * x  # noqa: E731
    top, bottom = inked_by_a_round_pen(curve, 1.5)
    top[150:160] = bottom[150:160] = np.nan
    np.testing.assert_allclose(curve_from_outline(top, bottom, 1.5)[140:170], curve(COLUMNS[140:170]), atol=0.1)
