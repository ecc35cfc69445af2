from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_classify.signals import is_usual, prepare_signal
from ecg_core.leads import STANDARD_LEADS
from ecg_core.record import Record


def record(signal_mv: np.ndarray, rate_hz: float = 500.0, leads: tuple[str, ...] = STANDARD_LEADS) -> Record:
    return Record(signal_mv=signal_mv, sampling_rate_hz=rate_hz, lead_names=leads)


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(3).normal(0.2, 0.5, (12, 5000))


def test_every_lead_has_mean_zero_and_spread_one(noise: np.ndarray) -> None:
    made = prepare_signal(record(noise * np.arange(1, 13)[:, None]))
    assert made.signal.shape == made.seen.shape == (12, 5000)
    assert made.signal.dtype == np.float32
    np.testing.assert_allclose(made.signal.mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(made.signal.std(axis=1), 1, atol=1e-5)
    assert made.seen.all()


def test_leads_are_put_in_order_whatever_their_spelling(noise: np.ndarray) -> None:
    order = np.random.default_rng(1).permutation(12)
    spelled = tuple(STANDARD_LEADS[index].upper() for index in order)
    np.testing.assert_array_equal(
        prepare_signal(record(noise[order], leads=spelled)).signal, prepare_signal(record(noise)).signal
    )


def test_what_was_not_recorded_is_zero_and_not_seen(noise: np.ndarray) -> None:
    noise[2, 1000:2000] = np.nan
    made = prepare_signal(record(noise[:3, :3000], leads=("I", "II", "V6")))
    assert not made.seen[2:11].any()
    assert not made.seen[:, 3000:].any()
    assert not made.seen[11, 1000:2000].any()
    assert made.seen[11, 2000:3000].all()
    assert not made.signal[~made.seen].any()
    part = noise[2, :3000]
    np.testing.assert_allclose(made.signal[11, :1000], ((part - np.nanmean(part)) / np.nanstd(part))[:1000], atol=1e-4)


@pytest.mark.parametrize("level_mv", [0.0, 0.3, -5.0])
def test_a_flat_lead_is_zero_and_seen(noise: np.ndarray, level_mv: float) -> None:
    noise[4] = level_mv
    made = prepare_signal(record(noise))
    assert not made.signal[4].any()
    assert made.seen[4].all()


@pytest.mark.parametrize("rate_hz", [100.0, 257.0, 400.0, 1000.0])
def test_another_rate_is_brought_to_500_hz(rate_hz: float) -> None:
    seconds = np.arange(round(10 * rate_hz)) / rate_hz
    made = prepare_signal(record(np.tile(np.sin(2 * np.pi * 3 * seconds), (12, 1)), rate_hz))
    expected = np.sqrt(2) * np.sin(2 * np.pi * 3 * np.arange(5000) / 500)
    np.testing.assert_allclose(made.signal[0, 100:-100], expected[100:-100], atol=0.01)


def test_what_500_hz_cannot_hold_is_filtered_not_folded() -> None:
    seconds = np.arange(10_000) / 1000
    tone = np.sin(2 * np.pi * 400 * seconds)
    heart = np.sin(2 * np.pi * 2 * seconds)
    made = prepare_signal(record(np.tile(heart + tone, (12, 1)), 1000.0))
    expected = np.sqrt(2) * np.sin(2 * np.pi * 2 * np.arange(5000) / 500)
    np.testing.assert_allclose(made.signal[0, 200:-200], expected[200:-200], atol=0.02)


@given(num_samples=st.integers(1, 12_000), rate_hz=st.sampled_from([125.0, 500.0, 1000.0]), seed=st.integers(0, 99))
def test_any_length_gives_finite_values_of_one_shape(num_samples: int, rate_hz: float, seed: int) -> None:
    signal = np.random.default_rng(seed).normal(size=(2, num_samples))
    made = prepare_signal(record(signal, rate_hz, ("II", "V1")))
    assert np.isfinite(made.signal).all()
    assert made.seen[1].sum() == made.seen[6].sum() == min(5000, round(num_samples * 500 / rate_hz))


def test_rates_far_from_500_hz_are_told_from_others() -> None:
    assert [is_usual(rate) for rate in (100.0, 250.0, 400.0, 1000.0, 2000.0)] == [False, True, True, True, False]
