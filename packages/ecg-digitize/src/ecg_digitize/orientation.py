"""The eight ways in which a page may lie in a picture: turned by quarters, and mirrored or not."""

from __future__ import annotations

import numpy as np

NUM_ORIENTATIONS = 8
QUARTERS = 4


def oriented(image: np.ndarray, orientation: int) -> np.ndarray:
    """An upright picture as it looks in an orientation: mirrored for 4 to 7, then turned counterclockwise by quarters.

    Args:
        image: shape (height, width) or (height, width, channels).
        orientation: 0 to 7; 0 is upright.
    """
    mirrored, quarters = divmod(orientation, QUARTERS)
    return np.ascontiguousarray(np.rot90(image[:, ::-1] if mirrored else image, quarters))


def upright(image: np.ndarray, orientation: int) -> np.ndarray:
    """The reverse of `oriented`."""
    mirrored, quarters = divmod(orientation, QUARTERS)
    turned = np.rot90(image, -quarters)
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)


def points_as_they_lay(points: np.ndarray, orientation: int, upright_size: tuple[int, int]) -> np.ndarray:
    """Points of an upright picture in the picture as it lay.

    Args:
        points: shape (n, 2): x and y; the centre of the first pixel is (0, 0).
        orientation: how it lay, 0 to 7.
        upright_size: width and height of the upright picture.
    """
    mirrored, quarters = divmod(orientation, QUARTERS)
    width, height = upright_size
    x, y = np.asarray(points, float).T
    if mirrored:
        x = width - 1 - x
    for _ in range(quarters):
        x, y = y, width - 1 - x
        width, height = height, width
    return np.stack((x, y), axis=1)
