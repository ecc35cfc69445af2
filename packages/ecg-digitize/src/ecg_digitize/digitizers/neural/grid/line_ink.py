"""Ink of traces without the lines of the grid, of which a network takes some for traces where they are dark."""

from __future__ import annotations

import cv2
import numpy as np

BOXES_AROUND = 5
"""So many boxes across and down are looked at: a line is there in most of them, a trace in few."""

SWAY_PX = 1
"""A line may lie so far beside the place that it has in most boxes."""


def without_lines(trace: np.ndarray, px_per_box: int) -> np.ndarray:
    """The ink less what of it returns at the same place of most boxes around.

    Args:
        trace: ink of traces on flat paper, float32 from 0 to 1, shape (height, width); boxes begin at its corner.
        px_per_box: side of a box.
    """
    rows, columns = (length // px_per_box for length in trace.shape)
    if min(rows, columns) < BOXES_AROUND:
        return trace
    whole = np.rint(255 * trace[: rows * px_per_box, : columns * px_per_box]).astype(np.uint8)
    places = whole.reshape(rows, px_per_box, columns, px_per_box).transpose(1, 3, 0, 2).reshape(-1, rows, columns)
    usual = np.stack([cv2.medianBlur(np.ascontiguousarray(place), BOXES_AROUND) for place in places])
    lines = usual.reshape(px_per_box, px_per_box, rows, columns).transpose(2, 0, 3, 1).reshape(whole.shape)
    near = np.ones((2 * SWAY_PX + 1,) * 2, np.uint8)
    left = np.array(trace)
    left[: rows * px_per_box, : columns * px_per_box] -= cv2.dilate(np.ascontiguousarray(lines), near) / np.float32(255)
    return left.clip(0.0, 1.0)
