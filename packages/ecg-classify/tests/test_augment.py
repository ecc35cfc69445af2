from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_classify.data.augment import augmented, mixed, printed_windows
from ecg_classify.options import AugmentConfig
from ecg_classify.signals import Prepared, prepare_signal
from ecg_core.metrics.snr import restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_core.synthetic import synthesize_record

NOTHING = AugmentConfig(noise=0, lead_dropout=0, printed=0, shift_s=0, pace=0)


def prepared(seed: int = 0) -> Prepared:
    return prepare_signal(synthesize_record(seed=seed))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_without_any_of_it_a_recording_stays_as_it_is() -> None:
    made = augmented(prepared(), NOTHING, rng())
    np.testing.assert_allclose(made.signal, prepared().signal, atol=1e-5)
    assert made.seen.all()


def test_a_page_of_four_columns_shows_what_the_standard_page_shows() -> None:
    shown = restrict_to_layout(synthesize_record(seed=1), LAYOUT_3X4_1R)
    np.testing.assert_array_equal(printed_windows(4, 5000, rhythm=True), np.isfinite(shown.signal_mv))


@pytest.mark.parametrize("columns", [2, 3, 4])
def test_every_lead_is_shown_for_its_share_of_the_time(columns: int) -> None:
    shown = printed_windows(columns, 5000, rhythm=False)
    assert np.abs(shown.sum(axis=1) - 5000 / columns).max() < 1
    assert (shown.sum(axis=0) == 12 / columns).all()


def test_what_is_cut_away_is_zero_and_the_rest_normalised_anew() -> None:
    made = augmented(
        prepared(), AugmentConfig(noise=0, lead_dropout=0, printed=1, columns=(4,), rhythm=1, shift_s=0, pace=0), rng()
    )
    np.testing.assert_array_equal(made.seen, printed_windows(4, 5000, rhythm=True))
    assert not made.signal[~made.seen].any()
    for lead, seen in zip(made.signal, made.seen, strict=True):
        assert abs(lead[seen].mean()) < 1e-4
        assert abs(lead[seen].std() - 1) < 1e-4


def test_it_is_moved_by_no_more_than_said_and_nothing_is_made_up() -> None:
    signal = prepared().signal
    shifts = set()
    for seed in range(20):
        made = augmented(prepared(), AugmentConfig(noise=0, lead_dropout=0, printed=0, shift_s=0.1, pace=0), rng(seed))
        gone = int((~made.seen[0]).sum())
        later = gone if not made.seen[0, 0] else -gone
        shifts.add(later)
        kept = slice(max(later, 0), 5000 + min(later, 0))
        np.testing.assert_allclose(
            np.corrcoef(made.signal[3, kept], signal[3, max(-later, 0) : 5000 - max(later, 0)])[0, 1], 1, atol=1e-6
        )
    assert max(map(abs, shifts)) <= 50
    assert min(shifts) < 0 < max(shifts)


@given(seed=st.integers(0, 2**31))
def test_something_is_always_left_and_finite(seed: int) -> None:
    made = augmented(prepared(), AugmentConfig(lead_dropout=0.9), rng(seed))
    assert np.isfinite(made.signal).all()
    assert made.seen.any()


def test_noise_is_added_where_something_is_seen_only() -> None:
    half = Prepared(signal=prepared().signal * (np.arange(5000) < 2500), seen=np.tile(np.arange(5000) < 2500, (12, 1)))
    made = augmented(half, AugmentConfig(noise=1.0, lead_dropout=0, printed=0, shift_s=0, pace=0), rng(1))
    assert not made.signal[:, 2500:].any()
    assert np.abs(made.signal[:, :2500] - half.signal[:, :2500]).max() > 0.1


def test_a_quicker_recording_is_the_same_in_less_time() -> None:
    """Every lead is a sine of a beat a second: it has more beats a second where less of the time is filled."""
    times_s = np.arange(5000) / 500
    whole = Prepared(
        signal=np.tile(np.sin(2 * np.pi * times_s), (12, 1)).astype(np.float32), seen=np.ones((12, 5000), bool)
    )
    found = set()
    for seed in range(30):
        made = augmented(whole, AugmentConfig(noise=0, lead_dropout=0, printed=0, shift_s=0, pace=0.2), rng(seed))
        there = made.seen[0]
        spectrum = np.abs(np.fft.rfft(made.signal[0] * there, 2**16))
        beats = np.fft.rfftfreq(2**16, 1 / 500)[spectrum.argmax()]
        assert 0.78 < beats < 1.22
        assert there.mean() == pytest.approx(min(1, 1 / beats), abs=0.03)
        found.add(round(beats, 2))
    assert len(found) > 10


def test_a_mixture_has_so_much_of_each() -> None:
    made = mixed(prepared(1), prepared(2), 0.75)
    np.testing.assert_allclose(made.signal, 0.75 * prepared(1).signal + 0.25 * prepared(2).signal, atol=1e-6)


def test_of_a_mixture_only_what_both_show_counts_as_seen() -> None:
    samples = np.arange(5000)
    first, second = (
        Prepared(signal=prepared(seed).signal, seen=np.tile(shown, (12, 1)))
        for seed, shown in ((1, samples < 3000), (2, samples >= 1000))
    )
    made = mixed(first, second, 0.5)
    np.testing.assert_array_equal(made.seen, np.tile((samples >= 1000) & (samples < 3000), (12, 1)))
