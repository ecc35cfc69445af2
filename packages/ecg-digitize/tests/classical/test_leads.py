"""Cutting rows into leads at exact instants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_core.paper import PaperSpec, Segment
from ecg_digitize.classical.leads import LeadCurve, sample_piece
from ecg_digitize.classical.rectify import PX_PER_MM

PAPER = PaperSpec()
PX_PER_S, PX_PER_MV = 25 * PX_PER_MM, 10 * PX_PER_MM


def segment(start_s: float, duration_s: float) -> Segment:
    return Segment(lead="V1", row=0, start_s=start_s, duration_s=duration_s, is_rhythm=False)


def ramp(start_px: float, duration_s: float, slope_mv_per_s: float, zero_px: float) -> LeadCurve:
    """A curve that rises evenly from 0 mV at ``start_px``."""
    columns = np.arange(int(np.ceil(start_px)), int(start_px + duration_s * PX_PER_S) + 1)
    signal_mv = slope_mv_per_s * (columns - start_px) / PX_PER_S
    return LeadCurve(columns=columns, y_px=zero_px - signal_mv * PX_PER_MV, clarity=1.0)


@given(
    start_px=st.floats(10, 200),
    slope=st.floats(-1, 1),
    rate_hz=st.sampled_from([100, 250, 256, 360, 500, 1000]),
    start_s=st.sampled_from([0.0, 2.5, 5.0, 7.5]),
)
def test_every_sample_has_the_voltage_of_its_instant(start_px, slope, rate_hz, start_s):
    piece = sample_piece(ramp(start_px, 2.5, slope, 400), segment(start_s, 2.5), start_px, 400, PAPER, rate_hz)
    assert piece.first_sample == round(start_s * rate_hz)
    assert len(piece.signal_mv) == round((start_s + 2.5) * rate_hz) - round(start_s * rate_hz)
    instants_s = (np.arange(len(piece.signal_mv)) + piece.first_sample) / rate_hz - start_s
    inside = (instants_s > 1 / PX_PER_S) & (instants_s < 2.5 - 1 / PX_PER_S)
    np.testing.assert_allclose(piece.signal_mv[inside], slope * instants_s[inside], atol=1e-6)


def test_what_is_not_printed_stays_unknown():
    half = ramp(50, 1.0, 0.5, 400)
    piece = sample_piece(half, segment(0, 2.5), 50, 400, PAPER, 500)
    assert np.isfinite(piece.signal_mv[:500]).all()
    assert np.isnan(piece.signal_mv[550:]).all()


def test_a_lead_without_ink_is_a_gap():
    empty = LeadCurve(columns=np.empty(0, int), y_px=np.empty(0), clarity=0.0)
    assert np.isnan(sample_piece(empty, segment(0, 2.5), 50, 400, PAPER, 500).signal_mv).all()


def test_gain_and_speed_set_the_scale():
    curve = LeadCurve(columns=np.arange(1000), y_px=np.full(1000, 400 - 10 * PX_PER_MM), clarity=1.0)
    slow = sample_piece(curve, segment(0, 1), 0, 400, PaperSpec(speed_mm_per_s=50, gain_mm_per_mv=20), 500)
    assert slow.signal_mv[100] == pytest.approx(0.5)
