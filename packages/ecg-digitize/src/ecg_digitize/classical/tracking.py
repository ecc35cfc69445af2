"""Following one trace across the page: the cheapest chain of ink runs from left to right.

Dynamic programming over the runs of every column (a Viterbi search). A chain pays for columns without ink, for jumps
between runs that do not touch, and for straying from its row; a steep stroke is one tall run that touches its
neighbours and costs next to nothing.
"""

from __future__ import annotations

import attrs
import numpy as np
from scipy.ndimage import median_filter

from ecg_digitize.classical.rectify import PX_PER_MM
from ecg_digitize.classical.strokes import Runs

COST_PER_EMPTY_COLUMN = 1.0
COST_PER_JUMPED_PX = 0.3
COST_PER_SHIFTED_PX = 0.005
COST_PER_ROW_DISTANCE = 3.0
MAX_COST_OF_DISTANCE = 0.7
"""A column far from its row's baseline costs more than one on it, and less than an empty one: no summit is skipped."""
COST_OF_FAINT_INK = 0.3
COST_OF_THIN_INK = 0.8
COST_OF_SUSPECT_INK = 0.8
MAX_RUN_MM = 70.0
"""Ink taller than any QRS complex is a border or a fold."""
BASELINE_WINDOW_PX = 2 * round(10 * PX_PER_MM) + 1
REACH_RUNS = 240
"""How many of the latest runs a run may follow on; many columns' worth, so that gaps are bridged."""


@attrs.frozen(kw_only=True)
class Trace:
    """One row followed across the page; NaN where no ink was found.

    Attributes:
        top_px: float, shape (columns,), upper edge of the stroke.
        bottom_px: float, shape (columns,), lower edge.
        strength: float, shape (columns,), mean evidence of the stroke, 0 where there is none.
    """

    top_px: np.ndarray
    bottom_px: np.ndarray
    strength: np.ndarray

    @property
    def has_ink(self) -> np.ndarray:
        return np.isfinite(self.top_px)


def follow_row(runs: Runs, baseline_px: np.ndarray, row_distance_px: float, pen_px: float) -> Trace:
    """The trace of the row whose baseline lies at a height.

    Args:
        runs: ink of the page.
        baseline_px: float, shape (columns,), height at which the row's trace lies most of the time.
        row_distance_px: distance to the nearest other row; ink farther away is not considered.
        pen_px: thickness of the trace.
    """
    height = baseline_px[runs.column]
    stray = np.maximum(np.maximum(runs.top_px - height, height - runs.bottom_px), 0)
    near = runs.select((stray < row_distance_px) & (runs.height_px < MAX_RUN_MM * PX_PER_MM))
    return _trace(near, _cheapest_chain(near, _node_costs(near, baseline_px, row_distance_px, pen_px)))


def _node_costs(runs: Runs, baseline_px: np.ndarray, row_distance_px: float, pen_px: float) -> np.ndarray:
    """Cost of each run by itself: faint or thin ink, and the distance of its middle and nearest point from the row."""
    height = baseline_px[runs.column]
    nearest = np.clip(height, runs.top_px, runs.bottom_px)
    distance = (np.abs(nearest - height) + np.abs(runs.centre_px - height)) / 2
    astray = np.minimum(COST_PER_ROW_DISTANCE * distance / row_distance_px, MAX_COST_OF_DISTANCE)
    thin = np.maximum(1 - runs.height_px / pen_px, 0)
    doubts = COST_OF_FAINT_INK * (1 - runs.strength) + COST_OF_THIN_INK * thin + COST_OF_SUSPECT_INK * runs.is_suspect
    return doubts + astray


def _cheapest_chain(runs: Runs, node_costs: np.ndarray) -> list[int]:
    """Indices of the runs of the cheapest chain, left to right."""
    count = len(runs.column)
    total = np.empty(count)
    previous = np.full(count, -1)
    centre = runs.centre_px
    for column in np.unique(runs.column):
        first, last = runs.starts[column], runs.starts[column + 1]
        here = slice(first, last)
        total[here] = COST_PER_EMPTY_COLUMN * column + node_costs[here]
        if first == 0:
            continue
        back = slice(max(0, first - REACH_RUNS), first)
        cost = total[back] + _step_costs(runs, centre, here, back)
        best = cost.argmin(axis=1)
        through = cost[np.arange(last - first), best] + node_costs[here]
        better = through < total[here]
        total[here] = np.where(better, through, total[here])
        previous[here] = np.where(better, best + back.start, -1)
    return _walk_back(total - COST_PER_EMPTY_COLUMN * runs.column, previous)


def _step_costs(runs: Runs, centre: np.ndarray, here: slice, back: slice) -> np.ndarray:
    """Cost of each step from the runs of ``back`` to those of ``here``, shape (here, back)."""
    columns = runs.column[here, None] - runs.column[None, back]
    apart = np.maximum(
        runs.top_px[here, None] - runs.bottom_px[None, back], runs.top_px[None, back] - runs.bottom_px[here, None]
    )
    jumped = np.maximum(apart - columns, 0)
    shifted = np.abs(centre[here, None] - centre[None, back])
    return COST_PER_EMPTY_COLUMN * (columns - 1) + COST_PER_JUMPED_PX * jumped + COST_PER_SHIFTED_PX * shifted


def _walk_back(end_costs: np.ndarray, previous: np.ndarray) -> list[int]:
    chain = []
    index = int(end_costs.argmin()) if len(end_costs) else -1
    while index >= 0:
        chain.append(index)
        index = int(previous[index])
    return chain[::-1]


def _trace(runs: Runs, chain: list[int]) -> Trace:
    top, bottom = np.full((2, runs.num_columns), np.nan)
    strength = np.zeros(runs.num_columns)
    columns = runs.column[chain]
    top[columns], bottom[columns], strength[columns] = runs.top_px[chain], runs.bottom_px[chain], runs.strength[chain]
    return Trace(top_px=top, bottom_px=bottom, strength=strength)


def wandering_baseline(trace: Trace, fallback_px: float) -> np.ndarray:
    """The slow course of a trace, shape (columns,): a running median of its middle, which QRS complexes do not move."""
    inked = np.flatnonzero(trace.has_ink)
    if len(inked) < BASELINE_WINDOW_PX:
        return np.full(len(trace.top_px), fallback_px)
    middle = (trace.top_px[inked] + trace.bottom_px[inked]) / 2
    columns = np.arange(len(trace.top_px))
    return np.interp(columns, inked, median_filter(middle, BASELINE_WINDOW_PX, mode="nearest"))


def level_thickness_px(trace: Trace) -> float:
    """Thickness of a trace where it runs level: the lower quartile of its heights."""
    return float(np.nanquantile(trace.bottom_px - trace.top_px, 0.25)) if trace.has_ink.any() else float("nan")
