"""What a recording picks up besides the heart: muscle, breath and mains."""

from __future__ import annotations

import numpy as np

MUSCLE_BAND_HZ = (20.0, 150.0)
DRIFT_HZ = (0.04, 0.12)
BREATH_SHARE = 0.64
_SHORTEST = 256


def muscle_noise(rng: np.random.Generator, shape: tuple[int, int], sampling_rate_hz: float) -> np.ndarray:
    """Noise with a root mean square of about 1 and the band of a surface electromyogram, shape (leads, samples).

    White noise through a first-order high pass at 20 Hz and a first-order low pass at 150 Hz.
    """
    num_leads, num_samples = shape
    length = max(num_samples, _SHORTEST)
    frequency = np.fft.rfftfreq(length, 1 / sampling_rate_hz)
    low, high = frequency / MUSCLE_BAND_HZ[0], frequency / MUSCLE_BAND_HZ[1]
    gain = low / np.sqrt((1 + low**2) * (1 + high**2))
    spectrum = np.fft.rfft(rng.standard_normal((num_leads, length))) * gain / np.sqrt(np.mean(gain**2))
    return np.fft.irfft(spectrum, length)[:, :num_samples]


def baseline_wander(rng: np.random.Generator, num_leads: int, time_s: np.ndarray, breath_hz: float) -> np.ndarray:
    """Drift with a root mean square of about 1, shape (leads, samples).

    Breath moves all leads together, each by its own factor; a slower drift of the electrodes is each lead's own.
    """
    breath = np.sqrt(2 * BREATH_SHARE) * np.sin(2 * np.pi * breath_hz * time_s + rng.uniform(-np.pi, np.pi))
    drift_hz = rng.uniform(*DRIFT_HZ, (num_leads, 1))
    phases = rng.uniform(-np.pi, np.pi, (num_leads, 1))
    drift = np.sqrt(2 * (1 - BREATH_SHARE)) * np.sin(2 * np.pi * drift_hz * time_s + phases)
    return rng.standard_normal((num_leads, 1)) * breath + drift


def mains_hum(rng: np.random.Generator, num_leads: int, time_s: np.ndarray, mains_hz: float) -> np.ndarray:
    """Hum with a root mean square of about 1, in phase in all leads, shape (leads, samples)."""
    hum = np.sqrt(2) * np.sin(2 * np.pi * mains_hz * time_s + rng.uniform(-np.pi, np.pi))
    return rng.standard_normal((num_leads, 1)) * hum
