from __future__ import annotations

import math

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.errors import DataError
from ecg_core.leads import STANDARD_LEADS
from ecg_core.metrics.snr import PageSnr, competition_snr, mean_snr_db, restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R, Layout
from ecg_core.record import Record

RATE_HZ = 500.0
PERFECT_DB = 10 * math.log10(384)

# The example page in the documentation of the competition's scoring notebook: 1 Hz, three samples a lead, II twelve.
NOTEBOOK_LEADS_MV = {
    "I": [0.1, 0.3, 0.4],
    "III": [0.6, 0.6, 0.4],
    "aVR": [0.2, 0.3, 0.4],
    "aVL": [0.5, 0.2, 0.7],
    "aVF": [0.2, 0.3, 0.4],
    "V1": [0.8, 0.6, 0.7],
    "V2": [0.2, 0.3, -0.1],
    "V3": [0.5, 0.6, 0.7],
    "V4": [0.2, 0.9, 0.4],
    "V5": [0.5, 0.6, 0.7],
    "V6": [0.1, 0.3, 0.4],
    "II": [0.6, 0.6, 0.4, 0.2, 0.3, 0.4, 0.5, 0.2, 0.7, 0.2, 0.3, 0.4],
}


def notebook_page() -> Record:
    signal_mv = np.full((12, 12), np.nan)
    for row, values in zip(signal_mv, NOTEBOOK_LEADS_MV.values(), strict=True):
        row[: len(values)] = values
    return Record(signal_mv=signal_mv, sampling_rate_hz=1, lead_names=NOTEBOOK_LEADS_MV)


def pulses(*, num_leads: int = 2, duration_s: float = 4.0, at_s: tuple[float, ...] = (1.0, 2.1, 3.0)) -> Record:
    """Narrow bumps on a zero line: their alignment has one answer, and shifting them loses nothing at the edges."""
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    bumps = sum(np.exp(-0.5 * ((time_s - instant) / 0.02) ** 2) for instant in at_s)
    gains = np.arange(1, num_leads + 1)[:, None]
    return Record(signal_mv=gains * bumps, sampling_rate_hz=RATE_HZ, lead_names=STANDARD_LEADS[:num_leads])


def with_signal(record: Record, signal_mv: np.ndarray) -> Record:
    return attrs.evolve(record, signal_mv=signal_mv)


def change(record: Record, lead: str, samples: slice | int, value_mv: float) -> Record:
    signal_mv = record.signal_mv.copy()
    signal_mv[record.lead_names.index(lead), samples] = value_mv
    return with_signal(record, signal_mv)


def test_a_perfect_page_has_25_84_db() -> None:
    assert competition_snr(notebook_page(), notebook_page()).db == pytest.approx(25.8433, abs=1e-4)


def test_the_notebooks_own_examples() -> None:
    one_error = change(notebook_page(), "I", 0, 0.9)
    two_errors = change(one_error, "III", 1, 0.3)
    assert competition_snr(notebook_page(), one_error).db == pytest.approx(13.6291, abs=1e-4)
    assert competition_snr(notebook_page(), two_errors).db == pytest.approx(13.0576, abs=1e-4)


def test_a_flat_truth_scores_minus_384_db_unless_met_exactly() -> None:
    flat = with_signal(notebook_page(), notebook_page().signal_mv * 0)
    assert competition_snr(flat, notebook_page()).db == -384
    assert competition_snr(flat, flat).db == pytest.approx(PERFECT_DB)


def test_a_constant_offset_costs_nothing() -> None:
    truth = pulses()
    assert competition_snr(truth, with_signal(truth, truth.signal_mv + 7.5)).db == pytest.approx(PERFECT_DB)


@pytest.mark.parametrize("shift_s", [-0.2, -0.1, 0.1, 0.2])
def test_a_shift_within_0_2_s_costs_nothing(shift_s: float) -> None:
    truth = pulses()
    shifted = with_signal(truth, np.roll(truth.signal_mv, round(shift_s * RATE_HZ), axis=1))
    assert competition_snr(truth, shifted).db == pytest.approx(PERFECT_DB)


