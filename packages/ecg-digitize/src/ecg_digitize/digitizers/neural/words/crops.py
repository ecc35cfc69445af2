"""Pieces of flat paper about printed words, as the reader takes them: of one size, with letters about equally high."""

from __future__ import annotations

import numpy as np

from ecg_digitize.digitizers.neural.grid.mesh import Mesh

SIZE_PX = (160, 32)
"""Width and height of a crop; of any height and width that are multiples of 32 the network takes pictures."""

LETTER_PX = 13.0
"""How high capital letters and digits are in a crop."""

ANCHOR_PX = (48.0, 16.0)
"""Where the middle of what is to be read stands: of a name, or of a number whose unit follows it. Other words that a
crop shows are not read."""


def take_crop(
    image: np.ndarray,
    mesh: Mesh,
    middle: tuple[float, float],
    letter_boxes: float,
    *,
    size_px: tuple[int, int] = SIZE_PX,
    anchor_px: tuple[float, float] = ANCHOR_PX,
    letter_px: float = LETTER_PX,
) -> np.ndarray:
    """A crop about a word: uint8 RGB, shape (height, width, 3).

    Args:
        image: the picture, uint8 RGB.
        mesh: of its grid, upright.
        middle: lattice column and row of the middle of what is to be read.
        letter_boxes: how high its letters are, in large boxes.
        size_px: width and height of the crop.
        anchor_px: where the middle is to be in it.
        letter_px: how high letters are to be in it.
    """
    px_per_box = letter_px / letter_boxes
    column, row = np.subtract(middle, np.divide(anchor_px, px_per_box))
    return mesh.flatten(image, px_per_box=(px_per_box, px_per_box), corner=(float(column), float(row)), size=size_px)
