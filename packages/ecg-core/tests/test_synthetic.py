from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import maximum_filter1d
from scipy.signal import find_peaks, welch

from ecg_core.leads import STANDARD_LEADS
from ecg_core.record import Record
from ecg_core.synthetic import synthesize_record
from ecg_core.synthetic.noise import baseline_wander, muscle_noise
from ecg_core.synthetic.rhythm import draw_rhythm

SEEDS = range(12)


def clean(**options: float) -> Record:
    return synthesize_record(noise_mv=0, wander_mv=0, **options)


def r_peaks(record: Record) -> np.ndarray:
    """Sample numbers of the R waves of a clean record."""
    magnitude = np.linalg.norm(record.signal_mv, axis=0)
    return find_peaks(magnitude, height=0.6 * magnitude.max(), distance=round(0.2 * record.sampling_rate_hz))[0]


def average_beat(record: Record, before_s: float, after_s: float) -> np.ndarray:
    """Mean of the beats that are whole, shape (leads, samples)."""
    before, after = round(before_s * record.sampling_rate_hz), round(after_s * record.sampling_rate_hz)
    whole = [peak for peak in r_peaks(record) if before <= peak < record.num_samples - after]
    return np.mean([record.signal_mv[:, peak - before : peak + after] for peak in whole], axis=0)


def test_shape_leads_and_rate_are_those_asked_for() -> None:
    record = synthesize_record(duration_s=4.0, sampling_rate_hz=250.0, name="made-up")
    assert record.signal_mv.shape == (12, 1000)
    assert record.signal_mv.dtype == np.float32
    assert record.lead_names == STANDARD_LEADS
    assert record.name == "made-up"
    assert record.metadata["synthetic"] is True
    assert np.isfinite(record.signal_mv).all()


def test_the_relations_of_the_limb_leads_hold_with_noise() -> None:
    record = synthesize_record(noise_mv=0.2, wander_mv=0.5, mains_mv=0.1)
    lead = {name: record.lead_mv(name).astype(np.float64) for name in STANDARD_LEADS}
    rounding_mv = 8 * np.finfo(np.float32).eps * np.abs(record.signal_mv).max()
    for residual in (
        lead["I"] + lead["III"] - lead["II"],
        lead["aVR"] + (lead["I"] + lead["II"]) / 2,
        lead["aVL"] - (lead["I"] - lead["III"]) / 2,
        lead["aVF"] - (lead["II"] + lead["III"]) / 2,
    ):
        assert np.abs(residual).max() < rounding_mv


@pytest.mark.parametrize("heart_rate_bpm", [45, 60, 80, 120, 160])
def test_the_heart_beats_as_fast_as_asked(heart_rate_bpm: float) -> None:
    for seed in SEEDS:
        peaks = r_peaks(clean(seed=seed, duration_s=30, heart_rate_bpm=heart_rate_bpm))
        found_bpm = 60 * 500 * (len(peaks) - 1) / (peaks[-1] - peaks[0])
        assert found_bpm == pytest.approx(heart_rate_bpm, rel=0.03)


def test_amplitudes_are_those_of_healthy_adults() -> None:
    """Limits wide enough for the 5th to 95th percentile of normal adults, lead by lead, in mV."""
    for seed in SEEDS:
        beat = dict(zip(STANDARD_LEADS, average_beat(clean(seed=seed), 0.06, 0.06), strict=True))
        highest = {lead: values.max() for lead, values in beat.items()}
        lowest = {lead: values.min() for lead, values in beat.items()}
        assert 0.2 < highest["II"] < 2.0
        assert 0.1 < highest["I"] < 1.5
        assert -1.6 < lowest["aVR"] < -0.3
        assert highest["aVR"] < 0.25
        assert 0.05 < highest["V1"] < 0.6
        assert -1.8 < lowest["V1"] < -0.3
        assert highest["V1"] < -lowest["V1"]
        assert highest["V1"] < highest["V3"] < 1.1 * highest["V4"]
        assert 0.6 < highest["V5"] < 3.0
        assert abs(lowest["V6"]) < 0.4 < highest["V6"]


@pytest.mark.parametrize("heart_rate_bpm", [50, 70, 100])
def test_intervals_are_physiological(heart_rate_bpm: float) -> None:
    for seed in SEEDS:
        record = clean(seed=seed, heart_rate_bpm=heart_rate_bpm, sampling_rate_hz=1000)
        beat = average_beat(record, 0.3, 0.45)
        speed = maximum_filter1d(np.linalg.norm(np.diff(beat, axis=1), axis=0), 11)
        still = np.flatnonzero(speed < 0.07 * speed.max())
        qrs_s = (still[still > 300][0] - still[still < 300][-1] - 10) / 1000
        assert 0.06 < qrs_s < 0.115
        lead_ii = beat[STANDARD_LEADS.index("II")]
        t_peak_s = 0.08 + np.argmax(lead_ii[380:]) / 1000
        assert 0.2 < t_peak_s / np.sqrt(60 / heart_rate_bpm) < 0.36
        assert lead_ii[300 + round(t_peak_s * 1000)] > 0.05
        p_peak_s = 0.3 - np.argmax(lead_ii[:230]) / 1000
        assert 0.1 < p_peak_s < 0.24


