"""The height of 0 mV in every row."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

SAME_BASE_MM = 1.0
OWN_PULSE_MM = 12.0
"""So far from the usual height of its row a pulse's base may be where every row has a pulse of its own."""
ODD_PULSE_MM = 2.5
"""And so far where only some have one: it may stand in the margin, anywhere."""

MIDDLE, OFF_MIDDLE, LEAST_ROWS = 0.5, 0.2, 3
"""Traces of so many rows that lie so high above the feet of their pulses, in parts of these, lie at their middle."""


@attrs.frozen
class Zero:
    """Height of 0 mV in a row.

    Attributes:
        height_px: on the page's picture.
        is_by_pulse: whether a pulse of the row tells it, and not where its traces mostly lie.
    """

    height_px: float
    is_by_pulse: bool


def zero_lines(
    levels_px: Sequence[float], bases_px: Sequence[float], marks_px: Sequence[float], *, px_per_mm: float
) -> tuple[Zero, ...]:
    """Height of 0 mV in every row: the base of its pulse, else where its traces are half of the time below.

    Rows of one strip have their zero equally far from what is printed beside each of them, so that none is moved
    against the others by its own wandering.

    Args:
        levels_px: usual height of the traces of every row, from top to bottom.
        bases_px: heights of the bases of all pulses.
        marks_px: heights of what is printed equally high beside every row of a strip; empty where there is none.
        px_per_mm: pixels a millimetre.
    """
    bases = np.sort(np.array(bases_px, float))
    if len(bases):
        groups = np.split(bases, np.flatnonzero(np.diff(bases) > SAME_BASE_MM * px_per_mm) + 1)
        bases = np.array([np.median(group) for group in groups])
    levels = np.array(levels_px, float)
    if len(bases) == len(levels) and (np.abs(bases - levels) <= OWN_PULSE_MM * px_per_mm).all():
        return tuple(Zero(float(base), True) for base in bases)
    if len(marks_px) == len(levels):
        levels = np.array(marks_px, float) + np.median(levels - np.array(marks_px, float))
    return tuple(_nearest(bases, level, ODD_PULSE_MM * px_per_mm) for level in levels)


def pulse_zeros_px(
    levels_px: Sequence[float], bases_px: Sequence[float], heights_px: Sequence[float], *, px_per_mm: float
) -> list[float]:
    """Where each pulse has 0 mV: at its foot, or at its middle where some programs draw it half below zero.

    The traces of most rows lie near 0 mV; no heart lifts all of them by half a millivolt.

    Args:
        levels_px: usual height of the traces of every row.
        bases_px: heights of the feet of the pulses.
        heights_px: how tall they are.
        px_per_mm: pixels a millimetre.
    """
    bases, heights = np.array(bases_px, float), np.array(heights_px, float)
    above = []
    for level in levels_px if len(bases) else ():
        nearest = int(np.abs(bases - level).argmin())
        if abs(bases[nearest] - level) <= OWN_PULSE_MM * px_per_mm:
            above.append((bases[nearest] - level) / heights[nearest])
    parts = np.array(above)
    is_middle = len(parts) >= LEAST_ROWS and (np.abs(parts - MIDDLE) <= OFF_MIDDLE).all()
    return [float(zero) for zero in (bases - MIDDLE * heights if is_middle else bases)]


def _nearest(bases: np.ndarray, level: float, reach: float) -> Zero:
    best = float(bases[np.abs(bases - level).argmin()]) if len(bases) else np.inf
    return Zero(best, True) if abs(best - level) <= reach else Zero(float(level), False)