def test_a_shift_of_0_3_s_is_not_forgiven() -> None:
    truth = pulses(num_leads=1, at_s=(2.0,))
    late = with_signal(truth, np.roll(truth.signal_mv, round(0.3 * RATE_HZ), axis=1))
    # Shifted back by 0.2 s the bumps are still 5 widths apart: noise is twice the signal, but for offset and overlap.
    assert competition_snr(truth, late).db == pytest.approx(10 * math.log10(1 / 2), abs=0.05)


def test_samples_that_move_in_at_the_edge_count_as_zero() -> None:
    truth = Record(signal_mv=[[0, 0, 2, 6, 2, 0, 3]], sampling_rate_hz=10, lead_names=["II"])
    # Moved right by one sample all agree, and the first, now empty, agrees with the truth of 0; the 1 drops out.
    early = with_signal(truth, np.array([[0, 2, 6, 2, 0, 3, 1]]))
    assert competition_snr(truth, early).ratio == 384
    # Moved left by one sample the last is empty where the truth is 3: noise 9, signal 4 + 36 + 4 + 9.
    late = with_signal(truth, np.array([[1, 0, 0, 2, 6, 2, 0]]))
    assert competition_snr(truth, late).ratio == pytest.approx(53 / 9)


def test_known_noise_power_gives_known_decibels() -> None:
    rng = np.random.default_rng(3)
    truth = with_signal(pulses(), rng.normal(0, 1, (2, 2000)))
    noisy = with_signal(truth, truth.signal_mv + rng.normal(0, 0.1, (2, 2000)))
    assert competition_snr(truth, noisy).db == pytest.approx(20, abs=0.2)


def test_power_is_pooled_over_the_leads_before_the_ratio() -> None:
    # Lead I: signal 4, error of +0.5 and -0.5 (no offset), noise 0.5. Lead II: signal 100, noise 0. Pooled 104 / 0.5.
    truth = Record(signal_mv=[[1, 1, -1, -1], [5, 5, -5, -5]], sampling_rate_hz=1, lead_names=["I", "II"])
    estimate = with_signal(truth, np.array([[1.5, 0.5, -1, -1], [5, 5, -5, -5]]))
    page = competition_snr(truth, estimate)
    assert page.ratio == pytest.approx(208)
    assert page.lead_db == pytest.approx({"I": 10 * math.log10(8), "II": PERFECT_DB})


def test_the_ratio_is_capped_at_384() -> None:
    truth = Record(signal_mv=[[100, -100]], sampling_rate_hz=1, lead_names=["I"])
    almost = with_signal(truth, np.array([[100.01, -100.01]]))
    assert competition_snr(truth, almost).ratio == 384


def test_a_missing_lead_counts_as_zeros() -> None:
    truth = Record(signal_mv=[[1, 1, -1, -1], [2, 2, 2, -2]], sampling_rate_hz=1, lead_names=["I", "II"])
    page = competition_snr(truth, truth.select(["I"]))
    assert page.ratio == pytest.approx((4 + 16) / 16)
    assert page.lead_db["II"] == pytest.approx(0)
    all_nan = change(truth, "II", slice(None), np.nan)
    assert competition_snr(truth, all_nan) == page


def test_a_gap_counts_as_zeros_after_the_offset_of_the_rest() -> None:
    truth = Record(signal_mv=[[1, 2, 1, 4]], sampling_rate_hz=1, lead_names=["I"])
    gap = with_signal(truth, np.array([[11, 12, 11, np.nan]]))
    assert competition_snr(truth, gap).ratio == pytest.approx(22 / 16)


def test_an_estimate_that_is_too_short_counts_as_zeros_beyond_its_end() -> None:
    truth = Record(signal_mv=[[1, 2, 1, 4]], sampling_rate_hz=1, lead_names=["I"])
    assert competition_snr(truth, with_signal(truth, truth.signal_mv[:, :3])).ratio == pytest.approx(22 / 16)
    longer = with_signal(truth, np.array([[1, 2, 1, 4, 99, 99]]))
    assert competition_snr(truth, longer).ratio == 384


