"""Two sequences matched in order, as printed rows are with those of a layout."""

from __future__ import annotations

import numpy as np


def match_in_order(worth: np.ndarray) -> list[tuple[int, int]]:
    """Match the members of one sequence with those of another so that both stay in order and the sum is greatest.

    Args:
        worth: what each pair is worth, int, shape (rows, columns); neither sequence need be matched as a whole.

    Returns:
        The matched pairs of row and column, both rising.
    """
    rows, columns = worth.shape if worth.size else (0, 0)
    best = np.zeros((rows + 1, columns + 1), int)
    for row in range(rows):
        for column in range(columns):
            paired = best[row, column] + worth[row, column]
            best[row + 1, column + 1] = max(paired, best[row, column + 1], best[row + 1, column])
    pairs = []
    row, column = rows, columns
    while row and column:
        if best[row, column] == best[row - 1, column]:
            row -= 1
        elif best[row, column] == best[row, column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            pairs.append((row, column))
    return pairs[::-1]
