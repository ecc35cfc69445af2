"""Change of sampling rate that respects gaps."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ecg_core.curves import finite_runs

MAX_RATIO_TERM = 10_000
MAX_FINER = 100
"""How many samples one may become: a rate of less than 5 Hz is none of an ECG, and the filter would not end."""


def resample_signal(signal: np.ndarray, from_hz: float, to_hz: float) -> np.ndarray:
    """Resample along the last axis by an anti-aliased polyphase filter; every run between gaps (NaN) by itself.

    Sample ``k`` stands at ``k / rate`` before and after. A run covers as much time after as before: what comes after
    its last sample and before the next old one continues the line through its ends.

    Args:
        signal: float, shape (leads, samples); NaN marks a gap.
        from_hz: rate of ``signal``.
        to_hz: rate asked for; the ratio of the rates is taken as one of whole numbers up to 10 000.

    Returns:
        float32, shape (leads, round(samples * to_hz / from_hz)).

    Raises:
        ValueError: the rate asked for is 10 000 times lower, or 100 times higher.
    """
    ratio = Fraction(to_hz / from_hz).limit_denominator(MAX_RATIO_TERM)
    if not 0 < ratio <= MAX_FINER:
        raise ValueError(f"cannot resample from {from_hz:g} Hz to {to_hz:g} Hz: the rates are too far apart")
    resampled = np.full((len(signal), round(signal.shape[-1] * to_hz / from_hz)), np.nan, np.float32)
    for (start, stop), leads in _leads_of_runs(signal).items():
        first, values = _resample_run(signal[leads, start:stop].astype(np.float64), start, ratio)
        values = values[:, : resampled.shape[1] - first]
        resampled[leads, first : first + values.shape[1]] = values
    return resampled


def _leads_of_runs(signal: np.ndarray) -> dict[tuple[int, int], list[int]]:
    """The leads that have each run, so that leads with the same gaps, mostly all of them, are filtered together."""
    leads: dict[tuple[int, int], list[int]] = {}
    for number, lead in enumerate(signal):
        for run in finite_runs(lead):
            leads.setdefault(run, []).append(number)
    return leads


def _resample_run(run: np.ndarray, start: int, ratio: Fraction) -> tuple[int, np.ndarray]:
    """A resampled run of some leads, shape (leads, samples), and the number of its first new sample.

    Old and new samples coincide at multiples of the ratio's denominator, so the run is continued to the left as far
    as the last of those before it. It is continued at both ends by the line through its ends, which is taken off
    before the filter and put back after it.
    """
    from scipy.signal import resample_poly

    up, down = ratio.numerator, ratio.denominator
    lead_in, length = start % down, run.shape[1]
    begin = run[:, :1]
    slope = (run[:, -1:] - begin) / max(length - 1, 1)
    level = run - (begin + slope * np.arange(length))
    dense = resample_poly(np.pad(level, ((0, 0), (lead_in, 0))), up, down, axis=1)
    origin = (start - lead_in) // down * up
    first, last = _ceil(start * ratio), _ceil((start + length) * ratio)
    line = begin + slope * (np.arange(first, last) / float(ratio) - start)
    return first, np.asarray(dense[:, first - origin : last - origin] + line)


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
