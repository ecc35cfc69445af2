"""The path of a trace through the columns of a strip: the likeliest one that does not leap about.

A column alone cannot tell a trace from that of the next row where a tall complex of either crosses it. A path can: to
leap there and back costs more than the columns in between are worth, and so does to stay far from the row's own level.
"""

from __future__ import annotations

import numpy as np

CELL_ROWS, CELL_COLUMNS = 4, 2
"""The path is found in cells of so many rows and columns; within them the distribution says where the trace is."""

LEAP_COST = 0.1
"""Of a step of one cell up or down, in nats: a complex rises by some cells a column, a leap between rows is 60."""

AWAY_COST = 0.0133
"""Of a cell for each cell between it and the level: a complex is soon over, the level of the next row is not."""

FLOOR = 1e-4
"""Share that every cell has at least, so that no column is beyond doubt."""


def follow(shares: np.ndarray, level_px: float) -> tuple[np.ndarray, np.ndarray]:
    """The path, and how far beyond doubt it is.

    Args:
        shares: distribution over the rows of every column, float, shape (rows, columns).
        level_px: row at which the trace is most of the time, as far as it is known.

    Returns:
        For every column the row in the middle of the path's cell, float64, shape (columns,); and by how many nats any
        path that is a few cells away in this column is worse, the same shape.
    """
    shares_of_cells = _in_cells(shares)
    away = np.abs(np.arange(len(shares_of_cells)) - (level_px - (CELL_ROWS - 1) / 2) / CELL_ROWS)
    cost = AWAY_COST * away[:, None] - np.log(shares_of_cells + FLOOR)
    ahead, behind = _cheapest(cost), _cheapest(cost[:, ::-1])[:, ::-1]
    through = ahead + behind - cost
    cells = through.argmin(axis=0)
    margin = _margin(through, cells)
    columns = np.arange(shares.shape[1]) // CELL_COLUMNS
    return (cells * CELL_ROWS + (CELL_ROWS - 1) / 2)[columns], margin[columns]


def _in_cells(shares: np.ndarray) -> np.ndarray:
    """Shares of the cells: added up over their rows, mean over their columns; those at the edges may be smaller."""
    rows, columns = shares.shape
    padded = np.pad(shares, ((0, -rows % CELL_ROWS), (0, -columns % CELL_COLUMNS)), mode="edge")
    blocks = padded.reshape(padded.shape[0] // CELL_ROWS, CELL_ROWS, padded.shape[1] // CELL_COLUMNS, CELL_COLUMNS)
    return np.asarray(blocks.sum(axis=1).mean(axis=2))


def _cheapest(cost: np.ndarray) -> np.ndarray:
    """Cost of the cheapest path from the first column to every cell, shape of ``cost``."""
    slope = LEAP_COST * np.arange(len(cost))
    total = np.empty_like(cost)
    total[:, 0] = best = cost[:, 0]
    for column in range(1, cost.shape[1]):
        from_above = np.minimum.accumulate(best - slope) + slope
        from_below = np.minimum.accumulate((best + slope)[::-1])[::-1] - slope
        best = np.minimum(from_above, from_below) + cost[:, column]
        total[:, column] = best
    return total


def _margin(through: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """By how much the cheapest path at least three cells away costs more."""
    away = np.abs(np.arange(len(through))[:, None] - cells) >= 3
    others = np.where(away, through, np.inf).min(axis=0)
    return np.asarray(others - through.min(axis=0))
