"""Square pieces of pages and of other pictures."""

from __future__ import annotations

import numpy as np

from ecg_core.paper import LARGE_BOX_MM
from ecg_render.page import Page

BOXES_AROUND = 4


def crop_around(page: Page, centre_px: tuple[float, float], side_mm: float) -> np.ndarray:
    """A square piece of a page, ``side_mm`` of paper wide, moved inwards where it would stand over the edge."""
    return square(page.image, centre_px, round(side_mm * local_px_per_mm(page, centre_px)))


def local_px_per_mm(page: Page, at_px: tuple[float, float]) -> float:
    """Pixels a millimetre of paper as the picture shows it around a place, from the large boxes nearby."""
    points = page.grid_points_px
    distances = np.linalg.norm(points - np.asarray(at_px), axis=-1)
    row, column = np.unravel_index(np.argmin(distances), distances.shape)
    first_row, first_column = max(0, row - BOXES_AROUND), max(0, column - BOXES_AROUND)
    nearby = points[first_row : row + BOXES_AROUND + 1, first_column : column + BOXES_AROUND + 1]
    sides = [np.linalg.norm(np.diff(nearby, axis=axis), axis=-1).ravel() for axis in (0, 1)]
    return float(np.median(np.concatenate(sides))) / LARGE_BOX_MM


def square(image: np.ndarray, centre_px: tuple[float, float], side_px: int) -> np.ndarray:
    """A square piece of a picture around a place, moved inwards where it would stand over the edge.

    Args:
        image: shape (height, width, ...).
        centre_px: its middle, x and y.
        side_px: its side.

    Returns:
        Shape (side, side, ...), less where the picture is smaller.
    """
    height, width = image.shape[:2]
    left, top = (
        int(np.clip(round(middle - side_px / 2), 0, max(0, extent - side_px)))
        for middle, extent in zip(centre_px, (width, height), strict=True)
    )
    return image[top : top + side_px, left : left + side_px]
