"""The path of a trace through the columns of a strip: the likeliest one that does not leap about.

A column alone cannot tell a trace from that of the next row where a tall complex of either crosses it. A path can: to
leap there and back costs more than the columns in between are worth, and so does to stay far from the row's own level.
"""

from __future__ import annotations

import numpy as np

CELL_ROWS = 4
"""The path is found in cells of so many rows; within them the distribution says where the trace is."""

USUAL_PX = 204.0
"""Distance of the rows of most pages. Costs are greater where rows are closer, so that to leap to the next one, and to
stay there, costs as much on every page."""

LEAP_COST = 0.05
"""Cost of a step of one cell up or down, in nats, at the usual distance of rows: a complex rises by some cells a
column, a leap between rows is 50."""

AWAY_COST = 0.0133
"""Cost of each cell between a cell and the level, in nats, at the usual distance of rows: a complex is soon over, the
level of the next row is not."""

FLOOR = 1e-4
"""Share that every cell has at least, so that no column is beyond doubt."""

DISTINCT_CELLS = 3
"""Paths that are so far from each other in a column are two."""


def follow(shares: np.ndarray, level_px: float, apart_px: float = USUAL_PX) -> tuple[np.ndarray, np.ndarray]:
    """The paths, and how far beyond doubt they are.

    Args:
        shares: distribution over the rows of every column of some strips, float, shape (strips, rows, columns); what a
            column lacks of 1 may be anywhere.
        level_px: row at which a trace is most of the time, as far as it is known.
        apart_px: distance of the rows of the page.

    Returns:
        For every column the row in the middle of the path's cell, float64, shape (strips, columns); and by how many
        nats any path that is a few cells away in this column is worse, the same shape.
    """
    dearer = max(USUAL_PX / apart_px, 1.0)
    shares_of_cells = _in_cells(shares)
    away = np.abs(np.arange(shares_of_cells.shape[1]) - (level_px - (CELL_ROWS - 1) / 2) / CELL_ROWS)
    afar = (dearer * AWAY_COST * away[:, None]).astype(shares.dtype)
    cost = np.moveaxis(afar - np.log(shares_of_cells + FLOOR), -1, 0)
    both_ways = _cheapest(np.concatenate((cost, cost[::-1]), axis=1), dearer * LEAP_COST)
    num_strips = len(shares)
    through = both_ways[:, :num_strips] + both_ways[::-1, num_strips:] - cost
    cells = through.argmin(axis=-1)
    rows = cells * CELL_ROWS + (CELL_ROWS - 1) / 2
    return rows.T, _margin(through, cells).T


def _in_cells(shares: np.ndarray) -> np.ndarray:
    """Shares of the cells, shape (strips, cells, columns); the last one may have fewer rows."""
    cells = np.add.reduceat(shares, np.arange(0, shares.shape[1], CELL_ROWS), axis=1)
    lacking = 1 - cells.sum(axis=1, keepdims=True)
    return np.asarray(cells + np.maximum(lacking, 0) / cells.shape[1])


def _cheapest(cost: np.ndarray, leap_cost: float) -> np.ndarray:
    """Cost of the cheapest path from the first column to every cell, shape (columns, paths, cells) as of ``cost``.

    All are less what is common to the cells of a column, which decides nothing and would grow with the length.
    """
    slope = (leap_cost * np.arange(cost.shape[-1])).astype(cost.dtype)
    total = np.empty_like(cost)
    best = np.zeros_like(cost[0])
    leaps = np.empty((2, *best.shape), cost.dtype)  # from cells above; and from below, upside down
    for column, own in enumerate(cost):
        np.subtract(best, slope, out=leaps[0])
        np.subtract(best[:, ::-1], slope, out=leaps[1])
        np.minimum.accumulate(leaps, axis=-1, out=leaps)
        leaps += slope
        best = np.minimum(leaps[0], leaps[1, :, ::-1], out=total[column])
        best += own
        best -= best.min(axis=-1, keepdims=True)
    return total


def _margin(through: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The amount by which the cheapest path that is another one costs more."""
    others = through.copy()
    near = cells[..., None] + np.arange(1 - DISTINCT_CELLS, DISTINCT_CELLS)
    np.put_along_axis(others, near.clip(0, through.shape[-1] - 1), np.inf, axis=-1)
    return np.asarray(others.min(axis=-1) - through.min(axis=-1))
