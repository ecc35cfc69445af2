"""Small questions asked of a sampled curve: where its peaks lie, also between samples, and where something holds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def parabola_top(
    before: np.ndarray | float, at: np.ndarray | float, after: np.ndarray | float, *, least_bend: float = 0.0
) -> np.ndarray:
    """Where the parabola through three values, one place apart, is highest, from the middle one.

    Args:
        before: the values one place before the middle ones; all three have one shape.
        at: the middle ones, the highest of the three.
        after: those one place behind.
        least_bend: a parabola that is flatter, or bends upwards, is taken to bend down by so much.

    Returns:
        From -0.5 to 0.5, of the shape of the values; 0 where the parabola does not bend down and ``least_bend`` is 0.
    """
    bend = np.minimum(np.asarray(before - 2 * at + after), -least_bend)
    top = np.divide(before - after, 2 * bend, out=np.zeros_like(bend), where=bend < 0)
    return top.clip(-0.5, 0.5)


def peaks_of(values: np.ndarray, *, apart: float = 1.0, least: float = -np.inf, prominence: float = 0.0) -> np.ndarray:
    """Places of the peaks of a curve, as `scipy.signal.find_peaks` has them, which takes most of a second to import.

    Args:
        values: shape (places,); its ends are no peaks.
        apart: of peaks that are nearer to each other the higher one counts.
        least: least height of a peak.
        prominence: how far one must go down from a peak, at least, on the way to a higher one or to an end.

    Returns:
        Their places in order, the middle one of several that are equally high.
    """
    firsts = np.concatenate(([0], 1 + np.flatnonzero(values[1:] != values[:-1])))
    lasts = np.append(firsts[1:], len(values)) - 1
    levels = values[firsts]
    is_top = np.zeros(len(firsts), bool)
    is_top[1:-1] = (levels[1:-1] > levels[:-2]) & (levels[1:-1] > levels[2:]) & (levels[1:-1] >= least)
    peaks = (firsts[is_top] + lasts[is_top]) // 2
    kept = np.ones(len(peaks), bool)
    for number in np.argsort(values[peaks])[::-1]:
        if kept[number]:
            kept[np.abs(peaks - peaks[number]) < np.ceil(apart)] = False
            kept[number] = True
    return np.array([peak for peak in peaks[kept] if _prominence(values, peak) >= prominence], int)


def _prominence(values: np.ndarray, peak: int) -> float:
    """How far one must go down from a peak on the way to a higher one, or to an end."""
    higher = np.flatnonzero(values > values[peak])
    after = int(np.searchsorted(higher, peak))
    first = higher[after - 1] + 1 if after else 0
    stop = higher[after] if after < len(higher) else len(values)
    return float(values[peak] - max(values[first : peak + 1].min(), values[peak:stop].min()))


def runs_of(there: np.ndarray) -> np.ndarray:
    """First place of every run of true values, and the one after its last, shape (runs, 2).

    Args:
        there: bool, shape (places,).
    """
    padded = np.concatenate(([False], there, [False]))
    return np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)


def finite_runs(lead: np.ndarray) -> Iterator[tuple[int, int]]:
    """Start and stop of each run of finite samples of a 1-D array, in order."""
    starts, stops = runs_of(np.isfinite(lead)).T.tolist()
    return zip(starts, stops, strict=True)
