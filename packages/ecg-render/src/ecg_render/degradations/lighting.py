"""Fields of light over a picture, for `shine`: factors of the brightness at the nodes of `coarse_nodes`."""

from __future__ import annotations

import cv2
import numpy as np

from ecg_render.degradations.coarse import coarse_nodes


def corner_light(width_px: int, height_px: int, corners: np.ndarray) -> np.ndarray:
    """Light that changes evenly from corner to corner.

    Args:
        width_px: of the picture.
        height_px: of the picture.
        corners: factors at top left and right, and at bottom left and right, shape (2, 2) or (2, 2, 3).

    Returns:
        Shape (rows, columns) or (rows, columns, 3).
    """
    corners = corners.astype(np.float32)
    x, y = relative_nodes(width_px, height_px)
    if corners.ndim == 3:
        x, y = x[..., None], y[..., None]
    return (corners[0, 0] * (1 - x) + corners[0, 1] * x) * (1 - y) + (corners[1, 0] * (1 - x) + corners[1, 1] * x) * y


def spot_light(
    width_px: int, height_px: int, centre: tuple[float, float], radius: float, strength: float
) -> np.ndarray:
    """Light with a bright (or, below 0, dark) spot, shape (rows, columns).

    Args:
        width_px: of the picture.
        height_px: of the picture.
        centre: x and y as shares of width and height.
        radius: where three fifths of it are left, as a share of the width.
        strength: how much more light there is in the centre.
    """
    x, y = relative_nodes(width_px, height_px)
    squared = (x - centre[0]) ** 2 + ((y - centre[1]) * height_px / width_px) ** 2
    return 1 + strength * np.exp(-squared / (2 * radius**2))


def shadow_light(width_px: int, height_px: int, outline: np.ndarray, softness: float, strength: float) -> np.ndarray:
    """Light that something keeps off, shape (rows, columns).

    Args:
        width_px: of the picture.
        height_px: of the picture.
        outline: corners of its shadow as shares of width and height, shape (corners, 2).
        softness: width of the shadow's edge as a share of the picture's width.
        strength: share of the light that is missing inside.
    """
    rows, columns = coarse_nodes(width_px, height_px).shape[:2]
    inside = np.zeros((rows, columns), np.float32)
    cv2.fillPoly(inside, [np.rint(outline * (columns - 1, rows - 1)).astype(np.int32)], 1.0)
    return 1 - strength * cv2.GaussianBlur(inside, (0, 0), max(softness * columns / 2, 0.5))


def relative_nodes(width_px: int, height_px: int) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the coarse nodes as shares of width and height, each of shape (rows, columns)."""
    nodes = ((coarse_nodes(width_px, height_px) + 0.5) / (width_px, height_px)).astype(np.float32)
    return nodes[..., 0], nodes[..., 1]
