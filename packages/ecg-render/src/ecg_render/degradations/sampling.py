"""Values between the samples of a table."""

from __future__ import annotations

import cv2
import numpy as np

POINTS_A_ROW = 256
"""Points are looked up as a picture of this width: OpenCV takes none that is as high as there are points."""


def look_up(table: np.ndarray, column: np.ndarray, row: np.ndarray | float) -> np.ndarray:
    """Values between the samples of a table, linear; beyond its edges those at the edge.

    Args:
        table: float32, shape (rows, columns, channels) with at most four channels.
        column: places in the table, shape (points,).
        row: the same; one figure stands for all.

    Returns:
        float32, shape (points, channels).
    """
    shape = -(-len(column) // POINTS_A_ROW), POINTS_A_ROW
    x, y = np.zeros((2, shape[0] * shape[1]), np.float32)
    x[: len(column)], y[: len(column)] = column, row
    values = cv2.remap(table, x.reshape(shape), y.reshape(shape), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return values.reshape(-1, table.shape[2])[: len(column)]