def test_one_seed_is_one_recording_and_seeds_differ() -> None:
    first = synthesize_record(seed=1)
    np.testing.assert_array_equal(first.signal_mv, synthesize_record(seed=1).signal_mv)
    beats = [average_beat(clean(seed=seed), 0.1, 0.4) for seed in SEEDS]
    for seed, beat in enumerate(beats[1:], start=1):
        assert np.abs(beat - beats[0]).max() > 0.05, seed


def test_the_same_heart_at_another_rate_is_the_same_curve() -> None:
    fast, slow = (clean(seed=4, sampling_rate_hz=rate) for rate in (1000.0, 250.0))
    np.testing.assert_allclose(fast.signal_mv[:, ::4], slow.signal_mv, atol=1e-5)


def test_rr_intervals_have_the_two_bands_of_ecgsyn() -> None:
    """Half as much power round 0.1 Hz as in the respiratory band, and little elsewhere."""
    step_s = 0.25
    time_s = np.arange(0, 2000, step_s)
    low, high, total, spread = 0.0, 0.0, 0.0, []
    for seed in SEEDS:
        rhythm = draw_rhythm(np.random.default_rng(seed), 60)
        beats_s = np.interp(np.arange(1, 1900) * 2 * np.pi, rhythm.cardiac_phase(time_s), time_s)
        intervals_s = np.interp(time_s[40:-1000], beats_s[1:], np.diff(beats_s))
        frequency_hz, power = welch(intervals_s, 1 / step_s, nperseg=2048)
        low += power[(frequency_hz > 0.05) & (frequency_hz < 0.15)].sum()
        high += power[(frequency_hz > 0.15) & (frequency_hz < 0.36)].sum()
        total += power.sum()
        spread.append(np.diff(beats_s).std() / np.diff(beats_s).mean())
    assert 0.4 < low / high < 0.9
    assert (low + high) / total > 0.9
    assert np.mean(spread) == pytest.approx(0.03, abs=0.01)


def test_phase_is_the_integral_of_the_rate() -> None:
    rhythm = draw_rhythm(np.random.default_rng(0), 72)
    time_s = np.arange(0, 60, 0.002)
    steps = np.cumsum(rhythm.rate_hz(time_s)) * 0.002 * 2 * np.pi
    np.testing.assert_allclose(np.diff(rhythm.cardiac_phase(time_s)), np.diff(steps), atol=1e-3)
    np.testing.assert_allclose(rhythm.rate_hz(time_s).mean(), 1.2, rtol=0.02)


def test_muscle_noise_has_the_size_and_band_asked_for() -> None:
    record = synthesize_record(seed=2, noise_mv=0.05, wander_mv=0, duration_s=60)
    noise_mv = record.signal_mv - clean(seed=2, duration_s=60).signal_mv
    for lead in ("I", "II", "V1", "V6"):
        assert noise_mv[STANDARD_LEADS.index(lead)].std() == pytest.approx(0.05, rel=0.05)
    frequency_hz, power = welch(muscle_noise(np.random.default_rng(0), (1, 100_000), 1000)[0], 1000)
    at_hz = {hz: power[np.abs(frequency_hz - hz) < 5].mean() for hz in (55, 150, 450)}
    assert power[frequency_hz < 4].mean() < 0.1 * at_hz[55]
    assert at_hz[150] / at_hz[55] == pytest.approx(0.63, abs=0.1)
    assert at_hz[450] / at_hz[55] == pytest.approx(0.13, abs=0.04)
    assert muscle_noise(np.random.default_rng(0), (2, 1), 500).shape == (2, 1)


def test_wander_is_slow_and_of_the_size_asked_for() -> None:
    time_s = np.arange(0, 120, 0.01)
    wander = baseline_wander(np.random.default_rng(0), 400, time_s, 0.25)
    assert wander.std() == pytest.approx(1, rel=0.1)
    frequency_hz, power = welch(wander, 100, nperseg=6000)
    assert power[:, frequency_hz < 0.4].sum() > 0.99 * power.sum()


def test_mains_hum_stands_at_its_frequency() -> None:
    quiet, humming = (synthesize_record(seed=3, mains_mv=mains_mv, mains_hz=60) for mains_mv in (0, 0.1))
    spectrum = np.abs(np.fft.rfft((humming.signal_mv - quiet.signal_mv)[0]))
    assert np.fft.rfftfreq(5000, 1 / 500)[spectrum.argmax()] == 60


@pytest.mark.parametrize(
    "options",
    [{"duration_s": 0}, {"duration_s": np.nan}, {"sampling_rate_hz": -1}, {"heart_rate_bpm": 0}],
)
def test_nonsense_is_refused_by_name(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        synthesize_record(**options)


def test_a_recording_may_be_a_single_sample() -> None:
    assert synthesize_record(duration_s=0.001).signal_mv.shape == (12, 1)