def test_gaps_and_empty_leads_of_the_truth_are_left_out() -> None:
    truth = Record(
        signal_mv=[[1, np.nan, -1, -1, 1], [np.nan] * 5],
        sampling_rate_hz=1,
        lead_names=["I", "II"],
    )
    estimate = with_signal(truth, np.array([[1, 50, -1, -1, 1], [9, 9, 9, 9, 9]]))
    page = competition_snr(truth, estimate)
    assert page.ratio == 384
    assert set(page.lead_db) == {"I"}


def test_a_truth_without_samples_is_refused() -> None:
    empty = Record(signal_mv=np.full((1, 5), np.nan), sampling_rate_hz=1, lead_names=["I"], name="page-7")
    with pytest.raises(DataError, match="page-7"):
        competition_snr(empty, empty)


def test_an_estimate_at_another_rate_is_resampled() -> None:
    time_s = np.arange(5000) / 500
    truth = Record(signal_mv=[np.sin(2 * np.pi * 3 * time_s)], sampling_rate_hz=500, lead_names=["I"])
    slow_s = np.arange(2500) / 250
    estimate = Record(signal_mv=[np.sin(2 * np.pi * 3 * slow_s)], sampling_rate_hz=250, lead_names=["I"])
    assert competition_snr(truth, estimate).db == pytest.approx(PERFECT_DB)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    offset_mv=st.floats(-5, 5),
    gain=st.floats(0.1, 10),
)
def test_offset_and_common_gain_do_not_change_the_score(seed: int, offset_mv: float, gain: float) -> None:
    rng = np.random.default_rng(seed)
    truth = with_signal(pulses(num_leads=1), rng.normal(0, 1, (1, 300)))
    estimate = with_signal(truth, truth.signal_mv + rng.normal(0, 0.3, (1, 300)))
    moved = with_signal(truth, estimate.signal_mv * gain + offset_mv)
    louder = with_signal(truth, truth.signal_mv * gain)
    assert competition_snr(louder, moved).ratio == pytest.approx(competition_snr(truth, estimate).ratio, rel=1e-3)


def test_pages_are_averaged_as_ratios() -> None:
    pages = [PageSnr(ratio=384.0, lead_db={}), PageSnr(ratio=0.0, lead_db={})]
    assert mean_snr_db(pages) == pytest.approx(10 * math.log10(192))
    assert mean_snr_db(pages[1:]) == -384
    with pytest.raises(DataError):
        mean_snr_db([])


def test_only_the_printed_windows_stay() -> None:
    record = Record(signal_mv=np.ones((12, 5000)), sampling_rate_hz=500, lead_names=STANDARD_LEADS)
    printed = restrict_to_layout(record, LAYOUT_3X4_1R)
    windows_s = dict.fromkeys(("I", "III"), (0.0, 2.5)) | {"II": (0.0, 10.0)}
    windows_s |= dict.fromkeys(("aVR", "aVL", "aVF"), (2.5, 5.0))
    windows_s |= dict.fromkeys(("V1", "V2", "V3"), (5.0, 7.5)) | dict.fromkeys(("V4", "V5", "V6"), (7.5, 10.0))
    for lead, (start_s, stop_s) in windows_s.items():
        expected = np.zeros(5000, bool)
        expected[round(start_s * 500) : round(stop_s * 500)] = True
        np.testing.assert_array_equal(np.isfinite(printed.lead_mv(lead)), expected, err_msg=lead)


def test_leads_outside_a_layout_are_empty_and_inverted_avr_is_avr() -> None:
    layout = Layout(name="two", rows=(("-aVR", "II"),), baselines_mm=(20,), duration_s=2)
    record = Record(signal_mv=np.ones((3, 20)), sampling_rate_hz=10, lead_names=["aVR", "II", "V1"])
    finite = np.isfinite(restrict_to_layout(record, layout).signal_mv)
    assert finite.sum(axis=1).tolist() == [10, 10, 0]
    assert finite[0, :10].all()
    assert finite[1, 10:].all()
