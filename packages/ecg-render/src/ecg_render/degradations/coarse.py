"""Smooth fields over a picture, worked out on a coarse grid and enlarged: light, and where pixels come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np

STEP_PX = 8
"""Pixels from one node of the coarse grid to the next."""

STRIP_PX = 16 * STEP_PX
"""Rows worked on at a time: few enough to stay in the processor's cache, and many beside those shared with the next."""

LIGHT_LEVELS = 200
"""Level of a byte that stands for all of the light; the rest is head room for what is lit more brightly."""


def coarse_nodes(width_px: int, height_px: int) -> np.ndarray:
    """The places of the nodes in a picture, with one row and column of them beyond each edge.

    Returns:
        float64, shape (rows, columns, 2): x and y in pixels.
    """
    x_px, y_px = (
        np.arange(-1, -(-length // STEP_PX) + 1) * STEP_PX + (STEP_PX - 1) / 2 for length in (width_px, height_px)
    )
    return np.stack(np.meshgrid(x_px, y_px), axis=-1)


def enlarge(field: np.ndarray, width_px: int, height_px: int) -> np.ndarray:
    """Values at every pixel, between the nodes by linear interpolation.

    Args:
        field: uint8 or float32, shape (rows, columns) or (rows, columns, channels), at the nodes of `coarse_nodes`.
        width_px: of the picture.
        height_px: of the picture.
    """
    full = cv2.resize(field, None, fx=STEP_PX, fy=STEP_PX, interpolation=cv2.INTER_LINEAR)
    return full[STEP_PX : STEP_PX + height_px, STEP_PX : STEP_PX + width_px]


def shine(image: np.ndarray, light: np.ndarray) -> np.ndarray:
    """A picture in other light.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        light: factor of the brightness from 0 to 1.27, at the nodes of `coarse_nodes`, shape (rows, columns) or
            (rows, columns, 3).
    """
    height, width = image.shape[:2]
    channels = light[..., None] if light.ndim == 2 else light
    levels = np.rint(LIGHT_LEVELS * channels.clip(0, 255 / LIGHT_LEVELS)).astype(np.uint8)
    full = enlarge(np.ascontiguousarray(np.broadcast_to(levels, (*levels.shape[:2], 3))), width, height)
    return cv2.multiply(image, full, scale=1 / LIGHT_LEVELS)


def strips(height_px: int) -> Iterator[tuple[slice, slice]]:
    """Strips of a picture from the top: the rows of each, and those of the coarse nodes that it needs."""
    for top in range(0, height_px, STRIP_PX):
        yield slice(top, min(top + STRIP_PX, height_px)), slice(top // STEP_PX, (top + STRIP_PX) // STEP_PX + 2)


def in_strips(image: np.ndarray, change: Callable[[np.ndarray], np.ndarray], *, reach_px: int) -> np.ndarray:
    """A picture changed strip by strip, which spares memory and time.

    Args:
        image: uint8, shape (height, width, 3).
        change: takes some rows and gives as many back.
        reach_px: from how many rows off a row is influenced; so many are shown to ``change`` on either side.
    """
    changed = np.empty_like(image)
    for strip, _nodes in strips(len(image)):
        before = min(reach_px, strip.start)
        seen = change(image[strip.start - before : strip.stop + reach_px])
        changed[strip] = seen[before : before + strip.stop - strip.start]
    return changed
