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
