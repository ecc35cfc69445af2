"""Small questions asked of a sampled curve: where its peak lies between the samples, and where something holds."""

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
