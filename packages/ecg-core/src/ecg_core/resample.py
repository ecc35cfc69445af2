"""Change of sampling rate that respects gaps."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

MAX_RATIO_TERM = 10_000


def resample_signal(signal: np.ndarray, from_hz: float, to_hz: float) -> np.ndarray:
    """Resample along the last axis by a polyphase filter; every run between gaps (NaN) by itself.

    Args:
        signal: float, shape (leads, samples); NaN marks a gap.
        from_hz: rate of ``signal``.
        to_hz: rate asked for.

    Returns:
        float32, shape (leads, round(samples * to_hz / from_hz)).
    """
    ratio = Fraction(to_hz / from_hz).limit_denominator(MAX_RATIO_TERM)
    num_out = round(signal.shape[-1] * to_hz / from_hz)
    resampled = np.full((len(signal), num_out), np.nan, np.float32)
    for row, lead in zip(resampled, signal, strict=True):
        for start, stop in finite_runs(lead):
            _resample_run(lead[start:stop], start, ratio, row)
    return resampled


def finite_runs(lead: np.ndarray) -> Iterator[tuple[int, int]]:
    """Start and stop of each run of finite samples of a 1-D array, in order."""
    finite = np.concatenate(([False], np.isfinite(lead), [False]))
    edges = np.flatnonzero(finite[1:] != finite[:-1])
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _resample_run(run: np.ndarray, start: int, ratio: Fraction, out: np.ndarray) -> None:
    """Write a resampled run into ``out``, with its samples at the instants they were recorded at.

    The first output sample at or after the run's start seldom coincides with an input sample, so the run is
    resampled from its own first sample and then shifted by the fraction that is left.
    """
    from scipy.signal import resample_poly

    if len(run) == 1:
        index = round(start * ratio)
        out[index : index + 1] = run
        return
    dense = resample_poly(run.astype(np.float64), ratio.numerator, ratio.denominator, padtype="line")
    first = -((-start * ratio.numerator) // ratio.denominator)
    last = min(len(out), -((-(start + len(run)) * ratio.numerator) // ratio.denominator))
    position = np.arange(first, last) - float(start * ratio)
    out[first:last] = np.interp(position, np.arange(len(dense)), dense)
