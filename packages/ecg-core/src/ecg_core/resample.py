"""Change of sampling rate that respects gaps."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

MAX_RATIO_TERM = 10_000


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
        ValueError: the rates differ by a factor of more than 10 000.
    """
    ratio = Fraction(to_hz / from_hz).limit_denominator(MAX_RATIO_TERM)
    if not 0 < ratio <= MAX_RATIO_TERM:
        raise ValueError(f"cannot resample from {from_hz} Hz to {to_hz} Hz: the rates are too far apart")
    resampled = np.full((len(signal), round(signal.shape[-1] * to_hz / from_hz)), np.nan, np.float32)
    for row, lead in zip(resampled, signal, strict=True):
        for start, stop in finite_runs(lead):
            _resample_run(lead[start:stop].astype(np.float64), start, ratio, row)
    return resampled


def finite_runs(lead: np.ndarray) -> Iterator[tuple[int, int]]:
    """Start and stop of each run of finite samples of a 1-D array, in order."""
    finite = np.concatenate(([False], np.isfinite(lead), [False]))
    edges = np.flatnonzero(finite[1:] != finite[:-1])
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _resample_run(run: np.ndarray, start: int, ratio: Fraction, out: np.ndarray) -> None:
    """Write a resampled run into ``out``, with its samples at the instants they were recorded at.

    Old and new samples coincide at multiples of the ratio's denominator, so the run is continued to the left as far
    as the last of those before it. It is continued at both ends by the line through its ends, which is taken off
    before the filter and put back after it.
    """
    from scipy.signal import resample_poly

    up, down = ratio.numerator, ratio.denominator
    lead_in = start % down
    slope = (run[-1] - run[0]) / max(len(run) - 1, 1)
    level = run - (run[0] + slope * np.arange(len(run)))
    dense = resample_poly(np.concatenate((np.zeros(lead_in), level)), up, down)
    origin = (start - lead_in) // down * up
    first, last = _ceil(start * ratio), min(len(out), _ceil((start + len(run)) * ratio))
    line = run[0] + slope * (np.arange(first, last) / float(ratio) - start)
    out[first:last] = dense[first - origin : last - origin] + line


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
