"""Signals to scalograms: a continuous wavelet transform, low frequencies seen broadly and high ones sharply in time.

The wavelet is Morlet's, computed in the frequency domain as by Torrence and Compo 1998, "A practical guide to wavelet
analysis", Bulletin of the American Meteorological Society 79:61-78.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ecg_diffusion.images import SIDE_PX

CYCLES = 6.0
"""Frequency of the wavelet times its scale, in radians."""


def scalogram(
    signal: np.ndarray, rate_hz: float, *, lowest_hz: float, highest_hz: float, range_db: float = 40.0
) -> np.ndarray:
    """Compute the levels of a signal by frequency and time.

    Args:
        signal: shape (samples,), without gaps.
        rate_hz: samples a second.
        lowest_hz, highest_hz: frequencies of the lowest and the highest row; rows between rise by one factor.
        range_db: levels below the greatest that are still told apart.

    Returns:
        float64 from 0 to 1, shape (256, 256): the highest frequency first; 0 everywhere where the signal is level.
    """
    frequencies = np.geomspace(highest_hz, lowest_hz, SIDE_PX)
    level = amplitudes(signal - signal.mean(), rate_hz, frequencies)
    edges = np.linspace(0, level.shape[1], SIDE_PX + 1).round().astype(int)
    columns = np.stack([level[:, first:last].mean(axis=1) for first, last in pairwise(edges)], axis=1)
    greatest = columns.max()
    if greatest <= 0:
        return np.zeros((SIDE_PX, SIDE_PX))
    return np.clip(20 * np.log10(np.maximum(columns / greatest, 1e-12)) / range_db + 1, 0, 1)


def amplitudes(signal: np.ndarray, rate_hz: float, frequencies: np.ndarray) -> np.ndarray:
    """Compute the amplitude of the oscillation at each frequency and sample, in the unit of the signal.

    Returns:
        float64, shape (frequencies, samples); a sine has its amplitude at its own frequency.
    """
    length = len(signal)
    mirrored = np.concatenate((signal, signal[::-1]))  # so that neither end is a step
    spectrum = np.fft.fft(mirrored)
    angular = 2 * np.pi * np.fft.fftfreq(len(mirrored), 1 / rate_hz)
    scales = CYCLES / (2 * np.pi * np.asarray(frequencies))
    window = 2 * np.exp(-0.5 * (scales[:, None] * angular - CYCLES) ** 2) * (angular > 0)
    return np.abs(np.fft.ifft(spectrum * window, axis=1))[:, :length]
