"""Many pictures arranged in one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

GAP_PX = 4
WHITE = 255


def grid(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Arrange rows of pictures of one size, with white between them.

    Args:
        rows: uint8, each of the shape (pictures, height, width, 3); shorter ones end in white.

    Returns:
        uint8 RGB, one picture.
    """
    height, width = rows[0].shape[1:3]
    columns = max(len(row) for row in rows)
    page = np.full((len(rows) * (height + GAP_PX) - GAP_PX, columns * (width + GAP_PX) - GAP_PX, 3), WHITE, np.uint8)
    for down, row in enumerate(rows):
        for across, picture in enumerate(row):
            top, left = down * (height + GAP_PX), across * (width + GAP_PX)
            page[top : top + height, left : left + width] = picture
    return page
