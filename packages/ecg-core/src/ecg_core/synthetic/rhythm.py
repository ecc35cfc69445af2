"""When the heart beats: a sinus rhythm whose rate follows blood pressure and breath."""

from __future__ import annotations

import attrs
import numpy as np

MAYER_HZ = 0.1
BAND_WIDTH_HZ = 0.01
LOW_TO_HIGH_POWER = 0.5
RATE_SPREAD = 0.03
BREATHS_HZ = (0.2, 0.3)
WAVES_PER_BAND = 8


@attrs.frozen(kw_only=True, eq=False)
class Rhythm:
    """A heart rate that swings round its mean: ``mean + sum(amplitude * cos(2 pi frequency t + phase))``, in Hz.

    Attributes:
        mean_hz: beats a second.
        amplitudes_hz: of each swing, shape (swings,).
        frequencies_hz: of each swing, shape (swings,).
        phases: of each swing in radians, shape (swings,).
        first_phase: where in the cycle the recording begins, in radians; the R peak is at 0.
        breath_hz: centre of the respiratory band.
    """

    mean_hz: float
    amplitudes_hz: np.ndarray
    frequencies_hz: np.ndarray
    phases: np.ndarray
    first_phase: float
    breath_hz: float

    def rate_hz(self, time_s: np.ndarray) -> np.ndarray:
        """Instantaneous heart rate in beats a second, shape (samples,)."""
        swings = np.cos(2 * np.pi * np.outer(time_s, self.frequencies_hz) + self.phases)
        return self.mean_hz + swings @ self.amplitudes_hz

    def cardiac_phase(self, time_s: np.ndarray) -> np.ndarray:
        """The integral of the rate in radians, shape (samples,); a multiple of 2 pi at every R peak."""
        angle = 2 * np.pi * np.outer(time_s, self.frequencies_hz) + self.phases
        swings = (np.sin(angle) - np.sin(self.phases)) @ (self.amplitudes_hz / self.frequencies_hz)
        return self.first_phase + 2 * np.pi * self.mean_hz * time_s + swings


def draw_rhythm(rng: np.random.Generator, heart_rate_bpm: float) -> Rhythm:
    """A sinus rhythm with the bimodal spectrum of ECGSYN.

    Two Gaussian bands, Mayer waves at 0.1 Hz and respiratory arrhythmia at the breath's frequency, with half the
    power in the lower one, as in McSharry et al., "A dynamical model for generating synthetic electrocardiogram
    signals", IEEE Trans. Biomed. Eng. 50(3), 2003. Each band is a few sinusoids drawn from it, so that the phase of
    the heart has a closed form and does not depend on the sampling rate.
    """
    mean_hz = heart_rate_bpm / 60
    breath_hz = rng.uniform(*BREATHS_HZ)
    centres = np.repeat([MAYER_HZ, breath_hz], WAVES_PER_BAND)
    share = np.array([LOW_TO_HIGH_POWER, 1.0]) / (1 + LOW_TO_HIGH_POWER)
    power = (RATE_SPREAD * mean_hz) ** 2 * np.repeat(share / WAVES_PER_BAND, WAVES_PER_BAND)
    return Rhythm(
        mean_hz=mean_hz,
        amplitudes_hz=np.sqrt(2 * power),
        frequencies_hz=np.abs(rng.normal(centres, BAND_WIDTH_HZ)).clip(min=BAND_WIDTH_HZ),
        phases=rng.uniform(-np.pi, np.pi, len(centres)),
        first_phase=rng.uniform(-np.pi, np.pi),
        breath_hz=breath_hz,
    )
